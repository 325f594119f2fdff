"""What is said of intervals in tables whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

from estimator.checks.finding import SOUND
from estimator.checks.simulated_scenario import DEPENDENT, OWN, UNEQUAL, Scenario, verdict_of
from estimator.fits.scores import score_of
from estimator.population.thresholds import threshold
from estimator.study.questions import TOTAL
from estimator.words.numbers import count, factor, listed, share

_WHERE = {
    OWN: "Where its own assumptions hold",
    DEPENDENT: "With dependence as in public registers",
    UNEQUAL: "When people differ in ways that no covariate knows",
}


def sentences_of(done: Sequence[Scenario], failed: int) -> tuple[str, ...]:
    """Return what was found, the verdict first.

    Parameters
    ----------
    done : sequence of Scenario
        Those with simulations that could be fitted.
    failed : int
        Simulations that could not, of all scenarios.
    """
    return (_first(done), *(_said(scenario) for scenario in done), *_groups(done), *_failures(failed))


def _first(done: Sequence[Scenario]) -> str:
    """Return the verdict in one sentence."""
    short = [scenario for scenario in done if verdict_of(scenario) != SOUND]
    counts = [f"{count(inside)} of {count(number)}" for inside, number in (one.inside() for one in done)]
    if not short:
        return (
            f"The printed 95 % interval keeps what it promises: it held the truth in {listed(counts)} simulated tables "
            f"({listed([one.name for one in done])})."
        )
    worst = min(short, key=lambda scenario: scenario.limits()[1])
    (inside, number), (lower, upper) = worst.inside(), worst.limits()
    return (
        f"The printed 95 % interval holds less than it promises: {_where(worst)} it held the truth in {count(inside)} "
        f"of {count(number)} simulated tables; read it, in that case, as an interval of {share(lower)} to "
        f"{share(upper)}."
    )


def _where(scenario: Scenario) -> str:
    """Return the kind of tables, in the middle of a sentence."""
    return _WHERE[scenario.name][:1].lower() + _WHERE[scenario.name][1:]


def _said(scenario: Scenario) -> str:
    inside, number = scenario.inside()
    lower, upper = scenario.limits()
    score = score_of(scenario.judged[TOTAL])
    off = _off(score.bias)
    return (
        f"{_WHERE[scenario.name]} it held the truth in {count(inside)} of {count(number)} tables ({share(lower)} to "
        f"{share(upper)}, as far as so few tell), and the median is {off}."
    )


def _off(bias: float) -> str:
    """Say how far the median is from the truth on average, on the log scale."""
    if abs(bias) < 0.005:
        return "on the truth on average"
    return f"{factor(math.exp(abs(bias)))} times too {'large' if bias > 0 else 'small'} on average"


def _groups(done: Sequence[Scenario]) -> list[str]:
    """Name groups whose interval holds less than it promises under the study's own assumptions."""
    own = next((scenario for scenario in done if scenario.name == OWN), None)
    if own is None:
        return []
    short = [
        f"{group} ({count(inside)} of {count(number)})"
        for group, judged in own.judged.items()
        if group != TOTAL and judged and own.limits(group=group)[1] < threshold("scrutiny.simulated_own")
        for inside, number in [own.inside(group=group)]
    ]
    return [f"Under its own assumptions the interval falls short for {listed(short)}."] if short else []


def _failures(failed: int) -> list[str]:
    return [f"Nothing could be estimated from {count(failed)} of the simulated tables."] if failed else []


def reason_of(scenario: Scenario) -> str:
    """Return why an estimate is not fit to publish whose interval does not hold what it promises."""
    inside, number = scenario.inside()
    return (
        f"The 95 % interval does not hold what it promises: {_where(scenario)} it held the truth in {count(inside)} of "
        f"{count(number)} tables simulated at this study's size."
    )
