"""How strong must dependence be for the total to leave a range? One pair of lists, all pairs, or people out of sight.

The range is the one that a user names, otherwise half to double the run's median. Beside each tipping point stands how
often public registers are as dependent as that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from estimator.calibration.public_evidence import PublicEvidence, public_pairs, public_residuals
from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.loglinear.dependence_paths import (
    ALL_PAIRS,
    LARGEST,
    RESIDUAL,
    DependencePath,
    TippingPoint,
    residual_path,
    tipping_points_of,
)
from estimator.checks.loglinear.tipping_walk import PathWalker
from estimator.checks.numbers import TippingNumbers
from estimator.methods.door import Listener
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason, Value
from estimator.study.questions import TOTAL

CHECK = "tipping-point"
_FEW_CELLS = 2000  # of the table: with more, only the pairs that move the total most are followed by sampling
_PAIRS_TO_SAMPLE = 3
_NAMED_PAIRS = 3
_DRAWN = 1 / 20, 20.0  # odds ratios from which to which public registers are drawn
_BINS = 30


def paths_of(
    estimate: Estimate, limits: tuple[float, float], seed: int, listener: Listener
) -> dict[str, DependencePath]:
    """Return the total along every path: all pairs, residual dependence, then the pairs one by one.

    Parameters
    ----------
    limits : (float, float)
        The range, in persons: paths end beyond it.

    Returns
    -------
    dict of str to DependencePath
        Without pairs when the run takes lists to be independent. A single pair is also all pairs, and stands for both.
    """
    n_pairs = estimate.posterior.details.design.n_pairs
    paths = [residual_path(estimate)]
    if n_pairs > 0:
        walker = PathWalker(estimate, limits, seed)
        listener.stage(Reason("doing-tipping-points"))
        if n_pairs > 1:
            paths.insert(0, walker.all_pairs())
        strongest = walker.strongest(n_pairs if walker.n_cells <= _FEW_CELLS else _PAIRS_TO_SAMPLE)
        for number in range(n_pairs):
            listener.progress(number, n_pairs)
            paths.append(walker.pair(number, sampling=number in strongest))
    return {path.name: path for path in paths}


def tipping_point(
    estimate: Estimate,
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
    median = float(np.median(estimate.group_draws[TOTAL].size))
    limits = (median / 2, median * 2) if limits is None else limits
    paths = paths_of(estimate, limits, estimate.posterior.seed if seed is None else seed, listener or Listener())
    pairs, residuals = public_pairs(), public_residuals()
    points = [
        point
        for path in paths.values()
        for point in tipping_points_of(path, limits, residuals if path.name == RESIDUAL else pairs)
    ]
    common = common_points(points, paths)
    numbers: TippingNumbers = {
        "range": [round(limit, 1) for limit in limits],
        "threshold": threshold("scrutiny.tipping_share"),
        "tipping_points": [point.to_dict() for point in points],
        "paths": {name: path.to_dict() for name, path in paths.items()},
        "picture": {
            "paths": _drawn(paths, points),
            "odds_ratios": list(_DRAWN),
            "public_pairs": _shares(pairs),
            "public_residuals": _shares(residuals),
        },
    }
    statements = tuple(_statements(estimate, limits, paths, points, common))
    return Finding(CHECK, CAUTION if common else SOUND, statements, numbers)


def common_points(points: Iterable[TippingPoint], paths: Iterable[str]) -> list[TippingPoint]:
    """Return the tipping points that the run rates too low, on the paths by which the verdict goes."""
    decisive = _decisive(paths)
    return [point for point in points if point.underrated and point.path in decisive]


def _decisive(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths by which the verdict goes: not single pairs, unless there is but one."""
    names = tuple(paths)
    return (ALL_PAIRS, RESIDUAL) if ALL_PAIRS in names else names


def _single(names: Iterable[str]) -> list[str]:
    """Return the paths of single pairs."""
    return [name for name in names if name not in (ALL_PAIRS, RESIDUAL)]


def _soonest(points: Sequence[TippingPoint], paths: dict[str, DependencePath]) -> list[TippingPoint]:
    """Return tipping points of single pairs, those first that need the smallest change from the run."""
    single = [point for point in points if point.path in _single(paths)]
    return sorted(single, key=lambda point: abs(point.at - paths[point.path].run[1]))


