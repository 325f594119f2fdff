"""Lists whose people are on another list more often than by chance, as where one list feeds the other.

That people of one list are often on another says nothing by itself: the other may see nearly everybody. What tells is
how often people whom further lists saw are on it. Were the two lists independent within a stratum, its people on the
inner list would be on the outer one as often as its other people whom further lists saw (Mantel & Haenszel 1959,
Journal of the National Cancer Institute 22:719, with their correction for continuity).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.table import CaptureTable

MOSTLY = 0.75
"""The share of a list's people who are on the other list from which the pair is looked at."""

FEWEST = 10
"""A list of fewer people is not looked at."""

BEYOND_CHANCE = 3.0
"""Standard errors that the overlap lies above what independence gives, by chance once in 700 pairs."""


@dataclass(frozen=True)
class Nested:
    """A list most of whose people are on another.

    Parameters
    ----------
    on_inner, on_both : int
        Persons on the first, and those of them who are on the second too.
    others, others_on_outer : int
        Persons whom further lists saw and the first did not, and those of them who are on the second; 0 where there
        are no further lists.
    """

    inner: str
    outer: str
    on_inner: int
    on_both: int
    others: int
    others_on_outer: int


@dataclass(frozen=True, eq=False)
class _Known:
    """Exact numbers of people whose lists are known: how many, where, and on which lists."""

    people: IntArray
    stratum: IntArray
    on: BoolArray
    told: BoolArray


def nested_lists(table: CaptureTable, declared: Collection[frozenset[str]] = ()) -> Iterator[Nested]:
    """Yield the pairs of lists that look like a referral, the smaller list first.

    Parameters
    ----------
    declared : collection of frozenset of str
        Pairs of which the study says so already.
    """
    known = _known(table)
    for inner, outer in permutations(range(table.n_lists), 2):
        if frozenset((table.lists[inner], table.lists[outer])) in declared:
            continue
        pair = _nested(table, known, inner, outer)
        if pair is not None:
            yield pair


def _known(table: CaptureTable) -> _Known:
    observations = table.observations
    start = observations.start[:-1]
    strata = observations.cell // table.n_histories
    exact = (observations.lower == observations.upper) & (observations.upper > 0)
    on = table.recorded_membership.astype(np.int64)
    most, least = np.maximum.reduceat(on, start, axis=0), np.minimum.reduceat(on, start, axis=0)
    first, last = np.minimum.reduceat(strata, start), np.maximum.reduceat(strata, start)
    running = np.minimum.reduceat(table.running[strata].astype(np.int64), start, axis=0) > 0
    return _Known(
        observations.lower[exact],
        np.where(first == last, first, -1)[exact],  # people of unknown stratum are compared with each other
        (most > 0)[exact],
        ((most == least) & running)[exact],
    )


def _nested(table: CaptureTable, known: _Known, inner: int, outer: int) -> Nested | None:
    told = known.told[:, [inner, outer]].all(axis=1)
    people, stratum = known.people[told], known.stratum[told]
    on_inner, on_outer = known.on[told, inner], known.on[told, outer]
    size, both = int(people[on_inner].sum()), int(people[on_inner & on_outer].sum())
    if size < FEWEST or both < MOSTLY * size or size > people[on_outer].sum() or both == size:
        return None  # of a list that is wholly on another the check says so without this
    further = [place for place in range(table.n_lists) if place not in (inner, outer)]
    seen: BoolArray = np.logical_or.reduce(known.on[told][:, further], axis=1)
    if further and not _beyond_chance(people, stratum, on_inner, on_outer, seen):
        return None
    others = seen & ~on_inner
    lists = table.lists[inner], table.lists[outer]
    return Nested(*lists, size, both, int(people[others].sum()), int(people[others & on_outer].sum()))


def _beyond_chance(
    people: IntArray, stratum: IntArray, on_inner: BoolArray, on_outer: BoolArray, seen: BoolArray
) -> bool:
    """Tell whether more people of further lists are on both than independence within strata gives."""
    above = variance = 0.0
    for place in np.unique(stratum[seen]):
        here = seen & (stratum == place)
        n, a, b = (int(people[here & part].sum()) for part in (here, on_inner, on_outer))
        if n < 2:
            continue
        above += float(people[here & on_inner & on_outer].sum()) - a * b / n
        variance += a * b * (n - a) * (n - b) / (n * n * (n - 1))
    return variance > 0 and (above - 0.5) / math.sqrt(variance) > BEYOND_CHANCE
