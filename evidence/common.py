"""Residual dependence in units of what all pairs of lists share: derived from populations whose members differ.

People who differ in how easily lists see them make all pairs of lists dependent, so that the common mean mu of the log
odds ratios says how much they differ. With m = max(mu, 0), draw by draw of a fit without residual,

    xi = tau s z + m (a + b z'),    z and z' standard normal,

is normal given the draw, and independent of the counts given it: one fit serves every a and b.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.held_out_fits import Source, held_out_of
from estimator.capture.table import CaptureTable
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.loglinear.refit import refit
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.work.outcomes import Task
from evidence.differences import on_one_list
from evidence.judges import people_by_history
from evidence.learning_fits import BASE
from evidence.understated import ALL_PEOPLE, SEEN, Population

Floats = NDArray[np.float64]

CENTRES = np.linspace(0.0, 4.0, 41)
SIZES = np.concatenate([[0.0], np.exp(np.linspace(math.log(0.05), math.log(3.0), 40))])
"""Values of a and b that are tried."""

_MANY = 30  # unseen people, from which on draws are smoothed, as in `learning_residual`
_KEPT = 500
_REPEATS = 20  # values of xi for each draw
_SEED = 1
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


@dataclass(frozen=True)
class CommonFit:
    """A fit without residual, of which the common mean is kept.

    Parameters
    ----------
    population : mapping of str to object
        The fields of `understated.Population`, and ``held``; empty where it is not of one.
    source : Source or None
        A table of which `what` is held out; None for a table that is simulated or expected.
    what : str
        The list, or the scenario.
    number : int
        Of the simulated table.
    """

    population: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
    what: str = ""
    number: int = 0
    overrides: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_common`."""
        return Task(key, "evidence.common:fit_common", asdict(self))


def fit_common(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a table whose people are known, without residual.

    Parameters
    ----------
    payload : mapping
        The fields of `CommonFit`.

    Returns
    -------
    dict
        ``registered`` and ``unseen`` people; draws of ``log_implied``, of the ``scale`` and of the common ``mean`` of
        the log odds ratios.
    """
    source = payload["source"]
    fit = CommonFit(**{**payload, "source": None if source is None else Source(**source)})
    table, model, unseen = _known(fit)
    priors = read_priors(BASE, dict(fit.overrides) | {"residual.form": "none"})
    posterior = refit(table, model, priors, seed=_SEED)
    scale = posterior.values["dependence_scale"].ravel()
    kept = slice(None, None, max(1, len(scale) // _KEPT))
    implied = np.logaddexp.reduce(posterior.log_unseen, axis=-1).ravel()
    mean = posterior.values["relative_mean"].ravel() * scale
    return {
        "registered": table.registered.lower,
        "unseen": unseen,
        **{
            name: np.round(values[kept], 5).tolist()
            for name, values in {"log_implied": implied, "scale": scale, "mean": mean}.items()
        },
    }


def _known(fit: CommonFit) -> tuple[CaptureTable, ModelSettings, int]:
    """Return the table, the terms of its model, and how many people are on no list."""
    if fit.source is not None:
        held, model = held_out_of(fit.source, fit.what)
        return held.table, model, held.unseen
    people = _expected(fit.population) if fit.population else people_by_history(fit.what, fit.number)
    shape = plain_shape(int(math.log2(len(people))))
    return counted(shape.table, people[None]), shape.model, int(people[0])


def _expected(population: Mapping[str, Any]) -> NDArray[np.int64]:
    """Return the expected people with each history in a population of the grid, as `understated` has them."""
    held = int(population["held"])
    shares = Population(**{key: value for key, value in population.items() if key != "held"}).shares()
    if held == ALL_PEOPLE:
        return np.asarray(np.rint(SEEN / (1 - shares[0]) * shares), np.int64)
    return np.asarray(np.rint(SEEN * on_one_list(shares, held)), np.int64)


@dataclass(frozen=True)
class Common:
    """Centre and size of the residual in units of the common mean, where that is above 0."""

    centre: float
    size: float


def log_likelihood(fit: Mapping[str, Any], size: float) -> Floats:
    """Return the log probability of the people on no list under every a and b, shape (`CENTRES`, `SIZES`).

    Parameters
    ----------
    fit : mapping
        Result of `fit_common`.
    size : float
        s, in units of tau.
    """
    from scipy.special import digamma, gammaln, logsumexp, polygamma

    implied, scale, mean = (np.asarray(fit[key], float) for key in ("log_implied", "scale", "mean"))
    shared, unseen = np.maximum(mean, 0.0), int(fit["unseen"])
    centre = implied + CENTRES[:, None, None] * shared
    variance = (size * scale) ** 2 + (SIZES[:, None] * shared) ** 2
    if unseen >= _MANY:
        kernel = 1.06 * implied.std() * len(implied) ** -0.2
        spread = variance + kernel**2 + float(polygamma(1, unseen))
        logs = -0.5 * ((centre - float(digamma(unseen))) ** 2 / spread + np.log(2 * np.pi * spread)) - np.log(unseen)
    else:
        at = np.clip(centre[..., None] + np.sqrt(variance)[..., None] * _NODES, -50.0, 40.0)
        log_probability = unseen * at - np.exp(at) - gammaln(unseen + 1.0)
        logs = logsumexp(log_probability, b=_WEIGHTS / _WEIGHTS.sum(), axis=-1)
    return np.asarray(logsumexp(logs, axis=-1) - np.log(len(implied)))


def common_of(fits: Sequence[Mapping[str, Any]], weights: Floats, size: float) -> Common:
    """Return the centre and size under which the people on no list are most probable."""
    value = np.tensordot(weights, np.array([log_likelihood(fit, size) for fit in fits]), axes=1)
    centre, spread = np.unravel_index(int(np.argmax(value)), value.shape)
    return Common(float(CENTRES[centre]), float(SIZES[spread]))


def judged_of(table: str, fit: Mapping[str, Any], common: Common, size: float) -> Judged:
    """Return what is estimated of a population, beside its size.

    Parameters
    ----------
    table : str
        What it is an estimate for.
    fit : mapping
        Result of `fit_common`.
    size : float
        s, in units of tau.
    """
    rng = np.random.default_rng(_SEED)
    draws = (np.asarray(fit[key], float) for key in ("log_implied", "scale", "mean"))
    implied, scale, mean = (np.repeat(values, _REPEATS) for values in draws)
    shared = np.maximum(mean, 0.0)
    sd = np.hypot(size * scale, common.size * shared)
    unseen = rng.poisson(np.exp(np.minimum(implied + common.centre * shared + sd * rng.standard_normal(len(sd)), 27.0)))
    people = np.quantile(fit["registered"] + unseen, QUANTILES)
    truth = float(fit["registered"] + fit["unseen"])
    return Judged(table, truth, dict(zip(QUANTILES, people.tolist(), strict=True)))
