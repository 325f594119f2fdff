"""Draws of a number, summed up: middle, spread, and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = (0.5, 0.8, 0.95)
"""Probability of the intervals that draws are summed up by; the last one is the headline.

Which of them an estimate gives: `estimator.population.given_levels`.
"""


@dataclass(frozen=True)
class Summary:
    """What is believed of one number.

    Parameters
    ----------
    intervals : mapping of float to (float, float)
        By probability; as much lies below as above.
    has_mean : bool
        Whether the number has a mean at all. One with long tails (residual dependence) has none: the mean of draws of
        it, and their standard deviation, only say how many draws there were.
    """

    median: float
    mean: float
    sd: float
    intervals: Mapping[float, tuple[float, float]]
    has_mean: bool = True

    @property
    def lower(self) -> float:
        """Lower limit of the widest interval."""
        return self.intervals[max(self.intervals)][0]

    @property
    def upper(self) -> float:
        """Upper limit of the widest interval."""
        return self.intervals[max(self.intervals)][1]

    def to_dict(self, digits: int) -> dict[str, Any]:
        """Return the summary for JSON.

        Returns
        -------
        dict
            With ``lower`` and ``upper`` of the widest interval, and all ``intervals`` by probability; ``mean`` and
            ``sd`` are None where the number has no mean.
        """
        return {
            "median": round(self.median, digits),
            "mean": round(self.mean, digits) if self.has_mean else None,
            "sd": round(self.sd, digits) if self.has_mean else None,
            "lower": round(self.lower, digits),
            "upper": round(self.upper, digits),
            "intervals": {
                f"{level:g}": [round(limit, digits) for limit in limits] for level, limits in self.intervals.items()
            },
        }

    def limits(self, digits: int) -> dict[str, float]:
        """Return median, ``lower`` and ``upper`` of the widest interval for JSON, rounded to a number of decimals."""
        values = {"median": self.median, "lower": self.lower, "upper": self.upper}
        return {name: round(value, digits) for name, value in values.items()}


def summarise(draws: NDArray[Any], levels: tuple[float, ...] = LEVELS, *, has_mean: bool = True) -> Summary:
    """Sum up draws of one number.

    Parameters
    ----------
    draws : ndarray
        Of any shape.
    levels : tuple of float
        Probabilities of the intervals.
    has_mean : bool
        Whether the number has a mean at all.

    Returns
    -------
    Summary
        Intervals between quantiles.
    """
    values = np.ravel(draws).astype(np.float64)
    tails = [side for level in levels for side in ((1 - level) / 2, (1 + level) / 2)]
    limits = np.quantile(values, [0.5, *tails])
    pairs = {level: (float(limits[1 + 2 * i]), float(limits[2 + 2 * i])) for i, level in enumerate(levels)}
    return Summary(float(limits[0]), float(values.mean()), float(values.std(ddof=1)), pairs, has_mean)
