"""How strong must dependence be for the total to leave a range? One pair of lists, all pairs, or people out of sight.

The range is the one that a user names, otherwise half to double the run's median. Beside each tipping point stands how
often public registers are as dependent as that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from estimator.calibration.public_evidence import public_pairs, public_residuals
from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.subject import Subject
from estimator.checks.tipping_point_drawing import draw_roads, size_of
from estimator.checks.tipping_point_wording import decisive_roads, sentences_of, soonest_pairs
from estimator.checks.tipping_roads import ALL_PAIRS, RESIDUAL, DependencePath, residual_road
from estimator.checks.tipping_walk import PathWalker
from estimator.checks.tips import TippingPoint, tips_of
from estimator.methods.door import Listener
from estimator.population.thresholds import threshold

CHECK = "tipping-point"
_FEW_CELLS = 2000  # of the table: with more, only the pairs that move the total most are followed by sampling
_PAIRS_TO_SAMPLE = 3


def roads_of(subject: Subject, limits: tuple[float, float], seed: int, listener: Listener) -> list[DependencePath]:
    """Return the total along every road: all pairs, residual dependence, then the pairs one by one.

    Parameters
    ----------
    limits : (float, float)
        The range, in persons: roads end beyond it.

    Returns
    -------
    list of DependencePath
        Without pairs when the run takes lists to be independent. A single pair is also all pairs, and stands for both.
    """
    n_pairs = subject.posterior.design.n_pairs
    found = [residual_road(subject, RESIDUAL)]
    if n_pairs == 0:
        return found
    walker = PathWalker(subject, limits, seed)
    listener.stage("Tipping points: the total at every strength of dependence")
    if n_pairs > 1:
        found.insert(0, walker.all_pairs(ALL_PAIRS))
    strongest = walker.strongest(n_pairs if walker.n_cells <= _FEW_CELLS else _PAIRS_TO_SAMPLE)
    for number in range(n_pairs):
        listener.progress(number, n_pairs)
        found.append(walker.pair(number, sampling=number in strongest))
    return found


def tipping_point(
    subject: Subject,
    limits: tuple[float, float] | None = None,
    seed: int | None = None,
    listener: Listener | None = None,
) -> Finding:
    """Say how strong dependence must be for the total to leave a range.

    Parameters
    ----------
    limits : (float, float), optional
        The range, in persons; by default half to double the median.
    seed : int, optional
        By default that of the estimate.

    Returns
    -------
    Finding
        "caution" where dependence of all pairs, or residual dependence, that takes the total out of the range is found
        in one of twenty public registers or more (``scrutiny.tipping_share``), and the run counts it as less than half
        as probable; otherwise "sound". It never fails by itself: what the prior says of dependence is in the interval.
    """
    median = float(np.median(subject.total.size))
    limits = (median / 2, median * 2) if limits is None else limits
    roads = roads_of(subject, limits, subject.seed if seed is None else seed, listener or Listener())
    pairs, residuals = public_pairs(), public_residuals()
    tips = [tip for road in roads for tip in tips_of(road, limits, residuals if road.name == RESIDUAL else pairs)]
    common = [tip for tip in tips if tip.road in decisive_roads(roads)]
    return Finding(
        check=CHECK,
        title="How much dependence would tip the answer?",
        verdict=CAUTION if any(tip.underrated for tip in common) else SOUND,
        sentences=tuple(sentences_of(subject, limits, roads, tips)),
        numbers={
            "range": [round(limit, 1) for limit in limits],
            "threshold": threshold("scrutiny.tipping_share"),
            "tips": [tip.to_dict() for tip in tips],
            "roads": {road.name: road.to_dict() for road in roads},
        },
        draw=lambda figure: draw_roads(figure, _drawn(roads, tips), limits, pairs, residuals),
        size=size_of(),
    )


def _drawn(roads: Sequence[DependencePath], tips: Sequence[TippingPoint]) -> dict[str, DependencePath]:
    """Return the roads of the picture: all pairs, residual dependence, and the pair that tips the answer soonest."""
    chosen = {road.name: road for road in roads if road.name in (ALL_PAIRS, RESIDUAL)}
    soonest = soonest_pairs([tip for tip in tips if tip.road not in chosen], roads)
    names = [tip.road for tip in soonest[:1]] or [road.name for road in roads if road.name not in chosen][:1]
    return chosen | {road.name: road for road in roads if road.name in names}
