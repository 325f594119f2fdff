"""LibreOffice opens the documents for offices, and prints what they say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from estimator.document.building import document_of
from estimator.document.content import Table
from estimator.document.writers.registry import writer_named
from estimator.runs.reading import read_run
from estimator.runs.writing import save_run
from estimator.words.words import words_in
from tests.programs import program


@pytest.fixture(scope="module")
def small_run(series, tmp_path_factory):
    return read_run(save_run(series, tmp_path_factory.mktemp("office") / "run"))


def printed(path: Path, folder: Path, *pages: str) -> str:
    """The text of a document as LibreOffice prints it, or of some of its pages."""
    command = [
        program("soffice", "libreoffice"),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    made = folder / f"{path.stem}.pdf"
    assert made.is_file(), done.stdout + done.stderr
    reading = [program("pdftotext"), "-raw", *pages, str(made), "-"]
    return subprocess.run(reading, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("name", ["docx", "xlsx"])
def test_libreoffice_prints_every_number_of_the_first_table(small_run, name, language, tmp_path):
    report = document_of(small_run, words_in(language))
    (path,) = writer_named(name)(report, tmp_path)
    text = printed(path, tmp_path)
    table = next(block for block in report.blocks() if isinstance(block, Table))
    said = [cell.text for row in table.rows for cell in row.cells if cell.text[:1].isdigit()]
    assert said
    # separators of thousands are those of the machine: numbers are compared without
    printed_numbers = {re.sub(r"\D", "", one) for one in re.findall(r"\d[\d.,\u00a0\u202f]*", text)}
    for number in said:
        assert {re.sub(r"\D", "", one) for one in re.findall(r"\d[\d.,]*", number)} <= printed_numbers, number
    assert re.sub(r"\s+", "", report.title)[:20] in re.sub(r"\s+", "", text)


def test_the_page_for_a_minister_is_page_one_of_a_document_for_word(report, run, tmp_path):
    """And no more of it: the results begin on page two. Of shipped studies, as LibreOffice lays them out."""
    language, folder, *_ = report
    path = folder / f"report-{language}.docx"
    first, second = (re.sub(r"\s+", "", printed(path, tmp_path, "-f", page, "-l", page)) for page in "12")
    summary, results, *_ = document_of(run, words_in(language)).sections
    for part in summary.sections:
        assert re.sub(r"\s+", "", part.title) in first
    assert re.sub(r"\s+", "", results.title) in second[:80]
