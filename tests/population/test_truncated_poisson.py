from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from estimator.capture.table import UNBOUNDED
from estimator.methods.loglinear.allocation import truncated_poisson


@pytest.mark.parametrize(
    ("mean", "lower", "upper"),
    [
        (3.0, 0, 4),
        (0.01, 1, 4),
        (200.0, 0, 4),
        (50.0, 40, 60),
        (2.0, 3, UNBOUNDED),
        (1e-6, 3, UNBOUNDED),
        (9020.0, 10_000, UNBOUNDED),
    ],
)
def test_distribution_is_the_poisson_given_the_range(mean, lower, upper):
    size = 20_000
    drawn = truncated_poisson(np.full(size, mean), lower, upper, np.random.default_rng(1))
    top = upper if upper != UNBOUNDED else int(stats.poisson.ppf(1 - 1e-12, mean)) + lower + 3
    assert drawn.min() >= lower
    assert upper == UNBOUNDED or drawn.max() <= upper
    counts = np.arange(lower, top + 1)
    log_weight = stats.poisson.logpmf(counts, mean)
    expected = np.exp(log_weight - log_weight.max())
    expected *= size / expected.sum()
    observed = np.array([(drawn == count).sum() for count in counts])
    rare = expected < 5
    groups = [(observed[~rare], expected[~rare])]
    observed = np.append(groups[0][0], observed[rare].sum())
    expected = np.append(groups[0][1], expected[rare].sum())
    if expected[-1] < 1:
        observed, expected = observed[:-1], expected[:-1]
        assert (drawn.size - observed.sum()) <= 12  # fewer than one expected: more than 12 has probability < 1e-9
    if len(observed) > 1:
        assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > 1e-4


def test_each_mean_has_its_own_distribution():
    means = np.repeat([1.0, 30.0], 5000)
    drawn = truncated_poisson(means, 0, 20, np.random.default_rng(2))
    for mean in (1.0, 30.0):
        counts = np.arange(21)
        weight = stats.poisson.pmf(counts, mean)
        expected = (counts * weight).sum() / weight.sum()
        spread = np.sqrt(((counts - expected) ** 2 * weight).sum() / weight.sum() / 5000)
        assert abs(drawn[means == mean].mean() - expected) < 5 * spread


@pytest.mark.parametrize(("mean", "lower"), [(9020.0, 10_000), (900_000.0, 1_000_000), (1.0, 400)])
def test_a_bound_far_above_the_mean_keeps_its_tail(mean, lower):
    """Beyond the bound each probability is the one before times less than mean / lower."""
    drawn = truncated_poisson(np.full(1500, mean), lower, UNBOUNDED, np.random.default_rng(3)) - lower
    counts = np.arange(lower, lower + 40_000)
    log_weight = stats.poisson.logpmf(counts, mean)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean_beyond = (counts - lower) @ weight
    spread = np.sqrt(((counts - lower - mean_beyond) ** 2) @ weight / 1500)
    assert abs(drawn.mean() - mean_beyond) < 5 * spread + 1e-9


def test_a_lower_bound_of_a_large_number_takes_little_memory():
    """Eight thousand draws around 50,000: not a table of eight thousand times fifty thousand."""
    tracemalloc.start()
    drawn = truncated_poisson(np.full(8000, 5e4), 3, UNBOUNDED, np.random.default_rng(3))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e8
    assert abs(drawn.mean() - 5e4) < 5 * np.sqrt(5e4 / 8000)
    assert drawn.std() == pytest.approx(np.sqrt(5e4), rel=0.05)
