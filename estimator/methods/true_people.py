"""The people behind entries of registers with errors: a method's answer, and how records of one person fall apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import lists_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ErrorRates:
    """How often registers err, in one draw: a share for each declaration of the model, in its order.

    Parameters
    ----------
    false : tuple of float
        Of the entries of a list who are no victims.
    missed : tuple of float or None
        Of the links between records of one person that were missed; None where nothing is declared of them.
    wrong : tuple of float or None
        Of the entries with several lists that are two people; None where nothing is declared of them.
    """

    false: tuple[float, ...] = ()
    missed: tuple[float | None, ...] = ()
    wrong: tuple[float | None, ...] = ()


@dataclass(frozen=True, eq=False)
class PeopleBehind:
    """People who may stand behind the entries of registers, in one draw of a posterior.

    Parameters
    ----------
    people : ndarray of int, shape (S, H)
        By the lists that truly saw them, of those that ran; nobody in history 0.
    """

    people: Ints
    rates: ErrorRates


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in which the records of one person may hang together.

    Parameters
    ----------
    history : ndarray of int, shape (K,)
        The lists that saw her, in order.
    parts : ndarray of int, shape (K, L)
        The lists of each entry that is made of her; 0 where there are no more.
    chance : ndarray, shape (K,)
        They add up to 1 for each history.
    """

    history: Ints
    parts: Ints
    chance: Floats


def ways_apart(missed: Floats) -> Ways:
    """Return the ways in which records fall apart that are possible.

    Parameters
    ----------
    missed : ndarray, shape (L, L)
        Probability that two records of one person are not linked, independently; links are carried on.
    """
    n_lists = len(missed)

    @cache
    def apart(first: int, second: int) -> float:
        """Return the probability that no record of `first` is linked to one of `second`."""
        chance = 1.0
        for a in lists_of(first, n_lists):
            for b in lists_of(second, n_lists):
                chance *= float(missed[a, b])
        return chance

    @cache
    def together(group: int) -> float:
        """Return the probability that records hang together: less that the part with the lowest is all there is."""
        return 1.0 - sum(together(part) * apart(part, group ^ part) for part in _with_lowest(group) if part != group)

    @cache
    def ways(history: int) -> tuple[tuple[tuple[int, ...], float], ...]:
        """Return the ways in which records can hang together, by their parts, with the probability of each."""
        if not history:
            return (((), 1.0),)
        ways_found = []
        for part in _with_lowest(history):
            chance = max(together(part), 0.0) * apart(part, history ^ part)
            if chance > 0:
                ways_found += [((part, *rest), chance * other) for rest, other in ways(history ^ part)]
        return tuple(ways_found)

    every = [(history, parts, chance) for history in range(1, 1 << n_lists) for parts, chance in ways(history)]
    padded = [[*parts, *[0] * (n_lists - len(parts))] for _, parts, _ in every]
    return Ways(
        np.array([history for history, _, _ in every], np.int64),
        np.array(padded, np.int64).reshape(-1, n_lists),
        np.array([chance for _, _, chance in every]),
    )


def _with_lowest(group: int) -> Iterator[int]:
    """Yield the parts of a group of lists that have its lowest, the group itself first."""
    lowest = group & -group
    others = part = group ^ lowest
    while True:
        yield part | lowest
        if not part:
            return
        part = (part - 1) & others
