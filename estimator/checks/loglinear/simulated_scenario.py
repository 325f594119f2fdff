"""How intervals fared in tables whose truth is known, by kind of table, and what follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimator.checks.finding import CAUTION, FAILS, SOUND, Verdict
from estimator.checks.numbers import HeldNumbers, ScenarioNumbers, ScoreNumbers, SimulatedNumbers
from estimator.fits.scores import LEVELS, Judged, score_of
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.questions import TOTAL

OWN, DEPENDENT, UNEQUAL = "own assumptions", "dependence of public registers", "unequal people"


@dataclass(frozen=True)
class Scenario:
    """How the intervals fared in one kind of simulated tables.

    Parameters
    ----------
    judged : mapping of str to tuple of Judged
        By group: truth and quantiles of each simulation.
    failed : int
        Simulated tables from which nothing can be estimated, or whose fit failed.
    """

    name: str
    judged: Mapping[str, tuple[Judged, ...]]
    failed: int

    def inside(self, level: float = 0.95, group: str = TOTAL) -> tuple[int, int]:
        """Return in how many simulations the interval of a group held the truth, and of how many."""
        judged = self.judged[group]
        return sum(estimate.holds(level) for estimate in judged), len(judged)

    def limits(self, level: float = 0.95, group: str = TOTAL) -> tuple[float, float]:
        """Return the 95 % confidence limits of the share of intervals that hold the truth."""
        return clopper_pearson(*self.inside(level, group))


def clopper_pearson(inside: int, number: int) -> tuple[float, float]:
    """Return the exact 95 % confidence limits of a share.

    Returns
    -------
    (float, float)
        Clopper & Pearson (1934), Biometrika 26:404.
    """
    from scipy.stats import beta

    lower = 0.0 if inside == 0 else float(beta.ppf(0.025, inside, number - inside + 1))
    upper = 1.0 if inside == number else float(beta.ppf(0.975, inside + 1, number - inside))
    return lower, upper


def verdict_of(scenario: Scenario) -> Verdict:
    """Return what speaks for or against the interval of the total; see population/thresholds.toml."""
    upper = scenario.limits()[1]
    if scenario.name == OWN:
        return FAILS if upper < threshold("scrutiny.simulated_own") else SOUND
    if scenario.name == UNEQUAL:
        return CAUTION if upper < threshold("scrutiny.simulated_heterogeneity") else SOUND
    if upper < threshold("scrutiny.simulated_evidence_least"):
        return FAILS
    return CAUTION if upper < threshold("scrutiny.simulated_evidence") else SOUND


def statements_of(done: Sequence[Scenario], failed: int) -> tuple[Reason, ...]:
    """Return what is stated, the verdict first.

    Parameters
    ----------
    done : sequence of Scenario
        Those with simulations that could be fitted.
    failed : int
        Simulations that could not, of all scenarios.
    """
    lost = [Reason("simulated-tables-lost", number=failed)] if failed else []
    return (_first(done), *(_of_scenario(scenario) for scenario in done), *_of_groups(done), *lost)


def _first(done: Sequence[Scenario]) -> Reason:
    """Return the verdict with its numbers."""
    short = [scenario for scenario in done if verdict_of(scenario) != SOUND]
    if not short:
        counts = tuple(Reason("tables-held", **_held(scenario)) for scenario in done)
        kinds = tuple(Reason("kind-of-simulated-table", kind=scenario.name) for scenario in done)
        return Reason("interval-keeps-promise", counts=counts, kinds=kinds)
    worst = min(short, key=lambda scenario: scenario.limits()[1])
    lower, upper = worst.limits()
    where = Reason("where-simulated", kind=worst.name)
    return Reason("interval-holds-less", where=where, **_held(worst), lower=lower, upper=upper)


def _held(scenario: Scenario, group: str = TOTAL) -> dict[str, int]:
    inside, number = scenario.inside(group=group)
    return {"held": inside, "tables": number}


def _of_scenario(scenario: Scenario) -> Reason:
    lower, upper = scenario.limits()
    return Reason(
        "interval-held-where",
        where=Reason("where-simulated", kind=scenario.name),
        **_held(scenario),
        lower=lower,
        upper=upper,
        bias=score_of(scenario.judged[TOTAL]).bias,
    )


def _of_groups(done: Sequence[Scenario]) -> list[Reason]:
    """Name groups whose interval holds less than it promises under the study's own assumptions."""
    short = tuple(
        Reason("group-held", group=group, **_held(own, group))
        for own in done
        if own.name == OWN
        for group, judged in own.judged.items()
        if group != TOTAL and judged and own.limits(group=group)[1] < threshold("scrutiny.simulated_own")
    )
    return [Reason("interval-short-for-groups", groups=short)] if short else []


def reason_of_scenario(scenario: Scenario) -> Reason:
    """Return why an estimate is not fit to publish whose interval does not hold what it promises."""
    where = Reason("where-simulated", kind=scenario.name)
    return Reason("interval-does-not-hold", where=where, **_held(scenario))


def numbers_of(scenario: Scenario) -> ScenarioNumbers:
    """Return everything of a scenario for JSON."""
    return {
        "failed": scenario.failed,
        "groups": {group: _group_numbers(scenario, group) for group, judged in scenario.judged.items() if judged},
    }


def _group_numbers(scenario: Scenario, group: str) -> ScoreNumbers:
    score = score_of(scenario.judged[group])
    simulations: list[SimulatedNumbers] = [
        {"truth": estimate.truth, "median": estimate.quantiles[0.5], "interval": list(estimate.limits(0.95))}
        for estimate in scenario.judged[group]
    ]
    return {
        "truth_inside": {f"{level:g}": _shares(scenario, level, group) for level in LEVELS},
        "width_of_log": score.width,
        "bias_of_log_median": score.bias,
        "error_of_log_median": score.error,
        "interval_score": score.interval_score,
        "simulations": simulations if group == TOTAL else [],
    }


def _shares(scenario: Scenario, level: float, group: str) -> HeldNumbers:
    inside, number = scenario.inside(level, group)
    lower, upper = scenario.limits(level, group)
    return {"inside": inside, "of": number, "lower": lower, "upper": upper}
