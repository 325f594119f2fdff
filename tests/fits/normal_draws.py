"""Draws without chance: quantiles of normal distributions, so that closed forms hold to many digits."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri, xlogy


def quantiles(mean: float, sd: float, n: int = 4000) -> np.ndarray:
    """n values that stand for the normal distribution, in random order."""
    values = mean + sd * ndtri((np.arange(n) + 0.5) / n)
    return np.random.default_rng(7).permutation(values)


def distance_of_normals(first: tuple[float, float], second: tuple[float, float], n: int) -> float:
    """Cumulative Jensen-Shannon distance of two normal distributions, over the range of n quantiles of the first."""
    reach = ndtri(1 - 0.5 / n)
    grid = np.linspace(first[0] - reach * first[1], first[0] + reach * first[1], 200_001)
    return distance_on_grid(grid, *(ndtr((grid - mean) / sd) for mean, sd in (first, second)))


def distance_on_grid(grid: np.ndarray, p: np.ndarray, q: np.ndarray) -> float:
    """The same for the values of two distribution functions on a grid, by quadrature of the definition."""
    distances = []
    for one, other in ((p, q), (1 - p, 1 - q)):
        middle = (one + other) / 2
        density = (xlogy(one, one) + xlogy(other, other) - 2 * xlogy(middle, middle)) / np.log(2)
        distances.append(np.sqrt(np.trapezoid(density, grid) / np.trapezoid(one + other, grid)))
    return float(max(distances))
