"""Observed and simulated tables of the same draws of the parameters, cell by cell.

Where a number is known only for several cells together or within bounds, its people are placed, draw by draw, as the
model would place them; tables simulated at the same draws are then compared with these completed ones. That is a check
against data that one does not fully see: what is missing can hide a misfit, and cannot make one.

References
----------
Gelman, Van Mechelen, Verbeke, Heitjan & Meulders (2005), Biometrics 61:74, doi 10.1111/j.0006-341X.2005.031010.x:
completed-data checks. Gelman, Meng & Stern (1996), Statistica Sinica 6:733.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.allocation import place_people
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.entries import expected_entries
from estimator.methods.loglinear.posterior import LoglinearPosterior, range_shares
from estimator.seeds import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CompletedTables:
    """Some draws of what a table shows and what the model expects of it.

    Parameters
    ----------
    expected : ndarray, shape (n, S * H)
        Persons per cell; 0 in cells that no number counts.
    completed : ndarray, shape (n, S * H)
        Observed persons, placed in cells.
    counted : ndarray of bool, shape (S * H,)
        Cells that an observed number counts.
    """

    expected: Floats
    completed: Floats
    counted: Bools


def some_draws(posterior: LoglinearPosterior, most: int) -> LoglinearPosterior:
    """Return a posterior with at most a number of its draws, evenly taken, as one chain."""
    chains, draws = posterior.values["log_ratio"].shape
    chosen = np.unique(np.linspace(0, chains * draws - 1, min(most, chains * draws)).astype(np.int64))
    values = {
        name: value.reshape(chains * draws, *value.shape[2:])[chosen][None] for name, value in posterior.values.items()
    }
    position = posterior.draws.unconstrained.reshape(chains * draws, -1)[chosen][None]
    statistics = {name: value.reshape(-1)[chosen][None] for name, value in posterior.draws.statistics.items()}
    return replace(
        posterior, values=values, draws=replace(posterior.draws, unconstrained=position, statistics=statistics)
    )


def completed_tables(posterior: LoglinearPosterior, seed: int) -> Iterator[CompletedTables]:
    """Return what the table shows and what the model expects, some draws at a time.

    Parameters
    ----------
    seed : int
        For placing people whose cell is not known.
    """
    design = posterior.design
    rng = stream(seed, "completed-tables")
    counted = ((design.observed.possible > 0) & ~design.observed.uncovered).reshape(-1)
    place = 0
    for cells in expected_entries(posterior):
        flat, shares = cells.reshape(len(cells), -1), range_shares(posterior, place, len(cells))
        place += len(cells)
        yield CompletedTables(np.where(counted, flat, 0.0), _completed(design, flat, rng, shares), counted)


def _completed(design: Design, cells: Floats, rng: np.random.Generator, shares: Floats | None) -> Floats:
    """Return the observed people placed in cells, shape (n, S * H)."""
    people = np.tile(design.observed.counts.reshape(-1), (len(cells), 1))
    place_people(people, design.observed, cells, np.arange(cells.shape[1]), rng, shares)
    return people


def recorded_cells(table: CaptureTable) -> Ints:
    """Return, for each cell, the cell as which the lists that ran would have written its people down.

    Returns
    -------
    ndarray of int, shape (S * H,)
        The cell itself where all lists ran.
    """
    row = np.arange(table.n_strata, dtype=np.int64)[:, None] * table.n_histories
    return np.asarray((row + table.recorded).reshape(-1))
