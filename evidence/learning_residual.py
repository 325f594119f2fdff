"""Learning the residual dependence from lists held out: how far the dark figure differs from what pairs of lists imply.

Given the other cells of a completed table, the number of people whom all other lists missed is Poisson with mean
exp(xi) times what the model implies, and ``xi = tau_c (centre + size z)`` with z standard normal (or Student t) and
tau_c the scale of the table's log odds ratios. Its likelihood is the average over draws of the model fitted without
that number.

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SIZES = np.exp(np.linspace(np.log(0.04), np.log(2.5), 41))
_CENTRES = np.linspace(-1.5, 1.5, 31)
_AT_ZERO = int(np.argmin(np.abs(_CENTRES)))
_TOLD = 2.0  # standard deviations from 0 at which tables are said to tell the centre from it
_POINTS = np.concatenate([-np.geomspace(60, 4, 60)[:-1], np.linspace(-4, 4, 801), np.geomspace(4, 60, 60)[1:]])
"""Where the residual is integrated: closest together where it is probable."""

_MANY = 30  # unseen people, from which on draws are smoothed

_NOTHING = int(np.argmin(np.abs(_POINTS)))
_SMALLEST = 1e-300  # of a probability

NONE, ALIKE, RELATIVE = "none", "the same in every table", "as large as the table's pairs"
"""Forms of the size of the residual; the last is the one that is used."""

CENTRE_BEFORE, SIZE_BEFORE, LOG_SIZE_SD_BEFORE = 0.5, 0.5, 0.7
"""Before any table: the centre is normal around 0, the size log-normal."""

SIZE_ABOVE_ONE_BEFORE = 1 - NormalDist().cdf(-np.log(SIZE_BEFORE) / LOG_SIZE_SD_BEFORE)
"""Probability, before any table, that the size is above 1."""


@dataclass(frozen=True)
class Residual:
    """What held-out lists say of the residual dependence, in units of the scale of the two-list terms.

    Parameters
    ----------
    stated_centre : float
        What a prior states of its centre: 0 unless the lists tell it from 0.
    centre, size : float
        Posterior mean of its centre; posterior median of its size, given the stated centre where that is 0.
    centre_sd : float
        Posterior standard deviation of the centre.
    size_interval : (float, float)
        95 % interval of the size.
    size_above_one : float
        Posterior probability that the size is above 1, where before any table it is `SIZE_ABOVE_ONE_BEFORE`.
    reach, known_reach : float
        Half-width of the 95 % interval of the residual in units of the scale, about its centre: for that size, and with
        what is uncertain of the size.
    degrees_of_freedom : float or None
        Of a Student t distribution; None: normal.
    log_likelihood : mapping of str to float
        Largest log-likelihood (families as one observation each) without it, with a size that is the same in every
        table, and with one that follows the scale of the table's pairs; the last two centred on 0.
    """

    stated_centre: float
    centre: float
    size: float
    centre_sd: float
    size_interval: tuple[float, float]
    size_above_one: float
    reach: float
    known_reach: float
    degrees_of_freedom: float | None
    log_likelihood: Mapping[str, float]


def learn_residual(
    fits: Sequence[Mapping[str, Any]],
    weights: Floats,
    degrees_of_freedom: float | None = None,
    *,
    centre_as_learned: bool = False,
) -> Residual:
    """Learn centre and size of the residual dependence, from held-out lists.

    Parameters
    ----------
    fits : sequence of mapping
        Results of `estimator.calibration.held_out_fits.fit_held_out`, with a learned scale.
    weights : ndarray, shape (n,)
        From `learning.weights_of`.
    degrees_of_freedom : float, optional
        Of a Student t distribution of the residual; normal when left out.
    centre_as_learned : bool, optional
        Whether the centre is stated even where lists cannot tell it from 0.
    """
    relative, alike = (np.array([log_profile(fit, power) for fit in fits]) for power in (1, 0))
    by_place = np.array([log_likelihood(relative, centre, _SIZES, degrees_of_freedom) @ weights for centre in _CENTRES])
    prior = -0.5 * ((np.log(_SIZES) - np.log(SIZE_BEFORE)) / LOG_SIZE_SD_BEFORE) ** 2
    density = _normalised(by_place + prior - 0.5 * (_CENTRES[:, None] / CENTRE_BEFORE) ** 2)
    of_centre = density.sum(axis=1)
    centre = float(of_centre @ _CENTRES)
    centre_sd = float(np.sqrt(of_centre @ (_CENTRES - centre) ** 2))
    told = centre_as_learned or abs(centre) > _TOLD * centre_sd
    of_size = density.sum(axis=0) if told else _normalised(by_place[_AT_ZERO] + prior)
    lower, median, upper = np.exp(_quantiles(np.log(_SIZES), of_size, (0.025, 0.5, 0.975)))
    return Residual(
        stated_centre=centre if told else 0.0,
        centre=centre,
        size=float(median),
        centre_sd=centre_sd,
        size_interval=(float(lower), float(upper)),
        size_above_one=float(of_size[_SIZES > 1].sum()),
        reach=_reach(np.array([median]), np.ones(1), degrees_of_freedom),
        known_reach=_reach(_SIZES, of_size, degrees_of_freedom),
        degrees_of_freedom=degrees_of_freedom,
        log_likelihood={
            NONE: float(weights @ alike[:, _NOTHING]),
            ALIKE: float((log_likelihood(alike, 0.0, _SIZES, degrees_of_freedom) @ weights).max()),
            RELATIVE: float(by_place[_AT_ZERO].max()),
        },
    )


def log_profile(fit: Mapping[str, Any], power: int) -> Floats:
    """Return the log probability of the people whom all other lists missed, at every value of the residual.

    Parameters
    ----------
    fit : mapping
        ``unseen`` persons; draws ``log_implied`` of the log of the implied dark figure, and ``scale`` of tau.
    power : int
        1 when the residual is in units of tau, 0 when it is the same in every table.

    Returns
    -------
    ndarray, shape (number of points,)
        Averaged over draws: Poisson with mean ``exp(log implied + tau^power z)``, for z at the points at which
        the residual is integrated. Where many people are unseen, the Poisson distribution is narrower than the gaps
        between draws, which are therefore smoothed by a normal kernel (Silverman 1986, eq. 3.28); as a function of the
        log mean the Poisson probability then is normal, with the mean and the variance that it has.
    """
    from scipy.special import digamma, gammaln, logsumexp, polygamma

    draws, unseen = np.array(fit["log_implied"]), int(fit["unseen"])
    log_mean = draws[:, None] + np.array(fit["scale"])[:, None] ** power * _POINTS
    if unseen < _MANY:
        log_mean = np.clip(log_mean, -50.0, 40.0)
        logs = unseen * log_mean - np.exp(log_mean) - gammaln(unseen + 1.0)
    else:
        kernel = 1.06 * draws.std() * len(draws) ** -0.2
        variance = kernel**2 + float(polygamma(1, unseen))
        squares = (log_mean - float(digamma(unseen))) ** 2 / variance
        logs = -0.5 * (squares + np.log(2 * np.pi * variance)) - np.log(unseen)
    return np.asarray(logsumexp(logs, axis=0) - np.log(len(draws)))


def log_likelihood(profiles: Floats, centre: float, sizes: Floats, degrees_of_freedom: float | None = None) -> Floats:
    """Return the log probability of the people whom all other lists missed, were the residual ``centre + size z``.

    Parameters
    ----------
    profiles : ndarray, shape (n, number of points)
        From `log_profile`, one for each held-out list.
    sizes : ndarray, shape (k,)
    degrees_of_freedom : float, optional
        Of a Student t distribution of z; normal when left out.

    Returns
    -------
    ndarray, shape (k, n)
        The profiles averaged over z.
    """
    weight = _standard(degrees_of_freedom).pdf((_POINTS - centre) / sizes[:, None]) * np.gradient(_POINTS)
    weight /= weight.sum(axis=1, keepdims=True)
    top = profiles.max(axis=1)
    return np.asarray(np.log(weight @ np.exp(profiles - top[:, None]).T + _SMALLEST) + top)


def _standard(degrees_of_freedom: float | None) -> Any:
    """Return the standard normal distribution, or Student t with these degrees of freedom."""
    from scipy.stats import norm, t

    return norm if degrees_of_freedom is None else t(degrees_of_freedom)


def _reach(sizes: Floats, weights: Floats, degrees_of_freedom: float | None) -> float:
    """Return how far from its centre 95 % of residuals reach, given how probable each size is."""
    from scipy.optimize import brentq

    cdf = _standard(degrees_of_freedom).cdf
    return float(brentq(lambda at: weights @ cdf(at / sizes) - 0.975, 0.0, 50 * float(sizes.max())))


def _normalised(log_density: Floats) -> Floats:
    """Return a density on a grid that adds up to 1."""
    density = np.exp(log_density - log_density.max())
    return np.asarray(density / density.sum())


def _quantiles(grid: Floats, density: Floats, probabilities: Sequence[float]) -> Floats:
    """Return quantiles of a density on an even grid."""
    cumulative = np.cumsum(density)
    return np.interp(probabilities, (cumulative - 0.5 * density) / cumulative[-1], grid)
