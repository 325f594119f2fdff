"""Changes, differences and probabilities of a rise, as either language writes them."""

from __future__ import annotations

import pytest

from estimator.words.numbers import (
    chance,
    change,
    change_between,
    estimated,
    more_or_fewer,
    more_or_fewer_between,
    people_between,
    points,
    points_between,
    setting,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "<1 %"),
        (0.0049, "<1 %"),
        (0.005, "0 %"),
        (0.5, "50 %"),
        (0.9949, "99 %"),
        (0.995, ">99 %"),
        (1.0, ">99 %"),
    ],
)
def test_no_number_of_draws_makes_a_rise_certain(value, text):
    assert (chance(value), chance(value, "nl")) == (text, text.replace(" %", "%"))


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.18, "+18 %"), (0.88, "-12 %"), (1.004, "0 %"), (9.99, "+899 %"), (12.4, "x 12")],
)
def test_a_ratio_is_a_change_until_it_is_tenfold(ratio, text):
    assert (change(ratio), change(ratio, "nl")) == (text, text.replace(" %", "%"))


def test_limits_of_a_change_are_rounded_outward_but_never_onto_zero():
    assert change_between((0.716, 1.0151)) == "-29 to +2 %"
    assert change_between((0.716, 0.9912)) == "-28.4 to -0.8 %"
    assert change_between((1.00035, 1.2)) == "+0.03 to +20.00 %"
    assert change_between((0.716, 0.9912), "nl") == "-28,4 tot -0,8%"
    assert change_between((1.5, 12.3), "nl") == "x 1,5 tot 12"


def test_shares_change_in_points():
    assert (points(0.034), points(-0.0123), points(0.0)) == ("+3 pt", "-1.2 pt", "0 pt")
    assert (points(-0.0123, "nl"), points_between((-0.0712, 0.0031), "nl")) == ("-1,2 pp", "-8 tot +1 procentpunt")
    assert points_between((-0.0712, 0.0031)) == "-8 to +1 points"


def test_people_more_or_fewer_have_a_sign():
    assert (more_or_fewer(1234.4), more_or_fewer(-0.2), more_or_fewer(-1234.4, "nl")) == ("+1,234", "+0", "-1.234")
    assert more_or_fewer_between((-12.2, 1500.1)) == "-13 to +1,501"
    assert more_or_fewer_between((-12.2, 1500.1), "nl") == "-13 tot +1.501"


def test_people_with_their_interval_and_bounds_of_a_count():
    assert estimated(6312.0, 5091.0, 8108.0) == "6,310 (5,090 to 8,110)"
    assert estimated(6312.0, 5091.0, 8108.0, 5095, "nl") == "6.310 (5.095 tot 8.110)"
    assert [people_between(bounds) for bounds in ((900, 900), (950, 1000), (950, None))] == [
        "900",
        "950 to 1,000",
        "950 or more",
    ]
    assert people_between((1950, None), "nl") == "1.950 of meer"


def test_settings_are_written_as_in_their_file():
    assert [setting(value) for value in (None, [0.0, 0.25], 3, "normal", 0.5)] == [
        "not stated",
        "[0, 0.25]",
        "3",
        "normal",
        "0.5",
    ]
    assert (setting(None, "nl"), setting((0.0, 0.25), "nl")) == ("niet opgegeven", "[0, 0.25]")
