"""The prior files that a study names: where they are, and whether they state all that its model needs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.study.priors import priors_path, read_priors, shipped_name
from estimator.study.questions import ModelSettings
from estimator.study.tomlfile import Location, TomlFile
from estimator.userfiles import LARGEST_SETTINGS, is_folder, problem_of


def reference_from(folder: Path, name: str) -> str:
    """Return the priors that a study file means by a name: shipped priors, or a path from the study's folder."""
    beside = folder / name
    there = os.path.lexists(beside) and not is_folder(beside)
    return str(beside) if there or name.endswith(".toml") else shipped_name(name)


def prior_faults(
    file: TomlFile, lists: Sequence[str], model: ModelSettings, *, complete: bool
) -> Iterator[tuple[Location, Fault]]:
    """Yield the faults of the prior files that a study names, and where it names them.

    When not all could be read (`complete`), nothing is said of what the model needs.
    """
    needs = model if complete else None
    yield from _faults_of(file, model.priors, ("model", "priors"), lists, needs)
    named = [model.priors]
    for reference in model.beside:
        location = ("model", "beside")
        if reference in named:
            message = f"'{reference}' is named twice among the priors. Name each of 'priors' and 'beside' once."
            yield location, file.fault(location, message)
        else:
            yield from _faults_of(file, reference, location, lists, needs)
        named.append(reference)


def _faults_of(
    file: TomlFile, reference: str, location: Location, lists: Sequence[str], needs: ModelSettings | None
) -> Iterator[tuple[Location, Fault]]:
    try:
        path = priors_path(reference)
        if problem := problem_of(path, LARGEST_SETTINGS):
            known = os.path.lexists(path)
            message = f"'{path}' cannot be used. {problem}" if known else f"There is no file '{path}'."
            raise InputError(Fault("", message))
    except InputError as error:
        yield from ((location, file.fault(location, fault.message)) for fault in error.faults)
        return
    try:
        read_priors(reference).check_against(lists, needs)
    except InputError as error:
        yield from ((location, fault) for fault in error.faults)
