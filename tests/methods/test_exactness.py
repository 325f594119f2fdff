"""The sampled posterior of N equals the integrated one."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats

from estimator.capture.table import UNBOUNDED
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.posterior import posterior_of, sample_with_nutpie
from estimator.study.priors import read_priors
from tests.methods.model_examples import THREE_LISTS, TWO_LISTS, WITH_SEX, Built, built, read
from tests.methods.quadrature import Marginal, Problem, by_gauss_hermite

PROBABILITIES = (0.025, 0.5, 0.975)
ERRORS = 4.0
"""Monte Carlo standard errors that a quantile may be off: exceeded by chance once in 16,000, and seeds are fixed."""

SPARSE_THREE = "A,B,C,count\n1,0,0,60\n0,1,0,41\n0,0,1,22\n1,1,0,4\n1,0,1,0\n0,1,1,2\n1,1,1,0\n"
STRONG = {"dependence.odds_ratio.log_normal": "[0.3, 0.25]"}
NARROW = {"dark_figure.ratio_to_registered.between": "[0.5, 20]"}


def sizes(case: Built, draws: int = 5000, seed: int = 3) -> np.ndarray:
    """Draws of N, shape (chain, draw)."""
    settings = SamplerSettings(draws=draws, warmup=1000, chains=4, cores=2, seed=seed)
    posterior = posterior_of(case.design, case.settings, sample_with_nutpie(case.design, case.settings, settings))
    return population_draws(posterior, seed).size.sum(axis=-1).astype(float)


def problem_of(case: Built) -> Problem:
    """The same posterior for the integrals, from the numbers of the priors."""
    assert len(case.design.strata) == 1
    arrays = case.settings.arrays
    counts = tuple(case.table.lower[np.argsort(case.table.cover_cell)].tolist())
    assert len(counts) == 2 ** len(case.design.lists) - 1
    assert case.settings.dependence in ("none", "normal")
    return Problem(
        len(case.design.lists),
        counts,
        tuple(np.concatenate([np.ravel(arrays[f"{p.name}_mean"]) for p in case.parameters]).tolist()),
        tuple(np.concatenate([np.ravel(arrays[f"{p.name}_sd"]) for p in case.parameters]).tolist()),
    )


def assert_same_quantiles(draws: np.ndarray, exact: Marginal) -> None:
    for probability in PROBABILITIES:
        error = float(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="quantile", prob=probability))
        wanted = exact.quantile_of_size(probability)
        assert 0 < error < 0.05 * wanted, "a comparison without power"
        # N is whole: its quantile may fall on either of two neighbours
        assert np.quantile(draws, probability) == pytest.approx(wanted, abs=ERRORS * error + 1)


TABLES = {
    "two lists, independent": (TWO_LISTS, "independence", {}),
    "two lists, dependent": (TWO_LISTS, "moderate", {}),
    "two lists, narrow priors": (TWO_LISTS, "moderate", STRONG | NARROW),
    "three lists, independent": (THREE_LISTS, "independence", {}),
    "three lists, dependent": (THREE_LISTS, "moderate", {}),
    "three lists, few overlaps": (SPARSE_THREE, "moderate", STRONG),
}


@pytest.mark.parametrize("name", TABLES)
def test_posterior_of_size_is_the_integral(name):
    text, priors, changes = TABLES[name]
    case = built(read(text), read_priors(priors, changes))
    problem = problem_of(case)
    n_other = len(problem.mean) - 1
    n_grid, nodes, more_nodes = (41, 5, 6) if n_other > 4 else (61, 15, 21)
    exact = by_gauss_hermite(problem, n_grid=n_grid, n_nodes=nodes)
    finer = by_gauss_hermite(problem, n_grid=2 * n_grid, n_nodes=more_nodes)
    for probability in PROBABILITIES:
        # twice the grid and more nodes: no change of a third of a per mille, far below any Monte Carlo error
        wanted = finer.quantile_of_size(probability)
        assert exact.quantile_of_size(probability) == pytest.approx(wanted, rel=3e-4, abs=1)
    assert_same_quantiles(sizes(case), finer)


def brute_force(case: Built, log_lik, spread: float, n_grid: int) -> Marginal:
    """Two independent lists, on a plain grid in three dimensions: no modes, no expansions."""
    mean = [float(case.settings.arrays["log_ratio_mean"]), *case.settings.arrays["coverage_mean"].tolist()]
    sd = [float(case.settings.arrays["log_ratio_sd"]), *case.settings.arrays["coverage_sd"].tolist()]
    registered = case.design.registered
    # coverages move against the dark figure: the sizes of the lists are known far better than either
    log_ratio = mean[0] + sd[0] * np.linspace(-4.5, 4.5, n_grid)
    log_size = np.linspace(-spread, spread, n_grid // 2)
    r, u, v = np.meshgrid(log_ratio, log_size, log_size, indexing="ij")
    on_a, on_b = 236 * np.exp(u), 156 * np.exp(v)  # expected sizes of the two lists less their overlap, roughly
    a, b = np.log(on_a / registered) - r, np.log(on_b / registered) - r
    values = log_lik(registered * np.exp(r), np.exp(a), np.exp(b))
    for value, m, s in zip((r, a, b), mean, sd, strict=True):
        values = values - 0.5 * ((value - m) / s) ** 2
    weight = np.exp(values - values.max()).sum(axis=(1, 2))
    return Marginal(int(registered), log_ratio, weight / weight.sum())


def test_gauss_hermite_agrees_with_a_plain_grid():
    case = built(read(TWO_LISTS), read_priors("independence"))

    def log_lik(n0, odds_a, odds_b):
        cells = (n0 * odds_a, n0 * odds_b, n0 * odds_a * odds_b)
        return sum(stats.poisson.logpmf(y, cell) for y, cell in zip((210, 130, 26), cells, strict=True))

    plain = brute_force(case, log_lik, spread=1.2, n_grid=240)
    other = by_gauss_hermite(problem_of(case), n_grid=121, n_nodes=15)
    for probability in PROBABILITIES:
        assert plain.quantile_of_size(probability) == pytest.approx(other.quantile_of_size(probability), rel=1e-3)


@pytest.mark.parametrize(
    ("written", "lower", "upper"), [("20-32", 20, 32), (">=15", 15, UNBOUNDED), ("<40", 0, 39)], ids=str
)
def test_posterior_of_size_is_the_integral_for_a_count_within_bounds(written, lower, upper):
    """The overlap is known within bounds. N has the registered people in it, so the dark figure is compared."""
    case = built(read(TWO_LISTS.replace("1,1,26", f"1,1,{written}")), read_priors("independence"))

    def log_lik(n0, odds_a, odds_b):
        both = n0 * odds_a * odds_b
        top = stats.poisson.cdf(upper, both) if upper != UNBOUNDED else 1.0
        within = np.log(np.maximum(top - stats.poisson.cdf(lower - 1, both), 1e-300))
        return within + stats.poisson.logpmf(210, n0 * odds_a) + stats.poisson.logpmf(130, n0 * odds_b)

    settings = SamplerSettings(draws=5000, seed=3)
    found = posterior_of(case.design, case.settings, sample_with_nutpie(case.design, case.settings, settings))
    people = population_draws(found, 3)
    exact = brute_force(case, log_lik, spread=1.2, n_grid=240)
    registered = people.registered.sum(axis=-1)
    assert registered.min() >= 340 + lower
    assert registered.max() <= 340 + min(upper, 10_000)
    dark = people.unseen.sum(axis=-1).astype(float)
    for probability in PROBABILITIES:
        error = float(array_stats.mcse(dark, chain_axis=0, draw_axis=1, method="quantile", prob=probability))
        wanted = exact.quantile_of_size(probability) - exact.registered
        assert np.quantile(dark, probability) == pytest.approx(wanted, abs=ERRORS * error + 1)


def test_a_table_split_by_hand_gives_the_posterior_of_the_pooled_table():
    """Coverage does not depend on the covariate, so N has exactly the pooled posterior, whatever the split.

    Exactly: the likelihood is that of the pooled table times one of the strata's shares alone. The sampled posterior of
    the split table is held against the integral of the pooled one.
    """
    rng = np.random.default_rng(20)
    rows = ["sex,A,B,C,count"]
    for line in THREE_LISTS.splitlines()[1:]:
        *on, number = line.split(",")
        women = int(rng.binomial(int(number), 0.3))
        rows += [",".join(["f", *on, str(women)]), ",".join(["m", *on, str(int(number) - women)])]
    split = built(read("\n".join(rows) + "\n", WITH_SEX), read_priors("moderate"), heterogeneity=())
    pooled = built(read(THREE_LISTS), read_priors("moderate"))
    assert_same_quantiles(sizes(split), by_gauss_hermite(problem_of(pooled), n_grid=81, n_nodes=6))
