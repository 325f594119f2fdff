"""Tables without people of unknown level, or with a level for them: what a file that says so would have given."""

from collections import Counter

import numpy as np
import pytest
from capture_examples import SEX, assert_sound, cells, content, covers, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st
from test_coarsening import exact_tables
from test_roads import BOUNDS

from estimator.capture.declaration import Covariate, Declaration, NotOperating
from estimator.capture.unknown_levels import (
    people_of,
    some_level_unknown,
    with_people_in,
    with_unknown_level,
    without_people,
)

AB = Declaration(("A", "B"), (SEX,))
ROWS = "sex,A,B,count\nf,1,0,20\nm,1,0,12\n,1,0,6\nf,0,1,9\nm,0,1,7\n,1,1,2\n"


def all_of(table, level):
    """All of unknown sex of one sex."""
    return with_people_in(table, some_level_unknown(table), table.strata_where({"sex": (level,)}))


def left_out(table):
    return without_people(table, some_level_unknown(table))


def test_by_hand():
    table = read(ROWS, AB)
    unknown = with_unknown_level(table)
    assert list(unknown) == ["sex"]
    assert people_of(table, unknown["sex"]).lower == 8
    women, men = (lambda name: cells(name, stratum="f")), (lambda name: cells(name, stratum="m"))
    assert covers(all_of(table, "f")) == {
        women("A"): (26, 26),
        men("A"): (12, 12),
        women("B"): (9, 9),
        men("B"): (7, 7),
        women("A&B"): (2, 2),
        men("A&B"): (0, 0),
    }
    assert covers(all_of(table, "m"))[men("A")] == (18, 18)
    assert left_out(table).registered.lower == 48


def test_nothing_is_unknown_where_a_list_did_not_run():
    """People of a year without list B may have been on it or not; their year and sex are known all the same."""
    declared = Declaration(("A", "B"), (SEX,), not_operating=(NotOperating("B", {"sex": ("m",)}),))
    table = read("sex,A,B,count\nf,1,0,20\nm,1,0,12\nf,0,1,9\nf,1,1,3\n", declared)
    assert with_unknown_level(table) == {}
    assert content(left_out(table)) == content(table)


def test_an_uncertain_number_gives_the_zeros_back_that_it_hid():
    table = read("sex,A,B,count\nf,1,0,20\nm,1,0,12\nf,0,1,9\nm,0,1,7\n,1,1,<5\n", AB)
    assert cells("A&B", stratum="m") not in covers(table)
    assert covers(left_out(table))[cells("A&B", stratum="m")] == (0, 0)
    women = covers(all_of(table, "f"))
    assert women[cells("A&B", stratum="f")] == (0, 4)
    assert women[cells("A&B", stratum="m")] == (0, 0)


def test_two_covariates_are_told_apart():
    age = Covariate("age", ("minor", "adult"))
    text = "sex,age,A,B,count\nf,minor,1,0,5\nm,adult,1,0,6\n,minor,1,0,3\nf,,0,1,4\n,,1,1,2\nm,minor,1,1,1\n"
    table = read(text, Declaration(("A", "B"), (SEX, age)))
    unknown = with_unknown_level(table)
    assert {name: people_of(table, numbers).lower for name, numbers in unknown.items()} == {"sex": 5, "age": 6}
    girls = with_people_in(table, unknown["sex"], table.strata_where({"sex": ("f",)}))
    filled = text.replace("\n,", "\nf,").replace("f,minor,1,0,5\n", "").replace("f,minor,1,0,3", "f,minor,1,0,8")
    assert content(girls) == content(read(filled, Declaration(("A", "B"), (SEX, age))))


def level_of(on, level, declaration):
    """The level that people of a row without one can have, if not this one: where C did not run, it saw nobody."""
    never = declaration.not_operating and (on[2] == "1" or list(on[:2]) == ["0", "0"])
    return "m" if never and level == "f" else level


def filled(rows, level, declaration):
    """The file in which everybody of unknown sex has one."""
    people = Counter()
    for on, (sex,), count in rows:
        people[tuple(on), sex or level_of(on, level, declaration)] += count
    return read(long_text("ABC", [SEX], [(on, [sex], n) for (on, sex), n in people.items()]), declaration)


@settings(max_examples=60, deadline=None)
@given(exact_tables(), st.sampled_from("fm"))
def test_levels_that_are_given_are_as_if_they_had_been_written(case, level):
    rows, declaration = case
    table = read(long_text("ABC", [SEX], rows), declaration)
    given_one = all_of(table, level)
    assert content(given_one) == content(filled(rows, level, declaration))
    assert given_one.registered == table.registered


@settings(max_examples=60, deadline=None)
@given(exact_tables())
def test_people_who_are_left_out_are_as_if_they_had_not_been_written(case):
    rows, declaration = case
    table = read(long_text("ABC", [SEX], rows), declaration)
    # a row whose people can have one level only is one of known level
    kept = [row for row in rows if row[1] != [""] or level_of(row[0], "f", declaration) == "m"]
    assert content(left_out(table)) == content(read(long_text("ABC", [SEX], kept), declaration))


@settings(max_examples=60, deadline=None)
@given(exact_tables(), st.data())
def test_bounds_stay_bounds(case, data):
    """With uncertain numbers among people of known and of unknown sex: no table that is not sound, nobody lost."""
    rows, declaration = case
    bounded = [(on, levels, data.draw(st.one_of(st.just(count), BOUNDS))) for on, levels, count in rows]
    table = read(long_text("ABC", [SEX], bounded), declaration)
    unknown = people_of(table, some_level_unknown(table))
    for level in SEX.levels:
        changed = all_of(table, level)
        assert_sound(changed)
        assert (changed.registered.lower, changed.registered.upper) == (table.registered.lower, table.registered.upper)
        assert not some_level_unknown(changed).any()
    fewer = left_out(table)
    assert_sound(fewer)
    assert fewer.registered.lower == table.registered.lower - unknown.lower


@pytest.mark.parametrize("level", SEX.levels)
def test_nobody_is_moved_where_all_is_known(level):
    table = read(ROWS.replace("\n,", "\nf,").replace("f,1,0,6\n", ""), AB)
    assert not some_level_unknown(table).any()
    assert content(all_of(table, level)) == content(table)
    assert np.array_equal(left_out(table).lower, table.lower)
