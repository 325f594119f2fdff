"""Humps of an answer, told from chance: two that were made, and none where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.population.modes import caution_of_modes, humps_of


def test_two_humps_are_found_with_their_weights():
    rng = np.random.default_rng(1)
    low, high = rng.normal(10.8, 0.07, 3000), rng.normal(11.9, 0.2, 5000)
    size = np.exp(rng.permutation(np.concatenate([low, high]))).reshape(4, 2000)
    (caution,) = caution_of_modes(size)
    first, second = caution["modes"]
    assert first["share"] == pytest.approx(0.375, abs=0.002)
    assert first["share"] + second["share"] == pytest.approx(1)
    assert first["median"] == pytest.approx(np.exp(10.8), rel=0.01)
    assert first["lower"] < first["median"] < first["upper"] < second["lower"]


@pytest.mark.parametrize("shape", ["normal", "long-tailed", "skewed", "few people", "one value"])
def test_one_hump_is_one(shape):
    rng, found = np.random.default_rng(2), 0
    for _ in range(60):
        size = {
            "normal": lambda: np.exp(rng.normal(9, 0.3, (4, 500))),
            "long-tailed": lambda: np.exp(9 + 0.2 * rng.standard_t(3, (4, 500))),
            "skewed": lambda: 500 + rng.gamma(0.8, 300, (4, 500)),
            "few people": lambda: 5000.0 + rng.poisson(3, (4, 500)),
            "one value": lambda: np.full((4, 500), 7.0),
        }[shape]()
        found += len(humps_of(size)) > 1
    assert found <= 1


def test_a_hump_of_a_few_draws_is_no_answer_of_its_own():
    rng = np.random.default_rng(3)
    size = np.exp(np.concatenate([rng.normal(9, 0.1, 3980), rng.normal(11, 0.1, 20)])).reshape(4, 1000)
    assert not list(caution_of_modes(size))
    assert sum(map(len, humps_of(size))) == 4000


def test_a_hump_with_a_twentieth_of_the_probability_is_said():
    rng = np.random.default_rng(4)
    size = np.exp(np.concatenate([rng.normal(9, 0.1, 3800), rng.normal(11, 0.1, 200)])).reshape(4, 1000)
    (caution,) = caution_of_modes(size)
    assert [mode["share"] for mode in caution["modes"]] == pytest.approx([0.95, 0.05], abs=0.003)
