"""The posterior of N with residual dependence, sampled, against the integral over everything."""

from __future__ import annotations

import math

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.labelled import groups_of, prior_dataset
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import LoglinearPosterior, posterior_of, sample_with_nutpie, sample_with_pymc
from estimator.study.priors import read_priors
from tests.methods.model_examples import RELATIVE, THREE_LISTS, TWO_LISTS, Built, built, read
from tests.methods.quadrature import Marginal, Problem, by_gauss_hermite

PROBABILITIES = (0.025, 0.1, 0.5, 0.9, 0.975)
ERRORS = 4.0
"""Monte Carlo standard errors that a quantile may be off: exceeded by chance once in 16,000, and seeds are fixed."""

ODDS_RATIO = 2.0
FLAT = {
    "dark_figure.ratio_to_registered.log_normal": "[0, 4]",
    "coverage.odds.log_normal": "[0, 6]",
    "dependence.odds_ratio.log_normal": f"[{math.log(ODDS_RATIO)}, 1e-6]",
}
STATED = {
    "normal": ({"residual.form": "stated", "residual.ratio.log_normal": "[0.3, 0.7]"}, stats.norm(0.3, 0.7)),
    "long tails": (
        {"residual.form": "stated", "residual.ratio.between": "[0.4, 3]", "residual.degrees_of_freedom": "3"},
        stats.t(3, math.log(1.2) / 2, math.log(7.5) / 2 / stats.t(3).ppf(0.975)),
    ),
}


def sampled(case: Built, sampler=sample_with_nutpie, draws: int = 5000, seed: int = 3) -> LoglinearPosterior:
    settings = SamplerSettings(draws=draws, warmup=1000, chains=4, cores=2, seed=seed)
    return posterior_of(case.design, case.settings, sampler(case.design, case.settings, settings))


def implied_by(case: Built) -> Marginal:
    """Posterior of the log ratio with the odds ratio known: it only shifts the coverage that the overlap implies.

    Given the dark figure n0 and the odds ratio w, the cells are n0 p, n0 q and n0 p q w. With n0' = n0 / w, p' = p w
    and q' = q w these are n0' p', n0' q' and n0' p' q': two independent lists, the means of whose priors are moved by
    log w. So the integrals of independent lists serve, and no narrow spike is integrated.
    """
    arrays, shift = case.settings.arrays, math.log(ODDS_RATIO)
    means = (arrays["log_ratio_mean"] - shift, *(arrays["coverage_mean"] + shift))
    sds = (float(arrays["log_ratio_sd"]), *arrays["coverage_sd"].tolist())
    moved = by_gauss_hermite(Problem(2, (130, 210, 26), means, sds), n_grid=121, n_nodes=21)
    return Marginal(moved.registered, moved.log_ratio + shift, moved.weight)


def convolved(marginal: Marginal, residual: stats.rv_continuous) -> Marginal:
    """Add an independent residual to the log ratio: every value of the one with every quantile of the other."""
    keep = marginal.weight > 1e-9
    log_ratio, weight = marginal.log_ratio[keep][::6], marginal.weight[keep][::6]
    xi = residual.ppf((np.arange(1500) + 0.5) / 1500)
    total = (log_ratio[:, None] + xi).ravel()
    every = np.repeat(weight / weight.sum(), len(xi)) / len(xi)
    edges = np.linspace(-12, 12, 4801)
    binned, _ = np.histogram(np.clip(total, -11.99, 11.99), edges, weights=every)
    return Marginal(marginal.registered, (edges[1:] + edges[:-1]) / 2, binned)


def test_odds_that_are_known_shift_the_integral_of_independent_lists():
    """The shift, against integrating the pair's narrow prior like any other."""
    case = built(
        read(TWO_LISTS), read_priors("moderate", FLAT | {"dependence.odds_ratio.log_normal": "[0.693147, 0.01]"})
    )
    arrays = case.settings.arrays
    means = [arrays["log_ratio_mean"], *arrays["coverage_mean"], *arrays["dependence_mean"]]
    sds = [arrays["log_ratio_sd"], *arrays["coverage_sd"], *arrays["dependence_sd"]]
    problem = Problem(2, (130, 210, 26), tuple(map(float, means)), tuple(map(float, sds)))
    direct = by_gauss_hermite(problem, n_grid=81, n_nodes=9)
    for probability in PROBABILITIES:
        wanted = implied_by(case).quantile_of_size(probability)
        assert direct.quantile_of_size(probability) == pytest.approx(wanted, rel=2e-3)


