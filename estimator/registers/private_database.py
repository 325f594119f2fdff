"""The database in which registers are counted: in memory, in a private folder when memory is short, gone afterwards."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from estimator.ending import uninterrupted
from estimator.errors import Fault, InputError
from estimator.parts import part_beside, remove_leftovers

if TYPE_CHECKING:
    import pyarrow
    from duckdb import DuckDBPyConnection

MEMORY = "2GB"
"""What the database may hold in memory before it goes on in files; the program needs half a gigabyte besides."""

TOO_MANY_DIGITS = "more digits than are kept"
"""What SQL raises where a number is larger than its type holds exactly."""

_SIZE = re.compile(r"[1-9][0-9]{0,5} ?[MG]B", re.IGNORECASE)
_LINE = re.compile(r"CSV Error on Line: (\d+)")


class ReadingError(Exception):
    """The database could not read a file. Says on which line, and why in a word; holds nothing of the file itself."""

    def __init__(self, kind: str, line: int | None) -> None:
        super().__init__(kind)
        self.kind, self.line = kind, line


def quoted(text: str) -> str:
    """Return text as it stands between the single quotes of SQL."""
    return text.replace("'", "''")


def missing_extra(library: str, extra: str = "registers") -> InputError:
    """Return the error for a library that is installed with an extra."""
    message = f"Registers need {library}, which is not installed. Install it: pip install 'darkfigure[{extra}]'"
    return InputError(Fault("tabulate", message))


def connected(folder: Path, memory: str, threads: int) -> DuckDBPyConnection:
    """Return DuckDB without network and extensions, which keeps what does not fit in memory in a private folder."""
    try:
        with uninterrupted():  # an import that is cut off leaves half a library, or ends the process outright
            import duckdb
    except ImportError:
        raise missing_extra("DuckDB") from None
    if not _SIZE.fullmatch(memory):
        raise InputError(Fault("--memory", "This is no size. Write a number and MB or GB, such as 2GB."))
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "enable_external_file_cache": "false",
            "preserve_insertion_order": "false",
            "temp_directory": str(folder),
            "temp_file_encryption": "true",  # with a key that is nowhere written: what a killed program leaves is noise
            "force_mbedtls_unsafe": "true",  # DuckDB's own cipher; the other would be fetched from the network
            "memory_limit": memory,
            "threads": str(threads),
        },
    )


class Database:
    """The database of registers: its errors hold nothing of what is in it.

    Parameters
    ----------
    folder : Path
        Private to the user; for files that are made on the way.
    """

    def __init__(self, folder: Path, memory: str = MEMORY, threads: int | None = None) -> None:
        self.folder, self.memory = folder, memory
        self._connection = connected(folder, memory, threads or min(os.cpu_count() or 1, 8))
        self._connection.execute("SET lock_configuration = true")
        self._handles: list[int] = []

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Carry out a statement."""
        self._execute(sql, parameters)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        rows: list[tuple[Any, ...]] = self._execute(sql, parameters).fetchall()
        return rows

    def nameless_file(self, name: str) -> tuple[TextIO, Path]:
        """Open a new file for text that lasts as long as the database; return it, and by what path it can be read.

        Where the system allows it the file has no name, so that nothing is left of it when the program is killed.
        """
        path = self.folder / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._handles.append(handle)
        nameless = Path(f"/proc/self/fd/{handle}")
        with suppress(OSError):
            if nameless.samefile(path):
                path.unlink()
                path = nameless
        return open(handle, "w", encoding="utf-8", newline="", closefd=False), path  # noqa: PTH123, SIM115

    def add_table(self, name: str, table: pyarrow.Table) -> None:
        """Make a table of Arrow known under a name."""
        self._connection.register(name, table)

    def close(self) -> None:
        """Close it."""
        self._connection.close()
        while self._handles:
            os.close(self._handles.pop())

    def _execute(self, sql: str, parameters: Mapping[str, Any] | None) -> Any:
        import duckdb

        try:
            return self._connection.execute(sql, parameters)
        except RuntimeError as error:  # DuckDB swallows what a signal raises, and has this in its place
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise
        except duckdb.Error as error:
            raise _without_content(error) from None


def _without_content(error: Exception) -> BaseException:
    """Return an error of the database without what it quotes of the files."""
    name, text = type(error).__name__, str(error)
    if name == "OutOfMemoryException":
        return InputError(
            Fault(
                "--memory", "The database needs more memory, or more room on the disk beside the table. Give it more."
            )
        )
    if name == "InterruptException":
        return KeyboardInterrupt()
    line = _LINE.search(text)
    kinds = {
        "Expected Number of Columns": "columns",
        "unterminated quote": "quote",
        "unicode": "encoding",
        "Maximum line size": "long",
        "invalid state": "quote",
        TOO_MANY_DIGITS: "digits",
    }
    kind = next((kind for mark, kind in kinds.items() if mark in text), name)
    return ReadingError(kind, int(line[1]) if line else None)


@contextmanager
def opened_database(beside: Path, memory: str = MEMORY, threads: int | None = None) -> Iterator[Database]:
    """Open a database with a private folder beside a path; both are gone afterwards.

    Parameters
    ----------
    beside : Path
        Where the result will be: the disk for which there must be room.
    """
    remove_leftovers(beside.parent)
    with part_beside(beside) as folder:
        database = Database(folder, memory, threads)
        try:
            yield database
        finally:
            database.close()
