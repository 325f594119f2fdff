"""What one held-out list says of dependence: fits of its completed table, in which nobody is unseen.

The people on a held-out list make a table of the other lists in which the dark figure is known. Such a completed table
shows how far pairs of lists depend on each other, which a table with an unknown dark figure hardly can.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from estimator.calibration.held_out_fits import Source, held_out_of, thinned
from estimator.methods.loglinear.refit import refit
from estimator.study.priors import read_priors
from estimator.study.shipped import EVIDENCE
from estimator.work.outcomes import Task

BASE = EVIDENCE
"""Priors whose form is used; every number that is learned is overridden."""

REFERENCE_MEAN, REFERENCE_SCALE = (0.3, 1.2), (-0.7, 1.0)
"""Mean and sd of the common mean, and of the log scale, of log odds ratios while a completed table is fitted alone.

Wide: afterwards the draws are weighted by what all tables together say.
"""


@dataclass(frozen=True)
class CompletedFit:
    """A fit of one completed table that is asked for.

    Parameters
    ----------
    list : str
        The held-out list, whose people the table is of.
    degrees_of_freedom : float
        Tails of the distribution of log odds ratios.
    seed, draws : int
        Draws per chain, of two chains.
    """

    source: Source
    list: str
    degrees_of_freedom: float = 4.0
    seed: int = 1
    draws: int = 1000

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_completed`."""
        return Task(key, "evidence.learning_fits:fit_completed", asdict(self))


def fit_completed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit two-list terms to the completed table of the people on a held-out list.

    The known number of unseen people, m, enters as a prior on the dark figure that is as narrow as a count of m people
    makes it: log-normal around m with standard deviation 1 / sqrt(m + 1/2) on the log scale.

    Parameters
    ----------
    payload : mapping
        The fields of `CompletedFit`.

    Returns
    -------
    dict
        ``common_mean`` and ``log_scale``: draws under the reference priors; ``pairs``: posterior mean and standard
        deviation of the log odds ratio of each pair of lists, by name.
    """
    fit = CompletedFit(**{**payload, "source": Source(**payload["source"])})
    held, model = held_out_of(fit.source, fit.list)
    unseen = max(held.unseen, 0.5)
    known = f"[{math.log(unseen / held.table.registered.lower)!r}, {1 / math.sqrt(unseen + 0.5)!r}]"
    priors = read_priors(
        BASE,
        {
            "dark_figure.ratio_to_registered.log_normal": known,
            "dependence.common_mean.log_normal": str(list(REFERENCE_MEAN)),
            "dependence.scale.log_normal": str(list(REFERENCE_SCALE)),
            "dependence.degrees_of_freedom": repr(fit.degrees_of_freedom),
            "residual.form": "none",
        },
    )
    posterior = refit(held.table, model, priors, draws=fit.draws, seed=fit.seed)
    terms = posterior.terms.reshape(-1, posterior.terms.shape[-1])
    means, sds = terms.mean(axis=0), terms.std(axis=0)
    return {
        "common_mean": thinned(posterior.values["common_mean"]),
        "log_scale": thinned(np.log(posterior.values["dependence_scale"])),
        "pairs": {
            name: [float(mean), float(sd)] for name, mean, sd in zip(posterior.design.pairs, means, sds, strict=True)
        },
    }
