"""Who made a result from what: hashes of files, versions, machine."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from estimator.userfiles import opened

_LIBRARIES = ("numpy", "scipy", "xarray", "numba", "llvmlite", "nutpie", "pymc", "arviz", "arviz-stats", "h5netcdf")


def versions() -> dict[str, str]:
    """Return versions of this tool, Python and every library that numbers depend on."""
    ours = {"darkfigure": _version("darkfigure"), "python": platform.python_version()}
    return ours | {name: _version(name) for name in _LIBRARIES}


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
