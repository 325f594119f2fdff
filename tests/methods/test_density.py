"""The compiled log density against the PyMC definition, against differences, and where doubles end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from estimator.capture.table import UNBOUNDED
from tests.methods.model_examples import CASES, built_case, density, log_density
from tests.methods.pymc_density import pymc_density

RELATIVE = 1e-9
PYMC_CONSTANTS = 1e-7
"""PyMC takes logs in the constants of the half-Cauchy and Student t densities in single precision: so log 2 is off by
2e-9. That moves the log density by one constant for each such parameter, and no difference between points."""


def assert_agree(found, other, positions, base):
    level, level_other = found(base)[0], other(base)[0]
    assert level == pytest.approx(level_other, rel=RELATIVE, abs=PYMC_CONSTANTS)
    for at in positions:
        (value, gradient), (value_other, gradient_other) = found(at), other(at)
        assert np.isfinite(value_other)
        assert value - level == pytest.approx(value_other - level_other, rel=RELATIVE, abs=1e-9)
        size = np.abs(gradient_other).max()
        np.testing.assert_allclose(gradient, gradient_other, rtol=RELATIVE, atol=RELATIVE * size)


@pytest.mark.parametrize("name", CASES)
def test_density_and_gradient_are_those_of_the_pymc_model(name):
    case = built_case(name)
    base = case.points(1, shrink=0.1, seed=2)[0]
    positions = [*case.points(8), *case.points(8, shrink=0.3, seed=1)]
    if len(case.design.observed.range_lower):
        positions += extremes(base)
    assert_agree(lambda at: density(case.arrays, at), pymc_density(case), positions, base)


def extremes(base):
    """Points where cells are nearly empty or beyond counting, so that bounds are all but certain or impossible.

    Expected numbers from e**-200 to e**60.
    """
    found = []
    for log_ratio in (-60.0, -20.0, 20.0, 40.0):
        for coverage in (-60.0, -8.0, 8.0):
            if log_ratio + coverage < 45:
                found.append(np.concatenate([[log_ratio, coverage, coverage, coverage], base[4:]]))
    return found


def sixth_order_difference(function, at: np.ndarray, step: float) -> np.ndarray:
    """Central differences whose error is of the sixth order of the step."""
    slopes = np.empty(len(at))
    for d in range(len(at)):
        move = np.zeros(len(at))
        move[d] = step
        slopes[d] = sum(
            weight * (function(at + k * move) - function(at - k * move))
            for k, weight in ((1, 0.75), (2, -0.15), (3, 1 / 60))
        )
    return slopes / step


@pytest.mark.parametrize("name", CASES)
def test_gradient_is_the_slope(name):
    case = built_case(name)
    for at in case.points(2, shrink=0.3, seed=3):
        _, gradient = density(case.arrays, at)
        slope = sixth_order_difference(lambda x: log_density(case.arrays, x), at, 0.01)  # noqa: B023
        size = np.abs(gradient).max()
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-8 * size)
        rough = approx_fprime(at, lambda x: log_density(case.arrays, x))  # noqa: B023
        np.testing.assert_allclose(gradient, rough, rtol=1e-2, atol=1e-4 * size)


def test_the_forms_of_prior_and_count_are_all_there():
    """So that a form that is added is compared, too."""
    built = [built_case(name) for name in CASES]
    assert {case.settings.dependence for case in built} == {"none", "normal", "learned", "horseshoe"}
    forms = {(case.settings.dependence, bool(case.settings.stated), case.settings.common_mean) for case in built}
    for form in ("normal", "learned", "horseshoe"):
        assert any(pairs for of, pairs, _ in forms if of == form), "pairs with a statement of their own"
        assert {mean for of, _, mean in forms if of == form} >= ({True} if form == "learned" else {True, False})
    observed = [case.design.observed for case in built]
    assert any(len(numbers.sum_count) and (numbers.sum_count == 0).any() for numbers in observed)
    assert any((numbers.range_upper == UNBOUNDED).any() for numbers in observed)
    assert any(((numbers.range_upper < UNBOUNDED) & (numbers.range_lower > 0)).any() for numbers in observed)
    assert any((numbers.possible == 0).any() for numbers in observed)
    overlapping = [np.bincount(numbers.sum_cell, minlength=1).max(initial=0) > 1 for numbers in observed]
    assert any(overlapping), "covers that overlap"
    assert any(len(case.design.terms) > case.design.n_pairs for case in built)


@pytest.mark.parametrize("name", ["three lists, wide", "years, everything at once"])
def test_no_point_stops_the_program(name):
    """Beyond what doubles hold the density may be minus infinity or undefined, which the sampler rejects."""
    case = built_case(name)
    for size in (50.0, 1e3, 1e6, 1e300):
        for at in case.points(5, shrink=size, seed=4):
            value, _ = density(case.arrays, at)
            assert not value > 1e6


def test_arrays_of_the_wrong_kind_are_refused():
    case = built_case("three lists, default")
    with pytest.raises(ValueError, match="mean"):
        density(case.arrays._replace(mean=case.arrays.mean.astype(np.float32)), np.zeros(7))
    with pytest.raises(ValueError, match="term_of_history"):
        density(case.arrays._replace(term_of_history=np.asfortranarray(case.arrays.term_of_history)), np.zeros(7))
