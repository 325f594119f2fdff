"""What a check of a capture table found: plain data, for people (`CheckReport.text`) and programs (`to_dict`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from estimator.capture.check_text import report_text
from estimator.capture.observations import UNBOUNDED
from estimator.capture.tallies import Captured, Registered


@dataclass(frozen=True)
class Finding:
    """One thing that a user of the table should know.

    Parameters
    ----------
    severity : {"fatal", "warning", "note"}
        Fatal: nothing can be estimated. Warning: the estimate rests on less than it seems. Note: worth knowing.
    text : str
        What was found and what it means, in plain sentences.
    remedy : str
        What to do about it.
    """

    severity: str
    text: str
    remedy: str


@dataclass(frozen=True)
class EmptyOverlap:
    """Two lists that share nobody.

    Parameters
    ----------
    lists : tuple of (str, str)
        The pair.
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
    direction : tuple of int
        Proof that none exists, in integers; see `estimator.capture.existence.Existence`.
    """

    name: str
    pairs: tuple[tuple[str, str], ...]
    exists: bool
    total: str
    vanishing: tuple[str, ...]
    direction: tuple[int, ...]


@dataclass(frozen=True)
class Coarsening:
    """How much of the table is less than exact.

    Parameters
    ----------
    intervals : int
        Numbers known only between bounds.
    interval_persons : Registered
        Persons in them.
    blanks : int
        Numbers of people of whom a covariate or list is not known.
    blank_persons : Registered
        Persons in them.
    unobserved : int
        Cells that lists could have filled and of which nothing is known.
    impossible : int
        Cells declared impossible.
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
    lists : tuple of str
        The L lists.
    kind : str
        Where the table comes from: observed, reconstructed or synthetic.
    registered : Registered
        Persons on at least one list.
    list_sizes : tuple of Registered
        Persons on each list.
    overlap : tuple of tuple of Registered
        L × L persons on both of two lists; the lists' sizes on the diagonal.
    captured : Captured
        Persons seen once, twice, three or more times.
    empty_overlaps : tuple of EmptyOverlap
        Pairs of lists that share nobody.
    n_strata : int
        Number of strata S.
    strata_without_overlap : tuple of str
        Strata with people in them, none of whom is on two lists.
    empty_strata : tuple of str
        Strata in which nobody is registered.
    coarsening : Coarsening
        What is not exactly known.
    models : tuple of ModelCheck
        Existence of the maximum-likelihood estimate on the pooled table: independence, each pair added, all pairs.
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
    n_strata: int
    strata_without_overlap: tuple[str, ...]
    empty_strata: tuple[str, ...]
    coarsening: Coarsening
    models: tuple[ModelCheck, ...]
    findings: tuple[Finding, ...]

    @property
    def estimable(self) -> bool:
        """Whether anything can be estimated: no finding is fatal."""
        return not any(finding.severity == "fatal" for finding in self.findings)

    @property
    def fatal_reasons(self) -> tuple[str, ...]:
        """Why nothing can be estimated, one sentence or two each; empty when something can."""
        return tuple(f"{finding.text} {finding.remedy}" for finding in self.findings if finding.severity == "fatal")

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dictionaries, lists, strings and numbers, with ``None`` for "no upper bound"."""
        plain: dict[str, Any] = _plain(asdict(self))
        return {**plain, "estimable": self.estimable}

    def text(self, width: int = 80, labels: Mapping[str, str] | None = None) -> str:
        """Return the report as text.

        Parameters
        ----------
        width : int, default 80
            No line is longer; at least 40.
        labels : mapping of str to str, optional
            What the lists are called: ``{"P": "National Police"}``.

        Returns
        -------
        str
            Without a line break at the end.
        """
        return report_text(self, max(width, 40), labels or {})


def _plain(value: Any) -> Any:
    """Return a value with tuples as lists and the largest integer as None."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if value == UNBOUNDED and not isinstance(value, bool) else value
