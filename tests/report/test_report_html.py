"""A report in HTML, read back: its numbers are those of estimate.json, and the page is fit for every reader."""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter

import html5lib
import pytest

from estimator.document.building import document_of
from estimator.document.cells import Rounding
from estimator.document.content import Figure, Table
from estimator.document.pictures.drawing import csv_of
from estimator.document.writers.html import html_of
from estimator.words.words import words_in
from tests.report.reading_back import NS, assert_is, elements, numbers_in, table_of, text_in, unit_of

LANGUAGES = ("en", "nl")


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request, series_run):
    """The document, and its page as a tree; html5lib refuses what is not valid HTML."""
    document = document_of(series_run, words_in(request.param))
    page = html_of(document)
    tree = html5lib.HTMLParser(strict=True).parse(page)
    return document, page, tree


def test_every_number_of_every_group_and_year_is_that_of_estimate_json(report, series_run):
    document, _, tree = report
    estimate = json.loads((series_run.folder / "estimate.json").read_text())
    tables = {"groups": estimate["groups"]} | {f"groups-{year}": groups for year, groups in estimate["by_year"].items()}
    for name, groups in tables.items():
        printed = table_of(tree, name)
        assert len(printed) == len(groups)
        for group in groups.values():
            assert_is(printed[group["label"]["en"]], group, document.language)
    for year, groups in estimate["by_year"].items():
        assert_is(table_of(tree, "years")[year], groups["total"], document.language)


def test_the_first_page_says_the_numbers_of_estimate_json(report, series_run):
    document, _, tree = report
    estimate = json.loads((series_run.folder / "estimate.json").read_text())
    total = estimate["groups"]["total"]
    large = [text_in(p) for p in elements(tree, "p") if p.get("class") == "number"]
    unit = unit_of(total["N"])
    wanted = [round(total["N"]["median"] / unit) * unit, total["registered"]]
    wanted.append(round(total["dark_figure"]["median"] / unit) * unit)
    said = [numbers_in(text, document.language)[0] for text in large]
    assert said[0] == wanted[0] and abs(said[1] - wanted[1]) <= 0.5 and said[2] == wanted[2]
    (lead,) = (text_in(p) for p in elements(tree, "p") if p.get("class") == "lead")
    assert {said[0], said[1]} <= set(numbers_in(lead, document.language))


def test_every_cell_says_the_number_behind_it(report):
    """In every table and the data of every figure: what XLSX and CSV hold is what is printed."""
    document, _, _ = report
    for table in document.tables():
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.quantity in ("words", "published", "factor", "probability"):
                    continue
                scale = 100 if cell.quantity == "coverage" and "%" in cell.text else 1
                if cell.lower is not None:
                    assert numbers_in(cell.text, document.language) == pytest.approx(
                        [cell.lower * scale, cell.upper * scale]
                    ), (table.id, row.key, column.key)
                elif cell.value is not None and numbers_in(cell.text, document.language):
                    assert numbers_in(cell.text, document.language)[-1] == pytest.approx(cell.value * scale)


def test_combinations_add_up_as_printed(report):
    document, _, _ = report
    tables = [table for table in document.tables() if table.id.startswith("combinations")]
    assert len(tables) == 5
    for table in tables:
        for place in (0, 1):
            total, *parts = (row.cells[place].value for row in table.rows)
            assert sum(parts) == total
        for row in table.rows:
            assert row.cells[1].value >= math.floor(row.cells[0].value)
            assert row.cells[2].lower <= row.cells[1].value <= row.cells[2].upper


def test_the_table_of_the_indicator_adds_up_in_people_and_in_rates(report):
    document, _, _ = report
    (table,) = (table for table in document.tables() if table.id == "sdg-16-2-2")
    total, _heading, *parts = table.rows
    for place in (0, 2):
        assert sum(row.cells[place].value for row in parts) == total.cells[place].value
    assert sum(row.cells[4].value for row in parts) == pytest.approx(total.cells[4].value)


