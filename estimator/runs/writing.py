"""The run folder: everything about one estimate, written complete or not at all.

The folder is private (mode 0700): small counts of victims are in it.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.population.estimate import Estimate
from estimator.runs.manifest_digest import manifest_text
from estimator.runs.netcdf import data_groups, netcdf_of
from estimator.runs.recording import manifest_of, record_of
from estimator.runs.tidy_csv import csv_of


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


def save_run(estimate: Estimate, target: Path, command: Sequence[str] = ()) -> Path:
    """Write an estimate into a new folder.

    Parameters
    ----------
    target : Path
        Must not exist.
    command : sequence of str, optional
        The command line that made it, for the manifest.

    Returns
    -------
    Path
        The folder, with ``posterior.nc``, ``estimate.json``, ``estimate.csv`` and ``manifest.json``; and
        ``posterior-NAME.nc`` for every other set of priors under which the estimate was made beside it.
    """
    with new_folder(target) as part:
        write_run(estimate, part, command)
    return target


def write_run(estimate: Estimate, folder: Path, command: Sequence[str] = (), language: str | None = None) -> None:
    """Write the files of a run into an empty folder.

    Parameters
    ----------
    language : {"en", "nl"}, optional
        In which it is printed; by default that of the study.
    """
    _write(folder / "posterior.nc", netcdf_of(data_groups(estimate)))
    for other in estimate.beside:
        _write(folder / f"posterior-{other.priors_name}.nc", netcdf_of(data_groups(other)))
    _write_text(folder / "estimate.json", record_of(estimate, language).text())
    _write_text(folder / "estimate.csv", csv_of(estimate))
    _write_text(folder / "manifest.json", manifest_text(manifest_of(estimate, folder, command)))


def _write_text(path: Path, text: str) -> None:
    """Write text into a file that only the user can read."""
    _write(path, text.encode("utf-8"))


def _write(path: Path, content: bytes | memoryview) -> None:
    """Write a file that only the user can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
