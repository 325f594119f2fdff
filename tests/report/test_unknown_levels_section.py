"""What hangs on what is unknown of people, on the page of a scrutiny and in the report of its run."""

from __future__ import annotations

import pytest

from estimator import estimate
from estimator.document.building import document_of
from estimator.document.content import Figure, Table
from estimator.document.pictures.drawing import alt_of, csv_of, png_of
from estimator.methods.door import SamplerSettings
from estimator.notebooks import scrutinise
from estimator.runs.reading import read_run
from estimator.scrutiny.record import JSON
from estimator.words.words import words_in

STUDY = """title = "A made-up town"
source = "Made up"
[lists.P]
[lists.K]
[covariates.sex]
label = "Sex"
label_nl = "Geslacht"
levels = ["f", "m"]
[groups.women]
label = "Women"
label_nl = "Vrouwen"
where = { sex = "f" }
[model]
priors = "independence"
"""
TABLE = "sex,P,K,count\nf,1,0,60\nf,0,1,40\nf,1,1,20\nm,1,0,50\nm,0,1,30\nm,1,1,15\n,1,0,30\n,0,1,25\n,1,1,9\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unknown-levels")
    (folder / "town").mkdir()
    (folder / "town" / "study.toml").write_text(STUDY)
    (folder / "town" / "table.csv").write_text(TABLE)
    made = estimate(folder / "town", beside=(), sampler=SamplerSettings(draws=300, warmup=300))
    made.save(folder / "run")
    scrutinise(folder / "run", only=["unknown-levels"]).save()
    return read_run(folder / "run")


def blocks_of(run, language="en"):
    document = document_of(run, words_in(language))
    method = next(section for section in document.sections if section.id == "method")
    return next(section for section in method.sections if section.id == "method-scrutiny").blocks


def test_the_report_has_its_figure(run):
    figure = next(block for block in blocks_of(run) if isinstance(block, Figure))
    rows = figure.data.rows
    assert [row.key.rpartition(": ")[2] for row in rows] == ["total", "model", "dropped", "lowest", "highest"] + [
        "women",
        "model",
        "dropped",
        "lowest",
        "highest",
    ]
    model, dropped, lowest, highest = (row.cells[0].value for row in rows[6:])
    assert lowest < model < highest
    assert dropped < model
    assert rows[6].cells[0].value == round(run.record.groups["women"].N.median)
    assert rows[9].label == "most: if all of unknown sex are f"
    assert png_of(figure, words_in("en")).startswith(b"\x89PNG")
    assert f"Women, left out: {rows[7].cells[0].text} ({rows[7].cells[1].text})" in alt_of(figure, words_in("en"))
    assert csv_of(figure.data).splitlines()[7].startswith("women: model,estimate,")


def test_and_in_dutch(run):
    figure = next(block for block in blocks_of(run, "nl") if isinstance(block, Figure))
    assert figure.data.rows[9].label == "hoogste: als iedereen van wie geslacht onbekend is, f is"


def test_the_page_has_its_numbers_one_by_one(run):
    page = (run.folder / "scrutiny.html").read_text()
    assert page.count("<svg") == 1
    table = page[page.index("People of whom something is unknown") :]
    assert table.count('<th scope="row">Women</th>') == 4
    assert "most: if all of unknown sex are f" in table


def test_without_the_record_of_the_scrutiny_there_is_no_figure(run, tmp_path):
    kept = (run.folder / JSON).read_bytes()
    try:
        (run.folder / JSON).unlink()
        assert not any(isinstance(block, Figure) for block in blocks_of(run))
        assert any(isinstance(block, Table) for block in blocks_of(run))
    finally:
        (run.folder / JSON).write_bytes(kept)
