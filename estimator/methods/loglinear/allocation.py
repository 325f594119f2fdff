"""Placing people whose cell is not known, as the model would place them, given a draw of the parameters.

A number that covers several cells is split among them in proportion to what is expected there (multinomial: Poisson
counts given their sum). A number known within bounds is drawn first, from the Poisson distribution within the bounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.cells import CELLS_AT_A_TIME
from estimator.methods.loglinear.design import Observed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def place_people(
    people: NDArray[Any],
    observed: Observed,
    cells: Floats,
    place: Ints,
    rng: np.random.Generator,
    shares: Floats | None = None,
) -> None:
    """Add the people of sums and ranges to where they belong.

    Parameters
    ----------
    people : ndarray, shape (n, places)
        Changed.
    cells : ndarray, shape (n, S * H)
        Expected persons per cell, for each draw.
    place : ndarray of int, shape (S * H,)
        Where the people of each cell belong: the cell itself, or its stratum.
    shares : ndarray, shape (n, number of ranges), optional
        Share of the expected people who came by the way of each number within bounds; all when left out.
    """
    for j, count in enumerate(observed.sum_count):
        cover = observed.sum_cell[observed.sum_start[j] : observed.sum_start[j + 1]]
        _allocate(people, np.full(len(cells), int(count)), cells[:, cover], place[cover], rng)
    for j, lower in enumerate(observed.range_lower):
        cover = observed.range_cell[observed.range_start[j] : observed.range_start[j + 1]]
        mean = cells[:, cover].sum(axis=1)
        if shares is not None:
            mean = mean * shares[:, j]
        counts = truncated_poisson(mean, int(lower), int(observed.range_upper[j]), rng)
        _allocate(people, counts, cells[:, cover], place[cover], rng)


def _allocate(people: NDArray[Any], counts: Ints, cells: Floats, place: Ints, rng: np.random.Generator) -> None:
    """Add each draw's people to places, in proportion to the expected cells that their number covers."""
    if (place == place[0]).all():
        people[:, place[0]] += counts
        return
    if not counts.any():  # where nobody is expected either, there are no shares
        return
    shares = cells / cells.sum(axis=1, keepdims=True)
    for column, some in enumerate(rng.multinomial(counts, shares).T):
        people[:, place[column]] += some


def truncated_poisson(mean: Floats, lower: int, upper: int, rng: np.random.Generator) -> Ints:
    """Draw Poisson counts, given that they lie between two bounds.

    Parameters
    ----------
    mean : ndarray, shape (n,)
    lower, upper : int
        Both included; `UNBOUNDED` for no upper bound.

    Returns
    -------
    ndarray of int, shape (n,)
        By inversion over all counts that have a noticeable probability: those within twelve standard deviations of the
        likeliest one inside the bounds.
    """
    uniform = rng.random(len(mean))
    likeliest = np.clip(np.floor(mean), lower, upper).astype(np.int64)
    half = int(12 * np.sqrt(likeliest.max(initial=0))) + 60
    step = max(1, CELLS_AT_A_TIME // (2 * half + 1))
    parts = [slice(start, start + step) for start in range(0, len(mean), step)]
    chosen = [_inverted(uniform[part], mean[part], likeliest[part], half, (lower, upper)) for part in parts]
    return np.concatenate([np.zeros(0, dtype=np.int64), *chosen])


def _inverted(uniform: Floats, mean: Floats, likeliest: Ints, half: int, bounds: tuple[int, int]) -> Ints:
    """Return the quantiles of Poisson distributions within bounds, looked for as far as `half` from the likeliest."""
    counts = likeliest[:, None] + np.arange(-half, half + 1)
    # log P(k) up to a constant of the mean: k log m - log k!
    log_weight = counts * np.log(mean)[:, None] - _log_factorial(np.maximum(counts, 0))
    log_weight[(counts < bounds[0]) | (counts > bounds[1])] = -np.inf
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True)).cumsum(axis=1)
    place = (weight <= (uniform * weight[:, -1])[:, None]).sum(axis=1)
    return np.asarray(np.take_along_axis(counts, place[:, None], axis=1)[:, 0], dtype=np.int64)


def _log_factorial(counts: Ints) -> Floats:
    """Return log k!."""
    from scipy.special import gammaln

    return np.asarray(gammaln(counts + 1.0))
