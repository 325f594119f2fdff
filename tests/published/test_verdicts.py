"""When a published figure counts as reproduced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.published.verdicts import impossible, judge, meant_by
from estimator.reasons import Reason
from tests.published.published_examples import figure, summary


def test_a_figure_in_our_interval_is_consistent():
    found = judge(figure(value=100.0), summary(110, 90, 130))
    assert (found.kind, found.reasons) == ("consistent", ())
    assert found.difference == pytest.approx(0.1)


@pytest.mark.parametrize(("value", "sign"), [(89.9, 1), (130.1, -1)])
def test_a_figure_outside_our_interval_differs(value, sign):
    found = judge(figure(value=value), summary(110, 90, 130))
    assert found.kind == "differs"
    assert found.reasons == (Reason("value-outside-interval"),)
    assert found.difference * sign > 0


@pytest.mark.parametrize("value", [90, 130])
def test_the_limits_belong_to_the_interval(value):
    assert judge(figure(value=value), summary(110, 90, 130)).kind == "consistent"


def test_a_wide_interval_is_not_enough_when_ours_is_outside_the_published_range():
    found = judge(figure(value=100.0, lower=95.0, upper=105.0), summary(300, 50, 900))
    assert found.kind == "differs"
    assert found.reasons == (Reason("median-outside-range"),)


def test_both_rules_can_be_broken_at_once():
    found = judge(figure(value=100.0, lower=95.0, upper=105.0), summary(300, 200, 400))
    assert found.reasons == (Reason("value-outside-interval"), Reason("median-outside-range"))
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


@pytest.mark.parametrize(
    ("said", "value", "limits"),
    [
        ("about 365", 365, (362.5, 367.5)),
        ("About 367", 367, (366.5, 367.5)),
        ("about 1,300 on the lists", 1300, (1250, 1350)),
        ("ongeveer 1.300", 1300, (1250, 1350)),
        ("about 5,000 (4,000 to 6,300)", 5000, (4500, 5500)),
        ("around 2500", 2500, (2250, 2750)),
        ("about 37", 37, (36.5, 37.5)),
        ("about 5", 5, (4.5, 5.5)),
        ("about 10,050", 10050, (10025, 10075)),
        ("almost 3,000", 3000, (2500, 3000)),
        ("bijna 365", 365, (362.5, 365)),
        ("365", 365, (365, 365)),
        ("over 8,000", 8000, (8000, 8000)),
        ("almost 3,000 less 1,320", 1680, (1680, 1680)),
        ("about one third", 0.3333, (0.3333, 0.3333)),
        ("about 46 %", 0.46, (0.46, 0.46)),
        ("about 3.5", 3.5, (3.5, 3.5)),
        ("about 3,0000", 3, (3, 3)),
        ("about 12.5", 12, (12, 12)),
    ],
)
def test_for_which_numbers_a_rounded_value_stands(said, value, limits):
    assert meant_by(figure(value=float(value), said=said)) == pytest.approx(limits)
    assert meant_by(figure(value=None, lower=1.0, said=said)) is None


@pytest.mark.parametrize(
    ("said", "ours", "kind"),
    [
        ("about 365", 364, "consistent"),
        ("about 365", 362.5, "consistent"),
        ("about 365", 362.4, "differs"),
        ("about 365", 367.6, "differs"),
        ("365", 364, "differs"),
        ("almost 365", 366, "differs"),
        ("almost 365", 364, "consistent"),
    ],
)
def test_a_count_beside_a_rounded_number(said, ours, kind):
    found = judge(figure(value=365.0, said=said), summary(ours))
    assert found.kind == kind
    assert found.difference == pytest.approx(ours / 365 - 1)


@pytest.mark.parametrize(
    ("said", "interval", "kind"),
    [
        ("about 5,000", (5400, 6000), "consistent"),
        ("about 5,000", (5501, 6000), "differs"),
        ("5,000", (5001, 6000), "differs"),
        ("almost 5,000", (5001, 6000), "differs"),
        ("almost 5,000", (4000, 4600), "consistent"),
    ],
)
def test_an_estimate_beside_a_rounded_number(said, interval, kind):
    lower, upper = interval
    assert judge(figure(value=5000.0, said=said), summary((lower + upper) / 2, lower, upper)).kind == kind


def test_a_count_can_be_compared_with_a_range():
    ranged = figure(value=None, lower=10.0, upper=20.0)
    assert judge(ranged, summary(15)).kind == "consistent"
    assert judge(ranged, summary(21)).reasons == (Reason("count-outside-range"),)


def test_without_an_answer_there_is_no_difference():
    found = impossible(Reason("method-not-in-tool"))
    assert (found.kind, found.reasons) == ("not-reproducible", (Reason("method-not-in-tool"),))
    assert found.difference is None


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
    assert bool(found.reasons) != inside
    assert found.difference == pytest.approx(median / value - 1)
