"""Simulated truth: tables drawn from the model's own prior must be covered as often as the intervals promise.

The prior on the dark figure is stated relative to a reference, the registered number. A simulation therefore fixes the
reference, draws parameters and then counts, and keeps the reference when it fits: the table that is drawn then has the
prior that the fit assumes, exactly. No table is left out, whatever its overlaps. Ranks of the truth among the draws
must be uniform (Talts, Betancourt, Simpson, Vehtari & Gelman 2018, arXiv:1804.06788): those of the dark figure, of
every group, and of every parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from estimator.capture.declaration import Covariate, Declaration, NotOperating
from estimator.capture.table import CaptureTable
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.design import Design, design_of
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import parameters_of, prior_settings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import expected_cells, posterior_of, sample_with_nutpie
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.study.priors import read_priors
from tests.methods.by_hand import histories
from tests.methods.model_examples import read

pytestmark = pytest.mark.slow

REFERENCE = 500.0
THIN = 10
ALARM = 0.001
SEX = Covariate("sex", ("f", "m"))

# A dark figure of half to eight times the reference, and lists that see some 3 to 35 %: tables as registers make them.
RATIO = {"dark_figure.ratio_to_registered.between": "[0.5, 8]"}
MODERATE = RATIO | {"coverage.odds.log_normal": "[-2, 0.7]"}

People = np.ndarray
Rows = list[tuple[Any, ...]]


def as_counted(people: People, rng: np.random.Generator) -> Rows:
    """Every cell of people on a list, exactly."""
    return [(s, h, int(people[s, h])) for s in range(people.shape[0]) for h in range(1, people.shape[1])]


def small_counts_suppressed(people: People, rng: np.random.Generator) -> Rows:
    """As offices publish: 1 to 4 people are written '1-4'."""
    return [(s, h, "1-4" if 1 <= n <= 4 else n) for s, h, n in as_counted(people, rng)]


def some_sex_unknown(people: People, rng: np.random.Generator) -> Rows:
    """The sex of every fourth person was not written down, whoever she is."""
    known = people - rng.binomial(people, 0.25)
    unknown = (people - known).sum(axis=0)
    return as_counted(known, rng) + [("", h, int(unknown[h])) for h in range(1, len(unknown)) if unknown[h]]


def third_list_of_men_did_not_run(people: People, rng: np.random.Generator) -> Rows:
    """Men on the third list were written down with the other lists that saw them, or not at all."""
    seen = people.copy()
    without = np.arange(people.shape[1]) & ~1
    for h in range(people.shape[1]):
        if h & 1:
            seen[1, without[h]] += seen[1, h]
            seen[1, h] = 0
    return [row for row in as_counted(seen, rng) if row[0] == 0 or not row[1] & 1]


@dataclass(frozen=True)
class Scenario:
    """A kind of table, what is written down of it, and the priors that truth and fit share."""

    n_lists: int
    replicates: int
    covariates: tuple[Covariate, ...] = ()
    write: Callable[[People, np.random.Generator], Rows] = as_counted
    priors: str = "moderate"
    changes: Mapping[str, str] = field(default_factory=lambda: MODERATE)
    not_operating: tuple[NotOperating, ...] = ()

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple("ABCDEF"[: self.n_lists])

    def table(self, rows: Rows) -> CaptureTable:
        """Read the rows as a user's file is read."""
        levels = [dict(enumerate(covariate.levels)) | {"": ""} for covariate in self.covariates]
        lines = [",".join([*(covariate.name for covariate in self.covariates), *self.lists, "count"])]
        for stratum, history, number in rows:
            on = histories(self.n_lists)[history]
            lines.append(",".join(map(str, [*(level[stratum] for level in levels), *on, number])))
        declared = Declaration(self.lists, self.covariates, not_operating=self.not_operating)
        return read("\n".join(lines) + "\n", declared)

    def design(self, rows: Rows) -> Design:
        return replace(design_of(self.table(rows)), registered=REFERENCE)


