"""The log density in parts: against the compiled one, and against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from estimator.fits.log_density import (
    density_of,
    likelihood_alone,
    log_densities,
    log_likelihoods,
    log_priors,
    log_student_t,
)
from estimator.methods.loglinear.density import log_prior
from tests.methods.model_examples import CASES, built_case, density, log_density


@pytest.mark.parametrize("name", CASES)
def test_the_priors_of_all_values_add_up_to_the_prior_of_the_sampler(name):
    case = built_case(name)
    points, a = case.points(20, shrink=0.4, seed=3), case.arrays
    wanted = [
        log_prior.py_func(p, a.kind, a.mean, a.log_sd, a.degrees, a.mean_at, a.scale_at, np.zeros(len(p)))
        for p in points
    ]
    np.testing.assert_allclose(log_priors(a, points).sum(axis=1), wanted, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_the_density_at_many_positions_is_the_one_that_the_sampler_calls(name):
    case = built_case(name)
    points = case.points(5, shrink=0.4, seed=4)
    wanted = [log_density(case.arrays, point) for point in points]
    assert log_densities(case.arrays, points).tolist() == wanted
    call = density_of(case.arrays)
    for point in points:
        value, gradient = call(point)
        assert value == log_density(case.arrays, point)
        np.testing.assert_array_equal(gradient, density(case.arrays, point)[1])
    parts = log_likelihoods(case.arrays, points) + log_priors(case.arrays, points).sum(axis=1)
    np.testing.assert_allclose(parts, wanted, rtol=1e-12)


DIRECT = [name for name in CASES if "horseshoe" not in name and "two-way" not in name and "otherwise" not in name]


@pytest.mark.parametrize("name", DIRECT)
def test_the_likelihood_alone_where_every_value_is_a_coefficient_itself(name):
    case = built_case(name)
    points = case.points(5, shrink=0.3, seed=5)
    arrays, constant = likelihood_alone(case.arrays)
    if (case.arrays.composition_scale_at >= 0).any():  # deviations of strata are sampled as multiples of their scale
        at = [d for d, block in enumerate(case.design.composition.block) if case.arrays.composition_scale_at[d] >= 0]
        scale = points[:, case.arrays.composition_scale_at[at]]
        moved = points.copy()
        moved[:, case.arrays.places[1] + np.array(at)] *= np.exp(scale)
    else:
        moved = points
    np.testing.assert_allclose(
        log_densities(arrays, moved) - constant, log_likelihoods(case.arrays, points), rtol=1e-9, atol=1e-7
    )


def test_student_t():
    at = np.array([-30.0, -1.0, 0.0, 2.5])
    np.testing.assert_allclose(log_student_t(at, 3.5), stats.t(3.5).logpdf(at), rtol=1e-12)


def test_where_the_density_vanishes_it_is_minus_infinity():
    case = built_case("three lists, default")
    far = np.full((1, len(case.arrays.kind)), 1e6)
    assert log_densities(case.arrays, far).tolist() == [-np.inf]
