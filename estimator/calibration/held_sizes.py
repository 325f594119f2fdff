"""Expected tables in which the population and its lists have given sizes, whatever the dependence between the lists.

In stratum s a person has history h with a chance in proportion to ``exp(sum_l h_l (a[s, l] + u) + fixed[s, h])``, where
``fixed`` holds log odds ratios and residual dependence, and u is the person's own capturability, normal with mean 0.
The a are solved for, so that list l holds as many people of the stratum as it is told to.
`estimator.calibration.scenarios` does the same for one stratum; here all strata are solved at once, and
histories may be impossible.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership

Floats = NDArray[np.float64]

_NODES = 15
_STEPS = 200
_LONGEST_STEP = 4.0
_CLOSE = 1e-6


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

    Notes
    -----
    For each stratum the a minimise the convex ``E_u log sum_h exp(...) - a' share``, whose gradient is what the lists
    hold minus what they should; Newton's method with steps halved until it goes down.
    """
    member = membership(sizes.shape[1]).astype(np.float64)
    nodes, weights = _individuals(capturability)
    lift = nodes[:, None] * member.sum(axis=1)
    share = np.asarray(np.clip(sizes / people[:, None], 0.0, 1.0 - 1e-9), dtype=np.float64)
    odds: Floats = np.log(np.maximum(share, 1e-12)) - np.log1p(-share)
    for _ in range(_STEPS):
        value, chance = _chances(odds, fixed, member, lift, weights, share)
        slope, curve = _derivatives(chance, member, weights, share)
        if (np.abs(slope) <= _CLOSE * np.maximum(share, 1e-6)).all():
            return np.asarray(people[:, None] * np.einsum("q,sqh->sh", weights, chance))
        step = np.linalg.solve(curve + 1e-14 * np.eye(len(member[0])), slope[..., None])[..., 0]
        step /= np.maximum(1.0, np.abs(step).max(axis=1, keepdims=True) / _LONGEST_STEP)
        odds = _descended(odds, np.asarray(step, dtype=np.float64), slope, value, (fixed, member, lift, weights, share))
    raise ValueError("no table has the sizes that its lists should have")


def _individuals(capturability: float) -> tuple[Floats, Floats]:
    """Return values of individual capturability with their weights."""
    if capturability == 0:
        return np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return capturability * nodes, weights / weights.sum()


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
