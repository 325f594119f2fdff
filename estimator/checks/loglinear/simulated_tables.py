"""Tables simulated at a study's size, with the truth behind them: under its own assumptions, and under others.

People of a cell reach the table by the ways that its own numbers take: where some were recorded without a covariate,
the same share of the simulated people is; where a number is known only within bounds, a simulated number that falls in
these bounds is again known only within them, and another exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.list_sizes import held_cells
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.checks.loglinear.completed import some_draws
from estimator.fits.refit import with_counts
from estimator.methods.door import PopulationDraws
from estimator.methods.loglinear.design import Design, design_for
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.parameters import interactions, parameters_of, prior_settings, read_vector
from estimator.methods.loglinear.posterior import LoglinearPosterior, expected_cells
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.residual import TABLES, factors_of_strata
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CAPTURABILITY = 1.0
"""Standard deviation between people of the log odds of being on a list, where they differ in ways nobody recorded."""

_LARGEST = 1e9
"""Most people in a simulated stratum: heavy tails of the residual dependence reach further than any table could."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """A table and the truth behind it.

    Parameters
    ----------
    table : CaptureTable
        Of the shape of the study's own.
    truth : PopulationDraws
        Of one chain and one draw: the people of every stratum.
    """

    table: CaptureTable
    truth: PopulationDraws


Cells = Callable[[int], Floats]
"""The expected people of every cell, shape (S, H), in simulation number i."""


def own_cells(posterior: LoglinearPosterior, number: int, seed: int) -> Floats:
    """Return the expected people of every cell at some draws of the posterior, in random order.

    Returns
    -------
    ndarray, shape (number, S, H)
        With residual dependence in the cells that no list could see.
    """
    rng = stream(seed, "own-tables")
    chosen = some_draws(posterior, max(number, 1000))
    cells = np.concatenate(list(expected_cells(chosen)))
    place = rng.choice(len(cells), number, replace=len(cells) < number)
    residual = chosen.values.get("residual", np.zeros((1, len(cells))))[0][place]
    unseen = posterior.design.observed.unseen
    implied = np.where(unseen, cells[place], 0.0).sum(axis=2)
    limit = np.log(_LARGEST) - np.log(np.maximum(np.where(unseen, cells[place], 0.0).sum(axis=(1, 2)), 1e-9))
    lifted = np.exp(np.minimum(residual, limit))[:, None, None]
    if (of_strata := chosen.values.get("residual_of_strata")) is not None:
        lifted = lifted * factors_of_strata(implied, of_strata[0][place])[..., None]
    return np.asarray(np.where(unseen, lifted, 1.0) * cells[place])


def dependent_cells(base: Floats, study: Study, evidence: Priors, seed: int) -> Floats:
    """Return expected people of every cell with other dependence, population and list sizes as they are.

    Parameters
    ----------
    base : ndarray, shape (n, S, H)
        From `own_cells`.
    evidence : Priors
        From which log odds ratios and residual dependence are drawn, one set for each simulation.

    Returns
    -------
    ndarray, shape (n, S, H)
    """
    design = design_for(study.table, study.model, evidence)
    settings = prior_settings(evidence, design)
    rng = stream(seed, "dependent-tables")
    values = read_vector(parameters_of(design, settings), prior_positions(design, settings, len(base), rng))
    joint = interactions(settings, values) @ design.term_of_history.T
    drawn = drawn_residual(design, settings, values, seed, TABLES)
    residual = (
        np.zeros((len(base), 1)) if not drawn else drawn["residual"][:, None] + drawn.get("residual_of_strata", 0.0)
    )
    unseen, impossible = design.observed.unseen, design.observed.possible == 0
    shifted = np.empty_like(base)
    for i, cells in enumerate(base):
        fixed = np.where(unseen, residual[i][:, None], 0.0) + joint[i]
        shifted[i] = _held(cells, design, np.where(impossible, -np.inf, fixed))
    return shifted


def unequal_cells(base: Floats, design: Design) -> Floats:
    """Return expected people of every cell when people differ in capturability, and lists are independent otherwise.

    Parameters
    ----------
    base : ndarray, shape (n, S, H)
        From `own_cells`: population and list sizes are as they are there.

    Returns
    -------
    ndarray, shape (n, S, H)
    """
    fixed = np.where(design.observed.possible == 0, -np.inf, 0.0)
    return np.array([_held(cells, design, fixed, CAPTURABILITY) for cells in base])


def _held(cells: Floats, design: Design, fixed: Floats, capturability: float = 0.0) -> Floats:
    return held_cells(cells.sum(axis=1), cells @ design.member, fixed, capturability)


def simulated(table: CaptureTable, design: Design, cells: Floats, seed: int) -> Simulated:
    """Draw a table.

    Parameters
    ----------
    cells : ndarray, shape (S, H)
        Expected people of every cell.
    """
    rng = stream(seed, "simulated-counts")
    flat = cells.reshape(-1)
    people = rng.poisson(flat[table.cover_cell] * shares_of_numbers(table))
    lower, upper = reported(table, np.add.reduceat(people, table.cover_start[:-1]))
    registered = np.bincount(table.cover_cell // table.n_histories, people, minlength=table.n_strata).astype(np.int64)
    registered += rng.poisson(np.where(design.observed.uncounted, cells, 0.0).sum(axis=1))
    expected = np.where(design.observed.unseen, cells, 0.0).sum(axis=1)
    truth = PopulationDraws(registered[None, None], rng.poisson(expected)[None, None], expected[None, None])
    return Simulated(with_counts(table, lower, upper), truth)


def reported(table: CaptureTable, numbers: Ints) -> tuple[Ints, Ints]:
    """Return the bounds that a table would give of numbers: those of its own where they fall in them."""
    uncertain = table.lower != table.upper
    inside = (numbers >= table.lower) & ((table.upper == UNBOUNDED) | (numbers <= table.upper))
    keeps = uncertain & inside
    return np.where(keeps, table.lower, numbers), np.where(keeps, table.upper, numbers)


def shares_of_numbers(table: CaptureTable) -> Floats:
    """Return which share of the people of each covered cell reaches the table by each number that covers it.

    Returns
    -------
    ndarray, shape of ``table.cover_cell``
        The shares of a cell sum to 1. They depend on a number only by what is unknown of its people (nothing, their
        sex, ...), so that they are the same for all cells that it covers: coarsening at random.
    """
    owner = table.observations.owner
    kind = _what_is_unknown(table)
    middle = np.where(table.upper == UNBOUNDED, table.lower, (table.lower + np.minimum(table.upper, 2**60)) / 2)
    of_kind = np.bincount(kind, middle, minlength=kind.max(initial=0) + 1) + 0.5
    weight = of_kind[kind][owner]
    total = np.bincount(table.cover_cell, weight, minlength=table.n_cells)
    return np.asarray(weight / total[table.cover_cell])


def _what_is_unknown(table: CaptureTable) -> Ints:
    """Return, for each number, a code of the lists and covariates of which it does not tell its people apart."""
    start = table.cover_start[:-1]
    stratum, history = np.divmod(table.cover_cell, table.n_histories)
    first = np.repeat(history[start], np.diff(table.cover_start))
    histories = [np.bitwise_or.reduceat(history ^ first, start)]
    sizes = [len(covariate.levels) for covariate in table.covariates]
    codes = np.array(np.unravel_index(stratum, sizes)) if sizes else np.zeros((0, len(stratum)), np.int64)
    histories += [np.maximum.reduceat(code, start) != np.minimum.reduceat(code, start) for code in codes]
    return np.asarray(np.unique(np.array(histories).T, axis=0, return_inverse=True)[1].reshape(-1), dtype=np.int64)
