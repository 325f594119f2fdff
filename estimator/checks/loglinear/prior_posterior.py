"""How much did the data move the answer? What was believed of N before the overlaps were looked at, and after.

Before: the prior on the dark figure (and on residual dependence), the registered number being what it is; simulated as
`darkfigure priors draw` does. After: the draws of the run. Both on the log scale, on which N is believed to be some
times more or less.

A group whose belief has hardly become narrower is answered by the prior, whatever its number looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.numbers import DensityNumbers, MoveNumbers, PriorPosteriorNumbers
from estimator.fits.distributions import densities, explained_share
from estimator.methods.loglinear.prior_view import view_prior
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.questions import TOTAL

Floats = NDArray[np.float64]

CHECK = "prior-posterior"
_PRIOR_DRAWS = 4000
_GRID = 121  # points of the densities that are drawn


@dataclass(frozen=True, eq=False)
class Move:
    """How far the data moved what is believed of the size of a group.

    Parameters
    ----------
    before, after : ndarray, shape (n,) and (m,)
        Logs of prior and posterior draws of N.
    residual_share : float
        Which share of the posterior variance of log N residual dependence accounts for, which never meets the data.
    """

    before: Floats
    after: Floats
    residual_share: float = 0.0

    @property
    def kept(self) -> float:
        """Spread of log N after the data over that before, between quartiles: 0 all was learned, 1 nothing.

        Quartiles, because a prior with long tails has no standard deviation worth the name.
        """
        return _quartiles_apart(self.after) / max(_quartiles_apart(self.before), 1e-12)

    @property
    def kept_sd(self) -> float:
        """The same as a ratio of standard deviations."""
        return float(self.after.std() / max(self.before.std(), 1e-12))

    @property
    def mostly_prior(self) -> bool:
        """Whether the data left the spread nearly as it was."""
        return self.kept >= threshold("scrutiny.mostly_prior")

    @property
    def shift(self) -> float:
        """By which factor the median of N moved."""
        return float(np.exp(np.median(self.after) - np.median(self.before)))

    @property
    def overlap(self) -> float:
        """Common area of both densities of log N: 1 when nothing moved, 0 when the data left no belief in place."""
        grid, before, after = densities(self.before, self.after)
        return float(np.trapezoid(np.minimum(before, after), grid))

    @property
    def hellinger(self) -> float:
        """Hellinger distance of the densities of log N: 0 the same, 1 nowhere common."""
        grid, before, after = densities(self.before, self.after)
        return float(np.sqrt(max(0.0, 1.0 - np.trapezoid(np.sqrt(before * after), grid))))

    def to_dict(self) -> MoveNumbers:
        """Return everything for JSON: shares and distances with four decimals, persons with one."""
        limits = (0.025, 0.25, 0.5, 0.75, 0.975)
        return {
            "spread_kept": round(self.kept, 4),
            "shrinkage": round(1 - self.kept, 4),
            "shrinkage_of_standard_deviation": round(1 - self.kept_sd, 4),
            "overlap": round(self.overlap, 4),
            "hellinger_distance": round(self.hellinger, 4),
            "median_moved_by_factor": round(self.shift, 4),
            "share_of_residual_dependence": round(self.residual_share, 4),
            "prior": [round(float(value), 1) for value in np.exp(np.quantile(self.before, limits))],
            "posterior": [round(float(value), 1) for value in np.exp(np.quantile(self.after, limits))],
            "quantiles": list(limits),
            "mostly_prior": self.mostly_prior,
            "picture": _picture(self),
        }


def _quartiles_apart(values: Floats) -> float:
    """Return the interquartile range."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    return float(upper - lower)


def moves(estimate: Estimate, n_draws: int = _PRIOR_DRAWS) -> dict[str, Move]:
    """Return for every group how far the data moved what is believed of it.

    Parameters
    ----------
    n_draws : int
        From the prior.

    Returns
    -------
    dict of str to Move
        Of the groups that the headline period has.
    """
    view = view_prior(estimate.study, estimate.priors, n_draws, estimate.posterior.seed)
    residual = estimate.posterior.details.residual.ravel()
    by_group = {}
    for name, group in estimate.group_draws.items():
        if name in view.groups:
            after = _log(group.size.ravel())
            by_group[name] = Move(_log(view.groups[name].draws["N"]), after, explained_share(after, residual))
    return by_group


def _log(size: Floats) -> Floats:
    """Return logs of numbers of people; nobody counts as half a person."""
    return np.asarray(np.log(np.maximum(size, 0.5)))


def prior_posterior(estimate: Estimate) -> Finding:
    """Say how much the data moved the total and every group.

    Returns
    -------
    Finding
        "fails" where the total is mostly the prior; "caution" where a group is, which then may not be published alone.
        ``numbers`` has for each group what to_dict of `Move` says, and in ``picture`` its densities.
    """
    by_group = moves(estimate)
    alone = tuple(name for name, move in by_group.items() if move.mostly_prior and name != TOTAL)
    total = by_group[TOTAL]
    verdict: Verdict = FAILS if total.mostly_prior else CAUTION if alone else SOUND
    numbers: PriorPosteriorNumbers = {
        "threshold": threshold("scrutiny.mostly_prior"),
        "prior_draws": _PRIOR_DRAWS,
        "groups": {name: move.to_dict() for name, move in by_group.items()},
    }
    return Finding(
        check=CHECK,
        verdict=verdict,
        statements=(
            _of_total(total),
            _of_medians(total),
            *_of_groups(by_group, alone),
            *_of_residual(total),
        ),
        numbers=numbers,
        reasons=(Reason("total-mostly-prior", kept=total.kept),) if total.mostly_prior else (),
        groups_not_alone=alone,
    )


def _picture(move: Move) -> DensityNumbers:
    """Return densities of log N on an even grid, and where 98 % of both beliefs lie."""
    grid, before, after = densities(move.before, move.after)
    ends = np.array([np.quantile(draws, [0.01, 0.99]) for draws in (move.before, move.after)])
    lower, upper = ends.min(), ends.max()
    points = np.linspace(lower, upper, _GRID)
    first, second = (np.interp(points, grid, density) for density in (before, after))
    return {
        "from": round(float(np.exp(lower)), 1),
        "to": round(float(np.exp(upper)), 1),
        "before": np.round(first, 4).tolist(),
        "after": np.round(second, 4).tolist(),
    }


def _of_total(total: Move) -> Reason:
    """Say how much narrower the belief in the total has become."""
    limit = threshold("scrutiny.mostly_prior")
    if total.mostly_prior:
        return Reason("data-hardly-moved-total", kept=total.kept, limit=limit)
    return Reason("data-moved-total", kept=total.kept, limit=limit)


def _of_medians(total: Move) -> Reason:
    """Say what was believed before and after."""
    before, after = (np.exp(np.quantile(draws, [0.025, 0.5, 0.975])) for draws in (total.before, total.after))
    return Reason(
        "belief-before-and-now",
        before=before[1],
        before_lower=before[0],
        before_upper=before[2],
        now=after[1],
        now_lower=after[0],
        now_upper=after[2],
    )


def _of_groups(by_group: Mapping[str, Move], alone: tuple[str, ...]) -> list[Reason]:
    """Name the groups that are mostly the prior."""
    groups = tuple(Reason("group-with-spread-kept", group=name, kept=by_group[name].kept) for name in alone)
    return [Reason("groups-mostly-prior", groups=groups)] if groups else []


def _of_residual(total: Move) -> list[Reason]:
    """Say how much of the spread no table can reduce."""
    share = total.residual_share
    return [Reason("residual-share-of-variance", share=share)] if share > 0 else []
