"""Observed numbers and the latent cells that each of them covers, as plain arrays.

One representation serves every kind of coarsening: observed number j is the number of persons in the union of the
cells that it covers, and lies between two bounds. A complete cell covers itself; persons of unknown sex cover the cells
of both sexes; a history seen while a list did not run covers the history with and without that list. Sources: Heitjan
& Rubin 1991, Annals of Statistics 19:2244; Zwane, van der Pal & van der Heijden 2004, Statistics in Medicine 23:2267.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNBOUNDED = int(np.iinfo(np.int64).max)
"""Upper bound of a count that nothing bounds."""

VANISHED = -1
"""In a map of cells: people of this cell are on none of the lists that remain."""

IGNORED = -2
"""In a map of cells: this cell is taken out of covers, and the number of persons stays what it is."""

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Observations:
    """J observed numbers in compressed sparse rows.

    Parameters
    ----------
    lower, upper : ndarray of int64, shape (J,)
        Bounds of the number of persons, both included; `UNBOUNDED` when there is no upper bound.
    start : ndarray of int64, shape (J + 1,)
        Number j covers the cells ``cell[start[j]:start[j + 1]]``.
    cell : ndarray of int64
        Flat indices of latent cells, ascending within one observation.
    line : ndarray of int64, shape (J,)
        Line in the file; 0 for a number that the file does not write, a zero.
    """

    lower: IntArray
    upper: IntArray
    start: IntArray
    cell: IntArray
    line: IntArray

    def __len__(self) -> int:
        return len(self.lower)

    @property
    def length(self) -> IntArray:
        """Number of cells that each observation covers, shape (J,)."""
        return np.diff(self.start)

    @property
    def owner(self) -> IntArray:
        """Observation to which each entry of `cell` belongs, same shape as `cell`."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.length)

    def cells(self, observation: int) -> IntArray:
        """Return the cells that one observation covers."""
        return self.cell[self.start[observation] : self.start[observation + 1]]


def single_cells(cell: IntArray, lower: IntArray, upper: IntArray, line: IntArray) -> Observations:
    """Return observations that cover one cell each; all arguments have shape (J,)."""
    return Observations(lower, upper, np.arange(len(cell) + 1, dtype=np.int64), cell, line)


def unbounded(cells: IntArray) -> Observations:
    """Return one number that says nothing for each of the cells."""
    nothing = np.zeros(len(cells), np.int64)
    return single_cells(cells, nothing, np.full(len(cells), UNBOUNDED), nothing)


def take(observations: Observations, index: IntArray | BoolArray) -> Observations:
    """Return some of the observations, chosen by position or by a mask."""
    chosen = np.flatnonzero(index) if index.dtype == np.bool_ else index
    length = observations.length[chosen]
    start = _offsets(length)
    entry = np.repeat(observations.start[chosen] - start[:-1], length) + np.arange(start[-1], dtype=np.int64)
    return Observations(
        observations.lower[chosen],
        observations.upper[chosen],
        start,
        observations.cell[entry],
        observations.line[chosen],
    )


def concatenate(parts: Sequence[Observations]) -> Observations:
    """Return the observations of all parts, one after the other."""
    return Observations(
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
        _offsets(np.concatenate([part.length for part in parts])),
        np.concatenate([part.cell for part in parts]),
        np.concatenate([part.line for part in parts]),
    )


