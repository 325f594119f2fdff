"""Methods side by side: leaving people out against the exact answer, and what each method says of histories."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.fits.rivals import ahead, fitted_beside, foretold_by, weights_by_foretelling
from estimator.methods.door import SamplerSettings
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors

COUNTS = np.array([0, 120, 90, 14, 150, 25, 9, 1])


def test_a_person_left_out_is_foretold_as_exactly_as_a_dirichlet_distribution_says() -> None:
    # uniform prior over the seven histories: with one person less, (m - 1 + 1) / (n - 1 + 7)
    shares = np.zeros((20_000, 8))
    shares[:, 1:] = np.random.default_rng(1).dirichlet(COUNTS[1:] + 1.0, 20_000)
    exact = np.log(COUNTS[1:] / (COUNTS.sum() + 6))
    np.testing.assert_allclose(foretold_by(shares, COUNTS)[1:], exact, atol=0.03)


def test_a_history_of_nobody_is_not_foretold() -> None:
    shares = np.full((50, 8), 1 / 7)
    assert foretold_by(shares, np.array([0, 3, 0, 1, 0, 0, 0, 0])).tolist()[2] == 0.0


def test_how_far_a_method_is_ahead_is_a_sum_over_people_with_its_error() -> None:
    one, other = np.log(np.array([1, 2, 3, 4, 5, 6, 7, 8.0])), np.log(np.array([1, 3, 2, 4, 8, 5, 7, 9.0]))
    of_people = np.repeat(one - other, COUNTS)
    found = ahead(one, other, COUNTS)
    assert found.difference == pytest.approx(of_people.sum())
    assert found.error == pytest.approx(of_people.std(ddof=1) * np.sqrt(len(of_people)))


@pytest.mark.parametrize("method", ["loglinear", "heterogeneity", pytest.param("latent-class", marks=pytest.mark.slow)])
def test_every_method_says_what_it_expects_of_histories(method: str) -> None:
    table = counted(plain_shape(3).table, COUNTS[None])
    settings = SamplerSettings(draws=300, warmup=150, chains=2, cores=1)
    found = fitted_beside(method, table, COUNTS, read_priors("evidence"), settings=settings)
    observed = np.log(COUNTS[1:] / COUNTS.sum())
    well_known = COUNTS[1:] >= 90
    np.testing.assert_allclose(found.foretold[1:][well_known], observed[well_known], atol=0.2)
    assert found.size.min() >= COUNTS.sum()


def test_a_method_that_says_nothing_of_histories_is_refused() -> None:
    table = counted(plain_shape(3).table, COUNTS[None])
    with pytest.raises(ValueError, match="nothing of histories"):
        fitted_beside("lower-bound", table, COUNTS, read_priors("evidence"))


def test_methods_that_foretell_alike_weigh_alike_and_one_far_ahead_has_it_all() -> None:
    alike = np.log(np.full(8, 1 / 7))
    np.testing.assert_allclose(weights_by_foretelling([alike, alike.copy()], COUNTS), [0.5, 0.5])
    behind = alike - 0.1  # 41 natural logs over 409 people
    assert weights_by_foretelling([alike, behind], COUNTS)[0] > 0.999


def test_a_little_ahead_by_a_few_people_is_not_all_the_weight() -> None:
    # one person of 409 makes all the difference, of 6: by that alone the weight would be 0.0025
    ahead_once = np.zeros(8)
    ahead_once[7] = 6.0
    weights = weights_by_foretelling([np.zeros(8), ahead_once], COUNTS)
    # a person weighs an Exponential(1): the mean of 1 / (1 + exp(6 x))
    x = np.linspace(0, 40, 400_001)
    assert weights[0] == pytest.approx(np.trapezoid(np.exp(-x) / (1 + np.exp(6 * x)), x), abs=0.02)
