"""Whether the data fix an estimate at all, for a log-linear model with given pairs of lists, or larger terms.

The maximum-likelihood estimate of a log-linear model exists only if the zeros of the table lie nowhere in particular:
if no direction in the space of parameters makes some empty cells ever smaller while it leaves the cells with people in
them alone. Everything is computed in integers, so that a verdict is a proof, and such a direction is shown: whoever
doubts the verdict can check it by hand. Sources: Fienberg & Rinaldo 2012, "Maximum likelihood estimation in log-linear
models", Annals of Statistics 40:996; Chan, Silverman & Vincent 2021, "Multiple systems estimation for sparse capture
data: inferential challenges when there are nonoverlapping lists", JASA 116:1297.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from estimator.capture.elimination import Vector, kernel, separating_vector
from estimator.capture.histories import UNSEEN, membership
from estimator.capture.observations import BoolArray, IntArray
from estimator.capture.table import CaptureTable

Pair = tuple[int, int]
Term = tuple[int, ...]
"""Two lists or more that depend on each other, by position."""


class Total(StrEnum):
    """What the likelihood says about the number of unseen people under one model."""

    FINITE = "finite"
    NO_UPPER_LIMIT = "no upper limit"
    NO_LOWER_LIMIT = "no lower limit"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class Existence:
    """The verdict for one model.

    Parameters
    ----------
    pairs : tuple of tuple of int
        Pairs of lists, or more, whose dependence the model estimates; the lists' main effects are always in it.
    exists : bool
        Whether a maximum-likelihood estimate with positive fitted numbers exists.
    total : Total
        Whether the number of unseen people has a finite, unique estimate (it may have one although some dependence
        runs off to infinity); if not, in which direction the likelihood never falls.
    vanishing : tuple of int
        Empty histories whose fitted number runs to zero when no estimate exists.
    direction : tuple of int
        When no estimate exists, the proof: along this direction of the parameters (constant, lists, pairs in the order
        of `pairs`) the fitted numbers of all histories stay as they are, but for `vanishing`, which become ever
        smaller, so that the likelihood never falls. Empty when an estimate exists.
    identified : bool
        Whether no two values of the parameters give the same fitted numbers.
    """

    pairs: tuple[Term, ...]
    exists: bool
    total: Total
    vanishing: tuple[int, ...]
    direction: tuple[int, ...]
    identified: bool = True


def design_matrix(n_lists: int, pairs: Iterable[Term]) -> IntArray:
    """Return the design matrix of a log-linear model.

    Parameters
    ----------
    pairs : iterable of tuple of int
        Pairs of lists in the model, or more lists together.

    Returns
    -------
    ndarray of int64, shape (2^L, 1 + L + n_pairs)
        Row h: 1, membership of each list, product of the memberships of each pair. Row 0, the unseen, is 1, 0, ..., 0,
        so that the constant is the logarithm of the expected number of unseen people.
    """
    on = membership(n_lists).astype(np.int64)
    columns = [np.ones(len(on), np.int64), *on.T, *(on[:, term].prod(axis=1) for term in map(list, pairs))]
    return np.stack(columns, axis=1)


def existence(n_lists: int, pairs: Iterable[Term], positive: BoolArray, observed: BoolArray) -> Existence:
    """Return whether the maximum-likelihood estimate of a log-linear model exists.

    It depends only on which cells are empty, not on how many people are in the others.

    Parameters
    ----------
    n_lists : int
        Number of lists L.
    pairs : iterable of tuple of int
        Pairs of lists in the model, or more lists together.
    positive : ndarray of bool, shape (2^L,)
        Histories with at least one person.
    observed : ndarray of bool, shape (2^L,)
        Histories whose number is known; the others, and structural zeros, are no part of the table.

    Notes
    -----
    Let A be the rows of the design matrix of the observed histories, P those with people, Z the empty ones. No estimate
    exists when some g has ``A_P g = 0``, ``A_Z g <= 0`` and ``A_Z g != 0``. Such g lie in the kernel of A_P, which has
    few dimensions: there, linear inequalities are solved, moving as many of the rows Z as can be moved. With F the
    rows that stay, the total is finite and unique when every c with ``A_F c = 0`` has ``c_0 = 0``.
    """
    terms = tuple(pairs)
    design = design_matrix(n_lists, terms)
    table = observed.copy()
    table[UNSEEN] = False
    full, empty = design[_by_length(table & positive)], np.flatnonzero(table & ~positive)
    basis = np.array(kernel(full, design.shape[1]), dtype=object).reshape(-1, design.shape[1])
    rows = (design[empty] @ basis.T).tolist()
    combination, moved = _widest(rows, len(basis))
    direction = tuple((-np.array(combination, dtype=object) @ basis).tolist()) if any(moved) else ()
    constant = basis[:, 0].tolist()
    staying = [row for row, moves in zip(rows, moved, strict=True) if not moves]
    vanishing = tuple(int(history) for history, moves in zip(empty, moved, strict=True) if moves)
    identified = not kernel(rows, len(basis))
    return Existence(terms, not vanishing, _total(rows, staying, constant), vanishing, direction, identified)


def _by_length(chosen: BoolArray) -> IntArray:
    """Return the chosen histories, those on few lists first: they are the most telling rows of a design matrix."""
    histories = np.flatnonzero(chosen)
    n_lists = int(np.log2(len(chosen)))
    return histories[np.argsort(membership(n_lists)[histories].sum(axis=1), kind="stable")]


def _widest(rows: list[Vector], n_unknowns: int) -> tuple[Vector, list[bool]]:
    """Return u with ``row·u >= 0`` for all rows, and > 0 for as many as possible; and for which.

    Parameters
    ----------
    rows : list of list of int
        Each of length `n_unknowns`.

    Returns
    -------
    u : list of int
        All zero when no row can be positive.
    """
    direction = [0] * n_unknowns
    moved = [False] * len(rows)
    while True:
        staying = _distinct(row for row, moves in zip(rows, moved, strict=True) if not moves)
        step = separating_vector(staying, [-sum(row[index] for row in staying) for index in range(n_unknowns)])
        if step is None:
            return direction, moved
        steps = [(_dot(row, direction), _dot(row, step)) for row in rows]
        stretch = 1 + max((-(new // old) for old, new in steps if old > 0), default=0)
        direction = [max(stretch, 1) * old + new for old, new in zip(direction, step, strict=True)]
        moved = [_dot(row, direction) > 0 for row in rows]


def _distinct(rows: Iterable[Vector]) -> list[Vector]:
    """Return the different rows that are not zero."""
    return [list(row) for row in dict.fromkeys(tuple(row) for row in rows) if any(row)]


def _dot(first: Vector, second: Vector) -> int:
    """Return the inner product."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def _total(rows: list[Vector], staying: list[Vector], constant: Vector) -> Total:
    """Return what the likelihood says about the unseen.

    Parameters
    ----------
    rows, staying : list of list of int
        Empty histories, and those among them that no direction moves, in terms of the kernel of the others.
    constant : list of int
        The constant of each vector of that kernel.
    """
    if not any(_dot(free, constant) for free in kernel(staying, len(constant))):
        return Total.FINITE
    grows = separating_vector(_distinct(rows), constant) is not None
    shrinks = separating_vector(_distinct(rows), [-number for number in constant]) is not None
    if grows and shrinks:
        return Total.UNDETERMINED
    return Total.NO_UPPER_LIMIT if grows else Total.NO_LOWER_LIMIT


