"""What a study answers to a published figure: draws summed up, or the reason why it has no answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from estimator.methods.summary import Summary, summarise
from estimator.population.estimate import Estimate
from estimator.population.groups import GroupDraws, study_years
from estimator.population.rates import PER, denominator_of
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure
from estimator.study.questions import TOTAL

Floats = NDArray[np.float64]

ON_LIST = "on_list_"
"""A measure that begins so is the number of persons on the list that is named behind it."""

REGISTERED = frozenset({"registered", "registered_in_all"})
"""Measures of the registered people, which hold whatever became of the chains."""

_DISCARDED = frozenset({"discarded", "registered_without_discarded"})
"""Measures for which it must be known which reports of the border police were discarded later."""


def answer_of(estimate: Estimate, figure: PublishedFigure) -> Summary | Reason:
    """Return what an estimate says about the quantity of a published figure.

    Parameters
    ----------
    figure : PublishedFigure
        Its `years`, `group` and `measure` say what is asked.

    Returns
    -------
    Summary or Reason
        Persons per year, or over all years together where the measure ends in ``_in_all``; shares between 0 and 1;
        rates per 100,000. The reason when there is no answer; where the chains disagree that is so of all but what
        was registered.
    """
    reason = _why_not(estimate, figure)
    if reason is not None:
        return reason
    if figure.measure.startswith(ON_LIST):
        return _on_list(estimate, figure)
    return summarise(_MEASURES[figure.measure](estimate, figure))


def _why_not(estimate: Estimate, figure: PublishedFigure) -> Reason | None:
    """Return why a figure has no answer; None when it has one."""
    years = _why_no_years(estimate, figure)
    if years is not None:
        return years
    if figure.measure.startswith(ON_LIST):
        name = figure.measure.removeprefix(ON_LIST)
        return None if name in estimate.study.table.lists else Reason("list-not-in-table", list=name)
    if figure.measure in _DISCARDED:
        return Reason("discarded-reports-not-public")
    if figure.measure not in _MEASURES:
        return Reason("measure-not-in-study", measure=figure.measure)
    if not figure.group:
        return Reason("figure-of-no-group")
    if figure.group not in estimate.study.groups:
        return Reason("group-not-in-study", name=figure.group)
    if not estimate.convergence.passed and figure.measure not in REGISTERED:
        return Reason("answer-withheld")
    return _why_no_rate(estimate, figure) if figure.measure == "per_100000" else None


def _why_no_years(estimate: Estimate, figure: PublishedFigure) -> Reason | None:
    """Return why the table cannot answer for the years of a figure; None when it can."""
    known = study_years(estimate.study)
    if not figure.years:
        return Reason("figure-of-no-year")
    if not known:
        return Reason("table-not-by-year")
    missing = [year for year in figure.years if year not in known]
    if missing and min(missing) > known[-1]:
        return Reason("no-table-of-later-years", last=known[-1])
    return Reason("years-not-in-table", years=missing) if missing else None


def _why_no_rate(estimate: Estimate, figure: PublishedFigure) -> Reason | None:
    """Return why there is no rate, and how many inhabitants the published one would take; None if there is."""
    name = figure.group or TOTAL
    if denominator_of(estimate.study, name, figure.years) is not None:
        return None
    backed = any(_same_people(other, figure) and other.measure == "N" for other in estimate.study.published)
    people = float(np.median(_size(estimate, figure)))
    return Reason(
        "no-inhabitants",
        group=name,
        years=figure.years,
        backed_out=backed,
        implied=people / figure.value * PER if figure.value else None,
    )


def _on_list(estimate: Estimate, figure: PublishedFigure) -> Summary | Reason:
    """Return how many people were on a list, per year."""
    period = estimate.study.period
    assert period is not None and period.covariate is not None, "a table that is divided by year was asked"
    part = estimate.study.table.select({period.covariate: figure.years})
    size = part.list_sizes()[figure.measure.removeprefix(ON_LIST)]
    if not size.exact:
        return Reason("list-not-exactly-known", list=figure.measure.removeprefix(ON_LIST))
    return exactly(size.lower / len(figure.years))


def _draws(estimate: Estimate, group: str | None, years: tuple[str, ...]) -> GroupDraws:
    """Return draws of a group over some years, persons per year."""
    first, *rest = (estimate.group_draws_by_year[year][group or TOTAL] for year in years)
    return sum(rest, start=first) / len(years)


def exactly(value: float) -> Summary:
    """Return the summary of a number that is known exactly."""
    return summarise(np.full(2, float(value)))


def _same_people(figure: PublishedFigure, other: PublishedFigure) -> bool:
    """Tell whether two figures are about the same group and years."""
    return (figure.group, figure.years) == (other.group, other.years)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return a ratio; 0 where it is of nobody."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _size(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _draws(estimate, figure.group, figure.years).size


def _registered(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _draws(estimate, figure.group, figure.years).registered


def _registered_in_all(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _registered(estimate, figure) * len(figure.years)


def _size_in_all(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _size(estimate, figure) * len(figure.years)


def _coverage(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _draws(estimate, figure.group, figure.years).coverage


def _one_in(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _ratio(_size(estimate, figure), _registered(estimate, figure))


def _share_of_total(estimate: Estimate, figure: PublishedFigure) -> Floats:
    return _ratio(_size(estimate, figure), _draws(estimate, TOTAL, figure.years).size)


def _per_100000(estimate: Estimate, figure: PublishedFigure) -> Floats:
    denominator = denominator_of(estimate.study, figure.group or TOTAL, figure.years)
    if denominator is None:
        raise ValueError("a rate was asked for without inhabitants")
    return denominator.rate(_size(estimate, figure))


_MEASURES: dict[str, Callable[[Estimate, PublishedFigure], Floats]] = {
    "N": _size,
    "N_in_all": _size_in_all,
    "registered": _registered,
    "registered_in_all": _registered_in_all,
    "coverage": _coverage,
    "one_in": _one_in,
    "share_of_total": _share_of_total,
    "per_100000": _per_100000,
}
