"""Adding up the strata of a table: over all covariates, which leaves everybody together, or over some of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.cells import coordinates_of, recorded_histories
from estimator.capture.observations import remap
from estimator.capture.roads import by_road_or_apart
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError


def pooled(table: CaptureTable, over: Collection[str] | None = None) -> CaptureTable:
    """Return the table with its strata added up.

    Parameters
    ----------
    table : CaptureTable
        In the strata that are added up the same lists ran.
    over : collection of str, optional
        The covariates that go; by default all, which leaves everybody together.

    Returns
    -------
    CaptureTable
        With the same lists and registered persons. A history is a structural zero where it was one in every stratum.
        People of unknown stratum count in full, and so do those whom `left_out` counts.

    Raises
    ------
    InputError
        When a list ran in some strata and not in others with which they are added up: the sums would then be of
        different people.
    """
    covariates = tuple(covariate for covariate in table.covariates if over is not None and covariate.name not in over)
    into = _stratum_of_each(table, over)
    running = _same_running(table, into)
    row = into[:, None] * table.n_histories
    target = (row + np.arange(table.n_histories, dtype=np.int64)).reshape(-1)
    possible, n_cells = np.zeros((len(running), table.n_histories), bool), len(running) * table.n_histories
    np.logical_or.at(possible, into, table.possible)
    extrapolated = np.zeros(len(running), bool)
    np.logical_or.at(extrapolated, into, table.extrapolated)
    gathered = remap(table.observations, target, n_cells)
    coordinates = coordinates_of(covariates, recorded_histories(running))
    observations = by_road_or_apart(gathered, coordinates, had_roads=table.roads is not None)
    return replace(
        table,
        covariates=covariates,
        possible=possible,
        running=running,
        extrapolated=extrapolated,
        lower=observations.lower,
        upper=observations.upper,
        cover_start=observations.start,
        cover_cell=observations.cell,
        line=observations.line,
    )


def can_be_pooled(table: CaptureTable, over: Collection[str] | None = None) -> bool:
    """Tell whether the same lists ran in all strata that would be added up."""
    everywhere, somewhere = _running(table, _stratum_of_each(table, over))
    return bool((everywhere == somewhere).all())


def _stratum_of_each(table: CaptureTable, over: Collection[str] | None) -> NDArray[np.int64]:
    """Return to which stratum of the added-up table each stratum goes, shape (S,)."""
    sizes = [len(covariate.levels) for covariate in table.covariates]
    kept = [1 if over is None or covariate.name in over else len(covariate.levels) for covariate in table.covariates]
    new = np.arange(int(np.prod(kept, dtype=np.int64)), dtype=np.int64).reshape(kept)
    return np.broadcast_to(new, sizes).reshape(-1).astype(np.int64)


def _running(table: CaptureTable, into: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return, for each stratum of the added-up table, the lists that ran in all and in any of its strata."""
    shape = (int(into.max()) + 1, table.n_lists)
    everywhere, somewhere = np.ones(shape, bool), np.zeros(shape, bool)
    np.logical_and.at(everywhere, into, table.running)
    np.logical_or.at(somewhere, into, table.running)
    return everywhere, somewhere


def _same_running(table: CaptureTable, into: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which lists ran in each stratum of the added-up table; refuse strata in which it differs."""
    everywhere, somewhere = _running(table, into)
    differs = (everywhere != somewhere).any(axis=0)
    if differs.any():
        silent = ", ".join(name for name, other in zip(table.lists, differs.tolist(), strict=True) if other)
        raise InputError(Fault("", f"Strata cannot be added up: some lists did not run in all of them ({silent})."))
    return somewhere
