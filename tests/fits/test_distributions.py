"""Densities and explained variance against closed forms of normal distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from estimator.checks.loglinear.prior_posterior import Move
from estimator.fits.distributions import densities, explained_share
from tests.fits.normal_draws import quantiles


def test_a_density_is_that_of_the_distribution():
    grid, first, second = densities(quantiles(1.0, 2.0), quantiles(-1.0, 0.5))
    for density, mean, sd in ((first, 1.0, 2.0), (second, -1.0, 0.5)):
        wanted = np.exp(-0.5 * ((grid - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        assert np.trapezoid(density, grid) == pytest.approx(1)
        # a kernel of 0.17 sd widens the distribution by 1.5 %, which lowers its top as much
        np.testing.assert_allclose(density, wanted, atol=0.025 / (sd * np.sqrt(2 * np.pi)))


def test_overlap_and_distance_of_two_normals():
    one, two = Move(quantiles(0.0, 1.0), quantiles(2.0, 1.0)), Move(quantiles(0.0, 2.0), quantiles(0.0, 0.5))
    assert one.overlap == pytest.approx(2 * ndtr(-1.0), abs=0.01)
    assert one.hellinger == pytest.approx(np.sqrt(1 - np.exp(-(2.0**2) / 8)), abs=0.01)
    assert one.kept == pytest.approx(1) and one.shift == pytest.approx(np.exp(2.0), rel=1e-3)
    assert two.kept == pytest.approx(0.25, rel=1e-3) and two.kept_sd == pytest.approx(0.25, rel=1e-3)
    assert two.hellinger == pytest.approx(np.sqrt(1 - np.sqrt(2 * 2 * 0.5 / (4 + 0.25))), abs=0.01)
    assert Move(quantiles(0, 1), quantiles(0, 1)).overlap == pytest.approx(1)


def test_the_spread_that_is_left_is_not_moved_by_long_tails():
    rng = np.random.default_rng(3)
    tails = rng.standard_t(2, 40_000)  # no variance; quartiles at +-0.8165
    move = Move(quantiles(0.0, 1.0), tails)
    assert move.kept == pytest.approx(0.81650 / 0.67449, rel=0.03)


def test_explained_variance():
    rng = np.random.default_rng(4)
    n = 40_000
    xi, rest = rng.standard_normal(n), rng.standard_normal(n)
    for size in (0.5, 2.0):
        wanted = size**2 / (size**2 + 1)
        # standard error of a share of variance: below 2 sqrt(wanted (1 - wanted)) / sqrt(n)
        assert explained_share(size * xi + rest, xi) == pytest.approx(wanted, abs=4 * 2 * 0.5 / np.sqrt(n))
    assert explained_share(rest, xi) == pytest.approx(0, abs=0.005)
    assert explained_share(np.square(xi) + 0.001 * rest, xi) > 0.99  # not a straight line
    tails = rng.standard_t(3, n)
    share = (total := tails + rest).var()
    assert explained_share(total, tails) == pytest.approx(tails.var() / share, abs=0.02)
    assert explained_share(rest, np.zeros(n)) == 0
