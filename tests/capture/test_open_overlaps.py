"""Overlaps that a table does not give, held to every set of numbers per combination that there can be."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from estimator.capture import open_overlaps
from estimator.capture.declaration import Covariate, Declaration, StructuralZero
from estimator.capture.open_overlaps import may_have_people, overlap_bounds
from estimator.errors import InputError
from tests.capture.capture_examples import read

THREE = Declaration(("A", "B", "C"), overlaps="inclusive")
FOUR = Declaration(("A", "B", "C", "D"), overlaps="inclusive")


def sums_of(cells: dict[frozenset[str], int], lists: str) -> dict[frozenset[str], int]:
    """Count the people on at least each set of lists, one set after the other; nobody's set is everybody's."""
    sets = [frozenset(some) for size in range(len(lists) + 1) for some in combinations(lists, size)]
    return {some: sum(number for exactly, number in cells.items() if some <= exactly) for some in sets}


def tables_with(sums: dict[frozenset[str], int], given: set[frozenset[str]], lists: str) -> list[dict]:
    """Return every table of overlaps that agrees with those that are given: all values of the others are tried."""
    opened = [some for some in sums if some not in given and some]
    limits = [range(min(sums[whole] for whole in given if whole and whole <= some) + 1) for some in opened]
    found = []
    for values in product(*limits):
        every = sums | dict(zip(opened, values, strict=True))
        exactly = {
            some: sum((-1) ** (len(other) - len(some)) * every[other] for other in every if some <= other)
            for some in every
            if some
        }
        union = sum(exactly.values())
        if min(exactly.values()) >= 0 and (frozenset() not in given or union == sums[frozenset()]):
            found.append(every | {frozenset(): union})
    return found


def random_table(rng, lists):
    """Return some people per combination, few enough that all tables like it can be written down."""
    sets = [frozenset(some) for size in range(1, len(lists) + 1) for some in combinations(lists, size)]
    return {some: int(rng.integers(0, 12 if len(some) == 1 else 3)) for some in sets}


def arrays_of(sums, given, lists):
    """Return counts and what is given as the code takes them."""
    counts, known = np.zeros(2 ** len(lists), np.int64), np.zeros(2 ** len(lists), bool)
    for some, number in sums.items():
        at = sum(2 ** (len(lists) - 1 - lists.index(name)) for name in some)
        counts[at], known[at] = number if some in given else 0, some in given
    return counts, known


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("lists", "seeds"), [("ABC", range(40)), ("ABCD", range(12))])
def test_bounds_are_those_of_every_table_that_agrees(lists, seeds, whole):
    settled = 0
    for seed in seeds:
        sums = sums_of(random_table(np.random.default_rng([seed, 4]), lists), lists)
        given = {some for some in sums if 1 <= len(some) <= 2 or (whole and not some)}
        counts, known = arrays_of(sums, given, lists)
        bounds = overlap_bounds(counts, known, np.ones(len(counts), bool))
        tables = [arrays_of(table, set(table), lists)[0] for table in tables_with(sums, given, lists)]
        assert bounds.lower.tolist() == np.min(tables, axis=0).tolist()
        assert bounds.upper.tolist() == np.max(tables, axis=0).tolist()
        settled += not bounds.open
    assert settled == len(seeds) if whole and lists == "ABC" else settled < len(seeds)


def test_numbers_that_nobody_can_make_have_no_bounds():
    counts = np.array([0, 9, 9, 8, 9, 8, 1, 0])  # almost all of C on B and on A; hardly anybody on A and B
    given = np.array([False, *[True] * 6, False])
    assert overlap_bounds(counts, given, np.ones(8, bool)) is None


@pytest.mark.parametrize(("found", "fits"), [(3, True), (4, False)])
def test_bounds_that_an_optimiser_gets_wrong_are_no_answer(monkeypatch, found, fits):
    """What it says is held to whole numbers: with 215 people on any list there are 3 on all three, and no 4."""
    monkeypatch.setattr(open_overlaps, "_extreme", lambda *_: found)
    counts, given = np.array([215, 70, 80, 7, 90, 9, 12, 0]), np.arange(8) < 7
    assert (overlap_bounds(counts, given, np.ones(8, bool)) is not None) == fits


def test_an_overlap_of_an_empty_pair_is_empty():
    given = np.array([False, *[True] * 6, False])
    assert may_have_people(np.array([0, 9, 9, 2, 9, 2, 2, 0]), given, np.ones(8, bool)) == [7]
    assert may_have_people(np.array([0, 9, 9, 2, 9, 0, 2, 0]), given, np.ones(8, bool)) == []


class TestPeopleOnAnyList:
    """Sizes, overlaps by pair, and everybody."""

    def test_three_lists_give_the_complete_table(self):
        table = read("A,B,C,A&B,A&C,B&C,any\n90,80,70,12,9,7,215\n", THREE)
        complete = read("A,B,C,A&B,A&C,B&C,A&B&C\n90,80,70,12,9,7,3\n", THREE)
        assert table.registered.lower == table.registered.upper == 215
        assert table.lower.tolist() == complete.lower.tolist()
        assert table.cover_cell.tolist() == complete.cover_cell.tolist()

    def test_in_the_long_layout_all_lists_are_blank(self):
        rows = ["A,B,C,count", "1,0,0,90", "0,1,0,80", "0,0,1,70", "1,1,0,12", "1,0,1,9", "0,1,1,7", ",,,215"]
        table = read("\n".join(rows) + "\n", THREE)
        assert dict(zip(table.cover_cell.tolist(), table.lower.tolist(), strict=True))[7] == 3

    def test_each_stratum_has_its_own(self):
        sex = Covariate("sex", ("f", "m"))
        declared = Declaration(("A", "B", "C"), (sex,), overlaps="inclusive")
        table = read("sex,A,B,C,A&B,A&C,B&C,any\nf,90,80,70,12,9,7,215\nm,9,8,7,2,2,2,19\n", declared)
        by_cell = dict(zip(table.cover_cell.tolist(), table.lower.tolist(), strict=True))
        assert (by_cell[7], by_cell[15]) == (3, 1)

    def test_four_lists_say_which_overlaps_to_ask_for(self):
        text = "A,B,C,D,A&B,A&C,A&D,B&C,B&D,C&D,any\n90,80,70,60,12,9,8,7,6,5,255\n"
        with pytest.raises(InputError, match="column any: .*'A&B&C': 0 to .* fit. Ask for 'A&B&C', 'A&B&D', 'A&C&D'"):
            read(text, FOUR)

    def test_four_lists_with_these_are_complete(self):
        text = "A,B,C,D,A&B,A&C,A&D,B&C,B&D,C&D,A&B&C,A&B&D,A&C&D,B&C&D,any\n"
        cells = {frozenset("A"): 40, frozenset("AB"): 5, frozenset("ABC"): 3, frozenset("ABCD"): 2, frozenset("D"): 9}
        cells |= {frozenset("BCD"): 1, frozenset("ABD"): 1, frozenset("ACD"): 2, frozenset("C"): 7}
        sums = sums_of(cells, "ABCD")
        numbers = [sums[frozenset(name.replace("&", ""))] for name in text.strip().split(",")[:-1]]
        table = read(text + ",".join(map(str, [*numbers, sum(cells.values())])) + "\n", FOUR)
        assert dict(zip(table.cover_cell.tolist(), table.lower.tolist(), strict=True))[15] == 2

    def test_a_total_that_is_no_union_is_a_fault(self):
        with pytest.raises(InputError, match="column any: 'any' has 213 people on any list, and .* they are 215"):
            read("A,B,C,A&B,A&C,B&C,A&B&C,any\n90,80,70,12,9,7,3,213\n", THREE)

    def test_a_total_that_no_overlap_can_make_is_a_fault(self):
        with pytest.raises(InputError, match="column any: .*no numbers of people per combination"):
            read("A,B,C,A&B,A&C,B&C,any\n90,80,70,12,9,7,230\n", THREE)

    def test_nobody_on_all_three_and_a_total_that_says_otherwise(self):
        declared = Declaration(("A", "B", "C"), (), (StructuralZero(("A", "B", "C")),), overlaps="inclusive")
        with pytest.raises(InputError, match="'any' has 215 people on any list, and .* they are 212"):
            read("A,B,C,A&B,A&C,B&C,any\n90,80,70,12,9,7,215\n", declared)

    @pytest.mark.parametrize("overlaps", ["exclusive", None])
    def test_of_counts_per_combination_it_is_no_column(self, overlaps):
        with pytest.raises(InputError, match="column any: .*delete this column"):
            read("A,B,C,A&B,A&C,B&C,any\n90,80,70,12,9,7,268\n", Declaration(("A", "B", "C"), overlaps=overlaps))

    @pytest.mark.parametrize("name", ["total", "Totaal"])
    def test_under_another_name_it_is_said_how_to_call_it(self, name):
        with pytest.raises(InputError, match="call it 'any'"):
            read(f"A,B,C,A&B,A&C,B&C,{name}\n90,80,70,12,9,7,215\n", THREE)

    def test_twice_is_a_fault(self):
        rows = ["A,B,C,count", "1,0,0,90", "0,1,0,80", "0,0,1,70", "1,1,0,12", ",,,215", ",,,215"]
        with pytest.raises(InputError, match="line 7.*a second time"):
            read("\n".join(rows) + "\n", THREE)


def test_pairs_alone_say_between_which_numbers_the_third_lies():
    with pytest.raises(InputError, match="how many they are it does not say: 0 to 7 would all fit.*either gives"):
        read("A,B,C,A&B,A&C,B&C\n90,80,70,12,9,7\n", THREE)


def test_pairs_that_leave_one_number_only_are_complete():
    # all of C are on A and on B: whoever is on C is on all three
    table = read("A,B,C,A&B,A&C,B&C\n90,80,7,12,7,7\n", THREE)
    assert dict(zip(table.cover_cell.tolist(), table.lower.tolist(), strict=True))[7] == 7
