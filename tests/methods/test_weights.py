"""Importance weights where the answer is known: one normal distribution from draws of another."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from estimator.methods.weights import limit_of_k, smoothed, weighted_quantiles
from tests.fits.normal_draws import quantiles

N = 4000


def test_a_normal_distribution_from_another():
    draws = np.random.default_rng(1).standard_normal(N)
    shift = 0.5
    found = smoothed(shift * draws)  # N(0.5, 1) over N(0, 1)
    assert found.values.sum() == pytest.approx(1)
    assert found.reliable and found.pareto_k < 0.5
    assert found.effective == pytest.approx(N * np.exp(-(shift**2)), rel=0.05)
    # standard error of a weighted mean: sd / sqrt(effective draws)
    assert found.values @ draws == pytest.approx(shift, abs=4 / np.sqrt(found.effective))
    limits = weighted_quantiles(draws, found.values, (0.025, 0.5, 0.975))
    np.testing.assert_allclose(limits, shift + ndtri([0.025, 0.5, 0.975]), atol=4 * 2.7 / np.sqrt(found.effective))


def test_a_distribution_that_the_draws_do_not_reach_is_not_relied_upon():
    draws = np.random.default_rng(2).standard_normal(N)
    assert not smoothed(6 * draws).reliable
    assert not smoothed(2.0 * np.square(draws)).reliable  # heavier than the target allows: infinite variance


def test_draws_that_count_for_nothing():
    logs = np.zeros(N)
    logs[::2] = -np.inf
    found = smoothed(logs)
    assert found.reliable
    assert found.values[::2].sum() == 0 and found.effective == pytest.approx(N / 2)
    assert smoothed(np.full(N, -np.inf)).pareto_k == np.inf


def test_quantiles_under_equal_weights():
    draws = quantiles(3.0, 2.0, N)
    found = weighted_quantiles(draws, np.full(N, 1 / N), (0.1, 0.5, 0.9))
    np.testing.assert_allclose(found, 3 + 2 * ndtri([0.1, 0.5, 0.9]), atol=1e-3)


def test_quantiles_of_draws_that_count_twice():
    draws, weights = np.array([5.0, 1.0, 3.0]), np.array([0.25, 0.25, 0.5])
    twice = weighted_quantiles(np.array([5.0, 1.0, 3.0, 3.0]), np.full(4, 0.25), (0.5,))
    assert weighted_quantiles(draws, weights, (0.5,)) == pytest.approx(twice) == [3.0]


def test_fewer_draws_ask_for_smaller_k():
    assert limit_of_k(100) == pytest.approx(0.5)
    assert limit_of_k(1000) == pytest.approx(2 / 3)
    assert limit_of_k(10**6) == 0.7
