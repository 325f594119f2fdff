"""New folders, written complete or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.parts import part_beside


@contextmanager
def new_folder(target: Path, what: str = "run", settled: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Give a folder to write into, which becomes `target` when all went well and vanishes when not.

    Parameters
    ----------
    target : Path
        Must not exist.
    settled : callable, optional
        Hears the name that it got in the end: with it, a name that was taken meanwhile gets a number behind it.

    Raises
    ------
    InputError
        When `target` exists, or its parent cannot be written.
    """
    made: list[Path] = []
    with ExitStack() as stack:
        try:
            if _is_taken(target) or target.name in ("", ".."):
                message = f"This exists already, and a {what} is never overwritten. Give another --out."
                raise InputError(Fault(str(target), message))
            made = [parent for parent in (target.parent, *target.parent.parents) if not parent.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            stack.callback(_remove_if_empty, made)
            part = stack.enter_context(part_beside(target))
        except OSError as error:
            _remove_if_empty(made)
            raise _unwritable(target, error, what) from error
        try:
            yield part
            _settle(part, target, settled)
        except OSError as error:
            raise _unwritable(target, error, what) from error


def _is_taken(target: Path) -> bool:
    """Tell whether anything has this name; raises `OSError` where nothing can have it."""
    try:
        target.lstat()
    except FileNotFoundError:
        return False
    return True


def _settle(part: Path, target: Path, settled: Callable[[Path], None] | None) -> None:
    """Give a complete folder its name, or with `settled` the first free name."""
    name = target.name
    for number in count(2):
        try:
            part.rename(target)
        except OSError as error:
            if settled is None or error.errno not in _TAKEN:
                raise
            target = target.with_name(f"{name}-{number}")
        else:
            break
    if settled is not None:
        settled(target)


_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def _remove_if_empty(folders: Sequence[Path]) -> None:
    """Remove the parents that were made for a run that was not written."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _unwritable(target: Path, error: OSError, what: str) -> InputError:
    """Return the error for a folder that cannot be written."""
    why = error.strerror or str(error)
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST) and os.path.lexists(target):
        why = "another command has written it meanwhile"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        why = "a part of this path is a file, not a folder"
    advice = "Make room" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Mend that"
    return InputError(
        Fault(str(target), f"The {what} could not be written ({why}). {advice}, or give another folder with --out.")
    )
