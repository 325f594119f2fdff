"""What is done with which files: the section ``[registers]`` of a study together with the files that were named."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from estimator.capture.declaration import Covariate
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.registersections import (
    RegisterCovariateSection,
    RegisterListSection,
    RegistersSection,
    as_compared,
)
from estimator.study.schema import StudyFile
from estimator.study.tomlfile import TomlFile
from estimator.userfiles import is_file, is_folder, is_there, nearby

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet")
"""Files of a register, by how their names end."""

EXAMPLE = """\
[registers]
key = "pseudonym"
date = "registered"

[registers.covariates.sex]
column = "sex"
values = { M = "male", F = "female" }
"""


@dataclass(frozen=True)
class CovariatePlan:
    """How one covariate is made.

    Parameters
    ----------
    section : RegisterCovariateSection
        What the study says of it.
    rule : {"unknown", "majority", "priority"}
        What a person gets whose records contradict each other.
    splits : bool
        Whether a person counts once in each of its levels: it is the period, or made of a date.
    """

    name: str
    levels: tuple[str, ...]
    section: RegisterCovariateSection
    rule: str
    splits: bool

    @property
    def column(self) -> str:
        """The column with its texts or numbers."""
        return self.section.column or self.name

    @property
    def of_date(self) -> str | None:
        """The column with the date of which it is made, if it is."""
        return self.section.year_of or self.section.date

    def codes(self, own: Mapping[str, str]) -> dict[str, int]:
        """Return the position of the level by text, as compared; a list's own recoding goes before the general one."""
        meant = {as_compared(level): level for level in self.levels}
        meant |= {as_compared(text): level for text, level in {**self.section.values, **own}.items()}
        unknown = {as_compared(text) for text in self.section.unknown}
        return {text: self.levels.index(level) for text, level in meant.items() if text not in unknown}


@dataclass(frozen=True)
class Register:
    """The files of one list, or of several when a column names the list.

    Parameters
    ----------
    list : int or None
        Position of the list; None for a combined file.
    """

    list: int | None
    paths: tuple[Path, ...]
    section: RegisterListSection


@dataclass(frozen=True)
class Plan:
    """Everything that is needed to make the table.

    Parameters
    ----------
    file : TomlFile
        The study file, for messages.
    lists : tuple of str
        In the order of the study; list 0 is the most significant bit of a history.
    settings : RegistersSection
        What is said of all files.
    """

    file: TomlFile
    content: StudyFile
    lists: tuple[str, ...]
    covariates: tuple[CovariatePlan, ...]
    settings: RegistersSection
    registers: tuple[Register, ...]

    @property
    def ranks(self) -> tuple[int, ...]:
        """How trusted each list is where records contradict each other, 0 the most."""
        trusted = [*self.settings.priority, *(name for name in self.lists if name not in self.settings.priority)]
        return tuple(trusted.index(name) for name in self.lists)

    @property
    def splitting(self) -> tuple[int, ...]:
        """Positions of the covariates by which persons are split over periods."""
        return tuple(index for index, covariate in enumerate(self.covariates) if covariate.splits)


def make_plan(
    file: TomlFile,
    content: StudyFile,
    named: Sequence[tuple[str, str]] = (),
    combined: Sequence[str] = (),
    *,
    missing: str | None = None,
) -> Plan:
    """Return what is to be done.

    Parameters
    ----------
    file, content
        The study, without faults.
    named : sequence of tuple
        Name of a list and where its files are, as the user gave them; they go before what the study names.
    combined : sequence of str
        Files with a column that names the list.
    missing : {"model", "drop"}, optional
        In place of what the study says.

    Raises
    ------
    InputError
        When the study says nothing of registers, or files are missing or named twice: all faults at once.
    """
    settings = content.registers
    if settings is None:
        message = (
            "The study has no section [registers], which says what the columns of the registers mean. Add one, for "
            "example:"
        )
        raise InputError(Fault(str(file.path), message, example=EXAMPLE))
    if missing:
        settings = settings.model_copy(update={"missing": missing})
    lists = tuple(content.lists)
    faults: list[Fault] = []
    given: dict[str, str] = {}
    for name, where in named:
        if name not in lists:
            faults.append(Fault(f"--register {name}", f"There is no list '{name}'.{did_you_mean(name, lists)}"))
        elif name in given:
            message = "This register is given twice. Give it once; a folder or a pattern (p*.csv) has several files."
            faults.append(Fault(f"--register {name}", message))
        given.setdefault(name, where)
    registers = []
    for index, name in enumerate(lists):
        section = settings.lists.get(name, RegisterListSection())
        base = Path() if name in given else file.path.parent
        chosen = given.get(name) or section.file
        if chosen:
            registers.append(Register(index, _paths(base, chosen, f"--register {name}", faults), section))
    registers += [
        Register(None, _paths(Path(), where, "--combined", faults), RegisterListSection()) for where in combined
    ]
    faults += _twice(registers)
    faults += _without_files(lists, registers, settings)
    if faults:
        raise InputError(faults)
    return Plan(file, content, lists, _covariates(content, settings), settings, tuple(registers))


