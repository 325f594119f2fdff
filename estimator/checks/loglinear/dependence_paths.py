"""Paths along which dependence grows: the total at every strength of it, and where it leaves a range.

Paths of pairs of lists are walked in `estimator.checks.loglinear.tipping_walk`; that of residual dependence is in
closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.public_evidence import PublicEvidence
from estimator.checks.numbers import PathNumbers, TippingPointNumbers
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.study.questions import TOTAL

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
    """The total along one path.

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

    def to_dict(self) -> PathNumbers:
        """Return everything for JSON: odds ratios with four decimals, persons with one."""
        return {
            "in_the_run": [round(float(value), 4) for value in np.exp(self.run)],
            "odds_ratio": [round(float(np.exp(stop.at)), 4) for stop in self.stops],
            "total": [[round(float(value), 1) for value in stop.total] for stop in self.stops],
            "sampled": [stop.sampled for stop in self.stops],
            "monotone": self.monotone,
        }


def residual_path(estimate: Estimate) -> DependencePath:
    """Return the path on which residual dependence grows: closed form, draw by draw.

    Returns
    -------
    DependencePath
        N is the registered number and e^xi times the implied dark figure; what chance adds to that is left out.
    """
    total = estimate.group_draws[TOTAL]
    registered, implied = total.registered.ravel(), total.implied_unseen.ravel()
    steps = np.arange(-round(LARGEST / STEP), round(LARGEST / STEP) + 1) * STEP
    stops = tuple(PathStop(float(at), np.quantile(registered + np.exp(at) * implied, LIMITS)) for at in steps)
    return DependencePath(RESIDUAL, stops, estimate.posterior.details.residual.ravel())


@dataclass(frozen=True)
class TippingPoint:
    """Where the total leaves the range along one path.

    Parameters
    ----------
    limit : float
        Persons: the end of the range that is passed.
    at : float
        Log odds ratio, or xi.
    upward : bool
        Whether the dependence must be larger than in the run, not smaller.
    public : float
        Share of public registers that are at least that far.
    run : float
        Probability of that in the run.
    """

    path: str
    limit: float
    at: float
    upward: bool
    public: float
    run: float

    @property
    def underrated(self) -> bool:
        """Whether public registers are often that far, and the run counts it as much rarer."""
        return self.public >= threshold("scrutiny.tipping_share") and self.run < self.public / 2

    def to_dict(self) -> TippingPointNumbers:
        """Return everything for JSON."""
        side: TippingPointNumbers = {"at_least": True} if self.upward else {"at_most": True}
        return {
            "path": self.path,
            "limit": round(self.limit, 1),
            "odds_ratio": round(float(np.exp(self.at)), 4),
            **side,
            "share_of_public_registers": round(self.public, 4),
            "probability_in_the_run": round(self.run, 4),
        }


def tipping_points_of(path: DependencePath, limits: tuple[float, float], public: PublicEvidence) -> list[TippingPoint]:
    """Return where the total leaves a range along a path.

    Parameters
    ----------
    public : PublicEvidence
        What public registers show of what grows.

    Returns
    -------
    list of TippingPoint
        At most one for each end of the range.
    """
    points = []
    for limit, side in zip(limits, (-1, 1), strict=True):
        at = path.crossing(limit, side)
        if at is None:
            continue
        upward = at >= path.run[1]
        share = public.share_at_least(at)
        probability = float((path.draws >= at).mean())
        shares = (share, probability) if upward else (1 - share, 1 - probability)
        points.append(TippingPoint(path.name, limit, at, upward, *shares))
    return points
