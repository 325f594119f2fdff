"""Whether two runs answer under the same assumptions: priors, statement by statement, and terms of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from estimator.runs.reading import SavedRun

_WORDS_ONLY = frozenset({"title", "title_nl", "description", "reason"})
_TERMS = {
    "heterogeneity": "Coverage may differ by",
    "composition": "The dark figure may be spread by",
    "three_list": "Three-list terms",
}


def assumptions_differ(before: SavedRun, after: SavedRun, beside: str | None = None) -> bool:
    """Tell whether two runs answer under other priors or another model, so that their numbers may differ by that alone.

    A break that is declared for a list, with its prior, is part of the data's history and does not count.

    Parameters
    ----------
    beside : str, optional
        A set of priors shown beside the main one; by default that of the estimate.
    """
    return bool(different_priors(before, after, beside)) or bool(different_terms(before, after))


def different_priors(before: SavedRun, after: SavedRun, beside: str | None = None) -> dict[str, tuple[Any, Any]]:
    """Return every prior that has another value, by its key in the prior file; None for one that is not stated.

    Parameters
    ----------
    beside : str, optional
        A set of priors shown beside the main one; by default that of the estimate.

    Returns
    -------
    dict of str to (object, object)
        Before and after.
    """
    first, second = (dict(_flat(run.priors(beside))) for run in (before, after))
    unused = _unused(before) | _unused(after)
    return {
        key: (first.get(key), second.get(key))
        for key in (*first, *(key for key in second if key not in first))
        if first.get(key) != second.get(key) and not any(key.startswith(prefix) for prefix in unused)
    }


def _unused(run: SavedRun) -> set[str]:
    """Return which optional priors a run has no use for, so that stating them changes nothing."""
    model = run.facts.get("model", {})
    several = any(len(entry) > 1 for entry in model.get("heterogeneity", ()))
    return ({"heterogeneity.change"} if not model.get("breaks") else set()) | (
        {"heterogeneity.interactions"} if not several else set()
    )


def _flat(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a prior file by dotted key, without the texts that explain them."""
    for key, value in section.items():
        if key in _WORDS_ONLY:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for item in value:
                yield from _flat(item, f"{prefix}{key}.{'-'.join(map(str, item.get('lists', ())))}.")
        else:
            yield f"{prefix}{key}", value


def different_terms(before: SavedRun, after: SavedRun) -> dict[str, tuple[list[str], list[str]]]:
    """Return which terms of the model are not the same; breaks of redefined lists do not count.

    Returns
    -------
    dict of str to (list of str, list of str)
        By what they are, in words: those before and those after.
    """
    first, second = (run.facts.get("model", {}) for run in (before, after))
    pairs = {words: (_joined(first.get(key, ())), _joined(second.get(key, ()))) for key, words in _TERMS.items()}
    return {words: (old, new) for words, (old, new) in pairs.items() if set(old) != set(new)}


def _joined(entries: Any) -> list[str]:
    return ["-".join(entry) for entry in entries]
