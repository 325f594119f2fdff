"""Everything of the log-linear model that simulation-based calibration ranks: as it truly is, and as a fit has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import SamplerSettings, SimulatedFit, SimulationRequest
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.fitting import fit_until
from estimator.methods.loglinear.parameters import PriorSettings, interactions, parameters_of, read_vector
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior, attempts
from estimator.methods.loglinear.simulation import Simulated, model_of, simulate, with_table
from estimator.methods.shape import Shape
from estimator.seeds import seed_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SCALES = ("composition_scale", "heterogeneity_scale", "coverage_change", "three_list")


def simulated_fit(request: SimulationRequest) -> SimulatedFit:
    """Draw a truth and a table, and fit the table; see `estimator.methods.door.Method.simulate`."""
    shape, seed = request.shape, request.seed
    design, settings = model_of(shape, request.priors)
    truth = simulate(shape, design, settings, seed)
    design = with_table(design, truth.table)
    sampler = replace(request.settings, seed=_seed(seed, 1))
    posterior, number, rhat, effective = fitted(design, settings, sampler, request.rhat, request.effective)
    return SimulatedFit(
        truth=true_quantities(shape, design, settings, truth),
        drawn=quantities_of(shape, posterior, _seed(seed, 2), request.keep),
        attempts=number,
        rhat=rhat,
        effective=effective,
        divergences=int(posterior.draws.statistics["diverging"].sum()),
        tries=truth.tries,
        registered=int(truth.table.lower.sum()),
    )


def _seed(seed: int, which: int) -> int:
    """Return a seed that follows from that of the simulation."""
    return seed_of(seed, which, "ranks")


def fitted(
    design: Design, settings: PriorSettings, sampler: SamplerSettings, most_rhat: float, least_effective: float
) -> tuple[LoglinearPosterior, int, float, float]:
    """Fit a table, again with more draws and smaller steps while there are too few effective ones.

    Parameters
    ----------
    sampler : SamplerSettings
        Of the first attempt.
    most_rhat, least_effective : float
        What every sampled value must reach.

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
        """Measure how well chains agree, and tell whether it will do."""
        measured.append(_convergence(posterior.draws.unconstrained))
        return measured[-1][0] <= most_rhat and measured[-1][1] >= least_effective

    posterior, number = fit_until(good_enough, design, settings, attempts(sampler))
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


def quantities_of(shape: Shape, posterior: LoglinearPosterior, seed: int, keep: int) -> dict[str, Floats]:
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
