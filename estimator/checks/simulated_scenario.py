"""How intervals fared in tables whose truth is known, by kind of table, and what verdict follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimator.checks.finding import CAUTION, FAILS, SOUND, Verdict
from estimator.fits.scores import Judged
from estimator.population.thresholds import threshold
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
        return sum(one.holds(level) for one in judged), len(judged)

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
