"""Scrutiny: everything that tries to break an estimate, done one after the other, with one verdict.

References
----------
Gelman, Vehtari, Simpson, Margossian, Carpenter, Yao, Kennedy, Gabry, Bürkner & Modrák (2020), Bayesian workflow,
arXiv:2011.01808: the order of looking at the sampler, the fit, the assumptions and simulated truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from estimator.checks.all_checks import CHECKS, Check, CheckOptions, Failed, chosen_checks, do_check
from estimator.checks.finding import Finding, Verdict
from estimator.errors import Fault, InputError, did_you_mean
from estimator.methods.registry import method_named
from estimator.methods.summary import Summary
from estimator.population.estimate import Estimate
from estimator.population.groups import estimate_of, headline_years
from estimator.population.thresholds import thresholds, thresholds_hash
from estimator.reasons import Reason
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.provenance import versions
from estimator.runs.reading import Run, read_run
from estimator.runs.records import SCHEMA_VERSION
from estimator.runs.restoring import estimate_of_run
from estimator.runs.scrutiny_record import (
    FindingRecord,
    NumberRecord,
    OwnJudgementRecord,
    PersonsRecord,
    ScrutinyRecord,
)
from estimator.scrutiny.record import Earlier, decisions_after, earlier_of, own_judgement
from estimator.scrutiny.verdict import Judgement, Outcome, OwnJudgement, judge
from estimator.study.questions import TOTAL, Label


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
    assumption : Reason
        The identifying assumption of the estimate.
    run : Run or None
        The run; None for an estimate in Python.
    """

    estimate: Estimate
    findings: tuple[Finding, ...]
    judgement: Judgement
    options: CheckOptions
    date: str
    thresholds: str
    earlier: Earlier
    assumption: Reason
    run: Run | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks: "sound", "caution" or "fails"."""
        return self.judgement.verdict

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish, neither of the estimate itself nor of a check."""
        return self.judgement.publishable

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All reasons not to publish."""
        return self.judgement.reasons

    @property
    def cautions(self) -> tuple[Reason, ...]:
        """What a reader must be told though it does not forbid publishing."""
        return self.judgement.cautions

    @property
    def decision(self) -> AgainstAdviceRecord | None:
        """The decision to publish against advice, where one was taken and still stands."""
        return decisions_after(self.earlier, self.judgement, self.date)[0]

    @property
    def fallen(self) -> AgainstAdviceRecord | None:
        """The decision to publish against advice that no longer stands, and why."""
        return decisions_after(self.earlier, self.judgement, self.date)[1]

    def finding(self, check: str) -> Finding:
        """Return what a check found.

        Raises
        ------
        InputError
            When it was not done this time.
        """
        findings = {finding.check: finding for finding in self.findings}
        if check not in findings:
            raise InputError(Fault("check", f"There is no finding of '{check}'.{did_you_mean(check, findings)}"))
        return findings[check]

    def record(self) -> ScrutinyRecord:
        """Return everything as scrutiny.json has it; see docs/scrutiny.md."""
        judgement, study = self.judgement, self.estimate.study
        able = method_named(self.estimate.posterior.method).abilities
        return ScrutinyRecord(
            schema_version=SCHEMA_VERSION,
            study=study.name,
            title=study.title,
            title_nl=study.title_nl,
            run=None if self.run is None else self.run.name,
            date=self.date,
            thresholds_sha256=self.thresholds,
            range=self.options.limits,
            simulations=self.options.simulations,
            seed=self.estimate.posterior.seed if self.options.seed is None else self.options.seed,
            number=_number(self.estimate) if judgement.own.shown else None,
            table_kind=study.table_kind,
            assumption=self.assumption,
            bound=able.bound or None,
            priors=self.estimate.priors.title if able.priors else "",
            priors_nl=self.estimate.priors.title_nl if able.priors else None,
            source=" ".join(study.source.split()),
            source_nl=" ".join(study.source_nl.split()) if study.source_nl else None,
            groups={name: _label(group.label) for name, group in self.estimate.group_draws.items()},
            covariates={name: _label(label) for name, label in study.labels.covariates.items()},
            levels={
                covariate.name: {
                    level: _label(study.labels.levels[covariate.name][level]) for level in covariate.levels
                }
                for covariate in study.table.covariates
            },
            verdict=judgement.verdict,
            publishable=judgement.publishable,
            reasons=list(judgement.reasons),
            cautions=list(judgement.cautions),
            own=OwnJudgementRecord(reasons=list(judgement.own.reasons), cautions=list(judgement.own.cautions)),
            remarks=list(judgement.remarks),
            not_done=list(judgement.not_done),
            groups_not_alone=dict(judgement.not_alone),
            findings=[
                FindingRecord(**outcome.finding.to_dict(), date=outcome.date, thresholds=outcome.thresholds)
                for outcome in judgement.outcomes
            ],
            thresholds=thresholds(),
            published_against_advice=self.decision,
            fallen_decision=self.fallen,
            versions=versions(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as in scrutiny.json."""
        return self.record().to_dict()

    def __repr__(self) -> str:
        return f"Scrutiny({self.estimate.study.name}: {self.verdict}, {len(self.findings)} checks)"


