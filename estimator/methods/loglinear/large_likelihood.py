"""The likelihood of a large table, with its gradient: sums by margins, halves of histories and products of columns.

Loops over arrays, compiled by numba; `estimator.methods.loglinear.large` says why they give what those of
`estimator.methods.loglinear.likelihood` do.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.poisson_range import poisson_range

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(nogil=True, error_model="numpy")
def multiplied(values: Floats, levels: Floats, sizes: Ints, transposed: bool) -> Floats:
    """Return the product of a grid of values with a matrix for each covariate.

    Parameters
    ----------
    values : ndarray, shape (S,)
        In C order of the covariates.
    levels : ndarray
        The matrices one after the other.
    sizes : ndarray of int, shape (C,)
    transposed : bool
        Whether to multiply with the transposed matrices.
    """
    before, at, left = values, 0, 1
    for c in range(sizes.shape[0]):
        size = sizes[c]
        right = before.shape[0] // (left * size)
        after = np.zeros(before.shape[0])
        for one in range(left):
            for i in range(size):
                to = (one * size + i) * right
                for j in range(size):
                    factor = levels[at + j * size + i] if transposed else levels[at + i * size + j]
                    start = (one * size + j) * right
                    for r in range(right):
                        after[to + r] += factor * before[start + r]
        before = after
        at += size * size
        left *= size
    return before


@numba.njit(nogil=True, error_model="numpy")
def _fill_products(odds: Floats, first: int, last: int, out: Floats) -> None:
    """Fill in the product of the odds of the lists of every history of some lists, the last list varying fastest."""
    out[0] = 1.0
    filled = 1
    for i in range(last - 1, first - 1, -1):
        for h in range(filled):
            out[filled + h] = out[h] * odds[i]
        filled *= 2


@numba.njit(nogil=True, error_model="numpy")
def _subtract_margins(cells: Floats, first: int, last: int, by_list: Floats) -> None:
    """Take from each of some lists the sum of the cells with it; folds the cells."""
    half = cells.shape[0]
    for i in range(first, last):
        half //= 2
        total = 0.0
        for h in range(half, 2 * half):
            total += cells[h]
        by_list[i] -= total
        for h in range(half):
            cells[h] += cells[half + h]


@numba.njit(nogil=True, error_model="numpy")
def _joint_tables(joint: Floats, exposed: Floats, n_left: int) -> tuple[Floats, Floats]:
    """Return e^joint of the cells that count, by the left and the right half of a history, and it turned around."""
    n_patterns, n_histories = exposed.shape
    n_right = n_histories // n_left
    table = np.empty((n_patterns, n_left, n_right))
    turned = np.empty((n_patterns, n_right, n_left))
    for p in range(n_patterns):
        for i in range(n_left):
            for j in range(n_right):
                h = i * n_right + j
                table[p, i, j] = math.exp(joint[h]) if exposed[p, h] > 0.0 else 0.0
                turned[p, j, i] = table[p, i, j]
    return table, turned


@numba.njit(nogil=True, error_model="numpy")
def _multiply_halves(
    table: Floats, turned: Floats, left: Floats, right: Floats, of_left: Floats, of_right: Floats, sums: Floats
) -> None:
    """Fill in the expected numbers of one stratum by half histories, and add ``n0 a b'`` to `sums`.

    Parameters
    ----------
    table, turned : ndarray, shapes (left, right) and (right, left)
    left, right : ndarray
        ``n0 a`` and ``b``.
    of_left, of_right : ndarray
        Overwritten.
    sums : ndarray, shape (left, right)
        Changed.
    """
    n_left, n_right = table.shape
    for i in range(n_left):
        of_left[i] = 0.0
    for j in range(n_right):
        of_right[j] = 0.0
    for j in range(n_right):  # K b
        for i in range(n_left):
            of_left[i] += turned[j, i] * right[j]
    for i in range(n_left):  # n0 a' K, and n0 a b'
        for j in range(n_right):
            of_right[j] += table[i, j] * left[i]
            sums[i, j] += left[i] * right[j]
    for i in range(n_left):
        of_left[i] *= left[i]
    for j in range(n_right):
        of_right[j] *= right[j]


@numba.njit(nogil=True, error_model="numpy")
def subtract_expected(
    log_n0: Floats,
    alpha: Floats,
    joint: Floats,
    pattern: Ints,
    exposed: Floats,
    by_stratum: Floats,
    by_alpha: Floats,
    by_history: Floats,
) -> float:
    """Return the sum of all expected exact numbers, and take their margins from the derivatives.

    Parameters
    ----------
    log_n0 : ndarray, shape (S,)
    alpha : ndarray, shape (S, L)
    joint : ndarray, shape (H,)
        Sum of the interaction terms of each history.
    pattern, exposed
        As in `estimator.methods.loglinear.large_arrays.LargeArrays`.
    by_stratum, by_alpha, by_history : ndarray, shapes (S,), (S, L) and (H,)
        Changed.
    """
    n_strata, n_lists = alpha.shape
    n_patterns, n_histories = exposed.shape
    n_first = n_lists // 2
    n_left = 2**n_first
    n_right = n_histories // n_left
    table, turned = _joint_tables(joint, exposed, n_left)
    sums = np.zeros((n_patterns, n_left, n_right))  # sum over strata of n0 a b'
    odds, left, right = np.empty(n_lists), np.empty(n_left), np.empty(n_right)
    of_left, of_right = np.empty(n_left), np.empty(n_right)
    total = 0.0
    for s in range(n_strata):
        p = pattern[s]
        for i in range(n_lists):
            odds[i] = math.exp(alpha[s, i])
        _fill_products(odds, 0, n_first, left)
        _fill_products(odds, n_first, n_lists, right)
        n0 = math.exp(log_n0[s])
        for i in range(n_left):
            left[i] *= n0
        _multiply_halves(table[p], turned[p], left, right, of_left, of_right, sums[p])
        _subtract_margins(of_left, 0, n_first, by_alpha[s])
        _subtract_margins(of_right, n_first, n_lists, by_alpha[s])
        expected = of_right[0]  # all are folded into the first
        by_stratum[s] -= expected
        total += expected
    for p in range(n_patterns):
        for h in range(n_histories):
            by_history[h] -= table[p, h // n_right, h % n_right] * sums[p, h // n_right, h % n_right]
    return total


@numba.njit(nogil=True, error_model="numpy")
def _expected(log_n0: Floats, alpha: Floats, joint: Floats, possible: Floats, cell: int) -> float:
    """Return the expected number of people in one cell."""
    n_lists, n_histories = alpha.shape[1], joint.shape[0]
    s, h = cell // n_histories, cell % n_histories
    if possible[s, h] == 0.0:
        return 0.0
    log_cell = log_n0[s] + joint[h]
    for k in range(n_lists):
        if h >> (n_lists - 1 - k) & 1:
            log_cell += alpha[s, k]
    return math.exp(log_cell)


@numba.njit(nogil=True, error_model="numpy")
def add_covering(
    log_n0: Floats,
    alpha: Floats,
    joint: Floats,
    possible: Floats,
    exact: bool,
    lower: Ints,
    upper: Ints,
    start: Ints,
    cell: Ints,
    by_stratum: Floats,
    by_alpha: Floats,
    by_history: Floats,
) -> float:
    """Return the log-likelihood of numbers that cover several cells, or are known within bounds; add derivatives.

    Parameters
    ----------
    exact : bool
        Whether each number is exactly `lower`; its exposure is then among the exact numbers.
    lower, upper : ndarray of int, shape (J,)
    start, cell : ndarray of int
        As in `estimator.methods.loglinear.design.Observed`.
    by_stratum, by_alpha, by_history : ndarray
        As in `subtract_expected`.
    """
    n_lists, n_histories = alpha.shape[1], joint.shape[0]
    value = 0.0
    expected = np.empty(cell.shape[0])
    for j in range(lower.shape[0]):
        mean = 0.0
        for i in range(start[j], start[j + 1]):
            expected[i] = _expected(log_n0, alpha, joint, possible, cell[i])
            mean += expected[i]
        if not exact:
            log_probability, derivative = poisson_range(mean, lower[j], upper[j])
        elif lower[j] > 0:
            log_probability, derivative = lower[j] * math.log(mean), float(lower[j])
        else:
            log_probability, derivative = 0.0, 0.0
        value += log_probability
        if derivative == 0.0:
            continue
        for i in range(start[j], start[j + 1]):  # d log mean / d log lambda_c = lambda_c / mean
            s, h = cell[i] // n_histories, cell[i] % n_histories
            score = derivative * expected[i] / mean
            by_stratum[s] += score
            by_history[h] += score
            for k in range(n_lists):
                if h >> (n_lists - 1 - k) & 1:
                    by_alpha[s, k] += score
    return value


@numba.njit(nogil=True, error_model="numpy")
def log_shares_of_grid(
    composition: Floats, levels: Floats, sizes: Ints, place: Ints, scale: Floats, n_strata: int
) -> Floats:
    """Return the log share of each stratum; arguments as in `large_arrays.LargeArrays`."""
    grid = np.zeros(n_strata)
    for k in range(place.shape[0]):
        grid[place[k]] = scale[k] * composition[k]
    shares: Floats = multiplied(grid, levels, sizes, False)
    top, total = -math.inf, 0.0
    for s in range(n_strata):
        top = max(top, shares[s])
    for s in range(n_strata):
        total += math.exp(shares[s] - top)
    for s in range(n_strata):
        shares[s] -= top + math.log(total)
    return shares


@numba.njit(nogil=True, error_model="numpy")
def coverage_by_stratum(
    coverage: Floats, effects: Floats, rows: Floats, row_of: Ints, row_from: Ints, row_to: Ints
) -> Floats:
    """Return what `likelihood.stratum_coverage` does; arguments as in `large_arrays.LargeArrays`."""
    n_lists = coverage.shape[0]
    of_row = np.zeros((rows.shape[0], n_lists))
    for r in range(rows.shape[0]):
        for k in range(row_from[r], row_to[r]):
            for i in range(n_lists):
                of_row[r, i] += rows[r, k] * effects[k, i]
    alpha = np.empty((row_of.shape[0], n_lists))
    for s in range(row_of.shape[0]):
        for i in range(n_lists):
            alpha[s, i] = coverage[i]
        for b in range(row_of.shape[1]):
            r = row_of[s, b]
            for i in range(n_lists):
                alpha[s, i] += of_row[r, i]
    return alpha


@numba.njit(nogil=True, error_model="numpy")
def coverage_gradient(
    by_alpha: Floats, n_effects: int, rows: Floats, row_of: Ints, row_from: Ints, row_to: Ints
) -> tuple[Floats, Floats]:
    """Return derivatives by coverage and by its effects; arguments as in `large_arrays.LargeArrays`."""
    n_strata, n_lists = by_alpha.shape
    by_coverage, by_effects = np.zeros(n_lists), np.zeros((n_effects, n_lists))
    by_row = np.zeros((rows.shape[0], n_lists))
    for s in range(n_strata):
        for i in range(n_lists):
            by_coverage[i] += by_alpha[s, i]
        for b in range(row_of.shape[1]):
            r = row_of[s, b]
            for i in range(n_lists):
                by_row[r, i] += by_alpha[s, i]
    for r in range(rows.shape[0]):
        for k in range(row_from[r], row_to[r]):
            for i in range(n_lists):
                by_effects[k, i] += rows[r, k] * by_row[r, i]
    return by_coverage, by_effects
