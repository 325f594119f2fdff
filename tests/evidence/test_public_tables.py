"""Tables found after the priors were learned: held to a second reading of their figures."""

from dataclasses import replace
from math import prod

import pytest

from estimator.calibration.held_out_fits import Source, table_of
from estimator.calibration.public_evidence import counts_digest, counts_learned_from
from evidence.public_tables import FOLDER, KINDS, found_tables, kinds_of_lists, pairs_of_kinds

TABLES = {table.name: table for table in found_tables()}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_agrees_with_the_second_reading_of_its_figures(name):
    table = TABLES[name]
    assert table.disagreements() == []
    assert len(table.readings) == 2
    assert table.unverified
    assert table.source


def test_every_table_but_one_has_something_to_be_held_to():
    """Of Budapest's X-rays nothing is printed but cells: the other table of that study has its first list."""
    silent = [t.name for t in found_tables() if not t.said and not any("people" in item for item in t.lists.values())]
    assert silent == []
    assert TABLES["homeless-budapest-1996"].people_on("B1") == TABLES["homeless-budapest-xray-1996-98"].people_on("Y96")


@pytest.mark.parametrize("change", [{"100": 1}, {"110": -1}, {"111": 1}])
@pytest.mark.parametrize("name", ["hepatitis-taiwan-1995", "drugs-brussels", "homeless-petersburg-2019-20"])
def test_one_person_more_or_fewer_is_noticed(name, change):
    table = TABLES[name]
    other = replace(table, cells=table.cells | {cell: table.cells[cell] + by for cell, by in change.items()})
    assert other.disagreements()


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize(
    "name", ["hiv-lorestan-2016", "dog-bites-pittsburgh-1993", "deaths-at-work-maryland", "census-1988"]
)
def test_one_person_more_or_fewer_in_any_cell_is_noticed_by_what_models_say(name, by):
    table = TABLES[name]
    for cell, people in table.cells.items():
        if people + by >= 0:
            assert replace(table, cells=table.cells | {cell: people + by}).disagreements(), cell


def test_a_loglinear_model_finds_the_people_on_no_list_again():
    """Of 1,000 people a half, a fifth and a tenth are on three lists; then 400 more are on the first two."""
    shares = {"A": 0.5, "B": 0.2, "C": 0.1}
    cells = {}
    for history in ("100", "010", "001", "110", "101", "011", "111"):
        on = zip(history, shares.values(), strict=True)
        cells[history] = round(1000 * prod(share if bit == "1" else 1 - share for bit, share in on))
    table = replace(TABLES["census-1988"], lists={name: {} for name in shares}, cells=cells)
    assert table.loglinear([]) == pytest.approx({"people": 1000, "deviance": 0}, abs=1e-6)
    more = replace(table, cells=cells | {"110": cells["110"] + 360, "111": cells["111"] + 40})
    assert more.loglinear(["A B"]) == pytest.approx({"people": 1400, "deviance": 0}, abs=1e-6)
    assert more.loglinear([])["deviance"] > 10


def test_without_a_list_its_people_are_where_they_were_on_the_others():
    table = replace(TABLES["census-1988"], cells={"100": 5, "110": 4, "010": 3, "111": 2, "001": 1})
    assert table.without("E1") == {"10": 7, "11": 2, "01": 1}
    assert table.without("E3") == {"10": 5, "11": 6, "01": 3}


def test_a_printed_table_without_one_list_holds_all_but_those_who_were_on_that_list_only():
    table = TABLES["deaths-at-work-maryland"]
    table = replace(table, said={"without": table.said["without"]})
    noticed = {cell for cell, people in table.cells.items() if _one_more(table, cell, people).disagreements()}
    assert noticed == set(table.cells) - {"1000"}


def _one_more(table, cell, people):
    return replace(table, cells=table.cells | {cell: people + 1})


def test_the_pair_that_petersen_estimates_hold_is_noticed():
    table = TABLES["diabetes-casale"]
    moved = {**table.cells, "1100": table.cells["1100"] - 20, "1000": table.cells["1000"] + 20}
    moved |= {"0100": table.cells["0100"] + 20}  # sizes and total change little, the pair does
    assert any("petersen" in line for line in replace(table, cells=moved).disagreements())


@pytest.mark.parametrize("name", TABLES)
def test_the_tool_reads_each_table_with_the_same_people(name):
    table, pooled = TABLES[name], table_of(Source(str(TABLES[name].file), pooled=True))[0]
    assert pooled.registered.lower == table.people_on()
    assert pooled.lists == tuple(table.lists)
    assert pooled.n_strata == 1


def test_none_is_a_table_that_the_priors_were_learned_from():
    digests = {counts_digest(table_of(Source(str(table.file), pooled=True))[0]) for table in found_tables()}
    assert len(digests) == len(TABLES)
    assert not digests & counts_learned_from()


def test_every_file_is_described_and_every_list_has_a_kind():
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(TABLES)
    assert {kind for kinds in kinds_of_lists().values() for kind in kinds.values()} <= set(KINDS)
    assert pairs_of_kinds("deaths-khartoum") == {
        "PB PV": ("survey", "survey"),
        "PB SM": ("media", "survey"),
        "PV SM": ("media", "survey"),
    }
