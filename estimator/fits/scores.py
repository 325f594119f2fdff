"""How good intervals are where the truth is known: how many hold it, interval score, width, bias.

Numbers of people are judged on the log scale, so that a table of thousands and one of dozens count alike.

References
----------
Gneiting & Raftery (2007), Journal of the American Statistical Association 102:359, doi 10.1198/016214506000001437,
eq. 43: the interval score. A 95 % interval scores its width plus 2 / 0.05 = 40 times the distance by which it misses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEVELS = (0.5, 0.8, 0.95)
"""Probabilities of the intervals that are judged."""

QUANTILES = tuple(sorted({*((1 - level) / 2 for level in LEVELS), 0.5, *((1 + level) / 2 for level in LEVELS)}))
"""Quantiles that make up these intervals, and the median."""


@dataclass(frozen=True)
class Judged:
    """One interval estimate of a known number.

    Parameters
    ----------
    table : str
        What it is an estimate for; estimates for one table share its weight.
    truth : float
        Persons, above 0.
    quantiles : mapping of float to float
        Posterior quantiles of the number, persons, at `QUANTILES`.
    """

    table: str
    truth: float
    quantiles: Mapping[float, float]

    def limits(self, level: float) -> tuple[float, float]:
        """Return the limits of a central interval, persons."""
        return self.quantiles[_key((1 - level) / 2)], self.quantiles[_key((1 + level) / 2)]

    def holds(self, level: float) -> bool:
        """Whether the central interval of this probability holds the truth."""
        lower, upper = self.limits(level)
        return lower <= self.truth <= upper

    @property
    def log_width(self) -> float:
        """Width of the 95 % interval of log N."""
        lower, upper = self.limits(0.95)
        return math.log(upper) - math.log(lower)

    @property
    def log_error(self) -> float:
        """Log of the median over the truth: above 0 when the estimate is too high."""
        return math.log(self.quantiles[0.5]) - math.log(self.truth)


@dataclass(frozen=True)
class Score:
    """Averages over many estimates, every table with the same weight.

    Parameters
    ----------
    held : mapping of float to float
        Share of intervals that hold the truth, by their probability.
    interval_score, width : float
        Of the 95 % interval of log N.
    bias, error : float
        Mean and mean absolute log of the median over the truth.
    too_low, too_high : float
        Share of 95 % intervals that lie altogether below, and above, the truth.
    """

    cases: int
    tables: int
    held: Mapping[float, float]
    interval_score: float
    width: float
    bias: float
    error: float
    too_low: float
    too_high: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: shares, and logs of persons. `coverage` is the public name of `held`."""
        return {
            "cases": self.cases,
            "tables": self.tables,
            "coverage": {f"{level:g}": self.held[level] for level in LEVELS},
            "interval_score": self.interval_score,
            "log_width": self.width,
            "log_bias": self.bias,
            "log_error": self.error,
            "too_low": self.too_low,
            "too_high": self.too_high,
        }


def _key(probability: float) -> float:
    """Return the quantile's name in `QUANTILES`, whatever the last digit of a sum."""
    return min(QUANTILES, key=lambda known: abs(known - probability))


def interval_score(lower: float, upper: float, truth: float, level: float) -> float:
    """Return the interval score: smaller is better (Gneiting & Raftery 2007, eq. 43).

    Parameters
    ----------
    lower, upper, truth : float
        On one scale.
    level : float
        Probability of the interval, above 0 and below 1.

    Returns
    -------
    float
        Width plus ``2 / (1 - level)`` times the distance by which the interval misses the truth.
    """
    missed = max(lower - truth, 0.0) + max(truth - upper, 0.0)
    return (upper - lower) + 2 / (1 - level) * missed


def log_interval_score(judged: Judged, level: float = 0.95) -> float:
    """Return the interval score of log N."""
    lower, upper = judged.limits(level)
    return interval_score(math.log(lower), math.log(upper), math.log(judged.truth), level)


def score_of(judged: Sequence[Judged]) -> Score:
    """Return averages over estimates, in which every table weighs the same.

    Parameters
    ----------
    judged : sequence of Judged
        At least one.
    """
    tables = [interval.table for interval in judged]
    weight = np.array([1 / tables.count(table) for table in tables])
    weight /= weight.sum()

    def mean(values: Sequence[float] | Sequence[bool]) -> float:
        return float(weight @ np.asarray(values, dtype=np.float64))

    above = [interval.limits(0.95)[0] > interval.truth for interval in judged]
    below = [interval.limits(0.95)[1] < interval.truth for interval in judged]
    return Score(
        cases=len(judged),
        tables=len(set(tables)),
        held={level: mean([interval.holds(level) for interval in judged]) for level in LEVELS},
        interval_score=mean([log_interval_score(interval) for interval in judged]),
        width=mean([interval.log_width for interval in judged]),
        bias=mean([interval.log_error for interval in judged]),
        error=mean([abs(interval.log_error) for interval in judged]),
        too_low=mean(below),
        too_high=mean(above),
    )
