"""The record of a run without reasons that name numbers of observed people, for reports under rules of disclosure.

A caution such as "2013 has 3 people on two or more lists" is a sentence, which no rule for cells reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estimator.reasons import Reason, Value
from estimator.runs.reading import Run

COUNTS = frozenset({"twice_or_more", "short_of", "people", "registered", "observed"})
"""Names of values that count observed people, or are a share of them."""

_AS_WRITTEN = "as-written"
"""The code of a sentence of an earlier version, in which nobody can tell the counts."""


def discreet(run: Run) -> Run:
    """Return a run whose reasons name no number of observed people."""
    record = run.record
    scrutiny = record.scrutiny
    if scrutiny is not None:
        checks = [
            check.changed(sentence=_without(check.sentence), reasons=_all(check.reasons)) for check in scrutiny.checks
        ]
        scrutiny = scrutiny.changed(checks=checks)
    advice = record.published_against_advice
    if advice is not None:
        advice = advice.changed(against=_all(advice.against))
    kept = record.changed(
        reasons=_all(record.reasons),
        cautions=_all(record.cautions),
        notes=_all(record.notes),
        scrutiny=scrutiny,
        published_against_advice=advice,
    )
    return replace(run, record=kept)


def _all(reasons: Iterable[Reason]) -> list[Reason]:
    """Return reasons, one in place of all that name a number of observed people."""
    return list(dict.fromkeys(_without(reason) for reason in reasons))


def _without(reason: Reason) -> Reason:
    if reason.code == "year-leans-on-others":
        return Reason("report.plain.year-leans-on-others", year=reason["year"], ordered=reason["ordered"])
    if reason.code == "years-lean-on-others":
        return Reason("report.plain.years-lean-on-others", ordered=reason["ordered"])
    return Reason("disclosure.sentence") if _names_a_count(reason) else reason


def _names_a_count(value: Value) -> bool:
    if isinstance(value, Reason):
        return value.code == _AS_WRITTEN or any(name in COUNTS or _names_a_count(item) for name, item in value.items)
    return isinstance(value, tuple) and any(_names_a_count(item) for item in value)