def pooled_support(table: CaptureTable) -> tuple[BoolArray, BoolArray]:
    """Return which histories have people in them, and which are observed, in all strata together.

    Histories are taken as written down, without lists that did not operate.

    Parameters
    ----------
    table : CaptureTable
        L lists.

    Returns
    -------
    positive : ndarray of bool, shape (2^L,)
        At least one person certainly has this history.
    observed : ndarray of bool, shape (2^L,)
        It is certain whether anybody has it, and it is not impossible everywhere.
    """
    observations = table.observations
    recorded = table.recorded.reshape(-1)
    history = recorded[observations.cell]
    first = history[observations.start[:-1]]
    alike = np.ones(len(observations), bool)
    alike[observations.owner[history != first[observations.owner]]] = False
    positive = np.zeros(table.n_histories, bool)
    positive[first[alike & (observations.lower > 0)]] = True
    doubtful = np.zeros(table.n_histories, bool)
    doubtful[history[(observations.upper > 0)[observations.owner]]] = True
    blank = table.possible & ~table.covered & (table.recorded == np.arange(table.n_histories))
    doubtful |= blank.any(axis=0)
    possible = np.zeros(table.n_histories, bool)
    possible[recorded[table.possible.reshape(-1)]] = True
    observed = positive | (possible & ~doubtful)
    observed[UNSEEN] = False
    return positive, observed
