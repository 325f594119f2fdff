"""What a study answers to a published figure: draws summed up, or the reason why it has no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import Summary, summarise
from estimator.population.estimate import Estimate
from estimator.population.groups import GroupDraws, study_years, yearly_groups
from estimator.population.rates import PER, denominator_of
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure
from estimator.study.questions import TOTAL
from estimator.study.study import Study

Floats = NDArray[np.float64]

ON_LIST = "on_list_"
"""A measure that begins so is the number of persons on the list that is named behind it."""

REGISTERED = frozenset({"registered", "registered_in_all"})
"""Measures of the registered people, which hold whatever became of the chains."""

_DISCARDED = frozenset({"discarded", "registered_without_discarded"})
"""Measures for which it must be known which reports of the border police were discarded later."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What published figures can be answered from.

    Parameters
    ----------
    study : Study
        The study, with its table, denominators and published figures.
    by_year : mapping of str to mapping of str to GroupDraws
        Draws by year and by name of the group.
    converged : bool
        Whether the chains agreed; when not, only what was registered is answered.
    """

    study: Study
    by_year: Mapping[str, Mapping[str, GroupDraws]]
    converged: bool

    @classmethod
    def of_estimate(cls, estimate: Estimate) -> Answers:
        """Return the answers of an estimate of a study that is divided by year."""
        by_year = yearly_groups(estimate.study, estimate.population)
        return cls(estimate.study, by_year, estimate.convergence.passed)

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years of the study's table."""
        return study_years(self.study)

    def answer(self, figure: PublishedFigure) -> Summary | Reason:
        """Return what the study says about the quantity of a published figure.

        Parameters
        ----------
        figure : PublishedFigure
            Its `years`, `group` and `measure` say what is asked.

        Returns
        -------
        Summary or Reason
            Persons per year, or over all years together where the measure ends in ``_in_all``; shares between 0 and 1;
            rates per 100,000. The reason when there is no answer.
        """
        reason = self._why_not(figure)
        if reason is not None:
            return reason
        if figure.measure.startswith(ON_LIST):
            return self._on_list(figure)
        return summarise(_MEASURES[figure.measure](self, figure))

    def _why_not(self, figure: PublishedFigure) -> Reason | None:
        """Return why a figure has no answer; None when it has one."""
        years = self._why_no_years(figure)
        if years is not None:
            return years
        if figure.measure.startswith(ON_LIST):
            name = figure.measure.removeprefix(ON_LIST)
            return None if name in self.study.table.lists else Reason("list-not-in-table", list=name)
        if figure.measure in _DISCARDED:
            return Reason("discarded-reports-not-public")
        if figure.measure not in _MEASURES:
            return Reason("measure-not-in-study", measure=figure.measure)
        if not figure.group:
            return Reason("figure-of-no-group")
        if figure.group not in self.study.groups:
            return Reason("group-not-in-study", name=figure.group)
        if not self.converged and figure.measure not in REGISTERED:
            return Reason("answer-withheld")
        return self._why_no_rate(figure) if figure.measure == "per_100000" else None

    def _why_no_years(self, figure: PublishedFigure) -> Reason | None:
        """Return why the table cannot answer for the years of a figure; None when it can."""
        if not figure.years:
            return Reason("figure-of-no-year")
        if not self.years:
            return Reason("table-not-by-year")
        missing = [year for year in figure.years if year not in self.years]
        if missing and min(missing) > self.years[-1]:
            return Reason("no-table-of-later-years", last=self.years[-1])
        return Reason("years-not-in-table", years=missing) if missing else None

    def _why_no_rate(self, figure: PublishedFigure) -> Reason | None:
        """Return why there is no rate, and how many inhabitants the published one would take; None if there is."""
        name = figure.group or TOTAL
        if denominator_of(self.study, name, figure.years) is not None:
            return None
        backed = any(_same_people(other, figure) and other.measure == "N" for other in self.study.published)
        people = float(np.median(_size(self, figure)))
        return Reason(
            "no-inhabitants",
            group=name,
            years=figure.years,
            backed_out=backed,
            implied=people / figure.value * PER if figure.value else None,
        )

    def _on_list(self, figure: PublishedFigure) -> Summary | Reason:
        """Return how many people were on a list, per year."""
        period = self.study.period
        assert period is not None and period.covariate is not None, "a table that is divided by year was asked"
        part = self.study.table.select({period.covariate: figure.years})
        size = part.list_sizes()[figure.measure.removeprefix(ON_LIST)]
        if not size.exact:
            return Reason("list-not-exactly-known", list=figure.measure.removeprefix(ON_LIST))
        return exactly(size.lower / len(figure.years))

    def draws(self, group: str | None, years: tuple[str, ...]) -> GroupDraws:
        """Return draws of a group over some years, persons per year."""
        first, *rest = (self.by_year[year][group or TOTAL] for year in years)
        return sum(rest, start=first) / len(years)


def exactly(value: float) -> Summary:
    """Return the summary of a number that is known exactly.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    Summary
        With a standard deviation of 0.
    """
    return summarise(np.full(2, float(value)))


def _same_people(figure: PublishedFigure, other: PublishedFigure) -> bool:
    """Tell whether two figures are about the same group and years."""
    return (figure.group, figure.years) == (other.group, other.years)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return a ratio; 0 where it is of nobody."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _size(answers: Answers, figure: PublishedFigure) -> Floats:
    return answers.draws(figure.group, figure.years).size


def _registered(answers: Answers, figure: PublishedFigure) -> Floats:
    return answers.draws(figure.group, figure.years).registered


def _registered_in_all(answers: Answers, figure: PublishedFigure) -> Floats:
    return _registered(answers, figure) * len(figure.years)


def _size_in_all(answers: Answers, figure: PublishedFigure) -> Floats:
    return _size(answers, figure) * len(figure.years)


def _coverage(answers: Answers, figure: PublishedFigure) -> Floats:
    return answers.draws(figure.group, figure.years).coverage


def _one_in(answers: Answers, figure: PublishedFigure) -> Floats:
    return _ratio(_size(answers, figure), _registered(answers, figure))


def _share_of_total(answers: Answers, figure: PublishedFigure) -> Floats:
    return _ratio(_size(answers, figure), answers.draws(TOTAL, figure.years).size)


def _per_100000(answers: Answers, figure: PublishedFigure) -> Floats:
    denominator = denominator_of(answers.study, figure.group or TOTAL, figure.years)
    if denominator is None:
        raise ValueError("a rate was asked for without inhabitants")
    return denominator.rate(_size(answers, figure))


_MEASURES: dict[str, Callable[[Answers, PublishedFigure], Floats]] = {
    "N": _size,
    "N_in_all": _size_in_all,
    "registered": _registered,
    "registered_in_all": _registered_in_all,
    "coverage": _coverage,
    "one_in": _one_in,
    "share_of_total": _share_of_total,
    "per_100000": _per_100000,
}
