"""Learning dependence from public tables: a hierarchical meta-analysis, by families of tables.

Completed tables (`evidence.learning_fits`) say how the log odds ratios of pairs of lists are
distributed: in table c they are Student t around a common mean mu_c with a scale tau_c, and

    mu_c / tau_c ~ Normal(m, s^2),    log tau_c ~ Normal(a, b^2).

The common mean is in units of the scale, so that one number, tau, says how far the lists of a table are from
independent: where the overlaps show it to be small, what all pairs share is small, too. The other form, mu_c ~
Normal(m, s^2) whatever tau, is fitted beside it for comparison.

Each completed table was fitted alone under wide priors; its draws of (mu_c, log tau_c), weighted by the density above
over those wide priors, give its likelihood of (m, s, a, b) (importance sampling), so that the numbers of the
meta-analysis are drawn without fitting any table again.

Cases are not independent: lists of one table share people, and versions of one table share counts. Every family of
tables weighs as much as one observation, shared equally by its tables and their lists: a composite likelihood,
deliberately short of what independent cases would say.

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640. Varin, Reid & Firth (2011), Statistica
Sinica 21:5: composite likelihood. Gelman et al. (2013), Bayesian Data Analysis, chapter 5: exchangeable groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.learning_fits import REFERENCE_MEAN, REFERENCE_SCALE

Floats = NDArray[np.float64]

DEGREES_OF_FREEDOM = 4.0
"""Of the Student t distribution of log odds ratios."""

RELATIVE, ABSOLUTE = "in units of the scale", "the same whatever the scale"
"""Forms of the common mean; the first is the one that is used."""

_STEPS, _BURN_IN, _THIN = 30_000, 5_000, 5
_NARROWEST = np.log(0.02)  # draws cannot tell narrower spreads
S_BEFORE, B_BEFORE, A_BEFORE = 0.5, 1.0, -0.7
"""Before any table: scales of the half-normal distributions of s and b, and the mean of a (standard deviation 1)."""

_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Normal:
    """A normal distribution, as a prior file states it."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Dependence:
    """What completed tables say of two-list terms.

    Parameters
    ----------
    relative_mean, log_scale : Normal
        Of the next table: its common mean in units of its scale, and the log of that scale. The normal distribution
        with the same 95 % interval as the spread between tables and what is uncertain of it have together.
    learned : mapping of str to (float, float)
        Posterior mean and standard deviation of m, s, a and b.
    log_likelihood : mapping of str to float
        Largest log-likelihood (families as one observation each) of each form of the common mean.
    """

    relative_mean: Normal
    log_scale: Normal
    learned: Mapping[str, tuple[float, float]]
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


def learn_dependence(
    fits: Sequence[Mapping[str, Any]],
    weights: Floats,
    seed: int = 1,
    b_before: float = B_BEFORE,
    *,
    by_interval: bool = True,
) -> Dependence:
    """Learn how two-list terms are distributed, from completed tables.

    Parameters
    ----------
    fits : sequence of mapping
        Results of `learning_fits.fit_completed`.
    weights : ndarray, shape (n,)
        From `weights_of`.
    b_before : float
        Scale of the half-normal distribution of b before any table.
    by_interval : bool
        Whether what is expected of the next table has the 95 % interval of the mixture over tables, or else its mean
        and standard deviation.
    """
    likelihood = {form: _likelihood(fits, weights, form) for form in (RELATIVE, ABSOLUTE)}
    draws = _metropolis(likelihood[RELATIVE], seed, b_before)
    m, s, a, b = draws[:, 0], np.exp(draws[:, 1]), draws[:, 2], np.exp(draws[:, 3])
    of_next = next_table if by_interval else _with_moments
    return Dependence(
        relative_mean=of_next(m, s),
        log_scale=of_next(a, b),
        learned={
            name: (float(values.mean()), float(values.std())) for name, values in zip("msab", (m, s, a, b), strict=True)
        },
        log_likelihood={form: _largest(function) for form, function in likelihood.items()},
    )


