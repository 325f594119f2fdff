"""Linear algebra and linear inequalities in integers: no rounding, so that a verdict is a proof.

Small systems only: tens of unknowns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd

Vector = list[int]


def kernel(rows: Iterable[Sequence[int]], n_columns: int) -> list[Vector]:
    """Return the vectors that a matrix maps to zero.

    Parameters
    ----------
    rows : iterable of sequence of int
        The rows of the matrix, each of length `n_columns`; no more are read than are needed.

    Returns
    -------
    list of list of int
        A basis, in integers without common divisor; empty when the columns are independent.
    """
    echelon: dict[int, Vector] = {}
    for row in rows:
        rest = _reduced([int(number) for number in row], echelon)
        column = next((index for index, number in enumerate(rest) if number), None)
        if column is None:
            continue
        for other, pivot_row in echelon.items():
            echelon[other] = _eliminated(pivot_row, rest, column)
        echelon[column] = rest
        if len(echelon) == n_columns:
            return []
    free = [column for column in range(n_columns) if column not in echelon]
    return [_kernel_vector(echelon, column, n_columns) for column in free]


def _reduced(row: Vector, echelon: dict[int, Vector]) -> Vector:
    """Return a row with zeros in the pivot columns."""
    for column, pivot_row in echelon.items():
        row = _eliminated(row, pivot_row, column)
    return row


def _eliminated(row: Vector, pivot_row: Vector, column: int) -> Vector:
    """Return a row plus such a multiple of another that it is zero in a column, without common divisor."""
    if not row[column]:
        return row
    keep, subtract = pivot_row[column], row[column]
    return _primitive([keep * a - subtract * b for a, b in zip(row, pivot_row, strict=True)])


def _primitive(row: Vector) -> Vector:
    """Return a row divided by the greatest common divisor of its entries."""
    divisor = gcd(*row)
    return [number // divisor for number in row] if divisor > 1 else row


def _kernel_vector(echelon: dict[int, Vector], free: int, n_columns: int) -> Vector:
    """Return the vector of the kernel that is zero in all columns without pivot but one."""
    scale = 1
    for column, row in echelon.items():
        pivot = abs(row[column])
        scale *= pivot // gcd(scale, pivot)
    vector = [0] * n_columns
    vector[free] = scale
    for column, row in echelon.items():
        vector[column] = -row[free] * scale // row[column]
    return _primitive(vector)


def separating_vector(columns: Sequence[Sequence[int]], target: Sequence[int]) -> Vector | None:
    """Return u with ``u·column >= 0`` for all columns and ``u·target < 0``, or None when there is none.

    By Farkas' lemma there is none exactly when the target is a sum of non-negative multiples of the columns. Found by
    the simplex method on whole numbers (phase one, the pivoting rule of Bland 1977, which cannot cycle).

    Parameters
    ----------
    columns : sequence of sequence of int
        m columns of length k.
    target : sequence of int
        Length k.
    """
    signs = [-1 if number < 0 else 1 for number in target]
    k, m = len(target), len(columns)
    rows = [
        [sign * column[index] for column in columns]
        + [int(index == other) for other in range(k)]
        + [sign * target[index]]
        for index, sign in enumerate(signs)
    ]
    cost = [-sum(row[place] for row in rows) for place in range(m)] + [0] * k + [-sum(row[-1] for row in rows)]
    basis = list(range(m, m + k))
    scale = 1
    while (entering := next((place for place in range(m) if cost[place] < 0), None)) is not None:
        leaving = _leaving_row(rows, basis, entering)
        scale = _pivot(rows, cost, leaving, entering, scale)
        basis[leaving] = entering
    if cost[-1] == 0:
        return None
    return _primitive([sign * (cost[m + index] - scale) for index, sign in enumerate(signs)])


def _leaving_row(rows: list[Vector], basis: list[int], entering: int) -> int:
    """Return the row with the smallest ratio; among equals, of the variable that comes first (Bland)."""
    best = -1
    for index, row in enumerate(rows):
        if row[entering] <= 0:
            continue
        if best < 0:
            best = index
            continue
        difference = row[-1] * rows[best][entering] - rows[best][-1] * row[entering]
        if difference < 0 or (difference == 0 and basis[index] < basis[best]):
            best = index
    return best


def _pivot(rows: list[Vector], cost: Vector, leaving: int, entering: int, scale: int) -> int:
    """Bring a column into the basis, in integers over a common denominator, and return the new denominator."""
    pivot_row = rows[leaving]
    pivot = pivot_row[entering]
    for row in [*(row for row in rows if row is not pivot_row), cost]:
        factor = row[entering]
        row[:] = [(pivot * a - factor * b) // scale for a, b in zip(row, pivot_row, strict=True)]
    return pivot
