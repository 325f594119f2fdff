"""Entries of registers and the people behind them, at draws of the parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.posterior import LoglinearPosterior, expected_cells
from estimator.methods.loglinear.recording import people_of_entries

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def expected_entries(posterior: LoglinearPosterior) -> Iterator[Floats]:
    """Yield the number of entries that the registers are expected to make in every cell: what counts are compared with.

    Yields
    ------
    ndarray, shape (some draws, S, H)
        The expected people themselves where no errors of registers are declared.
    """
    place = 0
    for cells in expected_cells(posterior):
        yield entries_at(posterior, cells, place)[0] if posterior.design.errors.names else cells
        place += len(cells)


def entries_at(posterior: LoglinearPosterior, cells: Floats, place: int) -> Floats:
    """Return what entries are made of at the draws from `place` on; see `recording.people_of_entries`."""
    logs = posterior.values["register_error"].reshape(-1, len(posterior.design.errors.names))
    return entries_of(posterior.design, cells, logs[place : place + len(cells)])


def entries_of(design: Design, cells: Floats, logs: Floats) -> Floats:
    """Return what entries are made of, for expected people (n, S, H) and log odds of declared shares (n, E)."""
    made: Any = people_of_entries(np.ascontiguousarray(cells), np.exp(logs), *design.errors.arrays, len(design.lists))
    return np.asarray(made)


def people_behind(counts: Ints, made: Floats, rng: np.random.Generator) -> Ints:
    """Draw how many people stand behind counts of entries, shape (n, S, H) like the counts.

    Parameters
    ----------
    made : ndarray, shape (6, n, S, H)
        From `entries_of`.
    """
    _, false, double, own, odd, other = made
    right = counts - rng.binomial(counts, false)
    pairs = rng.binomial(right, double)
    single: Ints = rng.binomial(right - pairs, own)
    return single + rng.binomial(pairs, odd) + rng.binomial(pairs, other)
