"""New folders, written complete or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from estimator.errors import Fault, InputError


@contextmanager
def new_folder(target: Path, what: str = "run") -> Iterator[Path]:
    """Give a folder to write into, which becomes `target` when all went well and vanishes when not.

    Parameters
    ----------
    target : Path
        Must not exist.
    what : {"run", "report"}
        Goes into it.

    Yields
    ------
    Path
        A folder beside it.

    Raises
    ------
    InputError
        When `target` exists, or its parent cannot be written.
    """
    made: list[Path] = []
    try:
        if os.path.lexists(target) or target.name in ("", ".."):
            message = f"This exists already, and a {what} is never overwritten. Give another --out."
            raise InputError(Fault(str(target), message))
        made = [parent for parent in (target.parent, *target.parent.parents) if not parent.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    except OSError as error:
        _remove_if_empty(made)
        raise _unwritable(target, error, what) from error
    try:
        yield part
        part.rename(target)
    except OSError as error:
        raise _unwritable(target, error, what) from error
    finally:
        if part.exists():
            shutil.rmtree(part, ignore_errors=True)
            _remove_if_empty(made)


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
    if isinstance(error, FileExistsError | NotADirectoryError):
        why = "a part of this path is a file, not a folder"
    advice = "Make room" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Mend that"
    return InputError(
        Fault(str(target), f"The {what} could not be written ({why}). {advice}, or give another folder with --out.")
    )
