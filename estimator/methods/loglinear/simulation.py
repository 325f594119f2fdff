"""Tables drawn from the prior, in the shape of a study: the same lists, covariates, and what ran where.

The prior on the dark figure is a multiple of the registered number. Here that number stays the study's own for every
table: one prior, stated beforehand, as simulation from it supposes. An estimate takes the number of its own table.

A prior on parameters gives some tables that no study has: nobody on two lists, or tens of millions registered, and many
that are of another order than this one. A table is thrown away, and its parameters with it, by a rule on the counts
alone (`acceptable`). Given its counts, a table that is kept has the posterior that it would have had without the rule,
so that ranks stay uniform; a rule on the parameters, or on how well the fit went, would spoil them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.design import Design, design_for, observed_numbers
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.parameters import (
    PriorSettings,
    interactions,
    parameters_of,
    prior_settings,
    read_vector,
)
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.residual import TABLES, strata_draws, with_residual
from estimator.methods.shape import Shape, counted, plain_shape
from estimator.seeds import stream
from estimator.study.priors import Priors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ORDER = 10.0
"""A table is acceptable when it registers between a tenth of and ten times as many people as the study."""

MOST_TRIES = 100_000
"""Tables drawn in search of one that is acceptable before the prior is called unfit for simulation."""

_REACH = 3 * np.log(ORDER)  # of expected registered numbers, where they have no prior: none beyond is acceptable
_LARGEST_LOG = 34.0  # e^34 people: refused anyway, and Poisson counts stay within 64 bits


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


def model_of(shape: Shape, priors: Priors) -> tuple[Design, PriorSettings]:
    """Return the arrays of the model for the tables of a shape, with the registered number of the study."""
    design = replace(design_for(shape.table, shape.model, priors), registered=shape.registered)
    return design, prior_settings(priors, design)


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
    for number in range(MOST_TRIES):
        rng = stream(seed, number, "table-of-prior")
        position = prior_positions(design, settings, 1, rng, _REACH)
        of_residual = int(rng.integers(2**31))
        residual = _residual(design, settings, position, of_residual)
        cells = np.exp(np.minimum(log_cells(design, settings, position)[0], _LARGEST_LOG)) * design.observed.possible
        unseen = np.where(design.observed.unseen, cells, 0.0).sum(axis=1)
        if residual is not None:
            unseen = with_residual(unseen, np.array(residual), _of_strata(design, settings, position, of_residual))
        seen = rng.poisson(np.where(design.observed.unseen, 0.0, cells))
        table = counted(shape.table, seen)
        if acceptable(table, shape.registered):
            return Simulated(position[0], residual, table, seen.sum(axis=1) + rng.poisson(unseen), number + 1)
    wanted = "anybody on two lists and about as many people as the study"
    raise ValueError(f"none of {MOST_TRIES:,} tables drawn from the prior has {wanted}")


def _residual(design: Design, settings: PriorSettings, position: Floats, seed: int) -> float | None:
    """Return the residual dependence that goes with one draw of the parameters."""
    values = read_vector(parameters_of(design, settings), position)
    drawn = drawn_residual(design, settings, values, seed, TABLES).get("residual")
    return None if drawn is None else float(drawn[0])


def _of_strata(design: Design, settings: PriorSettings, position: Floats, seed: int) -> Floats | None:
    """Return what is particular to each stratum, with one draw of the parameters; None where nothing is."""
    if settings.residual is None:
        return None
    values = read_vector(parameters_of(design, settings), position)
    drawn = strata_draws(settings.residual, values, design.levels, seed, TABLES)
    return None if drawn is None else drawn[0]


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


def dependence_drawn(lists: int, priors: Priors, seed: int) -> tuple[Floats, float]:
    """Return log odds ratios of all pairs of lists, and residual dependence, drawn from priors.

    Raises
    ------
    ValueError
        When they take lists to be independent.
    """
    if priors.dependence.form == "none":
        raise ValueError("dependence is to be drawn from priors that take lists to be independent")
    design, settings = model_of(plain_shape(lists), priors)
    position = prior_positions(design, settings, 1, np.random.default_rng(seed))
    theta = interactions(settings, read_vector(parameters_of(design, settings), position))[0]
    residual = _residual(design, settings, position, seed)
    return np.asarray(theta), 0.0 if residual is None else residual
