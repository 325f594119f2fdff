"""What changed between two runs: data, lists, decisions, priors, model, seed, versions; and whether assumptions did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from estimator.reasons import Reason
from estimator.runs.estimate_record import DecisionRecord
from estimator.runs.manifest import GroupFacts
from estimator.runs.reading import Run
from estimator.runs.records import Where

_WORDS_ONLY = frozenset({"title", "title_nl", "description", "description_nl", "reason", "reason_nl"})
_TERMS = ("heterogeneity", "composition", "three_list")

What = Literal[
    "table", "study", "denominators", "published", "lists", "covariates", "period", "groups", "decisions", "changes",
    "not_operating", "register_errors", "table_kind", "method", "priors", "model", "sampler", "versions", "machine",
]  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """One thing that is not the same in two runs.

    Parameters
    ----------
    what : str
        ``table``, ``study``, ``denominators``, ``published``, ``lists``, ``covariates``, ``period``, ``groups``,
        ``decisions``, ``changes``, ``not_operating``, ``register_errors``, ``table_kind``, ``method``, ``priors``,
        ``model``, ``sampler``, ``versions`` or ``machine``.
    """

    what: What
    reason: Reason


def what_changed(before: Run, after: Run) -> tuple[Changed, ...]:
    """Return everything that is not the same in two runs.

    Returns
    -------
    tuple of Changed
        Data first, then what was asked and assumed, then how it was computed; empty when nothing differs.
    """
    asked = [
        *_lists(before, after),
        *_covariates(before, after),
        *_period(before, after),
        *_groups(before, after),
        *_decisions(before, after),
        *_changes(before, after),
        *_not_operating(before, after),
        *_register_errors(before, after),
        *_kinds(before, after),
        *_method(before, after),
        *_priors(before, after),
        *_model(before, after),
        *_sampler(before, after),
        *_entries("versions", before.manifest.versions, after.manifest.versions),
        *_entries("machine", before.manifest.machine.to_dict(), after.manifest.machine.to_dict()),
    ]
    return (*_inputs(before, after, {change.what for change in asked}), *asked)


_EXPLAIN_A_STUDY = frozenset(
    {"lists", "covariates", "period", "groups", "decisions", "changes", "not_operating", "register_errors"}
    | {"table_kind", "method", "priors", "model"}
)
"""What says all that differs between two study files; a method and priors may also be named on the command line."""


def _inputs(before: Run, after: Run, explained: set[What]) -> Iterator[Changed]:
    """Yield which input files have another content; of the study file only when nothing else explains it."""
    files: tuple[What, ...] = ("table", "denominators", "published")
    for what in files:
        hashes = [run.manifest.hash_of(what) for run in (before, after)]
        if hashes[0] == hashes[1]:
            continue
        people = Reason("people-in-tables", before=_registered(before), after=_registered(after))
        which = "second" if hashes[0] is None else "first" if hashes[1] is None else "both"
        yield Changed(what, Reason("file-differs", file=what, which=which, people=people if what == "table" else None))
    studies = [run.manifest.hash_of("study") for run in (before, after)]
    if studies[0] != studies[1] and not explained & _EXPLAIN_A_STUDY:
        yield Changed("study", Reason("study-file-differs"))


def _registered(run: Run) -> tuple[int, int | None]:
    """Return bounds of the people whom a table holds."""
    bounds = run.facts.registered
    return bounds.lower, bounds.upper


def _lists(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which lists came and went."""
    yield from _came_and_went("lists", "lists", before.facts.lists, after.facts.lists)


