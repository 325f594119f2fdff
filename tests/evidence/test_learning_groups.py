"""How far groups differ in what no list shows: against sums and integrals, and against a truth that is known."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit

from estimator.methods.loglinear.contrasts import covariate_contrasts, zero_sum
from evidence.learning_groups import (
    SIZES,
    SPREADS,
    HeldByStratum,
    Implied,
    implied_shares,
    learn,
    learn_from,
    log_likelihood,
    log_probability,
    profile,
)


@pytest.mark.parametrize("unseen", [(3, 7), (0, 12), (400, 90), (1, 0), (0, 0)])
@pytest.mark.parametrize("variance", [0.001, 0.2, 3.0])
def test_two_groups_against_an_integral(unseen, variance):
    """Given how many they are, those of the first group are binomial, its log odds normal."""
    mean = 0.4  # of (eta_1 - eta_2) / sqrt 2
    found = log_probability(
        np.array(unseen, float), Implied(np.array([mean]), np.array([[0.05]])), np.array([[variance]])
    )
    sd = np.sqrt(0.05 + variance)

    def probability(z):
        log_odds = np.sqrt(2) * (mean + sd * z)
        return stats.binom.pmf(unseen[0], sum(unseen), expit(log_odds)) * stats.norm.pdf(z)

    exact = integrate.quad(probability, -12, 12, points=list(np.linspace(-6, 6, 61)), limit=500, epsabs=0)[0]
    assert found == pytest.approx(np.log(exact), abs=0.02)


def test_three_groups_against_a_sum_over_a_grid():
    unseen, implied = np.array([5.0, 0.0, 2.0]), Implied(np.array([0.3, -0.5]), np.array([[0.1, 0.03], [0.03, 0.2]]))
    between = 0.5 * np.eye(2)
    grid = np.linspace(-8, 8, 401)
    x = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2)
    eta = x @ zero_sum(3).T
    shares = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True)
    density = stats.multivariate_normal(implied.mean, implied.covariance + between).pdf(x)
    coefficient = 21  # 7! / (5! 0! 2!)
    exact = (coefficient * shares[:, 0] ** 5 * shares[:, 2] ** 2 * density).sum() * (grid[1] - grid[0]) ** 2
    assert log_probability(unseen, implied, between) == pytest.approx(np.log(exact), abs=0.02)


def test_the_probabilities_of_all_divisions_add_up_to_one():
    implied = Implied(np.array([0.2, 0.1]), 0.1 * np.eye(2))
    divisions = [(a, b, 4 - a - b) for a in range(5) for b in range(5 - a)]
    logs = [log_probability(np.array(one, float), implied, 0.3 * np.eye(2)) for one in divisions]
    assert np.exp(logs).sum() == pytest.approx(1, abs=0.01)


def test_the_same_for_strata_in_another_order():
    draws = np.random.default_rng(3).multivariate_normal([1, 2, 0.5, 1.5], 0.05 * np.eye(4), size=400)
    levels, unseen = covariate_contrasts(4, ordered=True), np.array([12.0, 30, 3, 9])
    order = np.array([2, 0, 3, 1])
    results = [
        profile({"unseen": unseen[place], "log_implied": draws[:, place]}, levels[place])
        for place in (slice(None), order)
    ]
    assert results[0] == pytest.approx(results[1], abs=0.05)


def test_averages_over_the_scale_and_nothing_at_all():
    of_spread = -((np.log(np.maximum(SPREADS, 0.0015)) + 1) ** 2)
    scale = np.array([0.5, 2.0])
    at = np.array([0.2, 0.4])
    by_hand = np.log(np.exp(-((np.log(np.outer(at, scale)) + 1) ** 2)).mean(axis=1))
    assert log_likelihood(of_spread, at, scale) == pytest.approx(by_hand, abs=0.01)
    assert log_likelihood(of_spread, np.zeros(1), scale)[0] == pytest.approx(of_spread[0])


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.0, 0.3, 1.0])
def test_the_size_that_was_simulated_is_found(truth):
    """Sixty tables of four groups with 300 unseen people, implied shares known to 0.1: each table is a family."""
    rng = np.random.default_rng([4, int(10 * truth)])
    levels, rows, nothing = zero_sum(4), [], []
    for _ in range(60):
        eta = rng.normal(0, 0.7, 4)
        draws = eta + rng.normal(0, 0.1, 4) + 0.1 * rng.standard_normal((500, 4))
        shares = np.exp(eta + truth * levels @ rng.standard_normal(3))
        of_spread = profile({"unseen": rng.multinomial(300, shares / shares.sum()), "log_implied": draws}, levels)
        rows.append(log_likelihood(of_spread, SIZES, np.ones(1)))
        nothing.append(of_spread[0])
    learned = learn(np.array(rows) - np.array(nothing)[:, None], np.ones(60))
    if truth:
        assert learned.interval[0] < truth < learned.interval[1]
        assert learned.gain > 2
    else:
        assert learned.median < 0.1
    assert learned.interval[1] / learned.interval[0] < 20


def test_without_tables_what_was_known_before_is_left():
    learned = learn(np.zeros((1, len(SIZES))), np.ones(1))
    assert learned.median == pytest.approx(0.3, rel=0.05)


def test_draws_become_a_mean_and_a_covariance_of_contrasts():
    draws = np.random.default_rng(1).normal(0, 1, (50, 3))
    shifted = implied_shares(draws + 5.0)
    assert implied_shares(draws).mean == pytest.approx(shifted.mean)
    assert shifted.covariance == pytest.approx(np.cov((draws @ zero_sum(3)).T))


def held_at(table, name, best):
    """A list held out whose division over strata is likeliest where levels differ by `best`."""
    of_spread = -20 * (np.log(np.maximum(SPREADS, 0.0015)) - np.log(best)) ** 2
    return HeldByStratum(table, name, {"scale": [1.0]}), of_spread


def test_families_weigh_the_same_and_one_that_is_left_out_says_nothing():
    (khartoum, low), (casanare, high) = held_at("deaths-khartoum", "PB", 0.1), held_at("killed-casanare", "S1", 1.0)
    both = learn_from([khartoum, casanare], [low, high])
    assert both.at_best == pytest.approx(np.sqrt(0.1), rel=0.05)
    # three lists of one table share its weight; a constant added to what is likely says nothing
    three = [held_at("killed-casanare", name, 1.0)[0] for name in ("S1", "S2", "S3")]
    again = learn_from([khartoum, *three], [low, *3 * [high + 7]])
    assert (again.median, *again.interval, again.gain) == pytest.approx((both.median, *both.interval, both.gain))
    assert learn_from([khartoum, casanare], [low, high], without="Sudan") == learn_from([casanare], [high])
