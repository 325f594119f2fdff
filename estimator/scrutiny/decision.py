"""Publishing against advice: a decision with a name, a date and a reason, which then stands beside the number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.population.advice import DECISION, SCRUTINY
from estimator.population.thresholds import threshold
from estimator.runs.reading import ESTIMATE, MANIFEST, SavedRun, read_run
from estimator.runs.replacing import replace_together
from estimator.scrutiny.page import decision_html
from estimator.scrutiny.record import FALLEN, JSON, PAGE, with_section
from estimator.scrutiny.saving import json_bytes, manifest_bytes


def publish_against_advice(run: SavedRun | str | Path, reason: str, decided_by: str) -> dict[str, Any]:
    """Record the decision to publish a run though something speaks against it.

    Parameters
    ----------
    run : SavedRun, str or Path
        A run that was scrutinised, or its folder.
    reason : str
        Why, for everybody who reads the number.
    decided_by : str
        Who answers for it.

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
    decision = {
        "reason": " ".join(reason.split()),
        "decided_by": " ".join(decided_by.split()),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "against": list(run.estimate["reasons"]),
    }
    record = {key: value for key, value in run.estimate[SCRUTINY].items() if key != FALLEN}
    estimate = {**run.estimate, SCRUTINY: record, DECISION: decision}
    files = {ESTIMATE: json_bytes(estimate), **_beside(run.folder, decision)}
    replace_together(run.folder, files | {MANIFEST: manifest_bytes(run, files, estimate)})
    return estimate


def _beside(folder: Path, decision: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the other files of a scrutiny with a decision in them."""
    written = json.loads((folder / JSON).read_text(encoding="utf-8"))
    kept = {key: value for key, value in written.items() if key != FALLEN}
    page = (folder / PAGE).read_text(encoding="utf-8")
    page = with_section(page, "decision", decision_html(decision, None))
    return {JSON: json_bytes({**kept, DECISION: dict(decision)}), PAGE: page.encode("utf-8")}


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
