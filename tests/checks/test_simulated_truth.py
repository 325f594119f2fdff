from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator.calibration.list_sizes import held_cells
from estimator.capture.histories import membership
from estimator.checks.finding import CAUTION, FAILS, SOUND
from estimator.checks.loglinear.simulated_scenario import DEPENDENT, OWN, UNEQUAL, Scenario, clopper_pearson
from estimator.checks.loglinear.simulated_tables import (
    dependent_cells,
    own_cells,
    reported,
    shares_of_numbers,
    simulated,
    unequal_cells,
)
from estimator.checks.loglinear.simulated_truth import _finding, default_simulations, simulated_truth
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.loglinear.posterior import expected_cells
from estimator.methods.loglinear.refit import refit
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from tests.checks import estimates
from tests.checks.drawing import drawn
from tests.methods.model_examples import BLANK_SEX, BY_YEAR, INTERVALS, WITH_SEX, by_year, read


def fitted(table):
    model = ModelSettings.for_covariates([covariate.name for covariate in table.covariates])
    return refit(table, model, estimates.normal_priors(), draws=200, warmup=300, seed=2)


def study_of(table):
    return estimates.study_of(table)


# --- list sizes that are held -------------------------------------------------------------------------------------


def test_independent_lists_of_given_sizes_have_product_chances():
    people, sizes = np.array([1000.0, 50.0]), np.array([[300.0, 200.0, 100.0], [10.0, 5.0, 40.0]])
    found = held_cells(people, sizes, np.zeros((2, 8)))
    chance = sizes / people[:, None]
    on = membership(3)
    wanted = people[:, None] * np.where(on[None], chance[:, None], 1 - chance[:, None]).prod(axis=2)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_populations_sizes_and_odds_ratios_are_held_together():
    rng = np.random.default_rng(8)
    fixed, on = rng.normal(0, 1, (3, 16)), membership(4).astype(float)
    people = np.array([5000.0, 80.0, 3.0])
    sizes = people[:, None] * rng.uniform(0.02, 0.7, (3, 4))
    found = held_cells(people, sizes, fixed)
    np.testing.assert_allclose(found.sum(axis=1), people, rtol=1e-6)
    np.testing.assert_allclose(found @ on, sizes, rtol=1e-4)
    # what is fixed is kept: the log of the cells, less that, is additive over lists
    rest = np.log(found) - fixed
    design = np.column_stack([np.ones(16), on])
    left = rest.T - design @ np.linalg.lstsq(design, rest.T, rcond=None)[0]
    np.testing.assert_allclose(left, 0, atol=1e-8)


def test_impossible_histories_stay_empty():
    fixed = np.zeros((1, 8))
    fixed[0, [5, 7]] = -np.inf  # nobody on the first and the last list
    sizes = np.array([[30.0, 20.0, 25.0]])
    found = held_cells(np.array([200.0]), sizes, fixed)
    assert (found[0, [5, 7]] == 0).all()
    np.testing.assert_allclose(found @ membership(3).astype(float), sizes, rtol=1e-4)


def test_people_who_differ_make_lists_depend_on_each_other():
    people, sizes = np.array([1000.0]), np.array([[200.0, 200.0]])
    none, some = (held_cells(people, sizes, np.zeros((1, 4)), sd)[0] for sd in (0.0, 1.0))
    assert none[3] == pytest.approx(40.0, rel=1e-3)
    # E[p(u)^2] with E[p(u)] = 0.2 for logistic p and u ~ Normal(0, 1), by a fine sum over u
    u = np.linspace(-9, 9, 4001)
    weight = stats.norm.pdf(u) / stats.norm.pdf(u).sum()
    shares = np.array([(weight / (1 + np.exp(-(a + u)))).sum() for a in np.linspace(-4, 1, 5001)])
    at = np.linspace(-4, 1, 5001)[np.abs(shares - 0.2).argmin()]
    both = (weight / (1 + np.exp(-(at + u))) ** 2).sum()
    assert some[3] == pytest.approx(1000 * both, rel=0.005)


def test_sizes_that_cannot_be_are_refused():
    fixed = np.zeros((1, 4))
    fixed[0, [0, 3]] = -np.inf  # everybody is on exactly one of two lists
    with pytest.raises(ValueError, match="no table"):
        held_cells(np.array([100.0]), np.array([[10.0, 10.0]]), fixed)


