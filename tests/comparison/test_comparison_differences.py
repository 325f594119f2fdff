"""Differences of draws against closed forms, and who may be subtracted from whom."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from estimator.comparison.differences import compare_groups, difference_of, direction_registered, independent, joint
from estimator.population.groups import GroupDraws
from estimator.study.questions import Label

N = 40_000


def normal(mean, sd, seed, size=N):
    return np.random.default_rng(seed).normal(mean, sd, size).reshape(4, -1)


def test_draws_of_one_run_are_subtracted_draw_by_draw():
    """What both years share drops out: with a common part of sd 300, the difference has an sd of 50 only."""
    common, step = normal(5000, 300, 1), normal(100, 50, 2)
    found = difference_of(common, common + step, joint(N))
    assert found.difference.sd == pytest.approx(50, rel=0.02)
    assert found.rise == pytest.approx(norm.cdf(2), abs=0.004)
    assert found.rise + found.fall == 1
    assert found.direction == "more"
    assert found.difference.median == pytest.approx(100, abs=1)


def test_draws_of_two_runs_are_independent_even_when_they_are_the_same_numbers():
    """Two runs with the same seed may have the same draws; pairing them in order would make their difference zero."""
    draws = normal(5000, 300, 1)
    found = difference_of(draws, draws + 300, independent(N, N))
    assert found.difference.sd == pytest.approx(300 * np.sqrt(2), rel=0.02)
    assert found.rise == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.01)
    assert found.direction == "unclear"


def test_runs_may_have_different_numbers_of_draws():
    before, after = normal(1000, 30, 1, 8000), normal(1100, 40, 2, 2000)
    found = difference_of(before, after, independent(8000, 2000))
    assert found.difference.mean == pytest.approx(after.mean() - before.mean(), abs=1.5)
    assert found.difference.sd == pytest.approx(50, rel=0.03)
    pairs = independent(8000, 2000)
    assert set(np.bincount(pairs.before)) <= {5}
    assert set(np.bincount(pairs.after)) <= {20}


def test_random_pairs_are_always_the_same_and_keep_sums():
    women, men = normal(600, 40, 1), normal(400, 30, 2)
    later = normal(700, 40, 3), normal(380, 30, 4)
    zero = np.zeros_like(women)

    def groups(first, second):
        return {
            "total": GroupDraws(Label("Total"), zero, first + second),
            "women": GroupDraws(Label("W"), zero, first),
            "men": GroupDraws(Label("M"), zero, second),
        }

    pairing = independent(N, N)
    found = compare_groups(groups(women, men), groups(*later), pairing)
    means = {name: group.N.difference.mean for name, group in found.items()}
    assert means["total"] == pytest.approx(means["women"] + means["men"])
    np.testing.assert_array_equal(pairing.before, independent(N, N).before)


def test_what_must_not_be_subtracted_is_not():
    before = {"total": GroupDraws(Label("Total"), np.full((4, 10), 120.0), normal(500, 10, 1, 40))}
    after = {"total": GroupDraws(Label("Total"), np.full((4, 10), 100.0), normal(600, 10, 2, 40))}
    found = compare_groups(before, after, None)["total"]
    for value in (found.N, found.dark_figure, found.coverage):
        assert (value.difference, value.ratio, value.rise, value.fall) == (None, None, None, None)
        assert value.direction == "unclear"
    assert found.registered.difference.median == -20, "counts that are known can always be subtracted"
    assert found.registered.of_medians == pytest.approx(5 / 6)


def test_registered_numbers_that_are_not_exactly_known_are_not_subtracted_between_runs():
    uncertain = GroupDraws(Label("Total"), normal(120, 3, 1, 40), normal(500, 10, 1, 40))
    known = GroupDraws(Label("Total"), np.full((4, 10), 100.0), normal(500, 10, 1, 40))
    assert compare_groups({"total": uncertain}, {"total": known}, None)["total"].registered.difference is None


@pytest.mark.parametrize(("after", "direction"), [(1004, "same"), (1006, "more"), (996, "same"), (994, "fewer")])
def test_registered_numbers_are_the_same_within_half_a_per_cent(after, direction):
    found = difference_of(np.full((4, 10), 1000.0), np.full((4, 10), float(after)), joint(40))
    assert direction_registered(found) == direction


@pytest.mark.parametrize(("middle", "direction"), [(130, "more"), (109, "same"), (91, "same"), (70, "fewer")])
def test_registered_numbers_within_bounds_differ_where_their_bounds_are_apart(middle, direction):
    before, after = (np.linspace(at - 5, at + 5, 400).reshape(4, -1) for at in (100, middle))
    assert direction_registered(difference_of(before, after, None)) == direction


def test_no_ratio_where_nobody_may_have_been_there_before():
    nobody = np.zeros((4, 250))
    found = difference_of(nobody, nobody + 3, joint(1000))
    assert found.ratio is None
    assert found.of_medians is None
    assert (found.difference.median, found.rise) == (3, 1)


def test_ties_are_neither_a_rise_nor_a_fall():
    same = np.full((4, 250), 7.0)
    found = difference_of(same, same, joint(1000))
    assert (found.rise, found.fall, found.direction) == (0, 0, "unclear")


@pytest.mark.parametrize(("shift", "direction"), [(2.1, "more"), (1.7, "unclear"), (-1.7, "unclear"), (-2.1, "fewer")])
def test_a_change_is_called_clear_when_its_95_per_cent_interval_leaves_out_zero(shift, direction):
    step = norm.ppf((np.arange(N) + 0.5) / N).reshape(4, -1) + shift
    found = difference_of(np.full((4, N // 4), 100.0), 100 + step, joint(N))
    assert found.direction == direction


def test_groups_on_one_side_only_are_left_out():
    draws = GroupDraws(Label("x"), np.zeros((4, 10)), np.ones((4, 10)))
    assert list(compare_groups({"a": draws, "b": draws}, {"c": draws, "b": draws}, joint(40))) == ["b"]


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_a_difference_with_a_side_that_has_no_mean_has_none(before, after):
    """Residual dependence gives the dark figure tails without a mean; a difference with one such side has none."""

    def side(seed, has_mean):
        return {"total": GroupDraws(Label("Total"), np.zeros((4, 250)), normal(500, 10, seed, 1000), has_mean=has_mean)}

    found = compare_groups(side(1, before), side(2, after), joint(1000))["total"]
    for value in (found.N, found.dark_figure):
        assert not value.difference.has_mean and not value.ratio.has_mean
        assert value.record(1).difference.mean is None
    assert found.coverage.difference.has_mean, "a share lies between 0 and 1"
    both = compare_groups(side(1, True), side(2, True), joint(1000))["total"]
    assert both.N.difference.has_mean


def test_of_two_medians_one_may_lie_inside_and_the_other_not():
    """Where nothing may be subtracted: a narrow answer inside a wide one, off its middle."""
    nobody, wide, narrow = np.zeros((4, N // 4)), normal(5000, 300, 1), normal(5300, 10, 2)

    def estimated(before, after):
        groups = [{"total": GroupDraws(Label("Total"), nobody + 100, draws)} for draws in (before, after)]
        return compare_groups(*groups, None)["total"].verdict.estimated

    assert estimated(wide, narrow) == estimated(narrow, wide) == "one-inside"
    assert estimated(wide, wide + 10) == "both-inside"
    assert estimated(narrow, narrow + 100) == "none-inside"


def test_no_ratio_where_nobody_was_there_before_in_some_draws_only():
    before = np.arange(1000.0).reshape(4, 250)
    assert difference_of(before, before + 3, joint(1000)).ratio is None
    assert difference_of(before + 1, before + 4, joint(1000)).ratio is not None
