"""Populations as they may be, seen by the present lists as they were and by one more: cells of people, and their fit.

The people on the present lists are those of the table; the unseen are a draw of the posterior of the present table, so
that a simulated population is one that is believed possible now. Each person is then on the new list with a chance that
depends on the lists on which she is:

    logit P(on the new list | stratum s, history h) = a + sum over lists l of h of log(odds ratio of l)

where a is such that the new list sees the wanted share of all people of the strata in which it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit

from estimator.calibration.shapes import record_of, shape_from
from estimator.capture.declaration import Covariate
from estimator.capture.histories import list_bits, membership
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.methods.door import QUICK, PopulationDraws, RefitRequest
from estimator.methods.registry import method_named, refusals_of_table
from estimator.methods.shape import Shape, counted, reference_size, template
from estimator.study.questions import ModelSettings
from estimator.study.recorded_priors import recorded_priors

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

LEVELS = (0.025, 0.5, 0.975)
"""Quantiles of every group that a fit gives."""


def people_in_cells(table: CaptureTable, rng: np.random.Generator) -> Ints:
    """Return the registered people of a table in cells, shape (S, H).

    People whose cell is not known are placed among the cells in which they may be, in proportion to the people whose
    cell is known and a half; a number within bounds is drawn between them (its lower bound where there is no upper).
    """
    people = np.zeros(table.n_strata * table.n_histories, np.int64)
    upper = np.where(table.upper == UNBOUNDED, table.lower, table.upper)
    numbers = rng.integers(table.lower, upper, endpoint=True)
    alone = np.diff(table.cover_start) == 1
    people[table.cover_cell[table.cover_start[:-1][alone]]] += numbers[alone]
    known = people.copy()
    for number in np.flatnonzero(~alone):
        cells = table.cover_cell[table.cover_start[number] : table.cover_start[number + 1]]
        weight = known[cells] + 0.5
        people[cells] += rng.multinomial(numbers[number], weight / weight.sum())
    return people.reshape(table.shape)


def added_up(cells: Ints, table: CaptureTable, pool: tuple[str, ...]) -> Ints:
    """Return cells of people, or of whether people may be there, summed over covariates."""
    sizes = [len(covariate.levels) for covariate in table.covariates]
    axes = tuple(at for at, covariate in enumerate(table.covariates) if covariate.name in pool)
    summed: Ints = cells.reshape(*sizes, cells.shape[-1]).sum(axis=axes)
    return summed.reshape(-1, cells.shape[-1])


def shape_with(shape: Shape, name: str, covered: Bools) -> Shape:
    """Return the shape of a table with one more list, the last, which runs in some strata."""
    table = shape.table
    possible, running = np.repeat(table.possible, 2, axis=1), np.column_stack([table.running, covered])
    return replace(shape, table=_all_recorded((*table.lists, name), table.covariates, possible, running))


def _all_recorded(
    lists: tuple[str, ...], covariates: tuple[Covariate, ...], possible: Bools, running: Bools
) -> CaptureTable:
    """Return a table of zeros with a number for every history that the lists that run can write down of somebody."""
    off = (~running).astype(np.int64) @ list_bits(len(lists))
    recorded = np.arange(possible.shape[1]) & ~off[:, None]
    return template(lists, covariates, possible, running, possible & (recorded > 0))


def on_new_list(
    cells: Ints, share: float, odds_ratios: Floats, covered: Bools, false: float, rng: np.random.Generator
) -> tuple[Ints, int]:
    """Draw who would be on the new list.

    Parameters
    ----------
    cells : ndarray of int, shape (S, H)
        Everybody, the unseen in history 0.
    share : float
        Of the people in strata where it runs who are on it, on average.
    odds_ratios : ndarray, shape (L,)
        With each list.
    false : float
        Share of its entries who are not victims, and on no other list.

    Returns
    -------
    (ndarray of int, shape (S, 2 * H), int)
        People by history with the new list last, false positives among them; and the number of its entries.
    """
    lists = len(odds_ratios)
    strength = membership(lists).astype(np.float64) @ np.log(odds_ratios)
    weight = cells[covered].sum(0) / max(int(cells[covered].sum()), 1)
    lower, upper = -60.0, 60.0
    for _ in range(80):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if weight @ expit(middle + strength) < share else (lower, middle)
    chance = np.where(covered[:, None], expit(lower + strength), 0.0)
    caught = rng.binomial(cells, chance)
    people = np.stack([cells - caught, caught], axis=-1).reshape(len(cells), -1)
    wrong = rng.poisson(caught.sum(1) * false / (1 - false))
    people[:, 1] += wrong
    return people, int(caught.sum() + wrong.sum())


def fit_of(shape: Shape, people: Ints, priors: Mapping[str, Any], way: tuple[str, Mapping[str, str]], seed: int) -> Any:
    """Return the payload of one fit: plain values, small enough to travel."""
    method, options = way
    return {
        "shape": record_of(shape),
        "people": people.reshape(-1).tolist(),
        "priors": dict(priors),
        "method": method,
        "options": dict(options),
        "seed": seed,
    }


def fit_one(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit one table.

    Returns
    -------
    dict
        ``quantiles`` at `LEVELS` of the size of every group, persons; None where the method has no answer. ``rhat``.
    """
    shape = shape_from(payload["shape"])
    people = np.array(payload["people"], np.int64).reshape(shape.table.shape)
    table = counted(shape.table, people)
    method = method_named(payload["method"])
    if not table.has_overlap or refusals_of_table(method, table, payload["options"]):
        return {"quantiles": None, "rhat": 1.0}
    priors, settings = recorded_priors(payload["priors"]), replace(QUICK, seed=int(payload["seed"]))
    fit = method.refit(RefitRequest(table, shape.model, priors, payload["options"], settings))
    return {"quantiles": quantiles_of(fit.population, shape.groups), "rhat": fit.rhat}


def quantiles_of(population: PopulationDraws, groups: Mapping[str, Bools]) -> dict[str, list[float]]:
    """Return quantiles at `LEVELS` of the size of every group, persons."""
    size = population.size.reshape(-1, population.size.shape[-1])
    return {name: np.quantile(size[:, at].sum(1), LEVELS).tolist() for name, at in groups.items()}


def present_shape(
    table: CaptureTable, groups: Mapping[str, Bools], model: ModelSettings, pool: tuple[str, ...]
) -> Shape:
    """Return the shape of the present table, added up over covariates in whose levels the same lists run.

    Parameters
    ----------
    groups : mapping of str to ndarray of bool
        Strata of each group in the added-up table.
    """
    possible = added_up(table.possible.astype(np.int64), table, pool) > 0
    running = added_up(table.running.astype(np.int64), table, pool) > 0
    covariates = tuple(covariate for covariate in table.covariates if covariate.name not in pool)
    return Shape(_all_recorded(table.lists, covariates, possible, running), model, groups, reference_size(table))
