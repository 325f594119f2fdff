"""How many persons the lists saw: in all, each, together, once, twice or more often; with bounds where uncertain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.capture.observations import UNBOUNDED, BoolArray, IntArray, Observations, take


@dataclass(frozen=True)
class Registered:
    """A number of registered persons.

    Parameters
    ----------
    lower, upper : int
        The number lies between these, both included; `UNBOUNDED` when nothing bounds it.
    """

    lower: int
    upper: int

    @property
    def exact(self) -> bool:
        """Whether the number itself is known."""
        return self.lower == self.upper

    @property
    def limit(self) -> int | None:
        """The upper bound; None when nothing bounds the number."""
        return None if self.upper == UNBOUNDED else self.upper

    def __add__(self, other: Registered) -> Registered:
        unbounded = UNBOUNDED in (self.upper, other.upper)
        return Registered(self.lower + other.lower, UNBOUNDED if unbounded else self.upper + other.upper)

    def __str__(self) -> str:
        if self.exact:
            return f"{self.lower:,}"
        if self.upper == UNBOUNDED:
            return f"{self.lower:,} or more"
        return f"{self.lower:,} to {self.upper:,}"


@dataclass(frozen=True)
class Captured:
    """How often persons were seen.

    Parameters
    ----------
    once, twice, more : Registered
        Persons on exactly one list, on exactly two, and on three or more.
    """

    once: Registered
    twice: Registered
    more: Registered


def total(lower: IntArray, upper: IntArray) -> Registered:
    """Return the sum of numbers known between bounds; both arrays have shape (J,)."""
    unbounded = bool((upper == UNBOUNDED).any())
    return Registered(int(lower.sum()), UNBOUNDED if unbounded else int(upper.sum()))


def list_sizes(observations: Observations, recorded: BoolArray) -> list[Registered]:
    """Return the number of persons on each list.

    Parameters
    ----------
    observations : Observations
        J observed numbers.
    recorded : ndarray of bool, shape (n_pairs, L)
        The lists that wrote down each entry of ``observations.cell``.

    Returns
    -------
    list of Registered, length L
        The lower bound counts persons certainly on the list, the upper bound those possibly on it.
    """
    return [persons_in(observations, recorded[:, index]) for index in range(recorded.shape[1])]


def overlap_counts(observations: Observations, recorded: BoolArray) -> tuple[IntArray, IntArray]:
    """Return bounds of the number of persons on both of two lists.

    Parameters
    ----------
    observations, recorded
        As for `list_sizes`.

    Returns
    -------
    lower, upper : ndarray of int64, shape (L, L)
        Symmetric; the lists' sizes on the diagonal.
    """
    n_lists = recorded.shape[1]
    lower, upper = np.zeros((n_lists, n_lists), np.int64), np.zeros((n_lists, n_lists), np.int64)
    positive = observations.upper > 0
    recorded = recorded[positive[observations.owner]]
    observations = take(observations, positive)
    for first in range(n_lists):
        for second in range(first, n_lists):
            persons = persons_in(observations, recorded[:, first] & recorded[:, second])
            lower[first, second] = lower[second, first] = persons.lower
            upper[first, second] = upper[second, first] = persons.upper
    return lower, upper


def captured(observations: Observations, recorded: BoolArray) -> Captured:
    """Return how many persons exactly one, exactly two, and three or more lists saw.

    Parameters
    ----------
    observations, recorded
        As for `list_sizes`.

    Returns
    -------
    Captured
        With bounds where the number of lists that saw a person is not known.
    """
    times = recorded.sum(axis=1)
    return Captured(*(persons_in(observations, seen) for seen in (times == 1, times == 2, times >= 3)))


def persons_in(observations: Observations, holds: BoolArray) -> Registered:
    """Return the persons of whom something holds, given for which entries of ``observations.cell`` it does.

    The lower bound counts those of whom it holds wherever they belong, the upper bound those of whom it may hold.
    """
    entries = np.bincount(observations.owner[holds], minlength=len(observations))
    possible = entries > 0
    certain = possible & (entries == observations.length)
    return Registered(
        int(observations.lower[certain].sum()), total(observations.lower[possible], observations.upper[possible]).upper
    )


def history_totals(observations: Observations, recorded: IntArray, n_histories: int) -> tuple[IntArray, IntArray]:
    """Return bounds of the number of persons with each recorded history, all strata together.

    Parameters
    ----------
    observations : Observations
        J observed numbers.
    recorded : ndarray of int64, shape (n_pairs,)
        The history that was written down for each entry of ``observations.cell``.
    n_histories : int
        2^L.

    Returns
    -------
    lower, upper : ndarray of int64, shape (2^L,)
        Persons certainly, and at most, written down with each history; `UNBOUNDED` when nothing bounds it.
    """
    pairs = np.unique(observations.owner * n_histories + recorded)
    owner, seen = pairs // n_histories, pairs % n_histories
    certain = np.bincount(owner, minlength=len(observations))[owner] == 1
    lower, upper = np.zeros(n_histories, np.int64), np.zeros(n_histories, np.int64)
    np.add.at(lower, seen[certain], observations.lower[owner[certain]])
    unbounded = observations.upper[owner] == UNBOUNDED
    np.add.at(upper, seen, np.where(unbounded, 0, observations.upper[owner]))
    upper[seen[unbounded]] = UNBOUNDED
    return lower, upper
