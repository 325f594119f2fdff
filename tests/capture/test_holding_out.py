"""Holding out a list, and adding up strata, against the same done to every single person."""

import pytest
from capture_examples import ARTIFICIAL_3, NED, REGION, SEX, assert_sound, content, from_persons, read
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from estimator.capture import holding_out
from estimator.capture.declaration import Declaration, NotOperating
from estimator.capture.holding_out import NotHeldOutError, held_out_lists, hold_out
from estimator.capture.pooling import pooled
from estimator.errors import InputError
from estimator.reasons import Reason

LISTS = ("A", "B", "C", "D")
people = st.lists(
    st.tuples(
        st.tuples(*[st.integers(0, 1)] * 4), st.tuples(st.sampled_from(["f", "m"]), st.sampled_from(["north", "south"]))
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(people, st.sampled_from(LISTS))
def test_held_out_people_are_those_on_the_list(persons, held):
    place = LISTS.index(held)
    on_list = [(on[:place] + on[place + 1 :], levels) for on, levels in persons if on[place]]
    rest = [name for name in LISTS if name != held]
    kept = [i for i, name in enumerate(rest) if any(on[i] for on, _ in on_list)]
    fewer = [(tuple(on[i] for i in kept), levels) for on, levels in on_list]
    assume(len(kept) >= 2 and any(sum(on) >= 2 for on, _ in fewer))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(holding_out, "MIN_PEOPLE", 1)
        found = hold_out(from_persons(LISTS, [SEX, REGION], persons), held)
    assert_sound(found.table)
    assert content(found.table) == content(from_persons([rest[i] for i in kept], [SEX, REGION], fewer))
    assert found.unseen == sum(not any(on) for on, _ in on_list)
    assert found.size == len(on_list)


@settings(max_examples=60, deadline=None)
@given(people.filter(lambda persons: any(any(on) for on, _ in persons)))
def test_pooled_is_never_having_asked(persons):
    found = pooled(from_persons(LISTS, [SEX, REGION], persons))
    assert_sound(found)
    assert content(found) == content(from_persons(LISTS, [], [(on, ()) for on, _ in persons]))


def test_people_of_unknown_stratum_are_pooled_like_the_others():
    persons = [((1, 1, 0, 0), ("f", "north"))] * 3 + [((1, 1, 0, 0), ("", "south"))] * 2 + [((0, 0, 1, 1), ("m", ""))]
    assert content(pooled(from_persons(LISTS, [SEX, REGION], persons))) == content(
        from_persons(LISTS, [], [(on, ()) for on, _ in persons])
    )


def test_the_dutch_table():
    found, why_not = held_out_lists(read(NED))
    assert {held.list: (held.size, held.unseen) for held in found} == {
        "I": (398, 352), "O": (536, 403), "P": (4812, 4466), "R": (742, 650), "Z": (848, 632),
    }  # fmt: skip
    assert list(why_not) == ["K"]
    assert why_not["K"] == Reason("no-overlap-on-list")
    assert "K" not in hold_out(read(NED), "R").table.lists  # nobody on R was on K


@pytest.mark.parametrize(
    ("text", "declaration", "why"),
    [
        (ARTIFICIAL_3, None, "too-few-other-lists"),
        ("A,B,count\n1,0,90\n0,1,90\n1,1,20\n", None, "one-other-list-left"),
        ("A,B,C,count\n1,0,0,10\n1,1,1,5\n0,1,1,9\n", None, "too-few-people-to-hold-out"),
        ("A,B,C,count\n1,0,0,<5\n1,1,1,50\n0,1,1,9\n", None, "people-of-list-alone-inexact"),
        (
            "A,B,C,sex,count\n,1,1,f,40\n1,1,1,m,40\n1,0,0,m,5\n",
            Declaration(("A", "B", "C"), (SEX,), not_operating=(NotOperating("A", {"sex": ("f",)}),)),
            "list-not-in-every-stratum",
        ),
    ],
)
def test_what_cannot_be_held_out_is_said(text, declaration, why):
    with pytest.raises(NotHeldOutError) as error:
        hold_out(read(text, declaration), "A")
    assert error.value.reason.code == why


def test_an_unknown_list_is_named():
    with pytest.raises(InputError, match="Did you mean 'P'"):
        hold_out(read(NED), "p")


def test_an_uncertain_number_elsewhere_does_not_matter():
    text = "A,B,C,count\n1,0,0,40\n1,1,1,50\n0,1,0,<=9\n1,1,0,4\n"
    held = hold_out(read(text), "A")
    assert (held.unseen, held.size) == (40, 94)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("1,0,0,..\n1,1,0,20", "people-of-list-alone-inexact"),
        ("1,0,0,\n1,1,0,20", "people-of-list-alone-inexact"),
        ("1,0,0,30-40\n1,1,0,20", "people-of-list-alone-inexact"),
        ("1,0,0,60\n1,1,0,1-4", "people-on-list-inexact"),
        ("1,0,0,60\n1,1,0,>=8", "people-on-list-inexact"),
        ("1,0,0,60\n1,1,0,", "people-on-list-inexact"),
    ],
)
def test_a_list_whose_size_is_not_exactly_known_is_not_held_out(rows, why):
    """What is compared with is the truth; a bound, or a combination that nobody counted, is none."""
    text = f"A,B,C,count\n{rows}\n0,1,0,40\n0,0,1,40\n1,0,1,30\n0,1,1,12\n1,1,1,9\n"
    with pytest.raises(InputError, match=why):
        hold_out(read(text), "A")


def test_strata_in_which_a_list_did_not_run_are_not_added_up():
    declaration = Declaration(("A", "B"), (SEX,), not_operating=(NotOperating("A", {"sex": ("f",)}),))
    with pytest.raises(InputError, match=r"did not run in all of them \(A\)"):
        pooled(read("A,B,sex,count\n,1,f,4\n1,1,m,4\n", declaration))
