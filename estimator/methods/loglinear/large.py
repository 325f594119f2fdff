"""The log density of a large table: the same number as `estimator.methods.loglinear.density` gives, in less time.

A table of a thousand strata and eight lists has a quarter of a million cells. Three things spare most of the work:

- The log of an expected number is linear in the terms, so what exact counts say is a sum over their margins
  (sufficient statistics), taken once: of strata, of strata and lists, and of histories.
- A history is one of the lists in the left half together with one of those in the right half. With ``a[s]`` and
  ``b[s]`` the products of odds over the halves and K the interaction terms, the expected numbers are ``n0 a' K b``.
  Sums over histories, their derivatives, and the sum over strata ``sum_s n0 a b'`` are products of small matrices.
- The columns of the dark figure's spread are products of a column for each covariate (`Tensor`), and are multiplied
  covariate by covariate.

No sum is reordered by the compiler, so that draws are the same on every machine; inner loops run over independent sums.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.loglinear import density, likelihood, poisson_range
from estimator.methods.loglinear.arrays import ModelArrays
from estimator.methods.loglinear.density import (
    LOG_DENSITY,
    NUMBERS_AT,
    PLACES_AT,
    add_gradient_of_effects,
    address_block,
    integer_matrix_at,
    integers_at,
    log_prior_of_block,
    matrix_at,
    reals_at,
    sampled_composition,
    sampled_heterogeneity,
    sampled_terms,
)
from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.poisson_range import poisson_range as log_probability_of_range

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGE_WARMUP = 300
"""Draws of warm-up of each chain: with so many values, more of them teach the sampler nothing."""


class LargeArrays(NamedTuple):
    """What the log density of a large table reads beside `ModelArrays`.

    Parameters
    ----------
    levels, place, scale
        As in `estimator.methods.loglinear.tensor.Tensor`, the levels one after the other.
    sizes : ndarray of int, shape (C,)
        Number of levels of each covariate.
    pattern : ndarray of int, shape (S,)
        Which row of `exposed` each stratum has.
    exposed : ndarray, shape (P, H)
        1 where exact numbers of a cell were observed and people can be in it, else 0.
    of_stratum, of_list, of_history : ndarray, shapes (S,), (S, L) and (H,)
        Margins of the exact counts.
    sum_number : ndarray of int
        The exact numbers that cover several cells.
    coverage_rows : ndarray, shape (R, K')
        Rows of the heterogeneity matrix as they differ within one block of columns, zero in all others: the levels of
        a covariate.
    row_of : ndarray of int, shape (S, blocks)
        Which of them each stratum has in each block.
    row_from, row_to : ndarray of int, shape (R,)
        The first column of the block of each row, and that after the last.
    """

    levels: Floats
    place: Ints
    scale: Floats
    sizes: Ints
    pattern: Ints
    exposed: Floats
    of_stratum: Floats
    of_list: Floats
    of_history: Floats
    sum_number: Ints
    coverage_rows: Floats
    row_of: Ints
    row_from: Ints
    row_to: Ints


_N_MODEL = len(ModelArrays._fields)
_AT = {name: i for i, name in enumerate(ModelArrays._fields)} | {
    name: _N_MODEL + i for i, name in enumerate(LargeArrays._fields)
}
_LEVELS_AT, _PATTERN_AT, _ROWS_AT = _AT["levels"], _AT["pattern"], _AT["coverage_rows"]
_TERM_OF_HISTORY_AT, _POSSIBLE_AT = _AT["term_of_history"], _AT["possible"]
_SUMS_AT, _RANGES_AT = _AT["sum_count"], _AT["range_lower"]
_N_WORDS = 3 * len(_AT)


def is_large(design: Design) -> bool:
    """Tell whether a design has the columns and the numbers that the density of a large table takes."""
    return design.composition.tensor is not None and not design.errors.names and not design.unknown.names


def large_arrays(design: Design) -> LargeArrays:
    """Return what the log density of a large table reads beside the arrays of the model."""
    tensor, observed = design.composition.tensor, design.observed
    if tensor is None:
        raise ValueError("the columns of this design are not products")
    exposed, pattern = np.unique((observed.exposure > 0) & (observed.possible > 0), axis=0, return_inverse=True)
    return LargeArrays(
        levels=tensor.flat,
        place=tensor.place,
        scale=np.ascontiguousarray(tensor.scale),
        sizes=np.array([len(matrix) for matrix in tensor.levels], dtype=np.int64),
        pattern=pattern.reshape(-1).astype(np.int64),
        exposed=np.ascontiguousarray(exposed, dtype=np.float64),
        of_stratum=observed.counts.sum(axis=1),
        of_list=np.ascontiguousarray(observed.counts @ design.member),
        of_history=observed.counts.sum(axis=0),
        sum_number=observed.sum_count.astype(np.int64),
        **_coverage_rows(design),
    )


def _coverage_rows(design: Design) -> dict[str, Any]:
    """Return the rows of the heterogeneity matrix block by block, each only once."""
    matrix = np.concatenate([design.heterogeneity.matrix, design.changes.matrix], axis=1)
    block = np.concatenate(
        [design.heterogeneity.block, [len(design.heterogeneity.blocks)] * design.changes.matrix.shape[1]]
    )
    rows, row_of, bounds = [np.zeros((0, matrix.shape[1]))], [], []
    for one in np.unique(block):
        inside = block == one
        distinct, place = np.unique(matrix * inside, axis=0, return_inverse=True)
        row_of.append(place.reshape(-1) + sum(map(len, rows)))
        rows.append(distinct)
        columns = np.flatnonzero(inside)
        bounds += [(columns[0], columns[-1] + 1)] * len(distinct)
    return {
        "coverage_rows": np.concatenate(rows),
        "row_of": np.array(row_of, dtype=np.int64).reshape(len(row_of), len(matrix)).T.copy(),
        "row_from": np.array([first for first, _ in bounds], dtype=np.int64),
        "row_to": np.array([last for _, last in bounds], dtype=np.int64),
    }


def large_block(arrays: ModelArrays, large: LargeArrays) -> NDArray[np.uint64]:
    """Return the block through which machine code finds the arrays, as `density.address_block` makes it."""
    return np.concatenate([address_block(arrays), address_block(large)])


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
        As in `LargeArrays`.
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
            log_probability, derivative = log_probability_of_range(mean, lower[j], upper[j])
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
    """Return the log share of each stratum; arguments as in `LargeArrays`."""
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
    """Return what `likelihood.stratum_coverage` does; arguments as in `LargeArrays`."""
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
    """Return derivatives by coverage and by its effects; arguments as in `LargeArrays`."""
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


@numba.njit(nogil=True, error_model="numpy")
def _value_and_scores(
    log_n0: Floats,
    alpha: Floats,
    joint: Floats,
    block: NDArray[np.uint64],
    by_stratum: Floats,
    by_alpha: Floats,
    by_history: Floats,
) -> float:
    """Return the log-likelihood; fill in its derivatives by log n0, by the log odds of lists, and by histories."""
    of_stratum, of_list = reals_at(block, _PATTERN_AT + 2), matrix_at(block, _PATTERN_AT + 3)
    of_history, possible = reals_at(block, _PATTERN_AT + 4), matrix_at(block, _POSSIBLE_AT)
    value = 0.0
    for h in range(joint.shape[0]):
        by_history[h] = of_history[h]
        value += of_history[h] * joint[h]
    for s in range(log_n0.shape[0]):
        by_stratum[s] = of_stratum[s]
        value += of_stratum[s] * log_n0[s]
        for i in range(alpha.shape[1]):
            by_alpha[s, i] = of_list[s, i]
            value += of_list[s, i] * alpha[s, i]
    value -= subtract_expected(
        log_n0,
        alpha,
        joint,
        integers_at(block, _PATTERN_AT),
        matrix_at(block, _PATTERN_AT + 1),
        by_stratum,
        by_alpha,
        by_history,
    )
    count = integers_at(block, _PATTERN_AT + 5)
    for exact, lower, upper, at in (
        (True, count, count, _SUMS_AT + 1),
        (False, integers_at(block, _RANGES_AT), integers_at(block, _RANGES_AT + 1), _RANGES_AT + 2),
    ):
        value += add_covering(
            log_n0,
            alpha,
            joint,
            possible,
            exact,
            lower,
            upper,
            integers_at(block, at),
            integers_at(block, at + 1),
            by_stratum,
            by_alpha,
            by_history,
        )
    return float(value)


@numba.njit(nogil=True, error_model="numpy")
def log_density_of_large(position: Floats, block: NDArray[np.uint64], gradient: Floats) -> float:
    """Return the log posterior density, up to the constant ``-sum log y!``, and write its gradient.

    Parameters
    ----------
    position : ndarray, shape (D,)
    block : ndarray of uint64
        From `large_block`.
    gradient : ndarray, shape (D,)
        Overwritten.
    """
    prior = log_prior_of_block(position, block, gradient)
    n_lists = integers_at(block, PLACES_AT)[0]
    composition, theta = sampled_composition(position, block), sampled_terms(position, block)
    term_of_history = matrix_at(block, _TERM_OF_HISTORY_AT)
    n_strata, n_histories = integers_at(block, _PATTERN_AT).shape[0], term_of_history.shape[0]
    levels, place = reals_at(block, _LEVELS_AT), integers_at(block, _LEVELS_AT + 1)
    scale, sizes = reals_at(block, _LEVELS_AT + 2), integers_at(block, _LEVELS_AT + 3)
    log_n0 = log_shares_of_grid(composition, levels, sizes, place, scale, n_strata)
    shares = np.empty(n_strata)
    for s in range(n_strata):
        shares[s] = math.exp(log_n0[s])
        log_n0[s] += reals_at(block, NUMBERS_AT)[0] + position[0]
    rows, row_of = matrix_at(block, _ROWS_AT), integer_matrix_at(block, _ROWS_AT + 1)
    row_from, row_to = integers_at(block, _ROWS_AT + 2), integers_at(block, _ROWS_AT + 3)
    effects = sampled_heterogeneity(position, block)
    alpha = coverage_by_stratum(position[1 : 1 + n_lists], effects, rows, row_of, row_from, row_to)
    joint = np.zeros(n_histories)
    for h in range(n_histories):
        for q in range(theta.shape[0]):
            joint[h] += term_of_history[h, q] * theta[q]
    by_stratum, by_alpha, by_history = np.empty(n_strata), np.empty((n_strata, n_lists)), np.empty(n_histories)
    value = _value_and_scores(log_n0, alpha, joint, block, by_stratum, by_alpha, by_history)
    by_theta = np.zeros(theta.shape[0])
    for h in range(n_histories):
        for q in range(theta.shape[0]):
            by_theta[q] += term_of_history[h, q] * by_history[h]
    by_log_n0 = 0.0
    for s in range(n_strata):
        by_log_n0 += by_stratum[s]
    by_coverage, by_effects = coverage_gradient(by_alpha, effects.shape[0], rows, row_of, row_from, row_to)
    for s in range(n_strata):  # log share = u - log sum exp u
        by_stratum[s] -= by_log_n0 * shares[s]
    of_grid, by_composition = multiplied(by_stratum, levels, sizes, True), np.empty(place.shape[0])
    for k in range(place.shape[0]):
        by_composition[k] = scale[k] * of_grid[place[k]]
    add_gradient_of_effects(
        position, block, composition, by_log_n0, by_composition, by_coverage, by_effects, by_theta, gradient
    )
    return float(prior + value)


@cache
def machine_code_of_large() -> Any:
    """Compile the log density of large tables, or load it from numba's cache."""
    made_of = digest_of(density, likelihood, poisson_range)

    def log_density_large(n_dim, position_, gradient_, value_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        made_with = made_of  # noqa: F841
        gradient = numba.carray(gradient_, (np.int64(n_dim),))
        value = log_density_of_large(
            numba.carray(position_, (np.int64(n_dim),)), numba.carray(block_, (_N_WORDS,), np.uint64), gradient
        )
        numba.carray(value_, (1,))[0] = value
        if not np.isfinite(value):
            return 4
        for d in range(gradient.shape[0]):
            if not np.isfinite(gradient[d]):
                return 3
        return 0

    return compiled(LOG_DENSITY, log_density_large)
