"""Inclusive overlaps: counts of the people on some lists, whatever other lists they are on.

Venn diagrams are often published so, and offices that give no records deliver sizes and overlaps by pair. With
``m(h)`` the people on at least the lists of history h, those on exactly these are
``n(h) = Σ (-1)^(|g| - |h|) m(g)`` over all histories g that contain h: inclusion and exclusion, by Möbius inversion
over the subsets. Overlaps that are not given are worked out of the number of people on any list, where they follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from estimator.capture.declaration import Declaration
from estimator.capture.histories import ANY_LABEL, UNSEEN, history_labels, list_bits, membership
from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.open_overlaps import MOST_LISTS, may_have_people, only, overlap_bounds
from estimator.capture.rows import UNKNOWN, Rows, one_after_the_other, with_histories
from estimator.errors import Fault


def exclusive(rows: Rows, declaration: Declaration) -> tuple[Rows, list[Fault]]:
    """Return rows with the people on exactly their lists, of rows with those on at least their lists.

    Parameters
    ----------
    rows : Rows
        Of inclusive counts; those of one stratum belong together. A row whose lists are all blank has the people on
        any list.

    Returns
    -------
    (Rows, list of Fault)
        A fault for each row whose count is not exact or not complete, for each that would have fewer than no
        people on exactly its lists, and for the first stratum that leaves an overlap open.
    """
    faults = [rows.fault(row, _NOT_EXACT) for row in np.flatnonzero(_inexact(rows)).tolist()]
    if faults:
        return rows, faults
    pairs_alone = not (rows.on.sum(axis=1) > 2).any()
    parts = []
    for stratum in _strata(rows):
        part, found, is_open = _of_stratum(rows.take(stratum.tolist()), declaration, pairs_alone)
        parts.append(part)
        faults += found
        if is_open:
            break  # the same would be said of the other strata
    return (rows, faults) if faults or not parts else (one_after_the_other(parts), [])


def _of_stratum(rows: Rows, declaration: Declaration, pairs_alone: bool) -> tuple[Rows, list[Fault], bool]:
    """Return the rows of one stratum with people on exactly their lists, faults, and whether an overlap is open."""
    everybody = (rows.on == UNKNOWN).all(axis=1)
    whole = np.flatnonzero(everybody).tolist()
    if len(whole) > 1:
        return rows, [rows.fault(whole[1], _TWICE)], False
    lists = rows.take(np.flatnonzero(~everybody).tolist())
    history = lists.on @ list_bits(rows.on.shape[1])
    seen = history > UNSEEN
    counts = np.zeros(2 ** rows.on.shape[1], np.int64)
    counts[history[seen]] = lists.lower[seen]
    added: list[int] = []
    if whole or pairs_alone:
        counts[UNSEEN] = rows.lower[whole[0]] if whole else 0
        given = membership(rows.on.shape[1]).sum(axis=1) < 3  # pairs that are left out are zeros
        given[history[seen]], given[UNSEEN] = True, bool(whole)
        counts, message, is_open = _settled(counts, given, _possible(rows, declaration), declaration.lists)
        if message:
            return rows, [rows.fault(whole[0] if whole else _first_pair(rows), message)], is_open
        added = [h for h in np.flatnonzero(~given).tolist() if h != UNSEEN]
    alone = only(counts)
    places = dict(zip(history.tolist(), range(len(lists)), strict=True))
    faults = list(_negative(lists, places, counts, alone, declaration.lists))
    lower, upper = lists.lower.copy(), lists.upper.copy()
    lower[seen] = upper[seen] = alone[history[seen]]
    found = replace(lists, lower=lower, upper=upper)
    return with_histories(found, [h for h in added if alone[h] or declaration.rounding], alone), faults, False


def _first_pair(rows: Rows) -> int:
    """Return the row of the first pair of lists of which somebody is on both."""
    return int(np.flatnonzero((rows.on.sum(axis=1) == 2) & (rows.lower > 0))[0])


def _possible(rows: Rows, declaration: Declaration) -> BoolArray:
    """Return on which combinations of lists there can be people in the stratum of the rows, shape (2^L,)."""
    levels = {
        covariate.name: covariate.levels[code] if code != UNKNOWN else ""
        for covariate, code in zip(declaration.covariates, rows.level[0].tolist(), strict=True)
    }
    possible = np.ones(2 ** rows.on.shape[1], bool)
    on = membership(rows.on.shape[1])
    for zero in declaration.structural_zeros:
        if all(levels[name] in kept for name, kept in zero.where.items()):
            possible &= ~on[:, [declaration.lists.index(name) for name in zero.lists]].all(axis=1)
    return possible


def _settled(
    counts: IntArray, given: BoolArray, possible: BoolArray, lists: Sequence[str]
) -> tuple[IntArray, str, bool]:
    """Return all overlaps of a stratum, with a text where they contradict each other, and True where one is open."""
    whole, labels = bool(given[UNSEEN]), history_labels(lists)
    unknown = may_have_people(counts, given, possible)
    if not unknown:
        union = int(only(counts).sum())
        fits = not whole or union == counts[UNSEEN]
        return counts, "" if fits else _NOT_THE_UNION.format(ANY_LABEL, counts[UNSEEN], union), False
    between = ""
    if len(lists) <= MOST_LISTS:
        bounds = overlap_bounds(counts, given, possible)
        if bounds is None:
            return counts, _NO_SUCH_PEOPLE, False
        unknown = [history for history in bounds.open if history != UNSEEN]
        if not unknown:
            return bounds.lower, "", False
        between = f": {bounds.lower[unknown[0]]:,} to {bounds.upper[unknown[0]]:,} would all fit"
    first = labels[unknown[0]]
    if whole:
        asked = ", ".join(f"'{labels[h]}'" for h in unknown[:-1][:_NAMED]) + (" …" if len(unknown) > _NAMED + 1 else "")
        return counts, _WHOLE_LEAVES_OPEN.format(ANY_LABEL, first, between, asked), True
    remedy = (_ASK_FOR_ONE if len(unknown) == 1 else _ASK_FOR_SEVERAL).format(ANY_LABEL)
    return counts, _PAIRS_ALONE.format(first, between, remedy), True


_NAMED = 6
"""So many overlaps are named that an office should be asked for."""

_TWICE = "The people on any list stand here a second time for the same levels. Keep one of the two numbers."
_NOT_THE_UNION = (
    "'{0}' has {1:,} people on any list, and by the sizes and overlaps of the lists they are {2:,}. Correct the counts."
)
_NO_SUCH_PEOPLE = (
    "Inclusive overlaps do not fit: no numbers of people per combination of lists have these sizes, overlaps and "
    'total. Correct the counts, or take overlaps = "inclusive" out of the study if they are counts per combination.'
)
_PAIRS_ALONE = (
    "The table has the sizes of lists and overlaps by pair, and none of three lists. People on '{0}' are in three of "
    "these overlaps, and how many they are it does not say{1}. {2} Write 0 where there is nobody. Or declare them in "
    "'structural_zeros' if there can be nobody, or keep the two lists whose overlap is known."
)
_ASK_FOR_ONE = "Ask for that number, or for the number of people on any list (a column '{0}'): either gives the other."
_ASK_FOR_SEVERAL = (
    "Ask for the overlaps of three lists and more; with the number of people on any list (a column '{0}') the last of "
    "them follows."
)
_WHOLE_LEAVES_OPEN = (
    "Sizes of lists, the overlaps that are given and '{0}' leave open how many people are on '{1}'{2}. Ask for {3}, "
    "from which the rest follows, and write 0 where there is nobody."
)


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


def _inexact(rows: Rows) -> BoolArray:
    """Return the rows that say too little for inclusion and exclusion, shape (R,); people on no list do not matter."""
    seen = (rows.on != 0).any(axis=1)
    blank = (rows.on == UNKNOWN).any(axis=1) & (rows.on != UNKNOWN).any(axis=1)
    return np.asarray(seen & (~rows.known | (rows.lower < rows.upper) | blank))


def _strata(rows: Rows) -> Iterator[IntArray]:
    """Yield the positions of the rows of each stratum."""
    if not len(rows):
        return
    _, group = np.unique(rows.level, axis=0, return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group.reshape(-1)[order])) + 1)


def _negative(
    rows: Rows, row_of: dict[int, int], counts: IntArray, alone: IntArray, lists: Sequence[str]
) -> Iterator[Fault]:
    """Yield a fault for each history with fewer than no people on exactly its lists, at its row or at one above it."""
    labels = history_labels(lists)
    on = membership(len(lists))
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
