"""The likelihood of counts within bounds that share cells with people of unknown level, as machine code.

With mu_j the people expected in the cells of number j, and rho_j the share of them who took its way, the people of
every way are Poisson with mean rho_j mu_j, independently. Exact counts add ``y_j log rho_j`` to what they add anyway;
counts within bounds add the log of the Poisson probability of the bounds at ``rho_j mu_j``. The shares of all ways out
of a cell sum to 1, so that the exposure of exact counts is that of the cell less ``rho_j`` for each range: the caller
counts all cells in full, and what is too much is given back here.
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
def log_road_shares(coefficients: Floats, columns: Floats, n_roads: int) -> Floats:
    """Return the log of the share of each group of people who took each road.

    Parameters
    ----------
    coefficients : ndarray, shape ((R - 1) * C,)
    columns : ndarray, shape (K, C)
    n_roads : int
        R; road 0 is the one to which the others are compared.

    Returns
    -------
    ndarray, shape (K, R)
    """
    n_groups, n_columns = columns.shape
    logs = np.zeros((n_groups, n_roads))
    for k in range(n_groups):
        top = 0.0
        for r in range(1, n_roads):
            for c in range(n_columns):
                logs[k, r] += columns[k, c] * coefficients[(r - 1) * n_columns + c]
            top = max(top, logs[k, r])
        total = 0.0
        for r in range(n_roads):
            total += math.exp(logs[k, r] - top)
        for r in range(n_roads):
            logs[k, r] -= top + math.log(total)
    return logs


@numba.njit(nogil=True, error_model="numpy")
def log_way_shares(log_roads: Floats, way_group: Ints, way_roads: Floats) -> Floats:
    """Return the log of the share of its group that each way has, shape (W,), from those of the roads, shape (K, R)."""
    logs = np.empty(way_group.shape[0])
    for w in range(way_group.shape[0]):
        top = -math.inf
        for r in range(log_roads.shape[1]):
            if way_roads[w, r] > 0.0:
                top = max(top, log_roads[way_group[w], r])
        total = 0.0
        for r in range(log_roads.shape[1]):
            if way_roads[w, r] > 0.0:
                total += math.exp(log_roads[way_group[w], r] - top)
        logs[w] = top + math.log(total)
    return logs


@numba.njit(nogil=True, error_model="numpy")
def _by_coefficients(
    by_way: Floats, log_roads: Floats, log_ways: Floats, columns: Floats, way_group: Ints, way_roads: Floats
) -> Floats:
    """Return the derivatives by the coefficients, from those by the log share of each way."""
    n_roads, n_columns = way_roads.shape[1], columns.shape[1]
    found = np.zeros((n_roads - 1) * n_columns)
    for w in range(by_way.shape[0]):
        group = way_group[w]
        for r in range(1, n_roads):
            # d log sum of rho over roads of the way / d eta[r] = rho[r] / sum, if r is among them, - rho[r]
            slope = math.exp(log_roads[group, r] - log_ways[w]) if way_roads[w, r] > 0.0 else 0.0
            slope = by_way[w] * (slope - math.exp(log_roads[group, r]))
            for c in range(n_columns):
                found[(r - 1) * n_columns + c] += slope * columns[group, c]
    return found


@numba.njit(nogil=True, error_model="numpy")
def add_unknown(
    cells: Floats,
    scores: Floats,
    range_lower: Ints,
    range_upper: Ints,
    range_start: Ints,
    range_cell: Ints,
    coefficients: Floats,
    columns: Floats,
    way_group: Ints,
    way_roads: Floats,
    way_people: Floats,
    way_of_range: Ints,
) -> tuple[float, Floats]:
    """Return what ways and counts within bounds add to the log-likelihood, and add their derivatives to `scores`.

    Parameters
    ----------
    cells, scores : ndarray, shape (S, H)
        Expected numbers, and the derivatives by their logs, in which every cell of a range is counted in full.
    range_lower, range_upper, range_start, range_cell
        As in `estimator.methods.loglinear.design.Observed`.
    coefficients : ndarray, shape ((R - 1) * C,)
    columns, way_group, way_roads, way_people, way_of_range
        As in `estimator.methods.loglinear.unknown.Unknown`.

    Returns
    -------
    value : float
    by_coefficients : ndarray, shape ((R - 1) * C,)
    """
    log_roads = log_road_shares(coefficients, columns, way_roads.shape[1])
    log_ways = log_way_shares(log_roads, way_group, way_roads)
    value, by_way = 0.0, way_people.copy()  # d (y log rho) / d log rho = y
    for w in range(way_people.shape[0]):
        if way_people[w] > 0.0:
            value += way_people[w] * log_ways[w]
    flat, by_cell = cells.reshape(-1), scores.reshape(-1)
    for j in range(range_lower.shape[0]):
        total, way = 0.0, way_of_range[j]
        for i in range(range_start[j], range_start[j + 1]):
            total += flat[range_cell[i]]
        mean = total * math.exp(log_ways[way]) if way >= 0 else total
        log_probability, derivative = poisson_range(mean, range_lower[j], range_upper[j])
        value += log_probability + mean  # the exposure of exact counts had this in it
        derivative += mean
        if way >= 0:
            by_way[way] += derivative
        if total > 0.0:
            for i in range(range_start[j], range_start[j + 1]):
                by_cell[range_cell[i]] += derivative * flat[range_cell[i]] / total
    return value, _by_coefficients(by_way, log_roads, log_ways, columns, way_group, way_roads)
