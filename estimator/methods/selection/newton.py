"""Poisson log-linear models fitted by Newton's method, tens of thousands a second, as machine code.

A model is a set of terms, each of them a set of lists, closed under taking lists away; sets of lists are integers with
the bits of histories. With b_t the effect of a term t, history h has the expected number

    m_h  =  exp(sum of b_t over the terms t within h),    h = 1 ... 2^L - 1,

and exp(b_0) is the expected dark figure. Because every column of the design is 0 or 1, both halves of a Newton step are
sums over supersets: with S_t the sum of m_h over the h that contain t, the gradient is n_t - S_t (n_t the observed
margin), and the information has the entries S_{t or u}. S of all sets takes L 2^(L-1) additions, so that a step costs
little more than the Cholesky decomposition.

A term whose margin is 0 has the estimate minus infinity: it is left out with all histories that contain it, and an
estimate exists when one with positive m_h exists for the rest (Chan, Silverman & Vincent 2021, JASA 116:1297). A fit
that has converged to positive m_h proves that (Fienberg & Rinaldo 2012, Annals of Statistics 40:996, theorem 3.2); one
that runs to zero somewhere does not converge.

References
----------
Silverman, Chan & Vincent (2024), Statistics and Computing 34:44, doi 10.1007/s11222-023-10346-9.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXISTS, VANISHES, NOT_IDENTIFIED = 0, 1, 2
"""What became of a fit: an estimate; none, because fitted numbers run to zero; not one but many."""

_STEPS = 60
_CONVERGED = 1e-12  # squared length of a Newton step in its own metric: the dark figure is right to 1e-6 of its error
_SMALLEST = 1e-7  # expected people of a history below which they are taken as running to zero
_SINGULAR = 1e-11  # share of a diagonal entry that Cholesky must leave

_MOST_HALVINGS = 12


@numba.njit(nogil=True, error_model="numpy")
def _sum_within(values: Floats) -> None:
    """Replace each value by the sum over all subsets of its set."""
    bit = 1
    while bit < values.shape[0]:
        for h in range(values.shape[0]):
            if h & bit:
                values[h] += values[h ^ bit]
        bit <<= 1


@numba.njit(nogil=True, error_model="numpy")
def sum_around(values: Floats) -> None:
    """Replace each value by the sum over all supersets of its set."""
    bit = 1
    while bit < values.shape[0]:
        for h in range(values.shape[0]):
            if not h & bit:
                values[h] += values[h | bit]
        bit <<= 1


@numba.njit(nogil=True, error_model="numpy")
def newton_step(around: Floats, gradient: Floats, terms: Ints, p: int, root: Floats) -> float:
    """Turn a gradient into the Newton step; return its squared length, or -1 where the information is singular.

    Parameters
    ----------
    around : ndarray, shape (2^L,)
        Sums of weights over supersets.
    gradient : ndarray, shape (p,)
        Overwritten by the step.
    root : ndarray, shape (2^L, 2^L)
        Room for the Cholesky factor.
    """
    for i in range(p):
        whole = around[terms[i]]
        for j in range(i + 1):
            left = around[terms[i] | terms[j]]
            for k in range(j):
                left -= root[i, k] * root[j, k]
            if j < i:
                root[i, j] = left / root[j, j]
            elif left > _SINGULAR * whole:
                root[i, i] = math.sqrt(left)
            else:
                return -1.0
    length = 0.0
    for i in range(p):
        for k in range(i):
            gradient[i] -= root[i, k] * gradient[k]
        gradient[i] /= root[i, i]
        length += gradient[i] * gradient[i]
    for i in range(p - 1, -1, -1):
        for k in range(i + 1, p):
            gradient[i] -= root[k, i] * gradient[k]
        gradient[i] /= root[i, i]
    return length


@numba.njit(nogil=True, error_model="numpy")
def _expected(terms: Ints, p: int, effects: Floats, kept: Ints, expected: Floats) -> float:
    """Write the expected number of every kept history; return their sum."""
    for h in range(expected.shape[0]):
        expected[h] = 0.0
    for i in range(p):
        expected[terms[i]] = effects[i]
    _sum_within(expected)
    total = 0.0
    for h in range(expected.shape[0]):
        expected[h] = math.exp(expected[h]) if kept[h] else 0.0
        total += expected[h]
    return total


@numba.njit(nogil=True, error_model="numpy")
def _drop_empty(margins: Floats, all_terms: Ints, n_terms: int, terms: Ints, kept: Ints) -> int:
    """Write the terms that somebody has, and which histories hold none of the others; return how many terms."""
    for h in range(kept.shape[0]):
        kept[h] = 1 if h else 0
    p = 0
    for i in range(n_terms):
        if margins[all_terms[i]] > 0:
            terms[p] = all_terms[i]
            p += 1
        else:
            for h in range(kept.shape[0]):
                if h & all_terms[i] == all_terms[i]:
                    kept[h] = 0
    return p


@numba.njit(nogil=True, error_model="numpy")
def _first_effects(counts: Floats, kept: Ints, terms: Ints, p: int, root: Floats, effects: Floats) -> bool:
    """Write the effects of weighted least squares to log numbers, a tenth of a person added to each; tell if they are.

    There are none where two values of the effects would give the same numbers.
    """
    around, pulled = np.zeros(counts.shape[0]), np.zeros(counts.shape[0])
    for h in range(counts.shape[0]):
        if kept[h]:
            around[h] = counts[h] + 0.1
            pulled[h] = around[h] * math.log(around[h])
    sum_around(around)
    sum_around(pulled)
    for i in range(p):
        effects[i] = pulled[terms[i]]
    return bool(newton_step(around, effects, terms, p, root) >= 0)


@numba.njit(nogil=True, error_model="numpy")
def _shortened(
    margins: Floats, terms: Ints, p: int, effects: Floats, step: Floats, kept: Ints, value: float, expected: Floats
) -> float:
    """Take a step, or a part of it that does not lower the likelihood; return the log-likelihood there.

    Parameters
    ----------
    effects : ndarray, shape (p,)
        Moved.
    expected : ndarray, shape (2^L,)
        Becomes the expected numbers.
    """
    tried, share, better = np.empty(p), 1.0, value
    for _ in range(_MOST_HALVINGS):
        for i in range(p):
            tried[i] = effects[i] + share * step[i]
        better = -_expected(terms, p, tried, kept, expected)
        for i in range(p):
            better += margins[terms[i]] * tried[i]
        # near the end the likelihood is flat to the last digit
        if better >= value - 1e-9 * (1.0 + math.fabs(value)):
            break
        share *= 0.5
    for i in range(p):
        effects[i] = tried[i]
    return better


@numba.njit(nogil=True, error_model="numpy")
def _smallest(expected: Floats, kept: Ints) -> float:
    least = math.inf
    for h in range(expected.shape[0]):
        if kept[h]:
            least = min(least, expected[h])
    return least


@numba.njit(nogil=True, error_model="numpy")
def fit(
    counts: Floats, margins: Floats, all_terms: Ints, n_terms: int, around: Floats, root: Floats, answer: Floats
) -> int:
    """Fit one model to one table.

    Parameters
    ----------
    counts, margins : ndarray, shape (2^L,)
        People by history, that of the unseen 0, and their sums over supersets.
    all_terms : ndarray of int, shape (n_terms,) or longer
        Of the model, the empty one first.
    around : ndarray, shape (2^L,)
        Becomes the expected people who are on all lists of a set, and perhaps on others.
    root : ndarray, shape (2^L, 2^L)
        Room to work in.
    answer : ndarray, shape (2,)
        Becomes the log-likelihood, but for the factorials, and the log of the expected dark figure.

    Returns
    -------
    int
        `EXISTS`, `VANISHES` or `NOT_IDENTIFIED`.
    """
    size = counts.shape[0]
    terms, kept = np.empty(n_terms, np.int64), np.empty(size, np.int64)
    p = _drop_empty(margins, all_terms, n_terms, terms, kept)
    effects, step, expected = np.empty(p), np.zeros(p), np.empty(size)
    if not _first_effects(counts, kept, terms, p, root, effects):
        return NOT_IDENTIFIED
    value, length = -math.inf, math.inf
    for _ in range(_STEPS):
        value = _shortened(margins, terms, p, effects, step, kept, value, expected)
        if _smallest(expected, kept) < _SMALLEST:
            return VANISHES
        for h in range(size):
            around[h] = expected[h]
        sum_around(around)
        if length < _CONVERGED:
            answer[0], answer[1] = value, effects[0]
            return EXISTS
        for i in range(p):
            step[i] = margins[terms[i]] - around[terms[i]]
        length = newton_step(around, step, terms, p, root)
        if length < 0:
            return VANISHES
    return VANISHES
