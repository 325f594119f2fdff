"""`darkfigure tabulate` on small registers of which the right table is known by hand."""

from __future__ import annotations

import csv
import datetime
import json
import stat

import pytest

from estimator.cli.main import run
from tests.registers.offices import HEAD, STUDY


def test_one_key_is_one_person_and_blank_is_unknown(office):
    assert office.tabulate() == 0
    assert office.table() == {
        ("2014", "female", "minor", "1", "1", "0"): 1,
        ("2015", "male", "adult", "1", "0", "0"): 1,
        ("2015", "", "", "0", "0", "1"): 1,
    }


def test_a_person_counts_once_in_each_year(office):
    office.write("Z", [["a", "01-02-2015", "V", "01-01-2000"], ["a", "01-02-2014", "V", "01-01-2000"]])
    assert office.tabulate() == 0
    assert office.table()["2014", "female", "minor", "1", "1", "1"] == 1
    assert office.table()["2015", "female", "minor", "0", "0", "1"] == 1


@pytest.mark.parametrize(
    ("born", "day", "level"),
    [
        ("29-02-2000", "28-02-2018", "minor"),
        ("29-02-2000", "01-03-2018", "adult"),
        ("01-06-1997", "31-05-2015", "minor"),
        ("01-06-1997", "01-06-2015", "adult"),
        ("1990", "01-06-2015", "adult"),
        ("1997", "01-06-2015", ""),  # 17 or 18
        ("01-06-2016", "01-06-2015", ""),  # born afterwards
        ("01-06-1890", "01-06-2015", ""),  # 125
    ],
)
def test_age_is_of_completed_years_at_the_declared_date(office, born, day, level):
    more = '[registers.lists.P]\ncolumns = { datum = "day" }\n'
    settings = STUDY.format(settings="").replace("levels = [2014, 2015]", "levels = [2014, 2015, 2018]") + more
    (office.folder / "study.toml").write_text(settings, encoding="utf-8")
    office.write("O", [["x", "01-02-2014", "M", "1960"]])
    office.write("Z", [["y", "01-02-2015", "M", "1960"], ["z", "01-02-2018", "M", "1960"]])
    office.write("P", [["k", day, "V", born]], ["sleutel", "day", "geslacht", "geboren"])
    assert office.tabulate() == 0, office.said.err
    assert office.table()[day[-4:], "female", level, "1", "0", "0"] == 1


@pytest.mark.parametrize(
    ("rule", "sex"),
    [
        ('conflicts = "unknown"', ""),
        ('conflicts = "majority"', "female"),
        ('conflicts = "priority"\npriority = ["Z", "P"]', "male"),
        ('conflicts = "priority"\npriority = ["O"]', "female"),
    ],
)
def test_contradictions_are_resolved_by_the_declared_rule_and_counted(office, rule, sex):
    office.study(rule)
    office.write("P", [["a", "01-02-2014", "V", "1960"], ["b", "01-02-2015", "M", "1980"]])
    office.write("O", [["a", "01-02-2014", "V", "1960"]])
    office.write(
        "Z", [["a", "01-02-2014", "M", "1960"], ["a", "01-02-2014", "M", "1960"], ["a", "01-02-2014", "M", "1960"]]
    )
    assert office.tabulate() == 0
    assert office.table()["2014", sex, "adult", "1", "1", "1"] == 1
    assert "sex: the records of <5 persons contradict each other" in " ".join(office.said.out.split())


def test_a_tie_stays_unknown_and_a_priority_list_that_contradicts_itself_too(office):
    rows = [["a", "01-02-2014", "V", "1960"], ["b", "01-02-2015", "M", "1980"]]
    office.write("O", [["a", "01-02-2014", "M", "1960"]])
    office.write("P", rows)
    office.study('conflicts = "majority"')
    assert office.tabulate() == 0
    assert ("2014", "", "adult", "1", "1", "0") in office.table()
    (office.folder / "table.csv").unlink()
    (office.folder / "table.registers.json").unlink()
    office.study('conflicts = "priority"')
    office.write("P", [*rows, ["a", "01-03-2014", "M", "1960"]])
    assert office.tabulate() == 0
    assert ("2014", "", "adult", "1", "1", "0") in office.table()


