"""Files that are not what they seem: each is refused with what it is and what to do, and nothing of it is quoted."""

from __future__ import annotations

import datetime
import gzip
import os
import resource
import subprocess
import sys
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from estimator.cli.main import run
from estimator.registers import excel
from tests.registers.offices import HEAD

KEY = "GEHEIM1"
ROW = [KEY, "01-02-2014", "V", "01-01-1987"]
TEXT = ";".join(HEAD) + "\n" + ";".join(ROW) + "\n"


def said_of(office, path):
    """Tabulate with this file for P; return what is said, in which nothing is of a record; nothing if it went well."""
    before = sorted(office.folder.rglob("*"))
    others = [part for name in "OZ" for part in ("--register", f"{name}={office.folder / name}.csv")]
    code = run(["tabulate", str(office.folder), "--register", f"P={path}", *others])
    err = office.capsys.readouterr().err
    assert "GEHEIM" not in err and "1987" not in err and "itself failed" not in err
    if code:
        assert code == 1 and err.startswith("Error: ")
        assert sorted(office.folder.rglob("*")) == before
        return err
    return ""


def bytes_as(office, name, content):
    path = office.folder / name
    path.write_bytes(content)
    return path


def book(office, rows, change=None, name="P.xlsx"):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    made.save(office.folder / name)
    return office.folder / name


def parquet(office, **columns):
    known = {"sleutel": [KEY], "datum": ["2014-02-01"], "geslacht": ["V"], "geboren": ["1987-01-01"]}
    path = office.folder / "P.parquet"
    pq.write_table(pa.table({**known, **columns}), path)
    return path


def test_a_file_without_heads_is_not_quoted(office):
    err = said_of(office, bytes_as(office, "P.csv", TEXT.split("\n", 1)[1].encode()))
    assert "P.csv, line 1: There is no column 'sleutel'. No column that is asked for is in this row" in err


def test_a_head_that_is_nearly_right_is_named_and_others_are_not(office):
    text = TEXT.replace("geslacht", "gelsacht").replace("sleutel", "sleutel;GEHEIM naam").replace(KEY, f"{KEY};x")
    assert "no column 'geslacht'. Did you mean 'gelsacht'?" in said_of(office, bytes_as(office, "P.csv", text.encode()))
    assert "no column 'geslacht'. If it" in said_of(
        office, bytes_as(office, "P.csv", text.replace("gelsacht", "GEHEIM").encode())
    )


def test_a_register_under_another_name_is_the_same_register(office):
    (office.folder / "O.csv").unlink()
    (office.folder / "O.csv").symlink_to(office.folder / "P.csv")
    assert "This file is given twice" in said_of(office, office.folder / "P.csv")


def test_a_register_is_not_written_over(office):
    before = (office.folder / "P.csv").read_bytes()
    assert office.tabulate("--out", str(office.folder / "P.csv")) == 1
    assert "This is a register" in office.said.err and (office.folder / "P.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("P.xlsx", TEXT.encode(), "it is text and no workbook"),
        ("P.xls", f"<html><td>{KEY}</td></html>".encode(), "a web page"),
        ("P.csv", b"PK\x03\x04" + TEXT.encode(), "is a workbook or another zip. Let its name end in .xlsx"),
        ("P.csv", b"PAR1" + TEXT.encode(), "is Parquet"),
        ("P.csv", gzip.compress(TEXT.encode()), "is packed by gzip"),
        ("P.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Let its name end in .xls"),
        ("P.csv", TEXT.encode("utf-32"), "line 1: This is no text: it has zero bytes"),
        ("P.csv", TEXT.encode("utf-16-le"), "line 1: This is no text: it has zero bytes"),
        ("P.csv", (TEXT + "a\0b;01-02-2014;V;1987\n").encode("utf-16"), "line 3: This is no text: it has zero bytes"),
        ("P.csv", (TEXT + "a\0b;01-02-2014;V;1987\n").encode(), "line 3: This is no text: it has zero bytes"),
        ("P.csv", TEXT.encode("utf-16")[:-1], "or cut off"),
        ("P.csv", TEXT.split("\n")[0].encode(), "line 1: There are no rows below the header"),
        ("P.csv", b"\xef\xbb\xbf", "The file is empty"),
        (
            "P.csv",
            (TEXT + "\u2003\u200b;01-02-2014;V;1987\n\u3000;01-02-2014;V;\n").encode(),
            "rows 3, 4: There is no key",
        ),
    ],
)
def test_what_is_another_thing_than_it_says(office, name, content, said):
    assert said in said_of(office, bytes_as(office, name, content))


