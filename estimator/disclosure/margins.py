"""Sums that a report prints, and what a reader can work out from all of them together.

A reader knows every printed sum, to its rounding, and that people are counted in whole numbers from 0 up. What can be
worked out of any other sum is its smallest and largest value under these conditions: two integer programmes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_LONGEST = 2.0
"""Seconds for one programme; after that, the best answer so far is taken, which makes a sum seem easier to guess."""


@dataclass(frozen=True)
class Margin:
    """Observed people who are counted together.

    Parameters
    ----------
    strata : frozenset of int
        Places of their strata.
    histories : frozenset of int or None
        Places of the combinations of lists that saw them; None for all.
    """

    strata: frozenset[int]
    histories: frozenset[int] | None = None


@dataclass(frozen=True)
class Printed:
    """A sum that is to be printed, and the bounds that a reader has of it then.

    Parameters
    ----------
    value : float
        What is printed, before rounding.
    lower, upper : float
        The smallest and largest value that is printed as this one is.
    most : float, default infinity
        What an estimate of the same people says even where the sum is withheld: no more of them are registered.
    """

    margin: Margin
    value: float
    lower: float
    upper: float
    most: float = math.inf


@dataclass(frozen=True, eq=False)
class Limits:
    """Conditions on unknown counts: rows of `of` times the counts lie in `lower`..`upper`.

    Parameters
    ----------
    of : ndarray, shape (n_conditions, n_counts)
    """

    of: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, eq=False)
class Counts:
    """The unknown counts that printed sums are made of: people who are together in every printed sum are one count.

    Parameters
    ----------
    margins : sequence of Margin
        Every sum that may be printed or worked out.
    histories : frozenset of int
        The combinations of lists that may have people; needed where a margin names some.
    """

    margins: Sequence[Margin]
    histories: frozenset[int] = frozenset()

    @cached_property
    def everybody(self) -> frozenset[int]:
        """Every stratum of a margin."""
        return frozenset().union(*(margin.strata for margin in self.margins))

    @cached_property
    def _strata(self) -> list[frozenset[int]]:
        return _alike(self.everybody, {margin.strata for margin in self.margins})

    @cached_property
    def _histories(self) -> list[frozenset[int]]:
        named = {margin.histories for margin in self.margins if margin.histories is not None}
        return _alike(self.histories.union(*named), named) if named else []

    @property
    def crossed(self) -> bool:
        """Whether some margin is of some strata and some histories at once, so that each pair is a count of its own."""
        return any(margin.histories is not None and margin.strata != self.everybody for margin in self.margins)

    def row(self, margin: Margin) -> Floats:
        """Return which counts a margin adds up, as ones and zeros."""
        strata = np.array([part <= margin.strata for part in self._strata], float)
        some = margin.histories
        if self.crossed:
            histories = np.array([some is None or part <= some for part in self._histories], float)
            return np.outer(strata, histories).ravel()
        histories = np.array([some is not None and part <= some for part in self._histories], float)
        return np.concatenate([strata if some is None else 0 * strata, histories])

    @cached_property
    def link(self) -> Limits:
        """That people counted by stratum and by history are the same people, where the two are not crossed."""
        signs = np.concatenate([np.ones(len(self._strata)), -np.ones(len(self._histories))])
        joined = bool(self._histories) and not self.crossed
        return Limits(signs[None][: int(joined)], np.zeros(int(joined)), np.zeros(int(joined)))

    @cached_property
    def atoms(self) -> list[Margin]:
        """The smallest groups of strata that printed sums can tell apart."""
        return [Margin(part) for part in self._strata]


def _alike(every: Iterable[int], sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return places in groups, such that places of one group are in the same sets."""
    listed = sorted(sets, key=sorted)
    groups: dict[Hashable, set[int]] = {}
    for place in sorted(every):
        groups.setdefault(tuple(place in places for places in listed), set()).add(place)
    return [frozenset(group) for group in groups.values()]


def worked_out(row: Floats, known: Limits, most: float) -> tuple[float, float]:
    """Return the smallest and largest value that a sum can have.

    Parameters
    ----------
    row : ndarray, shape (n_counts,)
        Which counts are added up.
    most : float
        No count is larger.

    Raises
    ------
    ArithmeticError
        When no counts agree with what is known: a fault of the program.
    """
    return -_largest(-row, known, most), _largest(row, known, most)


def _largest(row: Floats, known: Limits, most: float) -> float:
    from scipy.optimize import Bounds, LinearConstraint, milp

    conditions = [LinearConstraint(known.of, known.lower, known.upper)] if len(known.of) else []
    bounds, whole = Bounds(0, most), np.ones(len(row))
    solution = milp(-row, constraints=conditions, bounds=bounds, integrality=whole, options={"time_limit": _LONGEST})
    if solution.x is None:
        raise ArithmeticError(f"no counts agree with the printed sums: {solution.message}")
    return float(round(row @ solution.x))
