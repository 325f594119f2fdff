"""What pairs of lists miss of differences between people: formulas held to exact numbers of people."""

import math

import numpy as np
import pytest

from evidence.differences import (
    People,
    beta_people,
    classes_of_people,
    cumulants,
    histories,
    missed_by_pairs,
    normal_people,
    on_one_list,
    shares_of_histories,
)
from evidence.understated import Population, populations

ALPHA = np.array([-2.0, -1.2, -2.7])
TWO = People(np.array([-1.0, 1.5]), np.array([0.7, 0.3]))


def by_hand(people, alpha):
    """Shares of histories, one person and one list after the other."""
    shares = []
    for history in histories(len(alpha)):
        share = 0.0
        for theta, weight in zip(people.theta, people.weight, strict=True):
            chance = weight
            for on, odds in zip(history, alpha, strict=True):
                covered = 1 / (1 + math.exp(-(odds + theta)))
                chance *= covered if on else 1 - covered
            share += chance
        shares.append(share)
    return np.array(shares)


def test_shares_of_histories_are_those_of_people_one_by_one():
    assert shares_of_histories(TWO, ALPHA) == pytest.approx(by_hand(TWO, ALPHA), rel=1e-12)
    assert shares_of_histories(TWO, ALPHA).sum() == pytest.approx(1)


@pytest.mark.parametrize("people", [TWO, normal_people(1.3), beta_people(1.1)])
def test_three_lists_miss_the_third_difference_of_the_cumulants(people):
    k = cumulants(people, ALPHA, 3)
    missed = missed_by_pairs(shares_of_histories(people, ALPHA))
    assert missed.delta == pytest.approx(k[3] - 2 * k[2] + k[1], abs=1e-9)
    assert missed.xi == pytest.approx(-(k[3] - 3 * k[2] + 3 * k[1] - k[0]), abs=1e-9)


@pytest.mark.parametrize("people", [TWO, normal_people(1.3)])
def test_the_people_on_one_list_are_one_step_further_on(people):
    alpha = np.array([-2.0, -1.2, -2.7, -0.4])
    k = cumulants(people, alpha, 4)
    for place in range(4):
        missed = missed_by_pairs(on_one_list(shares_of_histories(people, alpha), place))
        assert missed.delta == pytest.approx(k[4] - 2 * k[3] + k[2], abs=1e-9)
        assert missed.xi == pytest.approx(-(k[4] - 3 * k[3] + 3 * k[2] - k[1]), abs=1e-9)


def test_the_people_on_a_list_are_those_whose_history_has_it():
    shares = by_hand(TWO, ALPHA)
    on = histories(3)
    expected = [shares[(on[:, 1] == 1) & (on[:, 0] == a) & (on[:, 2] == c)].sum() for a in (0, 1) for c in (0, 1)]
    assert on_one_list(shares, 1) == pytest.approx(np.array(expected) / sum(expected))


def test_pairs_miss_nothing_where_people_on_no_list_are_normal():
    """Among the people on no list: the density of all people is that, times what makes it so."""
    normal = normal_people(1.0)
    unseen = -np.logaddexp(0.0, ALPHA + normal.theta[:, None]).sum(axis=1)
    weight = normal.weight * np.exp(-unseen)
    people = People(normal.theta, weight / weight.sum())
    assert missed_by_pairs(shares_of_histories(people, ALPHA)).xi == pytest.approx(0, abs=1e-6)


def test_pairs_miss_nothing_where_people_do_not_differ():
    missed = missed_by_pairs(shares_of_histories(People(np.zeros(1), np.ones(1)), ALPHA))
    assert (missed.delta, missed.xi) == pytest.approx((0, 0), abs=1e-10)


def test_people_have_the_stated_spread():
    rng = np.random.default_rng(1)
    for people in (normal_people(0.8), beta_people(0.8), classes_of_people(0.8, 3, rng)):
        mean = people.weight @ people.theta
        assert people.weight.sum() == pytest.approx(1)
        assert mean == pytest.approx(0, abs=1e-9)
        assert math.sqrt(people.weight @ (people.theta - mean) ** 2) == pytest.approx(0.8, rel=1e-3)


def test_populations_of_the_grid_have_the_coverage_that_they_state():
    for population in populations()[::17]:
        shares, on = population.shares(), histories(population.lists)
        assert (shares @ on).mean() == pytest.approx(population.coverage, rel=1e-9)
    first = Population("classes", 1.0, 0.1, 4, 0)
    assert np.array_equal(first.shares(), first.shares())
    assert not np.array_equal(first.shares(), Population("classes", 1.0, 0.1, 4, 1).shares())
