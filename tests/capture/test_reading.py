"""Layouts and file formats that must read alike, and every kind of bad file with the message that it gets."""

import os
import re

import pytest
from capture_examples import NED, REGION, SEX, cells, content, covers, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.histories import history_labels
from estimator.capture.reading import read_table
from estimator.errors import InputError

AB = Declaration(("A", "B"))
ABSEX = Declaration(("A", "B"), (SEX,))
PLAIN = "A,B,sex,count\n1,0,f,3\n0,1,m,4\n1,1,f,2\n"


def faults(text, declaration=AB) -> list[str]:
    """Return the faults of a file, with the temporary folder taken out."""
    with pytest.raises(InputError) as raised:
        read(text, declaration)
    return [re.sub(r"^/\S*/table.csv", "table.csv", str(fault)) for fault in raised.value.faults]


def fault(text, declaration=AB) -> str:
    found = faults(text, declaration)
    assert len(found) == 1, found
    return found[0]


class TestSameTable:
    """Ways to write down one and the same table."""

    @pytest.mark.parametrize(
        "text",
        [
            PLAIN.replace(",", ";"),
            PLAIN.replace(",", "\t"),
            PLAIN.replace("\n", "\r\n"),
            PLAIN.replace("\n", "\r"),
            PLAIN.rstrip("\n"),
            "\ufeff" + PLAIN,
            PLAIN.encode("utf-16"),
            PLAIN.replace(",", " , "),
            PLAIN.replace("f,3", '"f","3"'),
            PLAIN.replace(",3", ',"3,0"').replace(",4", ",4.0"),
            PLAIN.replace(",", ";").replace(";3", ";3,0"),
            PLAIN.replace(",3", ",3-3"),
            PLAIN + "\n,,,\n\n",
            PLAIN.replace("\n", ",,\n"),
            PLAIN.replace("1,0,f", "1.0,0.0,f"),
            "sex,count,B,A\nf,3,0,1\nm,4,1,0\nf,2,1,1\n",
            "sex,A,B,A&B\nf,3,0,2\nm,0,4,0\n",
            "sex,B,B&A,A\nm,4,0,0\nf,0,2,3\n",
            "sex;A;B;A & B\nf;3;0;2,0\nm;;4;0\n".replace("m;;", "m;0;"),
            "sex,none,A,B,A&B\nf,,3,0,2\nm,0,0,4,0\n",
            PLAIN + "0,0,f,\n0,0,m,0\n0,1,f,0\n1,0,m,0\n",
        ],
    )
    def test_format(self, text):
        assert content(read(text, ABSEX)) == content(read(PLAIN, ABSEX))

    def test_lines_are_those_of_the_file(self):
        quoted = 'A,B,note of\tnothing,count\n1,0,"a\nb",3\n0,1,c,4\n'.replace("note of\tnothing", "sex")
        table = read(quoted, Declaration(("A", "B"), (Covariate("sex", ("a\nb", "c")),)))
        assert sorted(set(table.line.tolist())) == [0, 2, 4]

    def test_wide_line_and_implied_zeros(self):
        table = read("sex,A,A&B\nm,4,1\n", ABSEX)
        assert covers(table)[cells("A&B", stratum="m")] == (1, 1)
        assert covers(table)[cells("B", stratum="m")] == (0, 0)
        assert sorted(table.line.tolist()) == [0, 0, 0, 0, 2, 2]

    def test_blank_in_the_wide_layout_is_not_observed(self):
        found = covers(read("sex,A,B,A&B\nf,3,,2\nm,0,4,0\n", ABSEX))
        assert cells("B", stratum="f") not in found
        assert cells("B", stratum="m") in found

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_wide_equals_long(self, data):
        lists = ["A", "B", "C"]
        labels = history_labels(lists)
        counts = data.draw(st.lists(st.lists(st.integers(0, 9), min_size=7, max_size=7), min_size=3, max_size=3))
        counts[0][0] = 1
        columns = data.draw(st.permutations(range(1, 8)))
        names = {h: "&".join(data.draw(st.permutations(labels[h].split("&")))) for h in columns}
        wide = ["region," + ",".join(names[h] for h in columns)]
        wide += [
            f"{level}," + ",".join(str(counts[s][h - 1]) for h in columns) for s, level in enumerate(REGION.levels)
        ]
        rows = [
            ([h >> 2 & 1, h >> 1 & 1, h & 1], [level], counts[s][h - 1])
            for s, level in enumerate(REGION.levels)
            for h in range(1, 8)
            if counts[s][h - 1] or data.draw(st.booleans())
        ]
        declaration = Declaration(tuple(lists), (REGION,))
        long = read(long_text(lists, [REGION], data.draw(st.permutations(rows))), declaration)
        assert content(read("\n".join(wide), declaration)) == content(long)


