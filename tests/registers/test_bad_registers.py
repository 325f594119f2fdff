"""Registers that cannot be right: a plain sentence each, exit code 1, and nothing is written."""

from __future__ import annotations

import sys
import zipfile

import openpyxl
import pytest

from estimator.cli.main import run
from tests.registers.offices import HEAD

GOOD = ["a", "01-02-2014", "V", "01-01-2000"]


def says(office, code=1):
    before = sorted(path.name for path in office.folder.iterdir())
    assert office.tabulate() == code
    assert sorted(path.name for path in office.folder.iterdir()) == before
    assert "Traceback" not in office.said.err and "fault of the tool" not in office.said.err
    return office.said.err


def workbook(office, rows, name="P.xlsx"):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(office.folder / name)
    return office.folder / name


def tabulate_file(office, path):
    before = sorted(entry.name for entry in office.folder.iterdir())
    others = [part for name in "OZ" for part in ("--register", f"{name}={office.folder / name}.csv")]
    assert run(["tabulate", str(office.folder), "--register", f"P={path}", *others]) == 1
    assert sorted(entry.name for entry in office.folder.iterdir()) == before
    return office.capsys.readouterr().err


def test_all_faults_of_all_files_come_at_once(office):
    office.write("P", [["a", "2014", "V", "2000"], ["b", "99-99-2014", "X", "2000"]])
    office.write("O", [["a", "01-02-2099", "V", "2000"], ["", "01-02-2014", "V", "2000"]])
    office.write("Z", [["a", "01-01-1900", "V", "2000"], ["q", "", "V", "2000"]])
    err = says(office)
    assert "P.csv, column datum, rows 2, 3: This is no date" in err
    assert "P.csv, column geslacht, row 3: This is no level of 'sex' (female, male)" in err
    assert "O.csv, column datum, row 2: This date lies before 1901 or in the future" in err
    assert "O.csv, column sleutel, row 3: There is no key here" in err
    assert "Z.csv, column datum, row 2: This date lies before 1901 or in the future" in err
    assert "Z.csv, column datum, row 3: There is no date here" in err


def test_dates_that_stand_for_unknown_can_be_declared(office):
    office.study('unknown_dates = [1900-01-01, 2099-12-31]\nundated = "leave-out"')
    office.write("P", [GOOD, ["b", "31-12-2099", "V", "01-01-1900"]])
    assert office.tabulate() == 0
    assert "P: <5 rows have no date" in office.said.out


def test_a_missing_column_is_named_with_its_remedy(office):
    office.write("P", [GOOD[1:]], ["datum", "geslacht", "geboren"])
    err = says(office)
    assert "P.csv, line 1: There is no column 'sleutel'" in err and 'columns = {"sleutel" = "..."}' in err
    office.write("P", [GOOD[:2]], HEAD[:2])
    office.study(more='[registers.lists.P]\nlacks = ["geslacht", "geboren"]\n')
    assert office.tabulate() == 0


def test_a_column_that_is_there_twice_is_refused(office):
    office.write("P", [[*GOOD, "a"]], [*HEAD, "sleutel"])
    assert "Several columns are called 'sleutel'" in says(office)


def test_a_row_with_too_many_cells_is_named_and_not_quoted(office):
    office.write("P", [GOOD, ["geheim1", "01-02-2014", "V", "01-01-2000", "geheim2"]])
    err = says(office)
    assert "P.csv, line 3: This row has another number of cells than the header" in err and "geheim" not in err


def test_a_quote_that_is_not_closed(office):
    path = office.folder / "P.csv"
    path.write_text(
        'sleutel;datum;geslacht;geboren\n"geheim;01-02-2014;V;2000\nb;01-02-2014;V;2000\n', encoding="utf-8"
    )
    err = says(office)
    assert "quotation mark that is not closed" in err and "geheim" not in err


def test_a_line_without_end_is_refused_before_it_is_read_whole(office):
    path = office.folder / "P.csv"
    with path.open("wb") as file:
        file.write(b"sleutel;datum;geslacht;geboren\n")
        file.seek(2 << 30)  # two gigabytes, sparse
        file.write(b"x")
    assert "This is no text: it has zero bytes" in says(office)
    path.write_bytes(b"sleutel;datum;geslacht;geboren\na;" + b"x" * (3 << 20))
    assert "P.csv, line 2: This line is longer than a million characters" in says(office)


