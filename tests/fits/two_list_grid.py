"""The posterior of a two-list table by brute force: its density on a grid over all four parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.methods.loglinear.arrays import model_arrays
from estimator.population.estimate import Estimate


@dataclass(frozen=True)
class Grid:
    """Log prior of each parameter and log likelihood at the points of a grid, flat; `log_ratio` and `theta` there."""

    log_ratio: np.ndarray
    theta: np.ndarray
    prior: dict[str, np.ndarray]
    likelihood: np.ndarray

    @property
    def log_posterior(self) -> np.ndarray:
        return self.likelihood + sum(self.prior.values())

    def weights(self, extra: np.ndarray | float = 0.0) -> np.ndarray:
        logs = self.log_posterior + extra
        found = np.exp(logs - logs.max())
        return found / found.sum()


def grid_of(estimate: Estimate, counts: tuple[int, int, int], n: int = 45, theta: float | None = None) -> Grid:
    """A grid over the log ratio, the dependence, and the expected numbers on one list only.

    `counts` are of people on B only, on A only, and on both. Expected numbers on one list only are nearly known from
    their counts, so that log ratio, dependence and these two are better axes than the coverages that follow from them:
    with log lambda_A = log n0 + alpha_A the change of variables has Jacobian 1. With `theta` given, only there.
    """
    arrays = model_arrays(estimate.posterior.details.design, estimate.posterior.details.settings)
    registered = sum(counts)
    position = estimate.posterior.details.draws.unconstrained.reshape(-1, 4)
    of_ratio, of_theta = position[:, 0], position[:, 3]
    axis = lambda draws, k=6.5: np.linspace(draws.mean() - k * draws.std(), draws.mean() + k * draws.std(), n)  # noqa: E731
    around = lambda count: np.linspace(np.log(count) - 6 / np.sqrt(count), np.log(count) + 6 / np.sqrt(count), 31)  # noqa: E731
    thetas = axis(of_theta) if theta is None else np.array([theta])
    ratios = axis(of_ratio) if theta is None else np.linspace(-6, 9, 1501)
    ratio, th, log_a, log_b = (
        part.ravel() for part in np.meshgrid(ratios, thetas, around(counts[1]), around(counts[0]), indexing="ij")
    )
    log_n0 = np.log(registered) + ratio
    values = {"log_ratio": ratio, "a": log_a - log_n0, "b": log_b - log_n0, "dependence": th}
    logs = [
        -0.5 * np.square((value - arrays.mean[d]) / np.exp(arrays.log_sd[d])) for d, value in enumerate(values.values())
    ]
    log_both = log_a + log_b - log_n0 + th
    likelihood = sum(count * log - np.exp(log) for count, log in zip(counts, (log_b, log_a, log_both), strict=True))
    prior = {"dark figure": logs[0], "coverage": logs[1] + logs[2], "dependence": logs[3]}
    return Grid(ratio, th, prior, likelihood)
