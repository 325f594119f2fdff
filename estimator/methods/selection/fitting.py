"""Models fitted to tables, on several cores: how likely each makes a table, and how many people it says are unseen."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.existence import Total, existence
from estimator.capture.histories import membership
from estimator.methods.selection.machine import WAYS, machine_code
from estimator.methods.selection.newton import EXISTS
from estimator.methods.selection.spaces import ModelSpace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BIC, AIC = "bic", "aic"
"""Criteria: log n for each term (n people registered, as in Rcapture and MultipleSystemsEstimation), or 2."""


@dataclass(frozen=True, eq=False)
class Fits:
    """What models say of tables.

    Parameters
    ----------
    deviance : ndarray, shape (R, M)
        Minus twice the log-likelihood, but for the factorials; infinite where no estimate exists.
    unseen : ndarray, shape (R, M)
        Expected people on no list; no number where no estimate exists.
    """

    deviance: Floats
    unseen: Floats

    def criterion(self, sizes: Ints, penalty: Floats) -> Floats:
        """Return the criterion of every model, the lower the better, shape (R, M).

        Parameters
        ----------
        sizes : ndarray of int, shape (M,)
            Terms of each model, those with the estimate minus infinity included.
        penalty : ndarray, shape (R,)
            Of a term.
        """
        return self.deviance + penalty[:, None] * sizes


def penalties(counts: Floats, criterion: str) -> Floats:
    """Return what a term costs in each table, shape (R,)."""
    people = counts[:, 1:].sum(axis=1)
    return np.log(np.maximum(people, 1.0)) if criterion == BIC else np.full(len(counts), 2.0)


def fit_models(space: ModelSpace, counts: Floats, cores: int = 1) -> Fits:
    """Fit every model to every table.

    Parameters
    ----------
    counts : ndarray, shape (R, 2^L)
        People by history, those of the unseen 0.
    """
    shape = (len(counts), len(space))
    value, log_unseen, status = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.int64)
    if len(counts) >= cores:
        parts = _parts(len(counts), cores)
        _at_once([partial(_fit, space, counts[part], value[part], log_unseen[part], status[part]) for part in parts])
    else:
        _at_once(
            [partial(_fit_part, space, part, counts, value, log_unseen, status) for part in _parts(shape[1], cores)]
        )
    there = status == EXISTS
    with np.errstate(over="ignore"):
        unseen = np.where(there, np.exp(np.where(there, log_unseen, 0.0)), np.nan)
    return Fits(np.where(there, -2.0 * value, np.inf), unseen)


def _fit_part(space: ModelSpace, part: slice, counts: Floats, value: Floats, log_unseen: Floats, status: Ints) -> None:
    """Fit some of the models."""
    starts = space.starts[part.start : part.stop + 1]
    some = ModelSpace(space.n_lists, starts - starts[0], space.terms[starts[0] : starts[-1]])
    shape = (len(counts), len(some))
    parts = (np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.int64))
    _fit(some, counts, *parts)
    for whole, own in zip((value, log_unseen, status), parts, strict=True):
        whole[:, part] = own


def _fit(space: ModelSpace, counts: Floats, value: Floats, log_unseen: Floats, status: Ints) -> None:
    machine_code().fit_each.ctypes(
        len(counts),
        len(space),
        counts.shape[1],
        *map(_address, (np.ascontiguousarray(counts), space.starts, space.terms, value, log_unseen, status)),
    )


@dataclass(frozen=True, eq=False)
class Found:
    """The model at which a search ended, in each of many tables.

    Parameters
    ----------
    deviance, unseen : ndarray, shape (R,)
        As in `Fits`, of that model.
    member : ndarray of bool, shape (R, 2^L)
        Its terms.
    """

    deviance: Floats
    unseen: Floats
    member: Bools


def search(counts: Floats, *, way: str, level: float, largest: int, criterion: str, cores: int = 1) -> Found:
    """Search for a model in each of many tables.

    Parameters
    ----------
    level : float
        For stepwise: below which probability a pair of lists enters.
    largest : int
        Lists of the largest terms, for downhill.
    """
    member = np.zeros(counts.shape, dtype=np.int64)
    answer, status = np.empty((len(counts), 2)), np.empty(len(counts), dtype=np.int64)
    cost = np.full(len(counts), level) if way == "stepwise" else penalties(counts, criterion)

    def one_by_one(part: slice) -> None:
        for row in range(part.start, part.stop):
            machine_code().search_each.ctypes(
                1,
                counts.shape[1],
                WAYS.index(way),
                cost[row],
                largest,
                *map(_address, (np.ascontiguousarray(counts[row]), answer[row], member[row], status[row : row + 1])),
            )

    _at_once([partial(one_by_one, part) for part in _parts(len(counts), cores)])
    there = status == EXISTS
    unseen = np.where(there, np.exp(np.where(there, answer[:, 1], 0.0)), np.nan)
    return Found(np.where(there, -2.0 * answer[:, 0], np.inf), unseen, member.astype(bool))


def _parts(n: int, cores: int) -> list[slice]:
    """Return slices of 0..n, one or more for each core."""
    limits = np.unique(np.linspace(0, n, max(1, min(n, cores)) + 1).astype(int)).tolist()
    return [slice(first, after) for first, after in zip(limits, limits[1:], strict=False)]


def _at_once(tasks: Sequence[Callable[[], None]]) -> None:
    """Do what machine code does outside Python, side by side; the answers do not depend on how many there are."""
    machine_code()
    if len(tasks) == 1:
        tasks[0]()
        return
    with ThreadPoolExecutor(len(tasks)) as threads:
        for done in [threads.submit(task) for task in tasks]:
            done.result()


def _address(array: NDArray[Any]) -> Any:
    kind = ctypes.c_double if array.dtype == np.float64 else ctypes.c_int64
    return array.ctypes.data_as(ctypes.POINTER(kind))


def estimate_exists(model: Sequence[int], counts: Floats | Ints) -> bool:
    """Tell whether an estimate of a model exists and is the only one: exactly, in integers.

    Terms whose margin is 0 have the estimate minus infinity and are left out, with the histories that contain them.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
    """
    histories = np.arange(len(counts))
    n_lists = len(counts).bit_length() - 1
    around = [int(counts[(histories & term) == term].sum()) for term in model]
    empty = [term for term, people in zip(model, around, strict=True) if not people]
    observed = np.ones(len(counts), dtype=bool)
    for term in empty:
        observed[(histories & term) == term] = False
    on = membership(n_lists)
    running = [place for place in range(n_lists) if 1 << (n_lists - 1 - place) not in empty]
    terms = [
        tuple(running.index(place) for place in np.flatnonzero(on[term]).tolist())
        for term, people in zip(model, around, strict=True)
        if people and term & (term - 1)
    ]
    # an empty list leaves its column without a person; the rest is a table of the others
    bits = sum(1 << (n_lists - 1 - place) for place in running)
    within = np.flatnonzero((histories & ~bits) == 0)
    verdict = existence(len(running), terms, counts[within] > 0, observed[within])
    return verdict.exists and verdict.total is Total.FINITE and verdict.identified
