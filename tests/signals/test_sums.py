"""Numbers as a source words them, and sums of them: against every combination, counted out."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.signals.counts import nearest_counts, possible_counts
from estimator.signals.schema import AnswerSection
from estimator.signals.sums import Node, draw_counts, likelihood, possible, span


def leaf(group: int, allowed: list[int]) -> Node:
    return Node(np.array(allowed, float), (), group)


@st.composite
def trees(draw) -> Node:
    """Two to four groups of up to four people; some under a margin of their own, all under one of everybody."""
    n_groups = draw(st.integers(2, 4))
    weights = st.lists(st.sampled_from([0.0, 1.0, 1.0, 0.5]), min_size=2, max_size=5)
    leaves = [leaf(group, draw(weights)) for group in range(n_groups)]
    inner = draw(st.integers(1, n_groups))
    parts = leaves
    if inner > 1:
        people = sum(one.people for one in leaves[:inner])
        weight = draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=people + 1, max_size=people + 1))
        parts = [Node(np.array(weight), tuple(leaves[:inner])), *leaves[inner:]]
    people = sum(part.people for part in parts)
    weight = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=people + 1, max_size=people + 1))
    return Node(np.array(weight), tuple(parts))


def counted_out(root: Node) -> dict[tuple[int, ...], float]:
    """Every combination of counts that can be, with the product of the weights of all nodes."""
    leaves = sorted(root.leaves(), key=lambda one: one.group)

    def number(node: Node, counts: tuple[int, ...]) -> int:
        return counts[node.group] if not node.parts else sum(number(part, counts) for part in node.parts)

    def weight(node: Node, counts: tuple[int, ...]) -> float:
        own = node.weight[number(node, counts)]
        return float(own * np.prod([weight(part, counts) for part in node.parts]))

    every = product(*(range(one.people + 1) for one in leaves))
    return {counts: found for counts in every if (found := weight(root, counts)) > 0}


def chances_of(root: Node, seed: int, columns: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    leaves = sorted(root.leaves(), key=lambda one: one.group)
    return [rng.dirichlet(np.ones(one.people + 1), columns).T for one in leaves]


@given(trees())
def test_possible_counts_are_those_of_every_combination(root):
    combinations = counted_out(root)
    for group, found in enumerate(possible(root)):
        assert set(np.flatnonzero(found)) == {counts[group] for counts in combinations}


@given(trees(), st.integers(0, 1000))
def test_the_likelihood_is_the_sum_over_every_combination(root, seed):
    chances = chances_of(root, seed, 3)
    wanted = np.zeros(3)
    for counts, weight in counted_out(root).items():
        wanted += weight * np.prod([chances[group][count] for group, count in enumerate(counts)], axis=0)
    np.testing.assert_allclose(likelihood(root, chances), wanted, rtol=1e-12, atol=1e-15)


@settings(max_examples=15)
@given(trees(), st.integers(0, 1000))
def test_draws_have_the_chances_of_every_combination(root, seed):
    combinations = counted_out(root)
    if not combinations:
        return
    draws = 4000
    chances = [np.repeat(chance, draws, axis=1) for chance in chances_of(root, seed, 1)]
    drawn = draw_counts(root, chances, np.random.default_rng(seed))
    weights = {
        counts: weight * np.prod([chances[group][count, 0] for group, count in enumerate(counts)])
        for counts, weight in combinations.items()
    }
    total = sum(weights.values())
    found = {tuple(row): number for row, number in zip(*np.unique(drawn, axis=0, return_counts=True), strict=True)}
    assert set(found) <= set(combinations)
    for counts, weight in weights.items():
        expected = weight / total
        error = np.sqrt(max(expected * (1 - expected), 1e-4) / draws)
        assert abs(found.get(counts, 0) / draws - expected) < 5.5 * error


def test_the_ends_of_a_sum():
    assert span(Node(np.ones(8), (leaf(0, [0, 1, 1, 0]), leaf(1, [0, 0, 0, 1, 0])))) == (4, 5)
    assert span(Node(np.ones(4), (leaf(0, [0, 0]), leaf(1, [1, 1, 1])))) is None


@given(st.integers(1, 400), st.integers(0, 400), st.integers(0, 2))
def test_a_rounded_percentage_agrees_with_the_number_that_it_was_made_of(asked, yes, decimals):
    yes = min(yes, asked)
    exact = Decimal(100 * yes) / Decimal(asked)
    printed = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    percent = int(printed) if decimals == 0 else float(printed)
    least, most = possible_counts(AnswerSection(percent=percent), asked)
    assert least <= yes <= most
    written = len(repr(percent).partition(".")[2]) if decimals else 0  # a float does not keep zeros at its end
    half = Fraction(1, 2 * 10**written)
    for count in range(asked + 1):
        near = abs(Fraction(100 * count, asked) - Fraction(repr(percent))) <= half
        assert near == (least <= count <= most)


@pytest.mark.parametrize(
    ("answer", "asked", "wanted"),
    [
        (AnswerSection(yes=7), 10, (7, 7)),
        (AnswerSection(between=(2, 4)), 10, (2, 4)),
        (AnswerSection(above=0.45, below=0.5), 52, (24, 25)),
        (AnswerSection(at_most=0.5), 52, (0, 26)),
        (AnswerSection(at_least=0.5), 52, (26, 52)),
        (AnswerSection(above=0.5), 332, (167, 332)),
        (AnswerSection(below=0.1), 10, (0, 0)),
        (AnswerSection(percent=84.4), 167, (141, 141)),
        (AnswerSection(at_least=0.07), 100, (7, 100)),  # 0.07 is not a binary number
    ],
)
def test_numbers_that_agree(answer, asked, wanted):
    assert possible_counts(answer, asked) == wanted


@pytest.mark.parametrize("answer", [AnswerSection(percent=66), AnswerSection(above=0.51, below=0.55)])
def test_no_number_agrees(answer):
    least, most = possible_counts(answer, 18)
    assert least > most


def test_the_nearest_numbers_are_on_either_side():
    below, above = nearest_counts(66, 18)
    assert (below, above) == (11, 12)
    assert Decimal(100 * below / 18).quantize(Decimal(1), rounding=ROUND_DOWN) < 66 < Decimal(100 * above / 18)
