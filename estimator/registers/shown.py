"""The record of registers as it may be shown: numbers of persons that are too small stand as ``<5``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from estimator.capture.check_report import Finding
from estimator.reasons import Reason
from estimator.registers.record import RegistersRecord

_WITH_NUMBERS = ("not-all-exact",)
"""Findings of which the numbers are all that is said: what registers hold is said with small ones left out."""

_OF_PERSONS = frozenset({"on_list", "both", "others", "others_within"})
"""Values of findings that count persons."""

_NO_PERSONS = ("version", "files", "tables")
"""Keys whose numbers are not of persons or rows."""


def shown_findings(findings: Iterable[Finding], minimum: int) -> tuple[Finding, ...]:
    """Return findings of a table, without those that have numbers of persons which cannot be left out.

    Parameters
    ----------
    minimum : int
        A finding with a smaller number of persons is said without its numbers.
    """
    return tuple(_without_small(finding, minimum) for finding in findings if finding.what.code not in _WITH_NUMBERS)


def _without_small(finding: Finding, minimum: int) -> Finding:
    values = finding.what.values
    counts = [value for name, value in values.items() if name in _OF_PERSONS and isinstance(value, int)]
    if min(counts, default=minimum) >= minimum:
        return finding
    return replace(finding, what=Reason(finding.what.code, **{**values, **dict.fromkeys(_OF_PERSONS & set(values))}))


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
