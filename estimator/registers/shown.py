"""The record of registers as it may be shown: numbers of persons that are too small stand as ``<5``."""

from __future__ import annotations

from typing import Any

from estimator.registers.record import RegistersRecord

_NO_PERSONS = ("version", "files", "tables")
"""Keys whose numbers are not of persons or rows."""


def shown_record(record: RegistersRecord, minimum: int) -> dict[str, Any]:
    """Return a record as plain dictionaries, lists, texts and numbers, for JSON.

    Parameters
    ----------
    minimum : int
        Numbers from 1 to below it are the text ``"<5"``, with this number.
    """
    content = record.model_dump(mode="json")
    names = [found.name for found in record.lists]
    bits = {name: 1 << place for place, name in enumerate(reversed(names))}
    content["histories"] = [
        {"lists": [name for name in names if history & bits[name]], "persons": persons}
        for history, persons in record.histories
    ]
    for found, kept in zip(content["lists"], record.lists, strict=True):
        found["first"], found["last"] = (day and day.isoformat() for day in kept.days(minimum))
        found["months"] = [{"month": f"{year}-{month:02}", "rows": rows} for year, month, rows in found["months"]]
    shown: dict[str, Any] = _shown(content, minimum)
    return shown


def _shown(value: Any, minimum: int) -> Any:
    if isinstance(value, dict):
        return {key: part if key in _NO_PERSONS else _shown(part, minimum) for key, part in value.items()}
    if isinstance(value, list):
        return [_shown(part, minimum) for part in value]
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < minimum:
        return f"<{minimum}"
    return value
