"""When a report is said to be made: on the day of its run, so that the same run makes the same file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from estimator.document.content import Document


def made_on(document: Document) -> datetime:
    """Return the day of the run."""
    parts: Any = document.citation.get("issued", {}).get("date-parts", [[2000, 1, 1]])[0]
    year, month, day = (int(part) for part in (*parts, 1, 1)[:3])
    return datetime(year, month, day)
