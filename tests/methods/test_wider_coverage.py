"""What a wider prior on coverage would say of the total: weighted draws, and the same fitted again."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.wider_coverage import WIDER, wider_coverage
from estimator.population.estimate import estimate
from tests.others.examples import STUDIES

SHORT = SamplerSettings(draws=1000, warmup=500)


def posterior_of(coverage, mean, sd):
    arrays = {"coverage_mean": np.array(mean), "coverage_sd": np.array(sd)}
    return SimpleNamespace(values={"coverage": coverage}, settings=SimpleNamespace(arrays=arrays, level=None))


def test_draws_of_a_normal_prior_are_draws_of_the_wider_one():
    """Two lists of which nothing was counted, and a size that is their sum: the median is that of the wider prior."""
    coverage = np.random.default_rng(1).normal([0.4, -0.2], [0.5, 0.5], (4, 20_000, 2))
    size = 100 + 10 * np.square(coverage - [0.4, -0.2]).sum(axis=-1)
    found = wider_coverage(posterior_of(coverage, [0.0, 0.0], [1.0, 1.0]), size)
    # Normal(m, 0.5) times Normal(0, 3) / Normal(0, 1): precision 4 - 1 + 1/9, mean 4 m / precision
    precision = 4 - 1 + WIDER**-2
    again = np.random.default_rng(2).normal(np.array([0.4, -0.2]) * 4 / precision, precision**-0.5, (200_000, 2))
    expected = np.median(100 + 10 * np.square(again - [0.4, -0.2]).sum(axis=-1))
    assert found.reliable
    assert found.median == pytest.approx(expected, rel=0.01)


def test_weights_without_support_are_not_relied_upon():
    """Where coverage is hardly known, its posterior is its prior, and no draw reaches as far as the wider one."""
    coverage = np.random.default_rng(1).normal(0, 1, (4, 1000, 8))
    assert not wider_coverage(posterior_of(coverage, [0.0] * 8, [1.0] * 8), coverage[..., 0]).reliable


def test_eight_sparse_independent_lists():
    """The total rests on the prior on coverage, and by how much is said: as a fit under the wider prior has it."""
    study = STUDIES / "sim-8-sparse-independent"
    one = estimate(study, "independence", sampler=SHORT)
    (said,) = [caution for caution in one.fitness.cautions if caution.code == "coverage-moves-total"]
    changed = {"coverage.odds.log_normal": f"[{said['priors_mean']}, {said['wider'] * said['priors_sd']}]"}
    again = estimate(study, "independence", overrides=changed, sampler=SHORT)
    assert said["then"] == pytest.approx(again.total.N.median, rel=0.06)
    assert said["then"] > 1.1 * said["median"]
    assert "coverage-moves-total" not in [caution.code for caution in again.fitness.cautions]
