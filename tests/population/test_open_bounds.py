"""Registered numbers that a table gives only between bounds: `check` and `estimate` say the same, open or not."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from estimator.capture.checking import check_table
from estimator.cli.main import run
from estimator.methods.door import PopulationDraws
from estimator.population.groups import averaged_groups, estimate_of, headline_groups, yearly_groups
from estimator.report.terminal.check import check_text
from estimator.report.terminal.estimate_tables import registered
from estimator.runs.group_records import GroupRecord
from estimator.runs.recording import group_record
from estimator.study.study import Study, read_study
from estimator.words.words import words_in
from tests.population.conftest import write_study

STUDY = """title = "Three lists"
source = "made for a test"
table_kind = "observed"
{more}
[lists.A]
[lists.B]
[lists.C]
"""
TABLE = "A,B,C,count\n1,0,0,20\n0,1,0,15\n0,0,1,{count}\n1,1,0,7\n1,0,1,6\n0,1,1,5\n1,1,1,4\n"
KNOWN = 20 + 15 + 7 + 6 + 5 + 4
SAID = {  # a count: English, Dutch
    ">=0": ("57 or more", "57 of meer"),
    "..": ("57 or more", "57 of meer"),
    "": ("57 or more", "57 of meer"),
    ">=3": ("60 or more", "60 of meer"),
    "<5": ("57 to 61", "57 tot 61"),
    "<=64": ("57 to 121", "57 tot 121"),
    "2-9": ("59 to 66", "59 tot 66"),
    "9": ("66", "66"),
}


def study_in(folder: Path, count: str, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(STUDY.format(more=more))
    (folder / "table.csv").write_text(TABLE.format(count=count))
    return folder / "study.toml"


def drawn(study: Study) -> PopulationDraws:
    """What a method may believe of the people; bounds do not come from there."""
    people = np.random.default_rng(1).integers(0, 500, (2, 50, study.table.n_strata))
    return PopulationDraws(people, people, people.astype(float))


def records(study: Study, groups=headline_groups) -> dict[str, GroupRecord]:
    found = groups(study, drawn(study))
    return {name: group_record(estimate_of(group)) for name, group in found.items()}


@pytest.mark.parametrize("count", SAID)
def test_both_commands_say_the_same_bounds(count, tmp_path):
    study = read_study(study_in(tmp_path, count))
    total = records(study)["total"]
    assert (total.registered_bounds is None) == (count == "9")
    for language, said in zip(("en", "nl"), SAID[count], strict=True):
        words = words_in(language)
        first = check_text(check_table(study.table), words).splitlines()[0]
        assert f": {said} person" in first
        if count != "9":
            assert registered(total, words) == said


def test_a_pooled_table_is_averaged_with_its_bounds(tmp_path):
    study = read_study(study_in(tmp_path, "<5", "[period]\nyears = 2\n"))
    bounds = records(study, averaged_groups)["total"].registered_bounds
    assert (bounds.lower, bounds.upper) == (28.5, 30.5)
    assert registered(records(study, averaged_groups)["total"], words_in("en")) == "28 to 31"  # never narrower


def between(group: GroupRecord) -> tuple[float, float | None] | None:
    known = group.registered_bounds
    return None if known is None else (known.lower, known.upper)


def test_people_of_unknown_sex_may_be_of_either_and_are_certainly_of_both(tmp_path):
    """By hand: 334 women and 153 men of 2020 with 22 of unknown sex; 354 to 358 and 153 to 157 of 2021."""
    study = read_study(write_study(tmp_path / "years"))
    by_year = {year: records(study, lambda *of, at=year: yearly_groups(*of)[at]) for year in ("2020", "2021")}
    assert between(by_year["2020"]["total"]) is None
    assert between(by_year["2020"]["women"]) == (334, 334 + 22)
    assert between(by_year["2020"]["men"]) == (153, 153 + 22)
    assert between(by_year["2021"]["women"]) == (354, 358)
    assert between(by_year["2021"]["total"]) == (354 + 153, 354 + 153 + 8)
    average = records(study)
    assert between(average["total"]) == (1016 / 2, 1024 / 2)
    assert between(average["women"]) == ((334 + 354) / 2, (334 + 22 + 358) / 2)
    assert between(average["elsewhere"]) == (153 / 2, (153 + 22) / 2)
    assert registered(average["elsewhere"], words_in("nl")) == "76 tot 88"


def test_bounds_of_strata_hold_every_way_to_place_people(tmp_path):
    """Every group of strata against going through its observed numbers one by one."""
    table = read_study(write_study(tmp_path / "years")).table
    for code in range(2**table.n_strata):
        chosen = np.array([bool(code >> place & 1) for place in range(table.n_strata)])
        least = most = 0
        for j in range(len(table.observations)):
            strata = {int(cell) // table.n_histories for cell in table.observations.cells(j)}
            inside = [bool(chosen[place]) for place in strata]
            least += int(table.lower[j]) if all(inside) else 0
            most += int(table.upper[j]) if any(inside) else 0
        known = table.registered_in(chosen)
        assert (known.lower, known.limit) == (least, most)
    assert table.registered_in(np.ones(table.n_strata, bool)) == table.registered


def test_an_open_bound_from_the_table_to_all_that_is_written(tmp_path, capsys):
    study, folder = str(study_in(tmp_path / "study", ">=0")), tmp_path / "run"
    quick = ("--draws", "200", "--chains", "2", "--out", str(folder))
    assert run(["estimate", study, *quick]) in (0, 3)
    printed = [capsys.readouterr().out]
    for language in ("en", "nl"):
        run(["check", study, "--language", language])
        assert SAID[">=0"][language == "nl"] in capsys.readouterr().out.splitlines()[2]
        for full in ((), ("--full",)):
            run(["show", str(folder), "--language", language, *full])
            text = capsys.readouterr().out
            assert SAID[">=0"][language == "nl"] in text
            assert max(len(line) for line in text.splitlines() if str(folder) not in line) <= 80
            assert full or len(text.splitlines()) <= 25
    assert "57 or more" in printed[0]
    record = json.loads((folder / "estimate.json").read_text())
    assert record["groups"]["total"]["registered_bounds"] == {"lower": KNOWN, "upper": None}
    with (folder / "estimate.csv").open() as file:
        rows = {row["quantity"]: row for row in csv.DictReader(file)}
    assert float(rows["registered_at_least"]["median"]) == KNOWN
    assert "registered_at_most" not in rows
    run(["report", str(folder), "--language", "nl", "--out", str(tmp_path / "report")])
    page = (tmp_path / "report" / "report-nl.html").read_text()
    assert "57 of meer" in page
    assert f"ongeveer {record['groups']['total']['registered']}" not in page
