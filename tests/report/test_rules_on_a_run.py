"""A whole run under rules of disclosure: sentences, figures and tables say the same, and none more than it may."""

from __future__ import annotations

import csv
from dataclasses import replace

import html5lib
import pytest

from estimator.document.making import make_report
from estimator.runs.manifest import DisclosureFacts
from estimator.words.words import words_in
from tests.report.reading_back import elements, numbers_in, table_of, text_in


def reported(run, rules: DisclosureFacts, folder, language: str = "en"):
    """The page and the folder of a report under rules."""
    ruled = replace(run, manifest=run.manifest.changed(facts=run.facts.changed(disclosure=rules)))
    make_report(ruled, words_in(language), ["html", "figures"], folder)
    page = (folder / f"report-{language}.html").read_text("utf-8")
    return html5lib.HTMLParser(strict=True).parse(page)


def lead_of(tree) -> str:
    (lead,) = (text_in(one) for one in elements(tree, "p") if one.get("class") == "lead")
    return lead


@pytest.mark.parametrize("language", ["en", "nl"])
def test_sentences_say_the_rounded_numbers_of_the_tables(series_run, language, tmp_path):
    rules = DisclosureFacts(minimum=5, rounding=5, dominance=None, zeros="shown")
    tree = reported(series_run, rules, tmp_path / "r", language)
    total = next(iter(table_of(tree, "groups").values()))
    registered, estimated, limits = (numbers_in(cell, language) for cell in total[:3])
    label = series_run.record.groups["total"].label.text(language)
    said = numbers_in(lead_of(tree).split(":", 1)[1], language)
    assert label in lead_of(tree)
    assert said == [*estimated, 95, *limits, *registered]
    assert all(number % 5 == 0 for number in (*registered, *estimated, *limits))
    large = [numbers_in(text_in(p), language) for p in elements(tree, "p") if p.get("class") == "number"]
    assert large[:2] == [estimated, registered]


def test_a_withheld_total_is_in_no_sentence_nor_interval(series_run, tmp_path):
    """Not under other priors either: an interval begins at, or near, the registered number."""
    rules = DisclosureFacts(minimum=10**6, rounding=1, dominance=None, zeros="shown")
    words = words_in("en")
    tree = reported(series_run, rules, tmp_path / "r")
    assert lead_of(tree) == words.text("disclosure.sentence")
    points = [text_in(item) for item in elements(tree, "li")]
    assert words.text("disclosure.sentence") in points, "in place of the numbers under other assumptions"
    beside = words.text("report.sure.beside", priors="PRIORS", middle="1", interval="2").partition("PRIORS")[0]
    assert not any(point.startswith(beside) for point in points)


@pytest.mark.parametrize("minimum", [10, 300, 10**9])
def test_every_figure_is_drawn_however_much_is_withheld(series_run, minimum, tmp_path):
    rules = DisclosureFacts(minimum=minimum, rounding=5, dominance=0.5, zeros="withheld")
    reported(series_run, rules, tmp_path / "r")
    assert len(list((tmp_path / "r" / "figures").glob("*.png"))) >= 6


def test_a_figure_does_not_tell_a_zero_from_a_small_number(series_run, tmp_path):
    shown, withheld = (
        DisclosureFacts(minimum=20, rounding=1, dominance=None, zeros=zeros) for zeros in ("shown", "withheld")
    )
    rows = {}
    for name, rules in (("shown", shown), ("withheld", withheld)):
        reported(series_run, rules, tmp_path / name)
        with (tmp_path / name / "figures" / "overlap.csv").open(encoding="utf-8", newline="") as file:
            rows[name] = {row["key"]: row["registered"] for row in csv.DictReader(file)}
    mark = words_in("en").text("disclosure.withheld")
    assert mark not in rows["withheld"].values(), "who is not in the figure may be small, or nobody"
    assert all(float(number) >= 20 for number in rows["withheld"].values())
    assert set(rows["withheld"]) <= set(rows["shown"])


def test_the_hash_of_a_protected_table_is_told_nowhere(series_run, tmp_path):
    """Whoever knows all counts but a few small ones would find those by trying, were the hash there to compare."""
    rules = DisclosureFacts(minimum=5, rounding=1, dominance=None, zeros="shown")
    reported(series_run, rules, tmp_path / "ruled")
    make_report(series_run, words_in("en"), ["html"], tmp_path / "free")
    digest = series_run.table_hash
    assert digest and digest in (tmp_path / "free" / "report-en.html").read_text("utf-8")
    for path in (tmp_path / "ruled").rglob("*"):
        assert path.is_dir() or digest[:8].encode() not in path.read_bytes(), path.name
