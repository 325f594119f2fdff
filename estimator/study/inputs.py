"""The other files that a study file names: its table, denominators and published figures, and their faults."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.grid import make_grid
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.denominators import Denominators, read_denominators
from estimator.study.imputations import imputed_files
from estimator.study.published import PublishedFigure, read_published
from estimator.study.schema import StudyFile
from estimator.study.tomlfile import Location, TomlFile
from estimator.userfiles import is_folder, is_there

Located = tuple[Location, Fault]
Read = TypeVar("Read")
_TABLE_KEYS = frozenset(
    {
        "table",
        "tables",
        "table_kind",
        "overlaps",
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

    There is no table when it has faults, or was not read because what it means has; and so for the others. There are
    several where the study names imputed ones.
    """

    tables: tuple[CaptureTable, ...]
    denominators: Denominators | None
    published: tuple[PublishedFigure, ...]
    files: Mapping[str, Path]


def read_inputs(
    file: TomlFile, content: StudyFile, declaration: Declaration, faulty: set[object]
) -> tuple[Inputs, list[Located]]:
    """Read the files that a study file names, and return the faults of all of them.

    What depends on sections and keys in which faults were found (`faulty`) is not read.
    """
    folder = file.path.parent
    reading = _Reading(file, content, declaration)
    paths = reading.tables_of(folder)
    files = {number_of_table(number): path for number, path in enumerate(paths, 1)}
    for key, section in (("denominators", content.denominators), ("published", content.published)):
        if section is not None and key not in faulty:
            files[key] = folder / section.file
    tables = () if faulty & _TABLE_KEYS else tuple(reading.table(path) for path in paths)
    read = tuple(table for table in tables if table is not None)
    denominators = reading.beside(files, "denominators", read_denominators)
    published = reading.beside(files, "published", read_published)
    if not faulty & {"groups", "period", "covariates", "denominators"}:
        reading.faults += _rate_faults(reading, denominators)
        reading.faults += _too_few_inhabitants(content, read, denominators)
    return Inputs(read, denominators, published or (), files), reading.faults


def number_of_table(number: int) -> str:
    """Return what a table is called among the files of a study: ``"table"``, then ``"table 2"`` and so on."""
    return "table" if number == 1 else f"table {number}"


@dataclass(eq=False)
class _Reading:
    """The files beside a study file while they are read, and what was found wrong with them so far."""

    file: TomlFile
    content: StudyFile
    declaration: Declaration
    faults: list[Located] = field(default_factory=list)

    def tables_of(self, folder: Path) -> list[Path]:
        """Return the file of the table, or of each of several imputed ones."""
        if not self.content.tables:
            return [folder / self.content.table]
        paths, wrong = imputed_files(folder, self.content.tables)
        self.faults += [(("tables",), self.file.fault(("tables",), message)) for message in wrong]
        return paths

    def table(self, path: Path) -> CaptureTable | None:
        """Read a table."""
        key = "tables" if self.content.tables else "table"
        table = self._read((key,), path, "table", self._table)
        year = self.content.year
        empty = list(_years_without_people(table, self.declaration, year)) if table and year else []
        self.faults += [((key,), Fault(str(path), _nobody(year, level))) for level in empty if year]
        return None if empty else table

    def _table(self, path: Path) -> CaptureTable:
        return read_table(path, self.declaration, kind=self.content.table_kind)

    def beside(self, files: Mapping[str, Path], key: str, reader: Callable[[Path], Read]) -> Read | None:
        """Read one of the small tables, if the study names it."""
        what = "published figures" if key == "published" else key
        return self._read((key, "file"), files[key], what, reader) if key in files else None

    def _read(self, key: Location, path: Path, what: str, reader: Callable[[Path], Read]) -> Read | None:
        if is_folder(path):
            message = f"'{path}' is a folder. Give the path of the file with the {what} in it."
        elif os.path.lexists(path) and not is_there(path):
            message = f"'{path}' is a link that leads nowhere. Make it again, or name the file itself."
        elif not is_there(path):
            near = did_you_mean(path.name, sorted(other.name for other in _tables_beside(path)))
            named = "table" if what == "table" else f"file of {what}"
            message = (
                f"There is no {named} '{path}'. Put it there, or give its path from the folder of the study file.{near}"
            )
        else:
            try:
                return reader(path)
            except InputError as error:
                self.faults += [(key[:1], fault) for fault in error.faults]
                return None
        self.faults.append((key, self.file.fault(key, message)))
        return None


def _tables_beside(path: Path) -> list[Path]:
    """Return the tables in the folder of a path that is none; none where the folder cannot be read."""
    try:
        return list(path.parent.glob("*.csv"))
    except (OSError, ValueError):
        return []


def _nobody(year: Covariate, level: str) -> str:
    remedy = f"Add its rows, or take {level} out of levels in [covariates.{year.name}]."
    return f"It has nobody in {year.name} {level}. {remedy}"


def _years_without_people(table: CaptureTable, declaration: Declaration, year: Covariate) -> Iterator[str]:
    """Yield the years in which a list ran and every count is zero, or absent, which means the same."""
    observations = table.observations
    stratum = observations.cell // table.n_histories
    unknown = make_grid(declaration, "").observable & ~table.covered
    for level in year.levels:
        inside = table.strata_where({year.name: (level,)})
        n_inside = np.bincount(observations.owner[inside[stratum]], minlength=len(observations))
        somebody = (n_inside == observations.length) & (observations.upper > 0)
        if not somebody.any() and not unknown[inside].any() and table.running[inside].any():
            yield level


def _rate_faults(reading: _Reading, denominators: Denominators | None) -> Iterator[Located]:
    """Yield what is missing for the rates that groups ask for."""
    content, year = reading.content, reading.content.year
    headline = (content.period.headline if content.period else None) or (year.levels if year else ())
    told: set[tuple[str, tuple[str, ...]]] = set()
    for group in content.groups.values():
        if not group.per:
            continue
        message = ""
        if content.denominators is None:
            message = (
                "A rate needs the number of inhabitants, and this study names no file with it. Add a section "
                "[denominators] with file = \"denominators.csv\", or take 'per' out."
            )
        elif year is None:
            message = (
                "A rate is per year, and this study has no covariate that is the year. Add a section [period] with, "
                "for example, covariate = \"year\", or take 'per' out."
            )
        elif denominators is not None and group.per not in denominators.populations:
            near = did_you_mean(group.per, denominators.populations)
            message = (
                f"There is no population '{group.per}' in {denominators.file}. Add its lines, or mend the name.{near}"
            )
        elif denominators is not None and (missing := denominators.missing(group.per, headline)):
            if (group.per, missing) not in told:
                yield ("denominators",), denominators.missing_fault(group.per, missing)
            told.add((group.per, missing))
        if message:
            yield group.at("per"), reading.file.fault(group.at("per"), message)


def _too_few_inhabitants(
    content: StudyFile, tables: tuple[CaptureTable, ...], denominators: Denominators | None
) -> Iterator[Located]:
    """Yield the lines with fewer inhabitants than people of a group are registered: no rate can be above all of them.

    As a rule the number is in thousands, or the group is not a part of that population; either makes the rate wrong, so
    it is a fault and not a caution.
    """
    year = content.year
    if not tables or denominators is None or year is None:
        return
    told = set()
    for name, group in content.groups.items():
        for entry in denominators.entries:
            if entry.population != group.per or entry.line in told:
                continue
            people = max(_registered_in(table, group.where, year, entry.year) for table in tables)
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
