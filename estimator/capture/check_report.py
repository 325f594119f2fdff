"""What a check of a capture table found, as data; `estimator.report.terminal.check` puts it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from estimator.capture.information import Information
from estimator.capture.observations import UNBOUNDED
from estimator.capture.tallies import Captured, Registered
from estimator.reasons import Reason


@dataclass(frozen=True)
class Finding:
    """One thing that a user of the table should know.

    Parameters
    ----------
    severity : {"fatal", "warning", "note"}
        Fatal: nothing can be estimated. Warning: the estimate rests on less than it seems. Note: worth knowing.
    """

    severity: str
    what: Reason
    remedy: Reason

    def to_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return {"severity": self.severity, "what": self.what.to_dict(), "remedy": self.remedy.to_dict()}


@dataclass(frozen=True)
class EmptyOverlap:
    """Two lists that share nobody.

    Parameters
    ----------
    kind : {"structural", "never together", "unobserved", "sampling"}
        Declared impossible; never operating in the same stratum; not known; or simply nobody.
    """

    lists: tuple[str, str]
    kind: str


@dataclass(frozen=True)
class ModelCheck:
    """Whether maximum likelihood has a finite estimate under one log-linear model of the pooled table.

    Parameters
    ----------
    name : str
        ``"independence"``, ``"A-B"`` (independence but for that pair) or ``"all pairs"``.
    pairs : tuple of (str, str)
        Pairs of lists whose dependence it estimates.
    exists : bool
        Whether an estimate with positive fitted numbers exists.
    total : {"finite", "no upper limit", "no lower limit", "undetermined"}
        What the likelihood says about the number of unseen people.
    vanishing : tuple of str
        Empty histories whose fitted number runs to zero.
    rising, falling : tuple of (str, str)
        Pairs of lists whose log odds ratio runs to plus infinity (everybody on one is on the other), and to minus
        infinity (nobody is on both), where no estimate exists.
    direction : tuple of int
        Proof that none exists, in integers; see `estimator.capture.existence.Existence`.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    exists: bool
    total: str
    vanishing: tuple[str, ...]
    rising: tuple[tuple[str, str], ...]
    falling: tuple[tuple[str, str], ...]
    direction: tuple[int, ...]


@dataclass(frozen=True)
class Coarsening:
    """How much of the table is less than exact.

    Parameters
    ----------
    intervals : int
        Numbers known only between bounds.
    blanks : int
        Numbers of people of whom a covariate or list is not known.
    unobserved : int
        Cells that lists could have filled and of which nothing is known.
    not_running : tuple of (str, int)
        Lists that did not operate everywhere, with the number of strata.
    """

    intervals: int
    interval_persons: Registered
    blanks: int
    blank_persons: Registered
    unobserved: int
    impossible: int
    not_running: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class CheckReport:
    """What can be said of a capture table before anything is estimated.

    Parameters
    ----------
    kind : str
        Where the table comes from: observed, reconstructed or synthetic.
    registered : Registered
        Persons on at least one list.
    overlap : tuple of tuple of Registered
        L × L persons on both of two lists; the lists' sizes on the diagonal.
    captured : Captured
        Persons seen once, twice, three or more times.
    empty_overlaps : tuple of EmptyOverlap
        Pairs of lists that share nobody.
    contained : tuple of (str, str)
        Pairs of lists, everybody on the first of which is on the second too.
    n_strata : int
        Number of strata S.
    strata_without_overlap : tuple of str
        Strata with people in them, none of whom is on two lists.
    empty_strata : tuple of str
        Strata in which nobody is registered.
    models : tuple of ModelCheck
        Existence of the maximum-likelihood estimate on the pooled table: independence, each pair added, all pairs.
    groups : mapping of str to Information
        What the lists saw of each group of people that was asked for.
    findings : tuple of Finding
        Worst first.
    """

    lists: tuple[str, ...]
    kind: str
    registered: Registered
    list_sizes: tuple[Registered, ...]
    overlap: tuple[tuple[Registered, ...], ...]
    captured: Captured
    empty_overlaps: tuple[EmptyOverlap, ...]
    contained: tuple[tuple[str, str], ...]
    n_strata: int
    strata_without_overlap: tuple[str, ...]
    empty_strata: tuple[str, ...]
    coarsening: Coarsening
    models: tuple[ModelCheck, ...]
    groups: Mapping[str, Information]
    findings: tuple[Finding, ...]

    @property
    def estimable(self) -> bool:
        """Whether anything can be estimated: no finding is fatal."""
        return not any(finding.severity == "fatal" for finding in self.findings)

    @property
    def fatal_reasons(self) -> tuple[Reason, ...]:
        """Why nothing can be estimated, and what to do; empty when something can."""
        return tuple(
            Reason("cannot-be-estimated", what=finding.what, remedy=finding.remedy)
            for finding in self.findings
            if finding.severity == "fatal"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dictionaries, lists, strings and numbers, with ``None`` for "no upper bound"."""
        plain: dict[str, Any] = _plain(asdict(replace(self, findings=())))
        findings = [finding.to_dict() for finding in self.findings]
        return {**plain, "findings": findings, "estimable": self.estimable}


def _plain(value: Any) -> Any:
    """Return a value with tuples as lists and the largest integer as None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if value == UNBOUNDED and not isinstance(value, bool) else value
