"""A statement must be exactly the log-normal distribution that it says in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from estimator.reasons import Reason
from estimator.study.statements import Statement


def lognormal(statement: Statement) -> stats.rv_continuous:
    return stats.lognorm(s=statement.sigma, scale=math.exp(statement.mu))


@given(
    lower=st.floats(1e-6, 1e3),
    ratio=st.floats(1.001, 1e6),
    probability=st.floats(0.01, 0.999),
)
def test_between_holds_its_probability_and_splits_the_rest_evenly(lower, ratio, probability):
    upper = lower * ratio
    distribution = lognormal(Statement(between=(lower, upper), probability=probability))
    assert distribution.cdf(upper) - distribution.cdf(lower) == pytest.approx(probability, abs=1e-9)
    assert distribution.cdf(lower) == pytest.approx(distribution.sf(upper), abs=1e-9)


@given(mu=st.floats(-5, 5), sigma=st.floats(0.01, 5), level=st.floats(0.001, 0.999))
def test_quantiles_are_those_of_scipy(mu, sigma, level):
    statement = Statement(log_normal=(mu, sigma))
    assert statement.quantile(level) == pytest.approx(lognormal(statement).ppf(level), rel=1e-9)


def test_interval_gives_back_what_was_stated():
    assert Statement(between=(0.2, 50), probability=0.95).interval(0.95) == pytest.approx((0.2, 50))


def test_median_is_the_geometric_mean_of_the_limits():
    assert Statement(between=(0.2, 50), probability=0.8).median == pytest.approx(math.sqrt(0.2 * 50))


def test_the_dark_figure_of_the_issue():
    """95 % in 0.2-50: mean log sqrt(10), standard deviation (log 50 - log 0.2) / (2 * 1.959964)."""
    statement = Statement(between=(0.2, 50), probability=0.95)
    assert statement.mu == pytest.approx(0.5 * math.log(10))
    assert statement.sigma == pytest.approx(math.log(250) / (2 * 1.959963985))


def test_whole_numbers_are_numbers():
    assert Statement(log_normal=(0, 1)).sigma == 1.0


def test_what_is_stated():
    stated = Statement(between=(0.25, 12.5), probability=0.5).stated()
    assert stated == Reason("prior-stated-between", lower=0.25, upper=12.5, probability=0.5)
    stated = Statement(log_normal=(0, 1)).stated()
    assert stated.code == "prior-between"
    assert (stated["lower"], stated["upper"]) == pytest.approx((math.exp(-1.96), math.exp(1.96)), rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "fragment"),
    [
        ({}, "neither of 'between' and 'log_normal'"),
        ({"between": (1, 2), "probability": 0.9, "log_normal": (0, 1)}, "both of 'between' and 'log_normal'"),
        ({"between": (2, 1), "probability": 0.9}, "the first below the second"),
        ({"between": (1, 1), "probability": 0.9}, "the first below the second"),
        ({"between": (0, 1), "probability": 0.9}, "must be above 0"),
        ({"between": (-1, 1), "probability": 0.9}, "must be above 0"),
        ({"between": (1, 2)}, "add, for example, probability = 0.95"),
        ({"between": (1, 2), "probability": 95}, "95 % is written 0.95"),
        ({"between": (1, 2), "probability": 1}, "above 0 and below 1"),
        ({"log_normal": (0, 1), "probability": 0.9}, "Take one of the two out"),
        ({"between": (1e-10, 1), "probability": 0.9}, "from 1e-09 to 1e+09"),
        ({"between": (1, 1e10), "probability": 0.9}, "from 1e-09 to 1e+09"),
        ({"between": (1, 2), "probability": 0.9999999999999999}, "from 0.01 to 0.9999"),
        ({"between": (1, 2), "probability": 1e-300}, "from 0.01 to 0.9999"),
        ({"log_normal": (1e300, 1)}, "from -100 to 100"),
        ({"log_normal": (0, 1e300)}, "at most 1000"),
        ({"log_normal": (0, 0)}, "must be above 0"),
        ({"log_normal": (0, -1)}, "[0.0, -1.0]"),
        ({"log_normal": (0, math.inf)}, "finite"),
        ({"log_normal": (0, "1")}, "number"),
        ({"log_normal": (True, 1)}, "number"),
    ],
)
def test_impossible_statements_are_refused(keys, fragment):
    with pytest.raises(ValidationError, match="(?s).*") as caught:
        Statement(**keys)
    assert fragment in str(caught.value)


def test_statements_are_values():
    one, other = (Statement(between=(0.2, 50), probability=0.95) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    with pytest.raises(ValidationError, match="frozen"):
        one.probability = 0.5
