"""``check`` on registers: what it says is what is in them, small numbers stand nowhere, and nothing is written."""

from __future__ import annotations

import json
import re

import pytest

from estimator.cli.main import run
from tests.registers.offices import HEAD
from tests.registers.people import LINKAGE, write_registers, write_study


@pytest.fixture
def filled(office):
    """Registers of which every number is known: sex of 20 persons of P known here, of 5 more from O alone."""
    rows = [[f"p{number}", f"0{1 + number % 3}-02-2014", "V", "1960"] for number in range(20)]
    rows += [[f"q{number}", "01-02-2014", "onbekend", "1960"] for number in range(12)]
    rows += [["p0", "09-03-2014", "", "1960"]] * 6  # what one row does not know, another of the same person does
    office.write("P", rows)
    office.write(
        "O", [[f"q{number}", "01-05-2015" if number > 9 else "01-05-2014", "M", ""] for number in range(5, 12)]
    )
    office.write("Z", [[f"p{number}", "01-06-2014", "M" if number < 6 else "V", "1960"] for number in range(8)])
    return office


def check(office, *options, lists="POZ"):
    named = [part for name in lists for part in ("--register", f"{name}={office.folder / f'{name}.csv'}")]
    code = run(["check", str(office.folder), *named, *options])
    office.said = office.capsys.readouterr()
    return code


def record(office, *options):
    check(office, "--json", *options)
    return json.loads(office.said.out)


def test_completeness_is_counted_by_person_here_and_in_the_table(filled):
    found = {part["name"]: part for part in record(filled)["registers"]["lists"]}
    # P: 32 persons of 38 rows; sex of p0-p19 is known here. In the table p0-p5 contradict Z, and O knows q5-q9 of 2014
    assert (found["P"]["rows"], found["P"]["persons"], found["P"]["duplicates"]) == (38, 32, 6)
    assert found["P"]["unknown"]["sex"] == 18
    assert found["P"]["known"]["sex"] == 20 and found["P"]["known_in_table"]["sex"] == 19
    assert found["P"]["known"]["age"] == found["P"]["known_in_table"]["age"] == 32
    assert {part["complete"] for part in record(filled)["registers"]["completeness"]} <= {True, False}  # no "<5"
    assert found["O"]["known"] == {"year": 7, "sex": 7, "age": 0}
    assert found["O"]["known_in_table"] == {"year": 7, "sex": 7, "age": 5}  # q10, q11 are of another year there


def test_what_is_said_has_small_numbers_nowhere_and_writes_nothing(filled):
    before = sorted(path.name for path in filled.folder.rglob("*"))
    assert check(filled) == 0
    assert sorted(path.name for path in filled.folder.rglob("*")) == before
    said = " ".join(filled.said.out.split())
    assert "53 rows of 3 lists are 34 persons" in said
    assert "P 32 32 / 32 20 / 19 32 / 32" in said
    assert "sex: the records of 6 persons contradict each other. Declared rule (unknown)" in said
    assert "What the table of these registers could tell" in said
    numbers = json.dumps(record(filled)["registers"]).replace('"version": 1,', "").replace('"files": 1,', "")
    assert not re.findall(r"[\[ ][1-4][],}]", numbers)
    assert '"<5"' in numbers and '"months": [{"month": "2014-02", "rows": 32}' in numbers


def test_a_table_of_which_nothing_can_be_estimated_is_exit_code_3(office):
    office.write("P", [["a", "01-02-2014", "V", "1960"]])
    office.write("O", [["b", "01-02-2014", "V", "1960"]])
    office.write("Z", [["c", "01-02-2014", "V", "1960"]])
    assert check(office) == 3
    assert "nobody is on two" in office.said.out.lower() or "two lists" in office.said.out


def test_a_register_that_halved_is_named_with_both_numbers(filled):
    assert filled.tabulate("--out", str(filled.folder / "before.csv")) == 0
    filled.write("P", [[f"p{number}", "01-02-2014", "V", "1960"] for number in range(15)])
    page = filled.folder / "page.html"
    before = filled.folder / "before.registers.json"
    assert check(filled, "--previous", str(before), "--report", str(page)) == 0, filled.said.err
    assert "P has 15 rows, and had 38: half or less." in " ".join(filled.said.out.split())
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert "P against the earlier export" in text and re.search(r"[-−]61.%", text)
    assert not list(filled.folder.glob("table*"))


def test_files_that_the_study_names(filled):
    filled.study(more="".join(f'[registers.lists.{name}]\nfile = "{name}.csv"\n' for name in "POZ"))
    assert run(["check", str(filled.folder), "--registers"]) == 0
    assert "53 rows of 3 lists are 34 persons" in filled.capsys.readouterr().out


@pytest.mark.parametrize("option", [("--missing", "drop"), ("--previous", "x"), ("--report", "x.html")])
def test_options_of_registers_need_registers(office, option):
    assert run(["check", str(office.folder), *option]) == 2
    assert "are about registers" in office.capsys.readouterr().err


def test_faults_of_registers_are_those_of_tabulate(office):
    office.write("P", [["geheim", "99-99-2014", "V", "1960"]], HEAD)
    assert check(office) == 1
    assert "P.csv, column datum, row 2: This is no date" in office.said.err and "geheim" not in office.said.err


@pytest.mark.slow
def test_linked_registers_have_pages_and_a_comparison_with_before(tmp_path, capsys):
    pytest.importorskip("splink")
    write_registers(tmp_path, 300, seed=1)
    study = write_study(tmp_path / "study", more=LINKAGE.format(tables=3))
    named = [part for name in "PSH" for part in ("--register", f"{name}={tmp_path / name}.csv")]
    page = study / "page.html"
    assert run(["tabulate", str(study), *named, "--report", str(page)]) == 0
    assert sorted(path.name for path in study.glob("table*")) == [
        "table-1.csv",
        "table-2.csv",
        "table-3.csv",
        "table.registers.json",
    ]
    assert "in the tables of linked registers" in page.read_text(encoding="utf-8")
    record = json.loads((study / "table.registers.json").read_text(encoding="utf-8"))
    by_table = [overlaps_of(study / f"table-{number}.csv", "PSH") for number in (1, 2, 3)]
    for first, second, least, most in record["linked"]["overlaps"]:
        counts = [found[first, second] for found in by_table]
        assert (least, most) == (min(counts), max(counts))
    capsys.readouterr()
    (tmp_path / "P.csv").write_text(
        "\n".join((tmp_path / "P.csv").read_text(encoding="utf-8").splitlines()[:60]), encoding="utf-8"
    )
    assert run(["check", str(study), *named, "--previous", str(study / "table.registers.json")]) == 0
    assert "P has 59 rows, and had" in " ".join(capsys.readouterr().out.split())


def overlaps_of(table, lists):
    """Count who is on both of two lists in a table, from its text."""
    header, *rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    place = {name: header.index(name) for name in [*lists, "count"]}
    return {
        (first, second): sum(int(row[place["count"]]) for row in rows if row[place[first]] == row[place[second]] == "1")
        for number, first in enumerate(lists)
        for second in lists[number + 1 :]
    }
