"""Overlaps missing from a table of inclusive counts: the limits that the given counts put on them.

Sizes of lists, overlaps and the number of people on any list are sums of counts per combination, none of which is
below zero. Where only one set of whole numbers has these sums, the table is as good as complete; where there are
several, which of them it is nothing says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.capture.histories import list_bits
from estimator.capture.observations import BoolArray, IntArray

MOST_LISTS = 7
"""With more lists open overlaps are not looked into: there are more than 127 combinations."""

_LONGEST = 10.0
"""Seconds for one bound; without an answer by then it is 0, or the largest number of the table."""

_OUT_OF_TIME = 1
"""Status of SciPy's `milp`."""


def only(counts: IntArray) -> IntArray:
    """Return the people on exactly the lists of each history, of those on at least these; shape (2^L,)."""
    alone = counts.copy()
    for bit in list_bits(int(np.log2(len(counts)))).tolist():
        without = np.flatnonzero((np.arange(len(counts)) & bit) == 0)
        alone[without] -= alone[without | bit]
    alone[0] = 0
    return alone


@dataclass(frozen=True, eq=False)
class Bounds:
    """Between which numbers the people on at least some lists lie.

    Parameters
    ----------
    lower, upper : ndarray of int64, shape (2^L,)
        By history; both included.
    """

    lower: IntArray
    upper: IntArray

    @property
    def open(self) -> list[int]:
        """The histories of which the number is not settled, those with fewest lists first."""
        return sorted(np.flatnonzero(self.lower < self.upper).tolist(), key=lambda h: (h.bit_count(), -h))


def may_have_people(counts: IntArray, given: BoolArray, possible: BoolArray) -> list[int]:
    """Return the histories that the table does not give, without those that a given empty overlap rules out.

    Parameters
    ----------
    counts, given, possible
        As `overlap_bounds` takes them.

    Returns
    -------
    list of int
        Those with fewest lists first.
    """
    histories = np.arange(len(counts))
    empty = np.flatnonzero(given & (counts == 0) & (histories > 0))
    inside = ((histories[:, None] & empty[None, :]) == empty[None, :]).any(axis=1)
    open_histories = np.flatnonzero(~given & possible & ~inside & (histories > 0)).tolist()
    return sorted(open_histories, key=lambda h: (h.bit_count(), -h))


def overlap_bounds(counts: IntArray, given: BoolArray, possible: BoolArray) -> Bounds | None:
    """Return between which numbers all overlaps lie.

    Parameters
    ----------
    counts : ndarray of int64, shape (2^L,)
        People on at least the lists of each history; that of history 0 is the number of people on any list.
    given : ndarray of bool, shape (2^L,)
        Which of these the table gives.
    possible : ndarray of bool, shape (2^L,)
        False for combinations of lists on which nobody can be.

    Returns
    -------
    Bounds or None
        None where no whole numbers of people have all that is given.
    """
    histories = np.arange(len(counts))
    contains = (histories[None, :] & histories[:, None]) == histories[:, None]
    contains[:, 0] = False  # nobody whom no list saw
    empty = given & (counts == 0)
    cells = np.flatnonzero(possible & ~(contains[empty].any(axis=0)) & (histories > 0))
    sums = contains[:, cells].astype(np.float64)
    lower, upper = counts.copy(), counts.copy()
    for history in np.flatnonzero(~given).tolist():
        ends = [_extreme(sums, counts, given, history, sign) for sign in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return None
        lower[history], upper[history] = ends[0], ends[1]
    bounds = Bounds(lower, upper)
    return bounds if bounds.open or _fits(lower, possible) else None


def _fits(counts: IntArray, possible: BoolArray) -> bool:
    """Return whether settled overlaps are those of some numbers per combination: exact, in whole numbers."""
    alone = only(counts)
    return bool((alone >= 0).all() and not alone[~possible].any() and counts[0] == alone.sum())


def _extreme(
    sums: np.ndarray[tuple[int, int], np.dtype[np.float64]], counts: IntArray, given: BoolArray, history: int, sign: int
) -> int | None:
    """Return the smallest (`sign` 1) or largest (-1) number of people on at least the lists of one history."""
    from scipy.optimize import LinearConstraint, milp

    if not sums.shape[1]:
        return None if counts[given].any() else 0
    fixed = LinearConstraint(sums[given], counts[given], counts[given])
    options = {"time_limit": _LONGEST, "mip_rel_gap": 0.0}
    solution = milp(sign * sums[history], constraints=fixed, integrality=np.ones(sums.shape[1]), options=options)
    if solution.status == _OUT_OF_TIME:
        return 0 if sign > 0 else int(counts[given].max())
    return None if solution.x is None else round(sign * solution.fun)
