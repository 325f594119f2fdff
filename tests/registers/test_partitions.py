"""Drawn partitions: as often as they are probable, counted out; no two records of one register together."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy.special import betaln

from estimator.registers.linkage.partitions import Agreement, draw_partition

DRAWS = 1500


def partitions(n):
    """Every partition of n records, as the first record of each."""
    found = [[0]]
    for record in range(1, n):
        found = [[*labels, label] for labels in found for label in (*sorted(set(labels)), record)]
    return [tuple(labels) for labels in found]


def exact(agreement):
    """The probability of every partition: lambda integrated over its flat prior."""
    n = len(agreement.registers)
    n_pairs = n * (n - 1) / 2
    weights = {}
    for labels in partitions(n):
        together = [(i, j) for i in range(n) for j in range(i + 1, n) if labels[i] == labels[j]]
        apart = any(agreement.registers[i] & agreement.registers[j] for i, j in together) and agreement.one_each
        if apart or any(pair not in agreement.pairs for pair in together):
            continue
        links = n - len(set(labels))
        weights[labels] = math.exp(
            betaln(1 + links, 1 + n_pairs - links) + sum(agreement.pairs[pair] for pair in together)
        )
    total = sum(weights.values())
    return {labels: weight / total for labels, weight in weights.items()}


CASES = {
    "two": Agreement((1, 2), {(0, 1): 1.0}),
    "a chain of three": Agreement((1, 2, 4), {(0, 1): 2.0, (1, 2): 2.0, (0, 2): -1.5}),
    "a chain of which the ends are not alike": Agreement((1, 2, 4), {(0, 1): 2.0, (1, 2): 2.0}),
    "two of one register for one of another": Agreement((1, 1, 2), {(0, 1): 3.0, (0, 2): 1.5, (1, 2): 1.0}),
    "two of one register that may be one": Agreement(
        (1, 1, 2), {(0, 1): 3.0, (0, 2): 1.5, (1, 2): 1.0}, one_each=False
    ),
    "two and two": Agreement(
        (1, 1, 2, 2), {(0, 2): 2.0, (0, 3): 1.0, (1, 2): 1.2, (1, 3): 1.8, (0, 1): -2.0, (2, 3): -2.0}
    ),
    "linked by key in two registers": Agreement((3, 2, 4), {(0, 1): 4.0, (0, 2): 1.0, (1, 2): 1.0}),
}


@pytest.mark.parametrize("name", CASES)
def test_partitions_are_drawn_as_often_as_they_are_probable(name):
    agreement = CASES[name]
    rng = np.random.default_rng(5)
    drawn = Counter(tuple(draw_partition(agreement, rng)) for _ in range(DRAWS))
    expected = exact(agreement)
    assert set(drawn) <= set(expected)
    for labels, probability in expected.items():
        error = math.sqrt(probability * (1 - probability) / DRAWS)
        assert drawn[labels] / DRAWS == pytest.approx(probability, abs=4.5 * error + 1e-3), labels


def test_without_pairs_everybody_is_alone():
    assert draw_partition(Agreement((1, 2, 4), {}), np.random.default_rng(1)) == [0, 1, 2]


def test_the_same_numbers_draw_the_same_persons():
    first, again = (draw_partition(CASES["two and two"], np.random.default_rng(9)) for _ in range(2))
    assert first == again
