"""The report for Word and as a workbook, read back: the numbers of estimate.json, after rounding, in both languages."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import docx as word
import openpyxl
import pytest
from docx.oxml.ns import qn

from estimator.document.building import document_of
from estimator.document.content import Cell, Column, Document, Row, Section, Status, Table
from estimator.document.making import make_report
from estimator.document.writers import docx, docx_tables, xlsx
from estimator.document.writers.registry import writer_named
from estimator.errors import InputError
from estimator.runs.manifest import DisclosureFacts
from estimator.runs.reading import Run, read_run
from estimator.runs.writing import save_run
from estimator.words.words import words_in

LANGUAGES = ("en", "nl")


@pytest.fixture(scope="module")
def run(series, tmp_path_factory) -> Run:
    return read_run(save_run(series, tmp_path_factory.mktemp("runs") / "one", ("darkfigure", "estimate", "series")))


@pytest.fixture(scope="module", params=LANGUAGES)
def document(request, run) -> Document:
    return document_of(run, words_in(request.param))


@pytest.fixture(scope="module")
def workbook(document, tmp_path_factory):
    [path] = xlsx.write(document, tmp_path_factory.mktemp("xlsx"))
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def text(document, tmp_path_factory):
    [path] = docx.write(document, tmp_path_factory.mktemp("docx"))
    return word.Document(str(path))


def in_words(document: Document) -> list[Table]:
    """The tables that stand in the text, in their order."""
    return [block for block in document.blocks() if isinstance(block, Table)]


def tables_of(text) -> list:
    """The tables of a document for Word, without the one that sets numbers in large type beside each other."""
    return [table for table in text.tables if table._tbl.tblPr.find(qn("w:tblCaption")) is not None]


def number_in(shown: str, language: str) -> float:
    """A number as a reader of the language reads it."""
    plain = shown.replace(",", "") if language == "en" else shown.replace(".", "").replace(",", ".")
    return float(re.search(r"-?\d+(?:\.\d+)?", plain).group())


def sheet_of(workbook, table: Table, document: Document) -> dict[str, dict[str, object]]:
    """The rows of a sheet by their keys, each a list of what stands in its columns."""
    names = xlsx.sheet_names(list({one.id: one for one in document.tables()}.values()))
    lines = list(workbook[names[table.id]].iter_rows(values_only=True))
    top = next(place for place, line in enumerate(lines) if line[0] in ("key", "sleutel"))
    return {str(line[0]): list(line[2:]) for line in lines[top + 1 :]}


class TestWorkbook:
    def test_every_number_of_every_table_is_a_number_in_its_sheet(self, workbook, document):
        compared = 0
        for table in document.tables():
            rows = sheet_of(workbook, table, document)
            for row in table.rows:
                expected: list[object] = []
                for place, cell in enumerate(row.cells):
                    beside = [other.cells[place] for other in table.rows]
                    intervals = any(other.upper is not None for other in beside)
                    if not intervals or any(other.value is not None for other in beside):
                        expected.append(cell.value if cell.quantity not in ("words", "published") else None)
                    if intervals:
                        expected += [cell.lower, cell.upper]
                for found, wanted in zip(rows[row.key], expected, strict=True):
                    if wanted is not None:
                        assert found == wanted
                        compared += 1
        assert compared > 100

    def test_groups_are_those_of_the_estimate(self, workbook, document, run):
        [table] = [one for one in document.tables() if one.id == "groups"]
        rows = sheet_of(workbook, table, document)
        assert set(rows) == set(run.record.groups)
        for name, group in run.record.groups.items():
            registered, estimated, lower, upper, coverage, *_ = rows[name]
            width = group.N.upper - group.N.lower
            assert registered == round(group.registered)
            assert abs(estimated - group.N.median) <= max(0.5, width / 20)
            assert lower <= group.N.lower
            assert upper >= group.N.upper
            assert coverage == pytest.approx(group.coverage.median, abs=0.0051)

    def test_shown_as_in_the_report(self, workbook, document):
        [table] = [one for one in document.tables() if one.id == "groups"]
        sheet = workbook["groups"]
        formats = {cell.number_format for line in sheet.iter_rows() for cell in line if cell.data_type == "n"}
        assert {"#,##0", "0%"} <= formats
        assert sheet.freeze_panes is not None
        assert sheet["A1"].value == table.caption

    def test_the_first_sheet_says_what_the_others_are(self, workbook, document):
        first = workbook.worksheets[0]
        said = {str(cell.value) for line in first.iter_rows() for cell in line if cell.value}
        assert {document.title, *(table.caption for table in document.tables())} <= said
        assert set(workbook.sheetnames[1:]) <= said

    def test_no_text_is_a_formula(self, tmp_path):
        table = Table(
            "=1+1", "=HYPERLINK(0)", "@a", (Column("a", "+1"),), (Row("-1", '=cmd|"/c calc"!A1', (Cell("=2+2"),)),)
        )
        made = Document("en", "x", "=1", "", "", Status(True), (Section("a", "b", (table,)),))
        book = openpyxl.load_workbook(xlsx.write(made, tmp_path)[0])
        cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}

    def test_long_names_of_sheets_stay_apart(self):
        tables = [Table("x" * 40 + end, "", "", (), ()) for end in ("a", "b")]
        names = list(xlsx.sheet_names(tables).values())
        assert len({name.lower() for name in names}) == 2
        assert max(map(len, names)) <= 31


class TestWord:
    def test_every_table_reads_as_it_was_written(self, text, document):
        tables = in_words(document)
        assert len(tables_of(text)) == len(tables)
        compared = 0
        for found, wanted in zip(tables_of(text), tables, strict=True):
            lines = [[cell.text for cell in row.cells] for row in found.rows]
            assert lines[0][0] == wanted.corner
            for line, row in zip(lines[1:], wanted.rows, strict=True):
                assert line == [row.label, *(cell.text for cell in row.cells)]
                for shown, cell in zip(line[1:], row.cells, strict=True):
                    if cell.value is not None and cell.quantity in ("registered", "estimated", "coverage", "rate"):
                        scale = 100 if cell.quantity == "coverage" else 1
                        assert number_in(shown, document.language) == pytest.approx(scale * cell.value)
                        compared += 1
        assert compared > 50

    def test_the_head_of_a_table_stands_on_every_page(self, text):
        for table in tables_of(text):
            heads = [row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in table.rows]
            assert heads == [True] + [False] * (len(heads) - 1)

    def test_pictures_are_said_in_words(self, text, document):
        said = [shape._inline.docPr.get("descr") for shape in text.inline_shapes]
        assert len(said) == len(list(document.figures()))
        assert all(len(words) > 20 for words in said)

    def test_headings_and_captions_are_styles(self, text, document):
        headings = [(one.style.name, one.text) for one in text.paragraphs if one.style.name.startswith("Heading")]
        assert [title for _, title in headings] == [section.title for section in document.all_sections()]
        assert headings[0][0] == "Heading 1"
        captions = [one for one in text.paragraphs if one.style.name == "Caption"]
        assert len(captions) == len(in_words(document)) + len(list(document.figures()))
        assert all(one._p.find(qn("w:fldSimple")) is not None for one in captions)

    def test_its_language_is_that_of_the_text(self, text, document):
        wanted = {"en": "en-GB", "nl": "nl-NL"}[document.language]
        languages = {one.get(qn("w:val")) for one in text.styles.element.iter(qn("w:lang"))}
        assert languages == {wanted}
        assert text.core_properties.title == document.title

    def test_what_is_not_fit_to_publish_says_so_on_every_page(self, document, tmp_path):
        stamped = replace(document, status=Status(False, "NOT FIT", ("Because.",)))
        made = word.Document(str(docx.write(stamped, tmp_path)[0]))
        assert {section.header.paragraphs[0].text for section in made.sections} == {"NOT FIT"}

    def test_a_template_of_an_office_may_lack_styles(self, document, tmp_path, monkeypatch):
        word.Document().save(str(tmp_path / "report.docx"))
        monkeypatch.setattr(docx, "shipped", lambda _: tmp_path)
        made = word.Document(str(docx.write(document, tmp_path)[0]))
        assert len(tables_of(made)) == len(in_words(document))


@pytest.mark.parametrize("writer", [docx, xlsx])
def test_the_same_report_is_the_same_file(document, tmp_path, writer):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    one, two = (writer.write(document, folder)[0].read_bytes() for folder in folders)
    assert one == two


@pytest.mark.parametrize(("name", "library"), [("docx", "docx"), ("xlsx", "xlsxwriter")])
def test_a_missing_library_is_a_sentence_that_says_what_to_install(monkeypatch, name, library):
    monkeypatch.delitem(sys.modules, f"estimator.document.writers.{name}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputError, match=r"pip install 'darkfigure\[report\]'") as caught:
        writer_named(name)
    assert library in str(caught.value)


def test_the_shipped_template_is_what_its_script_makes(tmp_path):
    from docs.make_word_template import TARGET, template

    template().save(str(tmp_path / "made.docx"))
    made, shipped = (word.Document(str(path)) for path in (tmp_path / "made.docx", TARGET))
    assert made.styles.element.xml == shipped.styles.element.xml


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_withheld_is_withheld_in_every_format(run, tmp_path, language):
    """A rule under which much is withheld: as many marks in the workbook as the log has entries, and no such number."""
    rules = DisclosureFacts(minimum=60, rounding=1, dominance=None, zeros="shown")
    facts = run.facts.changed(disclosure=rules)
    ruled = replace(run, manifest=run.manifest.changed(facts=facts))
    words, target = words_in(language), tmp_path / "report"
    files = make_report(ruled, words, ["html", "figures", "docx", "xlsx"], target)
    [log] = [path for path in files if path.name == "withheld.csv"]
    entries = [line.split(",") for line in log.read_text("utf-8").splitlines()[1:]]
    mark = words.text("disclosure.withheld")
    workbook = openpyxl.load_workbook(target / f"report-{language}.xlsx")
    marks = [
        cell for sheet in workbook.worksheets[1:] for line in sheet.iter_rows() for cell in line if cell.value == mark
    ]
    assert len(marks) == sum(bool(column) for *_, column in entries) > 5
    whole = document_of(run, words)
    hidden = {tuple(entry) for entry in entries}
    text = word.Document(str(target / f"report-{language}.docx"))
    tables = [block for block in whole.blocks() if isinstance(block, Table)]
    page = (target / f"report-{language}.html").read_text("utf-8")
    for found, table in zip(tables_of(text), tables, strict=True):
        for line, row in zip(found.rows[1:], table.rows, strict=True):
            for shown, column in zip(line.cells[1:], table.columns, strict=True):
                assert (shown.text == mark) == ((table.id, row.key, column.key) in hidden)
    assert page.count(f">{mark}<") == len(marks)
    for path in (target / "figures").glob("*.csv"):
        lines = path.read_text("utf-8").splitlines()
        marked = {line.split(",")[0] for line in lines if mark in line}
        assert marked == {row for where, row, _ in entries if where == f"{path.stem}-data"}


def test_a_long_column_gets_the_room():
    """A reason of 900 letters beside quantities of 60 has most of the page, and a short column stays on one line."""
    rows = tuple(
        Row(str(place), "q" * 30 + " " + "r" * 29, (Cell("between 0.1 and 2"), Cell("reason " * 130)))
        for place in range(3)
    )
    table = Table("priors", "", "Quantity", (Column("belief", "Belief"), Column("why", "Why")), rows)
    quantity, belief, why = (
        int(one.get(qn("w:w"))) for one in docx_tables.table_element(table, "Table", 9638).iter(qn("w:gridCol"))
    )
    assert why > 0.5 * 9638 > quantity + belief
