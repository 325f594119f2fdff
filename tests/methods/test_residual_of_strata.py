"""Residual dependence that differs between strata: people move between them, and their sum is what it would be."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.refit import refit
from estimator.methods.loglinear.residual import (
    ResidualSettings,
    moved_between,
    residual_settings,
    strata_draws,
    with_residual,
)
from estimator.study.priors import read_priors
from estimator.study.study import read_study

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
    drawn = strata_draws(settings, values, 2, seed=3)
    ratio = drawn[:, 0] - drawn[:, 1]
    assert stats.kstest(ratio, stats.norm(0, size * np.sqrt(2)).cdf).pvalue > 0.01
    again = strata_draws(settings, values, 2, seed=3)
    assert np.array_equal(drawn, again)
    assert not np.array_equal(drawn, strata_draws(settings, values, 2, seed=4))


def test_nothing_is_drawn_where_nothing_is_stated_or_there_is_one_stratum():
    values = {"log_ratio": np.zeros(3), "dependence_scale": np.ones(3)}
    assert strata_draws(replace(STATED, between_strata=0.0), values, 5, seed=1) is None
    assert strata_draws(STATED, values, 1, seed=1) is None


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
