"""Residual dependence that differs between strata: people move between them, and their sum is what it would be."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.loglinear.contrasts import covariate_contrasts, zero_sum
from estimator.methods.loglinear.design import design_of
from estimator.methods.loglinear.labelled import groups_of, posterior_of_groups
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.refit import refit
from estimator.methods.loglinear.residual import (
    ResidualSettings,
    moved_between,
    residual_draws,
    residual_settings,
    residual_values,
    strata_draws,
    with_residual,
)
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from tests.methods.model_examples import read

STATED = ResidualSettings(False, 0.1, 0.3, None, None, 0.4)
RELATIVE = ResidualSettings(True, 0.1, 0.3, None, (-0.6, 0.7), 0.5)
N = 40_000


def test_people_move_between_strata_and_their_sum_stays():
    implied, strata = (
        np.array([[30.0, 60.0, 10.0], [0.0, 5.0, 0.0]]),
        np.array([[0.5, -0.2, 1.0], [800.0, 1.0, -800.0]]),
    )
    moved = moved_between(implied, strata)
    by_hand = implied[0] * np.exp(strata[0])
    assert moved[0] == pytest.approx(by_hand * 100 / by_hand.sum(), rel=1e-12)
    assert moved.sum(axis=1) == pytest.approx(implied.sum(axis=1))
    assert np.array_equal(moved[1], implied[1])  # nobody else to share with
    assert np.array_equal(moved_between(np.zeros((1, 2)), np.ones((1, 2))), np.zeros((1, 2)))


def test_the_total_is_what_it_is_without():
    implied, residual = np.array([[30.0, 60.0], [1e9, 3e11]]), np.array([0.7, 5.0])
    strata = np.array([[0.4, -1.0], [2.0, 0.0]])
    without, moved = with_residual(implied, residual), with_residual(implied, residual, strata)
    assert moved.sum(axis=1) == pytest.approx(without.sum(axis=1))
    assert np.log(moved[:, 0] / moved[:, 1]) == pytest.approx(np.log(implied[:, 0] / implied[:, 1]) + strata @ [1, -1])


@pytest.mark.parametrize(("settings", "size"), [(STATED, 0.4), (RELATIVE, 0.5 * 0.8)])
def test_ratios_of_strata_are_normal_with_the_stated_spread(settings, size):
    values = {"log_ratio": np.zeros(N), "dependence_scale": np.full(N, 0.8)}
    drawn = strata_draws(settings, values, zero_sum(2), seed=3)
    ratio = drawn[:, 0] - drawn[:, 1]
    assert stats.kstest(ratio, stats.norm(0, size * np.sqrt(2)).cdf).pvalue > 0.01
    again = strata_draws(settings, values, zero_sum(2), seed=3)
    assert np.array_equal(drawn, again)
    assert not np.array_equal(drawn, strata_draws(settings, values, zero_sum(2), seed=4))


def covariance(levels):
    """The covariance of what strata differ by, at a size of 1: exact, for it is linear in standard normal numbers."""
    unit = replace(STATED, between_strata=1.0)
    values = {"log_ratio": np.zeros(1)}
    pushed = []
    for place in range(levels.shape[1]):
        one = np.zeros_like(levels)
        one[:, place] = levels[:, place]
        pushed.append(strata_draws(unit, values, one, seed=5)[0])
        assert np.count_nonzero(pushed[-1]) == np.count_nonzero(levels[:, place])
    assert np.sum(pushed, axis=0) == pytest.approx(strata_draws(unit, values, levels, seed=5)[0])
    return levels @ levels.T


@pytest.mark.parametrize("n_levels", [2, 3, 7])
def test_years_are_a_random_walk_and_other_levels_are_exchangeable(n_levels):
    """From one year to the next the standard deviation is as stated, and k years apart its sqrt(k) times that."""
    place = np.arange(n_levels)
    apart = np.abs(place[:, None] - place)
    for ordered, variance in ((True, apart), (False, 2.0 * (apart > 0))):
        levels = covariate_contrasts(n_levels, ordered=ordered)
        assert of_differences(covariance(levels)) == pytest.approx(variance, abs=1e-12)


def of_differences(covariance):
    variance = np.diag(covariance)
    return variance[:, None] + variance - 2 * covariance


def test_a_group_differs_as_much_however_finely_the_table_is_divided_otherwise():
    """Women against men: log ratio with variance 2 b^2 in a table by sex, by sex and year, by sex, year and age."""
    sex, age = Covariate("sex", ("f", "m")), Covariate("age", ("young", "middle", "old"))
    year = Covariate("year", ("1", "2", "3"), ordered=True)
    for covariates in ((sex,), (sex, year), (year, age, sex)):
        rows = [",".join([*(covariate.name for covariate in covariates), "A", "B", "count"])]
        rows += [f"{','.join(stratum)},1,1,5" for stratum in product(*(c.levels for c in covariates))]
        design = design_of(read("\n".join(rows) + "\n", Declaration(("A", "B"), covariates)))
        strata = [
            dict(zip((c.name for c in covariates), s, strict=True)) for s in product(*(c.levels for c in covariates))
        ]
        variance = of_differences(covariance(design.levels))
        for i, j in combinations(range(len(strata)), 2):
            differ = {name for name in strata[i] if strata[i][name] != strata[j][name]}
            steps = abs(int(strata[i].get("year", 1)) - int(strata[j].get("year", 1)))
            assert variance[i, j] == pytest.approx(steps + 2 * len(differ - {"year"}))


def test_without_pairs_of_lists_strata_have_the_scale_that_the_residual_has():
    """One scale, drawn where none is learned, for what all strata share and for what each has."""
    values = {"log_ratio": np.zeros(5)}
    common = replace(RELATIVE, location=1.0, size=0.0, between_strata=1.0)
    tau = residual_draws(common, values, seed=2)
    drawn, unit = (
        strata_draws(settings, values, zero_sum(3), seed=2) for settings in (common, replace(common, relative=False))
    )
    assert drawn == pytest.approx(tau[:, None] * unit)
    assert np.ptp(tau) > 0


def test_nothing_is_drawn_where_nothing_is_stated_or_there_is_one_stratum():
    values = {"log_ratio": np.zeros(3), "dependence_scale": np.ones(3)}
    assert strata_draws(replace(STATED, between_strata=0.0), values, zero_sum(5), seed=1) is None
    assert strata_draws(STATED, values, zero_sum(1), seed=1) is None
    assert set(residual_values(STATED, values, zero_sum(1), seed=1)) == {"residual"}


def test_a_run_that_is_read_again_has_the_same_people():
    study, priors = read_study("spina-bifida-1969"), read_priors("evidence", {"residual.between_strata": "1.0"})
    posterior = refit(study.only_table, study.model, priors, draws=100, warmup=200, seed=2)
    saved = {name: {key: one.to_numpy() for key, one in data.items()} for name, data in groups_of(posterior).items()}
    again = posterior_of_groups(study, priors, posterior.draws.settings, saved, 1.0)
    first, second = (population_draws(one, 2).expected_unseen for one in (posterior, again))
    assert np.array_equal(first, second)


def test_a_prior_file_states_it_in_its_own_unit():
    assert residual_settings(read_priors("evidence")).between_strata == 0.0
    asked = read_priors("evidence", {"residual.between_strata": "0.3"})
    assert residual_settings(asked).between_strata == 0.3
    statement = asked.residual.stated(asked.dependence.scale).statement
    assert statement.code == "prior-residual-of-strata"
    assert statement.values["size"] == 0.3
    with pytest.raises(Exception, match="between_strata"):
        read_priors("moderate", {"residual.form": "none", "residual.between_strata": "0.3"})


def test_an_estimate_keeps_its_total_and_its_groups_get_wider():
    """Draw by draw: the expected dark figure of all is the same, that of a stratum is not."""
    study = read_study("spina-bifida-1969")
    fits = []
    for changes in ({}, {"residual.between_strata": "1.0"}):
        priors = read_priors("evidence", changes)
        posterior = refit(study.only_table, study.model, priors, draws=300, warmup=300, seed=2)
        fits.append(population_draws(posterior, 2).expected_unseen.reshape(-1, study.only_table.n_strata))
    without, moved = fits
    assert moved.sum(axis=1) == pytest.approx(without.sum(axis=1), rel=1e-9)
    shares = [np.log(one[:, 1] / one.sum(axis=1)) for one in fits]
    assert shares[1].std() > 1.2 * shares[0].std()
