"""Memory: how much an answer needs and how much there is, said before a run is begun that the system would end."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from estimator.errors import Fault, InputError
from estimator.methods.door import SamplerSettings

_PER_DRAW = 1500
_PER_PARAMETER = _PER_STRATUM = 100
"""Bytes for each draw that is kept, at the peak: measured with 22 and 40 parameters, 1 and 8 strata, 40,000 draws."""

_FIXED = 400_000_000
_SHARE = 0.9


def needed(settings: SamplerSettings, n_parameters: int, n_strata: int) -> int:
    """Return about how many bytes it takes to sample, to draw people and to sum them up."""
    rows = settings.chains * (settings.draws + settings.warmup)
    return _FIXED + round(rows / 1.5) * (_PER_DRAW + _PER_PARAMETER * n_parameters + _PER_STRATUM * n_strata)


def available() -> int | None:
    """Return how many bytes this process may still take; None where the system does not say."""
    sizes = [size for size in (_free(), _of_limit(), _of_container()) if size is not None]
    return min(sizes, default=None)


def fits(size: int) -> bool:
    """Tell whether a number of bytes is to be had."""
    there = available()
    return there is None or size <= _SHARE * there


def refuse_too_many(settings: SamplerSettings, n_parameters: int, n_strata: int) -> None:
    """Raise `InputError` when more draws are asked for than there is memory for."""
    size = needed(settings, n_parameters, n_strata)
    if fits(size):
        return
    message = (
        f"{settings.draws} draws in each of {settings.chains} chains need about {_gigabytes(size)} of memory, and "
        f"{_gigabytes(available() or 0)} are free. Ask for fewer: 2000 in 4 chains, as without these options, are "
        "enough for most estimates."
    )
    raise InputError(Fault("--draws, --chains", message))


def _free() -> int | None:
    """Return what the system says is free."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _of_limit() -> int | None:
    """Return what a limit on the process leaves."""
    try:
        import resource
    except ImportError:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    used = 0
    with suppress(OSError, ValueError, IndexError):
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return max(limit - used, 0)


def _of_container() -> int | None:
    """Return what the container in which the process runs leaves."""
    folder = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        most = int((folder / "memory.max").read_text(encoding="ascii"))
        return max(most - int((folder / "memory.current").read_text(encoding="ascii")), 0)
    return None


def _gigabytes(size: int) -> str:
    """Return a size in words."""
    return f"{size / 1e9:,.1f} GB"
