"""Zero-sum contrasts: how the levels of a covariate become coefficients of the model.

A covariate with K levels has K - 1 coefficients. For unordered levels the contrast matrix has orthonormal columns, so
that independent Normal(0, s) coefficients give level effects that sum to zero and whose prior treats every level
alike. For ordered levels (years) the effects are a random walk: neighbours are alike, distant levels may differ.

Indicator columns ("dummy coding") describe the same models but make one level special and the posterior strongly
correlated, which costs the sampler an order of magnitude.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def zero_sum(n_levels: int) -> Matrix:
    """Return orthonormal contrasts of unordered levels.

    Parameters
    ----------
    n_levels : int
        K, at least 1.

    Returns
    -------
    ndarray, shape (K, K - 1)
        Columns are orthonormal and sum to zero. Effects ``Q z`` with independent standard normal ``z`` are
        exchangeable, with variance (K - 1) / K each.

    Notes
    -----
    Helmert contrasts, normalised.
    """
    contrasts = np.zeros((n_levels, n_levels - 1))
    for column in range(n_levels - 1):
        size = column + 1  # level `size` against the mean of those before it
        contrasts[:size, column] = 1.0
        contrasts[size, column] = -size
        # size ones and one -size: squared length size + size^2
        contrasts[:, column] /= np.sqrt(size * (size + 1))
    return contrasts


def random_walk(n_levels: int) -> Matrix:
    """Return contrasts under which independent coefficients give a random walk over ordered levels.

    Parameters
    ----------
    n_levels : int
        K, at least 1.

    Returns
    -------
    ndarray, shape (K, K - 1)
        ``B`` with ``B B' = C W C``, where W is the covariance of a random walk with steps of unit variance and C
        subtracts the mean over levels. Columns sum to zero and are orthogonal (not normalised), largest first.

    Notes
    -----
    Reads as: effects ``B z`` with standard normal ``z`` have neighbouring differences of variance 1.
    """
    if n_levels == 1:
        return np.zeros((1, 0))
    # W = T T' with T[k, j] = 1 where step j came before level k; column 0 moves all levels alike
    steps = np.tril(np.ones((n_levels, n_levels)))[:, 1:]
    centred = steps - steps.mean(axis=0)
    # C T = U D V': B = U D has B B' = C W C
    vectors, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    # The sign of a singular vector is arbitrary: fix it, so that draws do not depend on the linear algebra library.
    signs = np.sign(vectors[-1])
    return np.asarray(vectors * signs * sizes, dtype=np.float64)


def covariate_contrasts(n_levels: int, *, ordered: bool) -> Matrix:
    """Return `random_walk` contrasts for ordered levels, `zero_sum` contrasts otherwise."""
    return random_walk(n_levels) if ordered else zero_sum(n_levels)


def rows_of(contrasts: Matrix, codes: NDArray[np.int64]) -> Matrix:
    """Return the contrast row of each stratum.

    Parameters
    ----------
    contrasts : ndarray, shape (K, K - 1)
        Contrasts of one covariate.
    codes : ndarray of int, shape (S,)
        Level of each stratum.

    Returns
    -------
    ndarray, shape (S, K - 1)
        Design columns of the covariate's main effect.
    """
    return contrasts[codes]


def product(left: Matrix, right: Matrix) -> Matrix:
    """Return the columns of a two-way term: all products of a column of `left` with a column of `right`.

    Parameters
    ----------
    left : ndarray, shape (S, p)
    right : ndarray, shape (S, q)

    Returns
    -------
    ndarray, shape (S, p * q)
    """
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
