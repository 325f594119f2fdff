"""The record of a run without reasons that name numbers of observed people, for reports under rules of disclosure.

A caution such as "2013 has 3 people on two or more lists" is a sentence, which no rule for cells reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from estimator.reasons import Reason, Value
from estimator.runs.reading import Run

COUNTS = frozenset(
    {
        "twice_or_more",
        "twice_or_more_merged",
        "unseen",  # Chao's bound of counts, as `check` says it of two lists that are one
        "unseen_merged",
        "short_of",
        "people",
        "at_most",
        "registered",
        "registered_lower",
        "registered_upper",
        "observed",
        "failed",  # of bootstrap tables: with m people on two lists, about exp(-m) of the tables have nobody there
        "crude",  # n1 n2 / n12 of two lists whose sizes are printed gives the number on both away
        "by_stratum",  # likewise
        "plug_in",
    }
)
"""Names of values that count observed people, are a share of them, or give them away."""

OF_NOBODY = frozenset(
    {
        "dark-figure-without-overlap",
        "strata-without-overlap",
        "strata-without-people",
        "data-say-nothing-of",
        "list-saw-nobody",
        "list-shares-nobody",
        "pairs-never-overlap",
        "cells-without-anybody",
        "decomposable-needs-people",
        "decomposable-has-no-sum",
        "method-needs-people",
        "method-needs-overlap",
        "model-without-estimate",
        "selection-without-estimate",
        "threshold-without-estimate",
        "repeats-need-people-seen-twice",
        "repeats-have-no-maximum",
        "nobody-on-two-lists",
        "threshold-kept",
    }
)
"""Codes that tell where nobody is registered, or nobody on two lists; not said where zeros are withheld."""

_AS_WRITTEN = "as-written"
"""The code of a sentence of an earlier version, in which nobody can tell the counts."""


def discreet(run: Run) -> Run:
    """Return a run whose reasons name no number of observed people; nor where there is nobody, if that is withheld."""
    rules = run.facts.disclosure
    without = partial(_without, zeros=rules is None or rules.zeros == "shown")

    def every(reasons: Iterable[Reason]) -> list[Reason]:
        """Return reasons, one in place of all that are left out."""
        return list(dict.fromkeys(map(without, reasons)))

    record = run.record
    scrutiny = record.scrutiny
    if scrutiny is not None:
        checks = [
            check.changed(sentence=without(check.sentence), reasons=every(check.reasons)) for check in scrutiny.checks
        ]
        scrutiny = scrutiny.changed(checks=checks)
    advice = record.published_against_advice
    if advice is not None:
        advice = advice.changed(against=every(advice.against))
    kept = record.changed(
        reasons=every(record.reasons),
        cautions=every(record.cautions),
        notes=every(record.notes),
        scrutiny=scrutiny,
        published_against_advice=advice,
    )
    return replace(run, record=kept)


def _without(reason: Reason, *, zeros: bool) -> Reason:
    if not zeros and _tells_of_nobody(reason):
        return Reason("disclosure.sentence")
    if reason.code == "year-leans-on-others":
        return Reason("report.plain.year-leans-on-others", year=reason["year"], ordered=reason["ordered"])
    if reason.code == "years-lean-on-others":
        return Reason("report.plain.years-lean-on-others", ordered=reason["ordered"])
    return Reason("disclosure.sentence") if _names_a_count(reason) else reason


def _tells_of_nobody(value: Value) -> bool:
    if isinstance(value, Reason):
        return value.code in OF_NOBODY or any(_tells_of_nobody(item) for _, item in value.items)
    return isinstance(value, tuple) and any(map(_tells_of_nobody, value))


def _names_a_count(value: Value) -> bool:
    if isinstance(value, Reason):
        return value.code == _AS_WRITTEN or any(name in COUNTS or _names_a_count(item) for name, item in value.items)
    return isinstance(value, tuple) and any(_names_a_count(item) for item in value)
