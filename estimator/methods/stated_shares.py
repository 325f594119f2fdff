"""Shares that are stated by the limits within which they lie with 95 %: their log odds are Normal."""

from __future__ import annotations

import math

_STANDARD = 1.959963984540054  # of a normal distribution, to either side of its mean, for 95 %


def log_odds_of(limits: tuple[float, float]) -> tuple[float, float]:
    """Return mean and standard deviation of the log odds of a share with these limits."""
    lower, upper = (math.log(limit / (1 - limit)) for limit in limits)
    return (lower + upper) / 2, (upper - lower) / (2 * _STANDARD)
