"""The thresholds of every verdict, from one documented file: thresholds.toml beside this module."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from estimator.methods.convergence import Limits

FILE = "thresholds.toml"


def threshold(key: str) -> float:
    """Return a threshold.

    Raises
    ------
    KeyError
        When the file has no such number: a fault of the program.
    """
    value: Any = _content()
    for part in key.split("."):
        value = value[part]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KeyError(f"{key} in {FILE} is no number")
    return float(value)


def convergence_limits() -> Limits:
    """Return what counts as converged: the section ``convergence`` of the file."""
    limits = _content()["convergence"]
    return Limits(**{**limits, "crowding_from": int(limits["crowding_from"])})


def thresholds() -> dict[str, dict[str, float]]:
    """Return all thresholds, by section and key.

    Returns
    -------
    dict of str to dict of str to float
        A copy.
    """
    return {section: dict(values) for section, values in _content().items()}


def thresholds_hash() -> str:
    """Return the SHA-256 of the file, in hexadecimal: by which thresholds a run was judged."""
    return hashlib.sha256(_bytes()).hexdigest()


@cache
def _bytes() -> bytes:
    """Return the file."""
    return files("estimator.population").joinpath(FILE).read_bytes()


@cache
def _content() -> dict[str, Any]:
    """Return what the file says."""
    return tomllib.loads(_bytes().decode("utf-8"))
