"""Rows of totals: those with a blank that count the same people as other rows of the table.

A row with a blank is read as other people, of whom something is unknown. In the tables of offices it may be a total
instead. A study says which (``blanks`` in ``[table_format]``); where it says nothing, a table whose blanks fit totals
better than chance allows is refused.

A total adds what the rows do not say: where one of its parts is suppressed, that part follows. Where several are, only
their sum does, which is no number of separate people: the parts then keep their own bounds, which hold without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from estimator.capture.declaration import Declaration
from estimator.capture.observations import UNBOUNDED, BoolArray
from estimator.capture.rows import UNKNOWN, Rows
from estimator.errors import Fault
from estimator.reasons import Reason

_BY_CHANCE = 1 / 1000
"""Rows are totals where all fit as such, and chance does that less often whatever the share of people unknown."""


@dataclass(frozen=True)
class Total:
    """A row with blanks, and the rows whose people it counts if it is a total.

    Parameters
    ----------
    parts : list of int
        Complete rows.
    blank : tuple of int
        Columns that are blank: lists first, then covariates.
    spare : int
        The most people in combinations of which there is no row: none, unless zeros were rounded too.
    """

    row: int
    parts: list[int]
    blank: tuple[int, ...]
    spare: int


def totals_of(rows: Rows, declaration: Declaration) -> list[Total]:
    """Return every row with a blank as the total that it may be, those with the same blanks together.

    A blank list stands for both on it and not on it, unless overlaps are inclusive.
    """
    n_lists = len(declaration.lists)
    values = np.hstack([rows.on, rows.level])
    blank = values == UNKNOWN
    if declaration.overlaps == "inclusive":
        blank[:, :n_lists] = False
    ways = np.array([2] * n_lists + [len(covariate.levels) for covariate in declaration.covariates])
    most_of_zero = 0 if declaration.rounding is None else declaration.rounding.of(0).upper or 0
    complete = np.flatnonzero(~blank.any(axis=1))
    totals = []
    for pattern in np.unique(blank[blank.any(axis=1)], axis=0):
        keys = np.ascontiguousarray(values[:, ~pattern])
        parts: dict[bytes, list[int]] = {}
        for row in complete.tolist():
            parts.setdefault(keys[row].tobytes(), []).append(row)
        those = np.flatnonzero((blank == pattern).all(axis=1)).tolist()
        columns = tuple(np.flatnonzero(pattern).tolist())
        for row in those:
            own = parts.get(keys[row].tobytes(), [])
            totals.append(Total(row, own, columns, max(int(ways[pattern].prod()) - len(own), 0) * most_of_zero))
    return totals


def unsaid_totals(rows: Rows, declaration: Declaration) -> Iterator[Fault]:
    """Yield a fault where rows with the same blanks all fit as totals, and the study does not say what they are.

    People of whom something is unknown come on top of the others, and so would be counted twice.
    """
    if declaration.blanks is not None:
        return
    of_blank: dict[tuple[int, ...], list[Total]] = {}
    for total in totals_of(rows, declaration):
        of_blank.setdefault(total.blank, []).append(total)
    for blank, totals in of_blank.items():
        numbers = [total for total in totals if rows.known[total.row]]
        if all(_fits(rows, total) for total in numbers) and _chance(rows, numbers) <= _BY_CHANCE:
            names = [*declaration.lists, *(covariate.name for covariate in declaration.covariates)]
            named = " and ".join(f"'{names[at]}'" for at in blank)
            verb, its = ("is", "its") if len(blank) == 1 else ("are", "their")
            yield rows.fault(numbers[0].row, _UNSAID.format(named, verb, its))


_UNSAID = (
    "{0} {1} blank here, and the count is that of the rows of all {2} levels together, as in every such row of the "
    "table. These rows look like totals, and would be read as other people of unknown level, on top of those. Delete "
    'them, or delete the rows of the levels. Or say in [table_format] what they are: blanks = "totals", of which '
    'suppressed counts are worked out; blanks = "unknown", if they are other people after all.'
)


def _sum(rows: Rows, total: Total) -> tuple[int, int]:
    """Return between which numbers the people of the parts of a total lie; blank counts may be anything."""
    known = rows.known[total.parts]
    lower = int(np.where(known, rows.lower[total.parts], 0).sum())
    upper = np.where(known, rows.upper[total.parts], UNBOUNDED)
    return lower, UNBOUNDED if (upper == UNBOUNDED).any() else int(upper.sum()) + total.spare


def _fits(rows: Rows, total: Total) -> bool:
    """Return whether a row may be the total of its parts."""
    lower, upper = _sum(rows, total)
    return bool(lower <= rows.upper[total.row] and rows.lower[total.row] <= upper)


def _chance(rows: Rows, totals: list[Total]) -> float:
    """Return how likely all fit by chance at most: each number of Poisson people has probability 1 / √(2πn) or less."""
    chance = 1.0
    for total in totals:
        most = rows.upper[total.row]
        lower, upper = _sum(rows, total)
        if most > 0 and UNBOUNDED not in (most, upper):
            width = float(upper - lower + most - rows.lower[total.row])
            chance *= min(1.0, (width + 1) / np.sqrt(2 * np.pi * most))
    return chance


def without_totals(rows: Rows, declaration: Declaration) -> tuple[Rows, list[Fault], tuple[Reason, ...]]:
    """Return the rows of a table whose blanks mean totals: without the totals, and with the counts that they settle.

    Returns
    -------
    (Rows, list of Fault, tuple of Reason)
        A fault for each total that its parts cannot have; how many counts were settled, and how many totals say more
        than is used.
    """
    all_totals = totals_of(rows, declaration)
    totals = [total for total in all_totals if rows.known[total.row]]
    settled, open_ones = _settled(rows, totals)
    faults = [settled.fault(total.row, _said(settled, total)) for total in totals if not _fits(settled, total)]
    blank = {total.row for total in all_totals}
    kept = settled.take([row for row in range(len(rows)) if row not in blank])
    worked_out = int((_is_open(rows) & ~_is_open(settled)).sum())
    reason = Reason("blanks-are-totals", totals=len(totals), settled=worked_out, unused=len(open_ones))
    return kept, faults, (reason,)


def _is_open(rows: Rows) -> BoolArray:
    """Return the rows whose count is not exactly known, shape (R,)."""
    return np.asarray(~rows.known | (rows.lower < rows.upper))


def _settled(rows: Rows, totals: list[Total]) -> tuple[Rows, list[Total]]:
    """Return rows with each count filled in that is the only open part of an exact total, and the totals left open."""
    lower, upper, known = rows.lower.copy(), rows.upper.copy(), rows.known.copy()
    settled = replace(rows, lower=lower, upper=upper, known=known)
    waiting = [total for total in totals if rows.lower[total.row] == rows.upper[total.row] and not total.spare]
    while True:
        left = []
        for total in waiting:
            unknown = [part for part in total.parts if not known[part] or lower[part] < upper[part]]
            if len(unknown) != 1:
                left += [total] if unknown else []
                continue
            rest = int(rows.lower[total.row]) - sum(int(lower[part]) for part in total.parts if part != unknown[0])
            at = unknown[0]
            if not known[at] or lower[at] <= rest <= upper[at]:
                lower[at] = upper[at] = max(rest, 0)
                known[at] = True
        if len(left) == len(waiting):
            return settled, left
        waiting = left


def _said(rows: Rows, total: Total) -> str:
    """Return what to say of a total that its parts cannot have."""
    lower, upper = _sum(rows, total)
    if not total.parts:
        return _NO_PARTS
    most = "any number" if upper == UNBOUNDED else f"{upper:,}"
    between = f"{lower:,}" if lower == upper else f"{lower:,} to {most}"
    return _NO_SUCH_TOTAL.format(between, len(total.parts))


_NO_PARTS = (
    'The study says that rows with a blank are totals (blanks = "totals" in [table_format]), and there are no rows of '
    "which this one is the total. Delete it, or add the rows of the levels; or take 'blanks' out of the study if these "
    "are people of whom something is unknown."
)
_NO_SUCH_TOTAL = (
    'The study says that rows with a blank are totals (blanks = "totals" in [table_format]); the rows of which this '
    "one is the total have {0} people together ({1} rows). Correct the count that is wrong; a combination of lists "
    "without a row counts as nobody."
)
