"""Simulated tables by which a prior is judged: latent classes, independent lists, one dependent pair, a nested list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.refit import refit
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors
from estimator.work.outcomes import Task
from evidence.differences import People, beta_people, histories, normal_people, shares_of_histories

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LATENT_CLASSES, INDEPENDENT, PAIR, NESTED = "latent classes", "independent lists", "one pair at 8", "a nested list"
NUMBERS = {LATENT_CLASSES: 30, INDEPENDENT: 24, PAIR: 24, NESTED: 24}
"""Tables of each scenario by which a prior is judged."""

NORMAL, BETA = "normal differences", "beta differences"
DIFFERING = {NORMAL: 24, BETA: 24}
"""Tables of two more, by which verdicts are judged: people differ as much as latent classes do, and smoothly."""

_DIFFERENCES = 1.0  # standard deviation of the log odds; 1.03 with the classes below

_SHARES, _SHIFTS, _NOISE = (0.5, 0.35, 0.15), (-1.2, 0.3, 1.6), 0.4
_BASE, _BASE_SPREAD = -2.3, 0.5  # log odds of lists; what the issue left open, settled before any prior was judged
_FEWEST, _MOST = 3.0, 4.0  # of log10 of people
_PAIR = 8.0
_NESTED = 0.9  # of the people on the last list who are on the first
_SEED = 18


@dataclass(frozen=True)
class SimulatedFit:
    """A fit of a simulated table, without residual."""

    scenario: str
    number: int
    priors: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_simulated`."""
        return Task(key, "evidence.judges:fit_simulated", asdict(self))


def people_by_history(scenario: str, number: int) -> Ints:
    """Return the people with each history in a simulated population, that of nobody first.

    Parameters
    ----------
    scenario : str
        One of `NUMBERS` or `DIFFERING`.
    number : int
        Of the table.
    """
    rng = np.random.default_rng([_SEED, number] if scenario == LATENT_CLASSES else [_SEED, number, len(scenario)])
    n_lists = int(rng.integers(4, 6))
    people = int(round(10 ** rng.uniform(_FEWEST, _MOST)))
    base = _BASE + _BASE_SPREAD * rng.standard_normal(n_lists)
    if scenario == LATENT_CLASSES:
        noise = _NOISE * rng.standard_normal((len(_SHARES), n_lists))
        classes = People(np.array(_SHIFTS), np.array(_SHARES))
        shares = shares_of_histories(classes, base + classes.theta[:, None] + noise)
    elif scenario in DIFFERING:
        people_of = normal_people if scenario == NORMAL else beta_people
        shares = shares_of_histories(people_of(_DIFFERENCES), base)
    else:
        on = histories(n_lists)
        logs = on @ base
        if scenario == PAIR:
            logs = logs + np.log(_PAIR) * on[:, 0] * on[:, 1]
        shares = np.exp(logs) / np.exp(logs).sum()
        if scenario == NESTED:
            shares = _with_nested_list(shares, n_lists)
    return np.asarray(rng.multinomial(people, shares), np.int64)


def _with_nested_list(shares: Floats, n_lists: int) -> Floats:
    """Return shares in which most people on the last list are on the first."""
    cells = shares.reshape((2,) * n_lists).copy()
    others = cells.sum(axis=(0, -1))  # of the lists between, independent of both
    first, last = cells[1].sum(), cells[..., 1].sum()
    last = min(last, 0.8 * first)
    of_both = np.array(
        [[1 - first - (1 - _NESTED) * last, (1 - _NESTED) * last], [first - _NESTED * last, _NESTED * last]]
    )
    return np.asarray(np.einsum("al,...->a...l", of_both, others).reshape(-1))


def fit_simulated(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a simulated table, without residual.

    Parameters
    ----------
    payload : mapping
        The fields of `SimulatedFit`.

    Returns
    -------
    dict
        As `evidence.second.fit_implied`.
    """
    fit = SimulatedFit(**payload)
    people = people_by_history(fit.scenario, fit.number)
    shape = plain_shape(int(np.log2(len(people))))
    asked = dict(fit.overrides)
    if read_priors(fit.priors).has_residual:
        asked["residual.form"] = "none"
    posterior = refit(counted(shape.table, people[None]), shape.model, read_priors(fit.priors, asked))
    scale = posterior.values.get("dependence_scale", np.zeros(posterior.log_unseen.shape[:2]))
    return {
        "size": int(people.sum()),
        "registered": int(people[1:].sum()),
        "unseen": int(people[0]),
        "log_implied": np.round(np.logaddexp.reduce(posterior.log_unseen, axis=-1).ravel(), 5).tolist(),
        "scale": np.round(scale.ravel(), 5).tolist(),
    }
