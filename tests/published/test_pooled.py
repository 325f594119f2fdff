"""What the public table says on its own, and how far apart its analyses are."""

from __future__ import annotations

import pytest

from estimator.published.pooled import Analysis, pooled_answer, reach, spread_of
from estimator.reasons import Reason
from estimator.study.study import read_study
from tests.published.published_examples import figure, summary


def analysis(priors, middle, lower, upper, study="nl-2010-2015", converged=True):
    return Analysis(study, priors, priors, summary(middle, lower, upper), 6, (), converged)


def pooled(measure="pooled_N", **said):
    return figure(measure=measure, group=None, **said)


@pytest.mark.parametrize(
    ("measure", "count"),
    [
        ("pooled_registered", 8234),
        ("pooled_on_list_P", 4812),
        ("pooled_on_list_I", 398),
        ("pooled_on_one", 7802),
        ("pooled_on_two", 414),
        ("pooled_on_three", 18),
    ],
)
def test_counts_are_those_of_the_public_table(measure, count):
    found = pooled_answer(pooled(measure), read_study("nl-2010-2015"), {})
    assert (found.median, found.sd) == (count, 0)


def test_a_measure_that_the_table_does_not_have_is_refused():
    assert isinstance(pooled_answer(pooled("pooled_shoe_size"), read_study("nl-2010-2015"), {}), Reason)


def test_another_method_is_refused():
    study = read_study("nl-2010-2015")
    assert pooled_answer(pooled(id="pooled-sparsemse"), study, {}) == Reason("method-not-in-tool")


def test_the_same_method_answers():
    study, asked = read_study("nl-2010-2015"), pooled(id="pooled-dga")
    other = {"pooled-independence": summary(1, 1, 1)}
    assert pooled_answer(asked, study, {**other, "pooled-dga": summary(2, 1, 3)}).median == 2
    assert isinstance(pooled_answer(asked, study, other), Reason)
    assert pooled_answer(asked, study, {"pooled-dga": Reason("answer-withheld")}) == Reason("answer-withheld")


def test_the_spread_is_over_all_intervals_and_counts_those_outside_the_narrowest():
    ours = [analysis("a", 100, 90, 110), analysis("b", 150, 50, 400), analysis("c", 7, 1, 9000, converged=False)]
    published = [pooled(value=105.0, lower=10.0, upper=1000.0), pooled(value=500.0), figure(value=3.0, lower=1.0)]
    found = spread_of(ours, published)
    assert reach(found.ours) == (50, 400)
    assert reach(found.intervals) == (10, 1000)
    assert found.narrowest == (90, 110)
    assert sorted(found.values) == [100, 105, 150, 500]
    assert found.outside_narrowest == 2


def test_there_is_no_spread_without_an_analysis_of_ours():
    assert spread_of([analysis("c", 7, 1, 9000, converged=False)], [pooled(lower=1.0, upper=2.0)]) is None
