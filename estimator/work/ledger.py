"""The results of a run, kept in a file line by line as they come, so that a run that breaks off is taken up again.

``results.jsonl`` begins with a line that says what the results are of; then every line is a result with its key. Each
ends in a checksum of itself. Lines are written as soon as there is something to write, so that the death of the process
loses nothing, and are forced to the disk once a second or so, so that a power cut loses a second. A last line that is
torn or damaged is dropped, and its task done again; damage before it is an error.

The file (mode 0600, in a folder of mode 0700) is locked while a run is at work, by a lock that ends with the process.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from estimator.errors import Fault, InputError, brief
from estimator.work.exactjson import text_of, value_of

NAME = "results.jsonl"
_MAGIC = b'{"darkfigure":"results, format 1","identity":'
_CHECK = b',"check":"'
_DIGITS = 16
_TAIL = len(_CHECK) + _DIGITS + len(b'"}')
_SYNC_SECONDS = 1.0
_SYNC_SHARE = 0.02
"""At most this share of the time goes to forcing lines to the disk, as long as that keeps to `_SYNC_SECONDS`."""


class Ledger:
    """Results by key, in memory and in a file; made by `open_ledger`."""

    def __init__(self, file: int, size: int, done: dict[str, dict[str, Any]]) -> None:
        self._file, self._size, self._done = file, size, done
        self._synced, self._cost, self._behind = time.monotonic(), 0.0, False

    @property
    def done(self) -> Mapping[str, dict[str, Any]]:
        """Results by key, in the order in which they were done."""
        return MappingProxyType(self._done)

    def add(self, key: str, text: str) -> None:
        """Keep a result.

        Parameters
        ----------
        key : str
            One that is not there yet.
        text : str
            The result as JSON (`estimator.work.exactjson`).

        Raises
        ------
        ValueError
            When the key is there.
        OSError
            When it cannot be written; the file holds what it held before.
        """
        if key in self._done:
            raise ValueError(f"task '{key}' is done twice")
        self._write(f'{{"key":{json.dumps(key)},"result":{text}'.encode("ascii"))
        self._done[key] = value_of(text)
        self.settle()

    def settle(self, at_once: bool = False) -> None:
        """Force to the disk what was written, when it is time for that; call it now and then when nothing is added."""
        due = self._synced + min(_SYNC_SECONDS, self._cost / _SYNC_SHARE)
        if self._behind and (at_once or time.monotonic() >= due):
            began = time.monotonic()
            os.fsync(self._file)
            self._synced = time.monotonic()
            self._cost, self._behind = self._synced - began, False

    def begin(self, identity: str) -> None:
        """Write the first line, with the identity as JSON."""
        self._write(_MAGIC + identity.encode("ascii"))
        self.settle(at_once=True)

    def _write(self, text: bytes) -> None:
        """Write a line whole or not at all, as far as that is in our hands."""
        line = _line(text)
        self._behind = True
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except BaseException:
            with suppress(OSError):  # a torn line is dropped by whoever reads it
                _cut(self._file, self._size)
            raise
        self._size += len(line)


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
        When another run is at work there, the results there are of another identity or are damaged, or the folder
        cannot be used.
    """
    text = text_of(dict(identity), "identity")
    try:
        file = _opened(folder / NAME)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _lock(file, folder)
        try:
            ledger = _read(folder / NAME, file, text)
        except OSError as error:
            raise _unusable(folder, error) from error
        try:
            yield ledger
        finally:
            with suppress(OSError):  # whoever must know asks for it before
                ledger.settle(at_once=True)
    finally:
        os.close(file)


def _unusable(folder: Path, error: OSError) -> InputError:
    why = error.strerror or str(error)
    advice = "Mend that, or give another folder with --out."
    return InputError(Fault(str(folder), f"Results cannot be kept in this folder ({why}). {advice}"))


def _opened(path: Path) -> int:
    """Return the open file, private to the user."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        path.chmod(0o600)  # it may be a copy, which has lost its mode
        _sync_folder(path.parent)
    except BaseException:
        os.close(file)
        raise
    return file


def _sync_folder(folder: Path) -> None:
    """Force the name of a new file to the disk, where the system lets us."""
    with suppress(OSError):
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


def _lock(file: int, folder: Path) -> None:
    """Take the file for this process alone; the lock ends with the process, however that ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, 1 << 30, os.SEEK_SET)  # far behind whatever is written, which others may read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            message = "Another run is at work in this folder. Wait until it ends, or give another folder with --out."
        else:
            message = "Files cannot be locked in this folder. Give a folder on a disk of this machine with --out."
        raise InputError(Fault(str(folder), message)) from error


def _read(path: Path, file: int, identity: str) -> Ledger:
    """Return the ledger that a file holds, ready to be continued."""
    content = path.read_bytes()
    lines = content.split(b"\n")[:-1]  # what follows the last line break is torn
    first = _verified(lines[0]) if lines else None
    if first is None or "identity" not in first:
        return _begun(path, file, content, identity)
    _refuse_another(path.parent, first["identity"], value_of(identity))
    done: dict[str, dict[str, Any]] = {}
    size = len(lines[0]) + 1
    for number, line in enumerate(lines[1:], start=2):
        found = _verified(line)
        if found is None and size + len(line) + 1 == len(content):
            break
        if found is None or found.get("key") in done:
            raise _damaged(path, number, "damaged" if found is None else "a second result of the same task")
        done[found["key"]] = found["result"]
        size += len(line) + 1
    _cut(file, size)
    return Ledger(file, size, done)


def _begun(path: Path, file: int, content: bytes, identity: str) -> Ledger:
    """Return a new ledger, when the file holds at most a first line that is torn or damaged."""
    if not (_MAGIC.startswith(content) or content.startswith(_MAGIC)):
        message = "This is not a file of results that this version of darkfigure has written."
        raise InputError(Fault(str(path), f"{message} Give another folder with --out."))
    if content.partition(b"\n")[2]:
        raise _damaged(path, 1, "damaged")
    _cut(file, 0)
    ledger = Ledger(file, 0, {})
    ledger.begin(identity)
    return ledger


def _damaged(path: Path, number: int, how: str) -> InputError:
    remedy = "Give another folder with --out" if number == 1 else "Delete the line, and its task is done again"
    return InputError(Fault(str(path), f"This line is {how}. {remedy}.", number))


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


def _cut(file: int, size: int) -> None:
    """Drop what comes after the last whole line, and continue there."""
    os.ftruncate(file, size)
    os.lseek(file, size, os.SEEK_SET)


def _line(text: bytes) -> bytes:
    """Return a line of the file from its JSON without the brace at the end."""
    digest = sha256(text).hexdigest()[:_DIGITS].encode("ascii")
    return text + _CHECK + digest + b'"}\n'


def _verified(line: bytes) -> dict[str, Any] | None:
    """Return what a line says, or None when it is not as it was written."""
    found = value_of(line.decode("ascii")) if _line(line[:-_TAIL]) == line + b"\n" else None
    return found if isinstance(found, dict) else None
