"""Is an estimate fit to publish? What speaks against it, in sentences that are printed with the number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimator.capture.checking import check_models
from estimator.capture.table import CaptureTable
from estimator.methods.convergence import Convergence
from estimator.methods.door import Posterior
from estimator.population.groups import GroupDraws
from estimator.population.thresholds import threshold

MOSTLY_PRIOR = threshold("fitness.mostly_prior")
"""From this ratio of posterior to prior standard deviation (of the log dark figure) the answer is the prior."""

WIDEST = threshold("fitness.widest")
"""An interval of the dark figure whose limits are further apart than this factor says too little to publish."""

POOR_FIT, DOUBTFUL_FIT = threshold("fitness.poor_fit"), threshold("fitness.doubtful_fit")
"""Posterior predictive probability of a table that fits worse: below the first unsound, below the second to be said."""

KIND_REASONS = {
    "reconstructed": "The table is reconstructed from published figures: getting those figures back is a check of the "
    "software, not evidence about people.",
    "synthetic": "The table is synthetic: nothing in this estimate is about real people.",
}


@dataclass(frozen=True)
class Fitness:
    """Whether an estimate may be published, and why not.

    Parameters
    ----------
    unsound : tuple of str
        Reasons in the estimate itself: the chains disagree, the data do not identify the answer, or the model does not
        describe them.
    not_evidence : tuple of str
        Reasons in the table: it does not hold observed people.
    cautions : tuple of str
        What a reader must be told though it does not forbid publishing.
    """

    unsound: tuple[str, ...]
    not_evidence: tuple[str, ...]
    cautions: tuple[str, ...] = ()

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons not to publish."""
        return (*self.unsound, *self.not_evidence)


def fitness(
    table: CaptureTable, posterior: Posterior, total: GroupDraws, convergence: Convergence, fit: float | None
) -> Fitness:
    """Judge an estimate.

    Parameters
    ----------
    total : GroupDraws
        Everybody.
    fit : float or None
        Posterior predictive probability of a table that fits worse; None where no such check is made.
    """
    unsound = [*convergence.reasons, *_prior_reasons(posterior), *_identification_reasons(table, posterior, total)]
    cautions = []
    if fit is not None and fit < POOR_FIT:
        unsound.append(f"The model does not describe the table (posterior predictive p below {POOR_FIT}). {_MISFIT}")
    elif fit is not None and fit < DOUBTFUL_FIT:
        cautions.append(f"The model describes the table poorly (posterior predictive p = {fit:.3f}). {_MISFIT}")
    not_evidence = [KIND_REASONS[table.kind]] if table.kind in KIND_REASONS else []
    return Fitness(tuple(unsound), tuple(not_evidence), tuple(cautions))


_MISFIT = (
    "Look at the overlaps; a term for three lists (three_list in study.toml) or a covariate may be missing, and the "
    "interval does not know of it."
)

_NO_LIMITS = {
    "no upper limit": "has no upper limit",
    "no lower limit": "has no lower limit",
    "undetermined": "could be anything",
}


def _identification_reasons(table: CaptureTable, posterior: Posterior, total: GroupDraws) -> list[str]:
    """Return whether the table leaves the number of unseen people open, so that only priors hold it."""
    reasons = []
    pairs_may_depend = posterior.pairs_may_depend
    for model in check_models(table) if pairs_may_depend else ():
        full = model.name == "all pairs" or (table.n_lists == 2 and model.pairs)
        if full and model.total in _NO_LIMITS:
            reasons.append(
                "The table does not identify the total: when every pair of lists may depend, the number of unseen "
                f"people {_NO_LIMITS[model.total]} as far as the data go. Only the priors hold it."
            )
    lower, upper = np.quantile(total.unseen, [0.025, 0.975])
    if upper > WIDEST * max(lower, 1.0):
        reasons.append(
            f"The 95 % interval of the dark figure spans more than a factor of {WIDEST:.0f} ({lower:,.0f} to "
            f"{upper:,.0f}): too wide to be an answer."
        )
    return reasons


def _prior_reasons(posterior: Posterior) -> list[str]:
    """Return whether the total is essentially the prior."""
    share = posterior.prior_share
    if share is None or share < MOSTLY_PRIOR:
        return []
    return [
        f"The data hardly move the prior: the spread of the dark figure is {100 * share:.0f} % of what was believed "
        "before looking at them. The answer is essentially the prior."
    ]
