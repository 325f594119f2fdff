"""Draws in which a log odds ratio is held, against the posterior on a grid and against sampling anew."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.checks.loglinear.conditioning import cloud_of, hold, log_sizes, to_coefficients, to_positions
from estimator.checks.loglinear.held_sampling import HeldSum, _Chains, plane_of, sample_held
from estimator.checks.loglinear.log_density import density_of
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.addresses import address_block
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.density import machine_code
from estimator.methods.loglinear.nuts import Sampled, sample
from estimator.methods.weights import weighted_quantiles
from estimator.study.priors import read_priors
from tests.checks.estimates import CLEAN, clean, estimated, table_of, two
from tests.fits.two_list_grid import grid_of
from tests.methods.model_examples import CASES, built_case

LIMITS = (0.025, 0.5, 0.975)


@pytest.mark.parametrize("name", CASES)
def test_positions_come_back(name):
    case = built_case(name)
    positions = case.points(10, shrink=0.5, seed=8)
    points = to_coefficients(case.arrays, positions)
    np.testing.assert_allclose(to_positions(case.arrays, points), positions, rtol=1e-9, atol=1e-12)
    # a pair's coefficient is the term itself
    from estimator.methods.loglinear.parameters import interactions, read_vector

    terms = interactions(case.settings, read_vector(case.parameters, positions))
    np.testing.assert_allclose(points[:, case.arrays.term_at], terms, rtol=1e-9, atol=1e-12)


def test_the_size_of_a_shrunken_term_is_the_jacobian():
    case = built_case("horseshoe, stated pairs and common mean")
    at = case.points(1, shrink=0.5, seed=9)
    place = case.arrays.term_at[case.arrays.local_at >= 0][0]
    moved = at.copy()
    moved[0, place] += 1e-6
    slope = (to_coefficients(case.arrays, moved) - to_coefficients(case.arrays, at))[0, place] / 1e-6
    assert np.log(slope) == pytest.approx(log_sizes(case.arrays, at)[0, 0], abs=1e-5)


def arrays_and_cloud(found, n=2000):
    posterior = found.posterior.details
    arrays = model_arrays(posterior.design, posterior.settings)
    positions = posterior.draws.unconstrained.reshape(-1, len(arrays.kind))
    return arrays, cloud_of(arrays, positions, n)


def pair(arrays, number: int) -> np.ndarray:
    """The direction in which one pair's log odds ratio grows."""
    direction = np.zeros(len(arrays.kind))
    direction[arrays.term_at[number]] = 1.0
    return direction


@pytest.mark.parametrize("odds_ratio", [0.2, 1.0, 3.0, 10.0])
def test_two_lists_given_their_odds_ratio_by_brute_force(odds_ratio):
    value = float(np.log(odds_ratio))
    arrays, cloud = arrays_and_cloud(two())
    held = hold(cloud, arrays, pair(arrays, 0), value)
    assert held.weights.reliable
    np.testing.assert_allclose(held.positions[:, arrays.term_at[0]], value, atol=1e-9)
    grid = grid_of(two(), (130, 210, 26), theta=value)
    weight = grid.weights()
    found = weighted_quantiles(held.positions[:, 0], held.weights.values, LIMITS)
    wanted = weighted_quantiles(grid.log_ratio, weight, LIMITS)
    sd = np.sqrt(weight @ grid.log_ratio**2 - (weight @ grid.log_ratio) ** 2)
    # draws of a chain are worth about a third of independent ones; a 2.5 % quantile is 2.7 sd / sqrt(n) uncertain
    np.testing.assert_allclose(found, wanted, atol=4 * 2.7 * sd / np.sqrt(held.weights.effective / 3))


