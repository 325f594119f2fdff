"""Methods side by side on one table: the total by each, and how well each predicts who is on which lists.

A registered person is left out, and each method says how probable that person's lists are: the log of it, summed over
everybody, compares methods that have nothing else in common. Draws are reweighted as if the person had not been there.

References
----------
Vehtari, Gelman & Gabry (2017), Statistics and Computing 27:1413, doi 10.1007/s11222-016-9696-4: leaving one out, and
the standard error of a difference. Yao, Vehtari, Simpson & Gelman (2018), Bayesian Analysis 13:917, doi
10.1214/17-BA1091: weights of methods by what they foretell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.door import QUICK, Method, RefitRequest, SamplerSettings
from estimator.methods.registry import method_named, refusals_of_table
from estimator.methods.shape import counted, plain_shape
from estimator.methods.weights import smoothed
from estimator.reasons import Reason
from estimator.study.priors import Priors, read_priors
from estimator.study.questions import ModelSettings
from estimator.study.shipped import DEFAULT_PRIORS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BOOTSTRAPS = 1000

SMOOTH = "heterogeneity"
"""The method that says how far people visibly differ."""


@dataclass(frozen=True, eq=False)
class SideBySide:
    """What one method says of a table without strata.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Draws of the total, persons.
    foretold : ndarray, shape (2^L,)
        Log probability of the lists of a registered person who was left out, by history; 0 where nobody has it.
    rhat : float
        Of the log dark figure.
    """

    method: str
    size: Floats
    foretold: Floats
    rhat: float


def fitted_beside(
    method: str,
    table: CaptureTable,
    counts: Ints,
    priors: Priors,
    *,
    settings: SamplerSettings = QUICK,
    options: Mapping[str, str] | None = None,
) -> SideBySide:
    """Fit a method to a table without strata.

    Parameters
    ----------
    table : CaptureTable
        With one stratum, of which every number is known.
    counts : ndarray of int, shape (2^L,)
        The same as persons by history.
    options : mapping of str to str, optional
        Those of the method that are not to be its defaults.
    """
    way = method_named(method)
    chosen = default_options(way) | dict(options or {})
    request = RefitRequest(table, ModelSettings.for_covariates([]), priors, chosen, settings, histories=True)
    fit = way.refit(request)
    if fit.histories is None:
        raise ValueError(f"the method {method} says nothing of histories")
    size = fit.population.size.sum(axis=-1).ravel().astype(np.float64)
    return SideBySide(method, size, foretold_by(fit.histories[:, 0], counts), fit.rhat)


def visible_differences(counts: Ints, settings: SamplerSettings = QUICK) -> Floats | tuple[Reason, ...]:
    """Return draws of the standard deviation of log odds between people, by the method `heterogeneity`, shape (n,).

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; that of nobody is not looked at.

    Returns
    -------
    ndarray or tuple of Reason
        Why the method has no answer, where it has none: two lists, or too few overlaps.
    """
    method, table = method_named(SMOOTH), _plain_table(counts)
    options, priors = default_options(method), read_priors(DEFAULT_PRIORS)
    if reasons := refusals_of_table(method, table, options):
        return reasons
    fit = method.refit(RefitRequest(table, ModelSettings.for_covariates([]), priors, options, settings))
    return np.asarray(fit.details.sigma).ravel()


def spread_of_pairs(counts: Ints, settings: SamplerSettings = QUICK) -> Floats:
    """Return draws of how large log odds ratios of pairs of lists are, under the default priors, shape (n,).

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; that of nobody is not looked at.
    """
    model, priors = ModelSettings.for_covariates([]), read_priors(DEFAULT_PRIORS)
    fit = method_named("loglinear").refit(RefitRequest(_plain_table(counts), model, priors, {}, settings))
    spread = fit.kept["scale"]
    assert spread is not None, "the default priors learn it"
    return np.asarray(spread).ravel()


def _plain_table(counts: Ints) -> CaptureTable:
    return counted(plain_shape(len(counts).bit_length() - 1).table, counts[None])


def default_options(method: Method) -> dict[str, str]:
    """Return the options of a method as it has them by itself."""
    return {name: values[0] for name, values in method.abilities.options.items()}


def foretold_by(histories: Floats, counts: Ints) -> Floats:
    """Return the log probability of each history for a registered person who was left out, shape (2^L,).

    Parameters
    ----------
    histories : ndarray, shape (n, 2^L)
        Share of registered people with each history, at each draw.
    counts : ndarray of int, shape (2^L,)
        Persons by history.
    """
    foretold = np.zeros(len(counts))
    for history in np.flatnonzero(counts[1:]) + 1:
        logs = np.log(np.maximum(histories[:, history], np.finfo(float).tiny))
        foretold[history] = math.log(float(smoothed(-logs).values @ np.exp(logs)))
    return foretold


@dataclass(frozen=True)
class Ahead:
    """By how much one method foretells people's lists better than another.

    Parameters
    ----------
    difference : float
        Sum over registered people of the difference of log probabilities.
    error : float
        Its standard error.
    """

    difference: float
    error: float


def ahead(one: Floats, other: Floats, counts: Ints) -> Ahead:
    """Return how far a method is ahead of another.

    Parameters
    ----------
    one, other : ndarray, shape (2^L,)
        `SideBySide.foretold`.
    counts : ndarray of int, shape (2^L,)
        Persons by history.
    """
    people, gain = counts[1:].astype(np.float64), (one - other)[1:]
    number = people.sum()
    mean = float(people @ gain / number)
    variance = float(people @ (gain - mean) ** 2 / max(number - 1, 1))
    return Ahead(number * mean, math.sqrt(number * variance))


def weights_by_foretelling(foretold: Sequence[Floats], counts: Ints, seed: int = 1) -> Floats:
    """Return the weights of methods in a mixture of them, shape (M,).

    Pseudo-BMA with a Bayesian bootstrap over registered people (Yao and others 2018, section 3.4): how far the sums
    would differ with other people of the same kind is counted in, so that no method has all the weight for a little.

    Parameters
    ----------
    foretold : sequence of ndarray, shape (2^L,)
        `SideBySide.foretold` of each method.
    counts : ndarray of int, shape (2^L,)
        Persons by history.
    """
    there = np.flatnonzero(counts[1:]) + 1
    people = counts[there].astype(np.float64)
    drawn = np.random.default_rng(seed).standard_gamma(people, (_BOOTSTRAPS, len(there)))
    drawn *= people.sum() / drawn.sum(axis=1, keepdims=True)
    sums = drawn @ np.stack([of_method[there] for of_method in foretold], axis=1)
    shares = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).mean(axis=0))
