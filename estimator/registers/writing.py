"""The table that registers make, written as a file that `estimate` reads."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from estimator.capture.declaration import COUNT_COLUMN
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError
from estimator.parts import part_beside, private_file
from estimator.registers.plan import Plan
from estimator.registers.record import RegistersRecord
from estimator.registers.tabulating import Tabulated
from estimator.study.names import declaration_of
from estimator.userfiles import is_file, is_folder, need_folder_of


def table_text(tabulated: Tabulated) -> str:
    """Return a table in the long layout: one row per stratum and history with persons; blank is unknown."""
    plan = tabulated.plan
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(covariate.name for covariate in plan.covariates), *plan.lists, COUNT_COLUMN])
    size = len(plan.lists)
    bounds = {sum(1 << (size - 1 - plan.lists.index(name)) for name in names) for names in plan.settings.at_most}
    for count in tabulated.histories:
        levels = [
            covariate.levels[code] if code >= 0 else ""
            for covariate, code in zip(plan.covariates, count.levels, strict=True)
        ]
        number = f"<={count.persons}" if count.history in bounds else count.persons
        writer.writerow([*levels, *format(count.history, f"0{size}b"), number])
    return out.getvalue()


def target_of(plan: Plan, out: Path | None) -> Path:
    """Return where the table goes: where the user says, or to the table of the study.

    Raises
    ------
    InputError
        When it cannot go there.
    """
    target = out or plan.file.path.parent / plan.content.table
    if is_folder(target):
        raise InputError(Fault(str(target), "This is a folder. Name the file to write: --out table.csv."))
    need_folder_of(target)
    if out is None and is_file(target):
        message = "The study has a table already, which is left as it is. Name the file to write: --out table.csv."
        raise InputError(Fault(str(target), message))
    for register in plan.registers:
        if target.resolve() in map(Path, map(os.path.realpath, register.paths)):
            raise InputError(Fault(str(target), "This is a register, and would be written over. Name another file."))
    return target


def targets_of(target: Path, tables: int) -> list[Path]:
    """Return where the tables go: ``linked-01.csv`` and so on, beside the place of a single table.

    Raises
    ------
    InputError
        When something is there already.
    """
    width = len(str(tables))
    targets = [target.with_name(f"{target.stem}-{number:0{width}}{target.suffix}") for number in range(1, tables + 1)]
    there = [
        Fault(str(path), "This exists already and is left as it is. Take it away, or name another file: --out.")
        for path in targets
        if os.path.lexists(path)
    ]
    if there:
        raise InputError(there)
    return targets


def record_of_target(target: Path, targets: Sequence[Path], previous: Path | None) -> Path:
    """Return where the record goes: beside the table, or over the record of a table that is overwritten.

    Parameters
    ----------
    target : Path
        Where one table goes, or would go.
    previous : Path or None
        The record of an earlier time, which is compared with.

    Raises
    ------
    InputError
        When another record is there already: of a table that is gone or not written over, or of the earlier time.
    """
    record = record_beside(target)
    if not os.path.lexists(record):
        return record
    if previous is not None and os.path.realpath(previous) == os.path.realpath(record):
        message = "This is the record of the earlier time, and would be written over. Name another table: --out."
        raise InputError(Fault(str(record), message))
    if not (target in targets and is_file(target)):
        message = (
            "This is the record of a table that is gone, or is not written over, and is left as it is. Take it away, "
            "or name another table: --out."
        )
        raise InputError(Fault(str(record), message))
    return record


def refuse_bad_page(plan: Plan, page: Path | None) -> None:
    """Raise `InputError` when a page cannot go where the user says."""
    if page is None:
        return
    if page.suffix.lower() != ".html":
        raise InputError(Fault("--report", "The page is HTML. Give its file a name that ends in .html."))
    if is_folder(page):
        raise InputError(Fault(str(page), "This is a folder. Name the file to write."))
    need_folder_of(page)


def record_beside(target: Path) -> Path:
    """Return where the record of a table goes."""
    return target.with_suffix(".registers.json")


def write_tables(tables: Sequence[Tabulated], record: RegistersRecord, targets: Sequence[Path], beside: Path) -> None:
    """Write the tables and one record of them, for the user alone, once it is known that the study can read them.

    Raises
    ------
    InputError
        When the counts of a table contradict what the study declares.
    """
    with part_beside(beside) as folder:
        for tabulated, target in zip(tables, targets, strict=True):
            write_readable_table(tabulated, folder / target.name)
        _write(folder / beside.name, record.text())
        (folder / beside.name).replace(beside)
        for target in targets:
            (folder / target.name).replace(target)


def write_readable_table(tabulated: Tabulated, part: Path) -> CaptureTable:
    """Write a table into a new private file, and return it as the study reads it.

    Raises
    ------
    InputError
        When the counts contradict what the study declares; names the study, not the file.
    """
    content = tabulated.plan.content
    _write(part, table_text(tabulated))
    try:
        return read_table(part, declaration_of(content), kind=content.table_kind)
    except InputError as error:
        raise InputError([_of_study(fault, tabulated.plan) for fault in error.faults]) from None


def readable_tables(tables: Sequence[Tabulated], beside: Path) -> list[CaptureTable]:
    """Return tables as the study would read them, and keep none of them."""
    with part_beside(beside) as folder:
        return [write_readable_table(table, folder / f"{number}.csv") for number, table in enumerate(tables)]


def write_page(target: Path, page: str) -> None:
    """Write a page, private to the user, whole or not at all."""
    with part_beside(target) as folder:
        _write(folder / target.name, page)
        (folder / target.name).replace(target)


def _write(path: Path, text: str) -> None:
    with private_file(path) as file:
        file.write(text)


def _of_study(fault: Fault, plan: Plan) -> Fault:
    """Return a fault of the table to be made as a fault of registers that contradict the study."""
    message = f"The registers contradict what the study declares, so that no table is written. {fault.message}"
    return Fault(str(plan.file.path), message, column=fault.column)
