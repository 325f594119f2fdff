"""What a run folder keeps of its scrutiny: read back, and put into estimate.json and manifest.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimator.checks.finding import Finding
from estimator.reasons import Reason, new_matters
from estimator.runs.advice import AgainstAdviceRecord, OwnRecord, ScrutinySummary
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.group_records import GroupRecord
from estimator.runs.reading import Run, content_of
from estimator.runs.scrutiny_record import (
    FindingRecord,
    ScrutinyRecord,
    scrutiny_of_content,
)
from estimator.scrutiny.verdict import Judgement, Outcome, OwnJudgement

JSON, PAGE = "scrutiny.json", "scrutiny.html"


@dataclass(frozen=True)
class Earlier:
    """What a scrutiny of the same run before found.

    Parameters
    ----------
    decision, fallen : AgainstAdviceRecord or None
        To publish against advice: the one that stands, and the last one that no longer does.
    """

    outcomes: tuple[Outcome, ...] = ()
    decision: AgainstAdviceRecord | None = None
    fallen: AgainstAdviceRecord | None = None


def earlier_of(run: Run) -> Earlier:
    """Return what a run folder keeps of an earlier scrutiny.

    Raises
    ------
    InputError
        When it is not what a scrutiny writes.
    """
    if run.record.scrutiny is None:
        return Earlier()
    record = read_scrutiny(run)
    return Earlier(
        tuple(_outcome(entry) for entry in record.findings),
        record.published_against_advice,
        record.fallen_decision,
    )


def read_scrutiny(run: Run) -> ScrutinyRecord:
    """Read the scrutiny of a run.

    Raises
    ------
    InputError
        When the file cannot be read, or is not what a scrutiny writes.
    """
    path = run.folder / JSON
    return scrutiny_of_content(content_of(path), path)


def _outcome(entry: FindingRecord) -> Outcome:
    """Return the outcome of a check that scrutiny.json holds."""
    finding = Finding(
        entry.check,
        entry.verdict,
        tuple(entry.statements),
        entry.numbers,
        tuple(entry.reasons),
        tuple(entry.groups_not_alone),
        entry.done,
    )
    return Outcome(finding, entry.date, entry.thresholds)


def own_judgement(run: Run) -> OwnJudgement:
    """Return what an estimate said of itself before it was scrutinised."""
    record = run.record
    said = record if record.scrutiny is None else record.scrutiny.before
    return OwnJudgement(tuple(said.reasons), tuple(said.cautions), run.converged)


def decisions_after(
    earlier: Earlier, judgement: Judgement, date: str
) -> tuple[AgainstAdviceRecord | None, AgainstAdviceRecord | None]:
    """Return what becomes of a decision to publish against advice when a run was scrutinised anew.

    Returns
    -------
    standing, fallen : AgainstAdviceRecord or None
        It stands as long as nothing speaks against publishing that did not when it was taken; the same matter with
        other numbers is nothing new. Otherwise it has fallen, ``because`` of what is new, and must be taken again; and
        so when nothing is left to decide.
    """
    decision = earlier.decision
    if decision is None:
        return None, earlier.fallen
    new = list(new_matters(judgement.reasons, decision.against))
    if judgement.reasons and not new:
        return decision, None
    why = new or [Reason("nothing-against-publishing")]
    return None, decision.changed(fell_on=date, because=why)


def estimate_with(record: EstimateRecord, judgement: Judgement, scrutiny: ScrutinyRecord) -> EstimateRecord:
    """Return estimate.json after a scrutiny.

    Parameters
    ----------
    record : EstimateRecord
        As it was, scrutinised before or not.

    Returns
    -------
    EstimateRecord
        With ``publishable``, ``reasons``, ``cautions`` and ``scrutiny`` anew, and groups that may not be published
        alone marked.
    """
    reasons, cautions = scrutiny.own.reasons, scrutiny.own.cautions
    summary = ScrutinySummary(
        date=scrutiny.date,
        thresholds_sha256=scrutiny.thresholds_sha256,
        range=scrutiny.range,
        simulations=scrutiny.simulations,
        seed=scrutiny.seed,
        verdict=scrutiny.verdict,
        reasons=list(judgement.found_reasons),
        checks=[outcome.record() for outcome in judgement.outcomes],
        not_done=scrutiny.not_done,
        before=OwnRecord(publishable=not reasons, reasons=reasons, cautions=cautions),
        fallen_decision=scrutiny.fallen_decision,
    )
    return record.changed(
        publishable=scrutiny.publishable,
        reasons=scrutiny.reasons,
        cautions=scrutiny.cautions,
        groups=_groups_with(record.groups, scrutiny.groups_not_alone),
        per_year=None if record.per_year is None else _groups_with(record.per_year, scrutiny.groups_not_alone),
        scrutiny=summary,
        published_against_advice=scrutiny.published_against_advice,
    )


def _groups_with(groups: Mapping[str, GroupRecord], not_alone: Mapping[str, Reason]) -> dict[str, GroupRecord]:
    """Return groups, those that may not be published alone marked, and no others."""
    return {
        name: group.changed(
            publishable_alone=False if name in not_alone else None, not_alone_because=not_alone.get(name)
        )
        for name, group in groups.items()
    }
