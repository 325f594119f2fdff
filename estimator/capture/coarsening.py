"""From rows to a capture table: which latent cells each number covers.

A complete row covers its cell; in strata where a list did not run, the history with and without that list. A row with
blanks covers every cell that matches, never an unseen one: its people come on top of the others (coarsening at random,
Heitjan & Rubin 1991, Annals of Statistics 19:2244). A complete history without a row is a zero.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimator.capture.cells import TableKind
from estimator.capture.contradictions import cover, heads, row_faults
from estimator.capture.counts import Count, parse_count, suppressed_count
from estimator.capture.csvfile import listed
from estimator.capture.declaration import Declaration
from estimator.capture.grid import Grid, make_grid
from estimator.capture.observations import (
    UNBOUNDED,
    BoolArray,
    IntArray,
    Observations,
    canonical,
    concatenate,
    covered_cells,
    from_pairs,
    is_uncertain,
    says_nothing,
    take,
)
from estimator.capture.roads import shares_uncertain
from estimator.capture.rows import Rows, without_repeats
from estimator.capture.table import CaptureTable
from estimator.errors import Fault


def coarsen(
    rows: Rows, declaration: Declaration, *, kind: TableKind = "observed", earlier: list[Fault] | None = None
) -> CaptureTable:
    """Return the capture table that rows and a declaration make.

    Parameters
    ----------
    rows : Rows
        R rows whose cells could be read.
    declaration : Declaration
        Without faults (`estimator.capture.declaration.declaration_faults`).
    earlier : list of Fault, optional
        What was wrong with the file already; raised together with what is found here.

    Returns
    -------
    CaptureTable
        Its arrays do not depend on the order of the rows.

    Raises
    ------
    InputError
        When rows contradict each other or the declaration, when all counts are zero, or when the grid is too large.
    """
    faults = list(earlier or [])
    grid = make_grid(declaration, rows.file)
    faults += row_faults(rows, grid)
    if not faults and not rows.claims_persons.any() and not _suppressed(rows).any():
        message = "All counts are zero or blank, so that nobody is registered. Check that this is the right column."
        faults.append(Fault(rows.file, message, column=rows.column[0]))
    faults += unobserved_people(without_repeats(rows), grid)
    if faults:
        raise listed(rows.file, faults)
    observations = _observations(rows, grid)
    return CaptureTable(
        lists=declaration.lists,
        covariates=declaration.covariates,
        kind=kind,
        possible=grid.possible,
        lower=observations.lower,
        upper=observations.upper,
        cover_start=observations.start,
        cover_cell=observations.cell,
        line=observations.line,
        running=grid.running,
    )


def _suppressed(rows: Rows) -> BoolArray:
    """Return the rows whose count exists but may be anything, shape (R,)."""
    suppressed: BoolArray = rows.known & rows.uninformative
    return suppressed


def _observed_cells(rows: Rows, grid: Grid) -> BoolArray:
    """Return the cells that the table observes, shape (S * 2^L,): observable, and not left blank by a complete row."""
    blank = np.zeros(grid.n_cells, bool)
    blank[heads(rows, np.flatnonzero(rows.complete & ~rows.known), grid)] = True
    return grid.observable.reshape(-1) & ~blank[grid.head]


def _row_observations(rows: Rows, chosen: BoolArray, grid: Grid, observed: BoolArray) -> Observations:
    """Return one observation, in the rows' order, for each chosen row; its `line` is the row's position plus 1."""
    index = np.flatnonzero(chosen)
    complete = rows.complete[index]
    of_head = np.full(grid.n_cells, UNBOUNDED)
    of_head[heads(rows, index[complete], grid)] = np.flatnonzero(complete)
    cells = np.flatnonzero(observed)
    cells = cells[of_head[grid.head[cells]] != UNBOUNDED]
    owners, covered = [of_head[grid.head[cells]]], [cells]
    for position in np.flatnonzero(~complete).tolist():
        found = np.flatnonzero(cover(rows, int(index[position]), grid).reshape(-1) & observed)
        owners.append(np.full(len(found), position, np.int64))
        covered.append(found)
    pairs = np.concatenate(owners).astype(np.int64), np.concatenate(covered).astype(np.int64)
    return from_pairs(*pairs, rows.lower[index], rows.upper[index], index + 1, grid.n_cells)


def unobserved_people(rows: Rows, grid: Grid) -> list[Fault]:
    """Return the rows with people who may be in cells that the table leaves blank.

    Parameters
    ----------
    rows : Rows
        R rows that do not contradict the declaration.
    """
    observed = _observed_cells(rows, grid)
    counted = _row_observations(rows, rows.known & (rows.upper > 0), grid, observed)
    lost = counted.line[(counted.length == 0) & ~says_nothing(counted)] - 1
    faults = [_unobserved_fault(rows, row) for row in lost.tolist() if cover(rows, row, grid).any()]
    blank = counted.line[(counted.length > 0) & ~says_nothing(counted)] - 1
    for row in blank[~rows.complete[blank]].tolist():
        if (cover(rows, row, grid).reshape(-1) & ~observed).any():
            faults.append(_partly_unobserved_fault(rows, row))
    return faults


def _partly_unobserved_fault(rows: Rows, row: int) -> Fault:
    """Return the fault of persons some of whose possible cells are not observed: all would go to the others."""
    return rows.fault(
        row,
        "Something is blank in this row, and some of its people may be in rows whose count is blank, that is, not "
        "observed; how many, nothing says. Fill in those counts, or what is blank in this row.",
    )


def _unobserved_fault(rows: Rows, row: int) -> Fault:
    """Return the fault of persons whose every possible cell is left blank elsewhere in the table."""
    return rows.fault(
        row,
        "This row counts people who could only be in rows whose count is blank, that is, not observed. "
        "Fill in those counts, or delete this row.",
    )


def _observations(rows: Rows, grid: Grid) -> Observations:
    """Return the observed numbers, canonical: the rows' and the zeros that absent histories imply.

    Where an uncertain number shares cells with people of whom something is unknown, every number stands for people who
    came by its own road (`estimator.capture.roads`), so that zeros stay beside it, and numbers that say nothing too.
    """
    observed = _observed_cells(rows, grid)
    counted = _row_observations(rows, rows.known & ((rows.upper > 0) | rows.complete), grid, observed)
    counted = take(counted, counted.length > 0)
    counted = replace(counted, line=rows.line[counted.line - 1])
    absent = _implied_zeros(rows, grid, observed)
    if is_uncertain(counted).any() or is_uncertain(absent).any():
        by_road = canonical(concatenate([counted, absent]), grid.n_cells)
        if shares_uncertain(by_road, grid.n_cells):
            return by_road
    hidden = covered_cells(take(counted, is_uncertain(counted)), grid.n_cells)
    implied = (counted.upper == 0) & hidden[counted.cell[counted.start[:-1]]]
    told = take(counted, ~says_nothing(counted) & ~implied)
    return canonical(concatenate([told, _implied_zeros(rows, grid, observed & ~hidden)]), grid.n_cells)


def _implied_zeros(rows: Rows, grid: Grid, observed: BoolArray) -> Observations:
    """Return what a zero stands for, for each recorded history of which the table has no complete row."""
    written = np.zeros(grid.n_cells, bool)
    written[heads(rows, np.flatnonzero(rows.complete), grid)] = True
    cells = np.flatnonzero(observed & ~written[grid.head])
    absent, owner = np.unique(grid.head[cells], return_inverse=True)
    zeros: IntArray = np.zeros(len(absent), np.int64)
    most = np.full(len(absent), _zero(grid.declaration).upper, np.int64)
    return from_pairs(owner.astype(np.int64), cells.astype(np.int64), zeros, most, zeros, grid.n_cells)


def _zero(declaration: Declaration) -> Count:
    """Return what a zero stands for in a table."""
    suppressed = suppressed_count(declaration.suppressed_below, declaration.suppressed_includes_zero)
    return parse_count("0", suppressed, declaration.rounding)
