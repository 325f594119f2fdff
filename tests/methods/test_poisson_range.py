"""The probability that a Poisson count lies within bounds."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy import stats

from estimator.capture.table import UNBOUNDED
from estimator.methods.loglinear.poisson_range import poisson_range

getcontext().prec = 60


def exact(mean: float, lower: int, upper: int) -> tuple[float, float]:
    """Log probability and its derivative by the log mean, in sixty digits, summed term by term."""
    rate = Decimal(mean)
    last = upper if upper != UNBOUNDED else max(lower, int(mean)) + 60 + int(30 * math.sqrt(max(mean, lower)))
    term = rate**lower / Decimal(math.factorial(lower))
    total, first_moment = Decimal(0), Decimal(0)
    for k in range(lower, last + 1):
        total += term
        first_moment += k * term
        term = term * rate / (k + 1)
    return float(total.ln() - rate), float(first_moment / total - rate)


BOUNDS = [(0, 0), (0, 4), (1, 4), (3, UNBOUNDED), (1, UNBOUNDED), (0, 12), (40, 60), (200, 220), (50, UNBOUNDED)]
MEANS = [1e-12, 1e-3, 0.4, 1.0, 3.7, 12.0, 48.5, 60.0, 130.0, 800.0, 2500.0]


@pytest.mark.parametrize(("lower", "upper"), BOUNDS)
@pytest.mark.parametrize("mean", MEANS)
def test_probability_and_derivative_are_the_exact_sums(mean, lower, upper):
    value, derivative = poisson_range(mean, lower, upper)
    wanted, slope = exact(mean, lower, upper)
    # lgamma and the logarithm of the mean leave an error of some units in the last digit of their size
    assert value == pytest.approx(wanted, rel=1e-13, abs=1e-15 * max(1.0, mean * 10, lower * 40))
    assert derivative == pytest.approx(slope, rel=1e-11, abs=1e-13 * max(mean, 1.0))


@pytest.mark.parametrize(("lower", "upper"), [(2, 9), (0, 5), (11, 30), (4, UNBOUNDED)])
def test_probability_is_the_difference_of_scipys_distribution_function(lower, upper):
    mean = np.linspace(0.5, 40, 80)
    past = stats.poisson.sf(upper, mean) if upper != UNBOUNDED else 0.0
    upto = stats.poisson.cdf(upper, mean) if upper != UNBOUNDED else 1.0
    # whichever tail the range is nearer to: the other difference cancels
    below, above = stats.poisson.sf(lower - 1, mean) - past, upto - stats.poisson.cdf(lower - 1, mean)
    wanted = np.log(np.where(mean < lower, below, above))
    np.testing.assert_allclose([poisson_range(m, lower, upper)[0] for m in mean], wanted, rtol=1e-9, atol=1e-12)


def test_far_upper_tail_is_scipys_log_survival():
    for lower, mean in ((300, 100.0), (40, 0.5), (1000, 700.0)):
        wanted = stats.poisson.logsf(lower - 1, mean)
        assert poisson_range(mean, lower, UNBOUNDED)[0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("count", [0, 1, 5, 77, 4466])
@pytest.mark.parametrize("mean", [1e-6, 0.7, 5.0, 90.0, 4000.0])
def test_a_single_value_is_the_poisson_probability(mean, count):
    value, derivative = poisson_range(mean, count, count)
    assert value == pytest.approx(stats.poisson.logpmf(count, mean), rel=1e-12, abs=1e-11)
    assert derivative == pytest.approx(count - mean, rel=1e-12)


@pytest.mark.parametrize("mean", [0.0, 1e-300, 0.3, 17.0, 1e4, 1e9, 1e15, 1e40])
def test_no_bounds_are_certain(mean):
    value, derivative = poisson_range(mean, 0, UNBOUNDED)
    assert value == pytest.approx(0.0, abs=1e-9)
    assert derivative == pytest.approx(0.0, abs=1e-8)


def test_means_beyond_all_counting_stay_numbers():
    assert poisson_range(1e20, 3, UNBOUNDED) == (0.0, 0.0)
    value, derivative = poisson_range(1e20, 0, 5)
    assert value == pytest.approx(-1e20)
    assert derivative == pytest.approx(-1e20)
    assert poisson_range(0.0, 0, 4) == (0.0, 0.0)
    assert poisson_range(0.0, 1, 4)[0] == -math.inf
    assert poisson_range(math.nan, 1, 4)[0] == -math.inf


@pytest.mark.parametrize(("lower", "upper"), [(0, 4), (1, 4), (3, UNBOUNDED), (40, 60)])
@pytest.mark.parametrize("mean", [0.2, 3.0, 45.0, 150.0])
def test_derivative_is_the_slope_by_the_log_mean(mean, lower, upper):
    step = 1e-3
    around = [poisson_range(mean * math.exp(k * step), lower, upper)[0] for k in (-2, -1, 1, 2)]
    slope = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)
    assert poisson_range(mean, lower, upper)[1] == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_neighbouring_ranges_add_up():
    parts = [math.exp(poisson_range(23.0, *bounds)[0]) for bounds in ((0, 9), (10, 30), (31, UNBOUNDED))]
    # 23 log 23 = 72 is rounded to 1.4e-14, and so are the logs of the factorials
    assert sum(parts) == pytest.approx(1.0, abs=5e-14)
