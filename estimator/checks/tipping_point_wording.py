"""What is said of tipping points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from estimator.checks.subject import Subject
from estimator.checks.tipping_roads import ALL_PAIRS, LARGEST, RESIDUAL, DependencePath
from estimator.checks.tips import TippingPoint
from estimator.words.numbers import factor, listed, one_in, roughly

_NAMED_PAIRS = 3


def decisive_roads(roads: Sequence[DependencePath]) -> tuple[str, ...]:
    """Return the roads by which the verdict goes: not single pairs, unless there is but one."""
    names = [road.name for road in roads]
    return (ALL_PAIRS, RESIDUAL) if ALL_PAIRS in names else tuple(names)


def soonest_pairs(tips: Sequence[TippingPoint], roads: Sequence[DependencePath]) -> list[TippingPoint]:
    """Return tips of single pairs, those first that need the smallest change from the run."""
    middle = {road.name: road.run[1] for road in roads}
    return sorted(tips, key=lambda tip: abs(tip.at - middle[tip.road]))


def sentences_of(
    subject: Subject, limits: tuple[float, float], roads: list[DependencePath], tips: list[TippingPoint]
) -> list[str]:
    """Say where the total leaves the range."""
    single = [tip for tip in tips if tip.road not in (ALL_PAIRS, RESIDUAL)]
    found = [_first(subject, limits, tips, decisive_roads(roads))]
    for road in roads:
        own = [tip for tip in tips if tip.road == road.name]
        if road.name == ALL_PAIRS:
            found += [_of_all(tip, road) for tip in own] or [_of_none(road)]
        if road.name == RESIDUAL:
            found += [_of_residual(tip) for tip in own]
    found += _of_pairs(soonest_pairs(single, roads), roads)
    if not subject.posterior.design.n_pairs:
        found.append("The run takes lists to be independent, so that no pair was moved: run other priors for that.")
    floor = float(np.median(subject.total.registered))
    if limits[0] <= floor:
        found.append(f"It cannot fall below the registered number ({roughly(floor)}), whatever the dependence.")
    return found


def _first(subject: Subject, limits: tuple[float, float], tips: Sequence[TippingPoint], decisive: Sequence[str]) -> str:
    """Say how easily the total leaves the range."""
    span = f"{roughly(limits[0])} to {roughly(limits[1])}"
    median = float(np.median(subject.total.size))
    if not limits[0] <= median <= limits[1]:
        return f"The total of the run ({roughly(median)}) is outside the range {span} already."
    underrated = [tip for tip in tips if tip.underrated and tip.road in decisive]
    if not underrated:
        rare = "Only dependence that is rare in public registers, or that the run counts with, takes the total out of"
        return f"{rare} {span}."
    easiest = max(underrated, key=lambda tip: tip.public)
    what = "lists held out of public tables" if easiest.road == RESIDUAL else "pairs of public registers"
    reached = f"{_share(easiest.public)} {what} {_reaches(easiest.public)}"
    return (
        f"Dependence that {reached} takes the total out of {span}; in the run its probability is "
        f"{_probability(easiest.run)}."
    )


def _share(share: float) -> str:
    """Return a share in words that go before what is counted: "one in six"."""
    if share < 0.01:
        return "fewer than one in a hundred of the"
    return one_in(1 / share) or f"{100 * share:.0f} % of the"


def _reaches(share: float) -> str:
    """Return the verb that goes with a share in words."""
    return "reaches" if _share(share).startswith("one in") else "reach"


def _ratio(tip: TippingPoint) -> str:
    """Return an odds ratio and which way: "4.2 or more"."""
    return f"{factor(float(np.exp(tip.at)))} or {'more' if tip.upward else 'less'}"


def _of_all(tip: TippingPoint, road: DependencePath) -> str:
    """Say at which odds ratio of all pairs the total leaves the range."""
    back = "" if road.monotone else " The total does not move one way only on that road."
    return (
        f"It passes {roughly(tip.limit)} were the odds ratios of all pairs {_ratio(tip)} in the mean (geometric, each "
        f"weighted by how well it is known), now {factor(float(np.exp(road.run[1])))}: "
        f"{_so_far(tip, 'pairs of public registers')}.{back}"
    )


def _of_none(road: DependencePath) -> str:
    """Say that the total stays inside the range whatever the mean of all pairs, or as far as the draws reach."""
    if not road.stops:
        return "How the total moves with all pairs together cannot be told under this prior: chains disagree."
    ends = [factor(float(np.exp(stop.at))) for stop in (road.stops[0], road.stops[-1])]
    return f"It stays in the range for any mean odds ratio of all pairs between {ends[0]} and {ends[1]}."


def _so_far(tip: TippingPoint, what: str) -> str:
    """Say how many public registers are as far, and how probable that is in the run."""
    reached = f"{_share(tip.public)} {what} {_reaches(tip.public)} that"
    return f"{reached}; in the run its probability is {_probability(tip.run)}"


def _probability(value: float) -> str:
    """Return a probability in words."""
    return "below 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _of_pairs(soonest: list[TippingPoint], roads: Sequence[DependencePath]) -> list[str]:
    """Name the pairs that would tip the answer soonest, or say that none would."""
    pairs = [road for road in roads if road.name not in (ALL_PAIRS, RESIDUAL)]
    if not pairs:
        return []
    if not soonest:
        largest = f"{np.exp(LARGEST):.0f}"
        reach = "as far as the draws reach" if any(road.ended for road in pairs) else f"from 1/{largest} to {largest}"
        return [f"No single pair takes the total out of the range, at any odds ratio {reach}."]
    named = [
        f"{tip.road.replace('&', ' and ')} at {_ratio(tip)} ({_share(tip.public).removesuffix(' of the')})"
        for tip in soonest[:_NAMED_PAIRS]
    ]
    able = {tip.road for tip in soonest}
    first = f"{len(able)} of {len(pairs)} pairs can" if len(pairs) > 1 else "The one pair can"
    said = f"{first} do it alone, soonest {listed(named)}; in brackets how many pairs of public registers reach that."
    lost = [road for road in pairs if road.ended and road.name not in able]
    return [said, *(["The other pairs could not all be followed so far."] if lost else [])]


def _of_residual(tip: TippingPoint) -> str:
    """Say how many more people must be out of sight than the overlaps imply."""
    return (
        f"It passes {roughly(tip.limit)} were there {_ratio(tip)} times as many unseen people as the overlaps imply: "
        f"{_so_far(tip, 'lists held out of public tables')}."
    )