def test_one_of_several_files_may_be_empty(office):
    (office.folder / "P").mkdir()
    bytes_as(office, "P/a.csv", TEXT.encode())
    bytes_as(office, "P/b.csv", TEXT.split("\n")[0].encode())
    assert said_of(office, office.folder / "P") == ""


def test_that_a_date_is_no_date_is_said_once(office):
    err = said_of(office, bytes_as(office, "P.csv", TEXT.replace("01-02-2014", "feb 2014").encode()))
    assert "row 2: This is no date" in err and "There is no date here" not in err


class TestWorkbooks:
    """Cells that a sheet has and nobody sees, and numbers that are no longer what was typed."""

    @pytest.mark.parametrize(("cells", "row"), [("A2:A3", 2), ("C3:C4", 3), ("B2:C2", 2)])
    def test_merged_cells_are_refused(self, office, cells, row):
        path = book(office, [HEAD, *[[f"{KEY}{n}", *ROW[1:]] for n in range(3)]], lambda b: b.active.merge_cells(cells))
        assert f"P.xlsx, row {row}: Cells are merged here" in said_of(office, path)

    def test_a_merged_head_is_no_matter(self, office):
        assert said_of(office, book(office, [HEAD, ROW], lambda b: b.active.merge_cells("E1:G1"))) == ""

    def test_hidden_rows_are_refused(self, office):
        def hide(made):
            made.active.row_dimensions[3].hidden = True

        assert "P.xlsx, row 3: Rows are hidden" in said_of(office, book(office, [HEAD, ROW, ROW, ROW], hide))

    def test_rows_that_another_sheet_hides_are_no_matter(self, office):
        def another(made):
            made.create_sheet("oud").append(["x"])
            made["oud"].row_dimensions[1].hidden = True

        path = book(office, [HEAD, ROW], another)
        office.study(more='[registers.lists.P]\nsheet = "Sheet"\n')
        assert said_of(office, path) == ""

    def test_a_hidden_sheet_is_named_as_one(self, office):
        def another(made):
            made.create_sheet("oud").sheet_state = "hidden"

        assert "'Sheet', 'oud' (hidden)" in said_of(office, book(office, [HEAD, ROW], another))

    def test_a_cell_in_the_far_corner_does_not_fill_the_memory(self, office):
        err = said_of(office, book(office, [HEAD, ROW], lambda b: b.active.cell(1_048_576, 16_384, "x")))
        assert "a cell in column 16,384 and one in row 1,048,576" in err

    @pytest.mark.parametrize("limit", [1_000, 10_000])
    def test_corners_are_measured_of_all_cells_together(self, office, monkeypatch, limit):
        monkeypatch.setattr(excel, "MOST_CELLS", limit)

        def corners(made):
            made.active.cell(90, 1, "x")
            made.active.cell(1, 90, "x")

        path = book(office, [HEAD, ROW], corners)
        assert ("column 90 and one in row 90" in said_of(office, path)) == (limit < 90 * 90)

    def test_a_number_that_lost_its_last_digits_is_refused(self, office):
        err = said_of(office, book(office, [HEAD, ROW, [1234567890123456, *ROW[1:]]]))
        assert "P.xlsx, column A, row 3: This number has more than 15 digits" in err

    def test_its_row_is_counted_with_the_blank_rows_above_the_heads(self, office):
        err = said_of(office, book(office, [[], [], HEAD, ROW, [1234567890123456, *ROW[1:]]]))
        assert "P.xlsx, column A, row 5: This number has more than 15 digits" in err

    def test_empty_cells_with_a_format_are_no_matter(self, office, monkeypatch):
        monkeypatch.setattr(excel, "_PIECE", 1 << 10)

        def formats(made):
            for row in range(3, 400):
                made.active.cell(row, 1).font = openpyxl.styles.Font(bold=True)

        assert said_of(office, book(office, [HEAD, ROW], formats)) == ""

    def test_a_formula_in_the_last_cell_is_seen(self, office):
        path = book(office, [HEAD, [*ROW[:3], "=A1"]])
        assert "column D, row 2: This cell holds a formula" in said_of(office, path)


