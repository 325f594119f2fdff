"""Holding out a list: the people on it as a population of known size, seen or missed by the other lists.

The people on list l are a population whose size is known. Conditional on being on l, the other lists make a capture
table of their own, and its dark figure, the people whom only l saw, is known too. An estimate of it from the other
lists can therefore be held against the truth, in every table of three or more lists. (People whom no list could ever
see are in no such population.)

References
----------
Binette & Steorts (2022), Journal of the Royal Statistical Society A 185:640, doi 10.1111/rssa.12803, section 4:
internal consistency of multiple systems estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from estimator.capture.histories import list_bits
from estimator.capture.observations import BoolArray, IntArray, remap, take
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.reasons import Reason

MIN_PEOPLE = 30
"""People on a list below which it is not held out: their number says too little of how good an estimate is."""


class NotHeldOutError(InputError):
    """A list cannot be held out; the reason says why."""

    def __init__(self, list_name: str, reason: Reason) -> None:
        super().__init__(Fault("", f"The list '{list_name}' cannot be held out ({reason.code})."))
        self.reason = reason


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The people on one list, as the other lists saw them.

    Parameters
    ----------
    list : str
        The list that is held out.
    table : CaptureTable
        Of its people, by the other lists that saw any of them; the same covariates and strata.
    unseen : int
        How many of its people no other list saw: the true dark figure of `table`, persons.
    """

    list: str
    table: CaptureTable
    unseen: int

    @property
    def size(self) -> int:
        """People on the list: the true population size."""
        return self.table.registered.lower + self.unseen


def hold_out(table: CaptureTable, list_name: str) -> HeldOut:
    """Return the people on one list as the other lists saw them.

    Returns
    -------
    HeldOut
        Lists that saw none of these people are left out of its table.

    Raises
    ------
    NotHeldOutError
        When the list cannot be held out: the truth is not exactly known, fewer than two other lists saw any of its
        people or none of them was seen twice, or it has fewer than `MIN_PEOPLE` people. Says which.
    """
    if list_name not in table.lists:
        raise InputError(Fault("", f"The table has no list '{list_name}'.{did_you_mean(list_name, table.lists)}"))
    held = table.lists.index(list_name)
    on_list, unseen_by_others = _sides(table, held)
    _refuse_unknown(table, held, on_list, unseen_by_others)
    truth = table.lower[unseen_by_others]
    conditional = _conditional(table, held, on_list & ~unseen_by_others)
    held_out = HeldOut(list_name, _without_empty_lists(conditional, list_name), int(truth.sum()))
    if held_out.size < MIN_PEOPLE:
        raise NotHeldOutError(list_name, Reason("too-few-people-to-hold-out", least=MIN_PEOPLE))
    return held_out


def held_out_lists(table: CaptureTable) -> tuple[list[HeldOut], dict[str, Reason]]:
    """Return every list of a table that can be held out, in their order, and for each other list why it cannot."""
    held: list[HeldOut] = []
    why_not: dict[str, Reason] = {}
    for name in table.lists:
        try:
            held.append(hold_out(table, name))
        except NotHeldOutError as error:
            why_not[name] = error.reason
    return held, why_not


def _sides(table: CaptureTable, held: int) -> tuple[BoolArray, BoolArray]:
    """Return which observed numbers count people on the list, and which of these count people on no other list.

    Both of shape (J,). A number whose people may be on either side says too little to hold the list out.
    """
    name = table.lists[held]
    if not table.running[:, held].all():
        raise NotHeldOutError(name, Reason("list-not-in-every-stratum"))
    bit = int(list_bits(table.n_lists)[held])
    recorded = table.recorded.reshape(-1)[table.cover_cell]
    on, off = _all_and_none(table, (recorded & bit) != 0)
    if not (on | off).all():
        raise NotHeldOutError(name, Reason("people-on-list-unknown"))
    alone, seen_too = _all_and_none(table, (recorded & ~bit) == 0)
    if not (off | alone | seen_too).all():
        raise NotHeldOutError(name, Reason("overlap-of-list-unknown"))
    return on, on & alone


def _refuse_unknown(table: CaptureTable, held: int, on_list: BoolArray, unseen_by_others: BoolArray) -> None:
    """Refuse a list whose size is not exactly known: counts within bounds, or combinations that nobody counted."""
    name, bit = table.lists[held], int(list_bits(table.n_lists)[held])
    histories = np.arange(table.n_histories)
    counted = np.zeros(table.n_strata * table.n_histories, bool)
    counted[table.cover_cell] = True
    uncounted = table.possible & ~counted.reshape(table.shape)
    inexact = table.lower != table.upper
    if uncounted[:, bit].any() or inexact[unseen_by_others].any():
        raise NotHeldOutError(name, Reason("people-of-list-alone-inexact"))
    if uncounted[:, (histories & bit) != 0].any() or inexact[on_list].any():
        raise NotHeldOutError(name, Reason("people-on-list-inexact"))


def _all_and_none(table: CaptureTable, of_pair: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return whether something is true of all, and of none, of the cells that each observed number covers."""
    if not len(table.lower):
        return np.zeros(0, bool), np.zeros(0, bool)
    true = np.add.reduceat(of_pair, table.cover_start[:-1], dtype=np.int64)
    return true == np.diff(table.cover_start), true == 0


def _conditional(table: CaptureTable, held: int, chosen: BoolArray) -> CaptureTable:
    """Return the table of the people on a list by the other lists, from the chosen observed numbers."""
    rest = [index for index in range(table.n_lists) if index != held]
    if len(rest) < 2:
        raise NotHeldOutError(table.lists[held], Reason("one-other-list-left"))
    n_histories = 2 ** len(rest)
    history = np.arange(n_histories, dtype=np.int64)[:, None]
    on_rest = (history & list_bits(len(rest))) != 0
    source = on_rest @ list_bits(table.n_lists)[rest] + list_bits(table.n_lists)[held]
    target: IntArray = np.zeros(table.shape, np.int64)
    target[:, source] = np.arange(table.n_strata)[:, None] * n_histories + np.arange(n_histories)
    kept = remap(take(table.observations, chosen), target.reshape(-1), table.n_strata * n_histories)
    return replace(
        table,
        lists=tuple(table.lists[index] for index in rest),
        possible=table.possible[:, source],
        running=table.running[:, rest],
        lower=kept.lower,
        upper=kept.upper,
        cover_start=kept.start,
        cover_cell=kept.cell,
        line=kept.line,
    )


def _without_empty_lists(table: CaptureTable, held: str) -> CaptureTable:
    """Return the table without lists that saw nobody; they cannot say anything of these people."""
    empty = [name for name, size in table.list_sizes().items() if size.upper == 0]
    if table.n_lists - len(empty) < 2:
        raise NotHeldOutError(held, Reason("too-few-other-lists"))
    for name in empty:
        table = table.drop(name)
    captured = table.captured()
    if captured.twice.upper + captured.more.upper == 0:
        raise NotHeldOutError(held, Reason("no-overlap-on-list"))
    return table
