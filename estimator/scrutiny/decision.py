"""Publishing against advice: a decision with a name, a date and a reason, which then stands beside the number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.population.advice import DECISION, SCRUTINY
from estimator.population.thresholds import threshold
from estimator.runs.estimate_record import AgainstAdviceRecord
from estimator.runs.reading import ESTIMATE, MANIFEST, SavedRun, read_run
from estimator.runs.replacing import replace_together
from estimator.scrutiny.record import FALLEN, read_scrutiny
from estimator.scrutiny.saving import MakePage, files_of, json_bytes, manifest_bytes


def publish_against_advice(
    run: SavedRun | str | Path, reason: str, decided_by: str, make_page: MakePage
) -> dict[str, Any]:
    """Record the decision to publish a run though something speaks against it.

    Parameters
    ----------
    run : SavedRun, str or Path
        A run that was scrutinised, or its folder.
    reason : str
        Why, for everybody who reads the number.
    decided_by : str
        Who answers for it.
    make_page : callable
        Makes the page anew, with the decision on it.

    Returns
    -------
    dict
        New content of estimate.json. It still says ``publishable: false``: the decision stands beside that.

    Raises
    ------
    InputError
        When nothing is to be decided, the run was not scrutinised, or the reason says nothing.
    """
    run = run if isinstance(run, SavedRun) else read_run(run)
    _refuse(run, reason, decided_by)
    decision = AgainstAdviceRecord.model_validate(
        {
            "reason": " ".join(reason.split()),
            "decided_by": " ".join(decided_by.split()),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "against": list(run.estimate["reasons"]),
        }
    )
    summary = {key: value for key, value in run.estimate[SCRUTINY].items() if key != FALLEN}
    estimate = {**run.estimate, SCRUTINY: summary, DECISION: decision.to_dict()}
    record = read_scrutiny(run).changed(**{DECISION: decision, FALLEN: None})
    files = {ESTIMATE: json_bytes(estimate), **files_of(record, make_page)}
    replace_together(run.folder, files | {MANIFEST: manifest_bytes(run, files, estimate)})
    return estimate


def _refuse(run: SavedRun, reason: str, decided_by: str) -> None:
    """Raise `InputError` when there is nothing to decide, or the decision says nothing."""
    place, least = str(run.folder), int(threshold("scrutiny.reason_length"))
    if SCRUTINY not in run.estimate:
        message = f"This run was not scrutinised. Do that first: darkfigure scrutinise {run.folder}"
        raise InputError(Fault(place, message))
    if run.estimate["publishable"]:
        raise InputError(Fault(place, "Nothing speaks against publishing this run, so there is nothing to decide."))
    faults = []
    if len("".join(reason.split())) < least:
        message = f"A reason that others can object to takes a sentence: at least {least} letters."
        faults.append(Fault("--publish-anyway", message))
    if not decided_by.strip():
        faults.append(Fault("--decided-by", "Name who answers for the decision."))
    if faults:
        raise InputError(faults)
