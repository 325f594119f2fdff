"""Columns of strata that are products of one column for each covariate: multiplied covariate by covariate.

Strata are all combinations of the levels of covariates. With C covariates of K levels each, a matrix of S = K**C
columns takes S * S multiplications; the same columns as products take S * K * C. The columns are those that a
log-linear model of the dark figure's spread has: main effects, two-way terms, and an orthonormal basis of what these
leave.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGE_STRATA = 150
"""A table of so many strata or more is large: the columns of its spread over strata are made here, and span the same
spaces as those of a smaller one. No shipped study that has such columns has more than 96: their numbers do not move."""


@dataclass(frozen=True)
class Tensor:
    """Design columns as products of a column for each covariate.

    Parameters
    ----------
    levels : tuple of ndarray, shape (levels, levels) each
        A column of ones, then the contrasts of the covariate.
    place : ndarray of int, shape (K,)
        Which product each design column is: an index into the grid of the columns of `levels`, in C order.
    scale : ndarray, shape (K,)
        By what the product is multiplied.
    """

    levels: tuple[Floats, ...]
    place: Ints
    scale: Floats

    @property
    def matrix(self) -> Floats:
        """The design columns, shape (S, K)."""
        full: Floats = np.ones((1, 1))
        for matrix in self.levels:
            full = np.asarray(np.kron(full, matrix), dtype=np.float64)
        return np.asarray(full[:, self.place] * self.scale)

    @property
    def flat(self) -> Floats:
        """The numbers of `levels`, one matrix after the other."""
        return np.concatenate([np.zeros(0), *(matrix.reshape(-1) for matrix in self.levels)])


def tensor_blocks(contrasts: Sequence[Floats], two_way: Collection[tuple[int, int]]) -> tuple[Tensor, list[int]]:
    """Return main effects, two-way terms and what they leave, as products.

    Parameters
    ----------
    contrasts : sequence of ndarray, shape (levels, levels - 1) each
        Of every covariate; orthogonal columns that sum to zero.
    two_way : collection of pairs of int
        Pairs of covariates, the earlier one first, that have a two-way term.

    Returns
    -------
    tensor : Tensor
    sizes : list of int
        Number of columns of each block: every covariate, every two-way term in order, and the rest.

    Notes
    -----
    The columns of the rest are orthonormal, because columns of different products are orthogonal over all strata.
    """
    levels = tuple(np.concatenate([np.ones((len(matrix), 1)), matrix], axis=1) for matrix in contrasts)
    shape = [len(matrix) for matrix in levels]
    index = np.indices(shape).reshape(len(shape), -1)
    takes_part = index > 0
    norms = [np.linalg.norm(matrix, axis=0) for matrix in levels]
    norm = np.prod([found[places] for found, places in zip(norms, index, strict=True)], axis=0)
    chosen = [frozenset((i,)) for i in range(len(shape))]
    chosen += [frozenset(pair) for pair in combinations(range(len(shape)), 2) if pair in two_way]
    blocks = [
        np.flatnonzero(np.equal(takes_part.T, [i in block for i in range(len(shape))]).all(axis=1)) for block in chosen
    ]
    left = np.setdiff1d(np.arange(1, index.shape[1]), np.concatenate(blocks))
    scale = np.ones(index.shape[1])
    scale[left] = 1.0 / norm[left]
    blocks.append(left)
    place = np.concatenate(blocks).astype(np.int64)
    return Tensor(levels, place, scale[place]), [len(block) for block in blocks]
