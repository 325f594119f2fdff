"""What changed between two runs, from their manifests: data, lists, decisions, priors, model, seed, versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from estimator.comparison.assumptions_of_runs import different_priors, different_terms
from estimator.runs.reading import SavedRun

_SHOWN = 4
"""So many priors, versions or settings are named one by one."""


@dataclass(frozen=True)
class Changed:
    """One thing that is not the same in two runs.

    Parameters
    ----------
    what : str
        ``table``, ``study``, ``denominators``, ``published``, ``lists``, ``covariates``, ``period``, ``groups``,
        ``decisions``, ``changes``, ``table_kind``, ``priors``, ``model``, ``sampler``, ``versions`` or ``machine``.
    sentence : str
        In words.
    """

    what: str
    sentence: str


def what_changed(before: SavedRun, after: SavedRun) -> tuple[Changed, ...]:
    """Return everything that is not the same in two runs.

    Returns
    -------
    tuple of Changed
        Data first, then what was asked and assumed, then how it was computed; empty when nothing differs.
    """
    found = [
        *_lists(before, after),
        *_covariates(before, after),
        *_period(before, after),
        *_groups(before, after),
        *_records(before, after, "decisions", "name", _decision),
        *_records(before, after, "changes", "list", _change),
        *_values(before.table_kind, after.table_kind, "table_kind", "Kind of table"),
        *_priors(before, after),
        *_model(before, after),
        *_sampler(before, after),
        *_entries("versions", "Versions", before.manifest.get("versions"), after.manifest.get("versions")),
        *_entries("machine", "Machine", before.manifest.get("machine"), after.manifest.get("machine")),
    ]
    return (*_inputs(before, after, {changed.what for changed in found}), *found)


def _inputs(before: SavedRun, after: SavedRun, explained: set[str]) -> Iterator[Changed]:
    """Yield which input files have another content; of the study file only when nothing else explains it."""
    first, second = (run.manifest.get("inputs", {}) for run in (before, after))
    for what, name in (
        ("table", "The table"),
        ("denominators", "The denominators"),
        ("published", "Published figures"),
    ):
        hashes = [found.get(what, {}).get("sha256") for found in (first, second)]
        if hashes[0] == hashes[1]:
            continue
        yield Changed(what, f"{name}: {_how_files_differ(hashes)}{_counts(before, after) if what == 'table' else ''}.")
    studies = [found.get("study", {}).get("sha256") for found in (first, second)]
    if studies[0] != studies[1] and not explained & {"lists", "covariates", "period", "groups", "decisions", "changes"}:
        yield Changed("study", "The study file: its text differs, but in nothing that a comparison looks at.")


def _how_files_differ(hashes: list[str | None]) -> str:
    """Return in words which of two files there is."""
    if hashes[0] is None:
        return "only the second run has them in a file"
    return "only the first run has them in a file" if hashes[1] is None else "another content"


def _counts(before: SavedRun, after: SavedRun) -> str:
    """Return how many registered people two tables hold."""
    first, second = (run.facts.get("registered", {}) for run in (before, after))
    numbers = [_bounds(found) for found in (first, second)]
    return f" ({numbers[0]} registered people before, {numbers[1]} now)" if all(numbers) else ""


def _bounds(found: Mapping[str, Any]) -> str:
    """Return bounds of a registered number in words."""
    lower, upper = found.get("lower"), found.get("upper")
    if lower is None:
        return ""
    return f"{lower:,}" if lower == upper else f"{lower:,} or more" if upper is None else f"{lower:,} to {upper:,}"


def _lists(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield which lists came and went."""
    yield from _came_and_went("lists", "Lists", before.facts.get("lists", ()), after.facts.get("lists", ()))


