"""Where the total leaves a range along a road, and how often public registers are as far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from estimator.calibration.public_evidence import PublicEvidence
from estimator.checks.tipping_roads import DependencePath
from estimator.population.thresholds import threshold


@dataclass(frozen=True)
class TippingPoint:
    """Where the total leaves the range along one road.

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

    road: str
    limit: float
    at: float
    upward: bool
    public: float
    run: float

    @property
    def underrated(self) -> bool:
        """Whether public registers are often so far, and the run counts that as much rarer."""
        return self.public >= threshold("scrutiny.tipping_share") and self.run < self.public / 2

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "road": self.road,
            "limit": round(self.limit, 1),
            "odds_ratio": round(float(np.exp(self.at)), 4),
            "at_least" if self.upward else "at_most": True,
            "share_of_public_registers": round(self.public, 4),
            "probability_in_the_run": round(self.run, 4),
        }


def tips_of(road: DependencePath, limits: tuple[float, float], public: PublicEvidence) -> list[TippingPoint]:
    """Return where the total leaves a range along a road.

    Parameters
    ----------
    limits : (float, float)
        The range, in persons.
    public : PublicEvidence
        What public registers show of what grows.

    Returns
    -------
    list of TippingPoint
        At most one for each end of the range.
    """
    found = []
    for limit, side in zip(limits, (-1, 1), strict=True):
        at = road.crossing(limit, side)
        if at is None:
            continue
        upward = at >= road.run[1]
        share = public.share_at_least(at)
        probability = float((road.draws >= at).mean())
        shares = (share, probability) if upward else (1 - share, 1 - probability)
        found.append(TippingPoint(road.name, limit, at, upward, *shares))
    return found
