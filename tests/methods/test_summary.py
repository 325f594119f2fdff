"""Draws, summed up."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.methods.summary import LEVELS, summarise


def test_a_summary_is_of_the_draws():
    draws = np.random.default_rng(3).permutation(np.arange(1001.0)).reshape(7, 143)
    found = summarise(draws)
    assert (found.median, found.mean) == (500, 500)
    assert found.sd == pytest.approx(np.sqrt((1001**2 - 1) / 12 * 1001 / 1000))
    for level, limits in {0.5: (250, 750), 0.8: (100, 900), 0.95: (25, 975)}.items():
        assert found.intervals[level] == pytest.approx(limits)
    assert (found.lower, found.upper) == found.intervals[0.95]


def test_as_much_lies_below_an_interval_as_above():
    draws = np.random.default_rng(3).gamma(2, 100, size=(4, 5000))
    for level, (lower, upper) in summarise(draws).intervals.items():
        assert (draws < lower).mean() == pytest.approx((1 - level) / 2, abs=1e-3)
        assert (draws > upper).mean() == pytest.approx((1 - level) / 2, abs=1e-3)


def test_intervals_lie_in_one_another():
    found = summarise(np.random.default_rng(1).normal(size=500)).intervals
    limits = [found[level] for level in LEVELS]
    for (inner_low, inner_high), (outer_low, outer_high) in zip(limits, limits[1:], strict=False):
        assert outer_low <= inner_low <= inner_high <= outer_high


def test_json_has_the_widest_interval_by_name():
    found = summarise(np.arange(11.0)).to_dict(1)
    assert [found["lower"], found["upper"]] == found["intervals"]["0.95"]
    assert list(found) == ["median", "mean", "sd", "lower", "upper", "intervals"]
    assert list(found["intervals"]) == ["0.5", "0.8", "0.95"]
