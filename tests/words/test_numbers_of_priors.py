"""Numbers of prior statements, as they are written in each language."""

from __future__ import annotations

import math

import pytest

from estimator.reasons import Reason
from estimator.words.numbers import as_stated, ratio
from estimator.words.words import words_in


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.14085, "0.14"),
        (7.099, "7.1"),
        (1.0, "1"),
        (9.96, "10"),
        (50, "50"),
        (499.6, "500"),
        (12345.6, "12,346"),
        (1e-10, "almost 0"),
        (1e15, "a number too large to write"),
        (None, "a number too large to write"),
        (math.inf, "a number too large to write"),
    ],
)
def test_a_ratio_has_two_digits_that_count(value, text):
    assert ratio(value) == text


def test_a_number_is_written_as_it_was_stated():
    assert (as_stated(1250000.0), as_stated(0.125), as_stated(4.0)) == ("1,250,000", "0.125", "4")
    assert (as_stated(1250000.0, "nl"), as_stated(0.125, "nl")) == ("1.250.000", "0,125")


@pytest.mark.parametrize(
    ("reason", "english", "dutch"),
    [
        (
            Reason("prior-stated-between", lower=0.25, upper=1250000.0, probability=0.5),
            "between 0.25 and 1,250,000 with 50 % probability",
            "tussen 0,25 en 1.250.000 met een kans van 50%",
        ),
        (
            Reason("prior-between", lower=0.0072, upper=math.inf),
            "between 0.0072 and a number too large to write with 95 % probability",
            "tussen 0,0072 en een getal dat te groot is om uit te schrijven met een kans van 95%",
        ),
        (
            Reason("quantity-odds-ratio-of-pair", lists=("P", "R")),
            "odds ratio between lists P and R",
            "odds ratio tussen de registers P en R",
        ),
    ],
)
def test_statements_in_both_languages(reason, english, dutch):
    assert words_in("en").say(reason) == english
    assert words_in("nl").say(reason) == dutch
