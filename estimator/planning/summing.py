"""What simulated populations with the new list amount to: widths of intervals, cases that halve them, losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimator.methods.door import AGREED
from estimator.planning.plan import Plan
from estimator.planning.record import CaseRecord, GroupPlanRecord, HalvingRecord, LossRecord, WidthRecord
from estimator.planning.simulating import Bools, Floats
from estimator.reasons import Reason
from estimator.runs.group_records import LabelRecord
from estimator.seeds import stream
from estimator.work.outcomes import FAILED

_AGAIN = 1000
_ENOUGH_TO_JUDGE, _HELD = 10, 0.8
"""With so many simulations, intervals that hold the truth in a smaller share of them are cautioned against."""

Quantiles = Mapping[str, Floats]
"""Of every group, at `estimator.planning.simulating.LEVELS`."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """One population with the new list: how it was made, and its truth.

    Parameters
    ----------
    case : int
        Which coverage, from 0 in the order of the plan.
    key : str
        Of the task that estimates it.
    truth : mapping of str to int
        Persons of every group, in all years.
    """

    case: int
    key: str
    entries: int
    share: float
    truth: Mapping[str, int]


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

    def case(self, fits: Fits, present: Quantiles) -> CaseRecord:
        """Sum up the populations of one coverage."""
        answered = _answered(fits)
        groups = {name: self._width(answered, name, _width(present[name])) for name in present if answered}
        stated = fits[0][0].case < len(self.plan.file.coverage.shares)
        return CaseRecord(
            kind="share" if stated else "survey",
            share=float(np.mean([one.share for one, _ in fits])),
            entries=float(np.mean([one.entries for one, _ in fits])),
            simulations=len(answered),
            doubtful=sum(found["rhat"] > AGREED for _, found in answered),
            groups=groups,
        )

    def _width(self, answered: Fits, name: str, now: float) -> WidthRecord:
        widths = self._widths(answered, name)
        error = float(widths.std(ddof=1) / np.sqrt(len(widths))) if len(widths) > 1 else 0.0
        held = sum(
            found["quantiles"][name][0] <= one.truth[name] <= found["quantiles"][name][2] for one, found in answered
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
        limits = np.array([found["quantiles"][name] for _, found in answered])
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
                halving=self._halving(stated, name, _width(found)),
            )
            for name, found in present.items()
        }

    def _halving(self, cases: Sequence[Fits], name: str, present: float) -> HalvingRecord:
        """Return how many entries halve an interval, on the line between cases, and its error."""
        points = [
            (np.array([one.entries for one, _ in fits], float), self._widths(fits, name))
            for fits in map(_answered, cases)
            if fits
        ]
        found = crossing([(entries.mean(), widths.mean()) for entries, widths in points], present)
        rng = stream(self.seed, "plan-again")
        again = []
        for _ in range(_AGAIN):
            means = []
            for entries, widths in points:
                chosen = rng.integers(len(widths), size=len(widths))
                means.append((entries[chosen].mean(), widths[chosen].mean()))
            crossed = crossing(means, present)
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

    def notes(self, cases: Sequence[CaseRecord]) -> list[Reason]:
        """Return what a reader must know of how it was made."""
        study, pool = self.plan.study, self.plan.file.pool
        notes = [Reason("plan-as-believed-now")]
        if pool:
            notes.append(Reason("plan-added-up", covariates=pool))
        gone = tuple(name for name in study.groups if name not in self.strata)
        if gone:
            notes.append(Reason("plan-groups-gone", groups=gone))
        lengths = np.diff(study.only_table.cover_start)
        if (lengths > 1).any() or (study.only_table.lower != study.only_table.upper).any():
            notes.append(Reason("plan-placed"))
        missed = any(found.held < _HELD * case.simulations for case in cases for found in case.groups.values())
        if missed and cases[0].simulations >= _ENOUGH_TO_JUDGE:
            notes.append(Reason("plan-intervals-miss"))
        return notes


def _answered(fits: Fits) -> Fits:
    return [(one, found) for one, found in fits if FAILED not in found and found["quantiles"] is not None]


def _width(quantiles: Floats) -> float:
    return float(quantiles[2] - quantiles[0])


def crossing(points: Sequence[tuple[float, float]], present: float) -> float | None:
    """Return where a line through (0, present) and the points first reaches half of `present`; None where never."""
    before = (0.0, present)
    for point in points:
        if point[1] <= present / 2:
            fall = (before[1] - present / 2) / (before[1] - point[1])
            return float(before[0] + fall * (point[0] - before[0]))
        before = (float(point[0]), float(point[1]))
    return None
