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
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.simulation import Shape, Simulated, record_of, shape_from, simulate, with_table
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import Design, design_for
from estimator.methods.loglinear.fitting import fit_until
from estimator.methods.loglinear.parameters import (
    PriorSettings,
    interactions,
    parameters_of,
    prior_settings,
    read_vector,
)
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior, attempts
from estimator.seeds import seed_of
from estimator.study.priors import Priors
from estimator.study.recorded_priors import recorded_priors
from estimator.work.outcomes import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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

_SCALES = ("composition_scale", "heterogeneity_scale", "coverage_change", "three_list")


def simulation_task(key: str, shape: Shape, priors: Priors, seed: int) -> Task:
    """Return one simulation as a task, whose result is that of `rank_one`.

    Parameters
    ----------
    shape : Shape
    seed : int
        Of this simulation.
    """
    record = priors.model_dump(mode="json", exclude_none=True)
    payload = {"shape": record_of(shape), "priors": record, "seed": seed}
    return Task(key, "estimator.calibration.sbc:rank_one", payload)


def rank_one(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Draw a truth and a table, fit the table, and rank the truth.

    Parameters
    ----------
    payload : mapping
        ``shape`` (`simulation.record_of`), ``priors`` (`recorded_priors`), ``seed``.

    Returns
    -------
    dict
        ``ranks`` of every quantity (0 to `RANKED_AMONG`), ``attempts`` at the fit, ``rhat`` and ``effective`` of the
        last one over all sampled values, ``divergences``, ``tries`` (tables drawn until one was acceptable),
        ``registered`` persons.
    """
    shape, seed = shape_from(payload["shape"]), int(payload["seed"])
    design, settings = model_of(shape, recorded_priors(payload["priors"]))
    truth = simulate(shape, design, settings, seed)
    design = with_table(design, truth.table)
    posterior, number, rhat, effective = fitted(design, settings, _seed(seed, 1))
    drawn = quantities_of(shape, posterior, _seed(seed, 2))
    ranks = ranks_of(true_quantities(shape, design, settings, truth), drawn, _seed(seed, 3))
    return {
        "ranks": ranks,
        "attempts": number,
        "rhat": rhat,
        "effective": effective,
        "divergences": int(posterior.draws.statistics["diverging"].sum()),
        "tries": truth.tries,
        "registered": int(truth.table.lower.sum()),
    }


def model_of(shape: Shape, priors: Priors) -> tuple[Design, PriorSettings]:
    """Return the arrays of the model for the tables of a shape, with the registered number of the study."""
    design = replace(design_for(shape.table, shape.model, priors), registered=shape.registered)
    return design, prior_settings(priors, design)


def fitted(
    design: Design, settings: PriorSettings, seed: int, sampler: SamplerSettings = SAMPLER
) -> tuple[LoglinearPosterior, int, float, float]:
    """Fit a table, again with more draws and smaller steps while there are too few effective ones.

    Parameters
    ----------
    sampler : SamplerSettings
        Of the first attempt; its seed is not used.

    Returns
    -------
    posterior : LoglinearPosterior
        Of the last attempt.
    attempts : int
    rhat, effective : float
        The worst of all sampled values.
    """
    measured: list[tuple[float, float]] = []

    def good_enough(posterior: LoglinearPosterior) -> bool:
        measured.append(_convergence(posterior.draws.unconstrained))
        return measured[-1][0] <= AGREED and measured[-1][1] >= ENOUGH_EFFECTIVE

    posterior, number = fit_until(good_enough, design, settings, attempts(replace(sampler, seed=seed)))
    return posterior, number, *measured[-1]


def _convergence(position: Floats) -> tuple[float, float]:
    """Return the worst R-hat and effective number of draws of all sampled values."""
    from arviz_stats.base import array_stats

    if (np.ptp(position, axis=(0, 1)) == 0).any():
        return float("inf"), 0.0
    axes = {"chain_axis": 0, "draw_axis": 1}
    rhat = array_stats.rhat(position, method="rank", **axes)
    effective = array_stats.ess(position, method="bulk", **axes)
    return float(np.max(rhat)), float(np.min(effective))


def quantities_of(
    shape: Shape, posterior: LoglinearPosterior, seed: int, keep: int = RANKED_AMONG
) -> dict[str, Floats]:
    """Return everything that is ranked, for evenly spaced draws of a posterior.

    Parameters
    ----------
    shape : Shape
    seed : int
        Of the draws of people.
    keep : int
        How many draws.

    Returns
    -------
    dict of str to ndarray, shape (keep,)
    """
    positions = posterior.draws.unconstrained.reshape(-1, posterior.draws.unconstrained.shape[-1])
    chosen = ((np.arange(keep) + 0.5) * len(positions) / keep).astype(np.int64)
    people = population_draws(posterior, seed).size.reshape(len(positions), -1)[chosen]
    residual = posterior.values.get("residual")
    kept = None if residual is None else residual.reshape(-1)[chosen]
    return _quantities(shape, posterior.design, posterior.settings, positions[chosen], people, kept)


def true_quantities(shape: Shape, design: Design, settings: PriorSettings, truth: Simulated) -> dict[str, float]:
    """Return everything that is ranked, as it truly is."""
    residual = None if truth.residual is None else np.array([truth.residual])
    quantities = _quantities(shape, design, settings, truth.position[None], truth.people[None], residual)
    return {name: float(value[0]) for name, value in quantities.items()}


def _quantities(
    shape: Shape, design: Design, settings: PriorSettings, positions: Floats, people: Ints, residual: Floats | None
) -> dict[str, Floats]:
    """Return everything that is ranked, at positions (n, D) with populations (n, S)."""
    values = read_vector(parameters_of(design, settings), positions)
    cells = np.exp(log_cells(design, settings, positions)) * design.observed.possible
    implied = np.where(design.observed.unseen, cells, 0.0).sum(axis=2)
    ranked = {f"N {name}": people[:, strata].sum(axis=1).astype(np.float64) for name, strata in shape.groups.items()}
    ranked |= {f"implied dark figure {name}": implied[:, strata].sum(axis=1) for name, strata in shape.groups.items()}
    ranked |= {f"coverage {name}": values["coverage"][:, i] for i, name in enumerate(design.lists)}
    terms = interactions(settings, values)
    ranked |= {f"dependence {name}": terms[:, i] for i, name in enumerate(design.terms)}
    ranked |= {name: values[name] for name in ("common_mean", "dependence_scale", "relative_mean") if name in values}
    for name in _SCALES:
        if name in values:
            ranked |= {f"{name} {i + 1}": values[name][:, i] for i in range(values[name].shape[1])}
    if residual is not None:
        ranked["residual"] = residual
    ranked["log-likelihood"] = _log_likelihood(shape, design, cells)
    return {name: np.asarray(value, dtype=np.float64) for name, value in ranked.items()}


def _log_likelihood(shape: Shape, design: Design, cells: Floats) -> Floats:
    """Return the log-likelihood of exact numbers up to a constant, shape (n,), given the expected people (n, S, H)."""
    table = shape.table
    flat = cells.reshape(len(cells), -1)[:, table.cover_cell]
    means = np.add.reduceat(flat, table.cover_start[:-1], axis=1)
    counts = _counts(shape, design)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(counts > 0, counts * np.log(means), 0.0)
    return np.asarray(parts.sum(axis=1) - means.sum(axis=1))


def _counts(shape: Shape, design: Design) -> Floats:
    """Return the observed numbers of a design in the order of the shape's table."""
    observed, size = design.observed, np.diff(shape.table.cover_start)
    first = shape.table.cover_cell[shape.table.cover_start[:-1]]
    counts = observed.counts.reshape(-1)[first].copy()
    counts[size > 1] = observed.sum_count
    return counts


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


def _seed(seed: int, which: int) -> int:
    """Return a seed that follows from that of the simulation."""
    return seed_of(seed, which, "ranks")
