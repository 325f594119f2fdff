"""Shares of the spread: exact on small grids, against all orders in which choices can be added, and as properties."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.multiverse.shares import shares_of


def rng():
    return np.random.default_rng(1)


def grid(*sizes):
    return np.array(list(product(*map(range, sizes))))


def by_all_orders(values, chosen):
    """Average over every order what a choice adds to the variance of conditional means, each mean by hand."""

    def explained(places):
        rows = [tuple(row[place] for place in places) for row in chosen]
        means = [np.mean([value for value, other in zip(values, rows, strict=True) if other == row]) for row in rows]
        return np.var(means)

    orders = list(permutations(range(chosen.shape[1])))
    found = np.zeros(chosen.shape[1])
    for order in orders:
        for at, choice in enumerate(order):
            found[choice] += explained(order[: at + 1]) - explained(order[:at])
    return found / len(orders) / np.var(values)


def test_effects_that_add_up_explain_their_own_variance():
    """Values -1 and 1 by one choice and -3, 0 and 3 by another have variances 1 and 6."""
    chosen = grid(2, 3)
    values = np.array([-1.0, 1.0])[chosen[:, 0]] + np.array([-3.0, 0.0, 3.0])[chosen[:, 1]]
    found = shares_of(values, chosen, rng())
    assert found.variance == pytest.approx(7)
    assert found.shapley == pytest.approx([1 / 7, 6 / 7])
    assert found.alone == pytest.approx([1 / 7, 6 / 7])


def test_an_interaction_is_shared_in_halves():
    """The product of two signs is explained by neither alone."""
    chosen = grid(2, 2, 2)
    signs = 2.0 * chosen - 1
    found = shares_of(signs[:, 0] * signs[:, 1] + signs[:, 2], chosen, rng())
    assert found.shapley == pytest.approx([0.25, 0.25, 0.5])
    assert found.alone == pytest.approx([0, 0, 0.5])


def test_three_that_act_together_have_a_third_each():
    chosen = grid(2, 2, 2)
    found = shares_of((2.0 * chosen - 1).prod(axis=1), chosen, rng())
    assert found.shapley == pytest.approx([1 / 3] * 3)


def test_choices_that_are_the_same_share_what_they_explain():
    """Priors that only one method takes: whether there are any is what the method says already."""
    chosen = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    assert shares_of(np.array([0.0, 0, 2, 2]), chosen, rng()).shapley == pytest.approx([0.5, 0.5])


def test_a_choice_that_does_not_vary_explains_nothing_and_takes_nothing():
    chosen = grid(2, 3)
    with_more = np.insert(chosen, 1, 0, axis=1)
    values = np.arange(6.0) ** 2
    assert shares_of(values, with_more, rng()).shapley[[0, 2]] == pytest.approx(
        shares_of(values, chosen, rng()).shapley
    )
    assert shares_of(values, with_more, rng()).shapley[1] == 0


@pytest.mark.parametrize("values", [[], [4.0], [3.0] * 6])
def test_without_a_spread_there_is_nothing_to_share(values):
    found = shares_of(np.array(values), grid(2, 3)[: len(values)], rng())
    assert found.variance == 0
    assert not found.shapley.any()
    assert not found.chance.any()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=4).flatmap(
        lambda sizes: st.tuples(
            st.just(sizes),
            st.lists(st.integers(0, 50), min_size=int(np.prod(sizes)), max_size=int(np.prod(sizes))),
            st.lists(st.booleans(), min_size=int(np.prod(sizes)), max_size=int(np.prod(sizes))),
        )
    )
)
def test_shares_of_any_part_of_any_grid_are_those_of_all_orders(drawn):
    """Specifications that fail are gaps in the grid."""
    sizes, values, kept = drawn
    chosen, values = grid(*sizes)[kept], np.array(values, float)[kept]
    if len(values) < 2 or np.var(values) == 0:
        return
    found = shares_of(values, chosen, rng())
    assert found.shapley == pytest.approx(by_all_orders(values, chosen), abs=1e-9)
    assert found.shapley.sum() == pytest.approx(1)
    assert (found.alone <= 1 + 1e-9).all()
    assert found.chance.sum() == pytest.approx(1)


def test_by_chance_a_choice_explains_as_many_as_it_has_alternatives():
    """Of values without any structure, a choice of k alternatives explains (k - 1) / (n - 1) alone, on average."""
    chosen = np.stack([np.arange(60) % 20, np.arange(60) // 20], axis=1)
    chance = np.mean([shares_of(np.random.default_rng(k).normal(size=60), chosen, rng()).chance for k in range(20)], 0)
    interaction = 19 * 2 / 2
    assert chance == pytest.approx(np.array([19 + interaction, 2 + interaction]) / 59, abs=0.03)


def test_by_chance_is_not_what_a_choice_explains():
    """Values that the first choice explains alone, dealt out at random: (k - 1 + 1) / 5 of choices of two and three."""
    chosen = grid(2, 3)
    found = shares_of(1.0 * chosen[:, 0], chosen, rng())
    assert found.shapley == pytest.approx([1, 0])
    assert found.chance == pytest.approx([0.4, 0.6], abs=0.1)


def test_many_choices_are_quick():
    chosen = np.random.default_rng(2).integers(0, 3, size=(500, 9))
    values = chosen[:, 0] + 0.1 * np.random.default_rng(3).normal(size=500)
    assert shares_of(values, chosen, rng()).shapley.argmax() == 0
