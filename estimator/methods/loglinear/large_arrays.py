"""The arrays that the log density of a large table reads beside those of the model, and which tables it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.methods.convergence import Limits
from estimator.methods.loglinear.design import Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONG_STRATA = 48
"""Strata from which on somebody who waits for the estimate waits for the draws."""

SHORT_WARMUP = 300
"""Draws of warm-up of each chain of such a table: with so many values, more of them teach the sampler nothing."""

EFFECTIVE_DRAWS = 2000.0
"""After which no more are made, where the table is not so large that fewer have to do."""


class LargeArrays(NamedTuple):
    """What the log density of a large table reads beside `ModelArrays`.

    Parameters
    ----------
    levels, place, scale
        As in `estimator.methods.loglinear.tensor.Tensor`, the levels one after the other.
    sizes : ndarray of int, shape (C,)
        Number of levels of each covariate.
    pattern : ndarray of int, shape (S,)
        Which row of `exposed` each stratum has.
    exposed : ndarray, shape (P, H)
        1 where exact numbers of a cell were observed and people can be in it, else 0.
    of_stratum, of_list, of_history : ndarray, shapes (S,), (S, L) and (H,)
        Margins of the exact counts.
    sum_number : ndarray of int
        The exact numbers that cover several cells.
    coverage_rows : ndarray, shape (R, K')
        Rows of the heterogeneity matrix as they differ within one block of columns, zero in all others: the levels of
        a covariate.
    row_of : ndarray of int, shape (S, blocks)
        Which of them each stratum has in each block.
    row_from, row_to : ndarray of int, shape (R,)
        The first column of the block of each row, and that after the last.
    """

    levels: Floats
    place: Ints
    scale: Floats
    sizes: Ints
    pattern: Ints
    exposed: Floats
    of_stratum: Floats
    of_list: Floats
    of_history: Floats
    sum_number: Ints
    coverage_rows: Floats
    row_of: Ints
    row_from: Ints
    row_to: Ints


def is_large(design: Design) -> bool:
    """Tell whether a design has the columns and the numbers that the density of a large table takes."""
    return design.composition.tensor is not None and not design.errors.names and not design.unknown.names


def pace_of(design: Design, asked: Limits) -> tuple[int, Limits] | None:
    """Return how draws are spared where one would wait long for them; None where all that are asked for are made.

    Parameters
    ----------
    asked : Limits
        That a fit has to pass.

    Returns
    -------
    warmup : int
        The most draws of warm-up of each chain.
    limits : Limits
        That the draws so far have to pass for no more to be made.
    """
    if is_large(design):
        return SHORT_WARMUP, asked
    if design.observed.unseen.shape[0] < LONG_STRATA:
        return None
    return SHORT_WARMUP, replace(asked, effective_draws=max(asked.effective_draws, EFFECTIVE_DRAWS))


def large_arrays(design: Design) -> LargeArrays:
    """Return what the log density of a large table reads beside the arrays of the model."""
    tensor, observed = design.composition.tensor, design.observed
    if tensor is None:
        raise ValueError("the columns of this design are not products")
    exposed, pattern = np.unique((observed.exposure > 0) & (observed.possible > 0), axis=0, return_inverse=True)
    return LargeArrays(
        levels=tensor.flat,
        place=tensor.place,
        scale=np.ascontiguousarray(tensor.scale),
        sizes=np.array([len(matrix) for matrix in tensor.levels], dtype=np.int64),
        pattern=pattern.reshape(-1).astype(np.int64),
        exposed=np.ascontiguousarray(exposed, dtype=np.float64),
        of_stratum=observed.counts.sum(axis=1),
        of_list=np.ascontiguousarray(observed.counts @ design.member),
        of_history=observed.counts.sum(axis=0),
        sum_number=observed.sum_count.astype(np.int64),
        **_coverage_rows(design),
    )


def _coverage_rows(design: Design) -> dict[str, Any]:
    """Return the rows of the heterogeneity matrix block by block, each only once."""
    matrix = np.concatenate([design.heterogeneity.matrix, design.changes.matrix], axis=1)
    block = np.concatenate(
        [design.heterogeneity.block, [len(design.heterogeneity.blocks)] * design.changes.matrix.shape[1]]
    )
    rows, row_of, bounds = [np.zeros((0, matrix.shape[1]))], [], []
    for one in np.unique(block):
        inside = block == one
        distinct, place = np.unique(matrix * inside, axis=0, return_inverse=True)
        row_of.append(place.reshape(-1) + sum(map(len, rows)))
        rows.append(distinct)
        columns = np.flatnonzero(inside)
        bounds += [(columns[0], columns[-1] + 1)] * len(distinct)
    return {
        "coverage_rows": np.concatenate(rows),
        "row_of": np.array(row_of, dtype=np.int64).reshape(len(row_of), len(matrix)).T.copy(),
        "row_from": np.array([first for first, _ in bounds], dtype=np.int64),
        "row_to": np.array([last for _, last in bounds], dtype=np.int64),
    }
