"""Bias-corrected and accelerated bootstrap intervals (BCa), of every level at once.

A BCa interval of level 1 - 2 alpha runs between the quantiles q(alpha) and q(1 - alpha) of the bootstrap replicates,

    q(alpha)  =  Phi( z0 + (z0 + z_alpha) / (1 - a (z0 + z_alpha)) ),

with z0 the bias correction and a the acceleration. Taken for all alpha together these limits are a distribution, the
confidence distribution: its quantiles are the limits of all BCa intervals. Draws of it stand where other methods have
draws of a posterior, so that groups, rates and sums are made of them in the same way; what they say is confidence.

References
----------
Efron (1987), JASA 82:171; DiCiccio & Efron (1996), Statistical Science 11:189: BCa. Efron (1993), Biometrika 80:3: the
confidence density that follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Correction:
    """What BCa corrects the quantiles of bootstrap replicates by.

    Parameters
    ----------
    bias : float
        z0: how far the replicates lie to one side of the estimate, in standard deviations; 0 for the plain quantiles.
    acceleration : float
        a: how fast the standard error changes with what is estimated.
    """

    bias: float = 0.0
    acceleration: float = 0.0

    def levels(self, probability: Floats) -> Floats:
        """Return the levels of the replicates' quantiles that are the BCa limits at some probabilities."""
        moved = self.bias + ndtri(probability)
        stretch = 1.0 - self.acceleration * moved
        # past the pole, where the standard error would be negative, the limit is the last replicate
        beyond = np.where(moved > 0, np.inf, -np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            shifted = np.where(stretch > 0, self.bias + moved / stretch, beyond)
        return np.asarray(ndtr(shifted))


def correction(replicates: Floats, estimate: float, without: Floats, people: Floats) -> Correction:
    """Return the bias correction and the acceleration.

    Parameters
    ----------
    replicates : ndarray, shape (R,)
    without : ndarray, shape (C,)
        The estimate without one of the people of each kind (the jackknife).
    people : ndarray, shape (C,)
        How many there are of that kind.
    """
    below = np.clip((replicates < estimate).mean(), 0.5 / len(replicates), 1 - 0.5 / len(replicates))
    influence = np.average(without, weights=people) - without
    spread = float((people * influence**2).sum())
    skewed = float((people * influence**3).sum())
    return Correction(float(ndtri(below)), skewed / (6 * spread**1.5) if spread > 0 else 0.0)


def limits(replicates: Floats, corrected: Correction, probability: Floats) -> Floats:
    """Return the BCa limits at some probabilities."""
    return np.asarray(np.quantile(replicates, corrected.levels(probability), method="median_unbiased"))


def confidence_draws(replicates: Floats, corrected: Correction, size: int, rng: np.random.Generator) -> Floats:
    """Return draws whose quantiles are the limits of BCa intervals, in random order, shape (size,)."""
    return rng.permutation(limits(replicates, corrected, (np.arange(size) + 0.5) / size))
