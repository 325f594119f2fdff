"""Roads along which dependence grows: the total at every strength of it, and where it leaves a range.

Roads of pairs of lists are walked in `estimator.checks.tipping_walk`; that of residual dependence is in
closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.checks.subject import Subject

Floats = NDArray[np.float64]

ALL_PAIRS, RESIDUAL = "all pairs", "residual dependence"
LIMITS = (0.025, 0.5, 0.975)
LARGEST = float(np.log(30.0))
"""Log odds ratio beyond which nobody is asked to believe in a dependence."""

STEP = 0.5
"""Between neighbouring log odds ratios: a factor of 1.6."""


@dataclass(frozen=True, eq=False)
class PathStop:
    """The total at one strength of dependence.

    Parameters
    ----------
    at : float
        Log odds ratio, or xi.
    total : ndarray, shape (3,)
        Quantiles of N of everybody, at `LIMITS`.
    sampled : bool
        Whether the model was sampled for it, rather than the draws of the run moved.
    """

    at: float
    total: Floats
    sampled: bool = False

    @property
    def median(self) -> float:
        """Median of N."""
        return float(self.total[1])


@dataclass(frozen=True, eq=False)
class DependencePath:
    """The total along one road.

    Parameters
    ----------
    name : str
        A pair of lists, `ALL_PAIRS` or `RESIDUAL`.
    stops : tuple of PathStop
        In increasing order of `at`.
    draws : ndarray, shape (n,)
        Of what grows, in the run.
    ended : tuple of int
        -1 where the draws could not be brought further down, 1 up, though the total was still inside the range.
    """

    name: str
    stops: tuple[PathStop, ...]
    draws: Floats
    ended: tuple[int, ...] = ()

    @property
    def run(self) -> tuple[float, float, float]:
        """Where the run itself is: quantiles of what grows, at `LIMITS`."""
        lower, middle, upper = np.quantile(self.draws, LIMITS)
        return float(lower), float(middle), float(upper)

    def crossing(self, limit: float, side: int) -> float | None:
        """Return at which strength the median of N passes a limit.

        Parameters
        ----------
        limit : float
            Persons.
        side : int
            1 for a limit above the run's median, -1 for one below.

        Returns
        -------
        float or None
            The nearest to the run's median strength, between two neighbouring stops by interpolation of log N; None
            when no stop is beyond the limit.
        """
        beyond = side * (np.log([stop.median for stop in self.stops]) - np.log(limit))
        at = np.array([stop.at for stop in self.stops])
        places = [
            float(at[i] + (at[i + 1] - at[i]) * beyond[i] / (beyond[i] - beyond[i + 1]))
            for i in range(len(at) - 1)
            if (beyond[i] > 0) != (beyond[i + 1] > 0)
        ]
        return min(places, key=lambda place: abs(place - self.run[1])) if places else None

    @property
    def monotone(self) -> bool:
        """Whether more dependence always means more (or always fewer) people, but for one part in a hundred."""
        steps = np.diff(np.log([stop.median for stop in self.stops]))
        return bool((steps > -0.01).all() or (steps < 0.01).all())

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON: odds ratios with four decimals, persons with one."""
        return {
            "in_the_run": [round(float(value), 4) for value in np.exp(self.run)],
            "odds_ratio": [round(float(np.exp(stop.at)), 4) for stop in self.stops],
            "total": [[round(float(value), 1) for value in stop.total] for stop in self.stops],
            "sampled": [stop.sampled for stop in self.stops],
            "monotone": self.monotone,
        }


def residual_road(subject: Subject, name: str) -> DependencePath:
    """Return the road on which residual dependence grows: closed form, draw by draw.

    Returns
    -------
    DependencePath
        N is the registered number and e^xi times the implied dark figure; what chance adds to that is left out.
    """
    total = subject.total
    registered, implied = total.registered.ravel(), total.implied_unseen.ravel()
    steps = np.arange(-round(LARGEST / STEP), round(LARGEST / STEP) + 1) * STEP
    stops = tuple(PathStop(float(at), np.quantile(registered + np.exp(at) * implied, LIMITS)) for at in steps)
    return DependencePath(name, stops, subject.residual.ravel())
