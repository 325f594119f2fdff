"""The report as PDF: everything the document says is in it, in an order and with tags that a screen reader follows."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from estimator.document.building import document_of
from estimator.document.content import Figure, Formula, Table
from estimator.document.pictures.drawing import alt_of
from estimator.document.writers import pdf
from estimator.document.writers.pdf import pdf_of
from estimator.document.writers.registry import writer_named
from estimator.errors import InputError
from estimator.runs.reading import read_run
from estimator.runs.writing import save_run
from estimator.words.words import words_in
from tests.programs import program
from tests.report.report_examples import HOSTILE, document


@pytest.fixture(scope="module")
def run(series, tmp_path_factory):
    return read_run(save_run(series, tmp_path_factory.mktemp("pdf") / "run"))


def poppler(name: str, content: bytes, folder, *options: str) -> str:
    path = folder / "r.pdf"
    path.write_bytes(content)
    tail = ["-"] if name == "pdftotext" else []
    command = [program(name), *options, str(path), *tail]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def squeezed(text: str) -> str:
    """Text without white space and hyphens, so that where lines break does not matter."""
    return re.sub(r"[\s\u00ad-]+", "", text)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_it_is_tagged_and_says_its_language_and_title(language):
    made = pdf_of(document(language))
    assert made.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made, "PDF/UA-1"
    assert f"/Lang({language})".encode() in made and b"/DisplayDocTitle true" in made
    assert b"Presumed victims</rdf:li>" in made


def test_the_same_report_gives_the_same_bytes():
    assert pdf_of(document()) == pdf_of(document())


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_cell_of_every_table_is_printed(run, language, tmp_path):
    report = document_of(run, words_in(language))
    text = squeezed(poppler("pdftotext", pdf_of(report), tmp_path, "-raw"))
    tables = [block for block in report.blocks() if isinstance(block, Table)]
    assert sum(len(table.rows) for table in tables) > 20
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                said = squeezed(cell.text)
                whole = (said,) if len(said) < 30 else (said[:12], said[-12:])  # a long one may go on on the next page
                assert all(part in text for part in whole), (table.id, row.key, cell.text)


def test_page_one_is_the_page_for_a_minister_and_no_more(run, tmp_path):
    for language in ("en", "nl"):
        words = words_in(language)
        report = document_of(run, words)
        made = pdf_of(report)
        first = squeezed(poppler("pdftotext", made, tmp_path, "-f", "1", "-l", "1", "-raw"))
        second = squeezed(poppler("pdftotext", made, tmp_path, "-f", "2", "-l", "2", "-raw"))
        assert all(squeezed(one.title) in first for one in report.sections[0].sections)
        for repeated in (report.status.stamp, report.title):
            second = second.replace(squeezed(repeated), "")
        assert second.startswith(squeezed(words.text("report.page.contents")))


@pytest.mark.parametrize("language", ["en", "nl"])
def test_page_one_is_read_in_the_order_of_the_page_in_a_browser(run, language, tmp_path):
    """Down the left column and then the right one, whatever their heights."""
    report = document_of(run, words_in(language))
    said = poppler("pdftotext", pdf_of(report), tmp_path, "-f", "1", "-l", "1", "-raw")
    lines = [" ".join(line.split()) for line in said.splitlines()]
    titles = [part.title for part in report.sections[0].sections]
    assert len(titles) == 4
    assert [line for line in lines if line in titles] == titles


def test_its_structure_is_that_of_the_document(tmp_path):
    report = document()
    tree = poppler("pdfinfo", pdf_of(report), tmp_path, "-struct-text")
    kinds = [line.split()[0].rstrip(":") for line in tree.splitlines() if line.strip() and line.strip()[0] not in '"/']
    tables = [block for block in report.blocks() if isinstance(block, Table)]
    assert kinds.count("Table") == len(tables)
    assert kinds.count("TH") == sum(1 + len(table.columns) for table in tables)
    assert kinds.count("TR") == sum(1 + len(table.rows) for table in tables)
    assert kinds.count("Figure") == len(list(report.figures()))
    assert kinds.count("Formula") == sum(isinstance(block, Formula) for block in report.blocks())
    assert kinds.count("H1") == len(report.sections) + 1, "and the contents"
    assert kinds.count("H2") == sum(len(part.sections) for part in report.sections)


def test_pictures_and_formulas_have_words(tmp_path):
    report = document("nl")
    made = pdf_of(report)
    spoken = {alt_of(block, words_in("nl")) for block in report.blocks() if isinstance(block, Figure)}
    spoken |= {block.spoken for block in report.blocks() if isinstance(block, Formula)}
    alts = [_decoded(found) for found in re.findall(rb"/Alt\s*(\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>)", made)]
    assert {squeezed(one) for one in spoken} <= {squeezed(one) for one in alts}


def _decoded(text: bytes) -> str:
    """A text of a PDF file: in hexadecimal or in parentheses, in UTF-16 or in single bytes."""
    if text.startswith(b"<"):
        plain = bytes.fromhex(text[1:-1].decode())
    else:
        plain = re.sub(
            rb"\\([0-7]{3}|.)",
            lambda found: bytes([int(found[1], 8)]) if len(found[1]) == 3 else {b"n": b"\n"}.get(found[1], found[1]),
            text[1:-1],
            flags=re.DOTALL,
        )
    return plain[2:].decode("utf-16-be") if plain.startswith(b"\xfe\xff") else plain.decode("latin-1")


@pytest.mark.parametrize("said", HOSTILE)
def test_what_people_write_is_shown_and_never_read_as_markup(said, tmp_path):
    made = pdf_of(document(said=said, stamp=said[:60]))
    text = squeezed(poppler("pdftotext", made, tmp_path, "-raw"))
    plain = "".join(one for one in squeezed(said) if one.isascii())
    assert plain[:40] in "".join(one for one in text if one.isascii())


def test_the_stamp_stands_on_every_page(tmp_path):
    made = pdf_of(document(stamp="NOT TO BE PUBLISHED"))
    pages = int(re.search(r"Pages:\s+(\d+)", poppler("pdfinfo", made, tmp_path))[1])
    assert pages >= 4
    for page in map(str, range(1, pages + 1)):
        text = poppler("pdftotext", made, tmp_path, "-f", page, "-l", page)
        assert squeezed("NOT TO BE PUBLISHED") in squeezed(text), page


def test_without_typst_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "estimator.document.writers.pdf")
    with pytest.raises(InputError, match=r"pdf needs typst.*darkfigure\[report\]"):
        writer_named("pdf")


def test_without_its_font_a_sentence_says_what_has_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "_font_folder", lambda: tmp_path)
    with pytest.raises(InputError, match=r"DejaVuSans\.ttf.*has gone"):
        pdf_of(document())


def test_a_template_that_somebody_broke_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "report.typ").write_text("#no-such-function()")
    monkeypatch.setattr(pdf, "shipped", lambda _name: tmp_path)
    with pytest.raises(InputError, match=r"report.typ: The report could not be typeset \(unknown variable"):
        pdf_of(document())


def test_no_page_is_empty_and_none_runs_over(run, tmp_path):
    """A page in print is at least a tenth full, but for the last one; nothing lies outside the margins."""
    from PIL import Image

    (tmp_path / "r.pdf").write_bytes(pdf_of(document_of(run, words_in("nl"))))
    command = [program("pdftoppm"), "-r", "30", "-gray", "-png", str(tmp_path / "r.pdf"), str(tmp_path / "page")]
    subprocess.run(command, timeout=60, check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) > 3
    for page in pages:
        with Image.open(page) as image:
            dark = image.point(lambda value: 255 * (value < 140))
            left, _, right, bottom = dark.getbbox()
            assert left > 0.03 * image.width and right < 0.97 * image.width, page.name
            body = dark.crop((0, image.height // 12, image.width, image.height * 9 // 10)).getbbox()
            assert body and (body[3] > image.height * 0.1 or page == pages[-1]), page.name
            assert bottom < 0.98 * image.height
