"""Random numbers in machine code: a generator whose state is an array, so that each chain has its own.

Counts are float64, because a dark figure may be larger than any integer type.

References
----------
Blackman & Vigna (2021), ACM Transactions on Mathematical Software 47:36: xoshiro256++. Marsaglia & Tsang (2000), the
same 26:363: gamma. Hörmann (1993), Journal of Statistical Computation and Simulation 46:101: binomial (BTRS), and
(1993) Insurance: Mathematics and Economics 12:39: Poisson (PTRS).
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

State = NDArray[np.uint64]

_SMALL = 10.0  # below this mean, counts are found by adding probabilities up
_TO_UNIT = 2.0**-53


@numba.njit(nogil=True, error_model="numpy", inline="always")
def _rotated(value, by):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    return (value << np.uint64(by)) | (value >> np.uint64(64 - by))


@numba.njit(nogil=True, error_model="numpy")
def uniform(state: State) -> float:
    """Return a number above 0 and below 1.

    Parameters
    ----------
    state : ndarray of uint64, shape (4,)
        Not all zero; moved on.
    """
    result = _rotated(state[0] + state[3], 23) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = _rotated(state[3], 45)
    return (np.float64(result >> np.uint64(11)) + 0.5) * _TO_UNIT


@numba.njit(nogil=True, error_model="numpy")
def normal(state: State) -> float:
    """Return a standard Normal number (Marsaglia's polar method)."""
    while True:
        u, v = 2.0 * uniform(state) - 1.0, 2.0 * uniform(state) - 1.0
        square = u * u + v * v
        if 0.0 < square < 1.0:
            return float(u * math.sqrt(-2.0 * math.log(square) / square))


@numba.njit(nogil=True, error_model="numpy")
def log_gamma(state: State, shape: float) -> float:
    """Return the log of a standard gamma number; of small shapes too, whose numbers themselves would be zero."""
    if shape < 1.0:
        return float(log_gamma_above_one(state, shape + 1.0) + math.log(uniform(state)) / shape)
    return float(log_gamma_above_one(state, shape))


@numba.njit(nogil=True, error_model="numpy")
def log_gamma_above_one(state: State, shape: float) -> float:
    """Return the log of a standard gamma number of a shape of at least 1."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(state)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        log_v = 3.0 * math.log(v)
        if math.log(uniform(state)) < 0.5 * x * x + d * (1.0 - v * v * v + log_v):
            return float(math.log(d) + log_v)


@numba.njit(nogil=True, error_model="numpy")
def poisson(state: State, mean: float) -> float:
    """Return a Poisson count."""
    if mean < _SMALL:
        term = math.exp(-mean)
        left, count = uniform(state) - term, 0.0
        while left > 0.0 and count < 1000.0:
            count += 1.0
            term *= mean / count
            left -= term
        return count
    root, log_mean = math.sqrt(mean), math.log(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse, easy = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u, v = uniform(state) - 0.5, uniform(state)
        side = 0.5 - abs(u)
        count = math.floor((2.0 * a / side + b) * u + mean + 0.43)
        if side >= 0.07 and v <= easy:
            return float(count)
        if count < 0.0 or (side < 0.013 and v > side):
            continue
        if math.log(v * inverse / (a / (side * side) + b)) <= count * log_mean - mean - math.lgamma(count + 1.0):
            return float(count)


@numba.njit(nogil=True, error_model="numpy")
def binomial(state: State, n: float, p: float) -> float:
    """Return how many of n succeed, each with probability p."""
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return n
    if p > 0.5:
        return float(n - _binomial_below_half(state, n, 1.0 - p))
    return float(_binomial_below_half(state, n, p))


@numba.njit(nogil=True, error_model="numpy")
def _binomial_below_half(state: State, n: float, p: float) -> float:
    odds = p / (1.0 - p)
    if n * p < _SMALL:
        term = math.exp(n * math.log1p(-p))
        left, count = uniform(state) - term, 0.0
        while left > 0.0 and count < n:
            term *= odds * (n - count) / (count + 1.0)
            count += 1.0
            left -= term
        return count
    root = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * root
    a = -0.0873 + 0.0248 * b + 0.01 * p
    middle, easy, scale = n * p + 0.5, 0.92 - 4.2 / b, (2.83 + 5.1 / b) * root
    mode = math.floor((n + 1.0) * p)
    at_mode = math.lgamma(mode + 1.0) + math.lgamma(n - mode + 1.0)
    log_odds = math.log(odds)
    while True:
        u, v = uniform(state) - 0.5, uniform(state)
        side = 0.5 - abs(u)
        count = math.floor((2.0 * a / side + b) * u + middle)
        if side >= 0.07 and v <= easy:
            return float(count)
        if count < 0.0 or count > n:
            continue
        ratio = at_mode - math.lgamma(count + 1.0) - math.lgamma(n - count + 1.0) + (count - mode) * log_odds
        if math.log(v * scale / (a / (side * side) + b)) <= ratio:
            return float(count)
