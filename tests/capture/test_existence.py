"""Existence of the maximum-likelihood estimate: known cases, and two independent ways to the same verdict."""

from itertools import combinations

import numpy as np
import pytest
from capture_examples import ARTIFICIAL_3, NED, read
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from estimator.capture.declaration import Declaration, NotOperating, StructuralZero
from estimator.capture.existence import Total, design_matrix, existence, pooled_support
from estimator.capture.histories import history_labels, membership


def support(n_lists: int, *histories: int) -> tuple[np.ndarray, np.ndarray]:
    positive = np.zeros(2**n_lists, bool)
    positive[list(histories)] = True
    observed = np.ones(2**n_lists, bool)
    observed[0] = False
    return positive, observed


def verdict(n_lists, pairs, positive, observed):
    found = existence(n_lists, pairs, positive, observed)
    return found.exists, found.total


class TestKnownCases:
    def test_artificial_3(self):
        """Chan, Silverman & Vincent 2021: a table made so that estimates fail in different ways."""
        found = pooled_support(read(ARTIFICIAL_3))
        assert verdict(3, (), *found) == (True, Total.FINITE)
        assert verdict(3, [(0, 1)], *found) == (False, Total.NO_UPPER_LIMIT)
        assert verdict(3, [(0, 2)], *found) == (False, Total.FINITE)
        assert verdict(3, [(1, 2)], *found) == (False, Total.FINITE)
        assert verdict(3, [(0, 1), (0, 2), (1, 2)], *found) == (False, Total.UNDETERMINED)

    def test_the_dutch_table_fails_where_lists_never_meet(self):
        found = pooled_support(read(NED))
        failing = [pair for pair in combinations(range(6), 2) if not existence(6, [pair], *found).exists]
        assert failing == [(0, 1), (1, 4)]  # I-K and K-R
        labels = history_labels(["I", "K", "O", "P", "R", "Z"])
        vanishing = existence(6, [(1, 4)], *found).vanishing
        assert {labels[h] for h in vanishing} == {name for name in labels if {"K", "R"} <= set(name.split("&"))}

    @pytest.mark.parametrize("n_lists", [3, 4, 5])
    def test_a_table_without_zeros_has_an_estimate_under_all_pairs(self, n_lists):
        found = support(n_lists, *range(1, 2**n_lists))
        assert verdict(n_lists, list(combinations(range(n_lists), 2)), *found) == (True, Total.FINITE)

    def test_two_lists_without_overlap_have_none_under_independence(self):
        found = existence(2, [], *support(2, 1, 2))
        assert not found.exists
        assert found.total is Total.NO_UPPER_LIMIT
        assert found.vanishing == (3,)
        assert found.direction == (1, -1, -1)

    def test_two_lists_with_overlap_have_one_but_their_dependence_is_not_determined(self):
        found = support(2, 1, 2, 3)
        assert verdict(2, [], *found) == (True, Total.FINITE)
        assert verdict(2, [(0, 1)], *found) == (True, Total.UNDETERMINED)

    def test_nobody_on_one_list_alone_says_that_nobody_is_missed(self):
        """n10 = 0: the estimate n10 n01 / n11 of the unseen is zero, whose logarithm is not finite."""
        found = existence(2, [], *support(2, 1, 3))
        assert not found.exists
        assert found.total is Total.NO_LOWER_LIMIT

    def test_a_cell_that_is_not_observed_is_no_zero(self):
        positive, observed = support(3, 1, 2, 3, 4, 5, 6)
        assert not existence(3, [(0, 1), (0, 2), (1, 2)], positive, observed).exists
        observed[7] = False
        assert existence(3, [(0, 1), (0, 2), (1, 2)], positive, observed).total is Total.UNDETERMINED


def largest_smallest_cell(design: np.ndarray, counts: np.ndarray) -> float:
    """Return the largest s such that a table with the same sufficient margins has every cell >= s.

    Fienberg & Rinaldo 2012: the estimate exists exactly when s > 0.
    """
    n_cells, n_margins = design.shape
    result = linprog(
        np.r_[np.zeros(n_cells), -1.0],
        A_ub=np.hstack([-np.eye(n_cells), np.ones((n_cells, 1))]),
        b_ub=np.zeros(n_cells),
        A_eq=np.hstack([design.T, np.zeros((n_margins, 1))]),
        b_eq=design.T @ counts,
        bounds=[(None, None)] * n_cells + [(None, 1.0)],
    )
    return float(result.x[-1])


@st.composite
def sparse_tables(draw):
    n_lists = draw(st.integers(2, 4))
    counts = draw(st.lists(st.sampled_from([0, 0, 1, 3]), min_size=2**n_lists - 1, max_size=2**n_lists - 1))
    pairs = draw(st.lists(st.sampled_from(list(combinations(range(n_lists), 2))), unique=True))
    return n_lists, np.array([0, *counts]), sorted(pairs)


@settings(max_examples=400, deadline=None)
@given(sparse_tables())
def test_verdict_agrees_with_the_linear_program_over_tables(case):
    n_lists, counts, pairs = case
    positive, observed = support(n_lists, *np.flatnonzero(counts))
    s = largest_smallest_cell(design_matrix(n_lists, pairs)[1:], counts[1:])
    assert existence(n_lists, pairs, positive, observed).exists == (s > 1e-7)