class TestWithoutDeclaration:
    def test_long(self):
        table = read("P,sex,K,year,count\n1,m,0,2014,3\n0,f,1,2013,2\n,m,1,2014,1\n")
        assert table.lists == ("P", "K")
        assert table.covariates == (Covariate("sex", ("m", "f")), Covariate("year", ("2014", "2013")))

    def test_wide(self):
        table = read("year,K&P,P,K&O\n2014,3,5,1\n2013,2,0,1\n")
        assert table.lists == ("P", "K", "O")
        assert table.covariates == (Covariate("year", ("2014", "2013")),)

    def test_the_dutch_table(self):
        table = read(NED)
        assert table.lists == ("I", "K", "O", "P", "R", "Z")
        assert str(table.registered) == "8,234"

    def test_one_list(self):
        assert "There is one list" in fault("A,sex,count\n1,f,3\n", None)

    def test_a_slip_of_the_pen_makes_no_covariate_of_a_list(self):
        found = fault("A,B,C,count\n1,0,0,3\n0,1,1,2\n1,1,2,4\n0,1,2,4\n", None)
        assert found.startswith("table.csv, line 4, column C: Found '2' in a column that holds 0 and 1 as well.")
        assert "The same stands on 1 more line" in found
        assert read("A,B,size,count\n1,0,1,3\n0,1,2,2\n1,1,1,4\n").covariates[0].levels == ("1", "2")

    def test_kind(self):
        assert read(NED, kind="reconstructed").kind == "reconstructed"
        with pytest.raises(ValueError, match="observed, reconstructed, synthetic"):
            read(NED, kind="invented")


class TestFile:
    def test_no_file(self, tmp_path):
        with pytest.raises(InputError, match=r"nowhere.csv: There is no such file. Nothing like it"):
            read_table(tmp_path / "nowhere.csv", AB)

    def test_folder(self, tmp_path):
        with pytest.raises(InputError, match="This is a folder"):
            read_table(tmp_path, AB)

    @pytest.mark.parametrize(
        ("error", "words"),
        [(PermissionError(13, "Denied"), "no permission to read"), (OSError(5, "Input/output error"), "input/output")],
    )
    def test_unreadable(self, error, words, monkeypatch):
        def refuse(*_arguments) -> int:
            raise error

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(InputError, match=words):
            read_table("table.csv", AB)

    @pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
    def test_empty(self, text):
        assert fault(text).startswith("table.csv: The file is empty.")

    def test_header_only(self):
        assert "There are no rows below the header. Add one row" in fault("A,B,count\n")

    def test_no_header(self):
        found = fault("1,0,3\n0,1,2\n")
        assert found.startswith("table.csv, line 1: There is no header")
        assert "names of the columns on the first line" in found

    @pytest.mark.parametrize("above", ["Victims by list 2023\n", "Victims by list 2023,,\n", '"Victims, by list"\n\n'])
    def test_title_above_the_header(self, above):
        found = fault(above + "A,B,count\n1,0,3\n1,1,2\n")
        line = above.count("\n") + 1
        assert found.startswith(
            f"table.csv, line 1: This line looks like a title, and the names of the columns seem to be on line {line}."
        )

    def test_not_utf8(self):
        found = fault("A,B,sex,count\n1,0,f,3\n1,1,vrouw\xebn,3\n".encode("latin-1"))
        assert found.startswith("table.csv, line 3: The text is not UTF-8.")
        assert "'CSV UTF-8'" in found

    def test_utf16_without_mark_and_other_binary(self):
        assert "a character here that is no text" in fault("A,B,count\n1,0,3\n".encode("utf-16-le"))
        assert "not in the encoding that it claims" in fault(b"\xff\xfeA")

    @pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
    def test_spreadsheet(self, start):
        assert "This is a spreadsheet, not a CSV file." in fault(start)

    def test_quotation_mark_never_closed(self):
        found = fault('A,B,count\n1,0,3\n0,1,"4\n1,1,2\n')
        assert found.startswith("table.csv, line 3: A quotation mark that opens here is not closed")

    def test_ragged_rows_are_all_named(self):
        found = faults("A,B,count\n1,0\n0,1,4\n1,1,12,0,7\n")
        assert [one.split(":")[0] for one in found] == ["table.csv, line 2", "table.csv, line 4"]
        assert "This row has 2 cells and the header 3. Add the missing cells" in found[0]
        assert "12,0) between quotation marks" in found[1]

    def test_a_row_of_one_cell(self):
        assert "This row has 1 cell and the header 3." in fault("A,B,count\n1,0,3\n0\n")


