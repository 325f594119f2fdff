"""Scores of intervals, by hand."""

import math

import pytest

from estimator.fits.scores import QUANTILES, Judged, interval_score, log_interval_score, score_of


def judged(table, truth, *quantiles):
    return Judged(table, truth, dict(zip(QUANTILES, quantiles, strict=True)))


def test_the_interval_score_is_the_width_plus_forty_times_the_distance():
    assert interval_score(2.0, 5.0, 3.0, 0.95) == 3.0
    assert interval_score(2.0, 5.0, 5.5, 0.95) == pytest.approx(3.0 + 40 * 0.5)
    assert interval_score(2.0, 5.0, 1.0, 0.8) == pytest.approx(3.0 + 10 * 1.0)


def test_a_case():
    one = judged("t", 100.0, 50, 60, 80, 90, 110, 120, 200)
    assert [one.holds(level) for level in (0.5, 0.8, 0.95)] == [True, True, True]
    assert one.log_width == pytest.approx(math.log(4))
    assert one.log_error == pytest.approx(math.log(0.9))
    assert not judged("t", 115.0, 50, 60, 80, 90, 110, 120, 200).holds(0.5)
    assert log_interval_score(judged("t", 400.0, 50, 60, 80, 90, 110, 120, 200)) == pytest.approx(
        math.log(4) + 40 * math.log(2)
    )


def test_a_truth_on_the_limit_is_inside():
    assert judged("t", 50.0, 50, 60, 80, 90, 110, 120, 200).holds(0.95)


def test_every_table_weighs_the_same():
    inside = judged("large", 100.0, 50, 60, 80, 100, 110, 120, 200)
    below = judged("small", 400.0, 50, 60, 80, 100, 110, 120, 200)
    score = score_of([inside, inside, inside, below])
    assert score.held[0.95] == pytest.approx(0.5)
    assert (score.too_low, score.too_high) == (pytest.approx(0.5), 0.0)
    assert (score.cases, score.tables) == (4, 2)
    assert score.bias == pytest.approx(0.5 * math.log(0.25))
    assert score.interval_score == pytest.approx(math.log(4) + 0.5 * 40 * math.log(2))
