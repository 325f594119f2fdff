"""What simulated populations with the new list amount to: widths of intervals, cases that halve them, losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from estimator.methods.door import AGREED
from estimator.planning.linking import linked_with
from estimator.planning.plan import Plan
from estimator.planning.record import (
    CaseRecord,
    GroupPlanRecord,
    HalvingRecord,
    LinkageLimitsRecord,
    LinkageRecord,
    LossRecord,
    WidthRecord,
)
from estimator.planning.schema import LinkageSection, NewListSection
from estimator.planning.simulating import Bools, Floats
from estimator.reasons import Reason
from estimator.runs.group_records import LabelRecord
from estimator.seeds import stream
from estimator.work.outcomes import FAILED

_AGAIN = 1000
_ENOUGH_TO_JUDGE, _HELD = 10, 0.8
"""Simulations from which intervals are judged, and the share that must hold the truth to give no caution."""

Quantiles = Mapping[str, Floats]
"""Of every group, at `estimator.planning.simulating.LEVELS`."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """One population with the new list: how it was made, and its truth.

    Parameters
    ----------
    case : str
        Which coverage, or how lists are linked.
    key : str
        Of the task that estimates it.
    truth : mapping of str to int
        Persons of every group, in all years.
    """

    case: str
    key: str
    entries: int
    share: float
    truth: Mapping[str, int] = field(default_factory=dict)


Fits = Sequence[tuple[Simulated, Mapping[str, Any]]]
"""Populations with what `estimator.planning.simulating.fit_one` returned for each."""


@dataclass(frozen=True, eq=False)
class Summing:
    """Sums up the populations of a plan.

    Parameters
    ----------
    strata : mapping of str to ndarray of bool
        Of every group.
    years : int
        By which numbers of persons are divided.
    """

    plan: Plan
    strata: Mapping[str, Bools]
    years: int
    seed: int

    def per_year(self, quantiles: Mapping[str, Sequence[float]]) -> Quantiles:
        """Return quantiles of every group per year."""
        return {name: np.array(quantiles[name]) / self.years for name in self.strata}

    def case(self, fits: Fits, present: Quantiles, kind: Literal["share", "survey"]) -> CaseRecord:
        """Sum up the populations of one coverage."""
        return CaseRecord(
            kind=kind,
            share=float(np.mean([simulated.share for simulated, _ in fits])),
            entries=float(np.mean([simulated.entries for simulated, _ in fits])),
            **self._simulated(fits, present),
        )

    def _simulated(self, fits: Fits, present: Quantiles) -> dict[str, Any]:
        answered = _answered(fits)
        return {
            "simulations": len(answered),
            "doubtful": sum(fit["rhat"] > AGREED for _, fit in answered),
            "groups": {name: self._width(answered, name, _width(present[name])) for name in present if answered},
        }

    def linkage(self, section: LinkageSection, fits: Fits, cases: Sequence[Fits], present: Quantiles) -> LinkageRecord:
        """Sum up the populations whose records are linked otherwise.

        Parameters
        ----------
        cases : sequence of Fits
            Of the stated coverages of the new list; empty without one.
        """
        summed = self._simulated(fits, present)
        return LinkageRecord(
            label=called(section),
            limits=[
                LinkageLimitsRecord(
                    lists=list(now.lists or self.plan.study.only_table.lists),
                    missed_now=now.missed,
                    missed=then.missed,
                    wrong_now=now.wrong,
                    wrong=then.wrong,
                )
                for now in self.plan.study.model.linkage_errors
                for then in [linked_with(now, section)]
            ],
            **summed,
            as_much_as={
                name: self._cases_until(cases, name, _width(present[name]), self._widths(_answered(fits), name))
                for name in (summed["groups"] if cases else ())
            },
        )

    def _width(self, answered: Fits, name: str, now: float) -> WidthRecord:
        widths = self._widths(answered, name)
        error = float(widths.std(ddof=1) / np.sqrt(len(widths))) if len(widths) > 1 else 0.0
        held = sum(
            fit["quantiles"][name][0] <= simulated.truth[name] <= fit["quantiles"][name][2]
            for simulated, fit in answered
        )
        mean = float(widths.mean())
        return WidthRecord(
            width=mean,
            error=error,
            ratio=mean / now if now else 1.0,
            ratio_error=error / now if now else 0.0,
            held=held,
        )

    def _widths(self, answered: Fits, name: str) -> Floats:
        limits = np.array([fit["quantiles"][name] for _, fit in answered])
        widths: Floats = (limits[:, 2] - limits[:, 0]) / self.years
        return widths

    def groups(self, stated: Sequence[Fits], present: Quantiles) -> dict[str, GroupPlanRecord]:
        """Return the present estimate of every group, with how many entries halve its interval."""
        labels = {name: self.plan.study.groups[name].label for name in present}
        return {
            name: GroupPlanRecord(
                label=LabelRecord(en=labels[name].en, nl=labels[name].nl),
                lower=float(found[0]),
                median=float(found[1]),
                upper=float(found[2]),
                halving=self._cases_until(stated, name, _width(found), np.array([_width(found) / 2]))
                if stated
                else None,
            )
            for name, found in present.items()
        }

    def _cases_until(self, cases: Sequence[Fits], name: str, present: float, wanted: Floats) -> HalvingRecord:
        """Return how many entries make an interval as narrow as wanted, on the line between cases, and its error.

        Parameters
        ----------
        wanted : ndarray
            A width, or widths in simulations, which have an error of their own.
        """
        points = [
            (np.array([simulated.entries for simulated, _ in fits], float), self._widths(fits, name))
            for fits in map(_answered, cases)
            if fits
        ]
        means = [(entries.mean(), widths.mean()) for entries, widths in points]
        found = crossing(means, present, float(wanted.mean()))
        rng = stream(self.seed, "plan-again")
        again = []
        for _ in range(_AGAIN):
            means = []
            for entries, widths in points:
                chosen = rng.integers(len(widths), size=len(widths))
                means.append((entries[chosen].mean(), widths[chosen].mean()))
            aim = wanted if len(wanted) == 1 else wanted[rng.integers(len(wanted), size=len(wanted))]
            crossed = crossing(means, present, float(aim.mean()))
            again.append(np.inf if crossed is None else crossed)
        lower, upper = np.quantile(again, [0.05, 0.95], method="inverted_cdf")
        return HalvingRecord(
            entries=found,
            lower=float(lower) if np.isfinite(lower) else None,
            upper=float(upper) if np.isfinite(upper) else None,
        )

    def loss(self, result: Mapping[str, Any], present: Quantiles) -> LossRecord | None:
        """Return what a table without a list says; None where nothing can be estimated from it."""
        if FAILED in result or result["quantiles"] is None:
            return None
        without = self.per_year(result["quantiles"])
        with_width = [name for name in present if _width(present[name])]
        return LossRecord(
            ratios={name: _width(without[name]) / _width(present[name]) for name in with_width},
            medians={name: float(found[1]) for name, found in without.items()},
        )

    def notes(self, cases: Sequence[CaseRecord | LinkageRecord]) -> list[Reason]:
        """Return what a reader must know of how it was made."""
        study, pool = self.plan.study, self.plan.file.pool
        lists = {*study.only_table.lists}
        notes = [Reason("plan-errors-drawn" if study.model.has_errors else "plan-as-believed-now")]
        if self.plan.file.list is not None and study.model.linkage_errors:
            alike = any({*link.lists} == lists for link in study.model.linkage_errors)
            notes.append(Reason("plan-linked-like-others" if alike else "plan-linked-without-errors"))
        if pool:
            notes.append(Reason("plan-added-up", covariates=pool))
        gone = tuple(name for name in study.groups if name not in self.strata)
        if gone:
            notes.append(Reason("plan-groups-gone", groups=gone))
        lengths = np.diff(study.only_table.cover_start)
        if (lengths > 1).any() or (study.only_table.lower != study.only_table.upper).any():
            notes.append(Reason("plan-placed"))
        missed = any(group.held < _HELD * case.simulations for case in cases for group in case.groups.values())
        if missed and max(case.simulations for case in cases) >= _ENOUGH_TO_JUDGE:
            notes.append(Reason("plan-intervals-miss"))
        return notes


def _answered(fits: Fits) -> Fits:
    return [(simulated, fit) for simulated, fit in fits if FAILED not in fit and fit["quantiles"] is not None]


def called(section: NewListSection | LinkageSection) -> LabelRecord:
    """Return what a new list or another linkage is called."""
    english = section.label or section.name
    return LabelRecord(en=english, nl=section.label_nl or english)


def _width(quantiles: Floats) -> float:
    return float(quantiles[2] - quantiles[0])


def crossing(points: Sequence[tuple[float, float]], present: float, wanted: float) -> float | None:
    """Return where a line through (0, present) and the points first reaches `wanted`; None where never."""
    if wanted >= present:
        return 0.0
    before = (0.0, present)
    for point in points:
        if point[1] <= wanted:
            fall = (before[1] - wanted) / (before[1] - point[1])
            return float(before[0] + fall * (point[0] - before[0]))
        before = (float(point[0]), float(point[1]))
    return None
