"""One file of a register as a table of texts, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.registers.csvfiles import csv_form, csv_table
from estimator.registers.excel import sheet_table
from estimator.registers.private_database import Database, ReadingError, quoted
from estimator.userfiles import opened

_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")


@dataclass(frozen=True)
class Source:
    """A file whose cells can be asked for with SQL.

    Parameters
    ----------
    path : Path
        As the user named it.
    header : tuple of str
        The heads of its columns.
    table : str
        What stands behind FROM. Its columns are texts, called ``c0``, ``c1``, ...
    """

    path: Path
    header: tuple[str, ...]
    table: str


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
    if suffix in _EXCEL:
        header, table = sheet_table(path, sheet)
        database.add_table(f"sheet_{number}", table)
        return Source(path, header, f"sheet_{number}")
    with opened(path, None) as file:
        if suffix == ".parquet":
            return _parquet(path, database, number)
        form = csv_form(path, file)
        content = database.folder / f"source-{number}.csv"
        return Source(path, form.header, csv_table(path, file, form, content))


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
    return Source(path, tuple(name for name, _ in columns), f"(SELECT {', '.join(texts)} FROM {table})")


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = floor({column}) AND abs({column}) < 1e18"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    return f"CAST({column} AS VARCHAR)"