class TestHeader:
    def test_missing_and_misspelt_columns_together(self):
        found = faults("A,Bb,sx,count\n1,0,f,3\n", ABSEX)
        assert len(found) == 4
        assert found[0] == (
            "table.csv, line 1: There is no column 'B' for the list. Add it, or rename the column that holds it."
            " Did you mean 'Bb'?"
        )
        assert "There is no column 'sex' for the covariate" in found[1]
        assert "Did you mean 'sx'?" in found[1]
        assert found[2].startswith("table.csv, line 1, column Bb: This column is no declared list or covariate.")
        assert found[3].endswith("Did you mean 'sex'?")

    def test_no_count(self):
        found = faults("A,B,Count\n1,0,3\n")
        assert "There is no column 'count' for the counts." in found[0]
        assert "Did you mean 'Count'?" in found[0]

    def test_characters_that_cannot_be_seen_are_named(self):
        found = faults("A,B\u00a0x,count\n1,0,3\n")
        assert "Did you mean 'B[invisible character U+00A0]x'?" in found[0]

    def test_name_twice(self):
        found = fault("A,B,A,count\n1,0,1,3\n")
        assert found == "table.csv, line 1, column A: Columns 1 and 3 have the same name. Rename or delete one of them."

    def test_column_without_name(self):
        assert "Column 2 has no name. Name it, or delete the column." in fault("A,,count\n1,0,3\n")

    def test_wide(self):
        found = faults("sexe,A,A&Bee,B&A,A&B,A&A\nf,1,2,3,4,5\n", ABSEX)
        assert "There is no column 'sex' for the covariate. Add it. Did you mean 'sexe'?" in found[0]
        assert "line 1, column sexe: 'sexe' is no declared list or covariate." in found[1]
        assert "column A&Bee: 'Bee' is no declared list. Correct the header" in found[2]
        assert "column A&B: This is the same history as column B&A. Keep one of them." in found[3]
        assert "column A&A: A list is named twice here." in found[4]

    def test_header_faults_do_not_hide_those_of_cells(self):
        found = faults("A,B,x,count\n1,0,1,-3\n")
        assert any("column x" in one for one in found)
        assert any("line 2, column count: '-3' is negative" in one for one in found)


