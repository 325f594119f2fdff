"""The tables and dark figures that a log-linear prior expects of a study (`estimator.methods.prior_view`).

Draws come straight from the prior, without a sampler.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import UNBOUNDED, CaptureTable, Registered
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import (
    Tally,
    overlapping_pairs,
    prior_residual,
    prior_residual_of_strata,
    prior_tables,
    tally,
)
from estimator.methods.prior_view import Expected, GroupView, Overlap, PriorView
from estimator.methods.summary import summarise
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.questions import Group, Label
from estimator.study.study import Study

Floats = NDArray[np.float64]


def view_prior(study: Study, priors: Priors, n_draws: int = 4000, seed: int = 1) -> PriorView:
    """Draw from a prior what it says about a study.

    Raises
    ------
    InputError
        When the priors name lists that the study does not have.
    """
    priors.check_against(study.declaration.lists, study.model)
    design = design_for(study.table, study.model, priors)
    settings = prior_settings(priors, design)
    rng = stream(seed, "prior-view")
    positions = prior_positions(design, settings, n_draws, rng)
    parts = {name: part for name, group in study.groups.items() if (part := _part(study, group)) is not None}
    residual, strata = (
        drawn(design, settings, positions, seed) for drawn in (prior_residual, prior_residual_of_strata)
    )
    tables = prior_tables(design, settings, positions, rng, residual, strata)
    tallies = tally(study.table, tables, [part.strata for part in parts.values()])
    groups = {
        name: _group_view(study, part, drawn / part.years)
        for (name, part), drawn in zip(parts.items(), tallies, strict=True)
    }
    return PriorView(study, priors, groups, n_draws, seed)


@dataclass(frozen=True, eq=False)
class _Part:
    """A population group within the headline period, and what was observed of it."""

    label: Label
    strata: NDArray[np.bool_]
    observed: CaptureTable
    years: int


def _part(study: Study, group: Group) -> _Part | None:
    """Return a group within the headline period; None when it lies outside."""
    where, years, period = dict(group.where), 1, study.period
    if period is not None and period.covariate is not None:
        levels = next(covariate.levels for covariate in study.table.covariates if covariate.name == period.covariate)
        headline = period.headline or levels
        years = len(headline)
        allowed = where.get(period.covariate, levels)
        where[period.covariate] = tuple(level for level in headline if level in allowed)
    if any(not levels for levels in where.values()):
        return None
    return _Part(group.label, study.table.strata_where(where), study.table.select(where), years)


def _group_view(study: Study, part: _Part, drawn: Tally) -> GroupView:
    """Sum up the draws of one group beside what was observed of it."""
    table, years = part.observed, part.years
    registered = _bounds(table.registered + table.left_out, years)
    two_or_more = table.captured().twice + table.captured().more + table.left_out
    size = drawn.unseen + _middle(registered)
    draws = {
        "N": size,
        "coverage": _share(np.full_like(size, _middle(registered)), size),
        "expected_size": drawn.everybody,
        "expected_coverage": _share(drawn.registered, drawn.everybody),
    }
    return GroupView(
        label=part.label,
        N=summarise(draws["N"]),
        dark_figure=summarise(drawn.unseen),
        coverage=summarise(draws["coverage"]),
        registered=_expected(drawn.registered, registered),
        two_or_more=_expected(drawn.two_or_more, _bounds(two_or_more, years)),
        expected_size=summarise(draws["expected_size"]),
        expected_coverage=summarise(draws["expected_coverage"]),
        lists=_lists(study, part, drawn),
        overlaps=_overlaps(study, part, drawn),
        draws=draws,
    )


def _lists(study: Study, part: _Part, drawn: Tally) -> dict[str, Overlap]:
    """Return people on each list, beside the observed ones."""
    return {
        name: _overlap((study.labels.lists[name],), drawn.lists[:, index], (index, index), part, drawn)
        for index, name in enumerate(study.table.lists)
    }


def _overlaps(study: Study, part: _Part, drawn: Tally) -> dict[str, Overlap]:
    """Return people on both lists of each pair, beside the observed ones."""
    overlaps = {}
    for index, pair in enumerate(overlapping_pairs(study.table)):
        names = [study.table.lists[at] for at in pair]
        labels = tuple(study.labels.lists[name] for name in names)
        overlaps["&".join(names)] = _overlap(labels, drawn.overlaps[:, index], pair, part, drawn)
    return overlaps


def _overlap(labels: tuple[Label, ...], people: Floats, at: tuple[int, int], part: _Part, drawn: Tally) -> Overlap:
    """Return people on one list, or on both of two, beside the observed ones."""
    table = part.observed
    lower, upper = (int(bounds[at]) for bounds in table.overlap_counts)
    observed = _bounds(Registered(lower, upper) + Registered(0, table.left_out.upper), part.years)
    least, most = _bounds(table.registered, part.years)
    share = observed[0] / max(most, 1.0), min(1.0, observed[1] / max(least, 1.0))
    return Overlap(
        labels,
        _expected(people, observed),
        _expected(_share(people, drawn.registered), share),
        summarise(_share(people, drawn.everybody)),
    )


def _bounds(known: Registered, years: int) -> tuple[float, float]:
    """Return bounds per year."""
    return known.lower / years, float("inf") if known.upper == UNBOUNDED else known.upper / years


def _middle(bounds: tuple[float, float]) -> float:
    """Return the middle of two bounds, or the lower one when there is no upper one."""
    return bounds[0] if np.isinf(bounds[1]) else (bounds[0] + bounds[1]) / 2


def _share(part: Floats, whole: Floats) -> Floats:
    """Return shares; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _expected(values: Floats, observed: tuple[float, float]) -> Expected:
    """Return what the prior expects of a number, beside the observed one."""
    middle = _middle(observed)
    below = float((values < middle).mean() + (values == middle).mean() / 2)
    return Expected(summarise(values), observed, below)
