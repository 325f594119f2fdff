"""Capture histories: which of the lists saw a person.

With L lists there are 2^L histories. A history is kept as an integer whose bits are the lists, list 0 being the most
significant bit, so that history 0 is "on no list": the people whom no register has seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

UNSEEN = 0
"""Index of the history "on no list"."""

UNSEEN_LABEL = "none"
"""Readable name of the history "on no list"."""

ANY_LABEL = "any"
"""Name of the column, in a wide table, with the people on any list whatever."""

JOINER = "&"
"""What stands between the lists in the readable name of a history: ``P&K``."""


@cache
def membership(n_lists: int) -> NDArray[np.bool_]:
    """Return which lists each history is on.

    Parameters
    ----------
    n_lists : int
        Number of lists L, at least 1.

    Returns
    -------
    ndarray of bool, shape (2^L, L)
        ``membership(L)[h, l]`` is True when history `h` is on list `l`. Read-only.
    """
    indices = np.arange(2**n_lists, dtype=np.int64)
    on: NDArray[np.bool_] = (indices[:, None] & list_bits(n_lists)) != 0
    on.setflags(write=False)
    return on


@cache
def list_bits(n_lists: int) -> NDArray[np.int64]:
    """Return the value of each list's bit in the index of a history.

    Parameters
    ----------
    n_lists : int
        Number of lists L, at least 1.

    Returns
    -------
    ndarray of int64, shape (L,)
        ``2^(L-1), ..., 2, 1``: the history "only on list l" has index ``list_bits(L)[l]``. Read-only.
    """
    bits = np.int64(1) << np.arange(n_lists - 1, -1, -1, dtype=np.int64)
    bits.setflags(write=False)
    return bits


@cache
def pair_index(n_lists: int) -> NDArray[np.int64]:
    """Return the pairs of lists, in the order in which every other room counts them.

    Parameters
    ----------
    n_lists : int
        Number of lists L, at least 1.

    Returns
    -------
    ndarray of int64, shape (L(L-1)/2, 2)
        Rows ``(0, 1), (0, 2), ..., (L-2, L-1)``. Read-only.
    """
    first, second = np.triu_indices(n_lists, k=1)
    pairs = np.stack([first, second], axis=1).astype(np.int64)
    pairs.setflags(write=False)
    return pairs


def lists_of(history: int, n_lists: int) -> list[int]:
    """Return the places of the lists that a history is on, in declared order."""
    return [at for at in range(n_lists) if history >> (n_lists - 1 - at) & 1]


def history_labels(lists: Sequence[str]) -> list[str]:
    """Return the readable name of every history.

    Parameters
    ----------
    lists : sequence of str
        Names of the L lists in declared order.

    Returns
    -------
    list of str, length 2^L
        ``"none"``, then names joined in declared order by ``&``: for lists K and P ``["none", "P", "K", "K&P"]``.
    """
    rows = membership(len(lists))[1:]
    named = [JOINER.join(name for name, on in zip(lists, row, strict=True) if on) for row in rows.tolist()]
    return [UNSEEN_LABEL, *named]


def history_of(lists: Sequence[str], on: Iterable[str]) -> int:
    """Return the index of the history that is on exactly the named lists.

    Parameters
    ----------
    lists : sequence of str
        Names of all lists in declared order.
    on : iterable of str
        The lists that saw the person; in any order, each a member of `lists`.

    Returns
    -------
    int
        Between 0 and 2^L - 1.
    """
    bits = list_bits(len(lists))
    return int(sum({int(bits[list(lists).index(name)]) for name in on}))
