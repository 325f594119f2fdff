"""What was found when a run was scrutinised, and what its office decided, in words: stands beside the run's number.

Both are in estimate.json: ``scrutiny``, and ``published_against_advice`` where somebody decided to publish all the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.words.numbers import listed

SCRUTINY, DECISION = "scrutiny", "published_against_advice"
NOT_ALONE, NOT_ALONE_BECAUSE = "publishable_alone", "not_alone_because"

VERDICT_WORDS = {
    "sound": "every check is sound",
    "caution": "caution is called for",
    "fails": "it does not stand up",
}


def scrutiny_line(estimate: Mapping[str, Any]) -> str:
    """Return what came of scrutinising a run, in a sentence.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json.

    Returns
    -------
    str
        Empty when it was not scrutinised.
    """
    found = estimate.get(SCRUTINY)
    if not isinstance(found, Mapping):
        return ""
    left_out = [str(name) for name in found.get("not_done", ())]
    rest = f" Not done: {listed(left_out)}." if left_out else ""
    return f"Scrutinised on {day(str(found.get('date')))}: {VERDICT_WORDS[str(found.get('verdict'))]}.{rest}"


def decision_line(estimate: Mapping[str, Any]) -> str:
    """Return that a run was published against advice, by whom and why, in words.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json.

    Returns
    -------
    str
        Empty when nobody decided that.
    """
    found = estimate.get(DECISION)
    if not isinstance(found, Mapping):
        return ""
    against = " ".join(str(reason) for reason in found.get("against", ()))
    return (
        f"PUBLISHED AGAINST ADVICE by {found.get('decided_by')} on {day(str(found.get('date')))}: "
        f"{found.get('reason')} What spoke against it: {against}"
    )


def not_alone(estimate: Mapping[str, Any]) -> dict[str, str]:
    """Return the groups whose own answer may not be published alone, each with the reason.

    Parameters
    ----------
    estimate : mapping
        Content of estimate.json.

    Returns
    -------
    dict of str to str
        By the group's name.
    """
    groups = estimate.get("groups", {})
    return {
        name: str(group.get(NOT_ALONE_BECAUSE, "")) for name, group in groups.items() if group.get(NOT_ALONE) is False
    }


def day(date: str) -> str:
    """Return the day of a date and time."""
    return date[:10]
