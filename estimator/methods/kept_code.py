"""Machine code that numba made, kept for the next run: never taken from where others can write, never taken damaged.

What numba keeps is unpickled and run, so whoever can write there can run programs as the user. Digests of the files
are kept beside them, because neither numba nor the loader of machine code notices a changed byte; files that are not as
they were written go, and are compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from numba.core import config, sigutils
from numba.core.ccallback import CFunc

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def compiled(signature: Any, function: Callable[..., Any]) -> CFunc:
    """Return a function as a C callback, compiled or from what an earlier run kept.

    Nothing is kept where there is no folder for it, or none that is safe.
    """
    for place in (config.CACHE_DIR, _own_folder()):
        if place is not None:
            with suppress(Exception):  # whatever is wrong with what is kept: compiling anew always helps
                return _from(place, signature, function)
    made = _callback(signature, function)
    made.compile()
    return made


def digest_of(*modules: ModuleType) -> str:
    """Return the SHA-256 of the source of modules, for what compiles with their functions to close over.

    numba's cache notices changes in the file of a function only; but what it closes over is part of its key.
    """
    return hashlib.sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in modules)).hexdigest()


def _callback(signature: Any, function: Callable[..., Any]) -> CFunc:
    return CFunc(function, sigutils.normalize_signature(signature), locals={}, options={})


def _from(place: str, signature: Any, function: Callable[..., Any]) -> CFunc:
    """Return the callback from what is kept below a folder, or where numba would keep it; keep it when it is not there.

    Raises
    ------
    OSError or any other exception
        When nothing can be kept there, or must not be.
    """
    made = _callback(signature, function)
    before, config.CACHE_DIR = config.CACHE_DIR, place
    mask = os.umask(0o077)
    os.umask(mask | _OTHERS)
    try:
        made.enable_caching()
        folder, name = Path(made._cache.cache_path), made._cache._impl.filename_base
        if (place and Path(place) not in folder.parents) or not is_safe(folder):
            raise PermissionError("not the folder that was asked for, or one into which others can write")
        digests = folder / f"{name}.sha256"
        if digests.read_text(encoding="ascii") != _digests(folder, name) if digests.exists() else True:
            _remove(folder, name)
        made.compile()
        if not made.cache_hits:
            _replace(digests, _digests(folder, name))
    finally:
        os.umask(mask)
        config.CACHE_DIR = before
    return made


def is_safe(folder: Path) -> bool:
    """Tell whether nobody but the user and the system's administrator can put or change something in a folder."""
    if not hasattr(os, "geteuid"):
        return True
    trusted = {0, os.geteuid()}
    inside, *above = [folder, *folder.parents]
    for place in (inside, *inside.glob("*.nb?"), *inside.glob("*.sha256")):
        status = place.stat()
        if status.st_uid not in trusted or status.st_mode & _OTHERS:
            return False
    states = [place.stat() for place in above]
    # in a folder such as /tmp, what others own they alone can move
    return all(
        state.st_uid in trusted and (not state.st_mode & _OTHERS or state.st_mode & stat.S_ISVTX) for state in states
    )


def _own_folder() -> str | None:
    """Return a folder that only the user can write, for when the usual one is not safe; None without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    if base.startswith("~") and os.environ.get("HOME") == "":
        return None  # an empty home would be the root of the disk
    folder = Path(os.path.expanduser(base)) / "darkfigure"  # noqa: PTH111  # a home that is not known stays a tilde
    if not folder.is_absolute():
        return None
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(folder)


def _files(folder: Path, name: str) -> list[Path]:
    """Return what numba keeps of a function."""
    return sorted(
        path for path in folder.iterdir() if path.name.startswith(f"{name}.") and path.suffix in (".nbi", ".nbc")
    )


def _digests(folder: Path, name: str) -> str:
    """Return the digest and name of every file that numba keeps of a function, one a line."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in _files(folder, name))


def _remove(folder: Path, name: str) -> None:
    for path in _files(folder, name):
        path.unlink()


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, encoding="ascii")
    part.replace(path)