def _covariates(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which covariates and levels came and went."""
    first, second = before.facts.covariates, after.facts.covariates
    yield from _came_and_went("covariates", "covariates", first, second)
    for name in first:
        if name in second:
            yield from _came_and_went("covariates", "levels", first[name].levels, second[name].levels, name)


def _came_and_went(
    what: What, subject: str, first: Iterable[str], second: Iterable[str], covariate: str | None = None
) -> Iterator[Changed]:
    """Yield which names are only in one of two collections."""
    first, second = list(first), list(second)
    new = [name for name in second if name not in first]
    gone = [name for name in first if name not in second]
    if new or gone:
        yield Changed(what, Reason("came-and-went", subject=subject, covariate=covariate, new=new, gone=gone))


def _period(before: Run, after: Run) -> Iterator[Changed]:
    """Yield another period of the headline numbers."""
    first, second = (
        Reason("headline-period", years=run.years, pooled=run.pooled_years if not run.years else None)
        for run in (before, after)
    )
    if first != second:
        yield Changed("period", Reason("period-differs", before=first, after=second))


def _groups(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which groups came, went, or mean other people."""
    first, second = before.facts.groups, after.facts.groups
    yield from _came_and_went("groups", "groups", first, second)
    if redefined := redefined_groups(before, after):
        yield Changed("groups", Reason("groups-redefined", names=redefined))


def redefined_groups(before: Run, after: Run) -> tuple[str, ...]:
    """Return the groups that are in both runs but are made of other strata."""
    first, second = before.facts.groups, after.facts.groups
    return tuple(name for name in first if name in second and _strata(first[name]) != _strata(second[name]))


def _strata(group: GroupFacts) -> dict[str, frozenset[str]]:
    """Return the strata of a group, in whatever order they were written."""
    return {covariate: frozenset(levels) for covariate, levels in group.where.items()}


def _decisions(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which decisions about lists are made in one run only, or otherwise in the other."""
    first, second = (list(map(_decision, run.facts.decisions)) for run in (before, after))
    for decision, known in _in_one_only(first, second, "name"):
        yield Changed("decisions", Reason("decision-differs", decision=decision, known=known))


def _decision(decision: DecisionRecord) -> Reason:
    """Return a decision about a list."""
    where = _levels(decision.where)
    if decision.fed_by and decision.choice != "drop":
        referral = {"list": decision.list, "fed_by": decision.fed_by}
        return Reason("decision-on-referral", name=decision.name, choice=decision.choice, **referral, where=where)
    return Reason("decision-on-list", name=decision.name, choice=decision.choice, list=decision.list, where=where)


def _levels(where: Where) -> list[Reason]:
    """Return the strata of a statement."""
    return [Reason("levels-of-covariate", covariate=covariate, levels=levels) for covariate, levels in where.items()]


def _changes(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which changes of lists are declared in one run only, or otherwise in the other."""
    first, second = (
        [
            Reason("declared-change", list=change.list, kind=change.kind, since=change.since)
            for change in run.facts.changes
        ]
        for run in (before, after)
    )
    for change, known in _in_one_only(first, second, "list"):
        yield Changed("changes", Reason("declaration-differs", change=change, known=known))


def _not_operating(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which lists are said not to have run somewhere in one run only, or elsewhere in the other."""
    first, second = (
        [
            Reason("declared-not-operating", list=paused.list, where=_levels(paused.where))
            for paused in run.facts.not_operating
        ]
        for run in (before, after)
    )
    for pause, known in _in_one_only(first, second, "list"):
        yield Changed("not_operating", Reason("declaration-differs", change=pause, known=known))


def _register_errors(before: Run, after: Run) -> Iterator[Changed]:
    """Yield which errors of registers are declared in one run only, or otherwise in the other."""
    first, second = (
        [
            Reason(
                "declared-register-error",
                about=" ".join([error.kind, *error.lists, *(level for kept in error.where.values() for level in kept)]),
                kind=error.kind,
                lists=error.lists,
                where=_levels(error.where),
                lower=error.lower,
                upper=error.upper,
                among=error.among or "",
            )
            for error in run.facts.register_errors or ()
        ]
        for run in (before, after)
    )
    for change, known in _in_one_only(first, second, "about"):
        yield Changed("register_errors", Reason("declaration-differs", change=change, known=known))


def _in_one_only(first: list[Reason], second: list[Reason], key: str) -> Iterator[tuple[Reason, str]]:
    """Yield what stands in one run only, and whether the first run has it otherwise, not at all, or alone."""
    gone, new = ([item for item in one if item not in other] for one, other in ((first, second), (second, first)))
    names = [item[key] for item in gone]
    yield from ((item, "otherwise-in-first" if item[key] in names else "not-in-first") for item in new)
    names = [item[key] for item in new]
    yield from ((item, "only-in-first") for item in gone if item[key] not in names)


def _kinds(before: Run, after: Run) -> Iterator[Changed]:
    """Yield another kind of table."""
    if before.table_kind != after.table_kind:
        yield Changed("table_kind", Reason("kind-differs", before=before.table_kind, after=after.table_kind))


def _method(before: Run, after: Run) -> Iterator[Changed]:
    """Yield another method, or other choices within it."""
    first, second = _method_of(before), _method_of(after)
    if first["name"] != second["name"]:
        yield Changed("method", Reason("method-differs", before=first["name"], after=second["name"]))
    else:
        yield from _entries("method", first, second)


def _method_of(run: Run) -> dict[str, str]:
    """Return the name of a run's method and its choices."""
    return {"name": run.record.method, **run.record.method_options}


def _priors(before: Run, after: Run) -> Iterator[Changed]:
    """Yield another set of priors, and which of its statements differ."""
    if before.priors_name != after.priors_name and before.record.method == after.record.method:
        yield Changed("priors", Reason("set-of-priors-differs", before=before.priors_name, after=after.priors_name))
    yield from _entries_differ("priors", different_priors(before, after))


def _model(before: Run, after: Run) -> Iterator[Changed]:
    """Yield other terms of the model; breaks follow from declared changes, which are named themselves."""
    for subject, (old, new) in different_terms(before, after).items():
        yield from _came_and_went("model", subject, old, new)


def _sampler(before: Run, after: Run) -> Iterator[Changed]:
    """Yield another seed, or other settings of the sampler."""
    first, second = ({"seed": run.manifest.seed, **run.manifest.sampler.to_dict()} for run in (before, after))
    yield from _entries("sampler", first, second)


def _entries(what: What, first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Changed]:
    """Yield which entries of two mappings differ."""
    names = dict.fromkeys((*first, *second))
    pairs = {name: (first.get(name), second.get(name)) for name in names}
    yield from _entries_differ(what, {name: pair for name, pair in pairs.items() if pair[0] != pair[1]})


def _entries_differ(what: What, differing: Mapping[str, tuple[Any, Any]]) -> Iterator[Changed]:
    """Yield entries with another value, all in one, if there are any."""
    entries = [Reason("entry-differs", name=name, before=old, after=new) for name, (old, new) in differing.items()]
    if entries:
        yield Changed(what, Reason("entries-differ", subject=what, entries=entries))


def assumptions_differ(before: Run, after: Run, beside: str | None = None) -> bool:
    """Tell whether two runs answer under other priors or another model, so that their numbers may differ by that alone.

    A break that is declared for a list, with its prior, is part of the data's history and does not count.

    Parameters
    ----------
    beside : str, optional
        A set of priors shown beside the main one; by default that of the estimate.
    """
    other_method = _method_of(before) != _method_of(after)
    return other_method or bool(different_priors(before, after, beside)) or bool(different_terms(before, after))


def different_priors(before: Run, after: Run, beside: str | None = None) -> dict[str, tuple[Any, Any]]:
    """Return every prior that has another value, by its key in the prior file; None for one that is not stated.

    Parameters
    ----------
    beside : str, optional
        A set of priors shown beside the main one; by default that of the estimate.

    Returns
    -------
    dict of str to (object, object)
        Before and after; none where one of the methods takes no priors.
    """
    first, second = (dict(_flat(run.priors(beside))) for run in (before, after))
    if not first or not second:
        return {}
    unused = _unused(before) | _unused(after)
    return {
        key: (first.get(key), second.get(key))
        for key in dict.fromkeys((*first, *second))
        if first.get(key) != second.get(key) and not any(key.startswith(prefix) for prefix in unused)
    }


def _unused(run: Run) -> set[str]:
    """Return which optional priors a run has no use for, so that stating them changes nothing."""
    model = run.facts.model
    several = any(len(entry) > 1 for entry in model.heterogeneity)
    return ({"heterogeneity.change"} if not model.breaks else set()) | (
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


def different_terms(before: Run, after: Run) -> dict[str, tuple[list[str], list[str]]]:
    """Return which terms of the model are not the same; breaks of redefined lists do not count.

    Returns
    -------
    dict of str to (list of str, list of str)
        By kind of term: those before and those after.
    """
    first, second = before.facts.model, after.facts.model
    pairs = {kind: (_joined(getattr(first, kind)), _joined(getattr(second, kind))) for kind in _TERMS}
    return {kind: (old, new) for kind, (old, new) in pairs.items() if set(old) != set(new)}


def _joined(entries: Iterable[Iterable[str]]) -> list[str]:
    return ["-".join(entry) for entry in entries]