def test_the_implied_dark_figure_is_about_that_of_lincoln_and_petersen():
    """Flat priors: the median of n0 lies near w a b / ab, with a lognormal spread of 1/a + 1/b + 1/ab."""
    case = built(read(TWO_LISTS), read_priors("moderate", FLAT))
    middle = implied_by(case).quantile_of_size(0.5) - 366
    spread = math.sqrt(1 / 210 + 1 / 130 + 1 / 26)
    assert middle == pytest.approx(ODDS_RATIO * 210 * 130 / 26, rel=0.3 * spread)


@pytest.mark.parametrize("name", STATED)
def test_posterior_of_size_is_the_convolution(name):
    changes, residual = STATED[name]
    case = built(read(TWO_LISTS), read_priors("moderate", FLAT | changes))
    exact = convolved(implied_by(case), residual)
    sizes = population_draws(sampled(case), 3).size.sum(axis=-1).astype(float)
    without = implied_by(case)
    for probability in PROBABILITIES:
        error = float(array_stats.mcse(sizes, chain_axis=0, draw_axis=1, method="quantile", prob=probability))
        wanted = exact.quantile_of_size(probability)
        assert 0 < error < 0.06 * wanted, "a comparison without power"
        assert np.quantile(sizes, probability) == pytest.approx(wanted, abs=ERRORS * error + 1)
        if probability != 0.5:
            assert abs(without.quantile_of_size(probability) - wanted) > ERRORS * error, "a comparison without power"


def test_sampling_is_the_same_with_and_without():
    with_it = sampled(built(read(THREE_LISTS), read_priors("wide", RELATIVE)), draws=300)
    without = sampled(built(read(THREE_LISTS), read_priors("wide")), draws=300)
    none = sampled(built(read(THREE_LISTS), read_priors("wide", {"residual.form": "none"})), draws=300)
    np.testing.assert_array_equal(with_it.draws.unconstrained, without.draws.unconstrained)
    np.testing.assert_array_equal(population_draws(none, 3).unseen, population_draws(without, 3).unseen)
    np.testing.assert_array_equal(
        population_draws(with_it, 3).implied_unseen, population_draws(without, 3).implied_unseen
    )


def test_the_residual_given_the_data_is_its_prior_given_the_learned_scale():
    """tau is learned, xi / tau is not: in the posterior it still has its prior, and xi has another."""
    posterior = sampled(built(read(THREE_LISTS), read_priors("wide", RELATIVE)))
    thinned = {name: posterior.values[name][:, ::10].ravel() for name in ("residual", "dependence_scale")}
    multiple = (thinned["residual"] / thinned["dependence_scale"] - 0.5) / 0.6
    assert stats.kstest(multiple, "norm").pvalue > 1e-4
    data = groups_of(posterior) | {"prior": prior_dataset(posterior, draws=4000)}
    before = data["prior"]["residual"].to_numpy().ravel()
    assert (
        stats.ks_2samp(before / data["prior"]["dependence_scale"].to_numpy().ravel(), 0.5 + 0.6 * multiple).pvalue
        > 1e-4
    )
    assert stats.ks_2samp(before, thinned["residual"]).pvalue < 1e-4
    np.testing.assert_array_equal(data["posterior"]["residual"].to_numpy(), posterior.values["residual"])
    assert data["posterior"]["residual"].dims == ("chain", "draw")
    np.testing.assert_allclose(data["posterior"]["expected_unseen"].to_numpy(), np.exp(posterior.log_unseen))


@pytest.mark.slow
def test_pymc_gives_the_same_answer():
    """PyMC does not sample it either: the same draws follow from the same seed, and the same quantiles."""
    changes, _ = STATED["normal"]
    case = built(read(TWO_LISTS), read_priors("moderate", changes))
    ours, theirs = sampled(case, draws=1000), sampled(case, sample_with_pymc, draws=1000)
    np.testing.assert_array_equal(ours.values["residual"], theirs.values["residual"])
    sizes = [population_draws(one, 3).size.sum(axis=-1).astype(float) for one in (ours, theirs)]
    for probability in (0.1, 0.5, 0.9):
        errors = [array_stats.mcse(x, chain_axis=0, draw_axis=1, method="quantile", prob=probability) for x in sizes]
        one, two = (np.quantile(x, probability) for x in sizes)
        assert one == pytest.approx(two, abs=ERRORS * float(np.hypot(*errors)) + 1)
