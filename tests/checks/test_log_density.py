"""The log density in parts: against the compiled one, and against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from estimator.checks.loglinear.log_density import (
    density_of,
    likelihood_alone,
    log_densities,
    log_likelihoods,
    log_priors,
)
from estimator.methods.loglinear.arrays import LOG_HALF_CAUCHY, NORMAL, STUDENT_T_IN_SCALES
from estimator.methods.loglinear.positions import log_prior
from tests.methods.model_examples import CASES, built_case, density, log_density

OWN = [name for name, case in CASES.items() if case.changes.get("coverage.form") is None]
"""Where every value has a prior of its own; `tests.methods.test_level` holds the others to an integral."""


@pytest.mark.parametrize("name", OWN)
def test_the_priors_of_all_values_add_up_to_the_prior_of_the_sampler(name):
    case = built_case(name)
    points, a = case.points(20, shrink=0.4, seed=3), case.arrays
    wanted = [
        log_prior.py_func(p, a.kind, a.mean, a.log_sd, a.degrees, a.mean_at, a.scale_at, np.zeros(len(p)))
        for p in points
    ]
    np.testing.assert_allclose(log_priors(a, points).sum(axis=1), wanted, rtol=1e-12, atol=1e-10)


def by_scipy(a, point, d):
    """Return the log prior density of one value, from SciPy's distributions."""
    centre = a.mean[d] + (point[a.mean_at[d]] if a.mean_at[d] >= 0 else 0.0)
    scale = np.exp(a.log_sd[d] + (point[a.scale_at[d]] if a.scale_at[d] >= 0 else 0.0))
    if a.kind[d] == LOG_HALF_CAUCHY:
        return stats.halfcauchy.logpdf(np.exp(point[d])) + point[d]
    if a.kind[d] == NORMAL:
        return stats.norm(centre, scale).logpdf(point[d])
    place = centre * scale if a.kind[d] == STUDENT_T_IN_SCALES else centre
    return stats.t(a.degrees[d], place, scale).logpdf(point[d])


@pytest.mark.parametrize("name", OWN)
def test_the_prior_of_each_value(name):
    case = built_case(name)
    points = case.points(3, shrink=0.4, seed=6)
    wanted = [[by_scipy(case.arrays, point, d) for d in range(len(point))] for point in points]
    np.testing.assert_allclose(log_priors(case.arrays, points), wanted, rtol=1e-11, atol=1e-10)


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


def test_where_the_density_vanishes_it_is_minus_infinity():
    case = built_case("three lists, default")
    far = np.full((1, len(case.arrays.kind)), 1e6)
    assert log_densities(case.arrays, far).tolist() == [-np.inf]
