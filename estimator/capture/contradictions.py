"""Rows that cannot be true given the rest of the table and what the study declares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from estimator.capture.declaration import COUNT_COLUMN
from estimator.capture.grid import Grid
from estimator.capture.histories import list_bits
from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.rows import UNKNOWN, Rows, repeated
from estimator.capture.strata import strata_where
from estimator.capture.totals import unsaid_totals
from estimator.errors import Fault

_SHOWN = 3
"""So many further lines with the same fault are named; the rest are counted."""


def row_faults(rows: Rows, grid: Grid) -> list[Fault]:
    """Return the rows that are there twice, or count people where nobody can have been counted.

    Parameters
    ----------
    rows : Rows
        R rows whose cells could be read.

    Returns
    -------
    list of Fault
        One for each row that repeats another; of the others one for each reason, with the rows to which it applies.
    """
    return [*_repeated_rows(rows), *_impossible_rows(rows, grid), *unsaid_totals(rows, grid.declaration)]


def cover(rows: Rows, row: int, grid: Grid) -> BoolArray:
    """Return the observable cells to which the people of one row may belong.

    A blank cell matches everything, and so does a list in strata where it did not run.

    Returns
    -------
    ndarray of bool, shape (S, 2^L)
        Never the unseen cells.
    """
    return _matching(rows, row, grid) & grid.observable


def _matching(rows: Rows, row: int, grid: Grid) -> BoolArray:
    """Return the cells whose recorded history and levels fit a row, observable or not, shape (S, 2^L)."""
    bits = list_bits(rows.on.shape[1])
    ones = int(bits[rows.on[row] == 1].sum())
    known = int(bits[rows.on[row] != UNKNOWN].sum())
    level = rows.level[row]
    strata = ((grid.levels == level) | (level == UNKNOWN)).all(axis=1) & (grid.off & ones == 0)
    fits = np.zeros(grid.possible.shape, bool)
    fits[strata] = ((grid.recorded[strata] ^ ones) & known) == 0
    return fits


def heads(rows: Rows, complete: IntArray, grid: Grid) -> IntArray:
    """Return the flat cell that each of the complete rows names.

    Parameters
    ----------
    complete : ndarray of int64, shape (n,)
        Positions of rows without blanks.

    Returns
    -------
    ndarray of int64, shape (n,)
        ``stratum * 2^L + history``.
    """
    shape = tuple(len(covariate.levels) for covariate in grid.declaration.covariates)
    stratum = np.zeros(len(complete), np.int64)
    for index, n_levels in enumerate(shape):
        stratum = stratum * n_levels + rows.level[complete, index]
    history: IntArray = rows.on[complete] @ list_bits(rows.on.shape[1])
    head: IntArray = stratum * grid.possible.shape[1] + history
    return head


def _repeated_rows(rows: Rows) -> Iterator[Fault]:
    """Yield a fault for each line that repeats an earlier one."""
    lines = dict.fromkeys((int(rows.line[first]), int(rows.line[again])) for first, again in repeated(rows))
    for first, again in lines:
        message = (
            f"This row has the same lists and levels as line {first}. "
            "Add the two counts in one row, or correct the row that is wrong."
        )
        yield Fault(rows.file, message, again)


def _impossible_rows(rows: Rows, grid: Grid) -> Iterator[Fault]:
    """Yield a fault for each reason why rows count persons where there can be none in the table."""
    claiming = rows.claims_persons
    complete = np.flatnonzero(claiming & rows.complete)
    head = heads(rows, complete, grid)
    possible = grid.observable.reshape(-1)[head] & (grid.head[head] == head)
    suspects = [*complete[~possible].tolist(), *np.flatnonzero(claiming & ~rows.complete).tolist()]
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row in sorted(suspects, key=lambda row: int(rows.line[row])):
        if not cover(rows, row, grid).any():
            rows_of.setdefault(_why_impossible(rows, row, grid), []).append(row)
    for (column, message), those in rows_of.items():
        lines = [str(line) for line in dict.fromkeys(int(rows.line[row]) for row in those)]
        yield Fault(rows.file, f"{message}{_also(lines[1:])}", int(lines[0]), column)


def _also(lines: list[str]) -> str:
    """Return on which other lines the same is wrong: the first few, and how many more."""
    if not lines:
        return ""
    if len(lines) <= _SHOWN:
        *first, last = lines
        named = f"line {last}" if not first else f"lines {', '.join(first)} and {last}"
    else:
        named = f"lines {', '.join(lines[:_SHOWN])} and {len(lines) - _SHOWN} more"
    return f" The same is wrong on {named}."


def _why_impossible(rows: Rows, row: int, grid: Grid) -> tuple[str, str]:
    """Say in which column, and why, nobody can be counted in a row."""
    column = rows.column[row]
    if not (rows.on[row] != 0).any():
        return (
            column,
            "This row counts people who are on no list, and no list can count them. Leave the count blank.",
        )
    matching = _matching(rows, row, grid)
    if not matching.any():
        off = _off_lists(rows, row, grid)
        # in the long layout the 1 stands in the list's own column
        return off[0] if column in (COUNT_COLUMN, "") and off else column, (
            f"The study declares that {_names(off)} did not operate here, "
            "and this row counts people on it. Correct the row, or 'not_operating' or 'changes' in the study."
        )
    return column, _why_excluded(rows, row, grid, matching)


def _why_excluded(rows: Rows, row: int, grid: Grid, matching: BoolArray) -> str:
    """Say why a row whose lists all ran counts nobody who can be observed."""
    if not (matching & grid.possible).any():
        return (
            f"The study declares that nobody can be on {_names(_excluded_lists(rows, row, grid))}, "
            "and this row counts such people. Correct the row, or 'structural_zeros' in the study."
        )
    if (matching & grid.possible & grid.declared_unobserved).any():
        return (
            "The study declares that the people of this row were not observed, and this row counts them. "
            "Leave the count blank, or correct 'unobserved' in the study."
        )
    return "Nobody who fits this row can be on a list that operated here. Correct the row, or delete it."


def _off_lists(rows: Rows, row: int, grid: Grid) -> list[str]:
    """Return the lists of a row that operated in none of its strata, or in not all of them when there is none."""
    level = rows.level[row]
    strata = ((grid.levels == level) | (level == UNKNOWN)).all(axis=1)
    on = rows.on[row] == 1
    never = on & ~grid.running[strata].any(axis=0)
    chosen = never if never.any() else on & ~grid.running[strata].all(axis=0)
    return [name for name, off in zip(grid.declaration.lists, chosen, strict=True) if off]


def _excluded_lists(rows: Rows, row: int, grid: Grid) -> list[str]:
    """Return the lists of the first structural zero that a row violates."""
    lists, level = grid.declaration.lists, rows.level[row]
    strata = ((grid.levels == level) | (level == UNKNOWN)).all(axis=1)
    for zero in grid.declaration.structural_zeros:
        together = all(rows.on[row, lists.index(name)] == 1 for name in zero.lists)
        if together and (strata_where(grid.declaration.covariates, zero.where) & strata).any():
            return list(zero.lists)
    return [name for name, on in zip(lists, rows.on[row], strict=True) if on == 1]


def _names(lists: list[str]) -> str:
    """Return names as part of a sentence: ``list 'K'``, ``lists 'I' and 'K' at once``."""
    quoted = [f"'{name}'" for name in lists]
    if len(quoted) == 1:
        return f"list {quoted[0]}"
    return f"lists {', '.join(quoted[:-1])} and {quoted[-1]} at once"
