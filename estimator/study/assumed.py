"""The prior files that a study names: where they are, and whether they say what the study's model needs."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.errors import Fault, InputError
from estimator.study.content import mapping
from estimator.study.names import declaration_of
from estimator.study.priors import priors_path, read_priors, shipped_name
from estimator.study.questions import ModelSettings
from estimator.study.shipped import DEFAULT_PRIORS
from estimator.study.tomlfile import Location, TomlFile


def priors_reference(file: TomlFile) -> str:
    """Return the priors that a study file asks for.

    Parameters
    ----------
    file : TomlFile
        The study file.

    Returns
    -------
    str
        A shipped name, or a path; in the file a path is meant from its own folder.
    """
    return _from_here(file, mapping(file.data.get("model")).get("priors"))


def references_beside(file: TomlFile) -> tuple[str, ...]:
    """Return the priors that a study file asks to show beside its own; see `priors_reference`."""
    given = mapping(file.data.get("model")).get("beside")
    return tuple(_from_here(file, name) for name in given) if isinstance(given, list) else ()


def _from_here(file: TomlFile, reference: object) -> str:
    if not isinstance(reference, str) or not reference:
        return DEFAULT_PRIORS
    beside = file.path.parent / reference
    return str(beside) if beside.is_file() or reference.endswith(".toml") else shipped_name(reference)


def prior_faults(file: TomlFile, model: ModelSettings | None) -> list[tuple[Location, Fault]]:
    """Find what is wrong with the prior files that a study names, or missing from them.

    Parameters
    ----------
    file : TomlFile
        The study file.
    model : ModelSettings or None
        What it asks of the model; None when that could not be read.

    Returns
    -------
    list of (Location, Fault)
        Where they are named, and the faults.
    """
    found = list(_faults_of(file, priors_reference(file), ("model", "priors"), model))
    references = [priors_reference(file)]
    for reference in references_beside(file):
        location = ("model", "beside")
        if reference in references:
            message = f"'{reference}' is named twice among the priors. Name each of 'priors' and 'beside' once."
            found.append((location, file.fault(location, message)))
        else:
            found += _faults_of(file, reference, location, model)
        references.append(reference)
    return found


def _faults_of(
    file: TomlFile, reference: str, location: Location, model: ModelSettings | None
) -> Iterator[tuple[Location, Fault]]:
    try:
        path = priors_path(reference)
        if not path.is_file():
            raise InputError(Fault("", f"There is no file '{path}'."))
    except InputError as error:
        yield from ((location, file.fault(location, fault.message)) for fault in error.faults)
        return
    try:
        read_priors(reference).check_against(declaration_of(file.data).lists, model)
    except InputError as error:
        yield from ((location, fault) for fault in error.faults)
