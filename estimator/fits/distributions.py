"""Comparing distributions by their draws: smooth densities on one grid, and how much one number explains of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_N_GRID = 2048
_BINS = 50


def densities(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the densities of two sets of draws on one grid.

    Parameters
    ----------
    first, second : ndarray, shape (n,) and (m,)

    Returns
    -------
    grid, density of first, density of second : ndarray, shape (G,)
        Kernel estimates with a width of each set's own, on a grid that holds 99.8 % of both; each integrates to 1.
    """
    ends = np.concatenate([np.quantile(draws, [0.001, 0.999]) for draws in (first, second)])
    widths = [_width(draws) for draws in (first, second)]
    margin = 4 * max(widths)
    grid = np.linspace(ends.min() - margin, ends.max() + margin, _N_GRID)
    return grid, _density(first, grid, widths[0]), _density(second, grid, widths[1])


def _width(draws: Floats) -> float:
    """Return the width of the kernel: Silverman's rule of thumb, which long tails do not widen."""
    lower, upper = np.quantile(draws, [0.25, 0.75])
    spread = min(float(draws.std()), float(upper - lower) / 1.34) or float(draws.std())
    return float(max(0.9 * spread * len(draws) ** -0.2, 1e-6))


def _density(draws: Floats, grid: Floats, width: float) -> Floats:
    """Return a kernel density by counting on the grid and smoothing the counts."""
    step = grid[1] - grid[0]
    inside = draws[(draws >= grid[0]) & (draws <= grid[-1])]
    counts, _ = np.histogram(inside, np.append(grid - step / 2, grid[-1] + step / 2))
    reach = int(np.ceil(5 * width / step))
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) * step / width))
    smooth = np.convolve(counts, kernel)[reach : reach + len(grid)] if 2 * reach < len(grid) else counts.astype(float)
    return np.asarray(smooth / np.trapezoid(smooth, grid))


def explained_share(values: Floats, by: Floats) -> float:
    """Return which share of the variance of some draws another number of the same draws accounts for.

    Parameters
    ----------
    values, by : ndarray, shape (n,)

    Returns
    -------
    float
        Between 0 and 1: ``Var(E[values | by]) / Var(values)``, the first-order index of Sobol (1993), from straight
        lines within fifty bins of `by`, less what they explain by chance. 0 when `by` does not vary.
    """
    total = float(values.var())
    if np.ptp(by) == 0 or total == 0:
        return 0.0
    n_bins = max(min(_BINS, len(values) // 20), 1)
    left = 0.0
    for part in np.array_split(np.argsort(by, kind="stable"), n_bins):
        x, y = by[part] - by[part].mean(), values[part] - values[part].mean()
        spread = float(x @ x)
        left += float(y @ y) - (float(x @ y) ** 2 / spread if spread > 0 else 0.0)
    unexplained = left / max(len(values) - 2 * n_bins, 1)
    return float(np.clip(1.0 - unexplained / total, 0.0, 1.0))
