"""Decomposable graphs: which lists depend on which, and how a table's probability comes apart along them.

A graph has the lists as vertices. It is decomposable when its vertices can be taken away one by one, each at a time
when all its remaining neighbours are neighbours of each other (a perfect elimination order). Then the probability of a
table comes apart: with R_v the neighbours that are left when v goes,

    p(table)  =  product over v of  f({v} + R_v) / f(R_v),

where f(C) is the probability of the margin of the lists C. A graph is therefore a row of small integers, one for every
set of lists: how often f of that set is multiplied in, or divided by. Rows of all graphs share the f of 2^L sets.

Sets of lists are integers with the bits of histories (`estimator.capture.histories`).

References
----------
Madigan & York (1997), Biometrika 84:19, doi 10.1093/biomet/84.1.19. Dawid & Lauritzen (1993), Annals of Statistics
21:1272: the factorisation. Number of labelled chordal graphs: 1, 2, 8, 61, 822, 18,154, 617,675 (OEIS A058862).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

MOST_LISTS = 7
"""With 8 lists there are 30 million graphs."""


@dataclass(frozen=True, eq=False)
class Graphs:
    """All decomposable graphs of some lists.

    Parameters
    ----------
    pairs : tuple of (int, int)
        Pairs of lists, by position.
    edges : ndarray of int, shape (G,)
        The pairs that depend, as bits: bit e is pair e. The last graph joins all lists (it is saturated).
    closed, rest : ndarray of uint8, shape (G, L)
        For every step of a perfect elimination order, the set {v} + R_v and the set R_v.
    """

    pairs: tuple[tuple[int, int], ...]
    edges: NDArray[np.int64]
    closed: NDArray[np.uint8]
    rest: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.edges)

    def without_saturated(self) -> Graphs:
        """Return all graphs but the one in which all lists may depend."""
        return Graphs(self.pairs, self.edges[:-1], self.closed[:-1], self.rest[:-1])

    @cached_property
    def factors(self) -> NDArray[np.int8]:
        """How often the probability of each set of lists is a factor, shape (G, 2^L); negative where divided by.

        0 for the empty set, whose probability is 1.
        """
        sets = 1 << self.closed.shape[1]
        factors = np.zeros((len(self), sets), dtype=np.int8)
        rows = np.arange(len(self))
        for step in range(self.closed.shape[1]):
            factors[rows, self.closed[:, step]] += 1
            factors[rows, self.rest[:, step]] -= 1
        factors[:, 0] = 0
        return factors


@cache
def decomposable_graphs(n_lists: int) -> Graphs:
    """Find all decomposable graphs, by taking vertices away from all graphs at once.

    Parameters
    ----------
    n_lists : int
        L, from 1 to `MOST_LISTS`.
    """
    pairs = tuple(combinations(range(n_lists), 2))
    candidates = np.arange(1 << len(pairs), dtype=np.int64)
    neighbours = np.zeros((n_lists, len(candidates)), dtype=np.uint8)
    bits = [1 << (n_lists - 1 - position) for position in range(n_lists)]
    for edge, (i, j) in enumerate(pairs):
        joined = ((candidates >> edge) & 1).astype(np.uint8)
        neighbours[i] |= joined * np.uint8(bits[j])
        neighbours[j] |= joined * np.uint8(bits[i])
    left = np.full(len(candidates), (1 << n_lists) - 1, dtype=np.uint8)
    closed, rest = (np.zeros((len(candidates), n_lists), dtype=np.uint8) for _ in range(2))
    for step in range(n_lists):
        waiting = np.ones(len(candidates), dtype=bool)
        for v in range(n_lists):
            leaving = np.flatnonzero(waiting & ((left & bits[v]) != 0) & _simplicial(neighbours, left, v, bits))
            around = neighbours[v, leaving] & left[leaving]
            closed[leaving, step], rest[leaving, step] = around | bits[v], around
            left[leaving] &= np.uint8(~bits[v] & 0xFF)
            waiting[leaving] = False
        going_on = ~waiting
        candidates, left, closed, rest = candidates[going_on], left[going_on], closed[going_on], rest[going_on]
        neighbours = neighbours[:, going_on]
    return Graphs(pairs, candidates, closed, rest)


def _simplicial(neighbours: NDArray[np.uint8], left: NDArray[np.uint8], v: int, bits: list[int]) -> NDArray[np.bool_]:
    """Return in which graphs all remaining neighbours of a vertex are neighbours of each other."""
    around = neighbours[v] & left
    joined = np.ones(len(left), dtype=bool)
    for u, bit in enumerate(bits):
        others = around & np.uint8(~bit & 0xFF)
        joined &= ((around & bit) == 0) | ((others & ~neighbours[u]) == 0)
    return joined
