"""Pictures and numbers in files: complete or not at all, and the same picture as the same bytes."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError, did_you_mean
from estimator.parts import part_beside
from estimator.userfiles import need_folder_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png", ".pdf")


def refuse_bad_target(target: Path) -> None:
    """Raise `InputError` when a picture cannot be written to a file, before any work is done.

    Parameters
    ----------
    target : Path
        Must end in one of `FORMATS`, not exist, and be in a folder that exists.
    """
    if target.suffix.lower() not in FORMATS:
        known = [f"{target.stem}{ending}" for ending in FORMATS]
        near = did_you_mean(target.name, known)
        raise InputError(Fault(str(target), f"A picture is written as {', '.join(FORMATS)}.{near}"))
    if os.path.lexists(target):
        raise InputError(Fault(str(target), "This exists already and is left as it is. Give another name."))
    need_folder_of(target)


def save_picture(draw: Callable[[], Figure], target: Path) -> None:
    """Write a picture, complete or not at all; a file that exists is left as it is.

    Parameters
    ----------
    target : Path
        Ends in one of `FORMATS`.
    """
    refuse_bad_target(target)
    ending = target.suffix.lower()
    try:
        with part_beside(target) as folder:
            part = folder / f"picture{ending}"
            _save(draw(), part, ending[1:])
            refuse_bad_target(target)
            part.rename(target)
    except OSError as error:
        why = error.strerror or str(error)
        message = f"The picture could not be written ({why}). Make room, or give another file."
        raise InputError(Fault(str(target), message)) from error


def _save(figure: Figure, path: Path, ending: str) -> None:
    """Write a figure; the same figure gives the same file."""
    import matplotlib

    undated: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[ending]
    with matplotlib.rc_context({"svg.hashsalt": "darkfigure"}):
        figure.savefig(path, format=ending, dpi=150, metadata=undated)
    path.chmod(0o666 & ~_umask())


def _umask() -> int:
    """Return which permissions new files do not get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def svg_bytes(figure: Figure) -> bytes:
    """Return a figure as SVG, its words as text; the same figure gives the same bytes."""
    import matplotlib

    target = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "darkfigure", "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Return a record as the content of a JSON file."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
