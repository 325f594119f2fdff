"""One tempered chain as machine code: states of smaller and smaller tables, which change places, and leaps at the last.

Rung t of the ladder is the posterior of a table of which only a part of the people has been counted; the last is the
whole table. Each rung is drawn by Gibbs and Metropolis steps; neighbours then propose to exchange their states, odd and
even pairs in turn (Syed and others 2022, Journal of the Royal Statistical Society B 84:321).
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.latent_class import leaps as leaps_module
from estimator.methods.latent_class import mixture, randomness
from estimator.methods.latent_class.leaps import leap
from estimator.methods.latent_class.mixture import change_places, class_row, gibbs, move_classes
from estimator.methods.latent_class.randomness import State, log_gamma, poisson, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOVES = 12
"""Proposals to change a single class, at each rung in each iteration."""

LEAPS = 40
"""Leaps of each kind at the whole table in each iteration, once there are mixtures to leap by."""

_MORE_AT_LAST = 5  # times as many moves of single classes at the whole table: what they cost is little there


@numba.njit(nogil=True, error_model="numpy")
def _rows_of(weight: Floats, logit: Floats, start: Ints, member: Ints, rows: Floats) -> None:
    top = weight.max()
    for k in range(len(weight)):
        weight[k] -= top  # weights are known up to a factor: none may under- or overflow
        class_row(weight[k], logit[k], start, member, rows[k])


@numba.njit(nogil=True, error_model="numpy")
def _exchange(first: int, slot: Ints, tables: Floats, log_cells: Floats, accepted: Floats, state: State) -> None:
    """Propose to every second pair of neighbours, from the first on, to exchange their states."""
    for t in range(first, len(tables) - 1, 2):
        gain = 0.0
        for c in range(tables.shape[1]):
            gain += (tables[t + 1, c] - tables[t, c]) * (log_cells[slot[t], c] - log_cells[slot[t + 1], c])
        accepted[t] += math.exp(min(gain, 0.0))
        if math.log(uniform(state)) < gain:
            slot[t], slot[t + 1] = slot[t + 1], slot[t]


@numba.njit(nogil=True, error_model="numpy")
def iterate(
    iterations: int,
    prior: Floats,
    moves: int,
    leaps: int,
    few: int,
    many: int,
    tempered: int,
    weights: Floats,
    logits: Floats,
    log_alpha: Floats,
    slot: Ints,
    tables: Floats,
    start: Ints,
    member: Ints,
    few_share: Floats,
    few_middle: Floats,
    few_root: Floats,
    many_share: Floats,
    many_middle: Floats,
    many_root: Floats,
    state: State,
    accepted: Floats,
    log_odds: Floats,
    unseen: Floats,
    kept_weight: Floats,
    kept_logit: Floats,
) -> None:
    """Move all rungs on, and write down the states of the last.

    Parameters
    ----------
    prior : ndarray, shape (2,)
        a and b of the prior of alpha.
    few, many : int
        How many classes leap (r) in leaps of the first and of the second kind; 0 for no leaps.
    tempered : int
        All rungs move and neighbours exchange states once in this number of iterations; else the last moves alone.
    weights, logits, log_alpha : ndarray, shapes (T, K), (T, K, L) and (T,)
        States; that of rung t is ``slot[t]``.
    tables : ndarray, shape (T, C)
        People by cell, rung by rung.
    accepted : ndarray, shape (T,)
        Out: the sum of the probabilities with which neighbours exchange, and last, how many leaps were accepted.
    log_odds, unseen : ndarray, shape (iterations,)
        Out: log of p_0 / (1 - p_0), and the dark figure.
    kept_weight, kept_logit : ndarray, shapes (iterations, K) and (iterations, K, L)
        Out.
    """
    n_rungs, n_classes, n_lists = logits.shape
    n_cells, a, b = tables.shape[1], prior[0], prior[1]
    rows, row = np.empty((n_classes, n_cells + 2)), np.empty(n_cells + 2)
    proposed, sizes, on_list = np.empty(n_lists), np.empty(n_classes), np.empty((n_classes, n_lists))
    log_cells = np.empty((n_rungs, n_cells))
    for turn in range(iterations):
        all_rungs = turn % tempered == 0
        for t in range(0 if all_rungs else n_rungs - 1, n_rungs):
            s, count = slot[t], tables[t]
            weight, logit, log_cell = weights[s], logits[s], log_cells[s]
            _rows_of(weight, logit, start, member, rows)
            log_alpha[s] = gibbs(weight, logit, rows, start, member, count, a, b, log_alpha[s], sizes, on_list, state)
            _rows_of(weight, logit, start, member, rows)
            change_places(weight, logit, rows, a, b, state)
            at_last = t == n_rungs - 1
            times = _MORE_AT_LAST * moves if at_last else moves
            move_classes(weight, logit, rows, start, member, count, a, b, times, log_cell, proposed, row, state)
            if at_last and few > 0:
                accepted[t] += leap(
                    weight, logit, rows, start, member, count, a, b, leaps, few, few_share, few_middle, few_root,
                    log_cell, state,
                )  # fmt: skip
            if at_last and many > 0:
                accepted[t] += leap(
                    weight, logit, rows, start, member, count, a, b, leaps, many, many_share, many_middle, many_root,
                    log_cell, state,
                )  # fmt: skip
        last = slot[n_rungs - 1]
        odds = rows[:, n_cells + 1].sum() / rows[:, n_cells].sum()
        log_odds[turn] = math.log(odds)
        unseen[turn] = poisson(state, math.exp(log_gamma(state, tables[n_rungs - 1].sum())) * odds)
        kept_weight[turn], kept_logit[turn] = weights[last], logits[last]
        if all_rungs:
            _exchange(turn // tempered % 2, slot, tables, log_cells, accepted, state)


SIZES = (
    "rungs", "classes", "lists", "cells", "iterations", "moves", "leaps", "members", "few", "many", "tempered",
    "few_parts", "many_parts", "few_coordinates", "many_coordinates",
)  # fmt: skip
"""What `run_chain` is told of sizes, in this order."""

_REALS, _WHOLES, _WORDS = types.CPointer(types.float64), types.CPointer(types.int64), types.CPointer(types.uint64)
_ARRAYS = (
    ("prior", "f"), ("weights", "f"), ("logits", "f"), ("log_alpha", "f"), ("slot", "i"), ("tables", "f"),
    ("start", "i"), ("member", "i"), ("few_share", "f"), ("few_middle", "f"), ("few_root", "f"), ("many_share", "f"),
    ("many_middle", "f"), ("many_root", "f"), ("state", "u"),
    ("accepted", "f"), ("log_odds", "f"), ("unseen", "f"), ("kept_weight", "f"), ("kept_logit", "f"),
)  # fmt: skip
_KINDS = {"f": _REALS, "i": _WHOLES, "u": _WORDS}
_SIGNATURE = types.void(_WHOLES, *(_KINDS[kind] for _, kind in _ARRAYS))


@cache
def machine_code() -> Any:
    """Compile the chain, or load it from what an earlier run kept.

    Returns
    -------
    callable
        Takes an address of sizes and one of each array of `_ARRAYS`; runs outside Python, so that threads run chains
        side by side.
    """
    version = digest_of(randomness, mixture, leaps_module)

    def run(  # type: ignore[no-untyped-def]  # noqa: ANN202
        sizes_, prior_, weights_, logits_, log_alpha_, slot_, tables_, start_, member_, few_share_, few_middle_,  # noqa: ANN001
        few_root_, many_share_, many_middle_, many_root_, state_, accepted_, log_odds_, unseen_, kept_weight_,  # noqa: ANN001
        kept_logit_,  # noqa: ANN001
    ):  # fmt: skip
        made_with = version  # noqa: F841
        size = numba.carray(sizes_, (len(SIZES),))
        rungs, classes, lists, cells, n, moves, leaps = size[0], size[1], size[2], size[3], size[4], size[5], size[6]
        members, few, many, tempered, parts, more_parts = size[7], size[8], size[9], size[10], size[11], size[12]
        d, more_d = size[13], size[14]
        iterate(
            n, numba.carray(prior_, (2,)), moves, leaps, few, many, tempered,
            numba.carray(weights_, (rungs, classes)), numba.carray(logits_, (rungs, classes, lists)),
            numba.carray(log_alpha_, (rungs,)), numba.carray(slot_, (rungs,)), numba.carray(tables_, (rungs, cells)),
            numba.carray(start_, (cells + 1,)), numba.carray(member_, (members,)),
            numba.carray(few_share_, (parts,)), numba.carray(few_middle_, (parts, d)),
            numba.carray(few_root_, (parts, d, d)), numba.carray(many_share_, (more_parts,)),
            numba.carray(many_middle_, (more_parts, more_d)), numba.carray(many_root_, (more_parts, more_d, more_d)),
            numba.carray(state_, (4,)), numba.carray(accepted_, (rungs,)), numba.carray(log_odds_, (n,)),
            numba.carray(unseen_, (n,)), numba.carray(kept_weight_, (n, classes)),
            numba.carray(kept_logit_, (n, classes, lists)),
        )  # fmt: skip

    return compiled(_SIGNATURE, run).ctypes


def run_chain(sizes: Mapping[str, int], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Run `iterate` outside Python.

    Parameters
    ----------
    sizes : mapping of str to int
        All of `SIZES`.
    arrays : mapping of str to ndarray
        C-contiguous.
    """
    numbers = np.array([sizes[name] for name in SIZES], dtype=np.int64)
    types_of: dict[str, tuple[Any, Any]] = {
        "f": (np.float64, ctypes.c_double),
        "i": (np.int64, ctypes.c_int64),
        "u": (np.uint64, ctypes.c_uint64),
    }
    pointers = [numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_int64))]
    for name, kind in _ARRAYS:
        array, (dtype, ctype) = arrays[name], types_of[kind]
        if array.dtype != dtype or not array.flags.c_contiguous:
            raise ValueError(f"array '{name}' is not C-contiguous {dtype.__name__}")
        pointers.append(array.ctypes.data_as(ctypes.POINTER(ctype)))
    machine_code()(*pointers)
