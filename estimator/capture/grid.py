"""The grid of latent cells of a declaration: which cells can exist, and which can be in a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from estimator.capture.declaration import Declaration
from estimator.capture.histories import UNSEEN, history_of, list_bits, membership
from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.strata import strata_where, stratum_count, stratum_levels
from estimator.errors import Fault, InputError

MOST_CELLS = 20_000_000
"""Larger grids do not fit in the memory of an office machine."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Strata × histories, with everything that the study declares about them.

    Parameters
    ----------
    declaration : Declaration
        Without faults.
    possible : ndarray of bool, shape (S, 2^L)
        False for structural zeros.
    running : ndarray of bool, shape (S, L)
        Whether each list operated in each stratum.
    """

    declaration: Declaration
    possible: BoolArray
    running: BoolArray

    @property
    def n_cells(self) -> int:
        """Number of latent cells, S * 2^L."""
        return int(self.possible.size)

    @cached_property
    def off(self) -> IntArray:
        """The lists that did not operate, as bits of a history, shape (S,)."""
        return (~self.running).astype(np.int64) @ list_bits(self.running.shape[1])

    @cached_property
    def recorded(self) -> IntArray:
        """The history written down for people of each cell, shape (S, 2^L): without lists that did not operate."""
        return np.arange(self.possible.shape[1], dtype=np.int64)[None, :] & ~self.off[:, None]

    @cached_property
    def declared_unobserved(self) -> BoolArray:
        """Cells of histories that the study declares not observed, shape (S, 2^L)."""
        hidden = np.zeros(self.possible.shape, bool)
        for gap in self.declaration.unobserved:
            history = history_of(self.declaration.lists, gap.history)
            hidden |= strata_where(self.declaration.covariates, gap.where)[:, None] & (self.recorded == history)
        return hidden

    @cached_property
    def observable(self) -> BoolArray:
        """Cells whose people a table can count, shape (S, 2^L)."""
        observable: BoolArray = self.possible & (self.recorded != UNSEEN) & ~self.declared_unobserved
        return observable

    @cached_property
    def head(self) -> IntArray:
        """Flat index of the cell with the recorded history of each cell, shape (S * 2^L,).

        Cells with one head cannot be told apart: they are written down alike.
        """
        n_strata, n_histories = self.possible.shape
        row = np.arange(n_strata, dtype=np.int64)[:, None] * n_histories
        head: IntArray = (row + self.recorded).reshape(-1)
        return head

    @cached_property
    def levels(self) -> IntArray:
        """Level of each covariate in each stratum, shape (S, n_covariates)."""
        return stratum_levels(self.declaration.covariates)


def make_grid(declaration: Declaration, source: str) -> Grid:
    """Return the grid of a declaration.

    Parameters
    ----------
    declaration : Declaration
        Without faults.
    source : str
        File or study to name when the grid is too large.

    Returns
    -------
    Grid
        Structural zeros and lists that did not run filled in.

    Raises
    ------
    InputError
        When there would be more than `MOST_CELLS` cells. Nothing large is allocated before that is known.
    """
    n_lists, n_strata = len(declaration.lists), stratum_count(declaration.covariates)
    if n_strata * 2**n_lists > MOST_CELLS:
        raise InputError(Fault(source, _too_large(declaration, n_strata)))
    on = membership(n_lists)
    possible = np.ones((n_strata, 2**n_lists), bool)
    for zero in declaration.structural_zeros:
        together = on[:, [declaration.lists.index(name) for name in zero.lists]].all(axis=1)
        possible &= ~(strata_where(declaration.covariates, zero.where)[:, None] & together)
    running = np.ones((n_strata, n_lists), bool)
    for pause in declaration.not_operating:
        running[strata_where(declaration.covariates, pause.where), declaration.lists.index(pause.list)] = False
    return Grid(declaration, possible, running)


def _too_large(declaration: Declaration, n_strata: int) -> str:
    """Say that a grid is too large, and which covariate to look at first."""
    largest = max(declaration.covariates, key=lambda covariate: len(covariate.levels), default=None)
    n_cells = n_strata * 2 ** len(declaration.lists)
    most = f" '{largest.name}' has most levels, {len(largest.levels):,}." if largest else ""
    return (
        f"{n_strata:,} strata with {len(declaration.lists)} lists make {n_cells:,} cells, and"
        f" at most {MOST_CELLS:,} fit in memory. Merge levels of the covariates, or leave a covariate out.{most}"
    )