def _label(label: Label) -> dict[str, str]:
    return {"en": label.en, **({"nl": label.nl} if label.nl else {})}


def _number(estimate: Estimate) -> NumberRecord:
    """Return how many people there are over the headline period."""
    total = estimate_of(estimate.group_draws[TOTAL], levels=estimate.levels)
    years = headline_years(estimate.study)
    return NumberRecord(years=list(years), registered=_persons(total.registered), N=_persons(total.N))


def _persons(summary: Summary) -> PersonsRecord:
    return PersonsRecord(median=summary.median, sd=summary.sd, lower=summary.lower, upper=summary.upper)


def scrutinise(
    estimate: Estimate | Run | str | Path,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    quick: bool = False,
    study: str | Path | None = None,
    options: CheckOptions | None = None,
    checks: Mapping[str, Check] | None = None,
    failed: Failed | None = None,
) -> Scrutiny:
    """Try to break an estimate.

    Parameters
    ----------
    estimate : Estimate, Run, str or Path
        An estimate in Python, or a run folder.
    only, skip : sequence of str, optional
        Ids of checks: to do these alone, or all but these.
    quick : bool
        Leave out the checks that sample the model again and again.
    study : str or Path, optional
        Where the study of a run folder is, when it is no longer where it was.
    options : CheckOptions, optional
        Range of the total, number of simulations, processes, seed, listener.
    checks : mapping of str to Check, optional
        By default all that there are.
    failed : callable, optional
        Hears of an error in a check; see `estimator.checks.all_checks.do_check`.

    Returns
    -------
    Scrutiny
        Nothing is written: see `estimator.scrutiny.saving.save_scrutiny`.

    Raises
    ------
    InputError
        When the run or its study cannot be read, or there is no check of a name.
    """
    known = CHECKS if checks is None else checks
    names = chosen_checks(only, skip, quick, known)
    options = options or CheckOptions()
    source = _source_of(estimate, study)
    known = {name: check for name, check in known.items() if name in only or check.concerns(source.estimate.study)}
    names = tuple(name for name in names if name in known)
    findings = []
    for name in names:
        options.listener.stage(name)
        findings.append(do_check(name, source.estimate, options, known, failed))
    date, used = datetime.now(UTC).isoformat(timespec="seconds"), thresholds_hash()
    earlier = Earlier() if source.run is None else earlier_of(source.run)
    outcomes = [Outcome(finding, date, used) for finding in findings]
    return Scrutiny(
        source.estimate,
        tuple(findings),
        judge(source.own, outcomes, earlier.outcomes, tuple(known)),
        options,
        date,
        used,
        earlier,
        source.assumption,
        source.run,
    )


@dataclass(frozen=True, eq=False)
class _Source:
    """What is scrutinised, and what it says of itself."""

    estimate: Estimate
    own: OwnJudgement
    assumption: Reason
    run: Run | None = None


def _source_of(estimate: Estimate | Run | str | Path, study: str | Path | None) -> _Source:
    """Return the estimate to be checked, what it says of itself, and its run if it has one."""
    if isinstance(estimate, Estimate):
        fitness = estimate.fitness
        own = OwnJudgement(fitness.reasons, fitness.cautions, estimate.convergence.passed)
        return _Source(estimate, own, estimate.assumption)
    run = estimate if isinstance(estimate, Run) else read_run(estimate)
    return _Source(estimate_of_run(run, study), own_judgement(run), run.record.assumption, run)
