"""The results of a run, kept in an SQLite file as they come: a run that breaks off goes on from there.

Every result is a transaction of its own, forced to the disk: the death of the process or a power cut loses none that
was reported. Every row carries a checksum, because SQLite notices damage to its own structure and not to a value in it;
a row that is damaged is dropped and its task done again.

The file (mode 0600, in a folder of mode 0700) belongs to one process while a run is at work; SQLite's lock ends with
the process.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

from estimator.errors import Fault, InputError, brief
from estimator.work.outcomes import text_of

NAME = "results.sqlite"
_LINES = "results.jsonl"
"""Where earlier versions kept results, line by line."""

_FORMAT = 0x64664C31
"""SQLite's ``application_id`` of this file: ASCII "dfL1"."""

_SCHEMA = """
CREATE TABLE identity (text TEXT NOT NULL);
CREATE TABLE result (key TEXT PRIMARY KEY, text TEXT NOT NULL, check_sum INTEGER NOT NULL);
"""


class Ledger:
    """Results by key in the order in which they were done, in memory and in a file; made by `open_ledger`."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self.done: dict[str, dict[str, Any]] = {}
        damaged = []
        columns = "rowid, CAST(key AS BLOB), CAST(text AS BLOB), check_sum"
        for row, key, text, check in file.execute(f"SELECT {columns} FROM result ORDER BY rowid"):
            if check == crc32(key + text):
                self.done[json.loads(key)] = json.loads(text)
            else:
                damaged.append((row,))
        file.executemany("DELETE FROM result WHERE rowid = ?", damaged)

    def add(self, key: str, text: str) -> None:
        """Keep a result (JSON, from `text_of`) under a new key; when it cannot be written, the file is as before."""
        if key in self.done:
            raise ValueError(f"task '{key}' is done twice")
        name = json.dumps(key)  # in ASCII: a file name may hold what is no text in UTF-8
        self._file.execute("INSERT INTO result VALUES (?, ?, ?)", (name, text, crc32((name + text).encode("ascii"))))
        self.done[key] = json.loads(text)


@contextmanager
def open_ledger(folder: Path, identity: Mapping[str, Any]) -> Iterator[Ledger]:
    """Open the ledger of a folder, or begin one; it is this process's alone until the context ends.

    Parameters
    ----------
    folder : Path
        Made, for the user alone, when it is not there.
    identity : mapping of str to anything JSON can hold
        What the results depend on besides their keys: method, hashes of study and priors, versions, settings.

    Raises
    ------
    InputError
        When another run is at work there, the results there are of another identity, the file is damaged or somebody
        else's, or the folder cannot be used.
    """
    text = text_of(dict(identity), "identity")
    try:
        file = _opened(folder)
    except OSError as error:
        raise _refused(folder, error) from error
    with closing(file):
        try:
            before = _begin(file, text)
            ledger = Ledger(file)
        except (sqlite3.Error, ValueError) as error:  # damaged text is a ValueError
            raise _refused(folder, error) from error
        _refuse_another(folder, before, json.loads(text))
        yield ledger


def _opened(folder: Path) -> sqlite3.Connection:
    """Return the open file, private to the user; SQLite gives the mode of the file to those that it puts beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / _LINES).exists():
        message = f"The results in this folder ({_LINES}) were kept by an earlier version of darkfigure."
        raise InputError(Fault(str(folder), f"{message} Give another folder with --out."))
    path = folder / NAME
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)  # it may be a copy, which has lost its mode
    return sqlite3.connect(path, timeout=0, isolation_level=None)


def _begin(file: sqlite3.Connection, identity: str) -> dict[str, Any]:
    """Take the file for this process alone, and return the identity that it had, or now has."""
    # A locking mode that is set before the first access keeps the write-ahead log free of shared memory, so that a
    # folder on a network disk will do, too.
    file.execute("PRAGMA locking_mode = EXCLUSIVE")
    (form,) = file.execute("PRAGMA application_id").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and form != _FORMAT:
        raise sqlite3.DatabaseError("not a ledger")
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    file.execute("BEGIN IMMEDIATE")
    with file:  # all of it or nothing
        if not tables:
            file.execute(f"PRAGMA application_id = {_FORMAT}")
            for statement in _SCHEMA.strip().splitlines():
                file.execute(statement)
            file.execute("INSERT INTO identity VALUES (?)", (identity,))
        row = file.execute("SELECT text FROM identity").fetchone()
    if row is None:  # a damaged page can lose the row without SQLite noticing
        raise sqlite3.DatabaseError("not a ledger")
    return dict(json.loads(row[0]))


def _refused(folder: Path, error: Exception) -> InputError:
    """Return the error for a folder that cannot be used, or a file that SQLite cannot open or another program wrote."""
    place = folder
    match error, getattr(error, "sqlite_errorcode", None):
        case OSError(), _:
            said, advice = f"Results cannot be kept in this folder ({error.strerror or error})", "Mend that, or give"
        case _, sqlite3.SQLITE_BUSY:
            said, advice = "Another run is at work in this folder", "Wait until it ends, or give"
        case _, sqlite3.SQLITE_NOTADB | None:
            place, advice = folder / NAME, "Give"
            said = "This is not a file of results that this version of darkfigure has written, or it is damaged"
        case _:
            said, advice = f"Results cannot be kept in this folder ({error})", "Mend that, or give"
    return InputError(Fault(str(place), f"{said}. {advice} another folder with --out."))


def _refuse_another(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse to go on with results of another study, other settings or other versions."""
    before, now = _entries(there), _entries(here)
    different = [entry for entry in {**before, **now} if before.get(entry) != now.get(entry)]
    if different:
        first, more = different[0], len(different) - 1
        values = f"{brief(before.get(first, 'nothing'))} there, {brief(now.get(first, 'nothing'))} now"
        others = f", and {more} more differ{'s' if more == 1 else ''}" if more else ""
        message = f"The results in this folder were made with another '{first}' ({values}{others})."
        raise InputError(Fault(str(folder), f"{message} Give another folder with --out."))


def _entries(item: Any, name: str = "") -> dict[str, str]:
    """Return the innermost entries of an identity as text, each by its path: "versions.numpy"."""
    if isinstance(item, dict) and (item or not name):
        parts = [_entries(value, f"{name}.{key}" if name else key) for key, value in item.items()]
        return {entry: text for part in parts for entry, text in part.items()}
    return {name: text_of(item)}