class TestCells:
    @pytest.mark.parametrize(
        ("count", "words"),
        [
            ("-3", "'-3' is negative"),
            ("12.5", "'12.5' is not a whole number"),
            ("many", "'many' is not a count"),
            ("4-1", "'4-1' is an impossible interval"),
            ("1.234", "thousands separator"),
            ("1/4/2024", "'1/4/2024' looks like a date"),
            ("3\u200b", "'3[invisible character U+200B]' is not a count"),
        ],
    )
    def test_count(self, count, words):
        found = fault(f"A,B,count\n1,0,3\n0,1,{count}\n")
        assert found.startswith("table.csv, line 3, column count: ")
        assert words in found

    def test_membership(self):
        found = fault("A,B,count\n1,0,3\n0,yes,2\n")
        assert found.startswith("table.csv, line 3, column B: 'yes' does not say whether the list saw these persons.")
        assert "Write 1 (yes), 0 (no), or nothing if unknown." in found

    def test_level(self):
        found = fault("A,B,sex,count\n1,0,f,3\n0,1,F,2\n", ABSEX)
        assert found.startswith("table.csv, line 3, column sex: 'F' is no declared level.")
        assert "leave the cell blank if it is unknown" in found
        assert "Did you mean 'f'?" in found

    def test_one_fault_for_an_entry_that_stands_often(self):
        found = fault("A,B,sex,count\n1,0,x,3\n0,1,x,2\n1,1,x,1\n", ABSEX)
        assert found.startswith("table.csv, line 2, column sex: 'x'")
        assert found.endswith("The same stands on 2 more lines of this column.")

    def test_wide_names_the_history(self):
        assert fault("sex,A,A&B\nf,3,2\nm,4,1.5\n", ABSEX).startswith("table.csv, line 3, column A&B: '1.5'")

    def test_all_faults_at_once_in_the_order_of_lines(self):
        text = "A,B,sex,count\n1,0,f,3\n1,0,f,4\n0,0,m,7\n2,1,m,1\n0,1,x,1\n1,1,m,-1\n1,1,f\n"
        found = faults(text, ABSEX)
        assert [int(one.split("line ")[1][0]) for one in found] == [3, 4, 5, 6, 7, 8]

    def test_at_most_twenty_are_listed(self):
        rows = "".join(f"1,0,{number}.5\n" for number in range(30))
        found = faults("A,B,count\n" + rows)
        assert len(found) == 21
        assert found[-1] == "table.csv: 10 more faults are not listed here. Mend these first."

    def test_other_cells_of_a_row_stay_out_of_messages(self):
        secret = Covariate("origin", ("Ruritania",))
        text = "A,B,origin,count\n1,0,Ruritania,3\n1,0,Ruritania,4\n0,0,Ruritania,5\n0,1,Ruritania,x\n"
        assert not any("Ruritania" in one for one in faults(text, Declaration(("A", "B"), (secret,))))


class TestRows:
    def test_repeated_row_names_both_lines(self):
        found = fault("A,B,count\n1,0,3\n0,1,2\n1,0,4\n")
        assert found.startswith(
            "table.csv, line 4: This row has the same lists and levels as line 2. Add the two counts"
        )

    def test_repeated_blank_rows_too(self):
        assert "as line 2" in fault("A,B,sex,count\n1,,f,3\n1,,f,3\n", ABSEX)

    def test_repeated_wide_row_is_one_fault(self):
        assert "table.csv, line 3: This row has the same" in fault("sex,A,A&B\nf,3,1\nf,3,1\n", ABSEX)

    def test_people_on_no_list(self):
        found = fault("A,B,count\n1,0,3\n0,0,9\n")
        assert found.startswith("table.csv, line 3, column count: This row counts people who are on no list")
        assert "Leave the count blank." in found

    @pytest.mark.parametrize("counts", [("0", "0"), ("", "0"), ("", "")])
    def test_all_counts_zero_or_blank(self, counts):
        found = fault("A,B,count\n1,0,{}\n0,1,{}\n".format(*counts))
        assert found.startswith("table.csv, column count: All counts are zero or blank")


class TestSize:
    def test_more_strata_than_memory_is_refused_before_anything_is_allocated(self):
        wide = tuple(Covariate(f"c{i}", tuple(map(str, range(1000 + i)))) for i in range(5))
        found = fault("A,B,c0,c1,c2,c3,c4,count\n1,0,1,1,1,1,1,3\n", Declaration(("A", "B"), wide))
        assert "at most 20,000,000 fit in memory. Merge levels of the covariates" in found
        assert "'c4' has most levels, 1,004." in found

    def test_too_many_lists(self):
        lists = tuple(f"L{i}" for i in range(17))
        found = fault(",".join(lists) + ",count\n" + "1," * 17 + "3\n", Declaration(lists))
        assert "There are 17 lists, and at most 16 can be used. Merge lists" in found

    def test_sixteen_lists_can_be_read(self):
        lists = tuple(f"L{i}" for i in range(16))
        table = read(",".join(lists) + ",count\n" + "1," * 16 + "3\n", Declaration(lists))
        assert table.registered.lower == 3
        assert len(table.lower) == 2**16 - 1


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_plainly_refused(data):
    try:
        read(data)
    except InputError as error:
        assert all(str(one).endswith((".", "?")) for one in error.faults)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='AB&01,;"\n.<-x ', max_size=60))
def test_any_text_below_a_header_is_read_or_plainly_refused(text):
    try:
        read("A,B,sex,count\n" + text, ABSEX)
    except InputError as error:
        assert all(str(one).endswith((".", "?")) for one in error.faults)
