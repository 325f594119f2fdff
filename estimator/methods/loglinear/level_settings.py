"""The common level of coverage, where it follows from the dark figure and has no prior of its own.

Given the expected people who are on one list alone, n0 fixes the log odds of every list: a_l = log lambda[l] - log n0.
A prior on each of L odds is then a prior on n0 as well, normal with a standard deviation of sd / sqrt(L), and it is
multiplied with what is stated of the dark figure. Here only the differences a_l - a_m keep their prior, which say
nothing of n0, and their level t is another name of rho:

    rho = log (n0 / R) = -log G(a, theta, ...),   R = sum of the cells that a list sees = n0 G

G increases with t, so that (log n0, t) and (rho, log R) are the same plane in two coordinates. In the second, rho is as
stated, whatever the rest, and log R is flat: how many people are registered is for the counts to say. Going over to
the first costs the Jacobian

    |d(rho, log R) / d(log n0, t)| = d log G / dt = K / R,   K = sum of (lists of a cell) times the cell:

on how many lists a registered person is. With residual dependence xi the statement is about all people on no list,
rho + xi ~ Normal(m, v), independent of xi ~ Normal(c, s^2), so that rho itself is Normal(m - c, v + s^2); given rho, xi
is normal, too (`estimator.methods.loglinear.residual`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.study.priors import Priors

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LevelSettings:
    """What is stated of the log of the dark figure over the registered number, and of the residual dependence in it.

    Parameters
    ----------
    mean, sd : float
        Of the log of all people on no list over those whom a list sees.
    location, size : float
        Mean and standard deviation of the residual dependence; 0 where there is none.
    relative : bool
        Whether these two are multiples of the learned scale of the log odds ratios.
    """

    mean: float
    sd: float
    location: float = 0.0
    size: float = 0.0
    relative: bool = False

    def implied(self, scale: Floats | float) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of what lists and pairs imply of it, given the learned scale."""
        unit = np.asarray(scale if self.relative else 1.0)
        return self.mean - self.location * unit, np.sqrt(self.sd**2 + (self.size * unit) ** 2)

    def residual_given(self, implied: Floats, scale: Floats | float) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the residual dependence, given what lists and pairs imply."""
        unit = np.asarray(scale if self.relative else 1.0)
        own, total = (self.size * unit) ** 2, self.sd**2 + (self.size * unit) ** 2
        return (
            (self.location * unit * self.sd**2 + (self.mean - implied) * own) / total,
            np.sqrt(own * self.sd**2 / total),
        )


def level_settings(priors: Priors, *, pairs: bool) -> LevelSettings | None:
    """Turn what a prior file states into numbers.

    Parameters
    ----------
    pairs : bool
        Whether the design has pairs of lists, from which the scale of dependence is learned.

    Returns
    -------
    LevelSettings or None
        None where the odds of every list have a prior of their own.
    """
    if priors.coverage.form == "odds":
        return None
    ratio, residual = priors.dark_figure.ratio_to_registered, priors.residual
    if residual is None or residual.form == "none":
        return LevelSettings(ratio.mu, ratio.sigma)
    location, size = residual.location_and_scale
    if residual.form == "stated" or pairs:
        return LevelSettings(ratio.mu, ratio.sigma, location, size, residual.form == "relative")
    # nothing is learned of the scale where no two lists can overlap: its middle before the counts stands for it
    assert priors.dependence.scale is not None, "a relative residual has a scale; the prior file was checked"
    unit = float(np.exp(priors.dependence.scale.mu))
    return LevelSettings(ratio.mu, ratio.sigma, location * unit, size * unit)
