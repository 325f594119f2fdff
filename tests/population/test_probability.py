"""Probabilities on request."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.errors import InputError
from estimator.population.groups import GroupDraws
from estimator.population.probability import parse, probability
from estimator.study.questions import Label

UNSEEN = np.arange(100.0).reshape(2, 50)


def group(registered: float) -> GroupDraws:
    return GroupDraws(Label("x"), np.full((2, 50), registered), UNSEEN, UNSEEN)


GROUPS = {"total": group(100), "under-18": group(10), "a.b": group(0)}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("total > 149", 0.5),
        ("total>=150", 0.5),
        ("total < 100", 0.0),
        ("total <= 100", 0.01),
        ("total N > 149.5", 0.5),
        ("total dark_figure < 25", 0.25),
        ("under-18.dark_figure < 25", 0.25),
        ("under-18 < 1_000", 1.0),
        ("total coverage <= 0.5", 0.0),
        ("total coverage > 0.8", 0.25),
        ("a.b >= 50", 0.5),
        ("a.b.dark_figure >= 50", 0.5),
        ("total < 1e6", 1.0),
    ],
)
def test_probability_is_the_share_of_the_draws(question, answer):
    assert probability(question, GROUPS) == pytest.approx(answer)


@pytest.mark.parametrize(
    ("question", "fragment"),
    [
        ("", "such as 'total > 50000'"),
        ("total", "such as 'total > 50000'"),
        ("total = 5", "such as 'total > 50000'"),
        ("total > ", "such as 'total > 50000'"),
        ("total > > 5", "such as 'total > 50000'"),
        ("totl > 5", "Did you mean 'total'?"),
        ("total dark_figur > 5", "Did you mean 'dark_figure'?"),
        ("total.coverag > 5", "no group 'total.coverag'"),
        ("total > many", "Write 50000"),
        ("total > 50,000", "more than one way"),
        ("total > 50.000", "more than one way"),
        ("total coverage < 20", "share between 0 and 1"),
    ],
)
def test_questions_that_cannot_be_read_are_explained(question, fragment):
    with pytest.raises(InputError) as caught:
        parse(question, GROUPS)
    assert fragment in str(caught.value)
    assert question in str(caught.value)


def test_an_estimate_answers(years):
    assert years.probability("total > 0") == 1
    assert years.probability("women > 1e9") == 0
    inside = years.probability(f"total >= {years.total.N.lower}") - years.probability(f"total > {years.total.N.upper}")
    assert inside == pytest.approx(0.95, abs=0.01)