def _drawn(paths: dict[str, DependencePath], points: Sequence[TippingPoint]) -> list[str]:
    """Return the paths of the picture: all pairs, residual dependence, and the pair that tips the answer soonest."""
    pairs = [point.path for point in _soonest(points, paths)] or _single(paths)
    return [name for name in paths if name in (ALL_PAIRS, RESIDUAL, *pairs[:1])]


def _shares(public: PublicEvidence) -> list[float]:
    """Return which shares of public registers lie in even bins of log odds ratios, each value spread over its sd."""
    edges = np.linspace(np.log(_DRAWN[0]), np.log(_DRAWN[1]), _BINS + 1)
    beyond = np.array([public.share_at_least(float(edge)) for edge in edges])
    return [round(float(share), 5) for share in -np.diff(beyond)]


def _statements(
    estimate: Estimate,
    limits: tuple[float, float],
    paths: dict[str, DependencePath],
    points: Sequence[TippingPoint],
    common: Sequence[TippingPoint],
) -> list[Reason]:
    """Say where the total leaves the range."""
    statements = [_first(float(np.median(estimate.group_draws[TOTAL].size)), limits, common)]
    for name, path in paths.items():
        own = [point for point in points if point.path == name]
        if name == ALL_PAIRS:
            statements += [_of_all(point, path) for point in own] or [_of_none(path)]
        if name == RESIDUAL:
            statements += [Reason("residual-tips", **_said(point)) for point in own]
    statements += _of_pairs(_soonest(points, paths), [paths[name] for name in _single(paths)])
    if not estimate.posterior.details.design.n_pairs:
        statements.append(Reason("no-pair-was-moved"))
    floor = float(np.median(estimate.group_draws[TOTAL].registered))
    return [*statements, *([Reason("not-below-registered", registered=floor)] if limits[0] <= floor else [])]


def _first(median: float, limits: tuple[float, float], common: Sequence[TippingPoint]) -> Reason:
    """Say how easily the total leaves the range."""
    lower, upper = limits
    if not lower <= median <= upper:
        return Reason("total-outside-range", total=median, lower=lower, upper=upper)
    if not common:
        return Reason("only-rare-dependence-tips", lower=lower, upper=upper)
    easiest = max(common, key=lambda point: point.public)
    return Reason(
        "common-dependence-tips", reached=_reached(easiest), lower=lower, upper=upper, run=_probability(easiest)
    )


def _reached(point: TippingPoint) -> Reason:
    """Say how many public registers are as far."""
    if point.path == RESIDUAL:
        return Reason("lists-that-reach", share=point.public)
    return Reason("pairs-that-reach", share=point.public)


def _probability(point: TippingPoint) -> Reason:
    return Reason("probability-in-run", value=point.run)


def _said(point: TippingPoint) -> dict[str, Value]:
    return {
        "limit": point.limit,
        "ratio": float(np.exp(point.at)),
        "upward": point.upward,
        "reached": _reached(point),
        "run": _probability(point),
    }


def _of_all(point: TippingPoint, path: DependencePath) -> Reason:
    """Say at which odds ratio of all pairs the total leaves the range."""
    return Reason("all-pairs-tip", **_said(point), now=float(np.exp(path.run[1])), one_way=path.monotone)


def _of_none(path: DependencePath) -> Reason:
    """Say that the total stays inside the range whatever the mean of all pairs, or as far as the draws reach."""
    if not path.stops:
        return Reason("all-pairs-cannot-be-told")
    lower, upper = (float(np.exp(stop.at)) for stop in (path.stops[0], path.stops[-1]))
    return Reason("all-pairs-do-not-tip", lower=lower, upper=upper)


def _of_pairs(soonest: Sequence[TippingPoint], pairs: Sequence[DependencePath]) -> list[Reason]:
    """Name the pairs that would tip the answer soonest, or say that none would."""
    if not pairs:
        return []
    if not soonest:
        ended = any(path.ended for path in pairs)
        return [Reason("no-pair-tips", largest=float(np.exp(LARGEST)), as_far_as_draws=ended)]
    named = tuple(
        Reason(
            "pair-that-tips",
            lists=tuple(point.path.split("&")),
            ratio=float(np.exp(point.at)),
            upward=point.upward,
            share=point.public,
        )
        for point in soonest[:_NAMED_PAIRS]
    )
    able = {point.path for point in soonest}
    lost = [path for path in pairs if path.ended and path.name not in able]
    first = Reason("pairs-that-tip", able=len(able), total=len(pairs), soonest=named)
    return [first, *([Reason("other-pairs-not-followed")] if lost else [])]
