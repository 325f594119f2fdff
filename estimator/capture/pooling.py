"""Adding up the strata of a table: everybody together, without covariates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimator.capture.cells import coordinates_of, recorded_histories
from estimator.capture.observations import remap
from estimator.capture.roads import by_road_or_apart
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError


def pooled(table: CaptureTable) -> CaptureTable:
    """Return the table of everybody together, without covariates.

    Parameters
    ----------
    table : CaptureTable
        Every list ran in every stratum.

    Returns
    -------
    CaptureTable
        One stratum, with the same lists and registered persons. A history is a structural zero where it was one in
        every stratum. People of unknown stratum count in full, and so do those whom `left_out` counts.

    Raises
    ------
    InputError
        When a list did not run in every stratum: the sums would then be of different people.
    """
    if not table.running.all():
        everywhere = np.logical_and.reduce(table.running, axis=0)
        silent = ", ".join(name for name, ran in zip(table.lists, everywhere.tolist(), strict=True) if not ran)
        raise InputError(Fault("", f"Strata cannot be added up: some lists did not run in all of them ({silent})."))
    target = np.tile(np.arange(table.n_histories, dtype=np.int64), table.n_strata)
    running = np.ones((1, table.n_lists), bool)
    gathered = remap(table.observations, target, table.n_histories)
    coordinates = coordinates_of((), recorded_histories(running))
    observations = by_road_or_apart(gathered, coordinates, had_roads=table.roads is not None)
    return replace(
        table,
        covariates=(),
        possible=np.logical_or.reduce(table.possible, axis=0, keepdims=True),
        running=running,
        extrapolated=np.zeros(1, bool),
        lower=observations.lower,
        upper=observations.upper,
        cover_start=observations.start,
        cover_cell=observations.cell,
        line=observations.line,
    )
