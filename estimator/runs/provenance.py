"""Who made a result from what: hashes of files, versions, machine."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from estimator.userfiles import opened

_ROOTED = re.compile(r"(?:[/\\~]|[A-Za-z]:[/\\]|\.\.[/\\])")
_FOLDERS = re.compile(r"(?<![\w.])(?:[/\\~]|[A-Za-z]:[/\\]|\.\.[/\\])[^\s\"',=]*[/\\]")
_SEPARATOR = re.compile(r"[/\\]")
_LIBRARIES = ("numpy", "scipy", "xarray", "numba", "llvmlite", "nutpie", "pymc", "arviz", "arviz-stats", "h5netcdf")


def versions() -> dict[str, str]:
    """Return versions of this tool, Python and every library that numbers depend on."""
    ours = {"darkfigure": _version("darkfigure"), "python": platform.python_version()}
    return ours | {name: _version(name) for name in _LIBRARIES}


def without_folders(command: Sequence[str]) -> list[str]:
    """Return a command line in which paths that may name a user have their last part only: ``…/my-study``.

    Relative paths that go down stay as they are.
    """
    return [_without_folders(argument) for argument in command]


def _without_folders(argument: str) -> str:
    before, sign, path = argument.partition("=") if argument.startswith("-") else ("", "", argument)
    if _ROOTED.match(path):  # all of it is the path, blanks and all
        last = _SEPARATOR.split(path.rstrip("/\\"))[-1]
        return f"{before}{sign}…/" + ("" if last.casefold() in users() else last)
    return before + sign + _FOLDERS.sub("…/", path)


def users() -> set[str]:
    """Return the names that this user's folders may have, in small letters."""
    names = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    with suppress(RuntimeError):  # no home is known
        names.add(Path.home().name)
    return {name.casefold() for name in names if name}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def machine() -> dict[str, Any]:
    """Return what of the machine may change the last digits: processor and system, but no names of host or user."""
    from llvmlite.binding import get_host_cpu_name

    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "processor": get_host_cpu_name(),
    }


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with opened(path, None) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def hashes(files: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return file name (without folders) and SHA-256 of files, by what they are."""
    return {what: {"name": path.name, "sha256": sha256_of(path)} for what, path in files.items()}
