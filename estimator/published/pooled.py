"""What the public table says on its own: six years together, no covariates, under several assumptions.

The published totals of 2014-2015 rest on a table by year, origin, form of exploitation, sex and age that is not public.
What is public is the table of all years and people together. Published analyses of it differ by more than any of them
admits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.methods.summary import Summary
from estimator.population.estimate import Estimate
from estimator.published.answers import ON_LIST, exactly
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure
from estimator.study.study import Study

POOLED = "pooled_"
"""A measure that begins so is about the public table, all years together."""

POOLED_SIZE = "pooled_N"
"""The measure of a published estimate from the public table: everybody, over all years."""


@dataclass(frozen=True)
class Analysis:
    """The public table under one set of assumptions.

    Parameters
    ----------
    title : str
        What the prior file calls itself.
    whole : Summary
        Everybody, over all years, persons.
    years : int
        How many years the table adds up.
    unsound : tuple of Reason
        Why the estimate must not be published; empty when nothing speaks against it.
    converged : bool
        Whether the chains agreed; when not, `whole` means nothing.
    """

    study: str
    priors: str
    title: str
    whole: Summary
    years: int
    unsound: tuple[Reason, ...]
    converged: bool

    @classmethod
    def of_estimate(cls, estimate: Estimate, priors: str) -> Analysis:
        """Return the analysis that an estimate of a pooled table makes."""
        period = estimate.study.period
        return cls(
            estimate.study.name,
            priors,
            " ".join(estimate.priors.title.split()),
            estimate.total.N,
            (period.years if period else None) or 1,
            estimate.fitness.unsound,
            estimate.convergence.passed,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the analysis for JSON."""
        per_year = {name: round(value / self.years, 1) for name, value in self.whole.limits(6).items()}
        return {
            "study": self.study,
            "priors": self.priors,
            "title": self.title,
            "years": self.years,
            "N": self.whole.limits(1) if self.converged else None,
            "per_year": per_year if self.converged else None,
            "unsound": [reason.to_dict() for reason in self.unsound],
        }


def is_pooled(figure: PublishedFigure) -> bool:
    """Tell whether a published figure is about the public table, all years together."""
    return figure.measure.startswith(POOLED)


def pooled_answer(figure: PublishedFigure, study: Study, answers: Mapping[str, Summary | Reason]) -> Summary | Reason:
    """Return what the public table says to a published figure about it.

    Parameters
    ----------
    answers : mapping of str to Summary or Reason
        By id of a published analysis: ours by the same method, of the very table that it analysed.

    Returns
    -------
    Summary or Reason
        Persons, over all years.
    """
    if figure.measure == POOLED_SIZE:
        return answers.get(figure.id, Reason("method-not-in-tool"))
    count = _counts(study).get(figure.measure.removeprefix(POOLED))
    return Reason("measure-not-in-study", measure=figure.measure) if count is None else exactly(count)


def _counts(study: Study) -> dict[str, int]:
    """Return the counts of a table that are known exactly, by measure."""
    table, seen = study.table, study.table.captured()
    counts = {"registered": table.registered, "on_one": seen.once, "on_two": seen.twice, "on_three": seen.more}
    counts |= {f"{ON_LIST}{name}": size for name, size in table.list_sizes().items()}
    return {name: number.lower for name, number in counts.items() if number.exact}


@dataclass(frozen=True)
class Spread:
    """How far apart analyses of one table are.

    Parameters
    ----------
    ours, published : tuple of (float, float)
        Intervals, persons over all years: lower and upper limit.
    values : tuple of float
        The numbers themselves: our medians and the published estimates.
    """

    ours: tuple[tuple[float, float], ...]
    published: tuple[tuple[float, float], ...]
    values: tuple[float, ...]

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """All intervals."""
        return self.ours + self.published

    @property
    def narrowest(self) -> tuple[float, float]:
        """The interval that claims most: its upper limit is the smallest multiple of its lower one."""
        return min(self.intervals, key=lambda limits: limits[1] / limits[0])

    @property
    def outside_narrowest(self) -> int:
        """How many of `values` lie outside the narrowest interval."""
        lower, upper = self.narrowest
        return sum(not lower <= value <= upper for value in self.values)

    def to_dict(self) -> dict[str, Any]:
        """Return for JSON the lowest and the highest limit of our analyses, of all, and of the narrowest."""
        reaches = {"ours": self.ours, "all": self.intervals, "narrowest": (self.narrowest,)}
        return {name: _reach_record(intervals) for name, intervals in reaches.items()} | {
            "estimates": len(self.values),
            "outside_narrowest": self.outside_narrowest,
        }


def _reach_record(intervals: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    """Return the reach of some intervals for JSON."""
    lower, upper = reach(intervals)
    return {
        "lower": round(lower, 1),
        "upper": round(upper, 1),
        "factor": round(upper / lower, 3),
        "intervals": len(intervals),
    }


def reach(intervals: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the lowest and the highest limit of some intervals."""
    lower, upper = zip(*intervals, strict=True)
    return min(lower), max(upper)


def spread_of(analyses: Iterable[Analysis], figures: Iterable[PublishedFigure]) -> Spread | None:
    """Return how far apart our own and the published analyses of the public table are.

    Parameters
    ----------
    analyses : iterable of Analysis
        Ours; those whose chains disagree are left out.
    figures : iterable of PublishedFigure
        Published intervals and estimates are taken from those that have the measure `POOLED_SIZE`.

    Returns
    -------
    Spread or None
        None when there are no intervals of ours.
    """
    wholes = [analysis.whole for analysis in analyses if analysis.converged]
    theirs = [figure for figure in figures if figure.measure == POOLED_SIZE]
    limits = [(figure.lower, figure.upper) for figure in theirs]
    published = tuple((low, high) for low, high in limits if low is not None and high is not None)
    values = [whole.median for whole in wholes] + [figure.value for figure in theirs if figure.value is not None]
    ours = tuple((whole.lower, whole.upper) for whole in wholes)
    return Spread(ours, published, tuple(values)) if ours else None
