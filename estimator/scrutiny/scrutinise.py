"""Scrutiny: everything that tries to break an estimate, done one after the other, with one verdict.

References
----------
Gelman, Vehtari, Simpson, Margossian, Carpenter, Yao, Kennedy, Gabry, Bürkner & Modrák (2020), Bayesian workflow,
arXiv:2011.01808: the order of looking at the sampler, the fit, the assumptions and simulated truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.checks.all_checks import CHECKS, Check, CheckOptions, Failed, chosen_checks, do_check
from estimator.checks.finding import Finding, Verdict
from estimator.checks.subject import Subject, subject_of
from estimator.errors import Fault, InputError, did_you_mean
from estimator.population.advice import DECISION
from estimator.population.estimate import Estimate
from estimator.population.thresholds import thresholds_hash
from estimator.runs.provenance import versions
from estimator.runs.reading import SavedRun, read_run
from estimator.runs.restoring import estimate_of_run
from estimator.scrutiny.record import FALLEN, Earlier, decisions_after, earlier_of
from estimator.scrutiny.verdict import Judgement, Outcome, OwnJudgement, judge
from estimator.words.kinds import sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class Scrutiny:
    """What came of trying to break an estimate.

    Parameters
    ----------
    findings : tuple of Finding
        Of the checks that were done this time.
    judgement : Judgement
        Over these and what was found before.
    date : str
        When, as ISO date and time (UTC).
    thresholds : str
        SHA-256 of the thresholds that were used.
    earlier : Earlier
        What a scrutiny of the same run before found.
    assumption : str
        The identifying assumption of the estimate, in words.
    run : SavedRun or None
        The run; None for an estimate in Python.
    """

    subject: Subject
    findings: tuple[Finding, ...]
    judgement: Judgement
    wishes: CheckOptions
    date: str
    thresholds: str
    earlier: Earlier
    assumption: str
    run: SavedRun | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks: "sound", "caution" or "fails"."""
        return self.judgement.verdict

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish, neither of the estimate itself nor of a check."""
        return self.judgement.publishable

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons not to publish."""
        return self.judgement.reasons

    @property
    def cautions(self) -> tuple[str, ...]:
        """What a reader must be told though it does not forbid publishing."""
        return self.judgement.cautions

    @property
    def decision(self) -> Mapping[str, Any] | None:
        """The decision to publish against advice, where one was taken and still stands."""
        return decisions_after(self.earlier, self.judgement, self.date)[0]

    @property
    def fallen(self) -> Mapping[str, Any] | None:
        """The decision to publish against advice that no longer stands, and why."""
        return decisions_after(self.earlier, self.judgement, self.date)[1]

    def about(self) -> dict[str, Any]:
        """Return when, by which thresholds and how it was scrutinised, for JSON."""
        return {
            "date": self.date,
            "thresholds_sha256": self.thresholds,
            "range": None if self.wishes.limits is None else list(self.wishes.limits),
            "simulations": self.wishes.simulations,
            "seed": self.subject.seed if self.wishes.seed is None else self.wishes.seed,
        }

    def finding(self, check: str) -> Finding:
        """Return what a check found.

        Parameters
        ----------
        check : str
            Its id.

        Raises
        ------
        InputError
            When it was not done this time.
        """
        found = {finding.check: finding for finding in self.findings}
        if check not in found:
            raise InputError(Fault("check", f"There is no finding of '{check}'.{did_you_mean(check, found)}"))
        return found[check]

    def plot(self, check: str) -> Figure:
        """Draw what a check found.

        Parameters
        ----------
        check : str
            Its id.

        Raises
        ------
        InputError
            When it was not done this time, or has nothing to draw.
        """
        from estimator.scrutiny.pictures import figure_of

        finding = self.finding(check)
        if finding.draw is None:
            raise InputError(Fault("check", f"The check '{check}' has no picture."))
        return figure_of(finding)

    def save(self, command: Sequence[str] = ()) -> Path:
        """Write the findings and the page into the run folder; see `estimator.scrutiny.saving.save_scrutiny`."""
        from estimator.scrutiny.saving import save_scrutiny

        return save_scrutiny(self, command)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as in scrutiny.json; see docs/scrutiny.md."""
        judgement = self.judgement
        fresh = {finding.check: finding.to_dict() | {"date": self.date} for finding in self.findings}
        found = {**self.earlier.findings, **{name: entry for name, entry in fresh.items() if self._stands(name)}}
        decided = {DECISION: self.decision, FALLEN: self.fallen}
        return {
            "schema_version": SCHEMA_VERSION,
            "study": self.subject.study.name,
            "title": self.subject.study.title,
            **self.about(),
            "verdict": judgement.verdict,
            "publishable": judgement.publishable,
            "reasons": list(judgement.reasons),
            "cautions": list(judgement.cautions),
            "not_done": list(judgement.not_done),
            "groups_not_alone": dict(judgement.not_alone),
            "findings": [found[outcome.check] for outcome in judgement.outcomes],
            **{key: dict(value) for key, value in decided.items() if value},
            "versions": versions(),
        }

    def _stands(self, check: str) -> bool:
        """Tell whether what was found this time replaces what was found before: not when it could not be done."""
        return self.finding(check).done or not any(one.check == check and one.done for one in self.earlier.outcomes)

    def __str__(self) -> str:
        from estimator.scrutiny.wording import text_of

        return text_of(self)

    def __repr__(self) -> str:
        return f"Scrutiny({self.subject.study.name}: {self.verdict}, {len(self.findings)} checks)"

    def _repr_html_(self) -> str:
        from estimator.scrutiny.page import body_of

        return body_of(self)


def scrutinise(
    estimate: Estimate | SavedRun | str | Path,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    quick: bool = False,
    study: str | Path | None = None,
    wishes: CheckOptions | None = None,
    checks: Mapping[str, Check] | None = None,
    failed: Failed | None = None,
) -> Scrutiny:
    """Try to break an estimate.

    Parameters
    ----------
    estimate : Estimate, SavedRun, str or Path
        An estimate in Python, or a run folder.
    only, skip : sequence of str, optional
        Ids of checks: to do these alone, or all but these.
    quick : bool
        Leave out the checks that sample the model again and again.
    study : str or Path, optional
        Where the study of a run folder is, when it is no longer where it was.
    wishes : CheckOptions, optional
        Range of the total, number of simulations, processes, seed, listener.
    checks : mapping of str to Check, optional
        By default all that there are.
    failed : callable, optional
        Hears of an error in a check; see `estimator.checks.all_checks.do_check`.

    Returns
    -------
    Scrutiny
        Nothing is written: see `Scrutiny.save`.

    Raises
    ------
    InputError
        When the run or its study cannot be read, or there is no check of a name.
    """
    known = CHECKS if checks is None else checks
    names = chosen_checks(only, skip, quick, known)
    wishes = wishes or CheckOptions()
    looked_at = _looked_at(estimate, study)
    findings = []
    for name in names:
        wishes.listener.stage(known[name].title)
        findings.append(do_check(name, looked_at.subject, wishes, known, failed))
    date, thresholds = datetime.now(UTC).isoformat(timespec="seconds"), thresholds_hash()
    earlier = Earlier() if looked_at.run is None else earlier_of(looked_at.run)
    outcomes = [Outcome.of_finding(finding, date, thresholds) for finding in findings]
    return Scrutiny(
        looked_at.subject,
        tuple(findings),
        judge(looked_at.own, outcomes, earlier.outcomes, tuple(known)),
        wishes,
        date,
        thresholds,
        earlier,
        looked_at.assumption,
        looked_at.run,
    )


@dataclass(frozen=True, eq=False)
class _LookedAt:
    """What is scrutinised, and what it says of itself."""

    subject: Subject
    own: OwnJudgement
    assumption: str
    run: SavedRun | None = None


def _looked_at(estimate: Estimate | SavedRun | str | Path, study: str | Path | None) -> _LookedAt:
    """Return an estimate as the subject of checks, with what it says of itself, and its run if it has one."""
    if isinstance(estimate, Estimate):
        found = estimate.fitness
        own = OwnJudgement(_said(found.reasons), _said(found.cautions), estimate.convergence.passed)
        return _LookedAt(subject_of(estimate), own, sentence(estimate.assumption))
    run = estimate if isinstance(estimate, SavedRun) else read_run(estimate)
    said = earlier_of(run).before or run.estimate
    own = OwnJudgement(_said(said["reasons"]), _said(said["cautions"]), run.converged)
    return _LookedAt(
        subject_of(estimate_of_run(run, study), run.folder), own, sentence(run.estimate["assumption"]), run
    )


def _said(entries: Iterable[Any]) -> tuple[str, ...]:
    """Return reasons in English."""
    return tuple(map(sentence, entries))