# --- simulated tables ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, declaration", [(BLANK_SEX, WITH_SEX), (INTERVALS, None), (by_year(), BY_YEAR)])
def test_every_person_of_a_cell_takes_one_road(text, declaration):
    table = read(text, declaration)
    total = np.bincount(table.cover_cell, shares_of_numbers(table), minlength=table.n_cells)
    np.testing.assert_allclose(total[table.covered.reshape(-1)], 1.0)


def test_as_many_people_of_unknown_sex_as_there_were():
    table = read(BLANK_SEX, WITH_SEX)
    unknown = np.diff(table.cover_start) > 1
    share = shares_of_numbers(table)
    owner = np.repeat(np.arange(len(table.lower)), np.diff(table.cover_start))
    cells = np.bincount(table.cover_cell, minlength=table.n_cells)
    both_roads = cells[table.cover_cell] > 1
    # 21 of the people are of unknown sex; among cells with both roads each has that share of those two kinds
    blank, known = table.lower[unknown].sum(), table.lower[~unknown].sum()
    wanted = (blank + 0.5) / (blank + known + 1)
    np.testing.assert_allclose(share[both_roads & unknown[owner]], wanted)


def test_simulated_numbers_have_the_expected_means_and_the_truth_counts_everybody():
    table = read(by_year(), BY_YEAR)
    posterior = fitted(table)
    cells = own_cells(posterior, 1, 3)[0]
    design = posterior.design
    many = [simulated(table, design, cells, seed) for seed in range(400)]
    numbers = np.array([one.table.lower for one in many])
    mean = np.add.reduceat(cells.reshape(-1)[table.cover_cell] * shares_of_numbers(table), table.cover_start[:-1])
    exact = table.lower == table.upper
    # 400 Poisson numbers: five standard errors of their mean, and one more for the smallest
    error = 5 * np.sqrt(mean / 400) + 0.05
    assert (np.abs(numbers.mean(axis=0) - mean) < error)[exact].all()
    people = np.array([one.truth.size[0, 0] for one in many])
    error = 5 * np.sqrt(cells.sum(axis=1) / 400) + 0.05
    assert (np.abs(people.mean(axis=0) - cells.sum(axis=1)) < error).all()


def test_bounded_numbers_are_bounded_again_where_they_fall_in_their_bounds():
    table = read(INTERVALS)
    bounded = np.flatnonzero(table.lower != table.upper)
    numbers = table.lower.copy()
    numbers[bounded[0]] = 10**6
    lower, upper = reported(table, numbers)
    for j in range(len(numbers)):
        keeps = table.lower[j] <= numbers[j] <= table.upper[j]
        assert (lower[j], upper[j]) == ((table.lower[j], table.upper[j]) if keeps else (numbers[j], numbers[j]))


def test_own_cells_are_those_of_draws_with_residual_dependence_in_the_unseen_ones():
    posterior = fitted(estimates.table_of([0, 48, 75, 6, 120, 9, 14, 3]))
    lead = posterior.values["log_ratio"].shape
    lifted = replace(posterior, values={**posterior.values, "residual": np.full(lead, np.log(3.0))})
    plain, tripled = own_cells(posterior, 20, 5), own_cells(lifted, 20, 5)
    np.testing.assert_allclose(tripled[..., 0], 3 * plain[..., 0])
    np.testing.assert_allclose(tripled[..., 1:], plain[..., 1:])
    drawn = np.concatenate(list(expected_cells(posterior)))
    assert all((np.abs(drawn - cells).max(axis=(1, 2)) == 0).any() for cells in plain)


@pytest.mark.parametrize("kind", ["dependence", "unequal people"])
def test_other_tables_keep_population_and_list_sizes(kind):
    table = read(by_year(), BY_YEAR)
    posterior = fitted(table)
    base = own_cells(posterior, 5, 3)
    study = study_of(table)
    if kind == "dependence":
        found = dependent_cells(base, study, read_priors("wide"), 4)
    else:
        found = unequal_cells(base, posterior.design)
    np.testing.assert_allclose(found.sum(axis=2), base.sum(axis=2), rtol=1e-6)
    np.testing.assert_allclose(found @ posterior.design.member, base @ posterior.design.member, rtol=1e-3, atol=1e-4)
    assert (found[:, posterior.design.observed.possible == 0] == 0).all()
    assert not np.allclose(found, base, rtol=0.05)


def test_dependence_is_drawn_from_the_priors_that_are_given():
    estimate = estimates.two()
    base = own_cells(estimate.posterior.details, 400, 1)
    stated = {"dependence.odds_ratio.log_normal": "[0.7, 0.4]"}
    found = dependent_cells(base, estimate.study, read_priors("nl-2017", stated), 1)[:, 0]
    ratios = np.log(found[:, 0] * found[:, 3] / (found[:, 1] * found[:, 2]))
    assert stats.kstest(ratios, "norm", args=(0.7, 0.4)).pvalue > 0.001


