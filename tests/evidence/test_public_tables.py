"""Tables found after the priors were learned: held to a second reading of their figures."""

from dataclasses import replace

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
