"""The other files that a study file names: its table, denominators and published figures, and their faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.grid import make_grid
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.changes import year_covariate
from estimator.study.content import mapping, texts, where_of
from estimator.study.denominators import Denominators, read_denominators
from estimator.study.names import declaration_of
from estimator.study.published import PublishedFigure, read_published
from estimator.study.tomlfile import Location, TomlFile

Located = tuple[Location, Fault]
Read = TypeVar("Read")
_TABLE_KEYS = frozenset(
    {
        "table",
        "table_kind",
        "lists",
        "covariates",
        "structural_zeros",
        "not_operating",
        "unobserved",
        "table_format",
        "changes",
    }
)


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the files beside a study file hold.

    Parameters
    ----------
    table : CaptureTable or None
        None when it has faults, or was not read because what it means has.
    denominators : Denominators or None
        None when the study names no such file, or it has faults.
    published : tuple of PublishedFigure
        Empty likewise.
    files : mapping of str to Path
        ``"table"``, and ``"denominators"`` and ``"published"`` when the study names them.
    """

    table: CaptureTable | None
    denominators: Denominators | None
    published: tuple[PublishedFigure, ...]
    files: Mapping[str, Path]


def read_inputs(file: TomlFile, faulty: set[object]) -> tuple[Inputs, list[Located]]:
    """Read the files that a study file names.

    Parameters
    ----------
    file : TomlFile
        The study file.
    faulty : set
        Its sections and keys in which faults were found: what depends on them is not read.

    Returns
    -------
    inputs : Inputs
        As far as they could be read.
    faults : list of (Location, Fault)
        Of all files.
    """
    files = {"table": file.path.parent / _path_of(file.data.get("table", "table.csv"))}
    files |= {
        key: file.path.parent / _path_of(mapping(file.data[key]).get("file"))
        for key in ("denominators", "published")
        if key in file.data and key not in faulty
    }
    table, faults = (None, []) if faulty & _TABLE_KEYS else _table(file, files["table"])
    denominators, more = _beside(file, files, "denominators", read_denominators)
    faults += more
    published, more = _beside(file, files, "published", read_published)
    faults += more
    if not faulty & {"groups", "period", "covariates", "denominators"}:
        faults += _rate_faults(file, denominators)
        faults += _too_few_inhabitants(file, table, denominators)
    return Inputs(table, denominators, published or (), files), faults


def _path_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def _found(file: TomlFile, key: Location, path: Path, what: str) -> list[Located]:
    """Return what keeps a file that a study names from being read."""
    if path.is_dir():
        message = f"'{path}' is a folder. Give the path of the file with the {what} in it."
    elif not path.exists():
        near = did_you_mean(path.name, sorted(other.name for other in path.parent.glob("*.csv")))
        named = "table" if what == "table" else f"file of {what}"
        message = (
            f"There is no {named} '{path}'. Put it there, or give its path from the folder of the study file.{near}"
        )
    else:
        return []
    return [(key, file.fault(key, message))]


def _beside(
    file: TomlFile, files: Mapping[str, Path], key: str, reader: Callable[[Path], Read]
) -> tuple[Read | None, list[Located]]:
    """Read one of the small tables, if the study names it."""
    if key not in files:
        return None, []
    what = "published figures" if key == "published" else key
    faults = _found(file, (key, "file"), files[key], what)
    if faults:
        return None, faults
    try:
        return reader(files[key]), []
    except InputError as error:
        return None, [((key,), fault) for fault in error.faults]


def _table(file: TomlFile, path: Path) -> tuple[CaptureTable | None, list[Located]]:
    faults = _found(file, ("table",), path, "table")
    if faults:
        return None, faults
    declaration = declaration_of(file.data)
    try:
        table = read_table(path, declaration, kind=file.data.get("table_kind", "observed"))
    except InputError as error:
        return None, [(("table",), fault) for fault in error.faults]
    year = year_covariate(file.data)
    empty = list(_years_without_people(table, declaration, year)) if year else []
    faults = [(("table",), Fault(str(path), _nobody(year, level))) for level in empty if year]
    return (None if faults else table), faults