# --- the finding --------------------------------------------------------------------------------------------------


def judged(inside: int, number: int) -> tuple[Judged, ...]:
    quantiles = dict(zip(QUANTILES, (90.0, 93.0, 96.0, 100.0, 104.0, 107.0, 110.0), strict=True))
    return tuple(Judged(str(i), 101.0 if i < inside else 300.0, quantiles) for i in range(number))


def scenarios(own: int, dependent: int, unequal: int, number: int = 40) -> list[Scenario]:
    counts = {OWN: own, DEPENDENT: dependent, UNEQUAL: unequal}
    return [Scenario(name, {"total": judged(inside, number)}, 0) for name, inside in counts.items()]


@pytest.mark.parametrize(
    "held, verdict",
    [
        ((38, 38, 37), SOUND),
        ((38, 30, 38), CAUTION),
        ((38, 38, 30), CAUTION),
        ((30, 38, 38), FAILS),
        ((38, 15, 38), FAILS),
    ],
)
def test_verdicts(held, verdict):
    finding = _finding(scenarios(*held))
    assert finding.verdict == verdict
    assert bool(finding.reasons) == (verdict == FAILS)
    if verdict != SOUND:
        assert finding.headline["held"] == min(held)
    assert len(drawn(finding).axes) == 3


def test_few_simulations_condemn_nothing_without_reason():
    assert _finding(scenarios(7, 7, 7, number=8)).verdict == SOUND


@pytest.mark.parametrize(("kind", "named"), [(OWN, True), (DEPENDENT, False), (UNEQUAL, False)])
def test_groups_are_held_to_the_studys_own_assumptions_alone(kind, named):
    several = [
        replace(one, judged={**one.judged, "women": judged(30 if one.name == kind else 38, 40)})
        for one in scenarios(38, 38, 38)
    ]
    finding = _finding(several)
    assert finding.verdict == SOUND
    short = [said["groups"] for said in finding.statements if said.code == "interval-short-for-groups"]
    assert [group["group"] for groups in short for group in groups] == ["women"] * named


def test_no_simulation_that_could_be_fitted_is_said():
    finding = _finding([Scenario(OWN, {"total": ()}, 8)])
    assert finding.verdict == CAUTION
    assert not finding.done


@pytest.mark.parametrize("inside, number", [(0, 8), (35, 40), (40, 40)])
def test_confidence_limits_are_exact(inside, number):
    lower, upper = clopper_pearson(inside, number)
    if inside:
        assert stats.binom.sf(inside - 1, number, lower) == pytest.approx(0.025)
    if inside < number:
        assert stats.binom.cdf(inside, number, upper) == pytest.approx(0.025)


def test_large_studies_are_simulated_less_often():
    assert [default_simulations(n) for n in (1, 8, 32, 192)] == [40, 40, 20, 8]


def test_the_whole_check_on_a_small_study(tmp_path):
    estimate = estimates.by_sex()
    finding = simulated_truth(estimate, simulations=2, workers=1, folder=tmp_path / "fits")
    assert set(finding.numbers) == {OWN, DEPENDENT, UNEQUAL}
    own = finding.numbers[OWN]["groups"]
    assert set(own) == {"total", "women"}
    assert own["total"]["truth_inside"]["0.95"]["of"] == 2
    assert len(own["total"]["simulations"]) == 2
    assert finding.numbers[OWN]["failed"] == 0
    again = simulated_truth(estimate, simulations=2, workers=1, folder=tmp_path / "fits")
    assert again.numbers == finding.numbers
    assert finding.to_dict()["numbers"]


@pytest.mark.slow
def test_own_assumptions_hold_and_dependence_that_is_not_known_shows():
    finding = simulated_truth(estimates.estimated(estimates.table_of(estimates.CLEAN), read_priors("independence")))
    own, dependent = (finding.numbers[name]["groups"]["total"]["truth_inside"]["0.95"] for name in (OWN, DEPENDENT))
    # 40 intervals of 95 %: fewer than 33 inside happens once in 3,000 times; truths are drawn near the estimate
    assert own["inside"] >= 33
    assert dependent["inside"] < 24
    assert finding.verdict == FAILS
    assert finding.reasons[0]["where"] == Reason("where-simulated", kind=DEPENDENT)
