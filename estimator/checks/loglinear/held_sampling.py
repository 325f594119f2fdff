"""Sampling a model's posterior while a sum of its coefficients is held at a value.

Hamiltonian Monte Carlo within the plane on which the sum has the value, many short chains side by side, each starting
from a draw of the posterior that was moved onto the plane, in coordinates in which the run's posterior within such
planes has unit covariance. For where importance weights do not reach (`estimator.checks.loglinear.conditioning`).

References
----------
Neal (2011), "MCMC using Hamiltonian dynamics", Handbook of Markov Chain Monte Carlo, chapter 5, arXiv:1206.1901.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.conditioning import log_sizes, to_positions
from estimator.checks.loglinear.log_density import Density, density_of
from estimator.methods.loglinear.arrays import ModelArrays

Floats = NDArray[np.float64]

CHAINS = 40
AGREED = 1.1
"""R-hat of the log dark figure up to which the chains are taken to agree."""

_WARMUP, _KEPT, _ATTEMPTS = 60, 50, 3
_WANTED, _LENGTH, _MOST_STEPS = 0.8, np.pi, 60
_SHORTEST = np.log(0.4)  # of the steps, as a part of the longest


@dataclass(frozen=True, eq=False)
class HeldSum:
    """Planes on which a sum of coefficients has a value, and the shape of the posterior within them.

    Parameters
    ----------
    direction : ndarray, shape (D,)
        The sum is ``points @ direction``.
    slope : ndarray, shape (D,)
        By how much everything moves with the sum: the regression over the run's draws.
    axes : ndarray, shape (D, D - 1)
        A root of the covariance within a plane.
    """

    direction: Floats
    slope: Floats
    axes: Floats

    def moved(self, points: Floats, value: float) -> Floats:
        """Return points moved to where the sum has a value, shape (n, D)."""
        return points + np.outer(value - points @ self.direction, self.slope)

    def fitted_to(self, points: Floats) -> HeldSum:
        """Return the planes with axes half way to the covariance of points within one of them."""
        return replace(self, axes=_root(0.5 * (self.axes @ self.axes.T) + 0.5 * np.cov(points.T)))


def plane_of(points: Floats, direction: Floats) -> HeldSum:
    """Return the planes of a sum, from draws of the posterior.

    Parameters
    ----------
    points : ndarray, shape (n, D)
        In coordinates in which every coefficient is itself.
    direction : ndarray, shape (D,)
    """
    covariance = np.cov(points.T)
    with_sum = covariance @ direction
    variance = float(direction @ with_sum)
    # covariance given the sum: S - S c c'S / c'S c, of rank D - 1
    within = covariance - np.outer(with_sum, with_sum) / variance
    return HeldSum(direction, with_sum / variance, _root(within))


def _root(covariance: Floats) -> Floats:
    """Return a root of a covariance that has one direction less than dimensions."""
    sizes, vectors = np.linalg.eigh(covariance)
    kept = sizes > sizes[-1] * 1e-10
    return np.asarray(vectors[:, kept] * np.sqrt(sizes[kept]))


def sample_held(
    target: ModelArrays, plane: HeldSum, value: float, start: Floats, rng: np.random.Generator
) -> Floats | None:
    """Sample the posterior given that a sum of coefficients has a value.

    Parameters
    ----------
    start : ndarray, shape (n, D)
        Points from which chains start, near the posterior wanted; some of them are taken.

    Returns
    -------
    ndarray, shape (1000, D), or None
        Points; None when the chains still disagree after the third time.
    """
    density = density_of(target)
    points = plane.moved(start[rng.integers(len(start), size=CHAINS)], value)
    for _ in range(_ATTEMPTS):
        chains = _Chains(density, target, plane, rng)
        points, step = chains.warm_up(points, 1.0 / plane.axes.shape[1] ** 0.25)
        kept = []
        for _ in range(_KEPT):
            points, _ = chains.turn(points, step)
            kept.append(points)
        if _disagreement(np.stack(kept, axis=1)[..., 0]) <= AGREED:
            return np.concatenate(kept[1::2])
        plane = plane.fitted_to(np.concatenate(kept))
    return None


def _disagreement(values: Floats) -> float:
    """Return R-hat of values, shape (chain, draw); infinite where all are stuck."""
    from arviz_stats.base import array_stats

    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return np.inf
    return float(array_stats.rhat(values, chain_axis=0, draw_axis=1, method="rank"))


class _Chains:
    """Chains within a plane, moved together."""

    def __init__(self, density: Density, target: ModelArrays, plane: HeldSum, rng: np.random.Generator) -> None:
        self._density, self._target, self._plane, self._rng = density, target, plane, rng

    def warm_up(self, points: Floats, step: float) -> tuple[Floats, float]:
        """Turn the chains until they have forgotten where they started; return also the step that suits them."""
        for turn in range(_WARMUP):
            points, accepted = self.turn(points, step)
            # Robbins and Monro: towards the wanted acceptance rate, with smaller corrections in the second half
            step *= float(np.exp((accepted - _WANTED) * (1.0 if turn < _WARMUP // 2 else 0.3)))
            if turn == _WARMUP // 2:
                points = self._rescued(points)
        return points, step

    def _rescued(self, points: Floats) -> Floats:
        """Return points; each point that is lost, far below the others, starts again from one of the others."""
        value = self.evaluate(points)[0]
        lost = ~(value > np.median(value) - self._plane.axes.shape[1])
        others = points[~lost]
        return np.where(lost[:, None], others[self._rng.integers(len(others), size=len(points))], points)

    def turn(self, points: Floats, step: float) -> tuple[Floats, float]:
        """Return the points after one trajectory each, and how probably they were accepted in the mean."""
        steps = step * np.exp(
            self._rng.uniform(_SHORTEST, 0.0, (len(points), 1))
        )  # some narrow places ask for short ones
        n_steps = int(np.clip(self._rng.uniform(0.5, 1.5) * _LENGTH / step, 1, _MOST_STEPS))
        axes = self._plane.axes
        speed = self._rng.standard_normal((len(points), axes.shape[1]))
        value, slope = self.evaluate(points)
        energy = value - 0.5 * np.square(speed).sum(axis=1)
        # leapfrog: half a step of speed, whole steps of place and speed, half a step of speed
        at, speed = points, speed + 0.5 * steps * slope
        for i in range(n_steps):
            at = at + (steps * speed) @ axes.T
            reached, slope = self.evaluate(at)
            speed = speed + (steps if i < n_steps - 1 else 0.5 * steps) * slope
        with np.errstate(all="ignore"):
            change = reached - 0.5 * np.square(speed).sum(axis=1) - energy
        # Metropolis: accept with min(1, e^(change of energy))
        chance = np.exp(np.minimum(np.where(np.isfinite(change), change, -np.inf), 0.0))
        taken = self._rng.random(len(points)) < chance
        return np.where(taken[:, None], at, points), float(chance.mean())

    def evaluate(self, points: Floats) -> tuple[Floats, Floats]:
        """Return log density of points, shape (n,), and its gradient along the axes of the plane, shape (n, D - 1)."""
        with np.errstate(all="ignore"):  # a trajectory that runs away is not taken
            return self._evaluated(points)

    def _evaluated(self, points: Floats) -> tuple[Floats, Floats]:
        """Return what `evaluate` does, with infinities where numbers are too large."""
        positions = to_positions(self._target, points)
        densities = [self._density(position) for position in positions]
        value = np.array([evaluated[0] for evaluated in densities]) - log_sizes(self._target, positions).sum(axis=1)
        gradient = np.stack([evaluated[1] for evaluated in densities])
        usable = np.isfinite(value) & np.isfinite(gradient).all(axis=1)
        gradient = np.where(usable[:, None], gradient_in_points(self._target, positions, gradient), 0.0)
        return np.where(usable, value, -np.inf), gradient @ self._plane.axes


def gradient_in_points(arrays: ModelArrays, positions: Floats, gradient: Floats) -> Floats:
    """Return the gradient of the log density of points, from that of positions.

    Parameters
    ----------
    positions, gradient : ndarray, shape (n, D)

    Returns
    -------
    ndarray, shape (n, D)
        With the derivative of the Jacobian: a term theta = centre + size z has density p(z) / size. With w the product
        of its scales, d log size / d log w = slab^2 / (slab^2 + w^2).
    """
    shrunken = np.flatnonzero(arrays.local_at >= 0)
    if not len(shrunken):
        return gradient
    at, local, scale, mean = arrays.term_at[shrunken], arrays.local_at[shrunken], arrays.places[3], arrays.places[4]
    size = np.exp(log_sizes(arrays, positions))
    by_log_size = -gradient[:, at] * positions[:, at] - 1.0
    by_log_wide = by_log_size * np.square(size / np.exp(positions[:, [scale]] + positions[:, local]))
    held = gradient.copy()
    held[:, at] = gradient[:, at] / size
    held[:, local] += by_log_wide
    held[:, scale] += by_log_wide.sum(axis=1)
    if mean >= 0:
        held[:, mean] -= (gradient[:, at] / size).sum(axis=1)
    return held
