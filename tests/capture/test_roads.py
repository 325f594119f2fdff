"""By which roads people reach a table: by hand, and properties that hold for any table with blanks and bounds."""

import numpy as np
import pytest
from capture_examples import SEX, assert_sound, cells, covers, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st
from test_coarsening import exact_tables

from estimator.capture.declaration import Declaration
from estimator.capture.observations import UNBOUNDED

AB = Declaration(("A", "B"), (SEX,))
OFFICE = "sex,A,B,count\nf,1,0,20\nm,1,0,<5\n,1,0,6\nf,0,1,9\nm,0,1,7\nf,1,1,..\n,1,1,2\n"


def roads_by_cover(table):
    """What is unknown on the roads of each number, by the names of the cells that it covers."""
    names = [*(covariate.name for covariate in table.covariates), *table.lists]
    roads = table.roads
    assert roads is not None
    unknown = [tuple(name for name, blank in zip(names, road, strict=True) if blank) for road in roads.unknown]
    return {
        cover: {unknown[road] for road in np.flatnonzero(taken)}
        for cover, taken in zip(covers(table), roads.of_number, strict=True)
    }


def test_an_uncertain_number_beside_people_of_unknown_sex():
    table = read(OFFICE, AB)
    women, men = (lambda name: cells(name, stratum="f")), (lambda name: cells(name, stratum="m"))
    assert covers(table) == {
        women("A"): (20, 20),
        men("A"): (0, 4),
        women("A") | men("A"): (6, 6),
        women("B"): (9, 9),
        men("B"): (7, 7),
        women("A&B"): (0, UNBOUNDED),
        men("A&B"): (0, 0),
        women("A&B") | men("A&B"): (2, 2),
    }
    assert roads_by_cover(table)[women("A") | men("A")] == {("sex",)}
    assert all(roads == {()} for cover, roads in roads_by_cover(table).items() if len(cover) == 1)
    assert (table.registered.lower, table.registered.upper) == (44, UNBOUNDED)


def test_roads_that_count_the_same_cells_are_one():
    """Nobody but women can be on A and B: it does not matter whether their sex was written down."""
    from estimator.capture.declaration import StructuralZero

    declared = Declaration(("A", "B"), (SEX,), structural_zeros=(StructuralZero(("A", "B"), {"sex": ("m",)}),))
    table = read(OFFICE.replace("f,1,1,..", "f,1,1,1-4"), declared)
    found = roads_by_cover(table)
    assert found[cells("A&B", stratum="f")] == {(), ("sex",)}
    assert covers(table)[cells("A&B", stratum="f")] == (3, 6)


def test_nothing_is_shared_where_bounds_are_of_other_people():
    table = read("sex,A,B,count\nf,1,0,20\nm,1,0,8\n,1,0,6\nf,0,1,<5\nm,0,1,7\n", AB)
    assert table.roads is None


def test_a_part_keeps_roads_and_a_single_sex_has_none():
    table = read(OFFICE, AB)
    assert table.select({"sex": ("f",)}).roads is None
    assert table.select({"sex": ("f", "m")}).roads is not None


def test_fewer_lists_keep_numbers_apart():
    rows = "sex,A,B,C,count\nf,1,0,0,20\nm,1,0,0,<5\n,1,0,0,6\nf,1,1,0,2\n,1,1,0,1\nf,0,0,1,4\nm,1,0,1,1-4\n"
    table = read(rows, Declaration(("A", "B", "C"), (SEX,)))
    merged = table.merge(["B", "C"], "BC")
    women, men = (lambda name: cells(name, stratum="f")), (lambda name: cells(name, stratum="m"))
    assert covers(merged)[men("A&BC")] == (1, 4)
    assert covers(merged)[women("A&BC") | men("A&BC")] == (1, 1)
    assert covers(merged)[men("A")] == (0, 4)
    dropped = table.drop("C")
    assert covers(dropped)[men("A")] == (1, 8)
    assert covers(dropped)[women("A") | men("A")] == (6, 6)


BOUNDS = st.sampled_from(["0-4", "1-4", "<=3", ">=2", ".."])


@settings(max_examples=150, deadline=None)
@given(exact_tables(), st.data())
def test_any_table_with_blanks_and_bounds_has_roads(case, data):
    """Also without a list, with two as one, and by sex; how many people there are stays within the bounds."""
    rows, declaration = case
    bounded = [(on, levels, data.draw(st.one_of(st.just(count), BOUNDS))) for on, levels, count in rows]
    table = read(long_text("ABC", [SEX], bounded), declaration)
    assert_sound(table)
    for changed in (table.drop("A"), table.drop("C"), table.merge(["A", "B"]), table.select({"sex": ("f",)})):
        assert_sound(changed)
    assert table.merge(["A", "C"]).registered == table.registered
    if table.roads is not None:
        assert table.roads.of_number.any(axis=1).all()
        assert not table.roads.unknown[0].any()
        # the numbers of a cell take all its roads, each once
        shares = table.roads.of_number.astype(float)
        for cell in np.unique(table.cover_cell):
            assert shares[table.observations.owner[table.cover_cell == cell]].sum(axis=0).max() == 1


@pytest.mark.parametrize("count", ["1-4", "..", ">3"])
def test_an_uncertain_number_of_unknown_sex(count):
    table = read(OFFICE.replace(",1,0,6", f",1,0,{count}"), AB)
    assert_sound(table)
    assert table.roads is not None
