"""The section of a report about a multiverse: in every format and language, with its numbers."""

from __future__ import annotations

import csv
import html
import re

import pytest

from estimator.document.building import Beside
from estimator.document.cells import CellMaker
from estimator.document.content import Figure, Table
from estimator.document.making import make_report
from estimator.document.multiverse_section import MOST_SHOWN, multiverse_section
from estimator.document.pictures.drawing import alt_of, svg_of
from estimator.errors import InputError
from estimator.multiverse.record import (
    AlternativeRecord,
    ChoiceRecord,
    MultiverseRecord,
    RangeRecord,
    SpecificationRecord,
    read_multiverse_of,
)
from estimator.reasons import Reason
from estimator.report.labels import choice_with_labels
from estimator.report.terminal.multiverse import multiverse_text
from estimator.runs.group_records import LabelRecord
from estimator.words.words import words_in


def made_up(number: int, study: str = "series") -> MultiverseRecord:
    """A multiverse of a choice between methods and one of many lists; the last specification fails."""
    lists = ["all", *(f"without L{place}" for place in range(number))]
    medians = [1000.0 + 37 * place for place in range(len(lists))]
    done = [
        SpecificationRecord(
            chosen=[name], status="passes", median=median, lower=median / 2, upper=median * 2, reasons=[]
        )
        for name, median in zip(lists, medians, strict=True)
    ]
    poor = Reason("model-does-not-describe-table", p=0.0002, limit=0.001)
    done[-1] = done[-1].changed(status="fails-diagnostics", reasons=[poor])
    alternatives = [
        AlternativeRecord(
            name=name,
            said=Reason("multiverse-changed-lists", drop=(name.removeprefix("without "),), merge=())
            if name != "all"
            else Reason("multiverse-all-lists"),
            why=LabelRecord(en="It is small", nl="Het is klein"),
            specifications=1,
            passed=int(name != lists[-1]),
            median=None if name == lists[-1] else median,
        )
        for name, median in zip(lists, medians, strict=True)
    ]
    return MultiverseRecord(
        schema_version=2,
        darkfigure="0",
        study=study,
        title=LabelRecord(en="Made up", nl="Verzonnen"),
        kind="observed",
        language="en",
        years=[],
        per_year=False,
        draws=1000,
        seed=1,
        inputs={},
        possible=len(done),
        impossible=0,
        choices=[
            ChoiceRecord(
                name="lists",
                said=Reason("multiverse-lists"),
                share=1.0,
                alone=1.0,
                chance=1.0,
                alternatives=alternatives,
            )
        ],
        specifications=done,
        total=RangeRecord(
            lowest=medians[0], highest=medians[-2], middle=(medians[0], medians[-2]), intervals=(500.0, 2 * medians[-2])
        ),
        variance=0.1,
        failures={"model-does-not-describe-table": 1},
        notes=[],
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_specification_is_in_every_format(series_run, tmp_path, language):
    import docx

    formats = ["html", "docx", "xlsx", "figures"]
    record, words = made_up(4), words_in(language)
    files = make_report(series_run, words, formats, tmp_path / "report", beside=Beside(multiverse=record))
    page = next(path for path in files if path.suffix == ".html").read_text(encoding="utf-8")
    text = " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())
    document = docx.Document(str(next(path for path in files if path.suffix == ".docx")))
    written = " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for alternative in record.choices[0].alternatives:
        assert words.say(alternative.said) in text
        assert words.say(alternative.said) in written
        assert alternative.why.text(language) in written
    assert "model-does-not-describe-table" in text
    assert words.text("report.heading.multiverse") in text
    rows = list(csv.DictReader(next(path for path in files if path.name == "multiverse.csv").open(encoding="utf-8")))
    assert len(rows) == 4, "one of the five fails diagnostics"
    assert [float(row["estimated"]) for row in rows] == sorted(float(row["estimated"]) for row in rows)
    for row, one in zip(rows, record.passed, strict=True):
        assert float(row["estimated"]) == pytest.approx(one.median, rel=0.02)
        assert float(row["interval_lower"]) <= one.lower
        assert float(row["interval_upper"]) >= one.upper


def test_of_many_specifications_the_figure_shows_some_evenly_and_the_declared_one():
    record, words = made_up(300), words_in("en")
    first, *others = record.specifications
    record = record.changed(specifications=[first.changed(median=1080.0), *others])  # no even one
    section = multiverse_section(record, CellMaker(words))
    (figure,) = (block for block in section.blocks if hasattr(block, "drawing"))
    ranks = [int(row.label) for row in figure.data.rows]
    assert ranks[0] == 1
    assert ranks[-1] == 300
    assert MOST_SHOWN <= len(ranks) <= MOST_SHOWN + 1
    assert sum(row.strong for row in figure.data.rows) == 1
    assert any("multiverse.csv" in note for note in figure.notes)
    assert svg_of(figure, words) == svg_of(figure, words)
    assert "Lists (100 %)" in alt_of(figure, words)


@pytest.mark.parametrize(("language", "police"), [("en", "National Police"), ("nl", "Nationale Politie")])
def test_lists_and_covariates_stand_by_their_labels(language, police):
    """In the curve, the tables and the terminal; by their names in a multiverse that keeps no labels."""
    labels = {"L0": LabelRecord(en="National Police", nl="Nationale Politie")}
    of_sex = {"sex": LabelRecord(en="Sex", nl="Geslacht")}
    words, record = words_in(language), made_up(4).changed(lists=labels, covariates=of_sex)
    section = multiverse_section(record, CellMaker(words))
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    said = {cell.text for row in figure.data.rows for cell in row.cells}
    assert any(police in one for one in said) and not any("L0" in one for one in said)
    (table,) = (block for block in section.blocks if isinstance(block, Table) and "alternatives" in block.id)
    assert any(police in row.label for row in table.rows)
    assert police in multiverse_text(record, words) and "L0" in multiverse_text(made_up(4), words)
    choice = Reason("multiverse-without-covariates", names=("sex", "age"))
    assert choice_with_labels(choice, record, language)["names"] == (of_sex["sex"].text(language).lower(), "age")
    merged = Reason("multiverse-changed-lists", drop=(), merge=("L0", "L1"))
    assert choice_with_labels(merged, record, language)["merge"] == (police, "L1")
    decided = Reason("multiverse-decided", choice="drop", list="L0")
    assert choice_with_labels(decided, record, language)["list"] == police


def test_under_rules_of_disclosure_no_sentence_of_a_failed_specification_is_printed():
    from estimator.document.cells import Rounding

    words = words_in("en")
    for bounds in (True, False):
        section = multiverse_section(made_up(3), CellMaker(words, Rounding(bounds=bounds)))
        table = next(block for block in section.blocks if getattr(block, "id", "") == "multiverse-failures")
        assert ("example" in [column.key for column in table.columns]) is bounds


def test_a_multiverse_of_another_study_is_refused(tmp_path):
    (tmp_path / "multiverse.json").write_text(made_up(2, "other").text())
    with pytest.raises(InputError, match="of the study 'other'"):
        read_multiverse_of(tmp_path, "series")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nothing_of_the_picture_is_cut_off(language):
    from estimator.document.pictures.drawing import _drawn

    words = words_in(language)
    section = multiverse_section(made_up(12), CellMaker(words))
    (figure,) = (block for block in section.blocks if hasattr(block, "drawing"))
    canvas = _drawn(figure, words, "")
    canvas.draw_without_rendering()
    above, below = canvas.axes
    texts = [above.get_legend(), *above.texts, *below.texts, *below.get_yticklabels(), below.xaxis.label]
    for text in texts:
        box = text.get_window_extent()
        assert canvas.bbox.x0 <= box.x0
        assert box.x1 <= canvas.bbox.x1 + 1
        assert box.y1 <= canvas.bbox.y1 + 1
