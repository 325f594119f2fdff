"""Everything else estimated anew while one log odds ratio, or the mean of all, is held at a value: without sampling.

Let c'phi be what is held, such as the log odds ratio of one pair, in coordinates phi in which it is linear. Every draw
is moved along the regression of phi on c'phi until it holds the value x,

    phi_x = phi + b (x - c'phi),    b = Cov(phi, c'phi) / Var(c'phi),

and gets the importance weight

    w = p(phi_x, y) N(c'phi; m, s^2) / p(phi, y),

with m the mean of c'phi over the draws and s a part of its standard deviation. Proof: extend the target p(phi | c'phi
= x, y) by an independent N(m, s^2) for the value that was given up; the move has Jacobian 1. Were the posterior normal
and s the whole standard deviation, all weights would be equal, however far x is; a part of it keeps them bounded where
the posterior has shorter tails than that. The Pareto k of the weights tells how far they can be relied upon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.log_density import log_densities
from estimator.methods.loglinear.arrays import ModelArrays
from estimator.methods.weights import Weights, smoothed

Floats = NDArray[np.float64]

_NARROWER = 0.5  # s, as a part of the standard deviation


@dataclass(frozen=True, eq=False)
class PosteriorCloud:
    """Draws from a density, in coordinates in which every coefficient is itself.

    Parameters
    ----------
    points : ndarray, shape (n, D)
        As positions, but a term under the horseshoe stands for itself and not for its standardised value.
    log_density : ndarray, shape (n,)
        Of what the points were drawn from, up to a constant, in these coordinates.
    everything : ndarray, shape (m, D)
        All draws that there are, of which `points` are some: the regression takes them all.
    """

    points: Floats
    log_density: Floats
    everything: Floats


@dataclass(frozen=True, eq=False)
class HeldEstimate:
    """Draws in which something is held at a value.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
        As `estimator.methods.loglinear.parameters.read_vector` takes them.
    """

    positions: Floats
    weights: Weights


def cloud_of(drawn_from: ModelArrays, positions: Floats, n_moved: int) -> PosteriorCloud:
    """Return draws of a model's posterior as a cloud.

    Parameters
    ----------
    drawn_from : ModelArrays
        The model whose posterior the draws are of.
    positions : ndarray, shape (m, D)
    n_moved : int
        How many of them are moved, at most; evenly spread.
    """
    everything = to_coefficients(drawn_from, positions)
    step = -(-len(positions) // n_moved)
    some = positions[::step]
    # p(theta) = p(z) / size for each standardised term theta = centre + size z
    logs = log_densities(drawn_from, some) - log_sizes(drawn_from, some).sum(axis=1)
    return PosteriorCloud(everything[::step], logs, everything)


def log_sizes(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return the log of the standard deviation of every standardised term, shape (n, number of those).

    Those under the regularised horseshoe: `estimator.methods.loglinear.positions.horseshoe_size`.
    """
    shrunken = np.flatnonzero(arrays.local_at >= 0)
    if not len(shrunken):
        return np.zeros((len(positions), 0))
    log_wide = positions[:, [arrays.places[3]]] + positions[:, arrays.local_at[shrunken]]
    log_slab = np.log(arrays.numbers[2])
    # log of w c / sqrt(c^2 + w^2)
    return np.asarray(log_wide + log_slab - 0.5 * np.logaddexp(2 * log_slab, 2 * log_wide))


def _centres(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return the mean of the standardised terms, shape (n, 1)."""
    common = positions[:, [arrays.places[4]]] if arrays.places[4] >= 0 else 0.0
    return np.asarray(arrays.numbers[1] + common + np.zeros((len(positions), 1)))


def to_coefficients(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return positions in which every term stands for itself, shape (n, D)."""
    points, at = positions.copy(), arrays.term_at[arrays.local_at >= 0]
    points[:, at] = _centres(arrays, positions) + positions[:, at] * np.exp(log_sizes(arrays, positions))
    return points


def to_positions(arrays: ModelArrays, points: Floats) -> Floats:
    """Return positions, of points in which every term stands for itself, shape (n, D)."""
    positions, at = points.copy(), arrays.term_at[arrays.local_at >= 0]
    positions[:, at] = (points[:, at] - _centres(arrays, points)) * np.exp(-log_sizes(arrays, points))
    return positions


def hold(cloud: PosteriorCloud, target: ModelArrays, direction: Floats, value: float) -> HeldEstimate:
    """Return draws of a model's posterior given that a sum of coefficients has a value.

    Parameters
    ----------
    cloud : PosteriorCloud
        Drawn from that posterior, or from one near it.
    direction : ndarray, shape (D,)
        c: the sum that is held is ``points @ direction``.
    value : float
        x.
    """
    known = cloud.everything @ direction  # c'phi
    centre, variance = known.mean(), known.var()
    slope = (cloud.everything - cloud.everything.mean(axis=0)).T @ (known - centre) / (len(known) * variance)
    # b = Cov(phi, c'phi) / Var(c'phi); phi_x = phi + b (x - c'phi)
    now = cloud.points @ direction
    moved = cloud.points + np.outer(value - now, slope)
    positions = to_positions(target, moved)
    log_target = log_densities(target, positions) - log_sizes(target, positions).sum(axis=1)
    given_up = -0.5 * np.square(now - centre) / (variance * _NARROWER**2)
    return HeldEstimate(positions, smoothed(log_target + given_up - cloud.log_density))
