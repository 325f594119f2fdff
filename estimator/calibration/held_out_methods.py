"""How often does each method's interval hold a list of known size? Every method, the same lists, one table.

Families of tables (the six Dutch lists and the five that they make, say) weigh the same, and so do the tables of a
family and the lists of a table. Families are what is independent here: the standard error of a share is that of the
mean over families.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.calibration.held_out import Case, HeldOutReport, held_out, labels_of
from estimator.calibration.held_out_fits import Source, table_of
from estimator.calibration.public_evidence import TABLES, counts_digest
from estimator.errors import NotEstimableError
from estimator.fits.scores import LEVELS, log_interval_score
from estimator.methods.registry import METHODS, method_named
from estimator.reasons import Reason
from estimator.study.shipped import EVIDENCE, evidence_rows, shipped_priors

Key = tuple[str, str]
"""Table and list."""


def refitting_methods() -> tuple[str, ...]:
    """Return the methods that answer for table after table, in the order of the registry."""
    return tuple(name for name in METHODS if method_named(name).abilities.refits)


@dataclass(frozen=True)
class MethodHeld:
    """How one method, under one set of priors where it takes any, does on held-out lists.

    Parameters
    ----------
    bound : bool
        Whether it gives a lower bound, which promises only not to lie above the truth.
    held, error : mapping of float to float
        Share of intervals that hold the truth by their probability, and its standard error; not a number with one
        family only.
    log_ratio : float
        Median log of estimate over truth.
    score : float
        Mean interval score of the 95 % interval of log N.
    disagreed : int
        Fits whose chains did not agree; counted all the same.
    """

    method: str
    priors: str
    bound: bool
    lists: int
    families: int
    held: Mapping[float, float]
    error: Mapping[float, float]
    log_ratio: float
    score: float
    too_high: float
    disagreed: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: shares, and logs of persons."""
        error = {f"{level:g}": None if math.isnan(self.error[level]) else self.error[level] for level in LEVELS}
        return {
            "method": self.method,
            "priors": self.priors,
            "bound": self.bound,
            "lists": self.lists,
            "families": self.families,
            "coverage": {f"{level:g}": self.held[level] for level in LEVELS},
            "standard_error": error,
            "median_log_ratio": self.log_ratio,
            "interval_score": self.score,
            "too_high": self.too_high,
            "chains_disagreed": self.disagreed,
        }


