"""The posterior of N without a sampler, for tables without covariates: integrals on grids.

The log dark figure is put on a fine grid. For each of its values the other parameters, whose conditional distribution
is close to normal, are integrated by Gauss-Hermite quadrature around their conditional mode. Nothing is shared with the
program but the table and the numbers of the priors; how well the integrals have converged is tested by refining them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import stats
from scipy.interpolate import CubicSpline


@dataclass(frozen=True)
class Problem:
    """Counts of the histories other than none, and normal priors of log ratio, coverages and two-list terms."""

    n_lists: int
    counts: tuple[int, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]

    @property
    def registered(self) -> int:
        return sum(self.counts)

    @property
    def columns(self) -> np.ndarray:
        """Which parameters each history adds up, shape (2**L - 1, D)."""
        histories = list(product((0, 1), repeat=self.n_lists))[1:]
        pairs = list(combinations(range(self.n_lists), 2)) if len(self.mean) > 1 + self.n_lists else []
        return np.array([[1, *h, *(h[a] * h[b] for a, b in pairs)] for h in histories], dtype=float)


def log_posterior(problem: Problem, at: np.ndarray) -> np.ndarray:
    """Log posterior density up to a constant, at points of shape (..., D)."""
    log_cells = math.log(problem.registered) + at @ problem.columns.T
    fit = log_cells @ np.array(problem.counts) - np.exp(log_cells).sum(axis=-1)
    return fit - 0.5 * (((at - problem.mean) / problem.sd) ** 2).sum(axis=-1)


def conditional_mode(problem: Problem, log_ratio: float, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mode and precision matrix of all other parameters, given the log ratio: Newton's method."""
    columns, mean, sd = problem.columns, np.array(problem.mean), np.array(problem.sd)
    at = np.concatenate([[log_ratio], start])
    for _ in range(200):
        cells = problem.registered * np.exp(columns @ at)
        slope = columns.T @ (np.array(problem.counts) - cells) - (at - mean) / sd**2
        precision = (columns.T * cells) @ columns + np.diag(1 / sd**2)
        step = np.linalg.solve(precision[1:, 1:], slope[1:])
        at[1:] += step / max(1.0, np.abs(step).max())
        if np.abs(step).max() < 1e-12:
            return at[1:], precision[1:, 1:]
    raise AssertionError("no mode found")


@dataclass(frozen=True)
class Marginal:
    """Weights of values of the log ratio: a discrete stand-in for its posterior."""

    registered: int
    log_ratio: np.ndarray
    weight: np.ndarray

    def quantile_of_size(self, probability: float) -> float:
        """The smallest N with at least this probability below or at it; the dark figure is Poisson."""
        expected = self.registered * np.exp(self.log_ratio)
        low, high = 0, int(expected.max() * 2 + 1000)
        while low < high:
            middle = (low + high) // 2
            if self.weight @ stats.poisson.cdf(middle, expected) >= probability:
                high = middle
            else:
                low = middle + 1
        return float(self.registered + low)


def by_gauss_hermite(problem: Problem, *, n_grid: int, n_nodes: int) -> Marginal:
    """The posterior of the log ratio, by `n_grid` values of it and `n_nodes` nodes in every other dimension.

    The grid spans what a rough one over nine prior standard deviations finds to have any mass. Between its points the
    log density is a cubic spline, because the distribution function of N, given the log ratio, is steep.
    """
    rough = problem.mean[0] + problem.sd[0] * np.linspace(-9.0, 9.0, 121)
    log_mass = log_masses(problem, rough, 3)
    inside = np.flatnonzero(log_mass > log_mass.max() - 35)
    grid = np.linspace(rough[max(inside[0] - 1, 0)], rough[min(inside[-1] + 1, 120)], n_grid)
    fine = np.linspace(grid[0], grid[-1], 4001)
    log_mass = CubicSpline(grid, log_masses(problem, grid, n_nodes))(fine)
    weights = np.exp(log_mass - log_mass.max())
    return Marginal(problem.registered, fine, weights / weights.sum())


def log_masses(problem: Problem, log_ratios: np.ndarray, n_nodes: int) -> np.ndarray:
    """Log posterior density of values of the log ratio, up to a constant."""
    n_other = len(problem.mean) - 1
    one, weight = np.polynomial.hermite_e.hermegauss(n_nodes)
    nodes = np.array(list(product(one, repeat=n_other)))
    log_weight = np.log(np.array(list(product(weight, repeat=n_other)))).sum(axis=1) + 0.5 * (nodes**2).sum(axis=1)
    found, start = np.empty(len(log_ratios)), np.array(problem.mean[1:])
    for i, log_ratio in enumerate(log_ratios):
        start, precision = conditional_mode(problem, log_ratio, start)
        root = np.linalg.inv(np.linalg.cholesky(precision))
        points = np.column_stack([np.full(len(nodes), log_ratio), start + nodes @ root])
        values = log_posterior(problem, points) + log_weight
        found[i] = np.logaddexp.reduce(values) - 0.5 * np.linalg.slogdet(precision)[1]
    return found
