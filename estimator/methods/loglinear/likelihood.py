"""The likelihood of a capture table under the log-linear model, with its gradient, in one pass.

Loops over arrays, compiled by numba. `estimator.methods.loglinear.density` adds the priors.

Every exactly observed number is Poisson with mean the sum of the latent cells it covers. Where the people of one cell
reach the table by several roads (some with their covariates recorded, some without), the cells' expected numbers count
once and each road adds ``y log(sum)``: the likelihood under coarsening at random (Heitjan & Rubin 1991, Annals of
Statistics 19:2244), of which separate Poisson counts are the special case of disjoint covers. A number known only to
lie in a range contributes the log of the Poisson probability of the range; where it shares cells with other numbers,
`estimator.methods.loglinear.unknown_scores` does.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.poisson_range import poisson_range
from estimator.methods.loglinear.recording import scores_of_people, written_down
from estimator.methods.loglinear.unknown_scores import add_unknown

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@numba.njit(nogil=True, error_model="numpy")
def log_shares(matrix: Floats, effects: Floats) -> Floats:
    """Return the log share of each stratum, ``log softmax(matrix @ effects)``.

    Parameters
    ----------
    matrix : ndarray, shape (S, K)
    effects : ndarray, shape (K,)

    Returns
    -------
    ndarray, shape (S,)
        Shares sum to one.
    """
    n_strata, n_effects = matrix.shape
    shares = np.zeros(n_strata)
    # Four strata at a time: each sum keeps its order, and so its last digit, but four additions overlap.
    s = 0
    while s + 4 <= n_strata:
        first = second = third = fourth = 0.0
        for k in range(n_effects):
            effect = effects[k]
            first += matrix[s, k] * effect
            second += matrix[s + 1, k] * effect
            third += matrix[s + 2, k] * effect
            fourth += matrix[s + 3, k] * effect
        shares[s], shares[s + 1], shares[s + 2], shares[s + 3] = first, second, third, fourth
        s += 4
    for rest in range(s, n_strata):
        for k in range(n_effects):
            shares[rest] += matrix[rest, k] * effects[k]
    top = -math.inf
    for s in range(n_strata):
        top = max(top, shares[s])
    total = 0.0
    for s in range(n_strata):
        total += math.exp(shares[s] - top)
    for s in range(n_strata):
        shares[s] -= top + math.log(total)
    return shares


@numba.njit(nogil=True, error_model="numpy")
def stratum_coverage(coverage: Floats, matrix: Floats, effects: Floats) -> Floats:
    """Return ``alpha[s, l]``, the log odds that somebody in stratum s on no other list is on list l.

    Parameters
    ----------
    coverage : ndarray, shape (L,)
    matrix : ndarray, shape (S, K)
    effects : ndarray, shape (K, L)

    Returns
    -------
    ndarray, shape (S, L)
    """
    n_strata, n_effects = matrix.shape
    alpha = np.empty((n_strata, coverage.shape[0]))
    for s in range(n_strata):
        for i in range(coverage.shape[0]):
            alpha[s, i] = coverage[i]
            for k in range(n_effects):
                alpha[s, i] += matrix[s, k] * effects[k, i]
    return alpha


@numba.njit(nogil=True, error_model="numpy")
def expected_cells(log_n0: Floats, alpha: Floats, theta: Floats, term_of_history: Floats, possible: Floats) -> Floats:
    """Return the expected number of people in every cell.

    Parameters
    ----------
    log_n0 : ndarray, shape (S,)
        Log expected number of people on no list, per stratum.
    alpha : ndarray, shape (S, L)
        Log odds that somebody on no other list is on list l.
    theta : ndarray, shape (Q,)
        Interaction terms (log odds ratios for two-list terms).
    term_of_history : ndarray, shape (2**L, Q)
        1 where the history is on all lists of the term.
    possible : ndarray, shape (S, 2**L)
        0 for structural zeros.

    Returns
    -------
    ndarray, shape (S, 2**L)
        Persons. Built by doubling (a history is another history plus one list), so that each stratum costs L
        exponentials instead of 2**L.
    """
    n_strata, n_lists = alpha.shape
    n_histories, n_terms = term_of_history.shape
    joint = np.empty(n_histories)
    for h in range(n_histories):
        total = 0.0
        for q in range(n_terms):
            total += term_of_history[h, q] * theta[q]
        joint[h] = math.exp(total)  # exp sum_q h_q theta[q]
    cells = np.empty((n_strata, n_histories))
    for s in range(n_strata):
        cells[s, 0] = math.exp(log_n0[s])  # then: lambda[s, h + list i] = lambda[s, h] exp alpha[i, s]
        filled = 1
        for i in range(n_lists - 1, -1, -1):
            odds = math.exp(alpha[s, i])
            for h in range(filled):
                cells[s, filled + h] = cells[s, h] * odds
            filled *= 2
        for h in range(n_histories):
            cells[s, h] = cells[s, h] * joint[h] if possible[s, h] > 0.0 else 0.0
    return cells


@numba.njit(nogil=True, error_model="numpy")
def _add_sums(cells: Floats, scores: Floats, count: Floats, start: Ints, cell: Ints) -> float:
    """Return the log-likelihood of exact sums, less their exposure, and add its derivatives to `scores`."""
    value = 0.0
    flat, by_cell = cells.reshape(-1), scores.reshape(-1)
    for j in range(count.shape[0]):
        mean = 0.0
        for i in range(start[j], start[j + 1]):
            mean += flat[cell[i]]
        if count[j] > 0.0:  # y log sum_c lambda_c, and d / d log lambda_c = y lambda_c / sum; exposure is elsewhere
            value += count[j] * math.log(mean)
            for i in range(start[j], start[j + 1]):
                by_cell[cell[i]] += count[j] * flat[cell[i]] / mean
    return value


@numba.njit(nogil=True, error_model="numpy")
def _add_ranges(cells: Floats, scores: Floats, lower: Ints, upper: Ints, start: Ints, cell: Ints) -> float:
    """Return the log-likelihood of counts known within bounds, and add its derivatives to `scores`."""
    value = 0.0
    flat, by_cell = cells.reshape(-1), scores.reshape(-1)
    for j in range(lower.shape[0]):
        mean = 0.0
        for i in range(start[j], start[j + 1]):
            mean += flat[cell[i]]
        log_probability, derivative = poisson_range(mean, lower[j], upper[j])
        value += log_probability
        if derivative != 0.0:  # d log P / d log lambda_c = (d log P / d log mean) lambda_c / mean
            for i in range(start[j], start[j + 1]):
                by_cell[cell[i]] += derivative * flat[cell[i]] / mean
    return value


@numba.njit(nogil=True, error_model="numpy")
def cell_scores(
    cells: Floats,
    counts: Floats,
    exposure: Floats,
    sum_count: Floats,
    sum_start: Ints,
    sum_cell: Ints,
    range_lower: Ints,
    range_upper: Ints,
    range_start: Ints,
    range_cell: Ints,
) -> tuple[float, Floats]:
    """Return the log-likelihood of expected numbers, and its derivative by the log of every cell.

    Parameters
    ----------
    cells : ndarray, shape (S, H)
        Expected numbers.
    counts, exposure, sum_count, sum_start, sum_cell, range_lower, range_upper, range_start, range_cell
        As in `estimator.methods.loglinear.design.Observed`.

    Returns
    -------
    value : float
        Without the constant ``-sum log y!`` of the exact counts.
    scores : ndarray, shape (S, H)
    """
    value = 0.0
    scores = np.empty_like(cells)
    for s in range(cells.shape[0]):
        for h in range(cells.shape[1]):
            expected = cells[s, h] if exposure[s, h] > 0.0 else 0.0
            value -= expected
            if counts[s, h] > 0.0:
                value += counts[s, h] * math.log(cells[s, h])
            scores[s, h] = counts[s, h] - expected  # d (y log lambda - lambda) / d log lambda
    value += _add_sums(cells, scores, sum_count, sum_start, sum_cell)
    value += _add_ranges(cells, scores, range_lower, range_upper, range_start, range_cell)
    return value, scores


@numba.njit(nogil=True, error_model="numpy")
def margins(cells: Floats, n_lists: int) -> tuple[Floats, Floats, Floats]:
    """Return sums of cells: over histories, over the histories with each list, and over strata.

    Parameters
    ----------
    cells : ndarray, shape (S, 2**L)

    Returns
    -------
    by_stratum : ndarray, shape (S,)
    by_list : ndarray, shape (S, L)
    by_history : ndarray, shape (2**L,)
    """
    n_strata, n_histories = cells.shape
    by_stratum, by_list, by_history = np.zeros(n_strata), np.zeros((n_strata, n_lists)), np.zeros(n_histories)
    folded = np.zeros((4, n_histories))
    # Four strata at a time, as in `log_shares`; rows of the last block that stand for no stratum are never read.
    for s in range(0, n_strata, 4):
        n_rows = min(4, n_strata - s)
        for row in range(n_rows):
            for h in range(n_histories):
                folded[row, h] = cells[s + row, h]
            for h in range(n_histories):
                by_history[h] += cells[s + row, h]
        # list i splits what is left into a half without it and a half with it: sum the second, then fold it away
        half = n_histories
        for i in range(n_lists):
            half //= 2
            first = second = third = fourth = 0.0
            for h in range(half, 2 * half):
                first += folded[0, h]
                second += folded[1, h]
                third += folded[2, h]
                fourth += folded[3, h]
            sums = (first, second, third, fourth)
            for row in range(n_rows):
                by_list[s + row, i] = sums[row]
                for h in range(half):
                    folded[row, h] += folded[row, half + h]
        for row in range(n_rows):
            by_stratum[s + row] = folded[row, 0]
    return by_stratum, by_list, by_history


@numba.njit(nogil=True, error_model="numpy")
def number_scores(cells: Floats, numbers: Any, coefficients: Floats, roads: Any) -> tuple[float, Floats, Floats]:
    """Return log-likelihood and derivatives; where roads matter, counts within bounds are of those who took some.

    Parameters
    ----------
    cells : ndarray, shape (S, H)
        Expected numbers.
    numbers : tuple of ndarray
        The arguments of `cell_scores` after the first.
    coefficients : ndarray
        Of the roads.
    roads : tuple of ndarray
        As in `estimator.methods.loglinear.unknown.Unknown.arrays`.

    Returns
    -------
    value : float
    scores : ndarray, shape (S, H)
    by_coefficients : ndarray
    """
    if coefficients.shape[0] == 0:
        value, scores = cell_scores(cells, *numbers)
        return value, scores, np.zeros(0)
    lower, upper, start, cell = numbers[5], numbers[6], numbers[7], numbers[8]
    value, scores = cell_scores(cells, *numbers[:5], lower[:0], upper[:0], start[:1], cell[:0])
    added, by_coefficients = add_unknown(cells, scores, lower, upper, start, cell, coefficients, *roads)
    return value + added, scores, by_coefficients


@numba.njit(nogil=True, error_model="numpy")
def entry_scores(
    cells: Floats, numbers: Any, coefficients: Floats, roads: Any, errors: Floats, declared: Any, n_lists: int
) -> tuple[float, Floats, Floats, Floats]:
    """Return log-likelihood and derivatives; where registers make declared errors, counts are of entries.

    Parameters
    ----------
    cells : ndarray, shape (S, H)
        Expected people.
    numbers : tuple of ndarray
        The arguments of `cell_scores` after the first.
    coefficients, roads
        As in `number_scores`.
    errors : ndarray, shape (E,)
        Log odds of the declared shares.
    declared : tuple of ndarray
        As in `estimator.methods.loglinear.register_errors.RegisterErrors.arrays`.

    Returns
    -------
    value : float
        Minus infinity where there would be more wrong links than people who could be linked.
    scores : ndarray, shape (S, H)
        By the log of every cell of people.
    by_coefficients : ndarray
    by_errors : ndarray, shape (E,)
    """
    if errors.shape[0] == 0:
        value, scores, by_coefficients = number_scores(cells, numbers, coefficients, roads)
        return value, scores, by_coefficients, np.zeros(0)
    odds = np.exp(errors)
    made = written_down(cells, odds, *declared, n_lists)
    value, of_entries, by_coefficients = number_scores(made[4], numbers, coefficients, roads)
    if made[4].min() < 0.0:
        value = -np.inf
    scores, by_errors = scores_of_people(of_entries, cells, made, odds, *declared, n_lists)
    return value, scores, by_coefficients, by_errors


@numba.njit(nogil=True, error_model="numpy")
def log_likelihood_and_gradient(
    log_n0: float,
    composition: Floats,
    coverage: Floats,
    heterogeneity: Floats,
    theta: Floats,
    composition_matrix: Floats,
    heterogeneity_matrix: Floats,
    term_of_history: Floats,
    counts: Floats,
    exposure: Floats,
    possible: Floats,
    sum_count: Floats,
    sum_start: Ints,
    sum_cell: Ints,
    range_lower: Ints,
    range_upper: Ints,
    range_start: Ints,
    range_cell: Ints,
    errors: Floats,
    missed_at: Ints,
    wrong_at: Ints,
    false_list: Ints,
    false_at: Ints,
    false_alone: Ints,
    false_in: Floats,
    recorded: Ints,
    coefficients: Floats,
    columns: Floats,
    way_group: Ints,
    way_roads: Floats,
    way_people: Floats,
    way_of_range: Ints,
) -> tuple[float, float, Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return the log-likelihood and its gradient by the first five arguments, by errors of registers, and by roads.

    Parameters
    ----------
    log_n0 : float
        Log of the expected dark figure, all strata together.
    composition : ndarray, shape (K,)
        Effects on the log share of each stratum in the dark figure.
    coverage : ndarray, shape (L,)
    heterogeneity : ndarray, shape (K', L)
        Effects of strata on the coverage of each list.
    theta : ndarray, shape (Q,)
    composition_matrix, heterogeneity_matrix : ndarray, shapes (S, K) and (S, K')
    term_of_history
        As in `expected_cells`.
    counts, exposure, possible, sum_count, sum_start, sum_cell, range_lower, range_upper, range_start, range_cell
        As in `estimator.methods.loglinear.design.Observed`.
    errors : ndarray, shape (E,)
        Log odds of declared shares; none where registers are taken as they are.
    missed_at, wrong_at, false_list, false_at, false_alone, false_in, recorded
        As in `estimator.methods.loglinear.register_errors.RegisterErrors`, flat.
    coefficients : ndarray
        Of the roads by which people reach the table; none where it does not matter how many take each.
    columns, way_group, way_roads, way_people, way_of_range
        As in `estimator.methods.loglinear.unknown.Unknown`.

    Returns
    -------
    log_likelihood : float
        Without the constant ``-sum log y!`` of the exact counts.
    by_log_n0, by_composition, by_coverage, by_heterogeneity, by_theta, by_errors, by_coefficients
        Derivatives, shaped like the arguments.
    """
    shares = log_shares(composition_matrix, composition)  # then: log expected dark figure of each stratum
    alpha = stratum_coverage(coverage, heterogeneity_matrix, heterogeneity)
    for s in range(shares.shape[0]):
        shares[s] += log_n0
    cells = expected_cells(shares, alpha, theta, term_of_history, possible)
    numbers = (counts, exposure, sum_count, sum_start, sum_cell, range_lower, range_upper, range_start, range_cell)
    declared = (missed_at, wrong_at, false_list, false_at, false_alone, false_in, recorded)
    roads = (columns, way_group, way_roads, way_people, way_of_range)
    value, scores, by_coefficients, by_errors = entry_scores(
        cells, numbers, coefficients, roads, errors, declared, alpha.shape[1]
    )
    by_stratum, by_alpha, by_history = margins(scores, alpha.shape[1])
    by_theta = np.zeros(theta.shape[0])
    for h in range(by_history.shape[0]):
        for q in range(theta.shape[0]):
            by_theta[q] += term_of_history[h, q] * by_history[h]
    by_log_n0 = 0.0  # log n0 moves every cell alike
    for s in range(by_stratum.shape[0]):
        by_log_n0 += by_stratum[s]
    by_composition = np.zeros(composition.shape[0])
    for s in range(by_stratum.shape[0]):
        # log share[s] = u[s] - log sum exp u: d / d u[s] = score of s - its share of the scores of all
        of_share = by_stratum[s] - by_log_n0 * math.exp(shares[s] - log_n0)
        for k in range(composition.shape[0]):
            by_composition[k] += composition_matrix[s, k] * of_share
    by_coverage = np.zeros(alpha.shape[1])
    by_heterogeneity = np.zeros(heterogeneity.shape)
    for s in range(alpha.shape[0]):
        for i in range(alpha.shape[1]):
            by_coverage[i] += by_alpha[s, i]
            for k in range(heterogeneity.shape[0]):
                by_heterogeneity[k, i] += heterogeneity_matrix[s, k] * by_alpha[s, i]
    return value, by_log_n0, by_composition, by_coverage, by_heterogeneity, by_theta, by_errors, by_coefficients
