"""One file of a register as a table of texts, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.registers.csvfiles import csv_form, csv_table
from estimator.registers.excel import sheet_table
from estimator.registers.private_database import TOO_MANY_DIGITS, Database, ReadingError, quoted
from estimator.userfiles import opened

_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Source:
    """A file whose cells can be asked for with SQL.

    Parameters
    ----------
    table : str
        What stands behind FROM. Its columns are texts, called ``c0``, ``c1``, ...
    unfit : mapping of int to str
        Columns that cannot be used, by position, and why.
    """

    path: Path
    header: tuple[str, ...]
    table: str
    unfit: Mapping[int, str] = field(default_factory=dict)


def open_source(path: Path, sheet: str | None, database: Database, number: int) -> Source:
    """Open one file.

    Parameters
    ----------
    sheet : str, optional
        Which sheet of a workbook; the only one, when it has one.
    number : int
        Of this file among all, from 0: names what is made of it on the way.

    Raises
    ------
    InputError
        When it cannot be read; says what to do.
    """
    suffix = path.suffix.lower()
    _refuse_other_kind(path, suffix)
    if suffix in _EXCEL:
        header, table = sheet_table(path, sheet)
        database.add_table(f"sheet_{number}", table)
        return Source(path, header, f"sheet_{number}")
    with opened(path, None) as file:
        if suffix == ".parquet":
            return _parquet(path, database, number)
        form = csv_form(path, file)
        return Source(path, form.header, csv_table(path, file, form, database, f"source-{number}.csv"))


_KINDS = {
    b"PK\x03\x04": ("a workbook or another zip", (".xlsx", ".xlsm", ".ods")),
    b"\xd0\xcf\x11\xe0": ("an old workbook, or one with a password (take that off)", (".xls",)),
    b"PAR1": ("Parquet", (".parquet",)),
    b"\x1f\x8b": ("packed by gzip", ()),
    b"7z\xbc\xaf": ("packed by 7-Zip", ()),
    b"%PDF": ("a PDF", ()),
}
"""What files begin with, and the ends of names of such files."""


def _refuse_other_kind(path: Path, suffix: str) -> None:
    """Refuse a file of which the name says another thing than its first bytes."""
    with opened(path, None) as file:
        first = file.read(8)
    kind, endings = next((said for mark, said in _KINDS.items() if first.startswith(mark)), ("", ()))
    if suffix in endings or (not kind and (suffix not in _EXCEL or not first.strip())):
        return
    if kind and endings:
        message = f"This file cannot be read under this name: it is {kind}. Let its name end in {endings[0]}."
    elif kind:
        message = f"This file cannot be read: it is {kind}. Unpack it, or export the register again as CSV."
    else:
        message = (
            "This workbook cannot be read: it is text and no workbook. If it is CSV, let its name end in .csv; if a "
            "system wrote a web page (<html>) in it, open it in a spreadsheet and save it again."
        )
    raise InputError(Fault(str(path), message))


def _parquet(path: Path, database: Database, number: int) -> Source:
    """Open a Parquet file; whole numbers that are stored as decimals lose their decimals."""
    link = database.folder / f"source-{number}.parquet"
    link.symlink_to(path.resolve())
    table = f"read_parquet('{quoted(str(link))}')"
    try:
        columns = database.rows(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {table})")
    except ReadingError:
        message = "This is no Parquet file, or it is damaged. Export it again."
        raise InputError(Fault(str(path), message)) from None
    texts = [f"{_as_text(name, kind)} AS c{index}" for index, (name, kind) in enumerate(columns)]
    unfit = {index: why for index, (_, kind) in enumerate(columns) if (why := _unfit(kind))}
    return Source(path, _heads(path, columns), f"(SELECT {', '.join(texts)} FROM {table})", unfit)


def _heads(path: Path, columns: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """Return the names of columns as they are in the file: the database gives two of one name a number."""
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        names = tuple(read_schema(path).names)
    except (ArrowException, OSError):
        names = ()
    return names if len(names) == len(columns) else tuple(name for name, _ in columns)


def _unfit(kind: str) -> str:
    """Return why a column of some type has no text of its own, if it has not."""
    if kind in ("TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE"):
        return (
            "The moments in this column have a time zone, and which day they are depends on where one is. Export the "
            "day itself (a date), or the local time without zone."
        )
    if kind == "BLOB":
        return "This column holds bytes and no text. Export it as text (string)."
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT")):
        return "This column holds lists or records in its cells. Export it with one text, number or date in each."
    return ""


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind in ("DOUBLE", "FLOAT"):
        exact = 2**53 if kind == "DOUBLE" else 2**24
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN abs({column}) > {exact} THEN error('{TOO_MANY_DIGITS}') "
            f"WHEN {column} = floor({column}) THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({column} AS VARCHAR) END"
        )
    if kind.startswith("DECIMAL"):
        return f"regexp_replace(CAST({column} AS VARCHAR), '\\.0*$', '')"
    return f"CAST({column} AS VARCHAR)"
