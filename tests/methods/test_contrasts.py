"""How levels become coefficients."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.loglinear.contrasts import covariate_contrasts, product, random_walk, rows_of, zero_sum
from estimator.methods.loglinear.design import design_of
from tests.methods.model_examples import REGION, SEX, YEAR, read


@pytest.mark.parametrize("n_levels", [1, 2, 3, 7])
def test_contrasts_of_unordered_levels_are_orthonormal_and_sum_to_zero(n_levels):
    matrix = zero_sum(n_levels)
    assert matrix.shape == (n_levels, n_levels - 1)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(n_levels - 1), atol=1e-14)
    np.testing.assert_allclose(matrix.sum(axis=0), 0, atol=1e-14)


@pytest.mark.parametrize("n_levels", [2, 3, 7])
def test_unordered_levels_are_exchangeable(n_levels):
    covariance = zero_sum(n_levels) @ zero_sum(n_levels).T
    np.testing.assert_allclose(covariance, np.eye(n_levels) - 1 / n_levels, atol=1e-14)


@pytest.mark.parametrize("n_levels", [2, 3, 6, 12])
def test_ordered_levels_walk_at_random(n_levels):
    matrix = random_walk(n_levels)
    walk = np.minimum.outer(np.arange(n_levels), np.arange(n_levels)).astype(float)  # unit steps from zero
    centre = np.eye(n_levels) - 1 / n_levels
    np.testing.assert_allclose(matrix @ matrix.T, centre @ walk @ centre, atol=1e-12)
    np.testing.assert_allclose(matrix.sum(axis=0), 0, atol=1e-12)
    products = matrix.T @ matrix
    np.testing.assert_allclose(products, np.diag(np.diag(products)), atol=1e-12)
    assert (np.diff(np.diag(products)) <= 1e-12).all(), "largest first"
    steps = np.diff(matrix, axis=0)
    np.testing.assert_allclose(steps @ steps.T, np.eye(n_levels - 1), atol=1e-12)


def test_one_level_has_no_effect():
    assert random_walk(1).shape == (1, 0)
    assert covariate_contrasts(1, ordered=False).shape == (1, 0)


def test_order_decides_the_contrasts():
    np.testing.assert_array_equal(covariate_contrasts(4, ordered=True), random_walk(4))
    np.testing.assert_array_equal(covariate_contrasts(4, ordered=False), zero_sum(4))


def test_a_two_way_term_is_every_product():
    left, right = rows_of(zero_sum(2), np.array([0, 0, 1, 1])), rows_of(zero_sum(3), np.array([0, 2, 1, 2]))
    found = product(left, right)
    assert found.shape == (4, 2)
    np.testing.assert_allclose(found[3], left[3, 0] * right[3])


def design(*covariates: Covariate, **options):
    levels = [",".join(covariate.levels[0] for covariate in covariates)] * 2
    header = ",".join(covariate.name for covariate in covariates)
    text = f"{header},A,B,count\n{levels[0]},1,0,5\n{levels[1]},1,1,2\n"
    return design_of(read(text, Declaration(("A", "B"), covariates)), **options)


def test_blocks_of_composition_are_orthogonal_and_complete():
    """Main effects, two-way terms and strata together leave nothing out, and no block says what another one does."""
    effects = design(SEX, REGION, YEAR).composition
    assert effects.blocks == ("sex", "region", "year", "sex x region", "sex x year", "region x year", "stratum")
    n_strata = 24
    assert effects.matrix.shape == (n_strata, n_strata - 1)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(n_strata), effects.matrix])) == n_strata
    np.testing.assert_allclose(effects.matrix.sum(axis=0), 0, atol=1e-12)
    for one, other in combinations(range(len(effects.blocks)), 2):
        across = effects.matrix[:, effects.block == one].T @ effects.matrix[:, effects.block == other]
        np.testing.assert_allclose(across, 0, atol=1e-12)


def test_the_basis_of_single_strata_is_orthonormal():
    effects = design(SEX, REGION, YEAR, composition=()).composition
    strata = effects.matrix[:, effects.block == effects.blocks.index("stratum")]
    assert strata.shape[1] == 23 - 1 - 2 - 3
    np.testing.assert_allclose(strata.T @ strata, np.eye(strata.shape[1]), atol=1e-12)


def test_covariates_together_are_products_that_no_single_one_spans():
    found = design(SEX, REGION, heterogeneity=(("region", "sex"), "region")).heterogeneity
    assert found.blocks == ("region", "sex x region")
    assert found.matrix.shape == (6, 4)
    together = found.matrix[:, found.block == 1]
    mains = design(SEX, REGION).heterogeneity.matrix
    np.testing.assert_allclose(together.T @ mains, 0, atol=1e-12)
    np.testing.assert_allclose(together.sum(axis=0), 0, atol=1e-12)


def test_heterogeneity_has_the_covariates_asked_for():
    assert design(SEX, REGION).heterogeneity.blocks == ("sex", "region")
    assert design(SEX, REGION, heterogeneity=("region",)).heterogeneity.blocks == ("region",)
    assert design(SEX, REGION, heterogeneity=()).heterogeneity.matrix.shape == (6, 0)
