"""The capture table with names on its axes, as xarray objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.cells import CountedCells
from estimator.capture.histories import UNSEEN, membership
from estimator.capture.observations import UNBOUNDED, IntArray, is_uncertain

if TYPE_CHECKING:
    import xarray as xr


def overlap(table: CountedCells) -> xr.DataArray:
    """Return the number of persons on both of two lists.

    Returns
    -------
    DataArray of int64, dims (list, with_list)
        Persons known to be on both; the lists' sizes on the diagonal. The coordinate ``upper`` has the largest
        number that the table allows: it equals the value where all counts are exact.
    """
    import xarray as xr

    lower, upper = table.overlap_counts
    dims = ("list", "with_list")
    return xr.DataArray(
        lower,
        dims=dims,
        coords={"list": list(table.lists), "with_list": list(table.lists), "upper": (dims, upper)},
        name="overlap",
        attrs={"long_name": "persons on both lists", "units": "persons"},
    )


def cell_bounds(table: CountedCells) -> tuple[IntArray, IntArray]:
    """Return the bounds of the number of persons in each cell that the table leaves.

    Parameters
    ----------
    table : CountedCells
        S strata, L lists.

    Returns
    -------
    lower, upper : ndarray of int64, shape (S, 2^L)
        `UNBOUNDED` where nothing bounds the number, as in the unseen cells; 0 for structural zeros.
    """
    observations = table.observations
    own = observations.length == 1
    lower = np.zeros(table.n_cells, np.int64)
    np.add.at(lower, observations.cell[observations.start[:-1][own]], observations.lower[own])
    upper = np.zeros(table.n_cells, np.int64)
    each = observations.upper[observations.owner]
    np.add.at(upper, observations.cell, np.where(each == UNBOUNDED, 0, each))
    upper[observations.cell[each == UNBOUNDED]] = UNBOUNDED
    upper[~table.covered.reshape(-1)] = UNBOUNDED
    upper[~table.possible.reshape(-1)] = 0
    return lower.reshape(table.shape), upper.reshape(table.shape)


def dataset(table: CountedCells) -> xr.Dataset:
    """Return the table as a labelled data set.

    Parameters
    ----------
    table : CountedCells
        S strata, L lists.

    Returns
    -------
    Dataset
        Over one dimension per covariate and ``history`` (labels ``"none"``, ``"P"``, ``"K&P"``): ``count``, persons,
        NaN where the number is not exactly known; ``lower`` and ``upper``, the bounds of that number (``inf`` for
        none); ``possible``; ``covered``. Over ``history`` and ``list``: ``membership``. Over ``observation``: the
        numbers that are coarsened, that is, cover several cells or lie between bounds: ``observation_lower``,
        ``observation_upper``, ``observation_line`` and, over the cells too, ``observation_covers``.
    """
    import xarray as xr

    cells = (*(covariate.name for covariate in table.covariates), "history")
    shape = (*(len(covariate.levels) for covariate in table.covariates), table.n_histories)
    lower, upper = cell_bounds(table)
    count = np.where((lower == upper) & (np.arange(table.n_histories) != UNSEEN), lower.astype(float), np.nan)
    variables = {
        "count": (cells, count.reshape(shape)),
        "lower": (cells, lower.reshape(shape).astype(float)),
        "upper": (cells, _infinite(upper).reshape(shape)),
        "possible": (cells, table.possible.reshape(shape)),
        "covered": (cells, table.covered.reshape(shape)),
        "membership": (("history", "list"), membership(table.n_lists)),
    }
    coords = {covariate.name: list(covariate.levels) for covariate in table.covariates}
    return xr.Dataset(
        {**variables, **_coarsened(table, cells, shape)},
        coords={**coords, "history": table.history_labels, "list": list(table.lists)},
        attrs={"kind": table.kind, "registered": str(table.registered)},
    )


def _coarsened(
    table: CountedCells, cells: tuple[str, ...], shape: tuple[int, ...]
) -> dict[str, tuple[str | tuple[str, ...], NDArray[np.generic]]]:
    """Return the variables of the coarsened numbers."""
    observations = table.observations
    chosen = np.flatnonzero(is_uncertain(observations) | (observations.length > 1))
    covers = np.zeros((len(chosen), table.n_cells), bool)
    for row, index in enumerate(chosen.tolist()):
        covers[row, observations.cells(index)] = True
    return {
        "observation_lower": ("observation", observations.lower[chosen].astype(float)),
        "observation_upper": ("observation", _infinite(observations.upper[chosen])),
        "observation_line": ("observation", observations.line[chosen]),
        "observation_covers": (("observation", *cells), covers.reshape(-1, *shape)),
    }


def _infinite(upper: IntArray) -> NDArray[np.float64]:
    """Return upper bounds as floating-point numbers, with ``inf`` where there is none."""
    return np.where(upper == UNBOUNDED, np.inf, upper.astype(float))
