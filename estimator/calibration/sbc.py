"""Simulation-based calibration: whether the posterior that the tool computes is the posterior of its model.

Parameters are drawn from the prior and a table from them; the table is fitted; the truth is ranked among draws of the
posterior. Were the computation exact, ranks would be uniform for every quantity, also for one that depends on the data
(here the log-likelihood, which finds faults that parameters alone hide). What is tested is the computation, from prior
file to draws of N; whether the prior fits the world is another question (`estimator.calibration.grid`,
held-out lists).

References
----------
Talts, Betancourt, Simpson, Vehtari & Gelman (2018), arXiv:1804.06788. Modrák, Moon, Kim, Bürkner, Huurre, Faltejsková,
Gelman & Vehtari (2023), Bayesian Analysis, doi 10.1214/23-BA1404: quantities that depend on the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.shapes import record_of, shape_from
from estimator.methods.door import SamplerSettings, SimulationRequest
from estimator.methods.registry import method_named
from estimator.methods.shape import Shape
from estimator.seeds import seed_of
from estimator.study.priors import Priors
from estimator.study.recorded_priors import recorded_priors
from estimator.work.outcomes import Task

Floats = NDArray[np.float64]

RANKED_AMONG = 99
"""Draws L of each posterior that are kept for ranks: evenly spaced, so that they are all but independent."""

SAMPLER = SamplerSettings(draws=500, warmup=500, chains=2, cores=1)
"""The first attempt at each fit."""

ENOUGH_EFFECTIVE = 200.0
"""Effective draws (bulk) of every sampled value, below which a fit is done again with more: twice those that are kept.

What is decided so depends on the draws of an attempt that is then thrown away, never on the truth. The last attempt is
kept, whatever its draws are like, because leaving out the fits that went badly would leave out the evidence.
"""

AGREED = 1.05
"""R-hat of every sampled value above which a fit is done again with more draws."""


def simulation_task(key: str, shape: Shape, priors: Priors, seed: int, method: str = "loglinear") -> Task:
    """Return one simulation as a task, whose result is that of `rank_one`."""
    record = priors.model_dump(mode="json", exclude_none=True)
    payload = {"shape": record_of(shape), "priors": record, "seed": seed, "method": method}
    return Task(key, "estimator.calibration.sbc:rank_one", payload)


class Ranked(TypedDict):
    """What came of one simulation: ranks of every quantity (0 to `RANKED_AMONG`), and the last attempt at the fit.

    ``tries`` are the tables drawn until an acceptable one, ``registered`` its persons.
    """

    ranks: dict[str, int]
    attempts: int
    rhat: float
    effective: float
    divergences: int
    tries: int
    registered: int


def rank_one(payload: Mapping[str, Any]) -> Ranked:
    """Draw a truth and a table, fit the table, and rank the truth.

    Parameters
    ----------
    payload : mapping
        ``shape`` (`shapes.record_of`), ``priors`` (`recorded_priors`), ``seed``, ``method``.
    """
    seed = int(payload["seed"])
    fit = method_named(payload["method"]).simulate(
        SimulationRequest(
            shape=shape_from(payload["shape"]),
            priors=recorded_priors(payload["priors"]),
            seed=seed,
            settings=SAMPLER,
            rhat=AGREED,
            effective=ENOUGH_EFFECTIVE,
            keep=RANKED_AMONG,
        )
    )
    return {
        "ranks": ranks_of(fit.truth, fit.drawn, seed_of(seed, 3, "ranks")),
        "attempts": fit.attempts,
        "rhat": fit.rhat,
        "effective": fit.effective,
        "divergences": fit.divergences,
        "tries": fit.tries,
        "registered": fit.registered,
    }


def ranks_of(truth: Mapping[str, float], drawn: Mapping[str, Floats], seed: int) -> dict[str, int]:
    """Return how many draws lie below the truth; equal ones by lot.

    Parameters
    ----------
    drawn : mapping of str to ndarray, shape (L,)
    seed : int
        Of the lots: numbers of people may be equal, and ranks must stay uniform.

    Returns
    -------
    dict of str to int
        From 0 to L.
    """
    rng = np.random.default_rng(seed)
    ranks = {}
    for name, true in truth.items():
        equal = int((drawn[name] == true).sum())
        ranks[name] = int((drawn[name] < true).sum()) + int(rng.integers(equal + 1))
    return ranks