def _covariates(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield which covariates and levels came and went."""
    first, second = (run.facts.get("covariates", {}) for run in (before, after))
    yield from _came_and_went("covariates", "Covariates", first, second)
    for name in first:
        if name in second:
            yield from _came_and_went(
                "covariates", f"Levels of {name}", first[name].get("levels", ()), second[name].get("levels", ())
            )


def _came_and_went(what: str, words: str, first: Iterable[str], second: Iterable[str]) -> Iterator[Changed]:
    """Yield which names are only in one of two collections."""
    first, second = list(first), list(second)
    new = [name for name in second if name not in first]
    gone = [name for name in first if name not in second]
    parts = ([f"new: {', '.join(new)}"] if new else []) + ([f"gone: {', '.join(gone)}"] if gone else [])
    if parts:
        yield Changed(what, f"{words}: {'; '.join(parts)}.")


def _period(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield another period of the headline numbers."""
    times = [
        ", ".join(run.years) or (f"{run.pooled_years} years" if run.pooled_years else "not stated")
        for run in (before, after)
    ]
    yield from _values(times[0], times[1], "period", "Period of the headline numbers")


def _groups(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield which groups came, went, or mean other people."""
    first, second = (run.facts.get("groups", {}) for run in (before, after))
    yield from _came_and_went("groups", "Groups", first, second)
    other = redefined_groups(before, after)
    if other:
        yield Changed("groups", f"Groups that mean other people now: {', '.join(other)}.")


def redefined_groups(before: SavedRun, after: SavedRun) -> tuple[str, ...]:
    """Return the groups that are in both runs but are made of other strata."""
    first, second = (run.facts.get("groups", {}) for run in (before, after))
    return tuple(name for name in first if name in second and _strata(first[name]) != _strata(second[name]))


def _strata(group: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the strata of a group, in whatever order they were written."""
    return {covariate: frozenset(levels) for covariate, levels in (group.get("where") or {}).items()}


def _records(before: SavedRun, after: SavedRun, what: str, key: str, words: Any) -> Iterator[Changed]:
    """Yield which decisions or changes of lists are declared in one run only, or otherwise in the other."""
    first, second = ({words(item): item for item in run.facts.get(what, ())} for run in (before, after))
    names = [item[key] for item in first.values()]
    for text, item in second.items():
        if text not in first:
            yield Changed(what, f"{text} ({'otherwise' if item[key] in names else 'not'} in the first run).")
    names = [item[key] for item in second.values()]
    for text, item in first.items():
        if text not in second and item[key] not in names:
            yield Changed(what, f"{text} (only in the first run).")


def _decision(item: Mapping[str, Any]) -> str:
    """Return a decision in words."""
    where = "; ".join(f"{covariate} {', '.join(levels)}" for covariate, levels in (item.get("where") or {}).items())
    return f"Decision {item['name']}: {item['choice']} {item['list']}{f' in {where}' if where else ''}"


def _change(item: Mapping[str, Any]) -> str:
    """Return a declared change of a list in words."""
    return f"Declared: {item['list']} {item['kind']} from {item['since']}"


def _priors(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield another set of priors, and which of its statements differ."""
    yield from _values(before.priors_name, after.priors_name, "priors", "Set of priors")
    differing = different_priors(before, after)
    shown = [f"{key} {_short(first)} before, {_short(second)} now" for key, (first, second) in differing.items()]
    if shown:
        yield Changed("priors", f"Priors: {_first_few(shown)}.")


def _model(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield other terms of the model; breaks follow from declared changes, which are named themselves."""
    for words, (old, new) in different_terms(before, after).items():
        yield from _came_and_went("model", f"Model. {words}", old, new)


def _sampler(before: SavedRun, after: SavedRun) -> Iterator[Changed]:
    """Yield another seed, or other settings of the sampler."""
    first, second = ({"seed": run.manifest.get("seed"), **run.manifest.get("sampler", {})} for run in (before, after))
    yield from _entries("sampler", "Sampling", first, second)


def _entries(what: str, words: str, first: Any, second: Any) -> Iterator[Changed]:
    """Yield which entries of two mappings differ."""
    first, second = first or {}, second or {}
    names = [*first, *(name for name in second if name not in first)]
    shown = [
        f"{name} {_short(first.get(name))} before, {_short(second.get(name))} now"
        for name in names
        if first.get(name) != second.get(name)
    ]
    if shown:
        yield Changed(what, f"{words}: {_first_few(shown)}.")


def _values(first: str, second: str, what: str, words: str) -> Iterator[Changed]:
    """Yield a text that differs."""
    if first != second:
        yield Changed(what, f"{words}: {first} before, {second} now.")


def _first_few(texts: list[str]) -> str:
    """Return the first few of several texts, and how many more there are."""
    more = len(texts) - _SHOWN
    return "; ".join(texts[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _short(value: Any) -> str:
    """Return a value of a prior file or setting in words."""
    if value is None:
        return "not stated"
    if isinstance(value, list):
        return "[" + ", ".join(_short(item) for item in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