def _covariates(content: StudyFile, settings: RegistersSection) -> tuple[CovariatePlan, ...]:
    period = content.period.covariate if content.period else None

    def planned(covariate: Covariate) -> CovariatePlan:
        section = settings.covariates.get(covariate.name, RegisterCovariateSection())
        splits = covariate.name == period or bool(section.year_of or section.windows)
        return CovariatePlan(covariate.name, covariate.levels, section, section.conflicts or settings.conflicts, splits)

    return tuple(map(planned, content.declared_covariates))


def _paths(base: Path, where: str, option: str, faults: list[Fault]) -> tuple[Path, ...]:
    """Return the files that a path, a folder or a pattern means, in alphabetical order."""
    path = base / where
    if is_folder(path):
        try:
            entries = list(path.iterdir())
        except OSError:
            message = "You have no permission to look into this folder. Ask its owner, or copy it elsewhere."
            faults.append(Fault(str(path), message))
            return ()
        paths = sorted(entry for entry in entries if entry.suffix.lower() in ENDINGS and entry.name[0] not in ".~")
        if not paths:
            faults.append(Fault(str(path), f"This folder holds no file of a register ({', '.join(ENDINGS)})."))
        return tuple(paths)
    if is_there(path) or path.is_symlink():
        if is_file(path) and path.suffix.lower() not in ENDINGS:
            message = f"This is no file of a register: its name must end in {', '.join(ENDINGS)}."
            faults.append(Fault(str(path), message))
        return (path,)
    if any(mark in where for mark in "*?["):
        paths = [Path(name) for name in sorted(glob.glob(str(path))) if is_file(Path(name))]  # noqa: PTH207
        if not paths:
            faults.append(Fault(option, f"No file is of the pattern '{where}'. Check it."))
        return tuple(paths)
    faults.append(Fault(str(path), f"There is no such file.{nearby(path)}"))
    return ()


def _twice(registers: Iterable[Register]) -> list[Fault]:
    """Return a fault for each file that is given twice, under whatever name."""
    seen: set[str] = set()
    faults = []
    for register in registers:
        for path in register.paths:
            real = os.path.realpath(path)  # of links that lead in a circle it makes no error, and reading them does
            if real in seen:
                message = "This file is given twice, so that a list would overlap with itself. Give each file once."
                faults.append(Fault(str(path), message))
            seen.add(real)
    return faults


def _without_files(lists: Sequence[str], registers: Sequence[Register], settings: RegistersSection) -> list[Fault]:
    combined = [register for register in registers if register.list is None]
    if combined and not settings.list_column:
        message = 'In a combined file a column names the list. Say which: list_column = "source" under [registers].'
        return [Fault("--combined", message)]
    missing = [name for index, name in enumerate(lists) if index not in {register.list for register in registers}]
    if combined or not missing:
        return []
    what = ", ".join(f"--register {name}=FILE" for name in missing)
    message = (
        f"Of {len(missing)} of the {len(lists)} lists no file is given: {what}. Give them, or 'file' under "
        "[registers.lists.NAME]; a list without a delivery is left out of the study."
    )
    return [Fault("--register", message)]
