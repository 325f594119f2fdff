"""The choices of a study that could have been made otherwise, each with its alternatives; the declared one first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from estimator.capture.pooling import can_be_pooled, pooled
from estimator.errors import Fault, InputError
from estimator.fits.refit import with_table
from estimator.methods.door import Method
from estimator.methods.registry import METHODS, chosen_method, chosen_options, method_named, refusals
from estimator.population.beside import NO_PRIORS, distinct_names
from estimator.population.groups import headline_years, study_years
from estimator.reasons import Reason
from estimator.study.assumed import reference_from
from estimator.study.multiversesection import MultiverseSection
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import Decision
from estimator.study.study import Study
from estimator.study.tomlfile import Location, TomlFile

FEWEST_LEFT = 3
"""By default as many lists are left as this, where one is left out or two are taken as one."""


GENERAL_PRIORS = ("evidence", "moderate", "wide", "horseshoe")
"""Shipped priors that say what may be true of any lists, and are tried on every study.

Not nl-2017, which says what one publication assumed of its own lists, nor independence, which says of itself that it is
rarely true: whoever finds these defensible for a study names them in it, under ``beside`` or ``[[multiverse.priors]]``.
"""


@dataclass(frozen=True, eq=False)
class Alternative:
    """One way in which a choice can be made.

    Parameters
    ----------
    name : str
        That stays the same from run to run: ``"without K"``.
    why, why_nl : str or None
        Why it can be defended, where the study says it.
    value : str
        ``"keep"`` or ``"drop"``, a table, or a method.
    priors : Priors or None
        None where a method takes none.
    """

    name: str
    said: Reason
    why: str | None = None
    why_nl: str | None = None
    drop: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    value: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    priors: Priors | None = None


@dataclass(frozen=True, eq=False)
class Choice:
    """What could have been chosen otherwise: its alternatives, the declared one first."""

    name: str
    said: Reason
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, eq=False)
class Choices:
    """Everything that could have been chosen otherwise.

    Parameters
    ----------
    decisions : tuple of Choice
        One for each decision about a list.
    notes : tuple of Reason
        What is not varied, and why.
    """

    decisions: tuple[Choice, ...]
    border_cases: Choice
    lists: Choice
    covariates: Choice
    methods: Choice
    priors: Choice
    notes: tuple[Reason, ...] = ()

    @property
    def varied(self) -> tuple[Choice, ...]:
        """The choices that have several alternatives, in the order in which they are made."""
        every = (*self.decisions, self.border_cases, self.lists, self.covariates, self.methods, self.priors)
        return tuple(choice for choice in every if len(choice.alternatives) > 1)


def choices_of(study: Study, file: TomlFile, section: MultiverseSection | None) -> Choices:
    """Return the choices of a study: as ``[multiverse]`` declares them, else those that any study has.

    Raises
    ------
    InputError
        When a method or prior file that the section names cannot be used.
    """
    section = section or MultiverseSection()
    vary = section.vary
    covariates = _covariates(study, section) if "covariates" in vary else ()
    methods, notes = _methods(study, file, section, covariates) if "methods" in vary else ((), ())
    declared, options = chosen_method(study.model)
    first = Alternative(declared.name, _of_method(declared, options), value=declared.name, options=options)
    methods = (first, *(method for method in methods if (method.value, dict(method.options)) != (first.value, options)))
    return Choices(
        tuple(_decisions(study, section)) if "decisions" in vary else (),
        Choice("border_cases", Reason("multiverse-border-cases"), (_TABLE, *_border_cases(section))),
        Choice("lists", Reason("multiverse-lists"), (_ALL, *(_lists(study, section) if "lists" in vary else ()))),
        Choice("covariates", Reason("multiverse-covariates"), (_DIVIDED, *covariates)),
        Choice("methods", Reason("multiverse-methods"), methods),
        Choice("priors", Reason("multiverse-priors"), tuple(_priors(study, file, section, methods))),
        notes,
    )


_TABLE = Alternative("as-declared", Reason("multiverse-as-declared"))
_ALL = Alternative("all", Reason("multiverse-all-lists"))
_DIVIDED = Alternative("all", Reason("multiverse-all-covariates"))
NO_ASSUMPTIONS = Alternative(NO_PRIORS, Reason("multiverse-no-priors"))
"""The priors of a method that takes none."""


def _decisions(study: Study, section: MultiverseSection) -> Iterator[Choice]:
    for decision in study.decisions:
        if section.decisions is not None and decision.name not in section.decisions:
            continue
        other = ("merge" if decision.fed_by else "drop") if decision.choice == "keep" else "keep"
        both = tuple(
            Alternative(
                value,
                _decided(value, decision),
                decision.reason if value == decision.choice else None,
                decision.reason_nl if value == decision.choice else None,
                value=value,
            )
            for value in (decision.choice, other)
        )
        yield Choice(f"decision {decision.name}", Reason("multiverse-decision", decision=decision.name), both)


def _decided(choice: str, decision: Decision) -> Reason:
    """Return a decision made one way."""
    if choice == "merge":
        return Reason("multiverse-merged", lists=(decision.list, decision.fed_by))
    return Reason("multiverse-decided", choice=choice, list=decision.list)


def _border_cases(section: MultiverseSection) -> Iterator[Alternative]:
    for case in section.border_cases:
        said = Reason("multiverse-border-case", label=case.label or case.name, label_nl=case.label_nl)
        yield Alternative(case.name, said, case.reason, case.reason_nl, value=case.table)


def _lists(study: Study, section: MultiverseSection) -> Iterator[Alternative]:
    for declared in section.lists:
        yield _list_alternative(declared.drop, declared.merge, declared.reason, declared.reason_nl)
    table = study.only_table
    if section.lists or table.counts_repeats or table.n_lists <= FEWEST_LEFT:
        return
    yield from (_list_alternative((name,), ()) for name in table.lists)
    yield from (_list_alternative((), pair) for pair in combinations(table.lists, 2))


def _list_alternative(
    drop: tuple[str, ...], merge: tuple[str, ...], why: str | None = None, why_nl: str | None = None
) -> Alternative:
    parts = [*(f"without {name}" for name in drop), *(["+".join(merge)] if merge else [])]
    said = Reason("multiverse-changed-lists", drop=drop, merge=merge)
    return Alternative(", ".join(parts), said, why, why_nl, drop=drop, merge=merge)


def _covariates(study: Study, section: MultiverseSection) -> tuple[Alternative, ...]:
    """Return over which covariates the table may be added up: as declared, else each alone and all."""
    if section.covariates:
        return tuple(
            _covariate_alternative(study, one.leave_out, one.reason, one.reason_nl) for one in section.covariates
        )
    if study.only_table.counts_repeats:
        return ()
    names = [one.name for one in study.only_table.covariates if _may_go(study, one.name)]
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    if len(names) > 1:
        sets.append(tuple(names))
    return tuple(_covariate_alternative(study, over) for over in sets if can_be_added_up(study, over))


def _may_go(study: Study, covariate: str) -> bool:
    """Tell whether the total is the same one without a covariate: not where it is of some years only."""
    period = study.period
    return period is None or covariate != period.covariate or headline_years(study) == study_years(study)


def _covariate_alternative(
    study: Study, over: tuple[str, ...], why: str | None = None, why_nl: str | None = None
) -> Alternative:
    everything = set(over) == {covariate.name for covariate in study.only_table.covariates}
    said = Reason("multiverse-no-covariates") if everything else Reason("multiverse-without-covariates", names=over)
    name = "none" if everything else f"without {', '.join(over)}"
    return Alternative(name, said, why, why_nl, leave_out=over)


def added_up(study: Study, over: Sequence[str]) -> Study:
    """Return a study with its table added up over covariates; the terms of its model go with them.

    Raises
    ------
    InputError
        When not the same lists ran in strata that are added up.
    """
    if not over:
        return study
    gone, model = set(over), study.model
    heterogeneity = (tuple(name for name in term if name not in gone) for term in model.heterogeneity)
    kept = replace(
        model,
        heterogeneity=tuple(dict.fromkeys(term for term in heterogeneity if term)),
        composition=tuple(term for term in model.composition if not gone & {*term}),
        breaks=tuple(entry for entry in model.breaks if entry.covariate not in gone),
    )
    return with_table(study, pooled(study.only_table, over), kept)


def can_be_added_up(study: Study, over: Collection[str]) -> bool:
    """Tell whether covariates can go: not where lists ran in some levels only, or are said to err in some only."""
    in_some = any({*error.where} & {*over} for error in study.model.false_positives)
    return not in_some and can_be_pooled(study.only_table, over)


def _methods(
    study: Study, file: TomlFile, section: MultiverseSection, covariates: Sequence[Alternative]
) -> tuple[tuple[Alternative, ...], tuple[Reason, ...]]:
    """Return the methods besides the declared one; and why some are not tried, where the study names none."""
    if section.methods:
        return tuple(_declared_methods(file, section)), ()
    table = study.only_table
    if table.counts_repeats:
        repeats = method_named(study.model.method)
        models = repeats.abilities.options.get("model", ())
        ways = [chosen_options(repeats, {**study.model.options, "model": model}) for model in models]
        return tuple(_way(repeats, options) for options in ways), ()
    sets = ((), *(one.leave_out for one in covariates if can_be_added_up(study, one.leave_out)))
    studies = [added_up(study, over) for over in sets]
    found, notes = [], []
    for name in METHODS:
        method = method_named(name)
        if method.abilities.bound or method.abilities.repeats:
            continue
        options = chosen_options(method, {})
        refused = [refusals(method, one, options) for one in studies]
        if all(refused):
            notes.append(Reason("multiverse-method-not-tried", method=name, because=refused[-1][0]))
        else:
            found.append(_way(method, options))
    return tuple(found), tuple(notes)


def _declared_methods(file: TomlFile, section: MultiverseSection) -> Iterator[Alternative]:
    for declared in section.methods:
        place: Location = declared.at("method")
        try:
            method = method_named(declared.method)
            place = declared.at("options")
            options = chosen_options(method, declared.options)
        except InputError as error:
            raise InputError([file.fault(place, fault.message) for fault in error.faults]) from error
        if "strata" in declared.options:
            message = "Whether strata are added up is a choice of [[multiverse.covariates]]. Take 'strata' out here."
            raise InputError(file.fault(declared.at("options"), message))
        if method.abilities.bound:
            message = f"The method {method.name} gives a lower bound, which is no total beside others. Take it out."
            raise InputError(file.fault(declared.at("method"), message))
        yield _way(method, options, declared.reason, declared.reason_nl)


def _way(method: Method, options: Mapping[str, str], why: str | None = None, why_nl: str | None = None) -> Alternative:
    own = _own_options(method, options)
    name = method.name + "".join(f" {key}={value}" for key, value in own.items())
    return Alternative(name, _of_method(method, options), why, why_nl, value=method.name, options=options)


def _of_method(method: Method, options: Mapping[str, str]) -> Reason:
    own = tuple(f"{key}={value}" for key, value in _own_options(method, options).items())
    return Reason("multiverse-method", method=method.name, options=own)


def _own_options(method: Method, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options of a method that are not its defaults."""
    defaults = chosen_options(method, {})
    return {key: value for key, value in options.items() if value != defaults[key]}


