"""Walking along paths on which the dependence between lists grows: the total at every strength of it.

The odds ratio of one pair of lists grows, or the mean of all pairs', with everything else estimated anew: by moving the
draws of the run (`estimator.checks.loglinear.conditioning`), and where they cannot be moved so far by sampling with the
value held (`estimator.checks.loglinear.held_sampling`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.conditioning import PosteriorCloud, cloud_of, hold, to_coefficients, to_positions
from estimator.checks.loglinear.dependence_paths import ALL_PAIRS, LARGEST, LIMITS, STEP, DependencePath, PathStop
from estimator.checks.loglinear.held_sampling import CHAINS, HeldSum, plane_of, sample_held
from estimator.methods.loglinear.arrays import ModelArrays, model_arrays
from estimator.methods.loglinear.level_draws import drawn_residual
from estimator.methods.loglinear.parameters import read_vector
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.weights import weighted_quantiles
from estimator.population.estimate import Estimate
from estimator.population.groups import headline_groups
from estimator.seeds import stream
from estimator.study.questions import TOTAL

Floats = NDArray[np.float64]

_MOST_CELLS = 8_000_000  # strata x histories x draws that are moved at once


@dataclass(frozen=True, eq=False)
class PathWalker:
    """Walks along paths on which log odds ratios grow.

    Parameters
    ----------
    limits : (float, float)
        The range of the total beyond which there is no need to go.
    """

    estimate: Estimate
    limits: tuple[float, float]
    seed: int
    arrays: ModelArrays = field(init=False)
    cloud: PosteriorCloud = field(init=False)

    def __post_init__(self) -> None:
        posterior = self.estimate.posterior.details
        arrays = model_arrays(posterior.design, posterior.settings)
        position = posterior.draws.unconstrained
        flat = position.reshape(-1, position.shape[-1])
        object.__setattr__(self, "arrays", arrays)
        object.__setattr__(self, "cloud", cloud_of(arrays, flat, self.n_draws))

    @property
    def n_draws(self) -> int:
        """How many draws are moved: 1,000, and fewer where there are many cells."""
        return int(np.clip(_MOST_CELLS // self.n_cells, 400, 1000))

    @property
    def n_cells(self) -> int:
        """Number of cells of the table, strata by histories."""
        return int(self.estimate.posterior.details.design.observed.counts.size)

    def strongest(self, number: int) -> set[int]:
        """Return the numbers of the pairs that move the log dark figure most, by regression over the draws."""
        terms = self.arrays.term_at[: self.estimate.posterior.details.design.n_pairs]
        pairs, log_unseen = self.cloud.everything[:, terms], self.cloud.everything[:, 0]
        away = pairs - pairs.mean(axis=0)
        slopes = away.T @ (log_unseen - log_unseen.mean()) / np.square(away).sum(axis=0)
        return set(np.argsort(-np.abs(slopes))[:number].tolist())

    def pair(self, number: int, *, sampling: bool = True) -> DependencePath:
        """Return the path on which one pair of lists grows dependent.

        Parameters
        ----------
        number : int
            Of the pair among the terms.
        sampling : bool
            Whether to sample where the run's draws cannot be moved so far.
        """
        direction = np.zeros(len(self.arrays.kind))
        direction[self.arrays.term_at[number]] = 1.0
        posterior = self.estimate.posterior.details
        return self._walk(posterior.design.terms[number], direction, posterior.terms[..., number], sampling=sampling)

    def all_pairs(self) -> DependencePath:
        """Return the path on which the mean log odds ratio of all pairs grows.

        Returns
        -------
        DependencePath
            Each pair weighs as much as it is known (by the inverse of its variance in the run). In a plain mean a pair
            of which hardly anything is known would, under a prior with long tails, stand in for all others.
        """
        n_pairs = self.estimate.posterior.details.design.n_pairs
        pairs = self.estimate.posterior.details.terms[..., :n_pairs]
        weights = 1.0 / pairs.reshape(-1, n_pairs).var(axis=0)
        weights /= weights.sum()
        direction = np.zeros(len(self.arrays.kind))
        direction[self.arrays.term_at[:n_pairs]] = weights
        return self._walk(ALL_PAIRS, direction, pairs @ weights)

    def _walk(self, name: str, direction: Floats, draws: Floats, *, sampling: bool = True) -> DependencePath:
        """Walk from where the run is to both sides, until the total leaves the range or the chains do not agree."""
        plane = plane_of(self.cloud.everything, direction)
        middle = float(np.median(draws))
        start = self._moved(plane, middle) or self._sampled(plane, middle, self.cloud.points)
        if start is None:
            return DependencePath(name, (), draws.ravel(), (-1, 1))
        sides = {side: self._side(start.stop, side, plane, sampling) for side in (-1, 1)}
        stops = sorted([start.stop, *sides[-1], *sides[1]], key=lambda stop: stop.at)
        ended = tuple(side for side, walked in sides.items() if self._unfinished([start.stop, *walked][-1]))
        return DependencePath(name, tuple(stops), draws.ravel(), ended)

    def _inside(self, stop: PathStop) -> bool:
        """Whether the median of the total is inside the range."""
        return self.limits[0] <= stop.median <= self.limits[1]

    def _unfinished(self, last: PathStop) -> bool:
        """Whether the walk ended before the total left the range or dependence became absurd."""
        return self._inside(last) and abs(last.at) < LARGEST

    def _side(self, start: PathStop, side: int, plane: HeldSum, sampling: bool) -> list[PathStop]:
        """Return the stops to one side, and one more where the total leaves the range."""
        points, stops, last = self.cloud.points, [], start
        while self._unfinished(last):
            at = last.at + side * STEP
            reached = self._moved(plane, at)
            if reached is None and sampling and self._can_leave(side):
                reached = self._sampled(plane, at, points)
            if reached is None:
                break
            points = reached.points
            stops.append(reached.stop)
            if not self._inside(reached.stop):
                passing = self._passing(last, reached.stop)
                between = self._moved(plane, passing) or self._sampled(plane, passing, points)
                stops += [between.stop] if between is not None else []
            last = reached.stop
        return sorted(stops, key=lambda stop: side * stop.at)

    def _can_leave(self, side: int) -> bool:
        """Whether less dependence could take the total below the range: not below the registered number."""
        return side > 0 or self.limits[0] > float(np.median(self.estimate.group_draws[TOTAL].registered))

    def _passing(self, inner: PathStop, outer: PathStop) -> float:
        """Return about where the median of the total passes the limit between two stops."""
        limit = self.limits[1] if outer.median > self.limits[1] else self.limits[0]
        share = np.log(limit / inner.median) / np.log(outer.median / inner.median)
        return float(inner.at + share * (outer.at - inner.at))

    def _moved(self, plane: HeldSum, at: float) -> _Reached | None:
        """Return the total at a strength of dependence from the run's draws; None where they cannot be moved so far."""
        held = hold(self.cloud, self.arrays, plane.direction, at)
        if not held.weights.reliable:
            return None
        total = weighted_quantiles(self._total(held.positions), held.weights.values, LIMITS)
        rng = stream(self.seed, "draws-moved")
        some = rng.choice(len(held.positions), CHAINS, p=held.weights.values)
        return _Reached(PathStop(at, total), to_coefficients(self.arrays, held.positions[some]))

    def _sampled(self, plane: HeldSum, at: float, start: Floats) -> _Reached | None:
        """Return the total at a strength of dependence by sampling there; None where the chains do not agree."""
        rng = stream(self.seed, "draws-held")
        points = sample_held(self.arrays, plane, at, start, rng)
        if points is None:
            return None
        total = np.quantile(self._total(to_positions(self.arrays, points)), LIMITS)
        return _Reached(PathStop(at, total, sampled=True), points)

    def _total(self, positions: Floats) -> Floats:
        """Return draws of N of everybody over the headline period, shape (n,)."""
        posterior = self.estimate.posterior.details
        values = read_vector(posterior.parameters, positions[None])
        # given the rest they are independent of what is held
        values |= drawn_residual(posterior.design, posterior.settings, values, self.seed)
        moved: LoglinearPosterior = replace(posterior, values=values)
        groups = headline_groups(self.estimate.study, population_draws(moved, self.seed))
        return np.asarray(groups[TOTAL].size.ravel())


@dataclass(frozen=True, eq=False)
class _Reached:
    """A stop, and points there from which chains may start on the way to the next one.

    Parameters
    ----------
    points : ndarray, shape (n, D)
    """

    stop: PathStop
    points: Floats
