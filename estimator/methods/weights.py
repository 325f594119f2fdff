"""Draws under importance weights: as if they came from another distribution, and how far that can be trusted.

References
----------
Vehtari, Simpson, Gelman, Yao & Gabry (2024), Journal of Machine Learning Research 25(72): Pareto smoothed importance
sampling (PSIS) and its diagnostic k.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RELIABLE_K = 0.7
"""Above this Pareto k importance weights are not to be relied upon (Vehtari et al. 2024, section 3.2.4)."""

_FEWEST = 25  # draws that a tail can be fitted to


@dataclass(frozen=True, eq=False)
class Weights:
    """Smoothed importance weights of draws.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Sum to 1.
    pareto_k : float
        Reads as: below 0.7 the weights do; infinite where they are not numbers.
    """

    values: Floats
    pareto_k: float

    @property
    def reliable(self) -> bool:
        """Whether what the weights say can be relied upon."""
        return self.pareto_k <= limit_of_k(len(self.values))

    @property
    def effective(self) -> float:
        """How many draws of equal weight these are worth."""
        return float(1.0 / np.square(self.values).sum())


def limit_of_k(n_draws: int) -> float:
    """Return the largest Pareto k at which n draws can be relied upon, ``min(1 - 1 / log10 n, 0.7)``.

    Returns
    -------
    float
        Vehtari et al. (2024), section 3.2.4.
    """
    return min(1.0 - 1.0 / math.log10(max(n_draws, 11)), RELIABLE_K)


def smoothed(log_ratios: Floats) -> Weights:
    """Return Pareto smoothed weights.

    Parameters
    ----------
    log_ratios : ndarray, shape (n,)
        Log density wanted over log density drawn from, up to a constant; minus infinity for a draw that counts for
        nothing.
    """
    usable = np.isfinite(log_ratios)
    if usable.sum() < _FEWEST:
        return Weights(np.full(len(log_ratios), 1.0 / max(len(log_ratios), 1)), np.inf)
    shifted = log_ratios[usable] - log_ratios[usable].max()
    logs, k = (np.zeros(len(shifted)), -np.inf) if np.ptp(shifted) < 1e-10 else _psis(shifted)
    values = np.zeros(len(log_ratios))
    values[usable] = np.exp(logs - logs.max())
    return Weights(values / values.sum(), k)


def _psis(log_ratios: Floats) -> tuple[Floats, float]:
    """Return smoothed log weights and Pareto k; the ratios as they are, and infinity, where no tail can be fitted."""
    from arviz_stats.base import array_stats

    with np.errstate(all="ignore"):
        logs, k = array_stats.psislw(-log_ratios)
    if not (np.isfinite(k) and np.isfinite(logs).all()):
        return log_ratios, np.inf
    return np.asarray(logs), float(k)


def weighted_quantiles(draws: Floats, weights: Floats, probabilities: tuple[float, ...]) -> Floats:
    """Return quantiles of weighted draws.

    Parameters
    ----------
    draws, weights : ndarray, shape (n,)

    Returns
    -------
    ndarray
        By linear interpolation between draws, each in the middle of its weight.
    """
    order = np.argsort(draws)
    reached = np.cumsum(weights[order])
    middles = (reached - 0.5 * weights[order]) / reached[-1]
    return np.asarray(np.interp(probabilities, middles, draws[order]))
