"""Cells: rounded as the study says, never finer than the interval deserves, never below who is known to be there."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.document.cells import CellMaker, Rounding
from estimator.methods.summary import Summary
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
