from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

from estimator.capture.declaration import Declaration
from estimator.capture.table import UNBOUNDED
from estimator.checks.finding import CAUTION, SOUND
from estimator.checks.loglinear import leave_one_out as module
from estimator.checks.loglinear.completed import some_draws
from estimator.checks.loglinear.influence import Influence, Influences, influences, name_of, spread_of
from estimator.checks.loglinear.leave_one_out import default_refits, leave_one_out
from estimator.checks.loglinear.log_density import log_densities, log_priors
from estimator.checks.loglinear.pointwise import blocks_of, log_likelihoods, log_range
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.likelihood import poisson_range
from estimator.methods.loglinear.posterior import expected_cells
from estimator.methods.loglinear.refit import refit
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.words.words import words_in
from tests.checks import estimates
from tests.checks.drawing import drawn
from tests.fits.exact import problem_of, problem_without
from tests.methods import quadrature
from tests.methods.model_examples import BLANK_SEX, BY_YEAR, INTERVALS, WITH_SEX, by_year, read

THREE = (48, 75, 6, 120, 9, 14, 3)  # histories 001, 010, 011, 100, 101, 110, 111


def fitted(table, draws=300):
    covariates = [covariate.name for covariate in table.covariates]
    model = ModelSettings.for_covariates(covariates)
    return refit(table, model, estimates.normal_priors(), draws=draws, warmup=300, seed=2)


@pytest.mark.parametrize("text, declaration", [(BLANK_SEX, WITH_SEX), (INTERVALS, None), (by_year(), BY_YEAR)])
def test_the_log_likelihoods_of_numbers_add_up_to_that_of_the_table(text, declaration):
    table = read(text, declaration)
    posterior = some_draws(fitted(table), 40)
    blocks = blocks_of(table)
    found = log_likelihoods(table, posterior, blocks).sum(axis=1)
    arrays, position = model_arrays(posterior.design, posterior.settings), posterior.draws.unconstrained[0]
    whole = log_densities(arrays, position) - log_priors(arrays, position).sum(axis=1)
    # the model's own log-likelihood is up to a constant: the factorials of exact counts
    exact = table.lower == table.upper
    constant = stats.poisson.logpmf(table.lower[exact], 1.0).sum() + exact.sum()
    np.testing.assert_allclose(found, whole + constant, rtol=1e-9)


def test_a_single_exact_number_has_its_poisson_log_probability():
    table = estimates.table_of([0, *THREE])
    posterior = some_draws(fitted(table), 25)
    found = log_likelihoods(table, posterior, blocks_of(table))
    cells = np.concatenate(list(expected_cells(posterior)))[:, 0, 1:]
    np.testing.assert_allclose(found, stats.poisson.logpmf(np.array(THREE), cells), rtol=1e-10)


def test_the_probability_of_a_range_is_that_of_its_numbers():
    means = np.array([0.3, 2.0, 9.0])
    direct = np.log(stats.poisson.cdf(4, means) - stats.poisson.cdf(0, means))
    np.testing.assert_allclose(log_range(means, 1, 4), direct, rtol=1e-10)
    np.testing.assert_allclose(log_range(means, 3, UNBOUNDED), stats.poisson.logsf(2, means), rtol=1e-9)
    assert poisson_range(2.0, 1, 4)[0] == pytest.approx(float(direct[1]))


def test_numbers_that_share_cells_are_one_block():
    table = read(BLANK_SEX, WITH_SEX)
    blocks = blocks_of(table)
    assert sorted(number for block in blocks for number in block.numbers) == list(range(len(table.lower)))
    together = [block for block in blocks if len(block.numbers) > 1]
    assert len(together) == 3  # on A alone, B alone, A and B: each with f, m and unknown sex
    assert {len(block.numbers) for block in together} == {3}
    assert all(len(block.cells) == 2 for block in together)


def exact_without(counts, place, n_lists, priors):
    """Without one number: the median of N, its people still registered, and the number's log predictive probability."""
    n_grid, n_nodes = (401, 9) if n_lists == 2 else (121, 4)
    whole, without = problem_of(counts, n_lists, priors), problem_without(counts, place, n_lists, priors)
    median = quadrature.by_gauss_hermite(without, n_grid=n_grid, n_nodes=n_nodes).quantile_of_size(0.5)
    grid = whole.mean[0] + whole.sd[0] * np.linspace(-6.0, 6.0, n_grid)
    # the same nodes and grid, so that all constants cancel but the factorial of the number itself
    mass = [np.logaddexp.reduce(quadrature.log_masses(one, grid, n_nodes)) for one in (whole, without)]
    return median, mass[0] - mass[1] - float(gammaln(counts[place] + 1))


def bound_on_error(log_p, people, effective):
    """Four standard errors of the log of a mean of Poisson probabilities, none of which is above its maximum."""
    largest = stats.poisson.pmf(people, max(people, 1e-9))
    return 4 * np.sqrt(max(largest / np.exp(log_p) - 1, 0.01) / effective)


