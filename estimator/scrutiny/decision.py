"""Publishing against advice: a decision with a name, a date and a reason, which then stands beside the number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.population.thresholds import threshold
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.reading import Run, read_run
from estimator.scrutiny.record import read_scrutiny
from estimator.scrutiny.saving import MakePage, files_of, replace_files


def publish_against_advice(
    run: Run | str | Path, reason: str, decided_by: str, make_page: MakePage
) -> AgainstAdviceRecord:
    """Record the decision to publish a run though something speaks against it.

    Parameters
    ----------
    run : Run, str or Path
        A run that was scrutinised, or its folder.
    reason : str
        Why, for everybody who reads the number.
    decided_by : str
        Who answers for it.
    make_page : callable
        Makes the page anew, with the decision on it.

    Returns
    -------
    AgainstAdviceRecord
        As it stands in the run, whose estimate.json still says ``publishable: false``.

    Raises
    ------
    InputError
        When nothing is to be decided, the run was not scrutinised, or the reason says nothing.
    """
    run = run if isinstance(run, Run) else read_run(run)
    _refuse(run, reason, decided_by)
    decision = AgainstAdviceRecord(
        reason=" ".join(reason.split()),
        decided_by=" ".join(decided_by.split()),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        against=run.record.reasons,
    )
    scrutiny = run.record.scrutiny and run.record.scrutiny.changed(fallen_decision=None)
    estimate = run.record.changed(scrutiny=scrutiny, published_against_advice=decision)
    page_of = read_scrutiny(run).changed(published_against_advice=decision, fallen_decision=None)
    replace_files(run, estimate, files_of(page_of, make_page))
    return decision


def _refuse(run: Run, reason: str, decided_by: str) -> None:
    """Raise `InputError` when there is nothing to decide, or the decision says nothing."""
    place, least = str(run.folder), int(threshold("scrutiny.reason_length"))
    if run.record.scrutiny is None:
        message = f"This run was not scrutinised. Do that first: darkfigure scrutinise {run.folder}"
        raise InputError(Fault(place, message))
    if run.record.publishable:
        raise InputError(Fault(place, "Nothing speaks against publishing this run, so there is nothing to decide."))
    faults = []
    if len("".join(reason.split())) < least:
        message = f"A reason that others can object to takes a sentence: at least {least} letters."
        faults.append(Fault("--publish-anyway", message))
    if not decided_by.strip():
        faults.append(Fault("--decided-by", "Name who answers for the decision."))
    if faults:
        raise InputError(faults)
