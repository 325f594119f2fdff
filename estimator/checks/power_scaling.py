"""Which part of the assumptions does an answer lean on? The check of power-scaling, and its words.

The measure is in `estimator.fits.power_sensitivity`.
"""

from __future__ import annotations

from collections.abc import Mapping

from estimator.checks.finding import CAUTION, SOUND, Finding
from estimator.checks.power_scaling_drawing import draw_leanings, size_of
from estimator.checks.subject import Subject
from estimator.fits.power_sensitivity import (
    ALL_PRIORS,
    ALPHAS,
    CONFLICT,
    DATA,
    NOTHING,
    PriorSensitivity,
    leanings,
)
from estimator.fits.prior_components import LABELS
from estimator.fits.weights import RELIABLE_K
from estimator.population.thresholds import threshold
from estimator.study.questions import TOTAL
from estimator.words.numbers import listed

CHECK = "power-scaling"


def power_scaling(subject: Subject) -> Finding:
    """Say on which part of the assumptions the answers lean.

    Returns
    -------
    Finding
        "sound" where no part of the prior matters for the total, otherwise "caution". A group other than the total that
        leans on the prior, on the data hardly, and on the prior ``scrutiny.power_scaling_dominates`` times as much, may
        not be published alone.
    """
    found = leanings(subject.posterior, {name: group.size for name, group in subject.groups.items()}, subject.seed)
    labels = {name: group.label.en for name, group in subject.groups.items()}
    weak = tuple(name for name, one in found.items() if name != TOTAL and one.mostly_prior)
    total = found[TOTAL]
    return Finding(
        check=CHECK,
        title="What the answer leans on: every part of the prior made stronger and weaker",
        verdict=SOUND if total.diagnosis == NOTHING and not weak else CAUTION,
        sentences=(*_of_total(total), *_of_groups([labels[name] for name in weak]), *_of_weights(found)),
        numbers={
            "threshold": threshold("scrutiny.power_scaling"),
            "alphas": list(ALPHAS),
            "groups": {name: one.to_dict() for name, one in found.items()},
        },
        groups_not_alone=weak,
        draw=lambda figure: draw_leanings(figure, _drawn(found), labels, threshold("scrutiny.power_scaling")),
        size=size_of(len(total.parts)),
    )


def _drawn(found: Mapping[str, PriorSensitivity]) -> dict[str, dict[str, float]]:
    """Return every sensitivity by its label and by group."""
    total = found[TOTAL]
    order = [ALL_PRIORS, *(name for name in total.parts if name not in (ALL_PRIORS, DATA)), DATA]
    return {label_of(part): {group: one.parts[part].value for group, one in found.items()} for part in order}


def label_of(part: str) -> str:
    """Return what a part is called: "the prior on the dark figure"."""
    if part == DATA:
        return "the data"
    return part if part == ALL_PRIORS else f"the prior on {LABELS[part]}"


def _of_total(total: PriorSensitivity) -> list[str]:
    """Say what the total leans on."""
    data, strongest = total.parts[DATA], total.strongest
    limit = threshold("scrutiny.power_scaling")
    said = f"(sensitivity {_written(data.value)}; it matters from {limit:g})"
    if total.diagnosis == NOTHING:
        return [f"No part of the prior moves the total noticeably when it is made stronger; the data do {said}."]
    leaning = f"The total leans on {label_of(strongest or ALL_PRIORS)}"
    part = total.parts[strongest or ALL_PRIORS]
    if total.diagnosis == CONFLICT:
        first = f"{leaning} (sensitivity {_written(part.value)}) as well as on the data {said}."
        what = "Prior and data both pull on the answer: they may contradict each other, or the prior says something "
        second = f"{what}that the data know only in part. Look whether you believe that prior, and why."
    else:
        first = f"{leaning} (sensitivity {_written(part.value)}), and hardly on the data {said}."
        second = "The prior is strong beside what the data say: whoever believes another prior gets another number."
    return [first, *_of_parts(total), second]


def _written(value: float) -> str:
    """Return a sensitivity with the digits that tell it from the threshold."""
    return f"{value:.2f}" if value >= 0.095 else f"{value:.3f}"


def _of_parts(total: PriorSensitivity) -> list[str]:
    """Say by how much the total moves with every part that matters, the strongest first."""
    own = [name for name, one in total.parts.items() if one.matters and name not in (ALL_PRIORS, DATA)]
    moves = [
        f"{_move(total.parts[name].shift)} were {label_of(name)} twice as strong"
        for name in sorted(own, key=lambda name: -total.parts[name].value)
    ]
    if not moves:
        return []
    return [f"It would be {listed(moves)} (that is, its standard deviation divided by 1.4)."]


def _move(shift: float) -> str:
    """Return a change in words: "about 11 % larger"."""
    per_cent = 100 * abs(shift - 1)
    if per_cent < 0.5:
        return "no larger or smaller, but more or less certain,"
    return f"about {per_cent:.0f} % {'larger' if shift > 1 else 'smaller'}"


def _of_groups(weak: list[str]) -> list[str]:
    """Name the groups whose answer is mostly the prior."""
    if not weak:
        return []
    verb, their = ("leans", "its") if len(weak) == 1 else ("lean", "their")
    return [f"{listed(weak)} {verb} on the prior, and hardly on the data: do not publish {their} numbers alone."]


def _of_weights(found: Mapping[str, PriorSensitivity]) -> list[str]:
    """Say when the weights behind the numbers cannot be relied upon."""
    largest = max(one.pareto_k for leaning in found.values() for one in leaning.parts.values())
    if largest <= RELIABLE_K:
        return []
    return [
        f"Some weights are unreliable (Pareto k up to {largest:.1f}, more than {RELIABLE_K}): more draws are needed."
    ]
