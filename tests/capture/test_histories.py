import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from estimator.capture.histories import history_labels, history_of, list_bits, lists_of, membership, pair_index


def test_membership_of_two_lists():
    assert membership(2).tolist() == [[False, False], [False, True], [True, False], [True, True]]


def test_labels_are_in_declared_order_and_match_membership():
    assert history_labels(["P", "K", "O"]) == ["none", "O", "K", "K&O", "P", "P&O", "P&K", "P&K&O"]


def test_pairs():
    assert pair_index(4).tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert pair_index(1).shape == (0, 2)


@given(st.integers(1, 8), st.data())
def test_history_of_names_the_row_of_membership(n_lists, data):
    lists = [f"L{index}" for index in range(n_lists)]
    on = data.draw(st.lists(st.sampled_from(lists), unique=True))
    row = membership(n_lists)[history_of(lists, on)]
    assert [name for name, seen in zip(lists, row, strict=True) if seen] == sorted(on, key=lists.index)


@given(st.integers(1, 10))
def test_bits_weigh_membership_to_the_index(n_lists):
    assert np.array_equal(membership(n_lists) @ list_bits(n_lists), np.arange(2**n_lists))


def test_shared_arrays_cannot_be_changed():
    for array in (membership(3), list_bits(3), pair_index(3)):
        assert not array.flags.writeable


def test_lists_of_a_history_are_those_of_its_membership():
    for n_lists in (1, 3, 5):
        for history, row in enumerate(membership(n_lists)):
            assert lists_of(history, n_lists) == np.flatnonzero(row).tolist()
