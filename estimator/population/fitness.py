"""Is an estimate fit to publish? What speaks against it, in sentences that are printed with the number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from estimator.inference.convergence import Convergence
from estimator.inference.posterior import Posterior
from estimator.population.groups import GroupDraws

MOSTLY_PRIOR = 0.7
"""From this ratio of posterior to prior standard deviation (of the log dark figure) the answer is the prior."""

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
        Reasons in the estimate itself: the chains disagree, or the data do not identify the answer.
    not_evidence : tuple of str
        Reasons in the table: it does not hold observed people.
    """

    unsound: tuple[str, ...]
    not_evidence: tuple[str, ...]

    @property
    def publishable(self) -> bool:
        """Whether there is no reason not to publish."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons not to publish."""
        return (*self.unsound, *self.not_evidence)


def fitness(
    posterior: Posterior, groups: Mapping[str, GroupDraws], convergence: Convergence, table_kind: str
) -> Fitness:
    """Judge an estimate.

    Parameters
    ----------
    posterior : Posterior
    groups : mapping of str to GroupDraws
        With the total under its name, ``"total"``.
    convergence : Convergence
    table_kind : str
        ``observed``, ``reconstructed`` or ``synthetic``.

    Returns
    -------
    Fitness
    """
    unsound = list(convergence.reasons)
    unsound += _prior_reasons(posterior, groups)
    not_evidence = [KIND_REASONS[table_kind]] if table_kind in KIND_REASONS else []
    return Fitness(tuple(unsound), tuple(not_evidence))


def prior_share(posterior: Posterior) -> float:
    """Return how wide the log dark figure still is beside its prior: 0 the data say all, 1 they say nothing."""
    prior_sd = float(posterior.settings.arrays["log_ratio_sd"])
    return float(np.std(posterior.values["log_ratio"]) / prior_sd)


def _prior_reasons(posterior: Posterior, groups: Mapping[str, GroupDraws]) -> list[str]:
    """Return whether the total is essentially the prior."""
    share = prior_share(posterior)
    if not groups or math.isnan(share) or share < MOSTLY_PRIOR:
        return []
    return [
        f"The data hardly move the prior: the spread of the dark figure is {100 * share:.0f} % of what was believed "
        "before looking at them. The answer is essentially the prior."
    ]
