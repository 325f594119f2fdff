"""Rows of a table as numbers: which lists, which levels, how many persons, on which line of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from estimator.capture.histories import membership
from estimator.capture.observations import UNBOUNDED, BoolArray, IntArray
from estimator.errors import Fault

UNKNOWN = -1
"""A blank cell: the person's level, or whether the list saw her, is not known."""

MEMBERSHIP = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "0,0": 0, "1,0": 1, "": UNKNOWN}
"""What a list's column may hold, and its codes; spreadsheets and data frames write 1 as 1.0 too."""


@dataclass(frozen=True, eq=False)
class Rows:
    """R rows, each a number of persons with what is known of them.

    Parameters
    ----------
    on : ndarray of int64, shape (R, L)
        1 when the list saw these persons, 0 when not, `UNKNOWN`.
    level : ndarray of int64, shape (R, n_covariates)
        Index of the level, or `UNKNOWN`.
    lower, upper : ndarray of int64, shape (R,)
        Bounds of the number of persons; `UNBOUNDED` when nothing bounds it.
    known : ndarray of bool, shape (R,)
        False where the count is blank: not observed.
    line : ndarray of int64, shape (R,)
        Line in the file.
    column : tuple of str, length R
        Column that holds the count.
    """

    file: str
    on: IntArray
    level: IntArray
    lower: IntArray
    upper: IntArray
    known: BoolArray
    line: IntArray
    column: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.line)

    @property
    def complete(self) -> BoolArray:
        """Rows whose lists and levels are all known, shape (R,)."""
        complete: BoolArray = (self.on != UNKNOWN).all(axis=1) & (self.level != UNKNOWN).all(axis=1)
        return complete

    @property
    def uninformative(self) -> BoolArray:
        """Rows whose count says nothing: blank, or suppressed without a rule; shape (R,)."""
        nothing: BoolArray = ~self.known | ((self.lower == 0) & (self.upper == UNBOUNDED))
        return nothing

    @property
    def claims_persons(self) -> BoolArray:
        """Rows that say that there may be persons here, and how many at most or at least; shape (R,)."""
        claims: BoolArray = ~self.uninformative & (self.upper > 0)
        return claims

    def take(self, positions: Sequence[int]) -> Rows:
        """Return some of the rows."""
        kept = np.array(positions, np.int64)
        return Rows(
            self.file,
            self.on[kept],
            self.level[kept],
            self.lower[kept],
            self.upper[kept],
            self.known[kept],
            self.line[kept],
            tuple(self.column[row] for row in positions),
        )

    def fault(self, row: int, message: str) -> Fault:
        """Return a fault of the count of a row."""
        return Fault(self.file, message, int(self.line[row]), self.column[row])


def added_up(rows: Rows) -> Rows:
    """Return the rows of persons as counts: those with the same lists and levels as one, on the line of the first."""
    keys = np.hstack([rows.on, rows.level])
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    number = np.bincount(group.reshape(-1), minlength=len(first)).astype(np.int64)
    return replace(rows.take(first.tolist()), lower=number, upper=number)


def one_after_the_other(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts of one file."""
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("on", "level", "lower", "upper", "known", "line")
    }
    return Rows(parts[0].file, column=tuple(name for part in parts for name in part.column), **arrays)


def with_histories(rows: Rows, histories: Sequence[int], counts: IntArray) -> Rows:
    """Return the rows of one stratum, and one for each history with its exact count, on the line of the first row.

    Parameters
    ----------
    counts : ndarray of int64, shape (2^L,)
        Persons by history.
    """
    if not histories:
        return rows
    like = rows.take([0] * len(histories))
    exact = counts[list(histories)]
    on = membership(rows.on.shape[1])[list(histories)].astype(np.int64)
    known = np.ones(len(histories), bool)
    return one_after_the_other([rows, replace(like, on=on, lower=exact, upper=exact, known=known)])


def without_repeats(rows: Rows) -> Rows:
    """Return the rows that repeat no earlier one; see `repeated`."""
    again = {later for _, later in repeated(rows)}
    return rows.take([row for row in range(len(rows)) if row not in again])


def repeated(rows: Rows) -> list[tuple[int, int]]:
    """Return pairs (first row, later row) with the same lists and the same levels."""
    keys = np.hstack([rows.on, rows.level])
    first: dict[bytes, int] = {}
    pairs = []
    for row, key in enumerate(np.ascontiguousarray(keys)):
        earlier = first.setdefault(key.tobytes(), row)
        if earlier != row:
            pairs.append((earlier, row))
    return pairs