@pytest.mark.slow
@pytest.mark.parametrize(
    "n_lists, counts, sd, roads",
    [(2, (130, 210, 26), 1.0, {True}), (3, THREE, 0.25, {True, False})],
)
def test_the_total_without_each_number_is_that_of_integrals(n_lists, counts, sd, roads):
    priors = read_priors("nl-2017", {"dependence.odds_ratio.log_normal": f"[0, {sd}]"})
    sampler = replace(estimates.FAST, draws=4000)
    estimate = estimates.estimated(estimates.table_of([0, *counts]), priors, sampler=sampler)
    whole = quadrature.by_gauss_hermite(problem_of(counts, n_lists, priors), n_grid=201, n_nodes=5)
    found = influences(estimate, most_refits=10, workers=1)
    assert found.median == pytest.approx(whole.quantile_of_size(0.5), rel=0.02)
    by_people = {one.people: one for one in found.each}
    assert len(by_people) == len(counts)
    for place, people in enumerate(counts):
        one, (exact, log_p) = by_people[people], exact_without(counts, place, n_lists, priors)
        assert one.reliable
        # the log of a median has a standard error of 1.25 sd / sqrt(effective draws); refits have 2,000 draws, of which
        # at least 500 are effective, and without the number the posterior may be twice as wide
        error = 4 * 1.25 * 2 * found.spread / np.sqrt(500)
        assert np.log(one.median) == pytest.approx(np.log(exact), abs=error), people
        assert one.elpd == pytest.approx(log_p, abs=bound_on_error(log_p, people, 500)), people
    assert {one.refitted for one in found.each} == roads


def test_names_say_who_is_counted():
    estimate = estimates.by_sex()
    names = [name_of(estimate, block) for block in blocks_of(estimate.study.table)]
    counts = estimate.study.table.lower
    whole = {"known": "exactly", "alone": True, "stratum": ("f",), "strata": 1}
    assert names[0].values == {**whole, "people": counts[0], "lists": ("C",)}
    assert names[2].values == {**whole, "people": counts[2], "lists": ("B", "C")}
    assert names[6].values == {**whole, "people": counts[6], "lists": ("A", "B", "C"), "alone": False}
    blank = read(BLANK_SEX, Declaration(("A", "B", "C"), WITH_SEX.covariates))
    mixed = replace(estimate, study=estimates.study_of(blank))
    named = [name_of(mixed, block) for block in blocks_of(blank) if len(block.numbers) > 1]
    together = {"people": 132, "known": "exactly", "lists": ("A",), "alone": True, "stratum": (), "strata": 2}
    assert together in [name.values for name in named]


def test_few_and_uncertain_numbers_have_names_of_their_own():
    table = read(INTERVALS)
    estimate = replace(estimates.two(), study=estimates.study_of(table))
    names = {(*name["lists"], name["people"], name["known"]) for name in all_names(estimate, table)}
    assert ("A", "B", 14, "exactly") in names
    assert ("C", 40, "at-least") in names
    counts = replace(estimates.two(), study=estimates.study_of(estimates.table_of([0, 1, 0, 5])))
    named = [(*name["lists"], name["people"], name["known"]) for name in all_names(counts, counts.study.table)]
    assert named == [("B", 1, "exactly"), ("A", 0, "none"), ("A", "B", 5, "exactly")]


def all_names(estimate, table):
    return [name_of(estimate, block) for block in blocks_of(table)]


def test_a_number_that_drives_the_total_is_named():
    counts = np.array([0, 90, 120, 3, 160, 4, 40, 1])  # A and B share ten times what the other pairs share
    finding = leave_one_out(estimates.estimated(estimates.table_of(counts), read_priors("independence")), workers=1)
    assert finding.verdict == CAUTION
    listed = finding.numbers["most_influential"]
    assert finding.headline.code == "total-hangs-on-numbers"
    assert finding.headline["without"]["what"].to_dict() == listed[0]["name"]
    driving = {tuple(one["name"]["lists"]): one for one in listed if abs(one["shift"]) > 1}
    shared = driving["A", "B"]
    # without them the lists share what independent lists of many more people share
    assert shared["median"] > 2 * finding.numbers["median"]


def test_no_number_drives_a_total_of_many_overlaps():
    finding = leave_one_out(estimates.clean(), workers=1)
    assert finding.verdict == SOUND
    assert finding.numbers["unreliable"] == 0
    assert 0 < finding.numbers["effective_parameters"] < len(estimates.clean().posterior.details.design.terms) + 5
    labels = [label.get_text() for label in drawn(finding).axes[0].get_yticklabels()]
    assert labels[0] == words_in("en").say(Reason.of_dict(finding.numbers["most_influential"][0]["name"]))


@pytest.mark.parametrize(
    ("shift", "reliable", "verdict"),
    [(1.01, True, CAUTION), (-1.01, True, CAUTION), (0.99, True, SOUND), (-0.99, True, SOUND), (-5, False, SOUND)],
)
def test_a_number_drives_by_a_standard_deviation_to_either_side(monkeypatch, shift, reliable, verdict):
    """And only where it is known what the total would be without it."""

    def one(shift, reliable):
        return Influence(Reason("number-of-table", people=3), 3, -1.0, 0.1, 1000 * np.exp(shift / 10), shift, reliable)

    several = Influences((one(shift, reliable), one(0.2, True)), 1000.0, 0.1, -1.5)
    monkeypatch.setattr(module, "influences", lambda *_, **__: several)
    finding = leave_one_out(None, most_refits=0)
    assert finding.verdict == verdict
    assert (finding.headline.code == "total-hangs-on-numbers") == (verdict == CAUTION)
    assert finding.numbers["unreliable"] == (not reliable)


def test_without_refits_what_cannot_be_told_is_said():
    finding = leave_one_out(estimates.two(), most_refits=0, workers=1)
    assert finding.numbers["unreliable"] > 0
    assert finding.statements[-1].code == "numbers-not-told"


def test_large_studies_refit_fewer_numbers():
    assert default_refits(1) > default_refits(96) > 0


def test_the_spread_of_a_normal_logarithm_is_its_standard_deviation():
    draws = np.exp(np.random.default_rng(1).normal(7, 0.3, 200_000))
    assert spread_of(draws) == pytest.approx(0.3 * stats.norm.ppf(0.84), rel=0.01)