SCENARIOS = {
    "four lists": Scenario(4, 100),
    "four lists, default priors": Scenario(4, 100, changes=RATIO),
    "four lists, learned dependence": Scenario(4, 60, priors="wide", changes=MODERATE),
    "four lists, horseshoe": Scenario(4, 60, priors="horseshoe"),
    "two strata": Scenario(4, 60, (SEX,)),
    "small counts suppressed": Scenario(4, 60, write=small_counts_suppressed),
    "sex unknown of some": Scenario(3, 60, (SEX,), write=some_sex_unknown),
    "a list that did not run for men": Scenario(
        3,
        60,
        (SEX,),
        write=third_list_of_men_did_not_run,
        not_operating=(NotOperating("C", {"sex": ("m",)}),),
    ),
}


@dataclass(frozen=True)
class Outcome:
    """Ranks between 0 and 1, and which 95 % intervals hold the truth."""

    ranks: Mapping[str, float]
    covered: Mapping[str, bool]


def simulate_and_fit(scenario: Scenario, seed: int) -> Outcome:
    """Draw parameters, people and a table; fit it; rank the truth among the draws."""
    rng = np.random.default_rng([2026, seed])
    n_strata = max(1, int(np.prod([len(covariate.levels) for covariate in scenario.covariates], dtype=int)))
    blank = scenario.design(scenario.write(np.full((n_strata, 2**scenario.n_lists), 9), rng))
    settings = prior_settings(read_priors(scenario.priors, scenario.changes), blank)
    position = prior_positions(blank, settings, 1, rng)[None]
    truth = posterior_of(blank, settings, Draws(position, {}, 0.0, SamplerSettings()))
    people = rng.poisson(next(expected_cells(truth))[0])

    design = scenario.design(scenario.write(people, rng))
    draws = sample_with_nutpie(design, settings, SamplerSettings(draws=500, warmup=700, seed=seed))
    found = population_draws(posterior_of(design, settings, draws), seed)

    true, drawn = {}, {}
    for s in range(n_strata):
        true[f"N of stratum {s}"], drawn[f"N of stratum {s}"] = people[s].sum(), found.size[..., s]
    true["N"], drawn["N"] = people.sum(), found.size.sum(axis=-1)
    names = [f"{p.name} {k}" for p in parameters_of(design, settings) for k in range(p.size)]
    for d, name in enumerate(names):
        true[name], drawn[name] = position[0, 0, d], draws.unconstrained[..., d]
    ranks, covered = {}, {}
    for name in true:
        values = drawn[name].reshape(-1)[::THIN]
        # ties between whole numbers are broken at random, as the theory of ranks wants
        below = (values < true[name]).sum() + rng.integers(0, (values == true[name]).sum() + 1)
        ranks[name] = (below + rng.random()) / (len(values) + 1)
        lower, upper = np.quantile(drawn[name], [0.025, 0.975])
        covered[name] = bool(lower <= true[name] <= upper)
    return Outcome(ranks, covered)


@pytest.mark.parametrize("name", SCENARIOS)
def test_intervals_cover_and_ranks_are_uniform(name):
    scenario = SCENARIOS[name]
    outcomes = [simulate_and_fit(scenario, seed) for seed in range(scenario.replicates)]
    quantities = [quantity for quantity in outcomes[0].ranks if quantity.startswith("N")]
    # 95 % coverage: of 100, the issue asks for 90 to 99; of 60, the central 99.8 % of the binomial
    low, high = (90, 99) if scenario.replicates == 100 else stats.binom.interval(0.998, scenario.replicates, 0.95)
    p_values = {}
    for quantity in outcomes[0].ranks:
        ranks = [outcome.ranks[quantity] for outcome in outcomes]
        p_values[quantity] = float(stats.kstest(ranks, "uniform").pvalue)
    for quantity in quantities:
        covered = sum(outcome.covered[quantity] for outcome in outcomes)
        print(f"{name}: {quantity}: {covered} of {scenario.replicates} covered, ranks p = {p_values[quantity]:.3f}")
        assert low <= covered <= high, quantity
        assert p_values[quantity] > ALARM, quantity
    least = min(p_values, key=lambda quantity: p_values[quantity])
    print(f"{name}: least uniform of {len(p_values)}: {least}, p = {p_values[least]:.4f}")
    assert p_values[least] > ALARM / len(p_values), least
