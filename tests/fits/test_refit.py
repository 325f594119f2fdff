from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.checks.loglinear.cases import Case, Fitted, fit_cases, packed_case, seconds_of_refit, without_numbers
from estimator.fits.refit import with_counts
from estimator.fits.scores import QUANTILES
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear import refit as refits
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import SAMPLERS
from estimator.methods.loglinear.refit import disagreement, refit
from estimator.seeds import seed_of
from estimator.study.questions import ModelSettings
from tests.checks import estimates
from tests.fits.exact import problem_of
from tests.methods.quadrature import by_gauss_hermite

TWO = (130, 210, 26)  # histories 01, 10, 11


def two_lists():
    return estimates.table_of([0, *TWO])


def test_a_refit_has_the_posterior_of_its_table():
    priors = estimates.normal_priors()
    exact = by_gauss_hermite(problem_of(TWO, 2, priors), n_grid=161, n_nodes=7)
    found = refit(two_lists(), ModelSettings.for_covariates([]), priors, draws=4000, seed=5)
    sizes = population_draws(found, 5).size.sum(axis=-1)
    assert disagreement(found) < 1.02
    for probability in (0.25, 0.5, 0.75):
        limit = exact.quantile_of_size(probability)
        # 8,000 draws, at least 2,000 of them effective: five standard errors of a share
        assert abs((sizes <= limit).mean() - probability) < 5 * np.sqrt(probability * (1 - probability) / 2000)


def test_the_same_seed_gives_the_same_draws_and_another_one_others():
    priors, model = estimates.normal_priors(), ModelSettings.for_covariates([])
    first, again, other = (refit(two_lists(), model, priors, draws=200, warmup=200, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.draws.unconstrained, again.draws.unconstrained)
    assert not np.array_equal(first.draws.unconstrained, other.draws.unconstrained)


def test_chains_that_disagree_are_sampled_once_more_with_twice_the_draws(monkeypatch):
    asked = []
    sample = SAMPLERS["nutpie"]

    def counted(design, settings, sampler, *others):
        asked.append((sampler.draws, sampler.warmup, sampler.seed))
        return sample(design, settings, sampler, *others)

    monkeypatch.setitem(SAMPLERS, "nutpie", counted)
    monkeypatch.setattr(refits, "AGREED", 0.0)
    refit(two_lists(), ModelSettings.for_covariates([]), estimates.normal_priors(), draws=100, warmup=150, seed=3)
    assert [(draws, warmup) for draws, warmup, _ in asked] == [(100, 150), (200, 300)]
    assert asked[0][2] != asked[1][2]


def test_draws_that_never_move_disagree_without_limit():
    found = refit(two_lists(), ModelSettings.for_covariates([]), estimates.normal_priors(), draws=50, warmup=100)
    still = replace(found, values={name: np.zeros_like(value) for name, value in found.values.items()})
    assert disagreement(still) == float("inf")


def test_seeds_of_refits_are_their_own():
    seeds = {seed_of(1, kind, number) for kind in range(3) for number in range(50)}
    assert len(seeds) == 150
    assert seed_of(1, 2, 3) == seed_of(1, 2, 3)


def test_other_numbers_in_the_same_shape():
    table = two_lists()
    other = with_counts(table, np.array([1, 2, 3]))
    assert other.lower.tolist() == other.upper.tolist() == [1, 2, 3]
    assert np.array_equal(other.cover_cell, table.cover_cell)


def test_a_number_that_is_left_out_covers_nothing_and_the_rest_stays():
    table = estimates.table_of(estimates.expected_counts(500, (0.3, 0.3, 0.3)))
    left = without_numbers(table, (2, 5))
    assert left.lower.tolist() == np.delete(table.lower, [2, 5]).tolist()
    assert set(np.flatnonzero(~left.covered.reshape(-1)).tolist()) == {0, 3, 6}


def test_a_case_travels_and_comes_back_as_numbers():
    estimate = estimates.by_sex()
    sampler = SamplerSettings(draws=200, warmup=200, chains=2, cores=1, seed=4)
    case = Case("one", estimate.study, estimate.priors, sampler)
    assert len(packed_case(case)) < 20_000
    here = fit_cases([case], workers=1)["one"]
    assert isinstance(here, Fitted)
    assert set(here.groups) == {"total", "women"}
    total, women = here.groups["total"], here.groups["women"]
    assert total.registered == estimate.study.table.registered.lower
    assert tuple(total.size) == QUANTILES
    assert total.limits()[0] < total.median < total.limits()[1]
    assert women.median < total.median
    assert here.log_p_left_out is None


@pytest.mark.slow
def test_processes_give_what_one_process_gives():
    estimate = estimates.by_sex()
    sampler = SamplerSettings(draws=200, warmup=200, chains=2, cores=1)
    cases = [Case(str(i), estimate.study, estimate.priors, replace(sampler, seed=i)) for i in range(3)]
    assert fit_cases(cases, workers=1) == fit_cases(cases, workers=2, seconds=1000)


def test_how_long_a_refit_takes_follows_from_the_draws():
    sampler = SamplerSettings(draws=2000, warmup=1000, chains=4, cores=2)
    # 3,000 of 12,000 steps of which two ran at a time
    assert seconds_of_refit(sampler, 30.0) == pytest.approx(30 * 2 * 3000 / 12000)