@settings(max_examples=200, deadline=None)
@given(sparse_tables())
def test_the_direction_proves_that_no_estimate_exists(case):
    n_lists, counts, pairs = case
    found = existence(n_lists, pairs, *support(n_lists, *np.flatnonzero(counts)))
    if found.exists:
        assert found.direction == ()
        return
    shift = design_matrix(n_lists, pairs)[1:] @ np.array(found.direction)
    assert (shift[counts[1:] > 0] == 0).all()
    assert (shift <= 0).all()
    assert tuple((np.flatnonzero(shift < 0) + 1).tolist()) == found.vanishing != ()


def fitted(design: np.ndarray, counts: np.ndarray, offset: float = 0.0, steps: int = 40) -> np.ndarray:
    """Return the linear predictor after some steps of Fisher scoring without any penalty, from log(counts + 1)."""
    beta = np.linalg.lstsq(design, np.log(counts + 1.0) - offset, rcond=None)[0]
    for _ in range(steps):
        mean = np.exp(offset + design @ beta)
        root = np.sqrt(mean)[:, None]
        step = np.linalg.lstsq(root * design, (counts - mean) / root[:, 0], rcond=1e-13)[0]
        beta = beta + step / max(1.0, float(np.abs(design @ step).max()))
    return offset + design @ beta


PATTERNS = [np.array([5.0 + cell if pattern >> cell & 1 else 0.0 for cell in range(7)]) for pattern in range(1, 128)]
"""Three-list tables with people in every possible set of histories."""

MODELS = [(), ((0, 1),), ((0, 1), (0, 2)), ((0, 1), (0, 2), (1, 2))]


@pytest.mark.parametrize("pairs", MODELS)
def test_unpenalised_fits_diverge_exactly_where_no_estimate_exists(pairs):
    design = design_matrix(3, pairs)[1:].astype(float)
    for counts in PATTERNS:
        found = existence(3, pairs, *support(3, *(np.flatnonzero(counts) + 1)))
        smallest = fitted(design, counts).min()
        assert found.exists == (smallest > -6), (counts, smallest)


@pytest.mark.parametrize("pairs", MODELS)
def test_the_likelihood_has_the_limits_that_are_said(pairs):
    """Maximise over everything but the constant, at totals from e^-18 to e^18 unseen people."""
    design = design_matrix(3, pairs)[1:, 1:].astype(float)
    for counts in PATTERNS:
        total = existence(3, pairs, *support(3, *(np.flatnonzero(counts) + 1))).total
        profile = []
        for constant in (-18.0, 0.0, 1.5, 3.0, 4.5, 6.0, 18.0):
            eta = fitted(design, counts, constant, steps=60)
            profile.append(float((counts * eta - np.exp(eta)).sum()))
        falls_up, falls_down = profile[-1] < max(profile) - 0.01, profile[0] < max(profile) - 0.01
        expected = {
            (True, True): Total.FINITE,
            (False, True): Total.NO_UPPER_LIMIT,
            (True, False): Total.NO_LOWER_LIMIT,
            (False, False): Total.UNDETERMINED,
        }
        assert total is expected[falls_up, falls_down], (counts, profile)


class TestPooledSupport:
    lists = ("A", "B")

    def pooled(self, text, **declared):
        positive, observed = pooled_support(read(text, Declaration(self.lists, **declared)))
        return positive.tolist()[1:], observed.tolist()[1:]  # B, A, A&B

    def test_exact_table(self):
        assert self.pooled("A,B,count\n1,0,3\n") == ([False, True, False], [True, True, True])

    def test_bounds_that_exclude_zero_are_people(self):
        assert self.pooled("A,B,count\n1,0,3\n0,1,>=1\n1,1,<5\n") == ([True, True, False], [True, True, False])

    def test_blank_counts_are_not_observed(self):
        assert self.pooled("A,B,count\n1,0,3\n1,1,\n") == ([False, True, False], [True, True, False])

    def test_impossible_cells_are_not_observed(self):
        found = self.pooled("A,B,count\n1,0,3\n0,1,2\n", structural_zeros=(StructuralZero(("A", "B")),))
        assert found == ([True, True, False], [True, True, False])

    def test_people_of_unknown_list_leave_it_open(self):
        assert self.pooled("A,B,count\n0,1,3\n1,,2\n") == ([True, False, False], [True, False, False])

    def test_histories_are_as_written_down(self):
        from capture_examples import SEX

        found = self.pooled(
            "A,B,sex,count\n1,0,f,3\n0,1,m,2\n", covariates=(SEX,), not_operating=(NotOperating("B", {"sex": ("f",)}),)
        )
        assert found == ([True, True, False], [True, True, True])


def test_design_matrix_row_of_the_unseen_is_the_constant():
    design = design_matrix(3, [(0, 2)])
    assert design[0].tolist() == [1, 0, 0, 0, 0]
    assert design[0b101].tolist() == [1, 1, 0, 1, 1]
    assert np.array_equal(design[:, 1:4], membership(3))
