"""Cells: rounded as the study says, never finer than the interval deserves, never below who is known to be there."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.document.cells import CellMaker, Rounding
from estimator.document.content import Cell, Column, Row, Table
from estimator.document.pictures.drawing import csv_of
from estimator.methods.summary import Summary
from estimator.runs.group_records import BoundsRecord
from estimator.words.words import words_in


def summary(median, lower, upper) -> Summary:
    return Summary(median, median, 1.0, {0.5: (lower, upper), 0.8: (lower, upper), 0.95: (lower, upper)})


def make(people=None, language="en") -> CellMaker:
    return CellMaker(words_in(language), Rounding(people))


@pytest.mark.parametrize(
    ("round_to", "said", "limits"), [(50, "6,250", "5,000 to 7,550"), (None, "6,260", "5,010 to 7,530")]
)
def test_as_the_study_says(round_to, said, limits):
    value = summary(6263.0, 5011.0, 7529.0)
    cells = make(round_to)
    assert (cells.people(value).text, cells.interval(value).text) == (said, limits)


def test_a_small_number_and_a_wide_interval_keep_their_own_unit():
    assert make(50).people(summary(312.0, 250.0, 390.0)).text == "312"
    assert make(50).people(summary(63_210.0, 9_000.0, 250_000.0)).text == "63,000"


@given(st.floats(0, 1e6), st.floats(0, 1e5), st.floats(0, 1e6), st.sampled_from([None, 1, 5, 50, 1000]))
def test_the_interval_holds_the_limits_and_the_number_is_not_below_the_registered(median, below, above, round_to):
    least = float(math.floor(median / 2))
    value = summary(median, max(least, median - below), median + above)
    cell, limits = make(round_to).people(value, least), make(round_to).interval(value, least)
    assert cell.value >= least
    assert limits.lower <= value.lower + 1e-6 and limits.upper >= value.upper - 1e-6
    assert limits.lower >= least


def test_the_number_behind_a_cell_is_what_it_says_in_both_languages():
    value = summary(12_345.0, 11_000.0, 14_000.0)
    for language, said in (("en", "12,340"), ("nl", "12.340")):
        cell = make(language=language).people(value)
        assert (cell.text, cell.value, cell.exact) == (said, 12_340.0, 12_345.0)


@pytest.mark.parametrize(
    ("lower", "upper", "said", "limits"),
    [
        (57, None, ("57 or more", "57 of meer"), (57, None)),
        (57, 121, ("57 to 121", "57 tot 121"), (57, 121)),
        (76.5, 87.5, ("76 to 88", "76 tot 88"), (76, 88)),
    ],
)
def test_a_registered_number_that_the_table_does_not_give_stands_with_its_bounds(lower, upper, said, limits):
    bounds = BoundsRecord(lower=lower, upper=upper)
    for language, text in zip(("en", "nl"), said, strict=True):
        cell = make(language=language).registered(80.4, None, (70.0, 90.0), bounds)
        assert (cell.text, cell.value, (cell.lower, cell.upper)) == (text, 80.0, limits)


def test_under_rules_of_disclosure_no_bounds_are_printed():
    cells = CellMaker(words_in("en"), Rounding(registered=5, bounds=False))
    cell = cells.registered(83.0, None, (70.0, 90.0), BoundsRecord(lower=57, upper=None))
    assert cell == Cell("about 85", "registered", 85.0, exact=83.0)


def test_a_file_of_numbers_has_their_bounds_beside_them():
    bounds = (BoundsRecord(lower=57, upper=None), BoundsRecord(lower=57, upper=121), None)
    rows = tuple(
        Row(key, key, (make().registered(80.0, None, None, known),))
        for key, known in zip(("open", "closed", "known"), bounds, strict=True)
    )
    table = Table("x", "", "", (Column("registered", "Registered", "registered"),), rows)
    assert csv_of(table).splitlines() == [
        "key,label,registered,registered_lower,registered_upper",
        "open,open,80,57,57 or more",
        "closed,closed,80,57,121",
        "known,known,80,80,80",
    ]


def test_a_share_of_half_a_per_cent_is_the_same_number_wherever_it_stands():
    value = summary(0.215, 0.145, 0.285)
    seen, limits = make().coverage(value), make().coverage_interval(value)
    assert (seen.text.replace("\N{NO-BREAK SPACE}", " "), seen.value) == ("22 %", 0.22)
    assert (100 * limits.lower, 100 * limits.upper) == pytest.approx(
        [float(n) for n in limits.text.split() if n.isdigit()]
    )
