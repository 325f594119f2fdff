"""Learning dependence from public tables: a hierarchical meta-analysis, by families of tables.

Completed tables (`estimator.scrutiny.learning_fits`) say how the log odds ratios of pairs of lists are distributed: in
table c they are Student t around a common mean mu_c with a scale tau_c, and

    mu_c ~ Normal(m, s^2),    log tau_c ~ Normal(a, b^2).

Each completed table was fitted alone under wide priors; its draws of (mu_c, log tau_c), weighted by the density above
over those wide priors, give its likelihood of (m, s, a, b) (importance sampling), so that the numbers of the
meta-analysis are drawn without fitting any table again.

What remains is the residual dependence: given the other cells of a completed table, the number of people whom all other
lists missed is Poisson with mean exp(xi) times what the model implies, and ``xi = tau_c * size * t``. Its likelihood is
the average over draws of the model fitted without that number.

Cases are not independent: lists of one table share people, and versions of one table share counts. Every family of
tables weighs as much as one observation, shared equally by its tables and their lists: a composite likelihood,
deliberately short of what independent cases would say.

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640. Varin, Reid & Firth (2011), Statistica
Sinica 21:5: composite likelihood. Gelman et al. (2013), Bayesian Data Analysis, chapter 5: exchangeable groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.scrutiny.learning_fits import REFERENCE_MEAN, REFERENCE_SCALE

Floats = NDArray[np.float64]

DEGREES_OF_FREEDOM = 4.0
"""Of the Student t distributions of log odds ratios and of the residual."""

_STEPS, _BURN_IN = 30_000, 5_000
_SIZES = np.exp(np.linspace(np.log(0.04), np.log(2.5), 41))
_CENTRES = np.linspace(-1.5, 1.5, 25)
_THIN = 5


@dataclass(frozen=True)
class Normal:
    """A normal distribution on the log scale, as a prior file states it.

    Parameters
    ----------
    mean, sd : float
    """

    mean: float
    sd: float


@dataclass(frozen=True)
class Dependence:
    """What completed tables say of two-list terms.

    Parameters
    ----------
    common_mean, log_scale : Normal
        Of the next table: the spread between tables and what is uncertain of it, together.
    learned : mapping of str to (float, float)
        Posterior mean and standard deviation of m, s, a and b.
    """

    common_mean: Normal
    log_scale: Normal
    learned: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Residual:
    """What held-out lists say of the residual dependence.

    Parameters
    ----------
    size : float
        Posterior median of its size in units of the scale of the two-list terms.
    size_interval : (float, float)
        95 % interval.
    centre : (float, float)
        Posterior mean and standard deviation of its centre, in the same units, were it free; it is taken to be 0.
    log_likelihood : mapping of str to float
        Largest log-likelihood (families as one observation each) without it, with a size that is the same in every
        table, and with one that follows the scale of the table's pairs.
    """

    size: float
    size_interval: tuple[float, float]
    centre: tuple[float, float]
    log_likelihood: Mapping[str, float]


def weights_of(families: Sequence[str], tables: Sequence[str]) -> Floats:
    """Return the weight of each case: every family 1, shared equally by its tables and by the lists of each.

    Parameters
    ----------
    families, tables : sequence of str
        Of each case.

    Returns
    -------
    ndarray, shape (n,)
    """
    table_count = {
        family: len({t for f, t in zip(families, tables, strict=True) if f == family}) for family in families
    }
    return np.array([1 / table_count[f] / list(tables).count(t) for f, t in zip(families, tables, strict=True)])


def learn_dependence(fits: Sequence[Mapping[str, Any]], weights: Floats, seed: int = 1) -> Dependence:
    """Learn how two-list terms are distributed, from completed tables.

    Parameters
    ----------
    fits : sequence of mapping
        Results of `learning_fits.fit_completed`.
    weights : ndarray, shape (n,)
        From `weights_of`.
    seed : int

    Returns
    -------
    Dependence
    """
    draws = _metropolis(fits, weights, seed)
    m, s, a, b = draws[:, 0], np.exp(draws[:, 1]), draws[:, 2], np.exp(draws[:, 3])
    return Dependence(
        common_mean=Normal(float(m.mean()), float(np.sqrt(m.var() + (s**2).mean()))),
        log_scale=Normal(float(a.mean()), float(np.sqrt(a.var() + (b**2).mean()))),
        learned={
            name: (float(values.mean()), float(values.std())) for name, values in zip("msab", (m, s, a, b), strict=True)
        },
    )


def _log_prior(m: float, log_s: float, a: float, log_b: float) -> float:
    """Return the log prior of the numbers of the meta-analysis; half-normal for spreads, with their Jacobians."""
    s, b = np.exp(log_s), np.exp(log_b)
    return float(-0.5 * (m**2 + (s / 0.5) ** 2 + (a + 0.7) ** 2 + (b / 0.7) ** 2) + log_s + log_b)


def _metropolis(fits: Sequence[Mapping[str, Any]], weights: Floats, seed: int) -> Floats:
    """Draw (m, log s, a, log b) by random-walk Metropolis, shape (draws, 4)."""
    mean = np.array([fit["common_mean"] for fit in fits])[:, ::_THIN]
    log_scale = np.array([fit["log_scale"] for fit in fits])[:, ::_THIN]
    reference = _log_normal(mean, *REFERENCE_MEAN) + _log_normal(log_scale, *REFERENCE_SCALE)

    def log_density(at: Floats) -> float:
        m, log_s, a, log_b = (float(value) for value in at)
        if min(log_s, log_b) < np.log(0.02):  # narrower than draws can tell
            return -np.inf
        ratio = _log_normal(mean, m, np.exp(log_s)) + _log_normal(log_scale, a, np.exp(log_b)) - reference
        top = ratio.max(axis=1)
        per_case = top + np.log(np.exp(ratio - top[:, None]).mean(axis=1))
        return _log_prior(m, log_s, a, log_b) + float(weights @ per_case)

    rng = np.random.default_rng(seed)
    at = np.array([0.3, np.log(0.3), -0.7, np.log(0.5)])
    steps = np.array([0.15, 0.5, 0.2, 0.4])
    density, kept = log_density(at), []
    for _ in range(_STEPS):
        proposal = at + steps * rng.standard_normal(4)
        proposed = log_density(proposal)
        if np.log(rng.random()) < proposed - density:
            at, density = proposal, proposed
        kept.append(at)
    return np.array(kept[_BURN_IN:])


def _log_normal(value: Floats, mean: float, sd: float) -> Floats:
    """Return the log density of a normal distribution, without its constant."""
    return np.asarray(-0.5 * ((value - mean) / sd) ** 2 - np.log(sd))


def learn_residual(fits: Sequence[Mapping[str, Any]], weights: Floats) -> Residual:
    """Learn the size of the residual dependence, from held-out lists.

    Parameters
    ----------
    fits : sequence of mapping
        Results of `held_out_fits.fit_held_out`, with a learned scale.
    weights : ndarray, shape (n,)
        From `weights_of`.

    Returns
    -------
    Residual
    """
    table = np.array([[_log_likelihood(fit, 0.0, size, 1) for size in _SIZES] for fit in fits])
    total = weights @ table
    prior = -0.5 * ((np.log(_SIZES) - np.log(0.5)) / 0.7) ** 2
    lower, median, upper = (float(value) for value in _quantiles(np.log(_SIZES), total + prior, (0.025, 0.5, 0.975)))
    size = float(np.exp(median))
    at_centre = weights @ np.array([[_log_likelihood(fit, c / size, size, 1) for c in _CENTRES] for fit in fits])
    density = np.exp(at_centre + -0.5 * (_CENTRES / 0.5) ** 2 - at_centre.max())
    density /= density.sum()
    centre = float(density @ _CENTRES)
    constant = weights @ np.array([[_log_likelihood(fit, 0.0, s, 0) for s in _SIZES] for fit in fits])
    without = weights @ np.array([_log_likelihood(fit, 0.0, 1e-4, 1) for fit in fits])
    return Residual(
        size=size,
        size_interval=(float(np.exp(lower)), float(np.exp(upper))),
        centre=(centre, float(np.sqrt(density @ (_CENTRES - centre) ** 2))),
        log_likelihood={
            "none": float(without),
            "the same in every table": float(constant.max()),
            "as large as the table's pairs": float(total.max()),
        },
    )


def _log_likelihood(fit: Mapping[str, Any], centre: float, size: float, power: int) -> float:
    """Return the log probability of the people whom all other lists missed, were the residual of this size.

    xi = tau^power * size * (centre + t): the average over draws of the log dark figure and tau, and over quadrature
    points of Student's t.
    """
    from scipy.special import gammaln, logsumexp

    points, log_weight = _student_points()
    implied = np.array(fit["log_implied"])[::_THIN, None]
    scale = np.array(fit["scale"])[::_THIN, None] ** power
    log_mean = np.clip(implied + scale * size * (centre + points), -50.0, 40.0)
    unseen = fit["unseen"]
    terms = unseen * log_mean - np.exp(log_mean) - gammaln(unseen + 1.0) + log_weight
    return float(logsumexp(terms) - np.log(len(implied)))


def _student_points() -> tuple[Floats, Floats]:
    """Return quadrature points of Student's t and their log weights: closer together where it is probable."""
    from scipy.stats import t

    points = np.concatenate([np.linspace(-40, -6, 60), np.linspace(-5.9, 5.9, 119), np.linspace(6, 40, 60)])
    log_weight = t.logpdf(points, DEGREES_OF_FREEDOM) + np.log(np.gradient(points))
    return points, np.asarray(log_weight - np.logaddexp.reduce(log_weight))


def _quantiles(grid: Floats, log_density: Floats, probabilities: Sequence[float]) -> Floats:
    """Return quantiles of a density on an even grid."""
    cumulative = np.cumsum(np.exp(log_density - log_density.max()))
    cumulative = (cumulative - 0.5 * np.exp(log_density - log_density.max())) / cumulative[-1]
    return np.interp(probabilities, cumulative, grid)
