"""Folders that are half-written: made beside what they become, locked while they are worked on, swept up afterwards.

A program that is killed outright cannot tidy up. Its lock goes with it, which is how the next run knows that nobody is
at work there any more.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

_OURS = re.compile(r"\.[^\0]{1,40}\.[a-z0-9_]{8}\.part")


@contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """Give a new folder beside a path, for its content until that is complete; what is left of it at the end goes.

    Yields
    ------
    Path
        Private to the user, named ``.NAME.xxxxxxxx.part``.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    part = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    handle = _locked(part)
    try:
        yield part
    finally:
        if part.exists():
            shutil.rmtree(part, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def private_file(path: Path) -> TextIO:
    """Open a new file for text in UTF-8 that only the user can read.

    Raises
    ------
    OSError
        When it is there already (`FileExistsError`), or cannot be made.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def remove_leftovers(folder: Path) -> list[str]:
    """Remove what killed programs left half-written in a folder, and return the names.

    Only what is surely of this tool, of this user, and of no living process.
    """
    removed = []
    try:
        entries = sorted(entry for entry in folder.iterdir() if _OURS.fullmatch(entry.name))
    except OSError:
        return []
    for part in entries:
        with suppress(OSError):
            if _is_ours(part.lstat()) and (handle := _locked(part)) is not None:
                shutil.rmtree(part)
                os.close(handle)
                removed.append(part.name)
    return removed


def _is_ours(status: os.stat_result) -> bool:
    """Tell whether something is a private folder of this user."""
    mine = status.st_uid == os.geteuid() if hasattr(os, "geteuid") else True
    return stat.S_ISDIR(status.st_mode) and mine and not status.st_mode & 0o077


def _locked(part: Path) -> int | None:
    """Lock a folder until its handle is closed or this process ends; None where another has it, or none can be had."""
    try:
        import fcntl

        handle = os.open(part, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
