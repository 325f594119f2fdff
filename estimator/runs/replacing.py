"""Several files of a run folder replaced together: all of them or none, whatever happens in between.

The system replaces a single file in one step, several it does not: a power cut after the first would leave an estimate
beside the manifest of another. So the new files are first written in full into a folder of their own; giving that
folder its last name is the one step that decides; then its files take their places. Whoever reads the run afterwards
finishes what was decided and not finished.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.parts import part_beside, remove_leftovers

DECIDED = ".replacing"
"""Name of the folder inside the run whose files are to take their places."""


def replace_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replace files of a folder, or add them, all together.

    Parameters
    ----------
    files : mapping of str to bytes
        New content by name; readable by the user only.

    Raises
    ------
    InputError
        When they cannot be written; then nothing has changed.
    """
    finish_replacing(folder)
    remove_leftovers(folder)
    try:
        with part_beside(folder / "files") as part:
            for name, content in files.items():
                _write(part / name, content)
            _keep(part)
            part.rename(folder / DECIDED)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finish_replacing(folder)


def finish_replacing(folder: Path) -> None:
    """Give files that were decided on, and not yet in their places, their places.

    Parameters
    ----------
    folder : Path
        Of a run; nothing is done when nothing is left to do.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """
    decided = folder / DECIDED
    if not decided.is_dir():
        return
    try:
        for path in sorted(decided.iterdir()):
            with suppress(FileNotFoundError):  # somebody else gave it its place at the same time
                path.replace(folder / path.name)
        _keep(folder)
        with suppress(FileNotFoundError):
            decided.rmdir()
    except OSError as error:
        raise _unwritable(folder, error) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file that only the user can read, and see it kept."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _keep(folder: Path) -> None:
    """See the names in a folder kept, where the system can do that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(folder: Path, error: OSError) -> InputError:
    """Return the error for a run folder that cannot be written."""
    why = error.strerror or str(error)
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return InputError(Fault(str(folder), "Another command is writing into this run. Wait for it, and try again."))
    advice = "Make room" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Mend that"
    return InputError(Fault(str(folder), f"Nothing could be written into this run ({why}). {advice}, and try again."))
