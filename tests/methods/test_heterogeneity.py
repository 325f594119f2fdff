"""People who differ in how easily they are seen: integrals by another road, draws against all there is, known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import expit

from estimator.methods.door import SamplerSettings
from estimator.methods.heterogeneity.density import (
    Heterogeneous,
    cell_probabilities,
    log_integrals,
    log_odds_unseen,
)
from estimator.methods.heterogeneity.method import Heterogeneity
from estimator.methods.heterogeneity.sampling import sample
from estimator.methods.registry import chosen_options, refusals
from estimator.methods.student_mixtures import Mixture, draws_of, log_density_of
from estimator.population.estimate import estimate
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.study import read_study

COUNTS = np.array([0, 6, 5, 2, 7, 1, 2, 3])


def by_quadrature(lists: list[float], sigma: float, history: int) -> float:
    """Probability of a history of three lists, by adaptive quadrature over people."""

    def of_person(z: float) -> float:
        on = expit(np.array(lists) + sigma * z)
        return float(np.prod([on[i] if history >> (2 - i) & 1 else 1 - on[i] for i in range(3)]) * stats.norm.pdf(z))

    return quad(of_person, -12, 12, epsabs=1e-13, epsrel=1e-11, limit=400)[0]


@pytest.mark.parametrize("sigma", [0.0, 0.4, 1.5, -1.5, 3.0])
def test_probabilities_of_histories_are_integrals_over_people(sigma):
    lists = [-3.0, -0.5, 1.0]
    found = cell_probabilities(np.array([[*lists, sigma]]))[0]
    np.testing.assert_allclose(found, [by_quadrature(lists, sigma, h) for h in range(8)], rtol=1e-5, atol=1e-9)
    log_g, log_some = log_integrals(np.array([[*lists, sigma]]))
    assert np.exp(log_g[0, 0]) + np.exp(log_some[0]) == pytest.approx(1.0)


def test_the_density_is_that_of_cells_among_the_registered_with_the_stated_priors():
    points = np.array([[-2.0, -1.0, -0.5, 0.7], [-2.5, -1.2, 0.3, 1.4]])
    found = Heterogeneous(COUNTS, 2.0).log_density(points)
    expected = []
    for *lists, sigma in points:
        p = np.array([by_quadrature(lists, sigma, h) for h in range(8)])
        prior = stats.norm(-2.0, 1.5).logpdf(lists).sum() + stats.halfnorm(scale=2.0).logpdf(sigma)
        expected.append((COUNTS[1:] * np.log(p[1:] / (1 - p[0]))).sum() + prior)
    assert found[1] - found[0] == pytest.approx(expected[1] - expected[0], abs=1e-6)


def test_points_come_from_the_mixture_whose_density_is_stated():
    root = np.array([[[1.0, 0.0], [0.5, 0.8]], [[0.3, 0.0], [0.0, 0.3]]])
    mixture = Mixture(np.log([0.7, 0.3]), np.array([[0.0, 0.0], [4.0, 4.0]]), root)
    points = draws_of(mixture, 40_000, np.random.default_rng(1))
    # weights of a part of the plane by density on a grid, beside the points that fell there
    edges = np.linspace(-8, 12, 401)
    middles = (edges[1:] + edges[:-1]) / 2
    grid = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 2)
    mass = np.exp(log_density_of(mixture, grid))
    mass /= mass.sum()
    for inside in (lambda x: x[:, 0] > 2, lambda x: x[:, 1] - x[:, 0] > 0.025, lambda x: np.hypot(*x.T) < 1):
        assert inside(points).mean() == pytest.approx(mass[inside(grid)].sum(), abs=0.012)


def test_draws_are_those_of_the_prior_weighed_by_the_table():
    model, rng = Heterogeneous(COUNTS, 1.0), np.random.default_rng(2)
    lists = rng.normal(-2.0, 1.5, (100_000, 3))
    points = np.column_stack([lists, np.abs(rng.normal(0, 1.0, 100_000))])
    log_g, log_some = log_integrals(points)
    on = np.array([[h >> 2 & 1, h >> 1 & 1, h & 1] for h in range(8)])
    log_p = points[:, :3] @ on.T + log_g[:, on.sum(axis=1)] - log_some[:, None]
    weight = np.exp(log_p @ COUNTS - (log_p @ COUNTS).max())
    settings = SamplerSettings(draws=4000, chains=2)
    drawn = sample(model, settings, 0, lambda points: True)[0].reshape(-1, 4)
    for value in (log_odds_unseen, lambda p: np.abs(p[:, 3]), lambda p: p[:, 0]):
        exact, ours = value(points), value(drawn)
        order = np.argsort(exact)
        reached = np.cumsum(weight[order]) / weight.sum()
        for q in (0.025, 0.25, 0.5, 0.75, 0.975):
            below = np.interp(np.quantile(ours, q), exact[order], reached)
            assert below == pytest.approx(q, abs=0.02)


def simulated(people: int, lists: list[float], sigma: float, rng: np.random.Generator) -> np.ndarray:
    on = rng.random((people, len(lists))) < expit(np.array(lists) + sigma * rng.normal(size=(people, 1)))
    counts = np.bincount(on @ (1 << np.arange(len(lists))[::-1]), minlength=2 ** len(lists))
    counts[0] = 0
    return counts


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [0.0, 1.0, 1.6])
def test_intervals_hold_the_number_of_people_who_differ_so(sigma):
    rng, held, settings = np.random.default_rng(int(10 * sigma)), 0, SamplerSettings(draws=500, chains=2)
    for number in range(60):
        model = Heterogeneous(simulated(3000, [-2.0, -1.5, -2.5, -1.0], sigma, rng), 1.0)
        points, _ = sample(model, settings, number, lambda points: True)
        odds = np.exp(log_odds_unseen(points.reshape(-1, 5)))
        size = model.registered + rng.poisson(rng.gamma(model.registered, size=len(odds)) * odds)
        lower, upper = np.quantile(size, [0.025, 0.975])
        held += lower <= 3000 <= upper
    assert held >= 52  # 95 % of 60 less three standard deviations


def test_a_run_gives_the_estimate_back(tmp_path):
    quick = SamplerSettings(draws=500, chains=2)
    made = estimate("kosovo-1999", method="heterogeneity", sampler=quick)
    assert made.posterior.details.lists.shape == (2, 500, 1, 4)
    again = estimate_of_run(read_run(made.save(tmp_path / "run")))
    assert again.predictive_p == made.predictive_p
    assert again.fitness == made.fitness
    assert (again.posterior.details.sigma == made.posterior.details.sigma).all()


def test_what_is_refused():
    method = Heterogeneity()

    def refused(study: str, **options: str) -> list[str]:
        return [reason.code for reason in refusals(method, read_study(study), chosen_options(method, options))]

    assert refused("uk-2013") == []
    assert refused("scotland-pwid-2006") == ["method-needs-complete-counts"]
    assert refused("nl-2010-2015-reconstructed", strata="pooled") == ["pooled-of-everybody-alone"]
