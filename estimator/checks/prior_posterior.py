"""How much did the data move the answer? What was believed of N before the overlaps were looked at, and after.

Before: the prior on the dark figure (and on residual dependence), the registered number being what it is; simulated as
`darkfigure priors draw` does. After: the draws of the run. Both on the log scale, on which N is believed to be so many
times more or less.

A group whose belief has hardly become narrower is answered by the prior, whatever its number looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.checks.finding import CAUTION, FAILS, SOUND, Finding, Verdict
from estimator.checks.prior_posterior_drawing import draw_before_and_after, size_of
from estimator.checks.subject import Subject
from estimator.fits.distributions import densities, explained_share
from estimator.methods.loglinear.prior_view import view_prior
from estimator.population.thresholds import threshold
from estimator.study.questions import TOTAL
from estimator.words.numbers import listed, roughly

Floats = NDArray[np.float64]

CHECK = "prior-posterior"
_PRIOR_DRAWS = 4000


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

    def to_dict(self) -> dict[str, Any]:
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
        }


def _quartiles_apart(values: Floats) -> float:
    """Return the interquartile range."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    return float(upper - lower)


def moves(subject: Subject, n_draws: int = _PRIOR_DRAWS) -> dict[str, Move]:
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
    view = view_prior(subject.study, subject.priors, n_draws, subject.seed)
    residual = subject.residual.ravel()
    found = {}
    for name, group in subject.groups.items():
        if name in view.groups:
            after = _log(group.size.ravel())
            found[name] = Move(_log(view.groups[name].draws["N"]), after, explained_share(after, residual))
    return found


def _log(size: Floats) -> Floats:
    """Return logs of numbers of people; nobody counts as half a person."""
    return np.asarray(np.log(np.maximum(size, 0.5)))


def prior_posterior(subject: Subject) -> Finding:
    """Say how much the data moved the total and every group.

    Returns
    -------
    Finding
        "fails" where the total is mostly the prior; "caution" where a group is, which then may not be published alone.
    """
    found = moves(subject)
    labels = {name: group.label.en for name, group in subject.groups.items()}
    alone = tuple(name for name, move in found.items() if move.mostly_prior and name != TOTAL)
    total = found[TOTAL]
    verdict: Verdict = FAILS if total.mostly_prior else CAUTION if alone else SOUND
    return Finding(
        check=CHECK,
        title="How much did the data move the answer?",
        verdict=verdict,
        sentences=(
            _of_total(total),
            *_of_medians(total),
            *_of_groups(found, alone, labels),
            *_of_residual(total),
        ),
        numbers={
            "threshold": threshold("scrutiny.mostly_prior"),
            "prior_draws": _PRIOR_DRAWS,
            "groups": {name: move.to_dict() for name, move in found.items()},
        },
        reasons=(_reason(total),) if total.mostly_prior else (),
        groups_not_alone=alone,
        draw=lambda figure: draw_before_and_after(
            figure, {labels[name]: (move.before, move.after) for name, move in found.items()}
        ),
        size=size_of(len(found)),
    )


def _of_total(total: Move) -> str:
    """Say how much narrower the belief in the total has become."""
    kept = f"{100 * total.kept:.0f} %"
    limit = f"{100 * threshold('scrutiny.mostly_prior'):.0f} %"
    if total.mostly_prior:
        return f"The data hardly moved the total: {kept} of the spread before them is left (the limit is {limit})."
    return f"The data moved the total: {kept} of the spread before them is left (the limit is {limit})."


def _of_medians(total: Move) -> list[str]:
    """Say what was believed before and after."""
    before, after = (np.exp(np.quantile(draws, [0.25, 0.5, 0.75])) for draws in (total.before, total.after))
    said = [
        f"{roughly(float(middle))} (half of the belief between {roughly(float(low))} and {roughly(float(high))})"
        for low, middle, high in (before, after)
    ]
    return [f"Before the overlaps were looked at, the middle was {said[0]}; now it is {said[1]}."]


def _of_groups(found: Mapping[str, Move], alone: tuple[str, ...], labels: Mapping[str, str]) -> list[str]:
    """Name the groups that are mostly the prior."""
    if not alone:
        return []
    named = listed([f"{labels[name]} ({100 * found[name].kept:.0f} %)" for name in alone])
    verb, their = ("is", "its number") if len(alone) == 1 else ("are", "their numbers")
    return [
        f"{named} {verb} mostly the prior (so much of the spread before the data is left): do not publish {their} "
        "alone."
    ]


def _of_residual(total: Move) -> list[str]:
    """Say how much of the spread no table can reduce."""
    if total.residual_share <= 0:
        return []
    share = f"{100 * total.residual_share:.0f} %"
    return [
        f"Residual dependence, of which no table knows anything, is {share} of the variance of the log of the total."
    ]


def _reason(total: Move) -> str:
    """Return why a total that is mostly the prior is not to be published."""
    return (
        f"The data hardly move the prior: {100 * total.kept:.0f} % of the spread of the total that was believed before "
        "looking at the overlaps is left. The answer is mostly the prior."
    )
