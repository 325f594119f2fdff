"""Does a table fit a model of its cells? One table simulated at each draw, beside the observed one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def among_registered(cells: Floats) -> Floats:
    """Return the share of registered people in every cell, of what is expected in all cells, shape (..., 2^L)."""
    seen = cells.copy()
    seen[..., 0] = 0.0
    return np.asarray(seen / seen.sum(axis=-1, keepdims=True))


def misfits(counts: Ints, size: Ints, cells: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return how far the observed table, and a table simulated at each draw, are from the expected one.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; history 0 is not looked at.
    size : ndarray of int, shape (n,)
        Draws of the number of people.
    cells : ndarray, shape (n, 2^L)
        Draws of the probabilities of all histories.

    Returns
    -------
    observed, simulated : ndarray, shape (n,)
        Freeman-Tukey sums of ``(sqrt(count) - sqrt(expected))**2`` over the histories of registered people. How often
        the second is the larger is the posterior predictive probability (Gelman, Meng & Stern 1996, Statistica Sinica
        6:733).
    """
    expected = np.sqrt(size[:, None] * cells[:, 1:])
    table = np.sqrt(rng.multinomial(size, cells / cells.sum(axis=1, keepdims=True))[:, 1:])
    return ((np.sqrt(counts[1:]) - expected) ** 2).sum(axis=1), ((table - expected) ** 2).sum(axis=1)
