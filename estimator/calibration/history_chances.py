"""The chance of every capture history, when dependence is given and every list covers a given share of the population.

The chance of history h for a person of capturability u is in proportion to

    exp(sum_l h_l (a_l + u) + sum_{l<m} h_l h_m theta_lm + xi [h = 0]),    u ~ Normal(0, sd) for each person,

with θ the log odds ratios and ξ the residual dependence: the true dark figure is e^ξ times the log-linear one. The
intercepts a are solved for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership

Floats = NDArray[np.float64]

_NODES = 31  # of the quadrature over individuals
_MOST_STEPS, _LONGEST_STEP, _SMALLEST_STEP = 200, 5.0, 1e-6
_CLOSE = 1e-9  # relative error of the shares that lists cover


def history_chances(shares: Floats, theta: Floats, residual: float = 0.0, capturability: float = 0.0) -> Floats:
    """Return the chance of every capture history at which each list covers its share of the population.

    Parameters
    ----------
    shares : ndarray, shape (L,)
        Above 0 and below 1.
    theta : ndarray, shape (L (L - 1) / 2,)
        Log odds ratios of pairs of lists given an individual's capturability, in the order of `itertools.combinations`.
    residual : float
        ξ.
    capturability : float
        Standard deviation of individual capturability; its normal distribution by Gauss–Hermite quadrature.

    Returns
    -------
    ndarray, shape (2 ** L,)
        Sums to 1; history 0 is the chance of being on no list.
    """
    fixed, member = _fixed_part(len(shares), theta, residual), membership(len(shares)).astype(np.float64)
    nodes, weights = _individuals(capturability)
    odds = intercepts(shares, theta, residual, capturability)
    return np.asarray(weights @ _given_individual(odds, fixed, member, nodes))


def intercepts(shares: Floats, theta: Floats, residual: float = 0.0, capturability: float = 0.0) -> Floats:
    """Return the log odds a at which each list covers its share; see `history_chances`.

    Parameters
    ----------
    shares, theta, residual, capturability
        As there.

    Returns
    -------
    ndarray, shape (L,)

    Notes
    -----
    They minimise ``E_u log sum_h exp(...) - a'shares``, which is strictly convex; its gradient is what the lists cover
    minus their shares. Newton's method, with steps halved until it goes down.
    """
    fixed, member = _fixed_part(len(shares), theta, residual), membership(len(shares)).astype(np.float64)
    nodes, weights = _individuals(capturability)
    odds = np.log(shares) - np.log1p(-shares)
    value, slope, curve = _objective(odds, shares, fixed, member, nodes, weights)
    for _ in range(_MOST_STEPS):
        step = np.linalg.solve(curve + 1e-12 * np.eye(len(odds)), slope)
        step /= max(1.0, float(np.abs(step).max()) / _LONGEST_STEP)
        size = 1.0
        while size > _SMALLEST_STEP:
            tried = _objective(odds - size * step, shares, fixed, member, nodes, weights)
            if tried[0] <= value - 1e-4 * size * float(step @ slope):
                break
            size /= 2
        if size <= _SMALLEST_STEP or np.abs(slope / shares).max() < _CLOSE:  # as low as numbers can tell
            break
        odds = odds - size * step
        value, slope, curve = tried
    return np.asarray(odds)


def _fixed_part(n_lists: int, theta: Floats, residual: float) -> Floats:
    """Return what the log chance of each history has besides the intercepts, shape (H,)."""
    member = membership(n_lists)
    first, second = np.triu_indices(n_lists, 1)
    fixed = (member[:, first] & member[:, second]) @ theta
    fixed[0] += residual
    return np.asarray(fixed, dtype=np.float64)


def _individuals(capturability: float) -> tuple[Floats, Floats]:
    """Return values of individual capturability with their weights."""
    if capturability == 0:
        return np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return capturability * nodes, weights / weights.sum()


def _logits(odds: Floats, fixed: Floats, member: Floats, nodes: Floats) -> Floats:
    """Return log chances up to a constant, shape (Q, H)."""
    return np.asarray(fixed + member @ odds + nodes[:, None] * member.sum(axis=1))


def _given_individual(odds: Floats, fixed: Floats, member: Floats, nodes: Floats) -> Floats:
    """Return the chance of each history given an individual's capturability, shape (Q, H)."""
    logits = _logits(odds, fixed, member, nodes)
    return np.asarray(np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)))


def _objective(
    odds: Floats, shares: Floats, fixed: Floats, member: Floats, nodes: Floats, weights: Floats
) -> tuple[float, Floats, Floats]:
    """Return the convex function that the intercepts minimise, with gradient and Hessian."""
    logits = _logits(odds, fixed, member, nodes)
    total = np.logaddexp.reduce(logits, axis=1)
    chances = np.exp(logits - total[:, None])
    covered = chances @ member
    second = np.einsum("q,qh,hi,hj->ij", weights, chances, member, member)
    curve = second - np.einsum("q,qi,qj->ij", weights, covered, covered)
    return float(weights @ total - odds @ shares), weights @ covered - shares, curve
