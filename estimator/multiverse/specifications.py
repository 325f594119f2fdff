"""Specifications: every combination of alternatives that can be carried out, and the study that each makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from estimator.errors import Fault, InputError
from estimator.fits.fewer_lists import study_merged, study_without
from estimator.methods.registry import method_named
from estimator.multiverse.choices import NO_ASSUMPTIONS, Alternative, Choices, added_up, can_be_added_up
from estimator.population.groups import headline_years
from estimator.seeds import stream
from estimator.study.study import Study, read_study
from estimator.study.tomlfile import TomlFile


@dataclass(frozen=True, eq=False)
class Variation:
    """A study after what was decided about its lists, its border cases and its covariates.

    Parameters
    ----------
    years : int
        By how many years the total of its table is divided, where the year was left out.
    """

    study: Study
    years: int = 1


@dataclass(frozen=True, eq=False)
class Specification:
    """One way in which every choice is made.

    Parameters
    ----------
    chosen : mapping of str to str
        The name of the alternative, by that of the choice.
    """

    chosen: Mapping[str, str]
    variation: Variation
    method: Alternative
    priors: Alternative


@dataclass(frozen=True, eq=False)
class Grid:
    """All specifications, or some of them drawn at random.

    Parameters
    ----------
    specifications : tuple of Specification
        That of the study as declared first.
    possible : int
        How many there are.
    impossible : int
        Combinations of alternatives that cannot be carried out, such as merging a list that is dropped.
    """

    specifications: tuple[Specification, ...]
    possible: int
    impossible: int


def grid_of(study: Study, file: TomlFile, choices: Choices, most: int, seed: int) -> Grid:
    """Return every specification of a study; of more than `most`, as many drawn at random, the declared one with them.

    Raises
    ------
    InputError
        When the table of a border case cannot be read.
    """
    specifications: list[Specification] = []
    ways = [
        (method, priors)
        for method, priors in product(choices.methods.alternatives, choices.priors.alternatives)
        if method_named(method.value).abilities.priors == (priors is not NO_ASSUMPTIONS)
    ]
    impossible = 0
    for names, variation in _variations(study, file, choices):
        if variation is None:
            impossible += len(ways)
            continue
        specifications += [
            Specification({**names, "methods": way.name, "priors": priors.name}, variation, way, priors)
            for way, priors in ways
        ]
    possible = len(specifications)
    if possible > most:
        drawn = stream(seed, "multiverse").choice(possible - 1, most - 1, replace=False)
        specifications = [specifications[0], *(specifications[place + 1] for place in sorted(drawn.tolist()))]
    return Grid(tuple(specifications), possible, impossible)


def _variations(study: Study, file: TomlFile, choices: Choices) -> Iterator[tuple[dict[str, str], Variation | None]]:
    """Yield every variation of a study with the names of its alternatives; None for one that cannot be carried out."""
    for decided in product(*(choice.alternatives for choice in choices.decisions)):
        named = {
            choice.name.removeprefix("decision "): alternative.value
            for choice, alternative in zip(choices.decisions, decided, strict=True)
        }
        for place, case in enumerate(choices.border_cases.alternatives):
            base = _read_again(study, file, named, case, place - 1)
            for lists, covariates in product(choices.lists.alternatives, choices.covariates.alternatives):
                names = {
                    choice.name: alternative.name
                    for choice, alternative in zip(choices.decisions, decided, strict=True)
                }
                names |= {"border_cases": case.name, "lists": lists.name, "covariates": covariates.name}
                yield names, None if base is None else _varied(base, lists, covariates)


def _read_again(
    study: Study, file: TomlFile, decisions: Mapping[str, str], case: Alternative, place: int
) -> Study | None:
    """Return the study under other decisions, or with the table of a border case; None where decisions contradict.

    Parameters
    ----------
    place : int
        Of the border case in its section.
    """
    made = {decision.name: decision.choice for decision in study.decisions}
    if not case.value and all(made[name] == value for name, value in decisions.items()):
        return study
    try:
        read = read_study(file.path, {**made, **decisions}, table=case.value or None)
    except InputError as error:
        if case.value and any(made[name] != value for name, value in decisions.items()):
            return None  # the same table under the declared decisions came first, and could be read
        if not case.value:
            return None
        at = file.line_of(("multiverse", "border_cases", place, "table"))
        here = str(file.path)
        raise InputError(
            [Fault(here, fault.message, at) if fault.file == here else fault for fault in error.faults]
        ) from error
    return replace(read, imputed=())


def _varied(study: Study, lists: Alternative, covariates: Alternative) -> Variation | None:
    """Return a study with other lists and covariates; None where that cannot be done."""
    there = set(study.table.lists)
    left = len(there) - len(lists.drop) - max(len(lists.merge) - 1, 0)
    if not {*lists.drop, *lists.merge} <= there or left < 2:
        return None
    for name in lists.drop:
        study = study_without(study, name)
    if lists.merge:
        merged, *others = lists.merge
        for name in others:
            before = set(study.table.lists)
            study = study_merged(study, merged, name)
            (merged,) = set(study.table.lists) - before
    if not can_be_added_up(study, covariates.leave_out):
        return None
    year = study.period.covariate if study.period is not None else None
    years = len(headline_years(study)) if year in covariates.leave_out else 1
    study = added_up(study, covariates.leave_out)
    return Variation(study if years == 1 and year not in covariates.leave_out else replace(study, period=None), years)
