"""Simulated truth: tables drawn from the model's own prior must be covered as often as the intervals promise.

The prior on the dark figure is stated relative to a reference, the registered number. A simulation therefore fixes the
reference, draws parameters and then counts, and keeps the reference when it fits: the table that is drawn then has the
prior that the fit assumes, exactly. Ranks of the true dark figure among the draws must be uniform (Talts, Betancourt,
Simpson, Vehtari & Gelman 2018, arXiv:1804.06788).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator.capture.declaration import Covariate
from estimator.capture.table import CaptureTable
from estimator.inference.nuts import SamplerSettings
from estimator.inference.posterior import posterior_of, sample_with_nutpie
from estimator.model.arrays import model_arrays
from estimator.model.design import Design, design_of
from estimator.model.parameters import parameters_of, prior_settings, read_vector
from estimator.model.prior_draws import prior_positions
from estimator.population.size import expected_cells, population_draws
from estimator.study.priors import read_priors

pytestmark = pytest.mark.slow

REFERENCE = 500.0
# A dark figure of 1 to 4 times the reference, and lists that see some 5 to 40 %: tables as registers make them, of a
# size that keeps the counts below a million whatever is drawn.
PRIOR = {
    "dark_figure.ratio_to_registered.between": "[0.5, 8]",
    "coverage.odds.log_normal": "[-2, 0.7]",
    "dependence.odds_ratio.log_normal": "[0, 0.5]",
}
THIN = 10


def empty_table(n_lists: int, covariates: tuple[Covariate, ...]) -> CaptureTable:
    n_strata = int(np.prod([len(covariate.levels) for covariate in covariates], dtype=int))
    cells = np.arange(n_strata * 2**n_lists).reshape(n_strata, -1)[:, 1:].ravel()
    zeros = np.zeros(len(cells), dtype=np.int64)
    return CaptureTable(
        lists=tuple("ABCDEF"[:n_lists]),
        covariates=covariates,
        kind="synthetic",
        possible=np.ones((n_strata, 2**n_lists), dtype=bool),
        lower=zeros,
        upper=zeros,
        cover_start=np.arange(len(cells) + 1),
        cover_cell=cells,
        line=zeros,
    )


def simulate_and_fit(design: Design, settings, seed: int) -> tuple[float, np.ndarray]:
    """Return the true number of unseen people and thinned draws of it."""
    rng = np.random.default_rng([2026, seed])
    parameters = parameters_of(design, settings)
    position = prior_positions(model_arrays(design, settings), 1, rng)[None]
    truth = posterior_of(
        design, settings, replace(_no_draws(position), statistics={"diverging": np.zeros((1, 1), bool)})
    )
    assert read_vector(parameters, position)["log_ratio"].shape == (1, 1)
    people = rng.poisson(next(expected_cells(truth))[0])
    counts = people.astype(np.float64)
    unseen, counts[:, 0] = people[:, 0].sum(), 0.0
    fitted = replace(design, observed=replace(design.observed, counts=counts))
    draws = sample_with_nutpie(fitted, settings, SamplerSettings(draws=500, warmup=700, seed=seed))
    population = population_draws(posterior_of(fitted, settings, draws), seed)
    return float(unseen), population.unseen.sum(axis=-1).reshape(-1)[::THIN]


def _no_draws(position):
    from estimator.inference.nuts import Draws

    return Draws(position, {}, 0.0, SamplerSettings())


@pytest.mark.parametrize(
    ("n_lists", "covariates", "replicates"),
    [(4, (), 100), (3, (Covariate("sex", ("f", "m")),), 60)],
    ids=["four lists pooled", "three lists, one covariate"],
)
def test_intervals_cover_and_ranks_are_uniform(n_lists, covariates, replicates):
    priors = read_priors("default", PRIOR)
    design = replace(design_of(empty_table(n_lists, covariates)), registered=REFERENCE)
    settings = prior_settings(priors, design)
    ranks, covered = [], 0
    for seed in range(replicates):
        truth, draws = simulate_and_fit(design, settings, seed)
        lower, upper = np.quantile(draws, [0.025, 0.975])
        covered += lower <= truth <= upper
        # ties between whole numbers are broken at random, as the theory of ranks wants
        below = (draws < truth).sum() + np.random.default_rng(seed).integers(0, (draws == truth).sum() + 1)
        ranks.append((below + 0.5) / (len(draws) + 1))
    # 95 % coverage: the binomial's central 99.8 % is 87 to 100 of 100; the issue asks for 90 to 99
    low, high = (90, 99) if replicates == 100 else stats.binom.interval(0.998, replicates, 0.95)
    assert low <= covered <= high
    assert stats.kstest(ranks, "uniform").pvalue > 0.001
