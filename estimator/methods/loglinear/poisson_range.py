"""The probability that a Poisson count lies within bounds, as machine code."""

from __future__ import annotations

import math

import numba
import numpy as np

from estimator.capture.observations import UNBOUNDED


@numba.njit(nogil=True, error_model="numpy")
def poisson_range(mean: float, lower: int, upper: int) -> tuple[float, float]:
    """Return the log probability that a Poisson count lies in a range, and its derivative by the log mean.

    Parameters
    ----------
    mean : float
        Positive.
    lower, upper : int
        The range, both ends included; `estimator.capture.observations.UNBOUNDED` as upper end means none.

    Returns
    -------
    log_probability : float
    derivative : float
        d log P / d log mean = E[Y | lower <= Y <= upper] - mean.

    Notes
    -----
    Terms are summed outward from the largest one inside the range and scaled by it, so that nothing under- or
    overflows; summation stops when a term adds less than one part in 1e17. A range that reaches 40 standard deviations
    to either side of the mean has probability 1 to the last digit.
    """
    if not (mean > 0.0):
        return (0.0, 0.0) if mean == 0.0 and lower == 0 else (-np.inf, 0.0)
    reach = 40.0 * math.sqrt(mean) + 800.0
    if (upper == UNBOUNDED or upper > mean + reach) and (lower == 0 or lower < mean - reach):
        return 0.0, 0.0
    # the largest term of sum_k mean^k e^-mean / k! inside the range; all others are taken relative to it
    mode = lower if mean < lower else (upper if mean > upper else int(mean))
    total, excess = 1.0, 0.0
    term, k = 1.0, mode
    while k < upper:  # P(k + 1) / P(k) = mean / (k + 1)
        k += 1
        term *= mean / k
        total += term
        excess += term * (k - mode)
        if term < 1e-17 * total and k > mean:
            break
    term, k = 1.0, mode
    while k > lower:  # P(k - 1) / P(k) = k / mean
        term *= k / mean
        k -= 1
        total += term
        excess += term * (k - mode)
        if term < 1e-17 * total:
            break
    # log P = log P(mode) + log sum of ratios; d log P / d log mean = E[Y | in range] - mean
    log_mode = mode * math.log(mean) - mean - math.lgamma(mode + 1.0)
    return log_mode + math.log(total), mode + excess / total - mean