@dataclass(frozen=True)
class MethodsReport:
    """Held-out lists by every method.

    Parameters
    ----------
    refused : mapping of str to tuple of Reason
        Methods that answer for no list, and why.
    pooled : bool
        Whether the strata of tables were added up.
    """

    reports: tuple[HeldOutReport, ...]
    families: Mapping[str, str]
    refused: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    pooled: bool = False

    @property
    def common(self) -> frozenset[Key]:
        """Lists that every method which answers for any has answered for; those of bounds are not asked."""
        keys = [_keys(report, name) for report in self.reports if not report.bound for name in report.priors]
        return frozenset.intersection(*keys) if keys else frozenset()

    @property
    def narrowed(self) -> bool:
        """Whether some method answers for more lists than all do."""
        return any(row.lists > len(self.common) for row in self.rows() if not row.bound)

    @property
    def learned_from(self) -> bool:
        """Whether the priors `evidence` were left out because they were learned from these tables."""
        return any(report.learned_from for report in self.reports)

    @property
    def failed(self) -> dict[str, str]:
        """Fits that could not be done, by method, table, list and priors."""
        return {f"{report.method}, {name}": why for report in self.reports for name, why in report.failed.items()}

    def rows(self, among: frozenset[Key] | None = None) -> list[MethodHeld]:
        """Return each method under each set of priors, best interval score first, bounds last.

        Parameters
        ----------
        among : frozenset, optional
            The lists that are counted; by default all that the method answers for.
        """
        rows = [
            row
            for report in self.reports
            for name in report.priors
            if not (name == EVIDENCE and report.learned_from)
            if (row := self._row(report, name, among)) is not None
        ]
        return sorted(rows, key=lambda row: (row.bound, row.score))

    def _row(self, report: HeldOutReport, priors: str, among: frozenset[Key] | None) -> MethodHeld | None:
        cases = [case for case in report.of(priors) if among is None or (case.table, case.list) in among]
        if not cases:
            return None
        weight = weights(cases, self.families)
        held = {level: np.array([case.judged.holds(level) for case in cases], dtype=float) for level in LEVELS}
        return MethodHeld(
            method=report.method,
            priors=priors,
            bound=report.bound,
            lists=len(cases),
            families=len({self.families[case.table] for case in cases}),
            held={level: float(weight @ values) for level, values in held.items()},
            error={level: self._error(cases, weight, values) for level, values in held.items()},
            log_ratio=_weighted_median(np.array([case.judged.log_error for case in cases]), weight),
            score=float(weight @ np.array([log_interval_score(case.judged) for case in cases])),
            too_high=float(weight @ np.array([case.judged.limits(0.95)[0] > case.judged.truth for case in cases])),
            disagreed=sum(not case.converged for case in cases),
        )

    def _error(self, cases: Sequence[Case], weight: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> float:
        """Return the standard error of a weighted mean: that of the mean over families."""
        family = np.array([self.families[case.table] for case in cases])
        means = [np.average(values[family == name], weights=weight[family == name]) for name in np.unique(family)]
        return float(np.std(means, ddof=1) / math.sqrt(len(means))) if len(means) > 1 else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        common = self.common
        return {
            "kind": "held-out lists by every method",
            "pooled": self.pooled,
            "methods": [row.to_dict() for row in self.rows()],
            "common_lists": [f"{table}: {name}" for table, name in sorted(common)],
            "methods_on_common_lists": [row.to_dict() for row in self.rows(common)],
            "families": dict(self.families),
            "refused": {name: [reason.to_dict() for reason in why] for name, why in self.refused.items()},
            "failed": self.failed,
        }


def weights(cases: Sequence[Case], families: Mapping[str, str]) -> np.ndarray[Any, Any]:
    """Return the weight of each case, shape (n,): families alike, tables of a family, and lists of a table too."""
    tables = [case.table for case in cases]
    of_family: dict[str, set[str]] = {}
    for table in tables:
        of_family.setdefault(families[table], set()).add(table)
    raw = np.array([1 / (len(of_family[families[table]]) * tables.count(table)) for table in tables])
    return np.asarray(raw / raw.sum())


def held_out_by_methods(
    studies: Sequence[str],
    priors: Sequence[str] = (),
    *,
    methods: Sequence[str] = (),
    pooled: bool = False,
    seed: int = 1,
    running: Running | None = None,
) -> MethodsReport:
    """Hold every list out of every table in turn, and estimate its people by each method.

    Parameters
    ----------
    studies, priors
        As for `estimator.calibration.held_out.held_out`; the priors are for methods that take some.
    methods : sequence of str
        By default all that answer for table after table.
    pooled, seed, running
        As for `estimator.calibration.held_out.held_out`.

    Raises
    ------
    InputError
        When a study or prior file cannot be read.
    NotEstimableError
        When no list can be held out for any method.
    """
    reports: list[HeldOutReport] = []
    refused: dict[str, tuple[Reason, ...]] = {}
    for name in methods or refitting_methods():
        sets = (priors or shipped_priors()) if method_named(name).abilities.priors else ()
        try:
            reports.append(held_out(studies, sets, method=name, pooled=pooled, seed=seed, running=running))
        except NotEstimableError as error:
            refused[name] = _of_most_lists(error.reasons)
    if not reports:
        raise NotEstimableError(next(iter(refused.values())))
    tables = {table for report in reports for table in report.tables}
    return MethodsReport(tuple(reports), _families(studies, tables, pooled), refused, pooled)


def _of_most_lists(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the reason for which most lists cannot be held out, in place of one for every table."""
    lists: Counter[Reason] = Counter()
    for reason in reasons:
        why, names = reason.values.get("why"), reason.values.get("lists")
        if isinstance(why, Reason) and isinstance(names, tuple):
            lists[why] += len(names)
    return tuple(why for why, _ in lists.most_common(1)) or tuple(reasons)


def _families(studies: Sequence[str], tables: set[str], pooled: bool) -> dict[str, str]:
    """Return the family of each table: that of the evidence where it was learned from, else the table itself."""
    known = {row["counts"]: row["family"] for row in evidence_rows(TABLES)}
    families = {}
    for label, study in zip(labels_of(studies), studies, strict=True):
        if label in tables:
            table, _ = table_of(Source(study, pooled))
            digest = counts_digest(table) if pooled or table.running.all() else ""
            families[label] = known.get(digest, label)
    return families


def _keys(report: HeldOutReport, priors: str) -> frozenset[Key]:
    return frozenset((case.table, case.list) for case in report.of(priors))


def _weighted_median(values: np.ndarray[Any, Any], weight: np.ndarray[Any, Any]) -> float:
    """Return the value at or below which half of the weight lies."""
    order = np.argsort(values)
    return float(values[order][np.searchsorted(weight[order].cumsum(), 0.5)])
