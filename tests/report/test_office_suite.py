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
def run(series, tmp_path_factory):
    return read_run(save_run(series, tmp_path_factory.mktemp("office") / "run"))


def printed(path: Path, folder: Path) -> str:
    """The text of a document as LibreOffice prints it."""
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
    reading = [program("pdftotext"), "-raw", str(made), "-"]
    return subprocess.run(reading, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("name", ["docx", "xlsx"])
def test_libreoffice_prints_every_number_of_the_first_table(run, name, language, tmp_path):
    report = document_of(run, words_in(language))
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
