"""Draws of the effects of a Poisson log-linear model from their posterior, by Hamiltonian Monte Carlo.

The log density of effects b with design X, counts y and prior precisions Q is ``y'Xb - sum exp(Xb) - b'Qb / 2``,
concave and close to normal. In the coordinates in which its curvature at the mode is one, short trajectories of about a
quarter of a turn give draws that are nearly independent, of effects and of their squares.

References
----------
Neal (2011), MCMC using Hamiltonian dynamics, in: Handbook of Markov Chain Monte Carlo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular

Floats = NDArray[np.float64]

_STEP = 0.6  # of the first steps; too long ones are shortened while warming up
_FEWEST_STEPS, _MOST_STEPS = 2, 4
_ACCEPTED = 0.85


@dataclass(frozen=True, eq=False)
class LogLinear:
    """A Poisson log-linear model of some counts.

    Parameters
    ----------
    design : ndarray, shape (C, p)
    counts : ndarray, shape (C,)
    precision : ndarray, shape (p,)
        Of normal priors around 0; 0 for a flat one.
    """

    design: Floats
    counts: Floats
    precision: Floats

    def value(self, effects: Floats) -> Floats:
        """Return the log density of effects, shape (..., p), up to a constant."""
        linear = effects @ self.design.T
        prior = 0.5 * (self.precision * effects**2).sum(axis=-1)
        return np.asarray(linear @ self.counts - np.exp(linear).sum(axis=-1) - prior)

    def slope(self, effects: Floats) -> Floats:
        """Return its gradient, shape (..., p)."""
        expected = np.exp(effects @ self.design.T)
        return np.asarray((self.counts - expected) @ self.design - self.precision * effects)

    def curvature(self, effects: Floats) -> Floats:
        """Return minus its matrix of second derivatives, shape (p, p)."""
        expected = np.exp(self.design @ effects)
        return np.asarray((self.design.T * expected) @ self.design + np.diag(self.precision))

    def mode(self) -> Floats:
        """Return the effects of the highest density, by Newton's method.

        Raises
        ------
        ValueError
            Where there is none.
        """
        weights = self.counts + 0.1
        start = (self.design.T * weights) @ self.design + np.diag(self.precision)
        effects: Floats = np.asarray(np.linalg.solve(start, self.design.T @ (weights * np.log(weights))))
        for _ in range(200):
            slope = self.slope(effects)
            step: Floats = np.asarray(np.linalg.solve(self.curvature(effects), slope))
            if slope @ step < 1e-9:  # squared, in posterior standard deviations
                return np.asarray(effects + step)
            before, share = self.value(effects), 1.0
            while self.value(effects + share * step) < before and share > 1e-6:
                share /= 2
            effects = effects + share * step
        raise ValueError("The posterior density has no maximum.")


def drawn_effects(model: LogLinear, chains: int, draws: int, warmup: int, rng: np.random.Generator) -> Floats:
    """Draw effects, shape (chain, draw, p).

    Parameters
    ----------
    warmup : int
        Draws of each chain that find the length of the steps and are not kept.
    """
    mode = model.mode()
    root = cholesky(model.curvature(mode), lower=True)
    p = len(mode)
    # b = mode + root'^-1 z: in z the curvature at the mode is one
    unwhiten = solve_triangular(root, np.eye(p), lower=True)
    place, kept = rng.normal(size=(chains, p)), np.empty((chains, draws, p))
    value = model.value(mode + place @ unwhiten)
    slope = model.slope(mode + place @ unwhiten) @ unwhiten.T
    length = _STEP
    for turn in range(-warmup, draws):
        speed = rng.normal(size=(chains, p))
        ahead, downhill, moving = place, slope, speed
        step = length * rng.uniform(0.8, 1.2)
        for _ in range(rng.integers(_FEWEST_STEPS, _MOST_STEPS + 1)):
            moving = moving + 0.5 * step * downhill
            ahead = ahead + step * moving
            with np.errstate(over="ignore", invalid="ignore"):
                downhill = model.slope(mode + ahead @ unwhiten) @ unwhiten.T
            moving = moving + 0.5 * step * downhill
        with np.errstate(over="ignore", invalid="ignore"):
            reached = model.value(mode + ahead @ unwhiten)
            gain = reached - value + 0.5 * (speed**2 - moving**2).sum(axis=1)
        chance = np.exp(np.minimum(np.nan_to_num(gain, nan=-np.inf), 0.0))
        taken = rng.random(chains) < chance
        place = np.where(taken[:, None], ahead, place)
        slope = np.where(taken[:, None], downhill, slope)
        value = np.where(taken, reached, value)
        if turn < 0:
            # Robbins & Monro: smaller and smaller corrections towards the wanted share of accepted trajectories
            length *= np.exp((chance.mean() - _ACCEPTED) / np.sqrt(turn + warmup + 1))
        else:
            kept[:, turn] = mode + place @ unwhiten
    return kept
