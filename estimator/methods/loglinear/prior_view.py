"""What a prior says before it meets the data: how many people there are, and which tables it expects.

Two things are said of every group. First the dark figure as its own prior states it (times residual dependence, where
any is stated), the number of registered people being what it is. Then the tables that all priors together expect: how
many registered, how many on each list, how many on two. A statement that looks modest list by list can be a strong one
about their sum; only the second view shows that. Neither looks at the overlaps of the study's table, which stand beside
the numbers for comparison.

Needs no sampler, so no numba and no PyMC: draws come straight from the prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import UNBOUNDED, CaptureTable, Registered
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import Tally, overlapping_pairs, prior_residual, prior_tables, tally
from estimator.methods.summary import Summary, summarise
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.questions import TOTAL, Group, Label
from estimator.study.study import Study
from estimator.words.numbers import listed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Expected:
    """A number that the prior expects in a table, beside the one that was observed.

    Parameters
    ----------
    prior : Summary
        Of the prior's own tables.
    observed : tuple of float
        Bounds of the observed number or share; the second is infinite when nothing bounds it.
    below : float
        Share of the prior's tables with a smaller number than the middle of `observed`; equal ones count half.
    """

    prior: Summary
    observed: tuple[float, float]
    below: float

    @property
    def surprising(self) -> bool:
        """Whether the whole of what was observed lies outside the prior's widest interval."""
        return self.observed[1] < self.prior.lower or self.observed[0] > self.prior.upper

    def to_dict(self, digits: int) -> dict[str, Any]:
        """Return the number for JSON, rounded to a number of decimals."""
        lower, upper = self.observed
        return {
            "prior": limits_of(self.prior, digits),
            "observed": {
                "lower": round(lower, digits),
                "upper": None if np.isinf(upper) else round(upper, digits),
            },
            "prior_probability_below": round(self.below, 4),
        }


@dataclass(frozen=True)
class Overlap:
    """People on one list, or on both of two.

    Parameters
    ----------
    of_registered : Expected
        As a share of the registered people.
    of_population : Summary
        As a share of everybody.
    """

    labels: tuple[Label, ...]
    persons: Expected
    of_registered: Expected
    of_population: Summary

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON."""
        return {
            "label": listed([label.en for label in self.labels]),
            "persons": self.persons.to_dict(1),
            "share_of_registered": self.of_registered.to_dict(5),
            "share_of_population": limits_of(self.of_population, 5),
        }


@dataclass(frozen=True, eq=False)
class GroupView:
    """What a prior says of one population group; per year where the study's period is averaged.

    Parameters
    ----------
    N, dark_figure, coverage : Summary
        By the prior on the dark figure alone, the registered number being as observed.
    registered, two_or_more : Expected
        By all priors together: people on a list, and on two or more.
    expected_size, expected_coverage : Summary
        By all priors together: everybody, and the share that is registered.
    lists, overlaps : mapping of str to Overlap
        By list, and by pair of lists that can overlap.
    draws : mapping of str to ndarray
        ``N`` and ``coverage``, ``expected_size`` and ``expected_coverage``, shape (draw,).
    """

    label: Label
    N: Summary
    dark_figure: Summary
    coverage: Summary
    registered: Expected
    two_or_more: Expected
    expected_size: Summary
    expected_coverage: Summary
    lists: Mapping[str, Overlap]
    overlaps: Mapping[str, Overlap]
    draws: Mapping[str, Floats]

    @cached_property
    def compared(self) -> dict[Reason, Expected]:
        """Everything that has an observed number, by what it is."""
        lists = {Reason("number-on-list", list=name): seen.of_registered for name, seen in self.lists.items()}
        pairs = {Reason("number-on-both", lists=name): seen.of_registered for name, seen in self.overlaps.items()}
        return {
            Reason("number-registered"): self.registered,
            Reason("number-on-two-or-more"): self.two_or_more,
            **lists,
            **pairs,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON: persons with one decimal, shares with five."""
        return {
            "label": self.label.en,
            "registered": self.registered.to_dict(1)["observed"],
            "stated": {
                "N": limits_of(self.N, 1),
                "dark_figure": limits_of(self.dark_figure, 1),
                "coverage": limits_of(self.coverage, 5),
            },
            "expected": {
                "N": limits_of(self.expected_size, 1),
                "coverage": limits_of(self.expected_coverage, 5),
                "registered": self.registered.to_dict(1),
                "two_or_more": self.two_or_more.to_dict(1),
                "lists": {name: found.to_dict() for name, found in self.lists.items()},
                "overlaps": {name: found.to_dict() for name, found in self.overlaps.items()},
            },
        }


@dataclass(frozen=True, eq=False)
class PriorView:
    """What a prior says of a study before its overlaps are looked at.

    Parameters
    ----------
    groups : mapping of str to GroupView
        ``"total"`` first.
    """

    study: Study
    priors: Priors
    groups: Mapping[str, GroupView]
    n_draws: int
    seed: int

    @property
    def total(self) -> GroupView:
        """Everybody."""
        return self.groups[TOTAL]

    @property
    def surprising(self) -> list[Reason]:
        """Which observed numbers of the whole table lie outside the 95 % interval of what the prior expects."""
        return [what for what, expected in self.total.compared.items() if expected.surprising]

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "study": self.study.name,
            "title": self.study.title,
            "table_kind": self.study.table_kind,
            "priors": self.priors.title,
            "changed": self.priors.overrides,
            "draws": self.n_draws,
            "seed": self.seed,
            "surprising": [what.to_dict() for what in self.surprising],
            "groups": {name: group.to_dict() for name, group in self.groups.items()},
        }


def limits_of(found: Summary, digits: int) -> dict[str, Any]:
    """Return median and intervals for JSON; not mean and sd, which a prior with long tails need not have."""
    kept = found.to_dict(digits)
    return {name: kept[name] for name in ("median", "lower", "upper", "intervals")}


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
    positions = prior_positions(model_arrays(design, settings), n_draws, rng)
    parts = {name: part for name, group in study.groups.items() if (part := _part(study, group)) is not None}
    tables = prior_tables(design, settings, positions, rng, prior_residual(design, settings, positions, seed))
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
        levels = next(found.levels for found in study.table.covariates if found.name == period.covariate)
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