def _nobody(year: Covariate, level: str) -> str:
    remedy = f"Add its rows, or take {level} out of levels in [covariates.{year.name}]."
    return f"It has nobody in {year.name} {level}. {remedy}"


def _years_without_people(table: CaptureTable, declaration: Declaration, year: Covariate) -> Iterator[str]:
    """Yield the years of which every count is zero, or absent, which means the same."""
    observations = table.observations
    stratum = observations.cell // table.n_histories
    unknown = make_grid(declaration, "").observable & ~table.covered
    for level in year.levels:
        inside = table.strata_where({year.name: (level,)})
        n_inside = np.bincount(observations.owner[inside[stratum]], minlength=len(observations))
        somebody = (n_inside == observations.length) & (observations.upper > 0)
        if not somebody.any() and not unknown[inside].any():
            yield level


def _rate_faults(file: TomlFile, denominators: Denominators | None) -> Iterator[Located]:
    """Yield what is missing for the rates that groups ask for."""
    year, named = year_covariate(file.data), "denominators" in file.data
    headline = texts(mapping(file.data.get("period")).get("headline", [])) or (year.levels if year else ())
    told: set[tuple[Any, ...]] = set()
    for name, section in mapping(file.data.get("groups")).items():
        population = mapping(section).get("per")
        if not isinstance(population, str):
            continue
        location = ("groups", name, "per")
        if not named:
            message = (
                "A rate needs the number of inhabitants, and this study names no file with it. Add a section "
                "[denominators] with file = \"denominators.csv\", or take 'per' out."
            )
            yield location, file.fault(location, message)
        elif year is None:
            message = (
                "A rate is per year, and this study has no covariate that is the year. Add a section [period] with, "
                "for example, covariate = \"year\", or take 'per' out."
            )
            yield location, file.fault(location, message)
        elif denominators is not None and population not in denominators.populations:
            near = did_you_mean(population, denominators.populations)
            message = f"There is no population '{population}' in {denominators.file}. Add its lines, or mend the name."
            yield location, file.fault(location, message + near)
        elif denominators is not None and (missing := denominators.missing(population, headline)):
            if (population, missing) not in told:
                yield ("denominators",), denominators.missing_fault(population, missing)
            told.add((population, missing))


def _too_few_inhabitants(
    file: TomlFile, table: CaptureTable | None, denominators: Denominators | None
) -> Iterator[Located]:
    """Yield the lines with fewer inhabitants than people of a group are registered: no rate can be above all of them.

    As a rule the number is in thousands, or the group is not a part of that population; either makes the rate wrong, so
    it is a fault and not a caution.
    """
    year = year_covariate(file.data)
    if table is None or denominators is None or year is None:
        return
    told = set()
    for name, section in mapping(file.data.get("groups")).items():
        for entry in denominators.entries:
            if entry.population != mapping(section).get("per") or entry.line in told:
                continue
            people = _registered_in(table, where_of(mapping(section)), year, entry.year)
            if entry.inhabitants < people:
                told.add(entry.line)
                message = (
                    f"{entry.inhabitants:.12g} inhabitants are fewer than the {people} registered people of group "
                    f"'{name}' in {entry.year}. Write the number in persons, not in thousands; or take 'per' out of "
                    "the group, if its people are not among these inhabitants."
                )
                yield ("denominators",), Fault(str(denominators.file), message, entry.line, "inhabitants")


def _registered_in(table: CaptureTable, where: Mapping[str, tuple[str, ...]], year: Covariate, level: str) -> int:
    """Return how many people of a group are certainly registered in a year."""
    if level not in where.get(year.name, year.levels):
        return 0
    strata = table.strata_where({**where, year.name: (level,)})
    return int(table.registered_by_stratum.lower[strata].sum())
