"""Learning how far groups differ in what no list shows, from lists held out by stratum.

Given a draw of a fit without residual, the people u[s] of stratum s whom all other lists missed are Poisson with mean

    exp(xi) n0[s] exp(omega[s]) sum(n0) / sum(n0 exp(omega)),

so that their number over all strata says all there is on xi, and given that number U they are multinomial with shares
proportional to ``n0[s] exp(omega[s])``, whatever xi is. With eta the log of n0 in a draw, up to what all strata share,

    u | U ~ Multinomial(U, softmax(eta + omega)),    omega ~ Normal(0, (b tau)^2 L L'),

L the contrasts of the levels of all covariates. The draws of eta, centred, are close to normal with some mean and
covariance V: then eta + omega is normal with covariance ``V + (b tau)^2 L L'``, so that what is uncertain of what lists
imply, and chance in the people who are there, is not taken for a difference between groups. The integral over
eta + omega is by importance sampling from a Student t distribution around its mode; that over tau by its draws.

References
----------
Aitchison & Shen (1980), Biometrika 67:261: the logistic normal distribution. Varin, Reid & Firth (2011), Statistica
Sinica 21:5: composite likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.contrasts import zero_sum
from evidence.learning import weights_of
from evidence.strata import levels_of, stratified_tables

Floats = NDArray[np.float64]

LEVELS = "levels of each covariate, years a random walk"
EXCHANGEABLE = "levels of each covariate, years like other levels"
STRATA = "every stratum by itself"
FORMS: Mapping[str, Callable[[str], Floats]] = {
    LEVELS: levels_of,
    EXCHANGEABLE: lambda name: levels_of(name, ordered=False),
    STRATA: lambda name: zero_sum(len(levels_of(name))),
}
"""What strata differ by, as contrasts, by table."""
USED = LEVELS

SPREADS = np.concatenate([[0.0], np.geomspace(0.003, 8.0, 64)])
"""Standard deviations of levels, on the log scale, at which the integral over strata is done."""

SIZES = np.geomspace(0.005, 3.0, 161)
"""Values of b."""

MIDDLE_BEFORE, LOG_SD_BEFORE = 0.3, 1.0
"""Before any table b is log-normal."""

_POINTS = 2048
_DEGREES = 8.0  # of the Student t distribution that the integral is sampled from
_SEED = 18


@dataclass(frozen=True)
class HeldByStratum:
    """A list held out by stratum, and the result of its fit (`evidence.strata.fit_strata`)."""

    table: str
    list: str
    fit: Mapping[str, Any]

    @property
    def family(self) -> str:
        """Of its table."""
        return next(table.family for table in stratified_tables() if table.name == self.table)


@dataclass(frozen=True)
class Implied:
    """What lists and pairs imply of the shares of strata: normal in the contrasts of their logs.

    Parameters
    ----------
    mean : ndarray, shape (S - 1,)
    covariance : ndarray, shape (S - 1, S - 1)
    """

    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Learned:
    """What lists held out by stratum say of b.

    Parameters
    ----------
    median : float
        Of its posterior distribution.
    interval : (float, float)
        95 %.
    gain : float
        Largest log-likelihood (families as one observation each), less that of no difference between groups.
    at_best : float
        The b at which it is largest.
    """

    median: float
    interval: tuple[float, float]
    gain: float
    at_best: float


def implied_shares(log_implied: Floats) -> Implied:
    """Return what draws imply of the shares of strata.

    Parameters
    ----------
    log_implied : ndarray, shape (draws, S)
    """
    contrasts = log_implied @ zero_sum(log_implied.shape[1])
    return Implied(contrasts.mean(axis=0), np.atleast_2d(np.cov(contrasts.T)))


def log_probability(unseen: Floats, implied: Implied, between: Floats) -> float:
    """Return the log probability of how people are divided over strata, given their number.

    Parameters
    ----------
    unseen : ndarray, shape (S,)
        People.
    between : ndarray, shape (S - 1, S - 1)
        Covariance of what strata differ by, in the contrasts of `implied`.
    """
    from scipy.special import gammaln, logsumexp

    basis, total = zero_sum(len(unseen)), unseen.sum()
    covariance = implied.covariance + between + 1e-10 * np.eye(len(between))
    precision: Floats = np.asarray(np.linalg.inv(covariance), np.float64)
    mode, hessian = _mode(unseen, implied.mean, precision, basis)
    x, log_proposed = _points(mode, hessian)
    eta = x @ basis.T
    log_likelihood = eta @ unseen - total * logsumexp(eta, axis=1)
    log_likelihood += gammaln(total + 1) - gammaln(unseen + 1).sum()
    off = x - implied.mean
    _, log_det = np.linalg.slogdet(2 * np.pi * covariance)
    log_density = -0.5 * np.einsum("pi,ij,pj->p", off, precision, off) - 0.5 * log_det
    return float(logsumexp(log_likelihood + log_density - log_proposed) - np.log(_POINTS))


def _points(mode: Floats, hessian: Floats) -> tuple[Floats, Floats]:
    """Return points of a Student t distribution around the mode, and the log of its density there."""
    from scipy.special import gammaln

    standard, divisor = _standard(len(mode))
    # z / sqrt(w / df) with z standard normal and w chi-squared; L L' = H, so that L'^-1 z has covariance H^-1
    x = mode + np.linalg.solve(np.linalg.cholesky(hessian).T, (standard / divisor[:, None]).T).T
    off, size = x - mode, len(mode)
    squares = np.einsum("pi,ij,pj->p", off, hessian, off)
    constant = gammaln((_DEGREES + size) / 2) - gammaln(_DEGREES / 2) - 0.5 * size * np.log(_DEGREES * np.pi)
    constant += 0.5 * np.linalg.slogdet(hessian)[1]
    return x, constant - 0.5 * (_DEGREES + size) * np.log1p(squares / _DEGREES)


@cache
def _standard(size: int) -> tuple[Floats, Floats]:
    """Return evenly spread standard normal points, and what they are divided by for a Student t distribution."""
    from scipy.stats import chi2, norm, qmc

    uniform = qmc.Sobol(size + 1, seed=_SEED).random(_POINTS)
    return norm.ppf(uniform[:, :-1]), np.sqrt(chi2.ppf(uniform[:, -1], _DEGREES) / _DEGREES)


def _mode(unseen: Floats, mean: Floats, precision: Floats, basis: Floats) -> tuple[Floats, Floats]:
    """Return where the posterior density of the contrasts is highest, and its curvature there (Newton, damped)."""
    from scipy.special import logsumexp, softmax

    total, x = unseen.sum(), mean.copy()

    def height(at: Floats) -> float:
        eta = basis @ at
        return float(unseen @ eta - total * logsumexp(eta) - 0.5 * (at - mean) @ precision @ (at - mean))

    for _ in range(100):
        shares = softmax(basis @ x)
        hessian = total * basis.T @ (np.diag(shares) - np.outer(shares, shares)) @ basis + precision
        step = np.linalg.solve(hessian, basis.T @ (unseen - total * shares) - precision @ (x - mean))
        length = 1.0
        while length > 1e-6 and height(x + length * step) < height(x):
            length /= 2
        x = x + length * step
        if np.abs(step).max() < 1e-9:
            break
    return x, hessian


def profile(fit: Mapping[str, Any], levels: Floats) -> Floats:
    """Return the log probability of how people are divided over strata at every one of `SPREADS`.

    Parameters
    ----------
    fit : mapping
        Result of `evidence.strata.fit_strata`.
    levels : ndarray, shape (S, C)
        What strata differ by is `levels` times independent normal numbers.
    """
    unseen = np.asarray(fit["unseen"], float)
    implied = implied_shares(np.asarray(fit["log_implied"], float))
    contrasts = zero_sum(len(unseen)).T @ levels
    unit = contrasts @ contrasts.T
    return np.array([log_probability(unseen, implied, spread**2 * unit) for spread in SPREADS])


def log_likelihood(of_spread: Floats, sizes: Floats, scale: Floats) -> Floats:
    """Return the log-likelihood of b: averaged over draws of the scale, in units of which b is.

    Parameters
    ----------
    of_spread : ndarray, shape (number of `SPREADS`,)
        From `profile`.
    sizes : ndarray, shape (k,)
    scale : ndarray, shape (draws,)
        1 where b is the same in every table.
    """
    from scipy.special import logsumexp

    places = np.log(np.maximum(SPREADS, SPREADS[1] / 2))  # the first stands for nothing at all
    at = np.log(np.clip(np.outer(sizes, scale), SPREADS[1] / 2, SPREADS[-1]))
    return np.asarray(logsumexp(np.interp(at, places, of_spread), axis=1) - np.log(len(scale)))


def families_of(held: Sequence[HeldByStratum]) -> list[str]:
    """Return the families of lists, each once."""
    return list(dict.fromkeys(one.family for one in held))


def likelihoods(held: Sequence[HeldByStratum], profiles: Sequence[Floats], sizes: Floats, power: int = 1) -> Floats:
    """Return the log-likelihood of b of every list, less that of no difference, shape (n, k).

    Parameters
    ----------
    power : int
        1 for b in units of tau, 0 for one that is the same in every table.
    """
    return np.array(
        [
            log_likelihood(of_spread, sizes, np.asarray(one.fit["scale"], float) ** power) - of_spread[0]
            for one, of_spread in zip(held, profiles, strict=True)
        ]
    )


def learn_from(
    held: Sequence[HeldByStratum], profiles: Sequence[Floats], *, without: str = "", power: int = 1
) -> Learned:
    """Return what lists say of b, all or those of other families than one."""
    kept = [place for place, one in enumerate(held) if one.family != without]
    some = [held[place] for place in kept]
    rows = likelihoods(some, [profiles[place] for place in kept], SIZES, power)
    return learn(rows, weights_of([one.family for one in some], [one.table for one in some]))


def learn(of_sizes: Floats, weights: Floats) -> Learned:
    """Return what is known of b.

    Parameters
    ----------
    of_sizes : ndarray, shape (n, number of `SIZES`)
        From `likelihoods`, one row for each held-out list.
    weights : ndarray, shape (n,)
        Families weigh the same.
    """
    gain = weights @ of_sizes
    log_density = gain - 0.5 * ((np.log(SIZES) - np.log(MIDDLE_BEFORE)) / LOG_SD_BEFORE) ** 2
    density = np.exp(log_density - log_density.max())
    lower, median, upper = np.exp(_quantiles(np.log(SIZES), density, (0.025, 0.5, 0.975)))
    best = int(gain.argmax())
    return Learned(float(median), (float(lower), float(upper)), float(gain[best]), float(SIZES[best]))


def _quantiles(grid: Floats, density: Floats, probabilities: Sequence[float]) -> Floats:
    cumulative = np.cumsum(density)
    return np.interp(probabilities, (cumulative - 0.5 * density) / cumulative[-1], grid)
