"""When a published figure counts as reproduced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.published.verdicts import impossible, judge
from tests.published.published_examples import figure, summary


def test_a_figure_in_our_interval_is_consistent():
    found = judge(figure(value=100.0), summary(110, 90, 130))
    assert (found.kind, found.why) == ("consistent", "")
    assert found.difference == pytest.approx(0.1)


@pytest.mark.parametrize(("value", "sign"), [(89.9, 1), (130.1, -1)])
def test_a_figure_outside_our_interval_differs(value, sign):
    found = judge(figure(value=value), summary(110, 90, 130))
    assert found.kind == "differs"
    assert found.why == "The published value lies outside our 95 % interval."
    assert found.difference * sign > 0


@pytest.mark.parametrize("value", [90, 130])
def test_the_limits_belong_to_the_interval(value):
    assert judge(figure(value=value), summary(110, 90, 130)).kind == "consistent"


def test_a_wide_interval_is_not_enough_when_ours_is_outside_the_published_range():
    found = judge(figure(value=100.0, lower=95.0, upper=105.0), summary(300, 50, 900))
    assert found.kind == "differs"
    assert found.why == "Our median lies outside the published range."


def test_both_rules_can_be_broken_at_once():
    found = judge(figure(value=100.0, lower=95.0, upper=105.0), summary(300, 200, 400))
    assert "outside our 95 % interval and our median" in found.why
    assert found.difference == pytest.approx(2.0)


@pytest.mark.parametrize(("ours", "kind"), [(7900, "differs"), (8000, "consistent"), (9500, "consistent")])
def test_over_8000_is_a_range_without_an_upper_end(ours, kind):
    assert judge(figure(value=8000.0, lower=8000.0), summary(ours, 5000, 12000)).kind == kind


@pytest.mark.parametrize(
    ("ours", "kind", "difference"),
    [(50, "consistent", 0), (38, "differs", -0.05), (66, "differs", 0.1), (40, "consistent", 0), (60, "consistent", 0)],
)
def test_of_a_range_alone_the_nearer_end_is_what_we_differ_from(ours, kind, difference):
    found = judge(figure(value=None, lower=40.0, upper=60.0), summary(ours, 1, 1000))
    assert found.kind == kind
    assert found.difference == pytest.approx(difference)


@pytest.mark.parametrize(("ours", "kind"), [(364.5, "consistent"), (365.5, "consistent"), (366, "differs")])
def test_a_count_has_no_excuse(ours, kind):
    assert judge(figure(value=365.0), summary(ours)).kind == kind


def test_a_count_can_be_compared_with_a_range():
    ranged = figure(value=None, lower=10.0, upper=20.0)
    assert judge(ranged, summary(15)).kind == "consistent"
    assert judge(ranged, summary(21)).why == "Our count lies outside the published range."


def test_without_an_answer_there_is_no_difference():
    found = impossible("No public data.")
    assert (found.kind, found.why, found.difference) == ("not reproducible", "No public data.", None)


@given(
    value=st.floats(1, 1e6),
    reach=st.none() | st.tuples(st.floats(1, 1e6), st.floats(1, 1e6)),
    ours=st.tuples(*[st.floats(1, 1e6)] * 3),
)
def test_consistent_means_each_in_the_other(value, reach, ours):
    lower, median, upper = sorted(ours)
    low, high = sorted(reach) if reach else (None, None)
    found = judge(figure(value=value, lower=low, upper=high), summary(median, lower, upper + 1))
    inside = lower <= value <= upper + 1 and (reach is None or low <= median <= high)
    assert (found.kind == "consistent") == inside
    assert bool(found.why) != inside
    assert found.difference == pytest.approx(median / value - 1)
