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
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.loglinear import (
    addresses,
    arrays,
    density,
    large_arrays,
    large_likelihood,
    level_density,
    likelihood,
    poisson_range,
    positions,
)
from estimator.methods.loglinear.addresses import (
    address_block,
    integer_matrix_at,
    integers_at,
    matrix_at,
    reals_at,
)
from estimator.methods.loglinear.arrays import ModelArrays
from estimator.methods.loglinear.density import LOG_DENSITY, status_of
from estimator.methods.loglinear.large_arrays import LargeArrays
from estimator.methods.loglinear.large_likelihood import (
    add_covering,
    coverage_by_stratum,
    coverage_gradient,
    log_shares_of_grid,
    multiplied,
    subtract_expected,
)
from estimator.methods.loglinear.level_density import LEVEL_AT, add_log_prior_of_level
from estimator.methods.loglinear.positions import (
    AT,
    NUMBERS_AT,
    PLACES_AT,
    add_gradient_of_effects,
    log_prior_of_block,
    sampled_composition,
    sampled_heterogeneity,
    sampled_terms,
)

Floats = NDArray[np.float64]

_LARGE_AT = {name: len(AT) + i for i, name in enumerate(LargeArrays._fields)}
_LEVELS_AT, _PATTERN_AT, _ROWS_AT = _LARGE_AT["levels"], _LARGE_AT["pattern"], _LARGE_AT["coverage_rows"]
_TERM_OF_HISTORY_AT, _POSSIBLE_AT = AT["term_of_history"], AT["possible"]
_SUMS_AT, _RANGES_AT = AT["sum_count"], AT["range_lower"]
_N_WORDS = 3 * (len(AT) + len(_LARGE_AT))


def large_block(model: ModelArrays, large: LargeArrays) -> NDArray[np.uint64]:
    """Return the block through which machine code finds the arrays, as `addresses.address_block` makes it."""
    return np.concatenate([address_block(model), address_block(large)])


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
    if reals_at(block, LEVEL_AT).shape[0]:
        of_ratio, of_differences = add_log_prior_of_level(position, block, gradient)
        prior += of_ratio + of_differences
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
    made_of = digest_of(
        addresses, arrays, density, large_arrays, level_density, likelihood, large_likelihood, poisson_range, positions
    )

    def log_density_large(n_dim, position_, gradient_, value_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        made_with = made_of  # noqa: F841
        gradient = numba.carray(gradient_, (np.int64(n_dim),))
        value = log_density_of_large(
            numba.carray(position_, (np.int64(n_dim),)), numba.carray(block_, (_N_WORDS,), np.uint64), gradient
        )
        numba.carray(value_, (1,))[0] = value
        return status_of(value, gradient)

    return compiled(LOG_DENSITY, log_density_large)
