"""Which part of the assumptions does an answer lean on? The check of power-scaling.

The measure is in `estimator.checks.loglinear.power_sensitivity`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.loglinear.power_sensitivity import (
    ALL_PRIORS,
    ALPHAS,
    CONFLICT,
    DATA,
    NOTHING,
    PriorSensitivity,
    prior_sensitivities,
)
from estimator.checks.numbers import PowerScalingNumbers
from estimator.methods.weights import RELIABLE_K
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.questions import TOTAL

CHECK = "power-scaling"


def power_scaling(estimate: Estimate) -> Finding:
    """Say on which part of the assumptions the answers lean.

    Returns
    -------
    Finding
        "sound" where no part of the prior matters for the total and nothing of it is extrapolated, otherwise "caution".
        A group other than the total that leans on the prior, on the data hardly, and on the prior
        ``scrutiny.power_scaling_dominates`` times as much, or in which no list ran, may not be published alone.
    """
    sizes = {name: group.size for name, group in estimate.group_draws.items()}
    by_group = prior_sensitivities(estimate.posterior.details, sizes, estimate.posterior.seed)
    unlisted = _groups_without_list(estimate)
    weak = tuple(
        name for name, answer in by_group.items() if name != TOTAL and (answer.mostly_prior or name in unlisted)
    )
    total, extrapolated = by_group[TOTAL], _of_extrapolated(estimate)
    numbers: PowerScalingNumbers = {
        "threshold": threshold("scrutiny.power_scaling"),
        "alphas": list(ALPHAS),
        "groups": {name: answer.to_dict() for name, answer in by_group.items()},
    }
    return Finding(
        check=CHECK,
        verdict=SOUND if total.diagnosis == NOTHING and not weak and not extrapolated else CAUTION,
        statements=(*extrapolated, *_of_total(total), *_of_groups(weak), *_of_weights(by_group)),
        numbers=numbers,
        groups_not_alone=weak,
    )


def _of_extrapolated(estimate: Estimate) -> list[Reason]:
    """Say how much of all strata is of those in which no list ran: no count, but the prior on composition says that."""
    there = estimate.study.table.extrapolated
    if not there.any():
        return []
    size = estimate.population.size
    return [Reason("part-extrapolated", share=float(np.median(size[..., there].sum(-1) / np.maximum(size.sum(-1), 1))))]


def _groups_without_list(estimate: Estimate) -> set[str]:
    """Return the groups in which no list ran: what is said of them is the prior and the other groups."""
    table = estimate.study.table
    return {name for name, group in estimate.study.groups.items() if not table.running[group.strata(table)].any()}


def _of_total(total: PriorSensitivity) -> list[Reason]:
    """Say what the total leans on."""
    limit, data = threshold("scrutiny.power_scaling"), total.parts[DATA].value
    if total.diagnosis == NOTHING:
        return [Reason("no-prior-matters", data=data, limit=limit)]
    strongest = total.strongest or ALL_PRIORS
    part, value = Reason("part-of-assumptions", part=strongest), total.parts[strongest].value
    if total.diagnosis == CONFLICT:
        first = Reason("total-leans-on-prior-and-data", part=part, value=value, data=data, limit=limit)
        return [first, *_of_parts(total), Reason("prior-and-data-both-pull")]
    first = Reason("total-leans-on-prior", part=part, value=value, data=data, limit=limit)
    return [first, *_of_parts(total), Reason("prior-strong-beside-data")]


def _of_parts(total: PriorSensitivity) -> list[Reason]:
    """Say by how much the total moves with every part that matters, the strongest first."""
    own = [name for name, part in total.parts.items() if part.matters and name not in (ALL_PRIORS, DATA)]
    moves = tuple(
        Reason("move-were-part-stronger", part=Reason("part-of-assumptions", part=name), factor=total.parts[name].shift)
        for name in sorted(own, key=lambda name: -total.parts[name].value)
    )
    return [Reason("total-would-move", moves=moves)] if moves else []


def _of_groups(weak: tuple[str, ...]) -> list[Reason]:
    """Name the groups whose answer is mostly the prior."""
    return [Reason("groups-lean-on-prior", groups=weak)] if weak else []


def _of_weights(by_group: Mapping[str, PriorSensitivity]) -> list[Reason]:
    """Say when the weights behind the numbers cannot be relied upon."""
    largest = max(part.pareto_k for answer in by_group.values() for part in answer.parts.values())
    return [Reason("weights-unreliable", pareto_k=largest, limit=RELIABLE_K)] if largest > RELIABLE_K else []
