"""Whether the chains of a sampler agree: where they do not, which chain stands apart, and where draws diverge.

References
----------
Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Bayesian Analysis 16:667, doi 10.1214/20-BA1221: rank-normalised
split R-hat, effective sample size, rank plots. Betancourt (2016), arXiv:1604.00695: energy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.convergence import Chains
from estimator.reasons import Reason

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """How well the chains agree about one quantity.

    Parameters
    ----------
    rhat : float
        Reads as: 1 in agreement; not a number where the draws are all the same.
    ess_bulk, ess_tail : float
        Effective draws.
    """

    name: str | Reason
    rhat: float
    ess_bulk: float
    ess_tail: float


def measured(quantities: Mapping[Any, Floats]) -> list[Measured]:
    """Return how well the chains agree about each quantity, the worst first.

    Parameters
    ----------
    quantities : mapping to ndarray, shape (chain, draw)
        By a name that a user knows, or by what they are.

    Returns
    -------
    list of Measured
        Quantities that are 0 throughout are left out.
    """
    measurements = [_measured(name, values) for name, values in quantities.items() if np.any(values != 0)]
    return sorted(measurements, key=lambda item: -item.rhat if math.isfinite(item.rhat) else -math.inf)


def _measured(name: str | Reason, values: Floats) -> Measured:
    from arviz_stats.base import array_stats

    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return Measured(name, math.nan, 0.0, 0.0)
    axes = {"chain_axis": 0, "draw_axis": 1}
    return Measured(
        name,
        float(array_stats.rhat(values, method="rank", **axes)),
        float(array_stats.ess(values, method="bulk", **axes)),
        float(array_stats.ess(values, method="tail", prob=(0.025, 0.975), **axes)),
    )


def growth(values: Floats, steps: int = 10) -> list[tuple[int, float, float]]:
    """Return how effective draws grow with draws: in a sound sample both grow alike.

    Parameters
    ----------
    values : ndarray, shape (chain, draw)

    Returns
    -------
    list of (int, float, float)
        Draws of all chains, and effective draws of the bulk and of the tail.
    """
    n_chains, n_draws = values.shape
    grown = []
    for step in range(1, steps + 1):
        until = n_draws * step // steps
        if until < 8:
            continue
        so_far = _measured("", values[:, :until])
        grown.append((n_chains * until, so_far.ess_bulk, so_far.ess_tail))
    return grown


def ranks(values: Floats) -> Floats:
    """Return the rank of each draw among those of all chains, from 0 to 1, shape (chain, draw)."""
    from scipy.stats import rankdata

    return np.asarray((rankdata(values, method="average").reshape(values.shape) - 0.5) / values.size)


def energies(chains: Chains) -> list[float]:
    """Return the E-BFMI of each chain; nothing where the sampler kept no energy.

    Returns
    -------
    list of float
        Mean squared step in energy over its variance (Betancourt 2016, eq. 1). Reads as: below 0.3 the chain moves so
        slowly between levels of energy that it may not have seen the tails.
    """
    energy = chains.draws.statistics.get("energy")
    if energy is None:
        return []
    steps, spread = np.square(np.diff(energy, axis=1)).mean(axis=1), np.var(energy, axis=1)
    return [float(value) for value in np.divide(steps, spread, out=np.zeros_like(spread), where=spread > 0)]


def chains_apart(values: Floats, log_density: Floats | None = None) -> tuple[int, ...]:
    """Return which chains stand apart from the others, when chains disagree about a quantity.

    Parameters
    ----------
    values : ndarray, shape (chain, draw)
    log_density : ndarray, shape (chain, draw), optional
        Tells which half stands apart when as many chains are in one place as in another: the one with less density.

    Returns
    -------
    tuple of int
        From 0; the smaller part when chains are split where the gap between them is widest. Chains may differ in
        where they are, or in how far they spread; the wider gap, beside the spread within chains, decides.
    """
    from scipy.special import ndtri

    if len(values) < 2:
        return ()
    scores = ndtri(ranks(values))
    folded = np.abs(scores - np.median(scores))
    splits = [_split(scores), _split(folded)]
    _, low, high = max(splits, key=lambda split: split[0])
    if len(low) != len(high):
        return tuple(sorted(low if len(low) < len(high) else high))
    if log_density is None:
        return tuple(sorted(low))
    return tuple(sorted(min(low, high, key=lambda part: float(log_density[list(part)].mean()))))


def _split(scores: Floats) -> tuple[float, tuple[int, ...], tuple[int, ...]]:
    """Split chains where the gap between their means is widest: the gap in standard deviations, and both parts."""
    means, spread = scores.mean(axis=1), max(float(np.sqrt(scores.var(axis=1).mean())), 1e-12)
    order = np.argsort(means)
    gaps = np.diff(means[order])
    at = int(gaps.argmax()) + 1
    low, high = order[:at].tolist(), order[at:].tolist()
    return float(gaps.max()) / spread, tuple(low), tuple(high)


def motionless(parameters: Mapping[str, Floats]) -> tuple[int, ...]:
    """Return the chains in which some sampled value never moves, from 0."""
    still = [np.ptp(values, axis=1) == 0 for values in parameters.values()]
    return tuple(np.flatnonzero(np.any(still, axis=0)).tolist()) if still else ()


def divergence_shifts(chains: Chains) -> list[tuple[str, float]]:
    """Return by how much divergent draws differ from the others in each sampled value.

    Returns
    -------
    list of (str, float)
        Name, and difference of the medians in robust standard deviations of the other draws (interquartile range /
        1.349); the largest first. Empty without divergences.
    """
    diverging = chains.draws.statistics["diverging"].reshape(-1).astype(bool)
    if not diverging.any() or diverging.all():
        return []
    values_of = []
    for name, values in chains.parameters.items():
        flat = values.reshape(-1)
        low, middle, high = np.quantile(flat[~diverging], [0.25, 0.5, 0.75])
        scale = max(float(high - low) / 1.349, 1e-12)
        values_of.append((name, float(np.median(flat[diverging]) - middle) / scale))
    return sorted(values_of, key=lambda shift: -abs(shift[1]))