class TestParquet:
    """Types that have no text of their own."""

    def test_numbers_with_noughts_behind_the_point_are_whole(self, office):
        bytes_as(office, "O.csv", TEXT.replace(KEY, "123").encode())
        assert said_of(office, parquet(office, sleutel=pa.array([Decimal("123.00")], pa.decimal128(10, 2)))) == ""
        assert office.table()["2014", "female", "adult", "1", "1", "0"] == 1

    def test_so_are_numbers_that_were_made_fractions_for_want_of_some(self, office):
        bytes_as(office, "O.csv", TEXT.replace(KEY, "123").encode())
        assert said_of(office, parquet(office, sleutel=pa.array([123.0]))) == ""
        assert office.table()["2014", "female", "adult", "1", "1", "0"] == 1

    @pytest.mark.parametrize(
        ("column", "said"),
        [
            (pa.array([{"a": KEY}]), "holds lists or records"),
            (pa.array([[KEY]]), "holds lists or records"),
            (pa.array([KEY.encode()]), "holds bytes and no text"),
            (pa.array([1.2e17]), "more digits than a file of this kind keeps"),
            (pa.array([float("nan")]), "There is no key here"),
        ],
    )
    def test_a_key_that_is_no_text(self, office, column, said):
        assert said in said_of(office, parquet(office, sleutel=column))

    def test_a_moment_with_a_time_zone_is_no_day(self, office):
        moment = pa.array([datetime.datetime(2014, 12, 31, 23, 30)], pa.timestamp("us", "Europe/Amsterdam"))
        assert "column datum: The moments in this column have a time zone" in said_of(
            office, parquet(office, datum=moment)
        )

    def test_what_is_not_used_may_be_anything(self, office):
        assert said_of(office, parquet(office, more=pa.array([{"a": [KEY]}]))) == ""

    def test_two_columns_of_one_name(self, office):
        path = office.folder / "P.parquet"
        pq.write_table(pa.Table.from_arrays([pa.array([text]) for text in [*ROW, "x"]], [*HEAD, "sleutel"]), path)
        assert "Several columns are called 'sleutel'" in said_of(office, path)


class TestFolders:
    """Links that lead in a circle, and what may not be read."""

    def test_a_link_that_leads_back_to_itself(self, office):
        (office.folder / "P.csv").unlink()
        (office.folder / "P.csv").symlink_to(office.folder / "Q.csv")
        (office.folder / "Q.csv").symlink_to(office.folder / "P.csv")
        assert "P.csv: This is a link that leads back to itself" in said_of(office, office.folder / "P.csv")

    def test_in_a_folder_too(self, office):
        (office.folder / "P").mkdir()
        bytes_as(office, "P/a.csv", TEXT.encode())
        (office.folder / "P" / "b.csv").symlink_to("b.csv")
        (office.folder / "P" / "self").symlink_to(office.folder / "P")
        assert "b.csv: This is a link that leads back to itself" in said_of(office, office.folder / "P")

    def test_a_pipe_is_not_waited_for(self, office):
        (office.folder / "P").mkdir()
        bytes_as(office, "P/a.csv", TEXT.encode())
        os.mkfifo(office.folder / "P" / "b.csv")
        assert "b.csv: This is a pipe" in said_of(office, office.folder / "P")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_folder_that_may_not_be_looked_into(self, office):
        (office.folder / "P").mkdir(mode=0)
        assert "no permission to look into this folder" in said_of(office, office.folder / "P")


@pytest.mark.slow
@pytest.mark.parametrize("lines", [0, 50_000])
def test_a_line_of_two_gigabytes_takes_no_memory(office, lines):
    """Text, and not a file of nothing: every byte is there, and the program may hold 1.5 GB."""
    path = office.folder / "P.csv"
    with path.open("wb") as file:
        file.write(TEXT.encode() + f"{';'.join(ROW)}\n".encode() * lines)
        for _ in range(2048):
            file.write(b"geheim, " * (1 << 17))
    names = [part for name in "POZ" for part in ("--register", f"{name}={office.folder / name}.csv")]
    done = subprocess.run(
        [sys.executable, "-m", "estimator", "tabulate", str(office.folder), *names],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (3 << 29, 3 << 29)),
    )
    path.unlink()
    assert done.returncode == 1
    assert f"P.csv, line {lines + 3}: This line is longer than a million characters".encode() in done.stderr
