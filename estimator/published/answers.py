"""What a study answers to a published figure: draws summed up, or the reason why it has no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import Summary, summarise
from estimator.population.groups import GroupDraws, study_years, yearly_groups
from estimator.population.rates import PER, denominator_of
from estimator.study.questions import TOTAL
from estimator.study.study import Study
from estimator.words.numbers import listed, roughly

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate
    from estimator.study.published import PublishedFigure

Floats = NDArray[np.float64]

ON_LIST = "on_list_"
"""A measure that begins so is the number of persons on the list that is named behind it."""

REGISTERED = frozenset({"registered", "registered_in_all"})
"""Measures of the registered people, which hold whatever became of the chains."""

_NO_PUBLIC_DATA = {
    "discarded": "No public table says which reports of the border police were discarded later.",
    "registered_without_discarded": "No public table says which reports of the border police were discarded later.",
}


@dataclass(frozen=True)
class Refusal:
    """No answer.

    Parameters
    ----------
    why : str
        One or two sentences for a reader.
    """

    why: str


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

    def answer(self, figure: PublishedFigure) -> Summary | Refusal:
        """Return what the study says about the quantity of a published figure.

        Parameters
        ----------
        figure : PublishedFigure
            Its `years`, `group` and `measure` say what is asked.

        Returns
        -------
        Summary or Refusal
            Persons per year, or over all years together where the measure ends in ``_in_all``; shares between 0 and 1;
            rates per 100,000. The reason when there is no answer.
        """
        why = self._why_not(figure)
        if why:
            return Refusal(why)
        if figure.measure.startswith(ON_LIST):
            return self._on_list(figure)
        return summarise(_MEASURES[figure.measure](self, figure))

    def _why_not(self, figure: PublishedFigure) -> str:
        """Return why a figure has no answer; empty when it has one."""
        if not figure.years or not self.years:
            return "The study's table is not divided by year." if figure.years else "The figure is of no year."
        missing = [year for year in figure.years if year not in self.years]
        if missing and min(missing) > self.years[-1]:
            return f"The table ends with {self.years[-1]}, and no table of a later year is public."
        if missing:
            return f"The table has no year {', '.join(missing)}."
        if figure.measure.startswith(ON_LIST):
            name = figure.measure.removeprefix(ON_LIST)
            return "" if name in self.study.table.lists else f"The table has no list {name}."
        if figure.measure not in _MEASURES:
            return _NO_PUBLIC_DATA.get(figure.measure, f"Nothing in the study answers '{figure.measure}'.")
        if figure.group not in self.study.groups:
            return f"The study has no group '{figure.group}'." if figure.group else "No group of the study answers it."
        if not self.converged and figure.measure not in REGISTERED:
            return "The chains of this run do not agree on an estimate; try more draws (--draws)."
        return self._why_no_rate(figure) if figure.measure == "per_100000" else ""

    def _why_no_rate(self, figure: PublishedFigure) -> str:
        """Return why there is no rate; empty when there is one."""
        group = self.study.groups[figure.group or TOTAL]
        if denominator_of(self.study, group.name, figure.years) is not None:
            return ""
        if any(_same_people(other, figure) and other.measure == "N" for other in self.study.published):
            backed = ""
        else:
            backed = " Nor can they be backed out, since no number of people is published beside the rate."
        why = f"The study has no number of inhabitants for '{group.label.en}' in {listed(figure.years)}.{backed}"
        return f"{why} {self._implied(figure)}".strip()

    def _implied(self, figure: PublishedFigure) -> str:
        """Return how many inhabitants our number would need for the published rate, so that a reader can judge it."""
        if not figure.value:
            return ""
        inhabitants = float(np.median(_size(self, figure))) / figure.value * PER
        return f"With our number of people the published rate would take {roughly(inhabitants)} inhabitants."

    def _on_list(self, figure: PublishedFigure) -> Summary | Refusal:
        """Return how many people were on a list, per year."""
        period = self.study.period
        assert period is not None and period.covariate is not None, "a table that is divided by year was asked"
        part = self.study.table.select({period.covariate: figure.years})
        size = part.list_sizes()[figure.measure.removeprefix(ON_LIST)]
        if not size.exact:
            return Refusal("The table does not say exactly who was on this list.")
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


def _same_people(one: PublishedFigure, other: PublishedFigure) -> bool:
    """Tell whether two figures are about the same group and years."""
    return (one.group, one.years) == (other.group, other.years)


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
