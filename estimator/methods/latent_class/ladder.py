"""The people of one table, and the ladder of smaller tables over which chains are tempered."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import lists_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FEWEST_PEOPLE = 20  # on the first rung
_MOST_PEOPLE = 300
_RUNGS_PER_FACTOR = 4.0  # for each factor of e in people


@dataclass(frozen=True, eq=False)
class Cells:
    """The people of one table by history, histories of nobody left out.

    Parameters
    ----------
    count : ndarray, shape (C,)
        Persons, as float64.
    start, member : ndarray of int
        Lists of every cell; see `estimator.methods.latent_class.mixture`.
    """

    count: Floats
    start: Ints
    member: Ints
    n_lists: int

    @property
    def registered(self) -> float:
        """Persons."""
        return float(self.count.sum())


def cells_of(counts: Ints) -> Cells:
    """Return the cells of a table.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; history 0 is not looked at.
    """
    n_lists = len(counts).bit_length() - 1
    histories = 1 + np.flatnonzero(counts[1:])
    members = [lists_of(history, n_lists) for history in histories.tolist()]
    start = np.cumsum([0, *map(len, members)])
    return Cells(counts[histories].astype(np.float64), start, np.array(sum(members, []), dtype=np.int64), n_lists)


def tables_between(cells: Cells, shares: Floats) -> Floats:
    """Return tables of which a share of the people has been counted, each part of the next, shape (T, C).

    Every cell has its own place at which it is rounded up, so that small cells do not all come at once.
    """
    places = (0.5 + np.arange(len(cells.count)) * (math.sqrt(5.0) - 1.0) / 2.0) % 1.0
    tables = np.floor(np.outer(shares, cells.count) + places)
    tables[-1] = cells.count
    # a table without anybody says nothing, and the largest cell has somebody first
    tables[:, cells.count.argmax()] = np.maximum(tables[:, cells.count.argmax()], 1.0)
    return tables


def first_shares(registered: float) -> Floats:
    """Return the share of people that have been counted on each rung before it is known how far apart rungs may be."""
    least = min(max(_FEWEST_PEOPLE, registered / 20.0), _MOST_PEOPLE, registered)
    factor = math.log(registered / least)
    return np.exp(np.linspace(-factor, 0.0, 1 + math.ceil(_RUNGS_PER_FACTOR * factor)))


def spread_evenly(shares: Floats, exchanged: Floats) -> Floats:
    """Return shares between which neighbours exchange states equally often (Syed and others 2022, section 5).

    Parameters
    ----------
    exchanged : ndarray, shape (T - 1,)
        Mean probabilities of exchange so far.
    """
    barrier = np.concatenate([[0.0], np.cumsum(np.maximum(1.0 - exchanged, 1e-3))])
    return np.asarray(np.exp(np.interp(np.linspace(0.0, barrier[-1], len(shares)), barrier, np.log(shares))))
