"""Bands and p-values of ranks: against enumeration, simulation and another implementation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from estimator.calibration.sbc_bands import bands, below, holm, uniformity


def every_path(n, ranks):
    """The path of every possible sequence of n ranks, each as likely as any other."""
    return np.array([below(np.array(found), ranks - 1) for found in product(range(ranks), repeat=n)])


@pytest.mark.parametrize(("n", "ranks", "probability"), [(6, 4, 0.9), (5, 5, 0.8), (9, 3, 0.95)])
def test_the_probability_of_bands_is_that_of_all_paths(n, ranks, probability):
    found = bands(n, ranks, probability)
    paths = every_path(n, ranks)
    inside = ((paths >= found.lower) & (paths <= found.upper)).all(axis=1).mean()
    assert found.probability == pytest.approx(inside, abs=1e-12)
    assert found.probability >= probability


@pytest.mark.parametrize(("n", "ranks"), [(6, 4), (5, 5), (8, 3)])
def test_the_p_value_is_the_share_of_paths_that_stray_as_far(n, ranks):
    from scipy.stats import binom

    paths = every_path(n, ranks)
    points = np.arange(1, ranks) / ranks
    tails = np.minimum(binom.cdf(paths, n, points), binom.sf(paths - 1, n, points)).min(axis=1)
    for index in np.random.default_rng(1).choice(len(paths), 40):
        steps = np.diff(np.concatenate([[0], paths[index], [n]]))
        ranks_of_path = np.repeat(np.arange(ranks), steps)
        expected = (tails <= tails[index] * (1 + 1e-9)).mean()
        assert uniformity(ranks_of_path, ranks - 1).band_p == pytest.approx(expected, abs=1e-9)


def test_bands_hold_as_often_as_they_say():
    found, rng = bands(500, 100, 0.95), np.random.default_rng(2)
    paths = np.array([below(rng.integers(0, 100, 500), 99) for _ in range(4000)])
    inside = ((paths >= found.lower) & (paths <= found.upper)).all(axis=1).mean()
    error = np.sqrt(0.95 * 0.05 / 4000)
    assert abs(inside - found.probability) < 4 * error
    assert 0.95 <= found.probability < 0.956  # counts are whole: a little more than asked for


def test_bands_agree_with_those_of_arviz():
    """ArviZ adjusts γ by simulation: its limits are ours within one count or two, the error of its simulation."""
    from arviz_stats.ecdf_utils import ecdf_pit

    ranks = np.random.default_rng(3).integers(0, 100, 400)
    points, _, lower, upper = ecdf_pit((ranks + 0.5) / 100, 0.95, 4000, rng=np.random.default_rng(4))
    ours = bands(400, 100, 0.95)
    for i in (9, 24, 49, 74, 89):
        at = np.abs(points - ours.points[i]).argmin()
        if abs(points[at] - ours.points[i]) > 0.004:
            continue
        assert lower[at] * 400 == pytest.approx(ours.lower[i], abs=4)
        assert upper[at] * 400 == pytest.approx(ours.upper[i], abs=4)


def test_uniform_ranks_are_seldom_rejected():
    rng = np.random.default_rng(5)
    found = [uniformity(rng.integers(0, 100, 300), 99) for _ in range(400)]
    for p in (np.array([one.band_p for one in found]), np.array([one.chi2_p for one in found])):
        assert (p < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
        assert 0.4 < p.mean() < 0.6 + 3 / np.sqrt(12 * 400)
    assert np.mean([one.spread for one in found]) == pytest.approx(1, abs=0.02)
    assert np.mean([one.mean for one in found]) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("wrong", "spread"), [("wide", (0.6, 0.92)), ("narrow", (1.1, 1.5)), ("shifted", (0.9, 1.3))])
def test_a_wrong_posterior_is_found(wrong, spread):
    """Truth and draws are normal: the right posterior has mean 0 and sd 1."""
    rng = np.random.default_rng(6)
    scale, shift = {"wide": (1.2, 0.0), "narrow": (1 / 1.2, 0.0), "shifted": (1.0, 0.25)}[wrong]
    truth, draws = rng.standard_normal(2000), shift + scale * rng.standard_normal((2000, 99))
    found = uniformity((draws < truth[:, None]).sum(axis=1), 99)
    assert found.band_p < 1e-3
    assert found.chi2_p < 1e-3
    assert spread[0] < found.spread < spread[1]
    assert (found.mean < 0.46) == (wrong == "shifted")


def test_holm_by_hand():
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("ranks", [[], [-1, 3], [100]])
def test_ranks_that_cannot_be_are_refused(ranks):
    with pytest.raises(ValueError, match="ranks must be"):
        uniformity(np.array(ranks, dtype=np.int64), 99)
