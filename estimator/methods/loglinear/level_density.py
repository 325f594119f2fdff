"""The prior density of the common level of coverage, which follows from the dark figure, as machine code.

What it is, and why its Jacobian is K / R, is in `estimator.methods.loglinear.level_settings`.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.addresses import integers_at, matrix_at, reals_at
from estimator.methods.loglinear.likelihood import expected_cells, log_shares, margins, stratum_coverage
from estimator.methods.loglinear.positions import (
    AT,
    HETEROGENEITY_AT,
    PLACES_AT,
    add_gradient_of_effects,
    sampled_composition,
    sampled_heterogeneity,
    sampled_terms,
)

Floats = NDArray[np.float64]

LEVEL_AT, _COMPOSITION_AT, _TERM_OF_HISTORY_AT = AT["level"], AT["composition_matrix"], AT["term_of_history"]


@numba.njit(nogil=True, error_model="numpy")
def add_log_prior_of_level(position: Floats, block: NDArray[np.uint64], gradient: Floats) -> tuple[float, float]:
    """Return the log prior densities of the dark figure and of differences in coverage, and add their gradient.

    Returns
    -------
    of_ratio, of_differences : float
        Both 0 where every list has a prior of its own. The Jacobian belongs to the second, which so is a density of
        the log odds; the first is normalised.
    """
    stated, seen = reals_at(block, LEVEL_AT), matrix_at(block, LEVEL_AT + 3)
    if stated.shape[0] == 0:
        return 0.0, 0.0
    places = integers_at(block, PLACES_AT)
    n_lists, scale_at = places[0], places[3]
    of_differences = _add_differences(position, reals_at(block, LEVEL_AT + 1), reals_at(block, LEVEL_AT + 2), gradient)
    composition, theta = sampled_composition(position, block), sampled_terms(position, block)
    effects = sampled_heterogeneity(position, block)
    shares = log_shares(matrix_at(block, _COMPOSITION_AT), composition)
    alpha = stratum_coverage(position[1 : 1 + n_lists], matrix_at(block, HETEROGENEITY_AT), effects)
    term_of_history = matrix_at(block, _TERM_OF_HISTORY_AT)
    cells = expected_cells(shares, alpha, theta, term_of_history, seen)  # of one person on no list
    registered, entries = 0.0, 0.0
    for s in range(cells.shape[0]):
        for h in range(1, cells.shape[1]):
            registered += cells[s, h]
            entries += _lists_of(h) * cells[s, h]
    unit = math.exp(position[scale_at]) if stated[4] > 0.0 else 1.0
    variance = stated[1] * stated[1] + (stated[3] * unit) ** 2
    distance = -math.log(registered) - stated[0] + stated[2] * unit
    of_ratio = -0.5 * (distance * distance / variance + math.log(2.0 * math.pi * variance))
    if stated[4] > 0.0:
        by_variance = 0.5 * (distance * distance / variance - 1.0) / variance
        gradient[scale_at] += 2.0 * by_variance * (stated[3] * unit) ** 2 - distance / variance * stated[2] * unit
    # d log f / d log cell = cell / G (distance / variance - 1) + (lists of the cell) cell / K
    for s in range(cells.shape[0]):
        cells[s, 0] = 0.0
        for h in range(1, cells.shape[1]):
            cells[s, h] *= (distance / variance - 1.0) / registered + _lists_of(h) / entries
    _add_through_cells(position, block, cells, shares, composition, effects, theta, gradient)
    return of_ratio, of_differences + math.log(entries / registered)


@numba.njit(nogil=True, error_model="numpy")
def _lists_of(history: int) -> int:
    """Return on how many lists people with a history are."""
    number = 0
    while history:
        number += history & 1
        history >>= 1
    return number


@numba.njit(nogil=True, error_model="numpy")
def _add_differences(position: Floats, mean: Floats, precision: Floats, gradient: Floats) -> float:
    """Return the log prior density of differences in log odds between lists, up to a constant; add its gradient."""
    total, pulled, squares = 0.0, 0.0, 0.0
    for i in range(mean.shape[0]):
        distance = position[1 + i] - mean[i]
        total += precision[i]
        pulled += precision[i] * distance
        squares += precision[i] * distance * distance
    for i in range(mean.shape[0]):
        gradient[1 + i] -= precision[i] * (position[1 + i] - mean[i] - pulled / total)
    return -0.5 * (squares - pulled * pulled / total)


@numba.njit(nogil=True, error_model="numpy")
def _add_through_cells(
    position: Floats,
    block: NDArray[np.uint64],
    scores: Floats,
    log_share: Floats,
    composition: Floats,
    effects: Floats,
    theta: Floats,
    gradient: Floats,
) -> None:
    """Add what derivatives by the logs of cells, with one person on no list, mean for the sampled values."""
    by_lists = effects.shape[1]
    by_stratum, by_alpha, by_history = margins(scores, by_lists)
    term_of_history = matrix_at(block, _TERM_OF_HISTORY_AT)
    composition_matrix, matrix = matrix_at(block, _COMPOSITION_AT), matrix_at(block, HETEROGENEITY_AT)
    by_theta, by_composition = np.zeros(theta.shape[0]), np.zeros(composition.shape[0])
    for h in range(by_history.shape[0]):
        for q in range(theta.shape[0]):
            by_theta[q] += term_of_history[h, q] * by_history[h]
    everywhere = 0.0
    for s in range(by_stratum.shape[0]):
        everywhere += by_stratum[s]
    by_coverage, by_effects = np.zeros(by_lists), np.zeros(effects.shape)
    for s in range(by_stratum.shape[0]):
        of_share = by_stratum[s] - everywhere * math.exp(log_share[s])
        for k in range(composition.shape[0]):
            by_composition[k] += composition_matrix[s, k] * of_share
        for i in range(by_lists):
            by_coverage[i] += by_alpha[s, i]
            for k in range(effects.shape[0]):
                by_effects[k, i] += matrix[s, k] * by_alpha[s, i]
    add_gradient_of_effects(
        position, block, composition, 0.0, by_composition, by_coverage, by_effects, by_theta, gradient
    )
