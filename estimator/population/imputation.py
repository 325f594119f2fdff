"""What several imputed tables say of an estimate: how much of its uncertainty they are, and what speaks against each.

Variances are those of log N, because N need not have one. With W the mean of the variances within m tables and B the
variance between their means, Rubin's total variance is T = W + (1 + 1/m) B, and the fraction of missing information
(1 + 1/m) B / T. Draws of all tables mixed have the variance W + (1 - 1/m) B: too little by 2 B / m, since m tables
stand for all that there could be. Where that makes intervals noticeably too narrow, more tables are asked for.

References
----------
Rubin (1987), Multiple imputation for nonresponse in surveys, equations 3.1.5 and 3.1.10. Zhou & Reiter (2010), The
American Statistician 64:159, doi 10.1198/tast.2010.09109: mixing draws needs more tables than combining variances does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import Summary, summarise
from estimator.population.fitness import TOO_WIDE, WIDTH_CODES, Fitness, width_reason
from estimator.population.groups import GroupDraws
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.questions import Precision

Floats = NDArray[np.float64]

TOO_NARROW = threshold("fitness.few_tables")
"""From this factor by which an interval would be wider were there tables without end, it is said."""


@dataclass(frozen=True)
class Spread:
    """What the spread between tables adds to the total.

    Parameters
    ----------
    within, between : float
        Variance of log N: the mean of the tables' own, and that of their means.
    each : tuple of Summary
        The total in each table, persons.
    pooled : Summary
        The total in all of them together.
    """

    within: float
    between: float
    tables: int
    each: tuple[Summary, ...]
    pooled: Summary

    @property
    def total(self) -> float:
        """Rubin's variance of log N, that of tables without end."""
        return self.within + (1 + 1 / self.tables) * self.between

    @property
    def fraction_missing(self) -> float:
        """Fraction of missing information: the part of the variance that is due to what was imputed."""
        return (1 + 1 / self.tables) * self.between / self.total if self.total > 0 else 0.0

    @property
    def mean_width(self) -> float:
        """Mean width of the 95 % intervals of single tables, persons."""
        return float(np.mean([summary.upper - summary.lower for summary in self.each]))

    @property
    def widening(self) -> float:
        """Width of the interval of all tables over the mean width of single ones; 1 where no interval has a width."""
        return (self.pooled.upper - self.pooled.lower) / self.mean_width if self.mean_width > 0 else 1.0

    @property
    def too_narrow(self) -> float:
        """By which factor the interval would be wider were there tables without end."""
        mixed = self.within + (1 - 1 / self.tables) * self.between
        return math.sqrt(self.total / mixed) if mixed > 0 else 1.0

    @property
    def statement(self) -> Reason:
        """What the tables add, in words."""
        return Reason(
            "several-tables",
            tables=self.tables,
            widening=self.widening,
            missing=self.fraction_missing,
            lowest=min(summary.median for summary in self.each),
            highest=max(summary.median for summary in self.each),
        )


def spread_of(total: GroupDraws, tables: int) -> Spread:
    """Return what the spread between tables adds to the draws of everybody.

    Parameters
    ----------
    total : GroupDraws
        The chains of the first table in front, as many for each.
    """
    size = np.asarray(total.size).reshape(tables, -1)
    logs = np.log(np.maximum(size, 1.0))
    return Spread(
        within=float(logs.var(axis=1, ddof=1).mean()),
        between=float(logs.mean(axis=1).var(ddof=1)),
        tables=tables,
        each=tuple(summarise(draws, has_mean=total.has_mean) for draws in size),
        pooled=summarise(total.size, has_mean=total.has_mean),
    )


def fitness_over_tables(
    judged: Sequence[Fitness],
    names: Sequence[str],
    total: GroupDraws,
    spread: Spread,
    precision: Precision | None = None,
) -> Fitness:
    """Return whether an estimate of several tables may be published: what speaks against any of them speaks against it.

    Parameters
    ----------
    judged : sequence of Fitness
        Of the estimate of each table alone.
    names : sequence of str
        Of their files.
    total : GroupDraws
        Everybody, in all tables together: it is the interval of these that may be too wide.
    precision : Precision or None
        How wide it may be for the decision at hand.
    """
    unsound = list(_over(names, [fitness.unsound for fitness in judged]))
    cautions = list(_over(names, [fitness.cautions for fitness in judged]))
    wide = width_reason(total, precision)
    if wide is not None:
        (unsound if wide.code == TOO_WIDE else cautions).append(wide)
    if spread.too_narrow >= TOO_NARROW:
        cautions.append(Reason("few-tables", tables=spread.tables, factor=spread.too_narrow))
    return Fitness(tuple(unsound), tuple(_over(names, [fitness.not_evidence for fitness in judged])), tuple(cautions))


def _over(names: Sequence[str], by_table: Sequence[Sequence[Reason]]) -> list[Reason]:
    """Return reasons that hold for every table as they are; others with the first table for which they hold."""
    tables: dict[tuple[object, ...], list[int]] = {}
    first: dict[tuple[object, ...], Reason] = {}
    for number, reasons in enumerate(by_table):
        for reason in reasons:
            if reason.code not in WIDTH_CODES:
                tables.setdefault(reason.matter, []).append(number)
                first.setdefault(reason.matter, reason)
    together = []
    for matter, where in tables.items():
        alike = all(first[matter] in reasons for reasons in by_table)
        table = names[where[0]]
        count = {"tables": len(where), "of": len(names)}
        together.append(first[matter] if alike else Reason("of-tables", **count, table=table, why=first[matter]))
    return together
