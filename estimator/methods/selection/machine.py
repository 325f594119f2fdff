"""Walks from model to model, and many fits in one call, as machine code."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.selection import newton
from estimator.methods.selection.newton import EXISTS, fit, newton_step, sum_around

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WAYS = ("downhill", "stepwise", "forward")
"""Ways of a search; the machine code knows them by their places."""

_STEPWISE, _FORWARD = 1, 2

SIGNIFICANT = 0.05
"""Forward: a pair of lists enters when its effect is so improbable, or less, without it."""


@numba.njit(nogil=True, error_model="numpy")
def _bits(value: int) -> int:
    number = 0
    while value:
        number += value & 1
        value >>= 1
    return number


@numba.njit(nogil=True, error_model="numpy")
def _listed(member: Ints, terms: Ints) -> int:
    """Write the terms of a model one after another; return how many there are."""
    p = 0
    for t in range(member.shape[0]):
        if member[t]:
            terms[p] = t
            p += 1
    return p


@numba.njit(nogil=True, error_model="numpy")
def _may_join(member: Ints, term: int, most: int) -> bool:
    """Whether a term is missing whose parts are all there."""
    if member[term] or _bits(term) > most:
        return False
    bit = 1
    while bit < member.shape[0]:
        if term & bit and not member[term ^ bit]:
            return False
        bit <<= 1
    return True


@numba.njit(nogil=True, error_model="numpy")
def _may_leave(member: Ints, term: int) -> bool:
    """Whether a term of two lists or more is there and no larger one needs it."""
    if not member[term] or _bits(term) < 2:
        return False
    bit = 1
    while bit < member.shape[0]:
        if not term & bit and member[term | bit]:
            return False
        bit <<= 1
    return True


@numba.njit(nogil=True, error_model="numpy")
def _independent(member: Ints) -> None:
    """Make a model of the lists alone."""
    for t in range(member.shape[0]):
        member[t] = 1 if _bits(t) < 2 else 0


@numba.njit(nogil=True, error_model="numpy")
def walk_downhill(counts: Floats, margins: Floats, penalty: float, most: int, member: Ints, answer: Floats) -> int:
    """Change one term at a time, whichever lowers the criterion most, until none does.

    Parameters
    ----------
    penalty : float
        Of each term: log n for BIC, 2 for AIC.
    most : int
        Lists of the largest terms.
    member : ndarray of int, shape (2^L,)
        Becomes 1 for the terms of the model where the walk ends.

    Returns
    -------
    int
        As `fit`, of the first model; all others that are entered have an estimate.
    """
    size = counts.shape[0]
    around, root, found, terms = np.empty(size), np.empty((size, size)), np.empty(2), np.empty(size, np.int64)
    _independent(member)
    p = _listed(member, terms)
    status = fit(counts, margins, terms, p, around, root, answer)
    if status != EXISTS:
        return int(status)
    best = penalty * p - 2.0 * answer[0]
    while True:
        chosen = -1
        for t in range(size):
            if not (_may_join(member, t, most) or _may_leave(member, t)):
                continue
            member[t] ^= 1
            p = _listed(member, terms)
            if fit(counts, margins, terms, p, around, root, found) == EXISTS:
                value = penalty * p - 2.0 * found[0]
                if value < best:
                    best, chosen = value, t
                    answer[0], answer[1] = found[0], found[1]
            member[t] ^= 1
        if chosen < 0:
            return EXISTS
        member[chosen] ^= 1


@numba.njit(nogil=True, error_model="numpy")
def poisson_tail(observed: float, expected: float) -> float:
    """Return the probability of a Poisson number as far out as the observed one, on its side of the mean."""
    log_point = observed * math.log(expected) - expected - math.lgamma(observed + 1.0)
    point = math.exp(log_point)
    total, k = point, observed
    while True:
        if observed <= expected:
            if k <= 0:
                break
            point *= k / expected
            k -= 1
        else:
            k += 1
            point *= expected / k
        total += point
        if point < 1e-17 * total or total == 0.0:
            break
    return total


@numba.njit(nogil=True, error_model="numpy")
def step_forward(counts: Floats, margins: Floats, level: float, member: Ints, answer: Floats) -> int:
    """Add pairs of lists, each time the pair with the least probable overlap, until no probability is below a level.

    Parameters
    ----------
    level : float
        Of the Poisson probability of an overlap as far from what the model so far expects.
    member : ndarray of int, shape (2^L,)
        Becomes 1 for the terms of the model where it ends.

    Returns
    -------
    int
        As `walk_downhill`.
    """
    size = counts.shape[0]
    around, root, found, terms = np.empty(size), np.empty((size, size)), np.empty(2), np.empty(size, np.int64)
    probability = np.ones(size)
    _independent(member)
    p = _listed(member, terms)
    status = fit(counts, margins, terms, p, around, root, answer)
    if status != EXISTS:
        return int(status)
    while True:
        for t in range(size):
            probability[t] = 1.0
            if _bits(t) == 2 and not member[t]:
                expects = around[t]
                probability[t] = poisson_tail(margins[t], expects) if expects > 0 else 1.0
        while True:
            chosen = -1
            for t in range(size):
                if probability[t] < level and (chosen < 0 or probability[t] < probability[chosen]):
                    chosen = t
            if chosen < 0:
                return EXISTS
            member[chosen] = 1
            p = _listed(member, terms)
            if fit(counts, margins, terms, p, around, root, found) == EXISTS:
                answer[0], answer[1] = found[0], found[1]
                break
            # no estimate exists with it: the next best
            member[chosen] = 0
            probability[chosen] = 1.0


@numba.njit(nogil=True, error_model="numpy")
def _wald(margins: Floats, around: Floats, log_unseen: float, pair: int, member: Ints, root: Floats) -> float:
    """Return how probable an effect of a pair as many standard errors from zero is, on either side (Wald's test).

    Parameters
    ----------
    around : ndarray, shape (2^L,)
        As `fit` leaves it, of a model with the pair and no larger term. Becomes the expected people of each history.
    """
    size = around.shape[0]
    terms, unit, p = np.empty(size, np.int64), np.zeros(size), 0
    for t in range(size):
        if member[t] and margins[t] > 0:
            terms[p] = t
            unit[p] = 1.0 if t == pair else 0.0
            p += 1
    variance = newton_step(around, unit, terms, p, root)
    bit = 1
    while bit < size:
        for h in range(size):
            if not h & bit:
                around[h] -= around[h | bit]
        bit <<= 1
    first = pair & -pair
    effect = log_unseen + math.log(around[pair]) - math.log(around[first]) - math.log(around[pair ^ first])
    return math.erfc(math.fabs(effect) / math.sqrt(2.0 * variance))


@numba.njit(nogil=True, error_model="numpy")
def walk_forward(counts: Floats, margins: Floats, penalty: float, member: Ints, answer: Floats) -> int:
    """Add the pair of lists that lowers the criterion most, until no pair lowers it or its effect is not significant.

    Where it is a pair that nobody is on, it ends: such an effect has no standard error. None ever leaves.

    Parameters
    ----------
    penalty, member, answer
        As in `walk_downhill`.

    Returns
    -------
    int
        As `walk_downhill`.
    """
    size = counts.shape[0]
    around, root, found, terms = np.empty(size), np.empty((size, size)), np.empty(2), np.empty(size, np.int64)
    _independent(member)
    p = _listed(member, terms)
    status = fit(counts, margins, terms, p, around, root, answer)
    if status != EXISTS:
        return int(status)
    best = penalty * p - 2.0 * answer[0]
    while True:
        chosen = -1
        for t in range(size):
            if _bits(t) == 2 and not member[t]:
                member[t] = 1
                p = _listed(member, terms)
                if fit(counts, margins, terms, p, around, root, found) == EXISTS:
                    value = penalty * p - 2.0 * found[0]
                    if value < best:
                        best, chosen = value, t
                member[t] = 0
        if chosen < 0 or margins[chosen] == 0:
            return EXISTS
        member[chosen] = 1
        fit(counts, margins, terms, _listed(member, terms), around, root, found)
        if _wald(margins, around, found[1], chosen, member, root) > SIGNIFICANT:
            member[chosen] = 0
            return EXISTS
        answer[0], answer[1] = found[0], found[1]


class MachineCode(NamedTuple):
    """The compiled functions; each is called through its ``ctypes``, which lets other threads run."""

    fit_each: Any
    search_each: Any


_REALS, _INTEGERS = types.CPointer(types.double), types.CPointer(types.int64)
_FIT_EACH = types.void(types.int64, types.int64, types.int64, _REALS, _INTEGERS, _INTEGERS, _REALS, _REALS, _INTEGERS)
_SEARCH_EACH = types.void(
    types.int64, types.int64, types.int64, types.double, types.int64, _REALS, _REALS, _INTEGERS, _INTEGERS
)


@cache
def machine_code() -> MachineCode:
    """Compile the fits, or load them from the cache of an earlier run."""
    version = digest_of(newton)

    def fit_each(  # type: ignore[no-untyped-def]  # noqa: ANN202
        n_tables, n_models, size, counts_, starts_, terms_, value_, log_unseen_, status_,  # noqa: ANN001
    ):  # fmt: skip
        made_with = version  # noqa: F841
        counts, starts = numba.carray(counts_, (n_tables, size)), numba.carray(starts_, (n_models + 1,))
        terms = numba.carray(terms_, (starts[n_models],))
        value, log_unseen = numba.carray(value_, (n_tables, n_models)), numba.carray(log_unseen_, (n_tables, n_models))
        status = numba.carray(status_, (n_tables, n_models))
        margins, around, answer = np.empty(size), np.empty(size), np.empty(2)
        root = np.empty((size, size))
        for r in range(n_tables):
            for h in range(size):
                margins[h] = counts[r, h]
            sum_around(margins)
            for m in range(n_models):
                own = terms[starts[m] : starts[m + 1]]
                status[r, m] = fit(counts[r], margins, own, starts[m + 1] - starts[m], around, root, answer)
                value[r, m] = answer[0]
                log_unseen[r, m] = answer[1]

    def search_each(  # type: ignore[no-untyped-def]  # noqa: ANN202
        n_tables, size, way, level, most, counts_, found_, member_, status_,  # noqa: ANN001
    ):  # fmt: skip
        made_with = version  # noqa: F841
        counts, found = numba.carray(counts_, (n_tables, size)), numba.carray(found_, (n_tables, 2))
        member, status = numba.carray(member_, (n_tables, size)), numba.carray(status_, (n_tables,))
        margins = np.empty(size)
        for r in range(n_tables):
            for h in range(size):
                margins[h] = counts[r, h]
            sum_around(margins)
            if way == _STEPWISE:
                status[r] = step_forward(counts[r], margins, level, member[r], found[r])
            elif way == _FORWARD:
                status[r] = walk_forward(counts[r], margins, level, member[r], found[r])
            else:
                status[r] = walk_downhill(counts[r], margins, level, most, member[r], found[r])

    return MachineCode(compiled(_FIT_EACH, fit_each), compiled(_SEARCH_EACH, search_each))
