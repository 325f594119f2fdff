"""Sentences in English, until every room holds codes: of the kind of a table, and of what files hold."""

from __future__ import annotations

from typing import Any

from estimator.reasons import Reason
from estimator.words.words import words_in

KIND_NOTES = {
    "observed": "",
    "reconstructed": "RECONSTRUCTED TABLE: calibrated to published estimates. Getting them back is a check of the "
    "software, never evidence about people.",
    "synthetic": "SYNTHETIC TABLE: made up. Nothing here is about real people.",
}

KIND_REASONS = {
    "reconstructed": "The table is reconstructed from published figures: getting those figures back is a check of the "
    "software, not evidence about people.",
    "synthetic": "The table is synthetic: nothing in this estimate is about real people.",
}


def sentence(entry: Any) -> str:
    """Return a reason, or what a file has for one, in English."""
    if isinstance(entry, Reason):
        return words_in("en").say(entry)
    return words_in("en").say(Reason.of_dict(entry)) if isinstance(entry, dict) else str(entry)
