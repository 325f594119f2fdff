"""Draws where the common level of coverage follows from the dark figure: the level, and the residual dependence.

`estimator.methods.loglinear.level_settings` says what the level is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.cells import CELLS_AT_A_TIME, log_cells_of
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import PriorSettings, parameters_of, read_vector
from estimator.methods.loglinear.residual import POSTERIOR, residual_values

Floats = NDArray[np.float64]

_STEPS, _NEAR = 100, 1e-13


def log_registered(design: Design, settings: PriorSettings, values: Mapping[str, Floats]) -> Floats:
    """Return the log of the expected people on k lists, of whom one sees them, for k = 1 to L.

    Parameters
    ----------
    values : mapping
        Named parameters on their own scale, shape (n, ...) each.

    Returns
    -------
    ndarray, shape (n, L)
        Minus infinity where nobody can be.
    """
    seen = (design.observed.possible > 0) & ~design.observed.unseen
    n_lists = design.member.sum(axis=1)
    number = len(values["log_ratio"])
    step = max(1, CELLS_AT_A_TIME // seen.size)
    found = np.full((number, len(design.lists)), -np.inf)
    for start in range(0, number, step):
        some = slice(start, start + step)
        logs = log_cells_of(design, settings, {name: value[some] for name, value in values.items()})
        logs = np.where(seen, logs, -np.inf)
        for k in range(1, len(design.lists) + 1):
            found[some, k - 1] = np.logaddexp.reduce(logs[:, :, n_lists == k], axis=(1, 2))
    return found


def log_implied_ratio(design: Design, settings: PriorSettings, values: Mapping[str, Floats]) -> Floats:
    """Return rho, the log of the people on no list over those whom a list sees, as lists and pairs imply it.

    Parameters
    ----------
    values : mapping
        Named parameters on their own scale; their leading dims are those of the answer.
    """
    lead = values["log_ratio"].shape
    flat = {name: value.reshape(-1, *value.shape[len(lead) :]) for name, value in values.items()}
    registered = np.logaddexp.reduce(log_registered(design, settings, flat), axis=1)
    return np.asarray((np.log(design.registered) + flat["log_ratio"] - registered).reshape(lead))


def levelled(
    design: Design, settings: PriorSettings, positions: Floats, rng: np.random.Generator, reach: float
) -> Floats:
    """Move draws to the level that their dark figure asks for.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
        Drawn as if every list's odds had a prior of their own; of these their differences remain.
    reach : float
        The log of the expected registered number lies evenly within this of that of the study.

    Returns
    -------
    ndarray, shape (n, D)
    """
    if settings.level is None:
        return positions
    positions = positions.copy()
    positions[:, 0] = 0.0
    values = read_vector(parameters_of(design, settings), positions)
    mean, sd = settings.level.implied(values.get("dependence_scale", np.ones(1)))
    rho = mean + sd * rng.standard_normal(len(positions))
    logs = log_registered(design, settings, values) - np.log(design.registered)
    positions[:, 1 : 1 + len(design.lists)] += _level(logs, -rho)[:, None]
    positions[:, 0] = rho + rng.uniform(-reach, reach, len(positions))
    return positions


def _level(logs: Floats, wanted: Floats) -> Floats:
    """Return t with log sum_k exp(logs[k] + k t) as wanted, by Newton's method; the sum is convex and increases."""
    lists = np.arange(1, logs.shape[1] + 1)
    # where the largest term alone is as large as wanted: not left of the root, from where no step overshoots
    t = ((wanted[:, None] - logs) / lists).min(axis=1)
    for _ in range(_STEPS):
        terms = logs + lists * t[:, None]
        total = np.logaddexp.reduce(terms, axis=1)
        slope = (lists * np.exp(terms - total[:, None])).sum(axis=1)
        step = (total - wanted) / slope
        t -= step
        if np.abs(step).max() < _NEAR * max(1.0, np.abs(t).max()):
            break
    return np.asarray(t)


def drawn_residual(
    design: Design, settings: PriorSettings, values: Mapping[str, Floats], seed: int, use: int = POSTERIOR
) -> dict[str, Floats]:
    """Draw ``residual``, and where strata differ ``residual_of_strata``, that go with draws of the parameters.

    Parameters
    ----------
    values : mapping
        From `estimator.methods.loglinear.parameters.read_vector`.
    use : int
        As in `estimator.methods.loglinear.residual.residual_draws`.

    Returns
    -------
    dict of str to ndarray
        With the leading dims of the parameters; empty where the priors have no residual dependence.
    """
    if settings.residual is None:
        return {}
    given = None
    if settings.level is not None:
        implied = log_implied_ratio(design, settings, values)
        given = settings.level.residual_given(implied, values.get("dependence_scale", np.ones(1)))
    return residual_values(settings.residual, values, design.levels, seed, use, given)
