"""Inclusive overlaps: counts of the people on some lists, whatever other lists they are on.

Venn diagrams are often published so. With ``m(h)`` the people on at least the lists of history h, those on exactly
these are ``n(h) = Σ (-1)^(|g| - |h|) m(g)`` over all histories g that contain h: inclusion and exclusion, by Möbius
inversion over the subsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from estimator.capture.declaration import Declaration
from estimator.capture.histories import JOINER, history_labels, list_bits, membership
from estimator.capture.observations import IntArray
from estimator.capture.rows import UNKNOWN, Rows
from estimator.errors import Fault


def exclusive(rows: Rows, declaration: Declaration) -> tuple[Rows, list[Fault]]:
    """Return rows with the people on exactly their lists, of rows with those on at least their lists.

    Parameters
    ----------
    rows : Rows
        Of inclusive counts; those of one stratum belong together.

    Returns
    -------
    (Rows, list of Fault)
        A fault for each row whose count is not exact or not complete, and for each that would have fewer than no
        people on exactly its lists.
    """
    faults = [rows.fault(row, _NOT_EXACT) for row in np.flatnonzero(_inexact(rows)).tolist()]
    faults = faults or list(_pairs_alone(rows, declaration))
    if faults:
        return rows, faults
    lower = rows.lower.copy()
    for stratum in _strata(rows):
        history = rows.on[stratum] @ list_bits(rows.on.shape[1])
        seen = history > 0
        counts = np.zeros(2 ** rows.on.shape[1], np.int64)
        counts[history[seen]] = rows.lower[stratum[seen]]
        alone = only(counts)
        faults += _negative(
            rows, dict(zip(history.tolist(), stratum.tolist(), strict=True)), counts, alone, declaration
        )
        lower[stratum[seen]] = alone[history[seen]]
    return (rows, faults) if faults else (replace(rows, lower=lower, upper=lower), [])


def _pairs_alone(rows: Rows, declaration: Declaration) -> Iterator[Fault]:
    """Yield a fault where a table has overlaps of pairs only, and some three lists overlap in every pair.

    Whoever is on all three is then in all three overlaps, and how many they are nothing says: they are no zeros that
    were left out.
    """
    if (rows.on.sum(axis=1) > 2).any():
        return
    for stratum in _strata(rows):
        levels = {
            covariate.name: covariate.levels[code] if code != UNKNOWN else ""
            for covariate, code in zip(declaration.covariates, rows.level[stratum[0]].tolist(), strict=True)
        }
        excluded = [
            set(zero.lists)
            for zero in declaration.structural_zeros
            if all(levels[name] in kept for name, kept in zero.where.items())
        ]
        pairs = {
            frozenset(np.flatnonzero(rows.on[row]).tolist()): row
            for row in stratum.tolist()
            if rows.on[row].sum() == 2 and rows.lower[row] > 0
        }
        for three in combinations(range(len(declaration.lists)), 3):
            names = [declaration.lists[index] for index in three]
            inside = [frozenset(pair) for pair in combinations(three, 2)]
            if all(pair in pairs for pair in inside) and not any(zero <= set(names) for zero in excluded):
                yield rows.fault(pairs[inside[0]], _PAIRS_ALONE.format(JOINER.join(names)))
                return


_PAIRS_ALONE = (
    "The table has the sizes of lists and overlaps by pair, and none of three lists. People on '{0}' are in three of "
    "these overlaps, and how many they are it does not say: counts per combination cannot be had from pairs alone. Add "
    "the overlaps of three lists and more (write 0 where there is nobody), declare them in 'structural_zeros' if there "
    "can be nobody, or keep the two lists whose overlap is known."
)


def only(counts: IntArray) -> IntArray:
    """Return the people on exactly the lists of each history, of those on at least these; shape (2^L,)."""
    alone = counts.copy()
    n_lists = int(np.log2(len(counts)))
    for bit in list_bits(n_lists).tolist():
        without = np.flatnonzero((np.arange(len(counts)) & bit) == 0)
        alone[without] -= alone[without | bit]
    alone[0] = 0
    return alone


def may_be_inclusive(rows: Rows) -> bool:
    """Return whether counts could just as well be inclusive: exact, somebody on two lists, and nowhere too few people.

    A table of exclusive counts as a rule could be, because fewer people are on more lists.
    """
    if _inexact(rows).any() or not ((rows.on.sum(axis=1) > 1) & (rows.lower > 0)).any():
        return False
    for stratum in _strata(rows):
        counts = np.zeros(2 ** rows.on.shape[1], np.int64)
        counts[rows.on[stratum] @ list_bits(rows.on.shape[1])] = rows.lower[stratum]
        if (only(counts) < 0).any():
            return False
    return True


_NOT_EXACT = (
    "Inclusive overlaps can be turned into counts per combination only when every count is exact and no list is blank. "
    "Give the exact number, 0 where a list did not run, or publish counts per combination instead."
)


def _inexact(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the rows that say too little for inclusion and exclusion, shape (R,); people on no list do not matter."""
    seen = (rows.on != 0).any(axis=1)
    return np.asarray(seen & (~rows.known | (rows.lower < rows.upper) | (rows.on < 0).any(axis=1)))


def _strata(rows: Rows) -> Iterator[IntArray]:
    """Yield the positions of the rows of each stratum."""
    if not len(rows):
        return
    _, group = np.unique(rows.level, axis=0, return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group.reshape(-1)[order])) + 1)


def _negative(
    rows: Rows, row_of: dict[int, int], counts: IntArray, alone: IntArray, declaration: Declaration
) -> Iterator[Fault]:
    """Yield a fault for each history with fewer than no people on exactly its lists, at its row or at one above it."""
    labels = history_labels(declaration.lists)
    on = membership(len(declaration.lists))
    for history in np.flatnonzero(alone < 0).tolist():
        above = [g for g in row_of if g != history and g & history == history and counts[g] > 0]
        row = row_of.get(history, row_of[max(above, key=lambda g: (counts[g], -int(on[g].sum())))])
        there = f"has {counts[history]:,}" if history in row_of else "is not in the table"
        message = (
            f"Inclusive overlaps do not fit: '{labels[history]}' {there}, and the people on other lists too are "
            f"{counts[history] - alone[history]:,}, so that {alone[history]:,} would be left. Correct the counts, "
            'or take overlaps = "inclusive" out of the study if they are counts per combination.'
        )
        yield rows.fault(row, message)
