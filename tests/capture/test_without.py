"""A list left out of some strata, against a file in which it was never filled in there."""

import numpy as np
import pytest
from capture_examples import REGION, SEX, assert_sound, cells, content, covers, from_persons, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.declaration import Declaration, NotOperating, StructuralZero, Unobserved
from estimator.capture.observations import UNBOUNDED
from estimator.errors import InputError

LISTS = ("A", "B", "C")
persons = st.lists(
    st.tuples(
        st.tuples(*[st.integers(0, 1)] * 3),
        st.tuples(st.sampled_from(["f", "m", ""]), st.sampled_from(["north", "south", "west"])),
    ),
    min_size=1,
    max_size=25,
)
SOMEBODY = [((1, 1, 1), ("f", "north")), ((1, 1, 1), ("m", "west"))]
regions = st.lists(st.sampled_from(REGION.levels), min_size=1, max_size=2, unique=True)


def blanked(people, place, where):
    """Single persons whose entry for a list is blank in some regions; those who were on nothing else are gone there."""
    found = []
    for on, levels in people:
        if levels[1] in where:
            others = [*on[:place], *on[place + 1 :]]
            if 1 not in others:
                continue
            on = (*on[:place], "", *on[place + 1 :])
        found.append((on, levels))
    return found


@settings(max_examples=80, deadline=None)
@given(persons, st.sampled_from(LISTS), regions)
def test_it_is_as_if_the_entries_had_been_blank(people, name, where):
    people = [*people, *SOMEBODY]
    paused = (NotOperating(name, {"region": tuple(where)}),)
    table = from_persons(LISTS, [SEX, REGION], people).without(name, {"region": tuple(where)})
    assert_sound(table)
    expected = blanked(people, LISTS.index(name), where)
    assert content(table) == content(from_persons(LISTS, [SEX, REGION], expected, not_operating=paused))
    assert table.registered.lower == table.registered.upper == sum(1 in on for on, _ in expected)


@settings(max_examples=60, deadline=None)
@given(persons, regions, regions)
def test_where_another_list_did_not_run_either(people, where, other):
    """B did not run in `other`; C is left out of `where`."""
    people = [((on[0], 0, on[2]) if levels[1] in other else on, levels) for on, levels in [*people, *SOMEBODY]]
    people += [((1, 1, 1), ("f", region)) for region in REGION.levels if region not in other]
    first = NotOperating("B", {"region": tuple(other)})
    table = from_persons(LISTS, [SEX, REGION], people, not_operating=(first,)).without("C", {"region": tuple(where)})
    assert_sound(table)
    both = (first, NotOperating("C", {"region": tuple(where)}))
    assert content(table) == content(from_persons(LISTS, [SEX, REGION], blanked(people, 2, where), not_operating=both))


@settings(max_examples=60, deadline=None)
@given(persons, regions, regions)
def test_the_order_of_two_does_not_matter(people, first, second):
    table = from_persons(LISTS, [SEX, REGION], [*people, *SOMEBODY])
    a, b = {"region": tuple(first)}, {"region": tuple(second)}
    assert content(table.without("A", a).without("B", b)) == content(table.without("B", b).without("A", a))


@settings(max_examples=40, deadline=None)
@given(persons, st.sampled_from(LISTS))
def test_everywhere_is_dropping_it(people, name):
    table = from_persons(LISTS, [SEX, REGION], [*people, *SOMEBODY])
    assert content(table.without(name, {})) == content(table.drop(name))
    assert content(table.without(name, {"sex": ("f", "m")})) == content(table.drop(name))
    by_turns = table.without(name, {"region": ("north",)}).without(name, {"region": ("south", "west")})
    assert content(by_turns) == content(table.drop(name))


def test_twice_is_once():
    table = from_persons(LISTS, [SEX, REGION], SOMEBODY)
    once = table.without("A", {"sex": ("f",)})
    assert content(once.without("A", {"sex": ("f",)})) == content(once)


def test_people_who_may_belong_to_those_strata_or_to_others():
    """That somebody of unknown sex is not on C says something of her if she is a man, and nothing if a woman.

    Two roads to the same cells would be scored as if both could be taken by everybody: half the records without a
    year, and a list left out of one of two years, moved an estimate of 3,000 to 2,200 in one and 3,800 in the other.
    """
    table = read("A,B,C,sex,count\n1,1,0,f,2\n0,1,0,m,4\n1,0,0,,3\n", Declaration(LISTS, (SEX,)))
    with pytest.raises(InputError, match=r"'C' cannot be left out of some strata only: for \d+ numbers .* line 4\)"):
        table.without("C", {"sex": ("f",)})
    assert table.without("C", {}).lists == ("A", "B")


def test_what_nobody_counted_stays_unknown():
    """Of women on A and C nothing is known; without C they are among those on A, who then are at least so many."""
    gap = (Unobserved(("A", "C"), {"sex": ("f",)}),)
    table = read("A,B,C,sex,count\n1,0,0,f,5\n1,1,0,f,2\n0,1,0,m,4\n", Declaration(LISTS, (SEX,), unobserved=gap))
    found = covers(table.without("C", {"sex": ("f",)}))
    assert found[cells("A", "A&C", stratum="f")] == (5, UNBOUNDED)


def test_bounds_add_up():
    rows = [((1, 0, 0), ["f"], "<5"), ((1, 0, 1), ["f"], "2"), ((1, 1, 0), ["f"], "3"), ((0, 1, 1), ["m"], "1-4")]
    found = covers(read(long_text(LISTS, [SEX], rows), Declaration(LISTS, (SEX,))).without("C", {"sex": ("f",)}))
    assert found[cells("A", "A&C", stratum="f")] == (2, 6)
    assert found[cells("B&C", stratum="m")] == (1, 4)


def test_cells_that_cannot_exist_stay_so():
    zeros = (StructuralZero(("A", "C")),)
    text = "A,B,C,sex,count\n1,0,0,f,5\n0,1,1,f,2\n0,1,0,m,4\n"
    table = read(text, Declaration(LISTS, (SEX,), structural_zeros=zeros))
    paused = table.without("C", {"sex": ("f",)})
    assert_sound(paused)
    assert covers(paused)[cells("A", stratum="f")] == (5, 5)
    assert covers(paused)[cells("B", "B&C", stratum="f")] == (2, 2)
    assert np.array_equal(paused.possible, table.possible)


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        ("D", {}, "The table has no list 'D'."),
        ("D", {"sex": ("f",)}, "The table has no list 'D'."),
        ("A", {"sex": ("x",)}, "The covariate 'sex' has no level 'x'."),
    ],
)
def test_refusals(name, where, words):
    with pytest.raises(InputError, match=words):
        from_persons(LISTS, [SEX, REGION], SOMEBODY).without(name, where)


def test_two_lists_must_be_left():
    table = read("A,B,sex,count\n1,1,f,2\n0,1,m,4\n", Declaration(("A", "B"), (SEX,)))
    assert table.without("A", {"sex": ("f",)}).lists == ("A", "B")
    with pytest.raises(InputError, match="Only one list would be left"):
        table.without("A", {"sex": ("f", "m")})
