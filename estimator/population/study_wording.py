"""What was decided about the lists of a study, and what happened to them: lines that stand with every estimate."""

from __future__ import annotations

from collections.abc import Mapping

from estimator.study.questions import Change, Decision
from estimator.study.study import Study
from estimator.words.numbers import levels_in_words, listed


def decision_lines(study: Study) -> list[str]:
    """Return one line for each decision: "Decided: border police (K) kept for 2012-2015: reason"."""
    return [_decided(study, decision) for decision in study.decisions]


def change_lines(study: Study) -> list[str]:
    """Return one line for each list that stopped or was redefined."""
    return [_changed(study, change) for change in study.changes]


def _decided(study: Study, decision: Decision) -> str:
    """Return a decision in words, and whether it holds for this run only."""
    done = "kept" if decision.choice == "keep" else "dropped"
    where = where_in_words(study, decision.where)
    now = " (for this run only)" if decision.chosen_for_this_run else ""
    reason = decision.reason.removeprefix("Chosen for this run. ")
    return f"Decided: {_named(study, decision.list)} {done}{' for ' if where else ''}{where}{now}: {reason}"


def _changed(study: Study, change: Change) -> str:
    """Return a change in words, and what is done about it."""
    reason = change.reason.strip().rstrip(".")
    done = " It counts as a list that did not run from then on." if change.kind == "stopped" else ""
    return f"Changed: {_named(study, change.list)} {change.kind} from {change.since} on: {reason}.{done}"


def _named(study: Study, name: str) -> str:
    """Return a list's label and name."""
    label = study.labels.lists[name].en if name in study.labels.lists else name
    return label if label == name else f"{label} ({name})"


def where_in_words(study: Study, where: Mapping[str, tuple[str, ...]]) -> str:
    """Return strata in words: "2012-2015", "2012-2015, sex female"; nothing for all."""
    known = {found.name: found for found in study.declaration.covariates}
    year = study.period.covariate if study.period else None
    parts = []
    for name, levels in where.items():
        ordered = known[name].levels if name in known and known[name].ordered else ()
        called = levels_in_words(levels, ordered) if ordered else listed(levels)
        parts.append(called if name == year else f"{name} {called}")
    return ", ".join(parts)
