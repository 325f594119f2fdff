"""Dropping and merging lists, and parts of a table, against the same done to every single person."""

from collections import Counter

import numpy as np
import pytest
from capture_examples import (
    ARTIFICIAL_3,
    REGION,
    SEX,
    assert_sound,
    cells,
    content,
    covers,
    from_persons,
    long_text,
    read,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved
from estimator.capture.histories import history_labels
from estimator.capture.observations import UNBOUNDED
from estimator.capture.tallies import Registered
from estimator.errors import InputError

LISTS = ("A", "B", "C")
persons_with_blanks = st.lists(
    st.tuples(
        st.tuples(*[st.integers(0, 1)] * 3),
        st.tuples(st.sampled_from(["f", "m", ""]), st.sampled_from(["north", "south", "west", ""])),
    ),
    min_size=1,
    max_size=25,
)
SOMEBODY = ((1, 1, 1), ("f", "north"))


@settings(max_examples=60, deadline=None)
@given(persons_with_blanks, st.sampled_from(LISTS))
def test_drop_is_never_having_had_the_list(persons, dropped):
    persons = [*persons, SOMEBODY]
    place = LISTS.index(dropped)
    left = tuple(name for name in LISTS if name != dropped)
    without = [(on[:place] + on[place + 1 :], levels) for on, levels in persons]
    table = from_persons(LISTS, [SEX, REGION], persons).drop(dropped)
    assert_sound(table)
    assert content(table) == content(from_persons(left, [SEX, REGION], without))


@settings(max_examples=60, deadline=None)
@given(persons_with_blanks, st.permutations(LISTS))
def test_merge_is_being_on_any_of_the_lists(persons, order):
    persons = [*persons, SOMEBODY]
    first, second = sorted(order[:2], key=LISTS.index)
    i, j = LISTS.index(first), LISTS.index(second)
    merged = []
    for on, levels in persons:
        one = list(on)
        one[i] = max(one[i], one[j])
        merged.append((tuple(one[:j] + one[j + 1 :]), levels))
    names = tuple(f"{first}+{second}" if name == first else name for name in LISTS if name != second)
    table = from_persons(LISTS, [SEX, REGION], persons).merge(order[:2])
    assert_sound(table)
    assert content(table) == content(from_persons(names, [SEX, REGION], merged))


@settings(max_examples=60, deadline=None)
@given(persons_with_blanks)
def test_parts_hold_the_people_who_are_certainly_in_them(persons):
    persons = [*persons, SOMEBODY]
    table = from_persons(LISTS, [SEX, REGION], persons)
    seen = [levels for on, levels in persons if any(on)]
    for region, part in table.by("region").items():
        assert_sound(part)
        assert part.covariates == (SEX,)
        assert part.registered.lower == sum(levels[1] == region for levels in seen)
        assert part.left_out == Registered(0, sum(levels[1] == "" for levels in seen))
        inside = [(on, levels[:1]) for on, levels in persons if levels[1] == region]
        if any(any(on) for on, _ in inside):
            assert content(part)[:-1] == content(from_persons(LISTS, [SEX], inside))[:-1]
    two = table.select({"region": ("west", "north")})
    assert two.covariates == (SEX, Covariate("region", ("north", "west")))
    assert two.registered.lower == sum(levels[1] in ("north", "west") for levels in seen)


@st.composite
def uncertain_tables(draw):
    """The truth, cell by cell, and a table that says less than the truth."""
    truth = {}
    rows = []
    for sex in SEX.levels:
        for index in range(1, 8):
            on = (index >> 2 & 1, index >> 1 & 1, index & 1)
            count = draw(st.integers(0, 6))
            truth[sex, on] = count
            below, above = draw(st.integers(0, count)), draw(st.integers(count, 9))
            forms = [str(count), str(count), f"{below}-{above}", f">={below}", "..", ""]
            rows.append((on, [sex], draw(st.sampled_from(forms))))
    truth["f", (1, 1, 1)] = 2
    rows[6] = ((1, 1, 1), ["f"], "2")
    return truth, read(long_text(LISTS, [SEX], rows), Declaration(LISTS, (SEX,)))


def assert_true(table, truth):
    """Assert that the truth lies within everything that a table says."""
    assert_sound(table)
    for cover, (lower, upper) in covers(table).items():
        count = sum(truth[cell] for cell in cover)
        assert lower <= count <= upper, (cover, lower, count, upper)


def named(truth, change, lists):
    """Return the truth after a change of histories, by stratum and name of the history."""
    labels = history_labels(lists)
    found = Counter({(sex, label): 0 for sex in SEX.levels for label in labels})
    for (sex, on), count in truth.items():
        new = change(on)
        found[sex, labels[sum(bit << (len(lists) - 1 - place) for place, bit in enumerate(new))]] += count
    return found


@settings(max_examples=100, deadline=None)
@given(uncertain_tables(), st.integers(0, 2))
def test_bounds_stay_true(case, place):
    truth, table = case
    assert_true(table, named(truth, lambda on: on, LISTS))
    left = tuple(name for index, name in enumerate(LISTS) if index != place)
    assert_true(table.drop(LISTS[place]), named(truth, lambda on: on[:place] + on[place + 1 :], left))
    merged = table.merge(["A", "C"], "X")
    assert merged.lists == ("X", "B")
    assert_true(merged, named(truth, lambda on: (max(on[0], on[2]), on[1]), ("X", "B")))


def test_exact_and_uncertain_parts_add_up():
    table = read("A,B,C,count\n1,0,0,5\n1,0,1,<5\n0,1,0,2\n1,1,0,1\n0,1,1,\n", Declaration(LISTS))
    found = covers(table.drop("C"))
    assert found == {cells("A"): (5, 9), cells("B"): (2, UNBOUNDED), cells("A&B"): (1, 1)}
    assert covers(table.merge(["B", "C"], "D")) == {
        cells("A"): (5, 5),
        cells("A&D"): (1, 5),
        cells("D"): (2, UNBOUNDED),
    }


def test_people_who_may_have_been_on_the_dropped_list_alone():
    """Three people on C of whom B is not known: without C, up to three of them are on B. B's own count is two."""
    table = read("A,B,C,count\n0,,1,3\n0,1,0,2\n1,1,0,1\n", Declaration(LISTS))
    assert covers(table.drop("C")) == {cells("A"): (0, 0), cells("B"): (2, 5), cells("A&B"): (1, 1)}


def test_numbers_that_hang_together_are_added_up_when_one_becomes_uncertain():
    table = read(
        "A,B,C,sex,count\n1,0,0,f,3\n1,0,0,,4\n1,0,1,f,1-2\n1,1,0,f,1\n0,1,0,m,2\n", Declaration(LISTS, (SEX,))
    )
    found = covers(table.drop("C"))
    assert found[frozenset({("f", "A"), ("m", "A")})] == (8, 9)
    assert cells("A", stratum="f") not in found
    assert found[cells("B", stratum="m")] == (2, 2)
    assert_sound(table.drop("C"))


class TestListsThatDidNotRun:
    declaration = Declaration(LISTS, (SEX,), not_operating=(NotOperating("C", {"sex": ("f",)}),))
    text = "A,B,C,sex,count\n1,0,0,f,3\n0,1,0,f,4\n1,1,0,f,2\n1,0,1,m,5\n0,0,1,m,7\n1,1,1,m,1\n"

    def test_dropping_the_list_itself(self):
        table = read(self.text, self.declaration).drop("C")
        plain = "A,B,sex,count\n1,0,f,3\n0,1,f,4\n1,1,f,2\n1,0,m,5\n1,1,m,1\n"
        assert content(table) == content(read(plain, Declaration(("A", "B"), (SEX,))))

    def test_dropping_another_list(self):
        """People on A alone are unseen once A is dropped, whether or not they would have been on C."""
        table = read(self.text, self.declaration).drop("A")
        plain = "B,C,sex,count\n1,0,f,6\n0,1,m,12\n1,1,m,1\n"
        without = Declaration(("B", "C"), (SEX,), not_operating=(NotOperating("C", {"sex": ("f",)}),))
        assert content(table) == content(read(plain, without))

    def test_merging_it_with_a_list_that_did(self):
        table = read(self.text, self.declaration).merge(["B", "C"], "D")
        plain = "A,D,sex,count\n1,0,f,3\n0,1,f,4\n1,1,f,2\n1,1,m,6\n0,1,m,7\n"
        assert content(table) == content(read(plain, Declaration(("A", "D"), (SEX,))))

    def test_merging_two_that_did_not(self):
        neither = (NotOperating("C", {"sex": ("f",)}), NotOperating("B", {"sex": ("f",)}))
        declaration = Declaration(LISTS, (SEX,), not_operating=neither)
        text = "A,B,C,sex,count\n1,0,0,f,3\n1,0,1,m,5\n0,1,0,m,7\n"
        table = read(text, declaration).merge(["B", "C"], "D")
        assert table.running.tolist() == [[True, False], [True, True]]
        assert covers(table)[cells("A", "A&D", stratum="f")] == (3, 3)
        assert covers(table)[cells("D", stratum="m")] == (7, 7)


@settings(max_examples=60, deadline=None)
@given(persons_with_blanks, st.sampled_from(["A", "B"]))
def test_drop_where_another_list_did_not_run_everywhere(persons, dropped):
    """In the north C did not run: nobody there is on it, and people on the dropped list alone are unseen."""
    paused = (NotOperating("C", {"region": ("north",)}),)
    place = LISTS.index(dropped)
    left = tuple(name for name in LISTS if name != dropped)
    persons = [((*on[:2], 0) if levels[1] == "north" else on, levels) for on, levels in persons]
    persons += [((1, 1, 0), ("f", "north")), ((1, 1, 1), ("m", "west"))]
    without = [(on[:place] + on[place + 1 :], levels) for on, levels in persons]
    table = from_persons(LISTS, [SEX, REGION], persons, not_operating=paused).drop(dropped)
    assert_sound(table)
    assert content(table) == content(from_persons(left, [SEX, REGION], without, not_operating=paused))


def test_structural_zeros_follow_the_lists():
    zeros = (StructuralZero(("A", "C")),)
    table = read("A,B,C,count\n1,1,0,3\n0,1,1,2\n", Declaration(LISTS, structural_zeros=zeros))
    assert table.drop("B").possible.tolist() == [[True, True, True, False]]
    assert table.drop("C").possible.all()
    assert table.merge(["A", "C"]).possible.all()


def test_unobserved_cells_follow_the_lists():
    table = read("A,B,C,count\n1,1,0,3\n", Declaration(LISTS, unobserved=(Unobserved(("A", "C")),)))
    assert covers(table.drop("C")) == {cells("B"): (0, 0), cells("A&B"): (3, 3)}


def test_part_without_uncertain_counts_of_unknown_stratum():
    table = read("A,B,sex,count\n1,0,,1-4\n1,1,f,2\n0,1,m,1\n", Declaration(("A", "B"), (SEX,)))
    part = table.by("sex")["f"]
    assert covers(part) == {cells("A&B"): (2, 2), cells("B"): (0, 0)}
    assert part.left_out == Registered(0, 4)
    assert part.select({}).left_out == Registered(0, 4)


class TestRefusals:
    table = read(ARTIFICIAL_3)

    @pytest.mark.parametrize(
        ("act", "words"),
        [
            (lambda table: table.drop("D"), "The table has no list 'D'."),
            (lambda table: table.drop("a"), "Did you mean 'A'?"),
            (lambda table: table.drop("A").drop("B"), "Only one list would be left"),
            (lambda table: table.merge(["A"]), "Name at least two"),
            (lambda table: table.merge(["A", "A"]), "Name at least two"),
            (lambda table: table.merge(["A", "B", "C"]), "Only one list would be left"),
            (lambda table: table.merge(["A", "Bb"]), "Did you mean 'B'?"),
            (lambda table: table.merge(["A", "B"], "C"), "There is a list 'C' already"),
            (lambda table: table.by("sex"), "The table has no covariate 'sex'."),
            (lambda table: table.select({"sex": ("f",)}), "There is no covariate 'sex'."),
        ],
    )
    def test_refusal(self, act, words):
        with pytest.raises(InputError) as raised:
            act(self.table)
        assert words in str(raised.value)


def test_the_table_itself_does_not_change():
    table = read(ARTIFICIAL_3)
    before = content(table)
    table.drop("A")
    table.merge(["A", "B"])
    assert content(table) == before
    assert np.array_equal(table.merge(["A", "B"]).lower, [20, 76, 0])