def test_what_is_constant_is_taken_from_other_years(office):
    office.write(
        "P", [["a", "01-02-2014", "V", "1960"], ["a", "01-02-2015", "", "1960"], ["b", "01-02-2015", "M", "1980"]]
    )
    text = (office.folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace('unknown = ["onbekend"]', 'unknown = ["onbekend"]\nconstant = true')
    (office.folder / "study.toml").write_text(text, encoding="utf-8")
    office.write("O", [["d", "01-02-2014", "V", "1960"]])
    assert office.tabulate() == 0
    assert office.table()["2015", "female", "adult", "1", "0", "0"] == 1


@pytest.mark.parametrize("choice", ["leave-out", "alone"])
def test_records_without_key_are_refused_unless_it_is_said_what_is_done(office, choice):
    office.write(
        "P", [["a", "01-02-2014", "V", "01-01-2000"], ["  ", "01-02-2015", "M", "1980"], ["x", "1-2-2015", "M", "1980"]]
    )
    assert office.tabulate() == 1
    assert "column sleutel, row 3: There is no key here" in office.said.err
    assert not (office.folder / "table.csv").exists()
    office.study(f'without_key = "{choice}"\nno_key = ["X"]')
    assert office.tabulate() == 0
    alone = office.table().get(("2015", "male", "adult", "1", "0", "0"), 0)
    assert alone == (2 if choice == "alone" else 0)


def test_missing_drop_leaves_out_whom_not_everything_is_known_of_and_says_how_many(office):
    assert office.tabulate("--missing", "drop") == 0
    assert sum(office.table().values()) == 2
    assert "<5 persons of whom something is unknown are left out" in office.said.out


def test_dates_outside_the_window_are_left_out_and_counted(office):
    office.study("since = 2014-01-01\nuntil = 2015-06-30")
    office.write("Z", [["c", "31-12-2015", "", ""], ["d", "30-06-2015", "V", "1960"], ["e", "01-01-2013", "V", "1960"]])
    assert office.tabulate() == 0
    assert sum(office.table().values()) == 3
    assert "Z: <5 rows lie outside the period" in office.said.out


def test_rows_without_anything_are_no_rows(office):
    office.write("Z", [["c", "31-12-2015", "", ""], ["", "", "", ""], [" ", "\u00a0", "", " "]])
    assert office.tabulate() == 0
    assert sum(office.table().values()) == 3


@pytest.mark.parametrize(("days", "code"), [(0, 0), (1, 0), (2, 1)])
def test_a_day_after_tomorrow_has_not_been_yet(office, days, code):
    """Tomorrow may be today already where the register is kept."""
    day = datetime.date.today() + datetime.timedelta(days=days)
    office.write("Z", [["c", "31-12-2015", "", ""], ["d", f"{day:%d-%m-%Y}", "", ""]])
    assert office.tabulate() == code
    assert ("in the future" in office.said.err) == bool(code)


def test_the_window_of_a_list_goes_before_that_of_all(office):
    own = "[registers.lists.Z]\nsince = 2014-01-01\nuntil = 2015-12-31\n"
    office.study("since = 2015-01-01\nuntil = 2015-06-30", own)
    office.write("Z", [["c", "31-12-2015", "", ""], ["e", "01-01-2014", "V", "1960"], ["f", "31-12-2013", "V", "1960"]])
    assert office.tabulate() == 0
    found = office.table()
    assert sum(count for row, count in found.items() if row[-1] == "1") == 2  # c and e, and not f
    assert sum(count for row, count in found.items() if row[-3] == "1") == 1  # b of P, and not a


def test_repeated_rows_are_those_of_one_person_in_one_period(office):
    rows = [["a", "01-02-2014", "V", "2000"], ["a", "01-03-2015", "V", "2000"], ["a", "01-04-2015", "V", "2000"]]
    office.write("P", [*rows, ["b", "01-02-2015", "M", "1980"]])
    assert office.tabulate() == 0
    record = json.loads((office.folder / "table.registers.json").read_text(encoding="utf-8"))
    found = next(one for one in record["lists"] if one["name"] == "P")
    assert (found["taken"], found["persons"], found["person_periods"], found["duplicates"]) == (4, 2, 3, 1)


WINDOWS = 'date = "datum"\nwindows = { "2014" = [2014-02-01, 2014-06-30], "2015" = [2014-07-02, 2015-06-30] }'


@pytest.mark.parametrize("windows", [False, True])
def test_the_first_and_last_day_of_a_window_count_and_those_beside_them_do_not(office, windows):
    days = ["31-01-2014", "01-02-2014", "30-06-2014 23:59", "01-07-2014", "02-07-2014", "30-06-2015", "01-07-2015"]
    office.write("P", [[f"p{number}", day, "V", "1960"] for number, day in enumerate(days)])
    office.write("O", [["o", "01-03-2014", "V", "1960"]])
    office.write("Z", [["z", "01-03-2015", "V", "1960"]])
    text = STUDY.format(settings="" if windows else "since = 2014-02-01\nuntil = 2015-06-30")
    text = text.replace('year_of = "datum"', WINDOWS) if windows else text
    (office.folder / "study.toml").write_text(text, encoding="utf-8")
    assert office.tabulate() == 0, office.said.err
    seen = {key[0]: persons for key, persons in office.table().items() if key[3:] == ("1", "0", "0")}
    assert seen == ({"2014": 2, "2015": 2} if windows else {"2014": 4, "2015": 1})


def test_one_combined_file_gives_the_same_table(office):
    assert office.tabulate() == 0
    right = office.table()
    rows = []
    for name, called in (("P", "Politie"), ("O", "opvang"), ("Z", "ZORG")):
        with (office.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows += [[*row, called] for row in list(csv.reader(file, delimiter=";"))[1:]]
    office.write("all", [*rows, ["q", "1-1-2014", "M", "1980", "Elders"]], [*HEAD, "bron"])
    more = "".join(
        f'[registers.lists.{name}]\ncalled = "{called}"\n'
        for name, called in zip("POZ", ("politie", "Opvang", "zorg"), strict=True)
    )
    office.study('list_column = "bron"', more)
    (office.folder / "table.csv").unlink()
    (office.folder / "table.registers.json").unlink()
    assert run(["tabulate", str(office.folder), "--combined", str(office.folder / "all.csv")]) == 1
    assert "row 7: This names no list of the study" in office.capsys.readouterr().err
    office.study('list_column = "bron"\nleave_out_lists = ["elders"]', more)
    assert run(["tabulate", str(office.folder), "--combined", str(office.folder / "all.csv")]) == 0
    assert office.table() == right


@pytest.mark.parametrize("form", ["cp1252", "utf-8-sig", "utf-16", "excel", "parquet", "sep", "old-mac"])
def test_formats_of_offices_give_the_same_table(office, form):
    rows = [["a", "01-02-2014", "V", "01-01-2000"], ["é", "01-02-2015", "M", "01-01-1980"]]
    office.write("O", [["a", "2014-03-04", "V", "01-01-2000"], ["é", "05-06-2015", "M", "01-01-1980"]])
    path = office.folder / "P.csv"
    typed = [
        [row[0], *(datetime.date(int(row[at][6:]), int(row[at][3:5]), int(row[at][:2])) for at in (1, 3)), row[2]]
        for row in rows
    ]
    if form == "excel":
        import openpyxl

        book = openpyxl.Workbook()
        for row in [["sleutel", "datum", "geboren", "geslacht"], *typed]:
            book.active.append(row)
        path = office.folder / "P.xlsx"
        book.save(path)
    elif form == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        path = office.folder / "P.parquet"
        columns = zip(["sleutel", "datum", "geboren", "geslacht"], zip(*typed, strict=True), strict=True)
        parquet.write_table(pa.table({name: list(cells) for name, cells in columns}), path)
    elif form in ("sep", "old-mac"):
        office.write("P", rows)
        text = path.read_text(encoding="utf-8")
        path.write_bytes((f"sep=;\r\n{text}" if form == "sep" else text.replace("\n", "\r")).encode())
    else:
        office.write("P", rows, encoding=form)
    named = [f"P={path}", f"O={office.folder / 'O.csv'}", f"Z={office.folder / 'Z.csv'}"]
    assert run(["tabulate", str(office.folder), *(part for one in named for part in ("--register", one))]) == 0
    assert office.table() == {
        ("2014", "female", "minor", "1", "1", "0"): 1,
        ("2015", "male", "adult", "1", "1", "0"): 1,
        ("2015", "", "", "0", "0", "1"): 1,
    }


def test_a_folder_and_a_pattern_name_several_files(office):
    (office.folder / "police").mkdir()
    for year in ("2014", "2015"):
        path = office.write(f"p{year}", [[f"k{year}", f"01-02-{year}", "V", "1960"]])
        path.rename(office.folder / "police" / path.name)
    for where in (office.folder / "police", office.folder / "police" / "p*.csv"):
        others = [f"O={office.folder / 'O.csv'}", f"Z={office.folder / 'Z.csv'}"]
        options = [part for one in (f"P={where}", *others) for part in ("--register", one)]
        assert run(["tabulate", str(office.folder), *options, "--out", str(office.folder / "table.csv")]) == 0
        assert office.table()["2014", "female", "adult", "1", "0", "0"] == 1


def test_a_register_that_dropped_by_half_is_named(office):
    office.write("Z", [[f"z{number}", "01-02-2015", "V", "1960"] for number in range(40)])
    assert office.tabulate() == 0
    record = office.folder / "table.registers.json"
    before = office.folder / "before.json"
    record.rename(before)
    office.write("Z", [[f"z{number}", "01-02-2015", "V", "1960"] for number in range(20)])
    assert office.tabulate("--previous", str(before), "--out", str(office.folder / "table.csv")) == 0
    assert "Z has 20 rows, and had 40: half or less" in office.said.out
    assert "P has" not in office.said.out


def test_small_numbers_are_shown_as_such_and_files_are_private(office):
    assert office.tabulate("--report", str(office.folder / "page.html")) == 0
    assert "<5 persons from 5 rows" in office.said.out
    page = (office.folder / "page.html").read_text(encoding="utf-8")
    assert "&lt;5" in page and ("<svg" in page or "image/svg" in page)
    for name in ("table.csv", "table.registers.json", "page.html"):
        assert stat.S_IMODE((office.folder / name).stat().st_mode) == 0o600
    record = json.loads((office.folder / "table.registers.json").read_text(encoding="utf-8"))
    assert record["persons"] == 3 and record["overlaps"][0] == ["P", "O", 1]


def test_a_table_that_is_there_is_left_as_it_is(office):
    (office.folder / "table.csv").write_text("mine", encoding="utf-8")
    assert office.tabulate() == 1
    assert (office.folder / "table.csv").read_text(encoding="utf-8") == "mine"
    assert office.tabulate("--out", str(office.folder / "table.csv")) == 0


def test_the_record_of_another_table_is_left_as_it_is(office):
    """Where the table is not there, the record beside it is of one that was taken away, or of linked tables."""
    record = office.folder / "table.registers.json"
    record.write_text("mine", encoding="utf-8")
    assert office.tabulate() == 1
    assert "record of a table that is gone, or is not written over" in office.said.err
    assert record.read_text(encoding="utf-8") == "mine"
    assert not (office.folder / "table.csv").exists()
    assert office.tabulate("--out", str(office.folder / "other.csv")) == 0
    assert record.read_text(encoding="utf-8") == "mine"


def test_the_record_of_the_earlier_time_is_not_written_over(office):
    assert office.tabulate() == 0
    record = office.folder / "table.registers.json"
    before = record.read_bytes()
    again = ("--out", str(office.folder / "table.csv"))
    for named in (record, office.folder / ".." / office.folder.name / record.name):
        assert office.tabulate("--previous", str(named), *again) == 1
        assert "record of the earlier time, and would be written over" in office.said.err
    assert record.read_bytes() == before
    assert office.tabulate(*again) == 0


def test_registers_that_contradict_the_study_leave_no_table(office):
    office.study(more='\n[[not_operating]]\nlist = "O"\nwhere = { year = 2014 }\nreason = "Not open"\n')
    assert office.tabulate() == 1
    assert "The registers contradict what the study declares" in office.said.err
    assert not (office.folder / "table.csv").exists()
    assert not (office.folder / "table.registers.json").exists()


def test_a_record_of_another_time_needs_no_key(office):
    office.study("since = 2014-01-01")
    office.write("P", [["a", "01-02-2014", "V", "01-01-2000"], ["", "01-02-2013", "M", "1980"]])
    assert office.tabulate() == 0, office.said.err
    assert "P: <5 rows lie outside the period" in office.said.out