def from_pairs(
    owner: IntArray, cell: IntArray, lower: IntArray, upper: IntArray, line: IntArray, n_cells: int
) -> Observations:
    """Return observations from (observation, cell) pairs in any order; pairs given twice count once.

    Parameters
    ----------
    owner, cell : ndarray of int64, shape (n_pairs,)
        Observation `owner` covers `cell`.
    lower, upper, line : ndarray of int64, shape (J,)
        As in `Observations`.
    n_cells : int
        Number of latent cells; each cell is below it.

    Returns
    -------
    Observations
        J observations; those without a pair cover nothing.
    """
    pairs = np.unique(owner * n_cells + cell)
    length = np.bincount(pairs // n_cells, minlength=len(lower))
    return Observations(lower, upper, _offsets(length), pairs % n_cells, line)


def remap(observations: Observations, target: IntArray, n_cells: int) -> Observations:
    """Return the observations for other cells, into which the present cells are merged.

    Parameters
    ----------
    observations : Observations
        J observations.
    target : ndarray of int64, shape (number of present cells,)
        New cell of each present one, `VANISHED` or `IGNORED`.

    Returns
    -------
    Observations
        Canonical (`canonical`). Where some but not all of the cells of an observation vanish, any part of its persons
        may have vanished with them: its lower bound becomes 0.
    """
    new = target[observations.cell]
    owner = observations.owner
    vanished = np.zeros(len(observations), bool)
    vanished[owner[new == VANISHED]] = True
    lower = np.where(vanished, 0, observations.lower)
    keep = new >= 0
    mapped = from_pairs(owner[keep], new[keep], lower, observations.upper, observations.line, n_cells)
    return canonical(take(mapped, mapped.length > 0), n_cells)


def canonical(observations: Observations, n_cells: int) -> Observations:
    """Return the observations with equal covers added up, in an order that does not depend on the file's.

    Numbers of different persons in the same cells add up, and so do their bounds. The line kept is the first one.

    Parameters
    ----------
    observations : Observations
        In any order; cells ascending within each, at least one.

    Returns
    -------
    Observations
        By first cell, then by number of cells, then by the cells.
    """
    if not len(observations):
        return observations
    keys = np.stack([observations.cell[observations.start[:-1]], observations.length, _rank_of_covers(observations)])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    return _unite(observations, group.reshape(-1).astype(np.int64), n_cells)


def _rank_of_covers(observations: Observations) -> IntArray:
    """Return numbers that order, and tell apart, the covers of several cells; 0 for covers of one cell."""
    rank = np.zeros(len(observations), np.int64)
    several = np.flatnonzero(observations.length > 1)
    covers = [observations.cells(index).astype(">i8").tobytes() for index in several.tolist()]
    place = {cover: number for number, cover in enumerate(sorted(set(covers)))}
    rank[several] = [place[cover] for cover in covers]
    return rank


def covered_cells(observations: Observations, n_cells: int) -> BoolArray:
    """Return which cells at least one observation covers, shape (n_cells,)."""
    covered = np.zeros(n_cells, bool)
    covered[observations.cell] = True
    return covered


def is_uncertain(observations: Observations) -> BoolArray:
    """Return which numbers are known only between bounds, shape (J,)."""
    uncertain: BoolArray = observations.lower < observations.upper
    return uncertain


def says_nothing(observations: Observations) -> BoolArray:
    """Return which numbers may be anything from zero up, shape (J,)."""
    nothing: BoolArray = (observations.lower == 0) & (observations.upper == UNBOUNDED)
    return nothing


def separate_uncertain(observations: Observations, n_cells: int) -> Observations:
    """Return an equivalent or coarser set in which no uncertain number shares a cell with another number.

    The bounds of a number are a statement about *all* persons in its cells only when no other number counts persons in
    the same cells. Where that is not so, all numbers that hang together are added up over the union of their cells:
    that says less, but nothing that is untrue. Numbers that then say nothing are left out, and zeros
    keep only the cells that no uncertain number covers.

    Parameters
    ----------
    observations : Observations
        Canonical.

    Returns
    -------
    Observations
        Canonical.
    """
    positive = take(observations, observations.upper > 0)
    zero = take(observations, observations.upper == 0)
    component = _components(positive, n_cells)
    united = np.unique(component[is_uncertain(positive)])
    number = np.where(np.isin(component, united), component, np.arange(len(positive)))
    group = np.unique(number, return_inverse=True)[1].astype(np.int64)
    merged = _unite(positive, group, n_cells)
    hidden = covered_cells(take(merged, is_uncertain(merged)), n_cells)
    target = np.where(hidden, IGNORED, np.arange(n_cells))
    told = take(merged, ~says_nothing(merged))
    return canonical(concatenate([told, remap(zero, target, n_cells)]), n_cells)


def _components(observations: Observations, n_cells: int) -> IntArray:
    """Return, for each observation, the smallest position among those that it hangs together with through cells."""
    label = np.arange(len(observations), dtype=np.int64)
    owner = observations.owner
    while True:
        of_cell = np.full(n_cells, UNBOUNDED)
        np.minimum.at(of_cell, observations.cell, label[owner])
        spread = label.copy()
        np.minimum.at(spread, owner, of_cell[observations.cell])
        if np.array_equal(spread, label):
            return label
        label = spread


def _unite(observations: Observations, group: IntArray, n_cells: int) -> Observations:
    """Return one observation for each group, numbered from 0: bounds added up, cells united."""
    n_groups = int(group.max(initial=-1)) + 1
    lower = np.zeros(n_groups, np.int64)
    np.add.at(lower, group, observations.lower)
    unbounded = np.zeros(n_groups, bool)
    unbounded[group[observations.upper == UNBOUNDED]] = True
    upper = np.zeros(n_groups, np.int64)
    np.add.at(upper, group, np.where(observations.upper == UNBOUNDED, 0, observations.upper))
    line = np.full(n_groups, UNBOUNDED)
    np.minimum.at(line, group, np.where(observations.line > 0, observations.line, UNBOUNDED))
    return from_pairs(
        group[observations.owner],
        observations.cell,
        lower,
        np.where(unbounded, UNBOUNDED, upper),
        np.where(line == UNBOUNDED, 0, line),
        n_cells,
    )


def _offsets(length: IntArray) -> IntArray:
    """Return the starts of rows of the given lengths, shape (J + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(length, dtype=np.int64)])
