"""Files that a user names, all opened in one way: only regular files, of a limited size, without waiting.

A pipe or device would make a program wait for ever, or read for ever; a link may lead nowhere; a sparse file of a few
bytes on the disk fills the memory. What was opened is asked what it is, not its name, which may mean another file a
moment later.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from estimator.errors import Fault, InputError, did_you_mean

LARGEST = 100_000_000
"""Bytes of a table or of a JSON file of a run, at most."""

LARGEST_SETTINGS = 30_000_000
"""Bytes of a study or prior file, at most."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_KINDS = (
    (stat.S_ISDIR, "This is a folder. Name the file in it."),
    (stat.S_ISFIFO, "This is a pipe, not a file. Save what it gives to a file, and name that."),
    (stat.S_ISSOCK, "This is a socket, not a file. Name a file."),
    (lambda _mode: True, "This is a device, not a file. Name a file."),
)
_MESSAGES = {
    errno.EISDIR: "This is a folder. Name the file in it.",
    errno.ELOOP: "This is a link that leads back to itself. Make it again, or name the file itself.",
    errno.EACCES: "You have no permission to read this file. Ask its owner, or copy it to a folder of your own.",
    errno.EPERM: "You have no permission to read this file. Ask its owner, or copy it to a folder of your own.",
    errno.ENAMETOOLONG: "This name is longer than the name of a file can be. Check it.",
    errno.ENXIO: "This is no file that can be read. Name a file.",
    errno.ENOTDIR: "A part of this path is a file, not a folder. Check the path.",
}


@contextmanager
def opened(path: Path, most: int | None = LARGEST) -> Iterator[BinaryIO]:
    """Open a file of the user's to be read.

    Parameters
    ----------
    most : int or None, default `LARGEST`
        Bytes that it may have; None for files that are read piece by piece.

    Raises
    ------
    InputError
        When there is no such file, when it is no regular file, is larger, or cannot be read; says what to do.
    """
    try:
        handle = os.open(path, _FLAGS | _BINARY)
    except (OSError, ValueError) as error:
        raise InputError(Fault(str(path), _why_not(path, error))) from None
    try:
        _refuse_unfit(path, os.fstat(handle), most)
    except InputError:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb") as file:
        yield file


def read_file(path: Path, most: int = LARGEST) -> bytes:
    """Return the content of a file of the user's; see `opened`."""
    with opened(path, most) as file:
        try:
            content = file.read(most + 1)  # some files, of the system, have a size only when they are read
        except OSError as error:
            raise InputError(Fault(str(path), _why_not(path, error))) from error
    if len(content) > most:
        raise _too_large(path, len(content), most)
    return content


def problem_of(path: Path, most: int = LARGEST) -> str:
    """Return why a file of the user's cannot be read, in a sentence or two; empty when it can."""
    try:
        with opened(path, most):
            return ""
    except InputError as error:
        return error.faults[0].message


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; a name that none can have is not."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Tell whether a path is a regular file, or leads to one; a name that none can have does not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Tell whether there is something of any kind at a path, or a link that leads to something."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def need_folder_of(target: Path) -> None:
    """Raise `InputError` when the folder in which a file is to be written does not exist."""
    if not is_folder(target.parent):
        raise InputError(Fault(str(target), f"The folder '{target.parent}' does not exist. Make it first."))


def nearby(path: Path) -> str:
    """Return a hint for a file or folder that is not there: what in its folder has nearly the same name.

    It starts with a space; hidden files are not named, nor files of another kind.
    """
    try:
        if not is_folder(path.parent):
            return f" The folder '{path.parent}' does not exist either."
        entries = [entry for entry in path.parent.iterdir() if not entry.name.startswith(".")]
        kind = [entry.name for entry in entries if entry.is_dir() or entry.suffix == path.suffix or not path.suffix]
    except (OSError, ValueError):
        return ""
    near = did_you_mean(path.name, sorted(name for name in kind if name != path.name))
    return near or f" Nothing like it is in the folder '{path.parent}'."


def _refuse_unfit(path: Path, status: os.stat_result, most: int | None) -> None:
    """Raise `InputError` unless an open file is regular and not too large."""
    if not stat.S_ISREG(status.st_mode):
        message = next(message for is_kind, message in _KINDS if is_kind(status.st_mode))
        raise InputError(Fault(str(path), message))
    if most is not None and status.st_size > most:
        raise _too_large(path, status.st_size, most)


def _why_not(path: Path, error: OSError | ValueError) -> str:
    """Return why a file cannot be opened."""
    if isinstance(error, ValueError):
        return "This is no name of a file: it has a character that none can have. Check it."
    if error.errno in _MESSAGES:
        return _MESSAGES[error.errno]
    if path.is_symlink() and error.errno == errno.ENOENT:
        return "This is a link that leads nowhere. Make it again, or name the file itself."
    if error.errno == errno.ENOENT:
        return f"There is no such file.{nearby(path)}"
    reason = (error.strerror or "unknown reason").lower()
    return f"The file cannot be read ({reason}). Check that it is a file and that you may read it."


def _too_large(path: Path, size: int, most: int) -> InputError:
    """Return the error for a file that is larger than any of its kind can be."""
    message = (
        f"This file has {_megabytes(size)}, and at most {_megabytes(most)} are read. Check that it is the right one."
    )
    return InputError(Fault(str(path), message))


def _megabytes(size: int) -> str:
    """Return a size in words."""
    return f"{-(-size // 1_000_000):,} MB"
