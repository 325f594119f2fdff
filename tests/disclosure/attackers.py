"""Tables to attack, and an attacker who knows what is printed: by counting every table that agrees with it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from estimator.disclosure.margins import Margin, Printed


def every_margin(shape: tuple[int, ...]) -> list[frozenset[int]]:
    """The cells of every margin of a table: the total, rows, columns, layers, and the cells themselves."""
    places = np.arange(np.prod(shape)).reshape(shape)
    found = []
    for kept in itertools.product((False, True), repeat=len(shape)):
        for levels in itertools.product(
            *(range(n) if keep else [slice(None)] for n, keep in zip(shape, kept, strict=True))
        ):
            found.append(frozenset(np.atleast_1d(places[levels]).ravel().tolist()))
    return found


def exactly(counts: Sequence[float], cells: frozenset[int], histories: frozenset[int] | None = None) -> Printed:
    value = float(sum(counts[cell] for cell in cells))
    return Printed(Margin(cells, histories), value, value, value)


def agreeing(n_cells: int, conditions: Iterable[tuple[frozenset[int], float, float]], most: int) -> Iterator[tuple]:
    """Every table of whole numbers up to `most` that meets conditions (cells, lower, upper), cell by cell."""
    rules = list(conditions)

    def grow(table: list[int]) -> Iterator[tuple]:
        if len(table) == n_cells:
            yield tuple(table)
            return
        for value in range(most + 1):
            table.append(value)
            if all(possible(table, cells, lower, upper) for cells, lower, upper in rules):
                yield from grow(table)
            table.pop()

    def possible(table: list[int], cells: frozenset[int], lower: float, upper: float) -> bool:
        so_far = sum(table[cell] for cell in cells if cell < len(table))
        complete = max(cells) < len(table)
        return so_far <= upper and (not complete or so_far >= lower)

    return grow([])


def limits_by_elimination(cells: frozenset[int], conditions: list[tuple[frozenset[int], float, float]], n_cells: int):
    """What fractions say of a sum: limits by linear programming, written apart from the product's own."""
    from scipy.optimize import linprog

    rows = np.array([[float(cell in part) for cell in range(n_cells)] for part, _, _ in conditions])
    lower, upper = (np.array([condition[at] for condition in conditions]) for at in (1, 2))
    bounded = np.isfinite(upper)
    left, right = np.vstack([rows[bounded], -rows]), np.concatenate([upper[bounded], -lower])
    aim = np.array([float(cell in cells) for cell in range(n_cells)])
    found = [linprog(sign * aim, A_ub=left, b_ub=right, bounds=(0, 10_000)) for sign in (1, -1)]
    return found[0].fun, -found[1].fun
