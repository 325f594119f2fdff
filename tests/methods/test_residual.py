"""Residual dependence: what is stated is what is drawn, it never meets the data, and all strata share it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pymc as pm
import pytest
from pytensor.graph.traversal import ancestors
from scipy import stats

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.definition import build
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import expected_cells, posterior_of
from estimator.methods.loglinear.residual import (
    LARGEST,
    PRIOR,
    TABLES,
    ResidualSettings,
    residual_draws,
    residual_settings,
    with_residual,
)
from estimator.study.priors import read_priors
from estimator.study.residualsection import standard_quantile
from tests.methods.model_examples import RELATIVE, RESIDUAL, STATED, THREE_LISTS, built, built_case, read

ALARM = 1e-4
"""A test of a true distribution is failed once in ten thousand seeds; the seeds are fixed."""
N = 20_000
NORMAL = {"residual.form": "stated", "residual.ratio.log_normal": "[0.3, 0.7]"}


def drawn(changes, priors="wide", seed=8, n=N):
    """A posterior's draws at points from the prior: sampling would add nothing."""
    case = built(read(THREE_LISTS), read_priors(priors, changes))
    positions = case.points(n, seed=seed).reshape(4, n // 4, -1)
    return posterior_of(case.design, case.settings, Draws(positions, {}, 0.0, SamplerSettings(seed=seed)))


@pytest.mark.parametrize("degrees", [None, 1.5, 3.0, 4.0, 30.0])
def test_limits_that_are_stated_hold_whatever_the_tails(degrees):
    """P(0.4 < exp(xi) < 3) = 0.9, 0.05 on each side, from the distribution that the settings name."""
    tails = {} if degrees is None else {"residual.degrees_of_freedom": str(degrees)}
    stated = {"residual.form": "stated", "residual.ratio": "{between = [0.4, 3], probability = 0.9}"}
    found = residual_settings(read_priors("moderate", stated | tails))
    standard = stats.norm() if degrees is None else stats.t(degrees)
    exact = standard.cdf((np.log([0.4, 3]) - found.location) / found.size)
    np.testing.assert_allclose(exact, [0.05, 0.95], atol=1e-9)
    assert found.location == pytest.approx((np.log(0.4) + np.log(3)) / 2)
    assert found.has_mean == (degrees is None)


@pytest.mark.parametrize("degrees", [None, 1.2, 3.0, 4.0, 50.0])
def test_quantiles_of_the_standard_distributions(degrees):
    levels = np.array([2.0**-54, 1e-9, 0.001, 0.025, 0.3, 0.5, 0.8, 0.999, 1 - 2.0**-53])
    standard = stats.norm() if degrees is None else stats.t(degrees)
    exact = np.where(levels < 0.5, standard.ppf(levels), standard.isf(1 - levels))
    np.testing.assert_allclose(standard_quantile(levels, degrees), exact, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "exact"),
    [
        (NORMAL, stats.norm(0.3, 0.7)),
        (NORMAL | {"residual.degrees_of_freedom": "3"}, stats.t(3, 0.3, 0.7)),
        (RESIDUAL, stats.t(4, np.log(1.2) / 2, np.log(7.5) / 2 / stats.t(4).ppf(0.975))),
    ],
    ids=["normal", "log-normal with tails", "limits with tails"],
)
def test_what_is_stated_is_what_is_drawn(changes, exact):
    xi = drawn(changes).values["residual"]
    assert xi.shape == (4, N // 4)
    assert stats.kstest(xi.ravel(), exact.cdf).pvalue > ALARM


@pytest.mark.parametrize("priors", ["wide", "horseshoe"])
@pytest.mark.parametrize(
    ("degrees", "standard"), [({}, stats.norm()), ({"residual.degrees_of_freedom": "4"}, stats.t(4))]
)
def test_relative_is_a_multiple_of_the_scale_of_the_same_draw(priors, degrees, standard):
    values = drawn(RELATIVE | degrees, priors).values
    tau = values["dependence_scale"]
    multiple = (values["residual"] / tau - 0.5) / 0.6
    assert stats.kstest(multiple.ravel(), standard.cdf).pvalue > ALARM
    assert abs(stats.spearmanr(multiple.ravel(), tau.ravel()).statistic) < 4 / np.sqrt(N)
    small = tau < np.quantile(tau, 0.2)
    assert np.abs(values["residual"][small]).mean() < 0.3 * np.abs(values["residual"][~small]).mean()


def test_relative_follows_the_prior_of_the_scale_where_there_are_no_pairs():
    case = built_case("residual dependence relative to pairs that there are not")
    assert case.settings.dependence == "none"
    values = {"log_ratio": np.zeros(N)}
    xi = residual_draws(case.settings.residual, values, 3)
    stated = case.priors.dependence.scale
    rng = np.random.default_rng(1)
    others = np.exp(rng.normal(stated.mu, stated.sigma, 10 * N)) * rng.normal(0.5, 0.6, 10 * N)
    assert stats.ks_2samp(xi, others).pvalue > ALARM
    assert not np.array_equal(xi, residual_draws(case.settings.residual, values, 4))


@pytest.mark.parametrize("changes", [RESIDUAL, RELATIVE, NORMAL], ids=["stated", "relative", "normal"])
def test_draws_do_not_depend_on_each_other_or_on_anything_else(changes):
    values = drawn(changes).values
    xi = values["residual"] / values["dependence_scale"] if changes is RELATIVE else values["residual"]
    others = {**values, "before": np.roll(xi, 1, axis=1)}
    for name in ("log_ratio", "common_mean", "before"):
        assert abs(stats.spearmanr(xi.ravel(), others[name].ravel()).statistic) < 4 / np.sqrt(N), name
    assert abs(stats.spearmanr(xi[0], xi[1]).statistic) < 4 / np.sqrt(N / 4)


@pytest.mark.parametrize("changes", [RESIDUAL, RELATIVE], ids=["stated", "relative"])
def test_the_same_seed_gives_the_same_draws_and_another_gives_others(changes):
    one, same = drawn(changes, n=400), drawn(changes, n=400)
    np.testing.assert_array_equal(one.values["residual"], same.values["residual"])
    other = replace(one.draws, settings=SamplerSettings(seed=9))
    assert not np.isin(posterior_of(one.design, one.settings, other).values["residual"], one.values["residual"]).any()
    streams = [residual_draws(one.settings.residual, one.values, 8, stream) for stream in (PRIOR, TABLES)]
    assert not np.isin(streams[0], one.values["residual"]).any()
    assert not np.isin(streams[0], streams[1]).any()


@pytest.mark.parametrize("changes", [{}, {"residual.form": "none"}], ids=["not mentioned", "none"])
def test_without_it_everything_is_as_it_was(changes):
    """And with it, all other draws are what they are without it."""
    without, mentioned, with_it = drawn({}, n=400), drawn(changes, n=400), drawn(RESIDUAL, n=400)
    assert mentioned.settings.residual is None
    assert "residual" not in mentioned.values
    for name, values in without.values.items():
        np.testing.assert_array_equal(values, mentioned.values[name])
        np.testing.assert_array_equal(values, with_it.values[name])
    before, now, other = (population_draws(one, 8) for one in (without, mentioned, with_it))
    for quantity in ("registered", "unseen", "expected_unseen"):
        np.testing.assert_array_equal(getattr(before, quantity), getattr(now, quantity))
    np.testing.assert_array_equal(before.expected_unseen, before.implied_unseen)
    np.testing.assert_array_equal(before.expected_unseen, other.implied_unseen)
    for one, two in zip(expected_cells(without), expected_cells(with_it), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ["residual dependence relative to pairs", "years, everything at once"])
def test_every_stratum_is_multiplied_alike(name):
    """Also where a list did not run, and people whom only it would have seen are in the dark figure."""
    plain = built_case(name)
    priors = read_priors("wide", STATED | RELATIVE | {"residual.degrees_of_freedom": "2"})
    settings = prior_settings(priors, plain.design)
    positions = plain.points(600, shrink=0.5, seed=3).reshape(2, 300, -1)
    posterior = posterior_of(plain.design, settings, Draws(positions, {}, 0.0, SamplerSettings(seed=2)))
    people = population_draws(posterior, 2)
    ratio = people.expected_unseen / people.implied_unseen
    wanted = np.exp(posterior.values["residual"])[..., None]
    capped = people.expected_unseen.sum(axis=-1) > 0.999 * LARGEST
    assert capped.mean() < 0.01
    np.testing.assert_allclose(ratio[~capped], np.broadcast_to(wanted, ratio.shape)[~capped], rtol=1e-10)
    spread = ratio.max(axis=-1) / ratio.min(axis=-1)
    np.testing.assert_allclose(spread, 1, rtol=1e-10)
    assert len(plain.design.strata) > 1


def test_people_are_poisson_around_the_multiplied_number():
    case = built(read(THREE_LISTS), read_priors("moderate", RESIDUAL))
    at = np.broadcast_to(case.points(1, shrink=0.2, seed=5)[0], (4, N // 4, case.points(1).shape[1]))
    posterior = posterior_of(case.design, case.settings, Draws(at, {}, 0.0, SamplerSettings(seed=4)))
    people = population_draws(posterior, 4)
    expected, unseen = people.expected_unseen.ravel(), people.unseen.ravel()
    rng = np.random.default_rng(7)
    below = stats.poisson.cdf(unseen - 1, expected)
    uniform = below + rng.random(N) * stats.poisson.pmf(unseen, expected)  # uniform when the counts are Poisson
    assert stats.kstest(uniform, "uniform").pvalue > ALARM
    assert np.ptp(np.log(expected)) > 3


def test_the_longest_tails_stay_countable():
    """A Student t with 1.01 degrees of freedom reaches e**1000 and beyond; nobody overflows, and shares do not move."""
    implied = np.array([[[1e4, 3e4, 1.0]]])
    for xi in (-1e6, -800.0, -1.0, 0.0, 5.0, 30.0, 800.0, 1e300):
        expected = with_residual(implied, np.array([[xi]]))
        assert np.isfinite(expected).all()
        assert expected.sum() <= LARGEST * (1 + 1e-12)
        if expected.sum() > 0:
            np.testing.assert_allclose(expected / expected.sum(), implied / implied.sum(), rtol=1e-12)
        assert (np.random.default_rng(1).poisson(expected) >= 0).all()
    np.testing.assert_allclose(with_residual(implied, np.array([[1.5]])), implied * np.exp(1.5))
    np.testing.assert_array_equal(with_residual(np.zeros((1, 2)), np.array([3.0])), 0)
    heavy = drawn({**NORMAL, "residual.degrees_of_freedom": "1.01"}, n=4000)
    people = population_draws(heavy, 1)
    assert people.unseen.max() > 1e11
    assert people.unseen.min() >= 0
    assert (people.size >= people.registered).all()


def test_the_bound_moves_no_quantile():
    """P(expected > bound) for the widest priors that ship and a heavy tail: the share of draws that are cut."""
    found = drawn({**RESIDUAL, "residual.degrees_of_freedom": "3"})
    people = population_draws(found, 1)
    cut = (people.expected_unseen.sum(axis=-1) > 0.999 * LARGEST).mean()
    assert cut < 0.002


def test_settings_are_numbers_of_the_prior_file():
    assert residual_settings(read_priors("moderate")) is None
    assert residual_settings(read_priors("moderate", {"residual.form": "none"})) is None
    assert residual_settings(read_priors("moderate", NORMAL)) == ResidualSettings(False, 0.3, 0.7, None)
    found = residual_settings(read_priors("wide", RELATIVE))
    scale = read_priors("wide").dependence.scale
    assert found == ResidualSettings(True, 0.5, 0.6, None, (scale.mu, scale.sigma))
    assert not found.has_mean


@pytest.mark.parametrize("changes", [RESIDUAL, NORMAL], ids=["t", "normal"])
def test_the_pymc_model_has_the_same_residual(changes):
    case = built(read(THREE_LISTS), read_priors("moderate", changes))
    model, found = build(case.design, case.settings), case.settings.residual
    theirs, unseen, ratio = pm.draw(
        [model["residual"], model["log_unseen"], model["log_ratio"]], draws=3000, random_seed=4, mode="FAST_COMPILE"
    )
    standard = stats.norm() if found.degrees_of_freedom is None else stats.t(found.degrees_of_freedom)
    assert stats.kstest((theirs - found.location) / found.size, standard.cdf).pvalue > ALARM
    np.testing.assert_allclose(unseen[:, 0], np.log(case.design.registered) + ratio + theirs, rtol=1e-10)
    assert model["residual"] in set(ancestors([model["log_unseen"]]))
    assert model["residual"] not in set(ancestors(model.potentials))


@pytest.mark.parametrize(
    "name", ["residual dependence relative to pairs", "residual dependence relative to pairs that there are not"]
)
def test_the_pymc_model_has_the_same_relative_residual(name):
    case = built_case(name)
    model = build(case.design, case.settings)
    theirs, log_tau = pm.draw(
        [model["residual"], model["log_dependence_scale"]], draws=3000, random_seed=4, mode="FAST_COMPILE"
    )
    assert stats.kstest((theirs / np.exp(log_tau) - 0.5) / 0.6, stats.norm().cdf).pvalue > ALARM
    stated = case.priors.dependence.scale
    assert stats.kstest(log_tau, stats.norm(stated.mu, stated.sigma).cdf).pvalue > ALARM