def next_table(means: Floats, sds: Floats) -> Normal:
    """Return what is expected of a value in the next table, from draws of its distribution over tables.

    Parameters
    ----------
    means, sds : ndarray, shape (n,)
        Draws of mean and standard deviation of a normal distribution.

    Returns
    -------
    Normal
        With the 2.5 % and 97.5 % quantiles of the mixture, because what a prior promises is an interval. The mixture is
        skewed and has heavier tails beyond, so that the middle of its interval is not its mean.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    reach = float(np.abs(means).max() + 8 * sds.max())

    def quantile(probability: float) -> float:
        return float(brentq(lambda value: ndtr((value - means) / sds).mean() - probability, -reach, reach))

    lower, upper = quantile(0.025), quantile(0.975)
    return Normal((lower + upper) / 2, (upper - lower) / (2 * _Z95))


def _with_moments(means: Floats, sds: Floats) -> Normal:
    """Return the normal distribution with the mean and standard deviation of the mixture of `next_table`."""
    return Normal(float(means.mean()), float(np.sqrt(means.var() + (sds**2).mean())))


def _log_prior(m: float, log_s: float, a: float, log_b: float, b_before: float) -> float:
    """Return the log prior of the numbers of the meta-analysis; half-normal for spreads, with their Jacobians."""
    s, b = np.exp(log_s), np.exp(log_b)
    squares = m**2 + (s / S_BEFORE) ** 2 + (a - A_BEFORE) ** 2 + (b / b_before) ** 2
    return float(-0.5 * squares + log_s + log_b)


def _likelihood(fits: Sequence[Mapping[str, Any]], weights: Floats, form: str) -> Callable[[Floats], float]:
    """Return the composite log-likelihood as a function of (m, log s, a, log b)."""
    mean = np.array([fit["common_mean"] for fit in fits])[:, ::_THIN]
    log_scale = np.array([fit["log_scale"] for fit in fits])[:, ::_THIN]
    reference = _log_normal(mean, *REFERENCE_MEAN) + _log_normal(log_scale, *REFERENCE_SCALE)
    unit = np.exp(log_scale) if form == RELATIVE else np.ones_like(log_scale)

    def log_likelihood(at: Floats) -> float:
        m, log_s, a, log_b = (float(value) for value in at)
        if min(log_s, log_b) < _NARROWEST:
            return -np.inf
        of_mean = _log_normal(mean / unit, m, np.exp(log_s)) - np.log(unit)
        ratio = of_mean + _log_normal(log_scale, a, np.exp(log_b)) - reference
        top = ratio.max(axis=1)
        return float(weights @ (top + np.log(np.exp(ratio - top[:, None]).mean(axis=1))))

    return log_likelihood


def _metropolis(log_likelihood: Callable[[Floats], float], seed: int, b_before: float) -> Floats:
    """Draw (m, log s, a, log b) by random-walk Metropolis, shape (draws, 4)."""

    def log_density(at: Floats) -> float:
        m, log_s, a, log_b = (float(value) for value in at)
        return _log_prior(m, log_s, a, log_b, b_before) + log_likelihood(at)

    rng = np.random.default_rng(seed)
    at = _start()
    steps = np.array([0.15, 0.5, 0.2, 0.4])
    density, kept = log_density(at), []
    for _ in range(_STEPS):
        proposal = at + steps * rng.standard_normal(4)
        proposed = log_density(proposal)
        if np.log(rng.random()) < proposed - density:
            at, density = proposal, proposed
        kept.append(at)
    return np.array(kept[_BURN_IN:])


def _largest(log_likelihood: Callable[[Floats], float]) -> float:
    """Return the largest value of a log-likelihood."""
    from scipy.optimize import minimize

    def downwards(at: Floats) -> float:
        value = log_likelihood(at)
        return -value if np.isfinite(value) else 1e9

    best = minimize(downwards, _start(), method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-3, "fatol": 1e-4})
    return -float(best.fun)


def _start() -> Floats:
    return np.array([0.4, np.log(0.3), -0.7, np.log(0.5)])


def _log_normal(value: Floats, mean: float, sd: float) -> Floats:
    """Return the log density of a normal distribution, without its constant."""
    return np.asarray(-0.5 * ((value - mean) / sd) ** 2 - np.log(sd))
