"""People of whom a covariate is unknown: which numbers count them, and the table without them or with levels for them.

A number counts such people when its cells differ in the covariate. `estimator.capture.coarsening` makes it of a blank.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from estimator.capture.histories import UNSEEN
from estimator.capture.observations import (
    BoolArray,
    IntArray,
    Observations,
    canonical,
    concatenate,
    covered_cells,
    from_pairs,
    take,
)
from estimator.capture.rearranging import rebuilt
from estimator.capture.roads import by_road_or_apart
from estimator.capture.table import CaptureTable
from estimator.capture.tallies import Registered, total


def with_unknown_level(table: CaptureTable) -> Mapping[str, BoolArray]:
    """Return which numbers count people whose level is unknown, by covariate; covariates without any are left out.

    Returns
    -------
    mapping of str to ndarray of bool, shape (J,)
        True where the number may be above zero and its cells differ in the covariate.
    """
    observations = table.observations
    if not len(observations):
        return {}
    levels = table.coordinates[observations.cell, : len(table.covariates)]
    start = observations.start[:-1]
    varies = np.maximum.reduceat(levels, start, axis=0) != np.minimum.reduceat(levels, start, axis=0)
    varies &= (observations.upper > 0)[:, None]
    return {
        covariate.name: varies[:, place] for place, covariate in enumerate(table.covariates) if varies[:, place].any()
    }


def some_level_unknown(table: CaptureTable) -> BoolArray:
    """Return which numbers count people of whom the level of some covariate is unknown, shape (J,)."""
    unknown: BoolArray = np.zeros(len(table.lower), bool)
    for numbers in with_unknown_level(table).values():
        unknown |= numbers
    return unknown


def people_of(table: CaptureTable, numbers: BoolArray) -> Registered:
    """Return how many people some numbers count together."""
    return total(table.lower[numbers], table.upper[numbers])


def without_people(table: CaptureTable, numbers: BoolArray) -> CaptureTable:
    """Return the table as it would be without the people of some numbers.

    Parameters
    ----------
    numbers : ndarray of bool, shape (J,)
        Those that go.

    Returns
    -------
    CaptureTable
        What a file without their rows would have given: a cell in which nobody is left is one where nobody was seen.
    """
    return _of(table, take(table.observations, ~numbers))


def with_people_in(table: CaptureTable, numbers: BoolArray, strata: BoolArray) -> CaptureTable:
    """Return the table as it would be if all people of some numbers who may be of some strata were of these.

    Parameters
    ----------
    numbers : ndarray of bool, shape (J,)
        Whose people they are.
    strata : ndarray of bool, shape (S,)
        A number none of whose cells is there stays as it is.

    Returns
    -------
    CaptureTable
        With the same registered people.
    """
    observations = table.observations
    owner, inside = observations.owner, strata[observations.cell // table.n_histories]
    may_be = np.bincount(owner[inside], minlength=len(observations)) > 0
    keep = inside | ~(numbers & may_be)[owner]
    narrowed = from_pairs(
        owner[keep],
        observations.cell[keep],
        observations.lower,
        observations.upper,
        observations.line,
        table.n_cells,
    )
    return _of(table, narrowed)


def _of(table: CaptureTable, observations: Observations) -> CaptureTable:
    """Return a table with other numbers; cells that none of them counts any more hold nobody."""
    observed = canonical(concatenate([observations, _zeros(table, observations)]), table.n_cells)
    return rebuilt(table, by_road_or_apart(observed, table.coordinates, had_roads=table.roads is not None))


def _zeros(table: CaptureTable, observations: Observations) -> Observations:
    """Return a zero for each history that the table counts and some other numbers do not.

    An uncertain number alone in its cells hides the zeros there (`estimator.capture.coarsening`).
    """
    gone = table.covered & ~covered_cells(observations, table.n_cells).reshape(table.shape)
    row = np.arange(table.n_strata, dtype=np.int64)[:, None] * table.n_histories
    cells: IntArray = np.flatnonzero(gone & (table.recorded != UNSEEN)).astype(np.int64)
    heads, owner = np.unique((row + table.recorded).reshape(-1)[cells], return_inverse=True)
    nobody = np.zeros(len(heads), np.int64)
    return from_pairs(owner.reshape(-1).astype(np.int64), cells, nobody, nobody, nobody, table.n_cells)
