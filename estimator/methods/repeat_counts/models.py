"""Models of how often one register sees a person: what the people seen once, twice, ... say of those seen never.

Person i is seen y_i times, Poisson or negative binomial with mean l_i, log l_i linear in her covariates, and is in the
data only if y_i > 0. With p_i the chance of that, each person seen stands for 1 / p_i people (Horvitz and Thompson):

    N = sum_i 1 / p_i,    var N = sum_i (1 - p_i) / p_i**2 + g' V g,    g = dN/db,

with V the covariance of the coefficients b (van der Heijden and others 2003, eq. 11): the first part is of who was seen
by chance, the second of not knowing b. Zelterman's estimator takes the same sum, but lets only people seen once and
twice say what l is: given that it is one or two, a Poisson count is two with the odds l / 2, a logistic regression that
does not ask whether the larger counts are Poisson. Chao's lower bound lets those same people stand for the people seen
never, e**-l against e**-l (l + l**2 / 2), and adds them to the people seen.

People of one stratum are alike, so that everything is a sum over strata.

References
----------
van der Heijden, Bustami, Cruyff, Engbersen & van Houwelingen (2003), Statistical Modelling 3:305,
doi 10.1191/1471082X03st057oa: truncated Poisson regression. Zelterman (1988), Journal of Statistical Planning and
Inference 18:225; Boehning & van der Heijden (2009), Annals of Applied Statistics 3:595, doi 10.1214/08-AOAS214: with
covariates. Chao (1987), Biometrics 43:783; Boehning, Vidal-Diez, Lerdsuwansri, Viwatwongkasem & Arnold (2013),
Biometrics 69:1033, doi 10.1111/biom.12082: with covariates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, xlogy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POISSON, NEGATIVE_BINOMIAL, ZELTERMAN, CHAO = "poisson", "negative-binomial", "zelterman", "chao"

_STEP = 1e-4  # of numerical derivatives, coefficients being of the order of one
_FLAT = 1e-8  # a direction in which the likelihood curves less than this times its steepest has no maximum
_LARGEST = 10.0  # a log mean or log ratio beyond is on its way to infinity
_LEAST_DISPERSION = 1e-3  # below, a negative binomial is a Poisson


@dataclass(frozen=True, eq=False)
class Repeats:
    """How many people of each stratum were seen how often.

    Parameters
    ----------
    counts : ndarray of int, shape (G, K)
        Persons of stratum g seen 1, 2, ..., K times.
    design : ndarray, shape (G, P)
        Of the log mean; the first column is ones.
    """

    counts: Ints
    design: Floats

    @property
    def people(self) -> Ints:
        """Persons seen, shape (G,)."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def times(self) -> Floats:
        """1, 2, ..., K."""
        return np.arange(1, self.counts.shape[1] + 1, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model fitted to repeat counts.

    Parameters
    ----------
    estimate : ndarray, shape (P,) or (P + 1,)
        Coefficients of the log mean; for the negative binomial then the log dispersion.
    covariance : ndarray
        Of these, from the observed information.
    """

    model: str
    repeats: Repeats
    estimate: Floats
    covariance: Floats

    def standing_for(self) -> Ints:
        """Return the persons of each stratum who stand for people seen never, shape (G,)."""
        return self.repeats.counts[:, :2].sum(axis=1) if self.model == CHAO else self.repeats.people

    def seen(self, at: Floats) -> Floats:
        """Return the chance of being one of those who stand for others, rather than seen never.

        Parameters
        ----------
        at : ndarray, shape (..., P)
            Coefficients.

        Returns
        -------
        ndarray, shape (..., G)
        """
        return _seen(self.model, self.repeats.design, at)

    @property
    def size(self) -> float:
        """The estimate of N."""
        return self._size(self.estimate)

    def _size(self, at: Floats) -> float:
        chance = self.seen(at)
        return float(self.repeats.people.sum() + (self.standing_for() * (1 - chance) / chance).sum())

    @property
    def variance(self) -> float:
        """Of the estimate of N: who was seen, and what the coefficients are."""
        chance = self.seen(self.estimate)
        slope = _gradient(self._size, self.estimate)
        return float((self.standing_for() * (1 - chance) / chance**2).sum() + slope @ self.covariance @ slope)


def fit(repeats: Repeats, model: str) -> Fitted | None:
    """Return the maximum-likelihood fit; None where the likelihood has no maximum."""
    objective = _objective(repeats, model)
    start = np.zeros(repeats.design.shape[1] + (model == NEGATIVE_BINOMIAL))
    start[0] = np.log(max(2 * repeats.counts[:, 1].sum() / max(repeats.counts[:, 0].sum(), 1), 1e-3))
    optimum = minimize(objective, start, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})
    at = _newton(objective, np.asarray(optimum.x, dtype=np.float64))
    if not np.isfinite(at).all() or np.abs(at).max() > _LARGEST:
        return None
    if model == NEGATIVE_BINOMIAL and np.exp(at[-1]) < _LEAST_DISPERSION:
        return None
    curve = _hessian(objective, at)
    steepness = np.linalg.eigvalsh(curve)
    if not np.isfinite(steepness).all() or steepness[0] <= _FLAT * steepness[-1]:
        return None
    return Fitted(model, repeats, at, np.asarray(np.linalg.inv(curve), dtype=np.float64))


def simulated(fitted: Fitted, at: Floats, rng: np.random.Generator) -> Ints:
    """Draw how often each person seen would be seen, given that she is.

    Returns
    -------
    ndarray of int, shape (K + 1,)
        Persons seen 1, 2, ..., K times and more often, all strata together.
    """
    chances = truncated_chances(fitted, at)
    return np.asarray(rng.multinomial(fitted.repeats.people, chances).sum(axis=0), dtype=np.int64)


def truncated_chances(fitted: Fitted, at: Floats) -> Floats:
    """Return the chance of being seen 1, 2, ..., K times and more often, of those seen at all, shape (G, K + 1)."""
    repeats = fitted.repeats
    density = np.exp(_log_density(repeats, fitted.model, at)) / fitted.seen(at)[:, None]
    return np.concatenate([density, np.maximum(1 - density.sum(axis=1, keepdims=True), 0.0)], axis=1)


def _mean(design: Floats, at: Floats) -> Floats:
    """Return the mean number of times, shape (..., G)."""
    return np.exp(at[..., : design.shape[1]] @ design.T)


def _seen(model: str, design: Floats, at: Floats) -> Floats:
    mean = _mean(design, at)
    if model == NEGATIVE_BINOMIAL:
        dispersion = np.exp(at[..., -1:])
        return np.asarray(-np.expm1(-np.log1p(dispersion * mean) / dispersion))
    if model == CHAO:
        both = mean + mean**2 / 2
        return np.asarray(both / (1 + both))
    return np.asarray(-np.expm1(-mean))


def _log_density(repeats: Repeats, model: str, at: Floats) -> Floats:
    """Return the log chance of being seen 1, 2, ..., K times, shape (G, K)."""
    mean, times = _mean(repeats.design, at)[:, None], repeats.times
    if model != NEGATIVE_BINOMIAL:
        return np.asarray(xlogy(times, mean) - mean - gammaln(times + 1))
    dispersion = np.exp(at[-1])
    shape = 1 / dispersion
    return np.asarray(
        gammaln(times + shape)
        - gammaln(shape)
        - gammaln(times + 1)
        + xlogy(times, dispersion * mean)
        - (times + shape) * np.log1p(dispersion * mean)
    )


def _objective(repeats: Repeats, model: str) -> Callable[[Floats], float]:
    """Return minus the log-likelihood."""
    once, twice = repeats.counts[:, 0], repeats.counts[:, 1]

    def logistic(at: Floats) -> float:
        """Of people seen once or twice: the second is logistic in the coefficients."""
        odds = at @ repeats.design.T - np.log(2)
        return float((once * np.logaddexp(0, odds) + twice * np.logaddexp(0, -odds)).sum())

    def truncated(at: Floats) -> float:
        """Of how often all who were seen were seen."""
        with np.errstate(all="ignore"):  # far from the maximum anything may overflow: the value is then infinite
            density = _log_density(repeats, model, at) - np.log(_seen(model, repeats.design, at))[:, None]
            value = -float((repeats.counts * density).sum())
        return value if np.isfinite(value) else np.inf

    return logistic if model in (ZELTERMAN, CHAO) else truncated


def _newton(objective: Callable[[Floats], float], at: Floats) -> Floats:
    """Return a point nearer to the minimum than a search without second derivatives comes."""
    for _ in range(5):
        step = np.linalg.lstsq(_hessian(objective, at), _gradient(objective, at), rcond=None)[0]
        if not np.isfinite(step).all() or objective(at - step) > objective(at) + 1e-9:
            break
        at = at - step
    return at


def _gradient(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return the gradient, by central differences."""
    steps = _STEP * np.eye(len(at))
    return np.array([(function(at + step) - function(at - step)) / (2 * _STEP) for step in steps])


def _hessian(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Return second derivatives, by central differences of central differences."""
    steps = 10 * _STEP * np.eye(len(at))
    rows = [(_gradient(function, at + step) - _gradient(function, at - step)) / (20 * _STEP) for step in steps]
    second_derivatives = np.array(rows)
    return np.asarray((second_derivatives + second_derivatives.T) / 2)
