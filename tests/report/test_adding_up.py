"""Controlled rounding: parts add up to wholes at every depth, and are moved no further than rounding must."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from estimator.document.adding_up import Part, adding_up, apportioned, largest_shift

TARGETS = st.lists(st.floats(0.01, 500), min_size=1, max_size=8)


@given(TARGETS, st.integers(0, 5000))
def test_parts_add_up_and_each_is_its_share_rounded_one_way_or_the_other(targets, total):
    given_out = apportioned(total, [Part(target) for target in targets])
    assert sum(given_out) == total
    for number, target in zip(given_out, targets, strict=True):
        share = total * target / sum(targets)
        assert math.floor(share - 1e-6) <= number <= math.ceil(share + 1e-6)


@given(st.lists(st.tuples(st.floats(0.01, 500), st.integers(0, 40)), min_size=1, max_size=8), st.integers(320, 5000))
def test_no_part_lies_below_the_people_who_are_known_to_be_there(parts, total):
    given_out = apportioned(total, [Part(target, least) for target, least in parts])
    assert sum(given_out) == total
    assert all(number >= least for number, (_, least) in zip(given_out, parts, strict=True))


@given(st.integers(0, 400), st.lists(TARGETS, min_size=1, max_size=4), st.sampled_from([1.0, 5.0, 0.1]))
def test_a_tree_adds_up_at_every_depth(total, branches, unit):
    parts = {}
    for first, leaves in enumerate(branches):
        parts[(str(first),)] = Part(sum(leaves))
        parts |= {(str(first), str(second)): Part(leaf) for second, leaf in enumerate(leaves)}
    found = adding_up(total * unit, parts, unit)
    for whole in found:
        inner = [
            number for path, number in found.items() if len(path) == len(whole) + 1 and path[: len(whole)] == whole
        ]
        if inner:
            assert math.isclose(sum(inner), found[whole], abs_tol=1e-6)


def test_whole_numbers_that_add_up_already_stay_as_they_are():
    parts = {("a",): Part(3), ("b",): Part(4), ("a", "x"): Part(1), ("a", "y"): Part(2)}
    assert adding_up(7, parts, 1.0) == {(): 7, ("a",): 3, ("b",): 4, ("a", "x"): 1, ("a", "y"): 2}


def test_the_largest_shift_is_of_parts_large_enough_for_a_share_to_mean_something():
    parts = {("a",): Part(100.0), ("b",): Part(2.0)}
    assert math.isclose(largest_shift({(): 104, ("a",): 101, ("b",): 3}, parts, 1.0), 0.01)
