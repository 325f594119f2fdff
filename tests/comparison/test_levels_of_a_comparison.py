"""Intervals of differences and ratios: of the probabilities that both estimates give, and no others."""

from __future__ import annotations

import hashlib
import json

import pytest

from estimator.comparison.comparison import compare_runs, compare_years
from estimator.report.figures.comparison import comparison_figure
from estimator.runs.reading import read_run
from estimator.words.words import words_in
from tests.comparison.test_comparison import newer
from tests.runs.saved_run_examples import rewrite_manifest, three_years


def giving(folder, *levels: str):
    """A run that gives intervals of these probabilities alone; those beside it all."""
    path = folder / "estimate.json"
    record = json.loads(path.read_text())
    for groups in (record["groups"], *record.get("by_year", {}).values()):
        for group in groups.values():
            for quantity in ("N", "dark_figure", "coverage"):
                intervals = group[quantity]["intervals"]
                group[quantity]["intervals"] = {level: intervals[level] for level in levels}
    path.write_text(json.dumps(record))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rewrite_manifest(folder, lambda manifest: manifest["outputs"].update({"estimate.json": digest}))
    return folder


def levels_in(record) -> set[tuple[str, ...]]:
    """The probabilities of every interval in a record, wherever it stands."""
    if isinstance(record, dict):
        found = {tuple(record["intervals"])} if "intervals" in record else set()
        return found.union(*map(levels_in, record.values()))
    return set().union(*map(levels_in, record)) if isinstance(record, list) else set()


def without_intervals(record):
    if isinstance(record, dict):
        return {key: without_intervals(value) for key, value in record.items() if key not in ("intervals", "run")}
    return [without_intervals(value) for value in record] if isinstance(record, list) else record


@pytest.mark.parametrize("levels", [("0.95",), ("0.8", "0.95"), ("0.5", "0.8", "0.95")])
def test_years_of_a_run_have_its_levels_and_no_other_number_moves(tmp_path, levels):
    whole = compare_years(three_years(tmp_path / "whole")).to_dict()
    found = compare_years(giving(three_years(tmp_path / "run"), *levels)).to_dict()
    assert levels_in(found) == {levels}
    assert without_intervals(found) == without_intervals(whole)
    assert found["groups"]["girls"]["N"]["ratio"]["intervals"] == {
        level: whole["groups"]["girls"]["N"]["ratio"]["intervals"][level] for level in levels
    }


def test_two_runs_have_the_levels_that_both_give(tmp_path):
    before = giving(three_years(tmp_path / "before"), "0.5", "0.95")
    after = giving(newer(tmp_path / "after"), "0.8", "0.95")
    assert (read_run(before).levels(), read_run(after).levels()) == ((0.5, 0.95), (0.8, 0.95))
    found = compare_runs(before, after).to_dict()
    assert levels_in({"groups": found["groups"], "steps": found["steps"]}) == {("0.95",)}
    earlier = three_years(tmp_path / "earlier")
    assert levels_in(compare_runs(earlier, after).to_dict()["groups"]) == {("0.8", "0.95")}


def test_other_priors_beside_have_levels_of_their_own(tmp_path):
    years = three_years(tmp_path / "once")
    numbers = {year: people_of(years, year) for year in ("2020", "2021", "2022")}
    run = giving(three_years(tmp_path / "run", beside={"wide": numbers}), "0.95")
    found = compare_years(run).to_dict()
    assert levels_in(found["groups"]) == {("0.95",)}
    assert levels_in(found["beside"]["wide"]) == {("0.5", "0.8", "0.95")}


def people_of(folder, year):
    draws = read_run(folder).draws.by_year[year]
    return {name: (float(group.registered.flat[0]), group.unseen) for name, group in draws.items()}


@pytest.mark.parametrize(("language", "legend"), [("en", "estimated (median; 95 %)"), ("nl", "geschat (mediaan; 95%)")])
def test_the_picture_draws_and_names_what_is_given(tmp_path, language, legend):
    comparison = compare_years(giving(three_years(tmp_path / "run"), "0.95"))
    figure = comparison_figure(comparison.record(), words_in(language))
    assert legend in [text.get_text() for text in figure.legends[0].get_texts()]
    drawn = {tuple(line.get_ydata()) for line in figure.axes[0].lines}
    total = comparison.record().groups["total"].N.after
    assert {(total.median,), (total.lower, total.upper)} <= drawn
    assert len([ys for ys in drawn if len(ys) == 2]) == 3, "a line for each year"
