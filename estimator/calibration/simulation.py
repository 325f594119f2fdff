"""Tables drawn from the prior, in the shape of a study: the same lists, covariates, and what ran where.

Of the coarsening of the study's own table one kind is kept: lists that did not run in some strata, because that is a
property of the study. Unknown covariates and suppressed or bounded counts are dropped (every history that could be
recorded has an exact count), because the model says nothing of how they come about, so that they cannot be simulated.

The prior on the dark figure is a multiple of the registered number. Here that number stays the study's own for every
table: one prior, stated beforehand, as simulation from it supposes. An estimate takes the number of its own table.

A prior on parameters gives some tables that no study has: nobody on two lists, or tens of millions registered, and many
that are of another order than this one. A table is thrown away, and its parameters with it, by a rule on the counts
alone (`acceptable`). Given its counts, a table that is kept has the posterior that it would have had without the rule,
so that ranks stay uniform; a rule on the parameters, or on how well the fit went, would spoil them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.capture.histories import membership
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import Design, observed_numbers, reference_size
from estimator.methods.loglinear.parameters import PriorSettings, parameters_of, read_vector
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.residual import TABLES, residual_draws, with_residual
from estimator.population.groups import headline_years
from estimator.seeds import stream
from estimator.study.questions import Break, ModelSettings
from estimator.study.study import Study

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ORDER = 10.0
"""A table is acceptable when it registers between a tenth of and ten times as many people as the study."""

MOST_TRIES = 100_000
"""Tables drawn in search of one that is acceptable before the prior is called unfit for simulation."""

_LARGEST_LOG = 34.0  # e^34 people: refused anyway, and Poisson counts stay within 64 bits


@dataclass(frozen=True, eq=False)
class Shape:
    """What a study asks and how it observes, without its counts.

    Parameters
    ----------
    table : CaptureTable
        An exact number, 0, for each history that could be recorded in each stratum.
    groups : mapping of str to ndarray of bool, shape (S,)
        Strata of every group, within the headline period.
    registered : float
        The number that the prior on the dark figure refers to.
    """

    table: CaptureTable
    model: ModelSettings
    groups: Mapping[str, NDArray[np.bool_]]
    registered: float


@dataclass(frozen=True, eq=False)
class Simulated:
    """A table, with the truth behind it.

    Parameters
    ----------
    position : ndarray, shape (D,)
        The parameters, as `estimator.methods.loglinear.parameters.read_vector` takes them.
    residual : float or None
        The residual dependence; None when the prior has none.
    people : ndarray of int, shape (S,)
        The population of every stratum, registered or not.
    tries : int
        Tables drawn until one was acceptable.
    """

    position: Floats
    residual: float | None
    table: CaptureTable
    people: Ints
    tries: int


def shape_of(study: Study) -> Shape:
    """Return the shape of a study."""
    table, period, where = study.table, study.period, {}
    if period is not None and period.covariate is not None:
        where = {period.covariate: headline_years(study)}
    within = table.strata_where(where)
    counted = table.covered & (table.recorded > 0) & table.possible
    return Shape(
        table=_template(table.lists, table.covariates, table.possible, table.running, counted),
        model=study.model,
        groups={name: group.strata(table) & within for name, group in study.groups.items()},
        registered=reference_size(table),
    )


def _template(
    lists: tuple[str, ...],
    covariates: tuple[Covariate, ...],
    possible: NDArray[np.bool_],
    running: NDArray[np.bool_],
    counted: NDArray[np.bool_],
) -> CaptureTable:
    """Return a table of zeros with an exact number for every history that is recorded."""
    n_strata, n_histories = possible.shape
    off = (~running).astype(np.int64) @ (1 << np.arange(len(lists))[::-1])
    recorded = np.arange(n_histories)[None, :] & ~off[:, None]
    number = (np.arange(n_strata)[:, None] * n_histories + recorded)[counted]
    cell = np.flatnonzero(counted)
    order = np.argsort(number, kind="stable")
    _, size = np.unique(number, return_counts=True)
    zeros = np.zeros(len(size), np.int64)
    start = np.concatenate([[0], np.cumsum(size)])
    return CaptureTable(
        lists, covariates, "synthetic", possible, zeros, zeros, start, cell[order], zeros, running=running
    )


def plain_shape(n_lists: int) -> Shape:
    """Return the shape of a table without covariates, whose lists are called A, B, C …; it registers one person."""
    cells = np.ones((1, 2**n_lists), bool)
    counted_cells = cells & (np.arange(2**n_lists) > 0)
    lists = tuple(chr(ord("A") + i) for i in range(n_lists))
    table = _template(lists, (), cells, np.ones((1, n_lists), bool), counted_cells)
    return Shape(table, ModelSettings.for_covariates([]), {"total": np.ones(1, bool)}, 1.0)


def record_of(shape: Shape) -> dict[str, Any]:
    """Return a shape as plain values, small enough to travel with every task."""
    table = shape.table
    return {
        "lists": list(table.lists),
        "covariates": [[found.name, list(found.levels), found.ordered] for found in table.covariates],
        "impossible": np.flatnonzero(~table.possible).tolist(),
        "not_running": np.flatnonzero(~table.running).tolist(),
        "not_counted": np.flatnonzero(~table.covered).tolist(),
        "model": asdict(replace(shape.model, priors="", beside=())),  # names of files mean nothing elsewhere
        "groups": {name: np.flatnonzero(strata).tolist() for name, strata in shape.groups.items()},
        "registered": shape.registered,
    }


def shape_from(record: Mapping[str, Any]) -> Shape:
    """Return the shape that `record_of` has written; made once for each record in a process."""
    return _shape_from(json.dumps(record, sort_keys=True))


@lru_cache(maxsize=8)
def _shape_from(text: str) -> Shape:
    record = json.loads(text)
    lists = tuple(record["lists"])
    covariates = tuple(Covariate(name, tuple(levels), ordered) for name, levels, ordered in record["covariates"])
    n_strata = int(np.prod([len(covariate.levels) for covariate in covariates], dtype=int))
    possible, running = np.ones((n_strata, 2 ** len(lists)), bool), np.ones((n_strata, len(lists)), bool)
    counted = np.ones(possible.shape, bool)
    for array, key in ((possible, "impossible"), (running, "not_running"), (counted, "not_counted")):
        array.reshape(-1)[record[key]] = False
    counted &= possible
    groups = {name: np.isin(np.arange(n_strata), strata) for name, strata in record["groups"].items()}
    model = record["model"]
    settings = ModelSettings(
        three_list=tuple((a, b, c) for a, b, c in model["three_list"]),
        heterogeneity=tuple(tuple(entry) for entry in model["heterogeneity"]),
        composition=tuple((a, b) for a, b in model["composition"]),
        breaks=tuple(Break(**change) for change in model["breaks"]),
    )
    return Shape(_template(lists, covariates, possible, running, counted), settings, groups, record["registered"])


def simulate(shape: Shape, design: Design, settings: PriorSettings, seed: int) -> Simulated:
    """Draw parameters from the prior, and a table from them, until the table is acceptable.

    Parameters
    ----------
    shape : Shape
    design : Design
        Of the shape's table, with its registered number.

    Raises
    ------
    ValueError
        When none of `MOST_TRIES` tables is acceptable.
    """
    arrays = model_arrays(design, settings)
    for number in range(MOST_TRIES):
        rng = stream(seed, number, "table-of-prior")
        position = prior_positions(arrays, 1, rng)
        residual = _residual(design, settings, position, int(rng.integers(2**31)))
        cells = np.exp(np.minimum(log_cells(design, settings, position)[0], _LARGEST_LOG)) * design.observed.possible
        unseen = np.where(design.observed.unseen, cells, 0.0).sum(axis=1)
        if residual is not None:
            unseen = with_residual(unseen, np.array(residual))
        seen = rng.poisson(np.where(design.observed.unseen, 0.0, cells))
        table = counted(shape.table, seen)
        if acceptable(table, shape.registered):
            return Simulated(position[0], residual, table, seen.sum(axis=1) + rng.poisson(unseen), number + 1)
    wanted = "anybody on two lists and about as many people as the study"
    raise ValueError(f"none of {MOST_TRIES:,} tables drawn from the prior has {wanted}")


def _residual(design: Design, settings: PriorSettings, position: Floats, seed: int) -> float | None:
    """Return the residual dependence that goes with one draw of the parameters."""
    if settings.residual is None:
        return None
    values = read_vector(parameters_of(design, settings), position)
    return float(residual_draws(settings.residual, values, seed, TABLES)[0])


def counted(template: CaptureTable, people: Ints) -> CaptureTable:
    """Return the table that lists write down of people in cells, shape (S, H)."""
    numbers = np.add.reduceat(people.reshape(-1)[template.cover_cell], template.cover_start[:-1])
    return replace(template, lower=numbers, upper=numbers)


def acceptable(table: CaptureTable, registered: float) -> bool:
    """Whether a table of exact numbers is of the study's order: as many people within `ORDER`, some on two lists.

    The second is what an estimate asks for as well (`estimator.population.sampling.refuse_if_not_estimable`).

    Parameters
    ----------
    registered : float
        People registered in the study.

    Returns
    -------
    bool
        By the counts alone.
    """
    first = table.cover_cell[table.cover_start[:-1]]
    lists = membership(table.n_lists)[table.recorded.reshape(-1)[first]].sum(axis=1)
    total = int(table.lower.sum())
    return bool(table.lower[lists >= 2].sum() > 0 and registered / ORDER <= total <= registered * ORDER)


def with_table(design: Design, table: CaptureTable) -> Design:
    """Return the arrays of a model for another table of the same shape; the registered number stays what it was."""
    return replace(design, observed=observed_numbers(table))
