"""Reports of three shipped studies, read back from every format: each number is that of estimate.json after rounding.

The estimates have few draws: what is compared is what is printed of them. The pooled Dutch table and the Scottish one
are made in every run of the tests; the reconstructed Dutch study with its years takes a minute, and is slow.
"""

from __future__ import annotations

import csv
import math
import subprocess
from pathlib import Path

import docx as word
import html5lib
import openpyxl
import pytest

from estimator.document.building import document_of
from estimator.document.making import make_report
from estimator.words.words import words_in
from tests.programs import program
from tests.report.reading_back import assert_is, elements, numbers_in, registered_of, table_of, text_in, unit_of
from tests.report.test_browser import WIDTHS, looked_at

NO_BREAK = "\N{NO-BREAK SPACE}"


def groups_of(truth) -> dict[str, dict[str, dict]]:
    """The groups of each table, by its name."""
    years = {f"groups-{year}": groups for year, groups in (truth.get("by_year") or {}).items()}
    return {"groups": truth["groups"]} | years


def rounded(people, rounding: float | None) -> float:
    """The median of a number of people as the report prints it."""
    unit = unit_of(people, rounding)
    return round(people["median"] / unit) * unit


def label_of(group, language: str) -> str:
    return group["label"].get(language) or group["label"]["en"]


def tree_of(folder: Path, language: str):
    return html5lib.HTMLParser(strict=True).parse((folder / f"report-{language}.html").read_text("utf-8"))


def test_html(report):
    language, folder, truth, rounding = report
    tree = tree_of(folder, language)
    for name, groups in groups_of(truth).items():
        printed = table_of(tree, name)
        assert len(printed) == len(groups)
        for group in groups.values():
            assert_is(printed[label_of(group, language)], group, language, rounding)
    total = truth["groups"]["total"]
    large = [numbers_in(text_in(p), language) for p in elements(tree, "p") if p.get("class") == "number"]
    assert large[0] == [rounded(total["N"], rounding)]
    assert large[1] == pytest.approx(registered_of(total), abs=0.5)
    assert large[2] == [rounded(total["dark_figure"], rounding)]


def test_pdf(report, tmp_path):
    language, folder, truth, rounding = report
    command = [program("pdftotext"), "-raw", str(folder / f"report-{language}.pdf"), "-"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    lines = {" ".join(line.replace(NO_BREAK, " ").split()) for line in said.splitlines()}
    tree = tree_of(folder, language)
    for name in groups_of(truth):
        for label, cells in table_of(tree, name).items():
            together = " ".join(cells)  # in test_html compared with estimate.json
            assert any(together in line for line in lines), (name, label, together)


def test_word(report):
    language, folder, truth, rounding = report
    document = word.Document(str(folder / f"report-{language}.docx"))
    tables = [[[cell.text.strip() for cell in row.cells] for row in table.rows] for table in document.tables]
    for groups in groups_of(truth).values():
        labels = [label_of(group, language) for group in groups.values()]
        fitting = [table for table in tables if sorted(line[0] for line in table[1:]) == sorted(labels)]
        assert fitting
        wrong = []
        for table in fitting:
            printed = {line[0]: line[1:] for line in table[1:]}
            try:
                for group in groups.values():
                    assert_is(printed[label_of(group, language)], group, language, rounding)
                break
            except (AssertionError, ValueError) as error:
                wrong.append(error)
        assert len(wrong) < len(fitting), wrong


def test_workbook(report):
    language, folder, truth, rounding = report
    book = openpyxl.load_workbook(folder / f"report-{language}.xlsx")
    for name, groups in groups_of(truth).items():
        lines = list(book[name].iter_rows(values_only=True))
        top = next(place for place, line in enumerate(lines) if line[0] in ("key", "sleutel"))
        rows = {line[0]: line[2:] for line in lines[top + 1 :]}
        heads = [words_in(language).text(f"report.column.{name}") for name in ("estimated", "coverage")]
        start, share = (lines[top].index(head) - 2 for head in heads)
        assert set(rows) == set(groups)
        for key, group in groups.items():
            assert_rounded([rows[key][0], *rows[key][start : start + 3], rows[key][share]], group, rounding)
            if start == 3 and "registered_bounds" in group:
                assert list(rows[key][1:start]) == registered_of(group)


def assert_rounded(numbers, group, rounding: float | None) -> None:
    """Registered, estimated, its limits and coverage, as numbers, are those of a group after rounding."""
    registered, estimated, lower, upper, coverage = numbers
    people, unit = group["N"], unit_of(group["N"], rounding)
    least = group.get("registered_interval", [group["registered"]])[0]
    assert abs(registered - group["registered"]) <= 0.5
    assert estimated == max(round(people["median"] / unit) * unit, least)
    assert lower == max(math.floor(people["lower"] / unit) * unit, math.ceil(least))
    assert upper == math.ceil(people["upper"] / unit) * unit
    assert coverage == pytest.approx(group["coverage"]["median"], abs=0.0051)


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def test_data_of_the_figures(report):
    _, folder, truth, rounding = report
    coverage = rows_of(folder / "figures" / "coverage.csv")
    assert set(coverage) == set(truth["groups"])
    for key, row in coverage.items():
        share = truth["groups"][key]["coverage"]
        assert float(row["coverage"]) == pytest.approx(share["median"], abs=0.0051)
        assert float(row["interval_lower"]) == pytest.approx(share["lower"], abs=0.0051)
        assert float(row["interval_upper"]) == pytest.approx(share["upper"], abs=0.0051)
    seen = rows_of(folder / "figures" / "visible.csv")
    total = truth["groups"]["total"]
    assert abs(float(seen["registered"]["people"]) - total["registered"]) <= 0.5
    assert float(seen["unseen"]["people"]) == rounded(total["dark_figure"], rounding)
    if truth.get("by_year"):
        for year, row in rows_of(folder / "figures" / "series.csv").items():
            people = truth["by_year"][year]["total"]
            unit = unit_of(people["N"], rounding)
            assert float(row["estimated"]) == max(rounded(people["N"], rounding), people["registered"])
            assert float(row["interval_upper"]) == math.ceil(people["N"]["upper"] / unit) * unit


def test_numbers_in_the_data_of_figures_are_the_same_in_both_languages(run, tmp_path):
    """A point is a point: none is written as the language of the report writes it."""
    for language in ("en", "nl"):
        make_report(run, words_in(language), ["figures"], tmp_path / language)
    compared = 0
    for path in sorted((tmp_path / "en" / "figures").glob("*.csv")):
        english, dutch = rows_of(path), rows_of(tmp_path / "nl" / "figures" / path.name)
        assert english.keys() == dutch.keys()
        for key, row in english.items():
            for column in row.keys() - {"label", "published"}:
                assert row[column] == dutch[key][column], (path.name, key, column)
                compared += 1
    assert compared > 50


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(report, width, tmp_path):
    language, folder, *_ = report
    found = looked_at((folder / f"report-{language}.html").read_text("utf-8"), WIDTHS[width], tmp_path)
    assert found["violations"] == []
    assert found["passes"] > 15
    assert found["over"] <= 0


def test_page_one_has_no_word_for_statisticians(run):
    """Nor a file name, a command or a code."""
    for language in ("en", "nl"):
        summary = document_of(run, words_in(language)).sections[0]
        said = " ".join(str(block) for part in (summary, *summary.sections) for block in part.blocks).lower()
        for jargon in ("posterior", "odds ratio", "stratum", ".toml", ".md", "--full", "r-hat", "50 %", "a-posteriori"):
            assert jargon not in said, (language, jargon)
