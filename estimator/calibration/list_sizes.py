"""Populations of known size whose lists have given sizes, whatever the dependence between the lists.

The chance that a person of capturability u has history h is in proportion to

    exp(sum_l h_l (a_l + u) + fixed_h),    u ~ Normal(0, sd) for each person,

where ``fixed`` holds log odds ratios θ of pairs of lists and, for the history of no list, the residual dependence ξ:
the true dark figure is e^ξ times the log-linear one. The intercepts a are solved for, so that each list covers its
share of the population. `history_chances` does it for one stratum, closely, `held_cells` for all strata of a table at
once, in which histories may be impossible.

They minimise the convex ``E_u log sum_h exp(...) - a' shares``, whose gradient is what the lists cover minus their
shares: by Newton's method, with steps halved until the function goes down (the condition of Armijo).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership

Floats = NDArray[np.float64]

_MOST_STEPS = 200

# of one stratum: nodes of the quadrature over individuals, longest and smallest step, relative error of the shares
_NODES, _LONGEST_STEP, _SMALLEST_STEP, _CLOSE = 31, 5.0, 1e-6, 1e-9

# of all strata of a table
_TABLE_NODES, _TABLE_LONGEST_STEP, _TABLE_CLOSE = 15, 4.0, 1e-6


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
    nodes, weights = _individuals(capturability, _NODES)
    odds = intercepts(shares, theta, residual, capturability)
    return np.asarray(weights @ _given_individual(odds, fixed, member, nodes))


def intercepts(shares: Floats, theta: Floats, residual: float = 0.0, capturability: float = 0.0) -> Floats:
    """Return the log odds a at which each list covers its share, shape (L,); see `history_chances`."""
    fixed, member = _fixed_part(len(shares), theta, residual), membership(len(shares)).astype(np.float64)
    nodes, weights = _individuals(capturability, _NODES)
    odds = np.log(shares) - np.log1p(-shares)
    value, slope, curve = _objective(odds, shares, fixed, member, nodes, weights)
    for _ in range(_MOST_STEPS):
        # a little on the diagonal keeps the Hessian regular where a list covers hardly anybody, or nearly everybody
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


def _individuals(capturability: float, nodes: int) -> tuple[Floats, Floats]:
    """Return values of individual capturability with their weights: Gauss-Hermite quadrature of a normal."""
    if capturability == 0:
        return np.zeros(1), np.ones(1)
    values, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return capturability * values, weights / weights.sum()


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
    # Hessian: the mean covariance of being on two lists, given u
    second = np.einsum("q,qh,hi,hj->ij", weights, chances, member, member)
    curve = second - np.einsum("q,qi,qj->ij", weights, covered, covered)
    return float(weights @ total - odds @ shares), weights @ covered - shares, curve


def held_cells(people: Floats, sizes: Floats, fixed: Floats, capturability: float = 0.0) -> Floats:
    """Return the expected number of people in every cell.

    Parameters
    ----------
    people : ndarray, shape (S,)
        The population of each stratum.
    sizes : ndarray, shape (S, L)
        How many of them are on each list.
    fixed : ndarray, shape (S, H)
        Logs of what a history's chance is multiplied by, compared with independent lists; minus infinity where it is
        impossible.
    capturability : float
        Standard deviation of u between people.

    Returns
    -------
    ndarray, shape (S, H)
        Persons. Rows sum to `people`, and over the histories of a list to `sizes`.

    Raises
    ------
    ValueError
        When no such table was found: list sizes that the possible histories do not allow.
    """
    member = membership(sizes.shape[1]).astype(np.float64)
    nodes, weights = _individuals(capturability, _TABLE_NODES)
    lift = nodes[:, None] * member.sum(axis=1)
    share = np.asarray(np.clip(sizes / people[:, None], 0.0, 1.0 - 1e-9), dtype=np.float64)
    odds: Floats = np.log(np.maximum(share, 1e-12)) - np.log1p(-share)
    for _ in range(_MOST_STEPS):
        value, chance = _chances(odds, fixed, member, lift, weights, share)
        slope, curve = _derivatives(chance, member, weights, share)
        if (np.abs(slope) <= _TABLE_CLOSE * np.maximum(share, 1e-6)).all():
            return np.asarray(people[:, None] * np.einsum("q,sqh->sh", weights, chance))
        step = np.linalg.solve(curve + 1e-14 * np.eye(len(member[0])), slope[..., None])[..., 0]
        step /= np.maximum(1.0, np.abs(step).max(axis=1, keepdims=True) / _TABLE_LONGEST_STEP)
        odds = _descended(odds, np.asarray(step, dtype=np.float64), slope, value, (fixed, member, lift, weights, share))
    raise ValueError("no table has the sizes that its lists should have")


def _chances(
    odds: Floats, fixed: Floats, member: Floats, lift: Floats, weights: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Return the function that is minimised, shape (S,), and the chance of each history given u, shape (S, Q, H)."""
    logits = (fixed + odds @ member.T)[:, None, :] + lift
    total = np.logaddexp.reduce(logits, axis=-1)
    return total @ weights - (odds * share).sum(axis=1), np.exp(logits - total[..., None])


def _derivatives(chance: Floats, member: Floats, weights: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return gradient, shape (S, L), and Hessian, shape (S, L, L)."""
    covered = chance @ member
    mean = np.einsum("q,sqh->sh", weights, chance)
    second = np.einsum("sh,hi,hj->sij", mean, member, member, optimize=True)
    curve = second - np.einsum("q,sqi,sqj->sij", weights, covered, covered, optimize=True)
    return np.einsum("q,sqi->si", weights, covered) - share, curve


def _descended(
    odds: Floats, step: Floats, slope: Floats, value: Floats, rest: tuple[Floats, Floats, Floats, Floats, Floats]
) -> Floats:
    """Return where each stratum goes: along its step, halved until the function goes down."""
    size = np.ones(len(odds))
    gain = 1e-4 * (step * slope).sum(axis=1)
    for _ in range(40):
        tried = odds - size[:, None] * step
        too_far = _chances(tried, *rest)[0] > value - size * gain + 1e-13 * np.abs(value)
        if not too_far.any():
            break
        size = np.where(too_far, size / 2, size)
    return np.asarray(odds - size[:, None] * step)