def test_mixed_encodings_are_refused_with_both_lines(office):
    path = office.folder / "P.csv"
    path.write_bytes(
        "sleutel;datum;geslacht;geboren\né;01-02-2014;V;2000\n".encode() + "ë;01-02-2014;V;2000\n".encode("cp1252")
    )
    err = says(office)
    assert "P.csv, line 3: The file mixes encodings: line 2 is in UTF-8" in err


def test_keys_of_blanks_are_no_keys(office):
    office.write("P", [["   ", *GOOD[1:]], ["\u00a0", *GOOD[1:]]])
    assert "rows 2, 3: There is no key here" in says(office)


def test_a_register_or_file_that_is_given_twice(office):
    path = str(office.folder / "P.csv")
    assert run(["tabulate", str(office.folder), "--register", f"P={path}", "--register", f"P={path}"]) == 1
    assert "This register is given twice" in office.capsys.readouterr().err
    named = [part for name in "POZ" for part in ("--register", f"{name}={path}")]
    assert run(["tabulate", str(office.folder), *named]) == 1
    assert "This file is given twice" in office.capsys.readouterr().err


def test_a_list_without_a_file_and_a_file_that_is_not_there(office):
    assert run(["tabulate", str(office.folder), "--register", f"P={office.folder / 'Q.csv'}"]) == 1
    err = office.capsys.readouterr().err
    assert "There is no such file" in err and "--register O=FILE" in err


def test_an_empty_file(office):
    (office.folder / "P.csv").write_bytes(b"")
    assert "The file is empty" in says(office)


def test_a_study_without_registers_is_told_what_to_add(tmp_path, capsys):
    (tmp_path / "study.toml").write_text('title = "t"\nsource = "s"\n[lists.P]\n[lists.O]\n', encoding="utf-8")
    assert run(["tabulate", str(tmp_path), "--register", "P=p.csv"]) == 1
    assert "The study has no section [registers]" in capsys.readouterr().err


def test_formula_cells_without_a_value_are_refused(office):
    path = workbook(office, [HEAD, ["a", "=A1", "V", "2000"]])
    assert "P.xlsx, column B, row 2: This cell holds a formula whose result is not saved" in tabulate_file(office, path)


def test_errors_of_a_spreadsheet_are_refused(office):
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(GOOD)
    book.active["C2"] = "#N/A"
    book.active["C2"].data_type = "e"
    book.save(office.folder / "P.xlsx")
    err = tabulate_file(office, office.folder / "P.xlsx")
    assert "column C, row 2: This cell holds an error of the spreadsheet" in err


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 broken"])
@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "parquet"])
def test_what_is_no_workbook_is_refused(office, content, ending):
    path = office.folder / f"P.{ending}"
    path.write_bytes(content)
    err = tabulate_file(office, path)
    assert "cannot be read" in err or "This is no Parquet file" in err


def test_a_sheet_must_be_named_where_there_are_several(office):
    book = openpyxl.Workbook()
    book.create_sheet("data").append(HEAD)
    book.save(office.folder / "P.xlsx")
    assert "there are 'Sheet', 'data'. Name one" in tabulate_file(office, office.folder / "P.xlsx")


def test_a_bomb_is_not_unpacked(office):
    path = office.folder / "P.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(150):
            sheet.write(b'<c r="A1"><v>1</v></c>' * 50_000)
    assert path.stat().st_size < 1 << 20
    assert "unpacks to far more than a register holds" in tabulate_file(office, path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('conflicts = "newest"', "allowed are"),
        ('priority = ["Q"]', "There is no list 'Q'"),
        ("since = 2015-01-01\nuntil = 2014-01-01", "Exchange them"),
        ("unknown_keys = 3", "There is no key of this name"),
    ],
)
def test_what_is_wrong_in_the_section_is_said_with_its_line(office, settings, said):
    office.study(settings, '[registers.covariates.colour]\ncolumn = "x"\n')
    err = says(office)
    assert said in err and "study.toml, line" in err and "There is no covariate 'colour'" in err


@pytest.mark.parametrize(("module", "library"), [("duckdb", "DuckDB"), ("python_calamine", "python-calamine")])
def test_a_library_that_is_not_installed_is_named_with_its_extra(office, monkeypatch, module, library):
    monkeypatch.setitem(sys.modules, module, None)
    path = workbook(office, [HEAD, GOOD])
    err = tabulate_file(office, path)
    assert f"Registers need {library}, which is not installed" in err and "darkfigure[registers]" in err
