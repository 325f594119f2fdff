"""Whether people visibly differ in how easily lists see them, and what the total would then be.

Where people differ, those on no list are harder to see than the others, and pairs of lists do not show by how much
(docs/differences.md). That they differ does show: `heterogeneity` estimates the standard deviation of their log odds.
How far intervals are then right, and how this check does on tables whose total is known: docs/verdict.md.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.pooling import can_be_pooled, pooled
from estimator.checks.finding import CAUTION, SOUND, Finding, Verdict
from estimator.checks.numbers import UnequalNumbers
from estimator.errors import NotEstimableError
from estimator.fits.rivals import spread_of_pairs, visible_differences
from estimator.methods.complete import complete_counts
from estimator.methods.door import QUICK
from estimator.methods.summary import Summary, summarise
from estimator.population.estimate import Estimate
from estimator.population.groups import GroupDraws
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.seeds import seed_of, stream
from estimator.study.questions import TOTAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAME = "unequal-chances"

_LARGEST = 27.0  # of a log dark figure


def unequal_chances(estimate: Estimate, *, seed: int | None = None) -> Finding:
    """Say whether people visibly differ, and what the total would be if they do as in the populations of the evidence.

    Returns
    -------
    Finding
        "caution" where the 95 % interval of the standard deviation lies above ``scrutiny.people_differ``: the total is
        then given once more, with the residual dependence that such populations have. Strata are added up, so that
        differences which covariates explain are counted in. "sound" where people do not visibly differ.

    Raises
    ------
    NotEstimableError
        When the table does not say how far people differ: two lists, numbers known within bounds, too few overlaps.
    """
    seed = estimate.posterior.seed if seed is None else seed
    counts = _counts(estimate)
    sigma = summarise(_sigma(counts, seed_of(seed, NAME)))
    visible = sigma.lower >= threshold("scrutiny.people_differ")
    total = estimate.group_draws[TOTAL]
    own = summarise(total.size, has_mean=total.has_mean)
    then = summarise(_were_people_to_differ(estimate, total, counts, seed), has_mean=False)
    verdict: Verdict = CAUTION if visible else SOUND
    statements = _said(sigma, own, then, estimate.study.table.n_strata > 1) if visible else _not_seen(sigma)
    numbers: UnequalNumbers = {
        "sigma": sigma.limits(3),
        "own": own.limits(1),
        "then": then.limits(1),
        "registered": float(np.median(total.registered)),
        "limit": threshold("scrutiny.people_differ"),
    }
    return Finding(NAME, verdict, statements, numbers)


def _counts(estimate: Estimate) -> Ints:
    """Return persons by history, strata added up.

    Raises
    ------
    NotEstimableError
        When they are not known, or lists did not run everywhere.
    """
    table = estimate.study.table
    if not can_be_pooled(table):
        raise NotEstimableError((Reason("pooled-needs-lists-everywhere"),))
    counts = complete_counts(pooled(table))
    if counts is None:
        raise NotEstimableError((Reason("differences-need-exact-numbers"),))
    return np.asarray(counts[0])


def _sigma(counts: Ints, seed: int) -> Floats:
    """Return draws of how far people differ; refuse where the table says nothing of it."""
    draws = visible_differences(counts, replace(QUICK, seed=seed))
    if isinstance(draws, tuple):
        raise NotEstimableError(draws)
    return draws


def _were_people_to_differ(estimate: Estimate, total: GroupDraws, counts: Ints, seed: int) -> Floats:
    """Return draws of the total with the residual dependence of populations whose people differ, shape (n,).

    It is in units of the spread of pairs of lists: that of the estimate where its priors learn one, else that of the
    table under the priors `evidence`.
    """
    implied = np.log(np.maximum(total.implied_unseen, 1e-9)).ravel()
    rng = stream(seed, NAME)
    tau = estimate.posterior.details.values.get("dependence_scale")
    if tau is None:
        spread = spread_of_pairs(counts, replace(QUICK, seed=seed_of(seed, NAME)))
        tau = rng.choice(spread.ravel(), len(implied))
    centre, size = threshold("scrutiny.people_differ_centre"), threshold("scrutiny.people_differ_size")
    log_unseen = implied + np.ravel(tau) * (centre + size * rng.standard_normal(len(implied)))
    return np.asarray(total.registered.ravel() + rng.poisson(np.exp(np.minimum(log_unseen, _LARGEST))))


def _said(sigma: Summary, own: Summary, then: Summary, strata: bool) -> tuple[Reason, ...]:
    return (
        Reason(
            "people-visibly-differ",
            sigma=sigma.median,
            sigma_lower=sigma.lower,
            sigma_upper=sigma.upper,
            lower=then.lower,
            upper=then.upper,
            own_lower=own.lower,
            own_upper=own.upper,
        ),
        Reason("how-people-differ-is-unknown", strata=strata),
    )


def _not_seen(sigma: Summary) -> tuple[Reason, ...]:
    return (Reason("people-do-not-visibly-differ", sigma_lower=sigma.lower, sigma_upper=sigma.upper),)