def quartiles(points: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Of the log ratio."""
    weights = np.full(len(points), 1 / len(points)) if weights is None else weights
    return weighted_quantiles(points[:, 0], weights, (0.25, 0.5, 0.75))


def assert_alike(one: np.ndarray, other: np.ndarray, draws: float) -> None:
    """Quartiles of as many independent draws: their standard error is 1.36 sd / sqrt(n), that of a difference more."""
    sd = (one[2] - one[0]) / 1.349
    np.testing.assert_allclose(one, other, atol=4 * 1.4 * 1.36 * sd / np.sqrt(draws))


@pytest.mark.parametrize("odds_ratio", [0.05, 1.0, 25.0])
def test_two_lists_sampled_with_their_odds_ratio_held(odds_ratio):
    value = float(np.log(odds_ratio))
    arrays, cloud = arrays_and_cloud(two())
    plane = plane_of(cloud.everything, pair(arrays, 0))
    points = sample_held(arrays, plane, value, cloud.points, np.random.default_rng(1))
    np.testing.assert_allclose(points[:, arrays.term_at[0]], value, atol=1e-9)
    grid = grid_of(two(), (130, 210, 26), theta=value)
    wanted = weighted_quantiles(grid.log_ratio, grid.weights(), (0.25, 0.5, 0.75))
    assert_alike(quartiles(points), wanted, len(points) / 3)


@pytest.mark.slow
@pytest.mark.parametrize("priors", ["nl-2017", "wide", "horseshoe"])
@pytest.mark.parametrize("what", ["a pair", "all pairs"])
def test_draws_moved_and_draws_made_anew_agree(priors, what):
    """Two roads to the same posterior, for every form of prior."""
    found = estimated(table_of(CLEAN), read_priors(priors))
    arrays, cloud = arrays_and_cloud(found)
    direction = pair(arrays, 2)
    if what == "all pairs":
        direction = np.mean([pair(arrays, number) for number in range(found.posterior.details.design.n_pairs)], axis=0)
    known = cloud.everything @ direction
    value = float(np.median(known) + known.std())
    held = hold(cloud, arrays, direction, value)
    plane = plane_of(cloud.everything, direction)
    points = sample_held(arrays, plane, value, cloud.points, np.random.default_rng(2))
    np.testing.assert_allclose(points @ direction, value, atol=1e-8)
    one, draws = quartiles(held.positions, held.weights.values), min(held.weights.effective, len(points)) / 3
    assert_alike(one, quartiles(points), draws)


@pytest.mark.slow
def test_a_pair_held_is_a_pair_of_which_that_is_known():
    """The prior of one pair replaced by a narrow one, and sampled by NUTS: far from where the run is."""
    arrays, cloud = arrays_and_cloud(clean())
    value, at = 2.5, int(arrays.term_at[2])
    mean, log_sd = arrays.mean.copy(), arrays.log_sd.copy()
    mean[at], log_sd[at] = value, np.log(0.01)
    start = cloud.points.mean(axis=0)
    start[at] = value
    settings = SamplerSettings(draws=3000, warmup=1500, chains=2, seed=3)
    narrow = arrays._replace(mean=mean, log_sd=log_sd)
    model = Sampled(machine_code().log_density, address_block(narrow), (narrow,))
    known = sample(model, start, settings).unconstrained.reshape(-1, len(start))
    plane = plane_of(cloud.everything, pair(arrays, 2))
    points = sample_held(arrays, plane, value, cloud.points, np.random.default_rng(4))
    assert_alike(quartiles(known), quartiles(points), len(points) / 3)


@pytest.mark.parametrize("name", [name for name in CASES if "horseshoe" in name] + ["three lists, wide"])
def test_the_gradient_is_that_of_the_density_of_points(name):
    case = built_case(name)
    at = to_coefficients(case.arrays, case.points(1, shrink=0.4, seed=10))
    size = at.shape[1]
    plane = HeldSum(np.zeros(size), np.zeros(size), np.eye(size))
    chains = _Chains(density_of(case.arrays), case.arrays, plane, np.random.default_rng(1))
    _, gradient = chains.evaluate(at)
    for d in range(size):
        step = np.zeros(size)
        step[d] = 1e-5
        slope = (chains.evaluate(at + step)[0] - chains.evaluate(at - step)[0])[0] / 2e-5
        assert gradient[0, d] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_chains_that_do_not_agree_give_nothing(monkeypatch):
    from estimator.checks.loglinear import held_sampling

    arrays, cloud = arrays_and_cloud(two())
    monkeypatch.setattr(held_sampling, "_disagreement", lambda _: 1.5)
    plane = plane_of(cloud.everything, pair(arrays, 0))
    assert sample_held(arrays, plane, 0.0, cloud.points, np.random.default_rng(5)) is None


def test_a_value_that_the_draws_do_not_reach_is_not_relied_upon():
    arrays, cloud = arrays_and_cloud(clean())
    assert not hold(cloud, arrays, pair(arrays, 0), 9.0).weights.reliable