def _priors(
    study: Study, file: TomlFile, section: MultiverseSection, methods: Sequence[Alternative]
) -> Iterator[Alternative]:
    """Yield the sets of priors, those of the study first, each once; that there are none, for methods without."""
    takes = [method_named(method.value).abilities.priors for method in methods]
    if not any(takes):
        yield NO_ASSUMPTIONS
        return
    whys: list[tuple[str | None, str | None]] = [(None, None)]
    sets = [read_priors(study.model.priors)]
    for priors, why, why_nl in _other_priors(study, file, section) if "priors" in section.vary else ():
        if priors not in sets:
            sets.append(priors)
            whys.append((why, why_nl))
    for name, priors, (why, why_nl) in zip(distinct_names(sets), sets, whys, strict=True):
        yield Alternative(name, Reason("multiverse-under", priors=name), why, why_nl, priors=priors)
    if not all(takes):
        yield NO_ASSUMPTIONS


def _other_priors(
    study: Study, file: TomlFile, section: MultiverseSection
) -> Iterator[tuple[Priors, str | None, str | None]]:
    """Yield what the section names; else what stands beside, and what ships and fits the study."""
    lists, model = study.declaration.lists, study.model
    for declared in section.priors:
        try:
            priors = read_priors(reference_from(file.path.parent, declared.priors))
            priors.check_against(lists, model)
        except InputError as error:
            place = file.line_of(declared.at("priors"))
            raise InputError(
                [fault if fault.line else Fault(str(file.path), fault.message, place) for fault in error.faults]
            ) from error
        yield priors, declared.reason, declared.reason_nl
    if section.priors:
        return
    for name in (*model.beside, *GENERAL_PRIORS):
        priors = read_priors(name)
        try:
            priors.check_against(lists, model)
        except InputError:  # shipped for other lists
            continue
        yield priors, None, None
