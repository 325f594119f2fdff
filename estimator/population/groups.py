"""Population groups: sums of strata of the same draws, over a period or a single year."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.tallies import Registered
from estimator.methods.door import PopulationDraws
from estimator.methods.summary import LEVELS, Summary, summarise
from estimator.population.rates import Inhabitants
from estimator.study.questions import Label
from estimator.study.study import Study

Floats = NDArray[np.float64]
Bounds = tuple[float, float]
"""Between which a counted number lies; the second is infinite where nothing bounds it."""


@dataclass(frozen=True, eq=False)
class GroupDraws:
    """Draws of the size of one group, of an estimate or of a run.

    Parameters
    ----------
    registered, unseen : ndarray, shape (chain, draw)
        Persons; per year where the period is averaged.
    implied : ndarray, shape (chain, draw), optional
        Expected unseen people as lists and pairs of lists imply them; a run keeps those of strata only.
    has_mean : bool
        Whether the dark figure has a mean; not where residual dependence has long tails.
    bounds : tuple of (float, float), optional
        Between which the table itself puts the registered people, whatever is estimated; a run keeps them in its
        estimate.json only.
    """

    label: Label
    registered: Floats
    unseen: Floats
    implied: Floats | None = None
    has_mean: bool = True
    bounds: Bounds | None = None

    @property
    def implied_unseen(self) -> Floats:
        """Expected unseen people without residual dependence: what convergence is judged by."""
        if self.implied is None:
            raise ValueError("these draws of a group were read from a run, which keeps the implied ones by stratum")
        return self.implied

    @property
    def size(self) -> Floats:
        """Population size N."""
        return self.registered + self.unseen

    @property
    def coverage(self) -> Floats:
        """Share of the population that is registered; 0 where a draw of the population is empty."""
        return np.divide(self.registered, self.size, out=np.zeros_like(self.size), where=self.size > 0)

    @property
    def one_in(self) -> Floats | None:
        """How many people there are for each one that is registered; None where nobody may be registered."""
        return None if (self.registered == 0).any() else self.size / self.registered

    def __add__(self, other: GroupDraws) -> GroupDraws:
        return replace(
            self,
            registered=self.registered + other.registered,
            unseen=self.unseen + other.unseen,
            implied=None,
            bounds=None,
            has_mean=self.has_mean and other.has_mean,
        )

    def __truediv__(self, years: float) -> GroupDraws:
        return replace(
            self,
            registered=self.registered / years,
            unseen=self.unseen / years,
            implied=None if self.implied is None else self.implied / years,
            bounds=None if self.bounds is None else (self.bounds[0] / years, self.bounds[1] / years),
        )


@dataclass(frozen=True, eq=False)
class PeopleDraws:
    """Draws of everybody under one set of priors: what an estimate, a run and a comparison have in common.

    Parameters
    ----------
    headline : mapping of str to GroupDraws
        Every group over the headline period.
    by_year : mapping of str to mapping of str to GroupDraws
        Every group in every year, by year; empty when the study is not divided by year.
    population : PopulationDraws or None
        By stratum; None in runs of version 1, which did not keep them.
    """

    headline: Mapping[str, GroupDraws]
    by_year: Mapping[str, Mapping[str, GroupDraws]] = field(default_factory=dict)
    population: PopulationDraws | None = None


@dataclass(frozen=True)
class GroupEstimate:
    """What is estimated of one group.

    Parameters
    ----------
    registered : Summary
        Known exactly (standard deviation 0) unless counts are known only for several groups together or within bounds.
    one_in : Summary or None
        "One in k is registered": N / registered; None where nobody may be registered.
    rate : Summary or None
        People per 100,000 inhabitants, per year; None without a denominator for every year.
    denominator : Inhabitants or None
        The inhabitants of whom `rate` is.
    bounds : tuple of (float, float) or None
        Between which the table puts the registered people; None where it gives their number.
    """

    label: Label
    registered: Summary
    N: Summary
    dark_figure: Summary
    coverage: Summary
    one_in: Summary | None = None
    rate: Summary | None = None
    denominator: Inhabitants | None = None
    bounds: Bounds | None = None

    @property
    def quantities(self) -> list[tuple[str, Summary, int]]:
        """Everything that is estimated: its name, what is believed of it, and how many decimals are kept."""
        values = [
            ("registered", self.registered, 1),
            ("N", self.N, 1),
            ("dark_figure", self.dark_figure, 1),
            ("coverage", self.coverage, 5),
            ("one_in", self.one_in, 3),
            ("per_100000", self.rate, 3),
        ]
        return [(name, summary, digits) for name, summary, digits in values if summary is not None]


def estimate_of(
    group: GroupDraws, denominator: Inhabitants | None = None, levels: tuple[float, ...] = LEVELS
) -> GroupEstimate:
    """Sum up the draws of a group.

    Parameters
    ----------
    group : GroupDraws
        Persons, per year when there is a denominator.
    denominator : Inhabitants, optional
        The inhabitants by whom a rate is given.
    levels : tuple of float
        Probabilities of the intervals.
    """
    has_mean = group.has_mean
    return GroupEstimate(
        group.label,
        summarise(group.registered, levels),
        summarise(group.size, levels, has_mean=has_mean),
        summarise(group.unseen, levels, has_mean=has_mean),
        summarise(group.coverage, levels),
        None if group.one_in is None else summarise(group.one_in, levels, has_mean=has_mean),
        None if denominator is None else summarise(denominator.rate(group.size), levels, has_mean=has_mean),
        denominator,
        group.bounds,
    )


def headline_groups(study: Study, population: PopulationDraws) -> dict[str, GroupDraws]:
    """Return every group over the study's headline period.

    Returns
    -------
    dict of str to GroupDraws
        Where the study has a covariate that is the year: averages per year over its headline years. Otherwise totals
        of the whole table.
    """
    period = study.period
    if period is None or period.covariate is None:
        return _groups(study, population, {})
    years = headline_years(study)
    groups = _groups(study, population, {period.covariate: years})
    return {name: group / len(years) for name, group in groups.items()}


def headline_years(study: Study) -> tuple[str, ...]:
    """Return the years over which the headline numbers are averaged; none when the table is not divided by year."""
    period = study.period
    if period is None or period.covariate is None:
        return ()
    return period.headline or study_years(study)


def yearly_groups(study: Study, population: PopulationDraws) -> dict[str, dict[str, GroupDraws]]:
    """Return every group in every year; nothing when the study has no covariate that is the year."""
    period = study.period
    if period is None or period.covariate is None:
        return {}
    levels = study_years(study)
    return {year: _groups(study, population, {period.covariate: (year,)}) for year in levels}


def averaged_groups(study: Study, population: PopulationDraws) -> dict[str, GroupDraws]:
    """Return every group per year, where the table adds up several years without saying which; else nothing."""
    period = study.period
    if period is None or period.years is None or period.years < 2:
        return {}
    return {name: group / period.years for name, group in _groups(study, population, {}).items()}


def study_years(study: Study) -> tuple[str, ...]:
    """Return the years by which the table is divided; none when it is not."""
    period = study.period
    if period is None or period.covariate is None:
        return ()
    return next(covariate.levels for covariate in study.table.covariates if covariate.name == period.covariate)


def _groups(study: Study, population: PopulationDraws, where: Mapping[str, tuple[str, ...]]) -> dict[str, GroupDraws]:
    """Return every group within some strata."""
    within = study.table.strata_where(where)
    groups = {}
    for name, group in study.groups.items():
        chosen = group.strata(study.table) & within
        groups[name] = GroupDraws(
            group.label,
            population.registered[..., chosen].sum(axis=-1).astype(np.float64),
            population.unseen[..., chosen].sum(axis=-1).astype(np.float64),
            population.implied_unseen[..., chosen].sum(axis=-1),
            population.has_mean,
            _bounds([table.registered_in(chosen) for table in study.tables]),
        )
    return groups


def _bounds(known: Sequence[Registered]) -> Bounds | None:
    """Return the bounds of a number of registered people in every table; None where each table gives a number."""
    if all(bounds.exact for bounds in known):
        return None
    highest = [math.inf if bounds.limit is None else float(bounds.limit) for bounds in known]
    return float(min(bounds.lower for bounds in known)), max(highest)
