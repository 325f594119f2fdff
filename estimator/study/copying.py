"""Copy a shipped study to a folder of one's own, as a start for a new one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from estimator.errors import Fault, InputError, did_you_mean
from estimator.parts import part_beside
from estimator.shipped import folder
from estimator.study.shipped import shipped_studies, whole_name
from estimator.userfiles import need_folder_of, read_file

PRIVATE = 0o600
"""Tables may hold register data: only their owner reads them."""


def copy_study(name: str, target: str | Path) -> Path:
    """Copy a shipped study to a folder that does not exist yet, whole or not at all.

    Everything is copied but the programs that made it.

    Raises
    ------
    InputError
        When there is no such study, or the folder exists or cannot be made.
    """
    name = whole_name(name)
    if name not in shipped_studies():
        message = f"There is no shipped study of this name.{did_you_mean(name, shipped_studies())}"
        raise InputError(Fault(f"study '{name}'", message))
    source = folder("data") / name
    return make_folder(target, lambda half_done: _copy(source, half_done))


def make_folder(target: str | Path, fill: Callable[[Path], None]) -> Path:
    """Make a folder, whole or not at all.

    Parameters
    ----------
    target : str or Path
        Must not exist yet.
    fill : callable
        Writes into the folder that it is given, which takes its place when all is written.

    Raises
    ------
    InputError
        When the folder exists or cannot be made.
    """
    target = Path(target)
    if os.path.lexists(target):
        raise InputError(
            Fault(str(target), "This exists already and is left as it is. Name a folder that does not exist.")
        )
    need_folder_of(target)
    try:
        with part_beside(target) as part:
            half_done = part / target.name
            half_done.mkdir(mode=0o700)
            fill(half_done)
            return half_done.rename(target)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        message = (
            f"The study cannot be copied to here ({reason}). Check that you may write here and that there is room."
        )
        raise InputError(Fault(str(target), message)) from None


def copy_file(source: Path, target: Path) -> None:
    """Copy a file; a table so that only its owner reads it."""
    target.write_bytes(read_file(source))
    if target.suffix == ".csv":
        target.chmod(PRIVATE)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if "__pycache__" in path.parts or path.suffix == ".py":
            continue
        if path.is_dir():
            place.mkdir(mode=0o700, exist_ok=True)
        elif path.is_file():
            copy_file(path, place)
