"""What was found when a run was scrutinised, and what its office decided: stands beside the run's number.

Both are in estimate.json: ``scrutiny``, and ``published_against_advice`` where somebody decided to publish all the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.reasons import Reason

SCRUTINY, DECISION = "scrutiny", "published_against_advice"
NOT_ALONE, NOT_ALONE_BECAUSE = "publishable_alone", "not_alone_because"


def scrutiny_reason(estimate: Mapping[str, Any]) -> Reason | None:
    """Return what came of scrutinising a run; None when it was not scrutinised.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json.
    """
    record = estimate.get(SCRUTINY)
    if not isinstance(record, Mapping):
        return None
    not_done = [str(name) for name in record.get("not_done", ())]
    return Reason("scrutinised", date=day(str(record.get("date"))), verdict=record.get("verdict"), not_done=not_done)


def decision_reason(estimate: Mapping[str, Any]) -> Reason | None:
    """Return that a run was published against advice, by whom and why; None when nobody decided that.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json.
    """
    record = estimate.get(DECISION)
    if not isinstance(record, Mapping):
        return None
    return Reason(
        "published-against-advice",
        decided_by=record.get("decided_by"),
        date=day(str(record.get("date"))),
        reason=record.get("reason"),
        against=tuple(record.get("against", ())),
    )


def day(date: str) -> str:
    """Return the day of a date and time."""
    return date[:10]