def test_the_probability_of_a_rise_is_that_of_the_comparison(report, series_run):
    from estimator.comparison.comparison import compare_years

    document, _, tree = report
    rows = table_of(tree, "years")
    for step in compare_years(series_run).steps:
        (chance,) = numbers_in(rows[step.after][-1], document.language)
        assert abs(chance - 100 * step.total.N.rise) <= 1


def test_the_page_is_whole_and_for_everybody(report):
    document, page, tree = report
    assert tree.get("lang") == document.language
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert not [name for name, times in ids.items() if times > 1]
    for image in elements(tree, "img"):
        assert len(image.get("alt")) > 20 and image.get("src").startswith("data:image/svg+xml;base64,")
    for table in elements(tree, "table"):
        assert text_in(next(table.iter(f"{NS}caption")))
        assert all(head.get("scope") in ("col", "row") for head in table.iter(f"{NS}th"))
    for element in tree.iter():
        for name in (element.get("aria-labelledby") or "").split():
            assert name in ids
        target = element.get("href") or ""
        assert not target or (target.startswith("#") and target[1:] in ids)
    levels = [int(element.tag[-1]) for element in tree.iter() if re.fullmatch(rf"{NS}h[1-6]", str(element.tag))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert [script.get("type") for script in elements(tree, "script")] == ["application/vnd.citationstyles.csl+json"]
    outside = re.findall(r"""(?:src|href|url\()\s*=?\s*["']?https?:""", page)
    assert not outside and "@import" not in page


def test_what_is_no_evidence_says_so_on_the_page_and_in_every_figure(report):
    document, page, tree = report
    stamp = words_in(document.language).text("report.stamp.synthetic")
    assert document.status.stamp == stamp and not document.status.publishable
    assert [text_in(aside) for aside in elements(tree, "aside") if aside.get("class") == "banner"] == [stamp]
    assert page.count(stamp) >= 2
    pictures = [base64.b64decode(image.get("src").partition(",")[2]).decode() for image in elements(tree, "img")]
    assert pictures and all(stamp in picture for picture in pictures)  # beside the outlines of its letters


def test_languages_have_the_same_parts_and_numbers(series_run):
    english, dutch = (document_of(series_run, words_in(language)) for language in LANGUAGES)

    def parts(document):
        values = [
            (table.id, row.key, cell.value, cell.lower, cell.upper)
            for table in document.tables()
            for row in table.rows
            for cell in row.cells
        ]
        return [section.id for section in document.all_sections()], values

    assert parts(english) == parts(dutch)
    assert english.citation["language"] == "en" and dutch.citation["language"] == "nl"


def test_the_data_of_a_figure_as_csv_are_the_numbers_that_are_drawn(report):
    document, _, _ = report
    for figure in document.figures():
        lines = csv_of(figure.data).splitlines()
        assert len(lines) == len(figure.data.rows) + 1
    (series,) = (figure for figure in document.figures() if figure.id == "series")
    head, *rows = (line.split(",") for line in csv_of(series.data).splitlines())
    for line, row in zip(rows, series.data.rows, strict=True):
        values = dict(zip(head, line, strict=False))
        assert float(values["registered"]) == row.cells[0].value
        assert float(values["interval_lower"]) == row.cells[2].lower


def test_no_block_of_a_report_has_an_id_twice(report):
    document, _, _ = report
    ids = [block.id for block in document.blocks() if isinstance(block, Table | Figure)]
    ids += [figure.data.id for figure in document.figures()] + [section.id for section in document.all_sections()]
    assert len(ids) == len(set(ids))


def test_a_report_rounds_as_the_study_says(series_run):
    words = words_in("en")
    coarse = document_of(series_run, words, Rounding(100))
    (table,) = (table for table in coarse.tables() if table.id == "groups")
    estimate = json.loads((series_run.folder / "estimate.json").read_text())
    assert table.rows[0].cells[1].value == max(
        round(estimate["groups"]["total"]["N"]["median"] / 100) * 100, estimate["groups"]["total"]["registered"]
    )
    (crossed,) = (table for table in coarse.tables() if table.id == "combinations")
    assert crossed.rows[0].cells[1].value == table.rows[0].cells[1].value
    assert sum(row.cells[1].value for row in crossed.rows[1:]) == crossed.rows[0].cells[1].value
