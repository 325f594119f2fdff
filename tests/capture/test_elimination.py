"""Against numpy's rank and scipy's linear programming, which are floating point but independent."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from estimator.capture.elimination import kernel, separating_vector

small = st.integers(-3, 3)


@st.composite
def matrices(draw):
    n_columns = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(small, min_size=n_columns, max_size=n_columns), max_size=8))
    return rows, n_columns


@given(matrices())
def test_kernel_is_a_basis_of_what_the_rows_map_to_zero(matrix):
    rows, n_columns = matrix
    basis = kernel(rows, n_columns)
    rank = np.linalg.matrix_rank(np.array(rows)) if rows else 0
    assert len(basis) == n_columns - rank
    for vector in basis:
        assert all(sum(a * b for a, b in zip(row, vector, strict=True)) == 0 for row in rows)
    if basis:
        assert np.linalg.matrix_rank(np.array(basis)) == len(basis)


@st.composite
def cones(draw):
    k = draw(st.integers(1, 5))
    vector = st.lists(small, min_size=k, max_size=k)
    return draw(st.lists(vector, min_size=1, max_size=9)), draw(vector)


@settings(max_examples=300)
@given(cones())
def test_either_a_sum_of_columns_or_a_vector_that_separates(cone):
    """Farkas' lemma: exactly one of the two exists, and the one returned is checked in integers."""
    columns, target = cone
    u = separating_vector(columns, target)
    combination = linprog(np.zeros(len(columns)), A_eq=np.array(columns).T, b_eq=target, bounds=(0, None))
    assert (u is None) == (combination.status == 0)
    if u is not None:
        assert all(sum(a * b for a, b in zip(u, column, strict=True)) >= 0 for column in columns)
        assert sum(a * b for a, b in zip(u, target, strict=True)) < 0


def test_without_unknowns_nothing_separates():
    assert separating_vector([], []) is None
