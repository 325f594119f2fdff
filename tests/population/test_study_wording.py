"""Decisions and changes, in words and in JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.population.statements_of_study import change_reasons, decision_reasons
from estimator.reasons import Reason
from estimator.report.terminal.estimate import total_in_words
from estimator.runs.facts import decision_records
from estimator.runs.recording import record_of
from estimator.study.questions import Change
from estimator.study.study import read_study
from estimator.words.numbers import levels_in_words
from estimator.words.words import words_in
from tests.population.conftest import SERIES, write_series

QUICK = SamplerSettings(draws=200, warmup=300, chains=2)


def test_decisions_and_changes_stand_with_the_estimate(series):
    flat = " ".join(series.text(full=True).split())
    kept = "Decided: Border police (K) kept for 2014-2016: Most of its reports were discarded later"
    assert kept in flat
    assert "Changed: Hotline (H) redefined from 2016 on: It takes no calls at night any more." in flat
    assert "List H was redefined from 2016 on, so that its coverage may break there." in flat
    assert kept in series._repr_html_()
    numbers = series.to_dict()
    assert [found["choice"] for found in numbers["decisions"]] == ["keep"]
    assert [found["kind"] for found in numbers["changes"]] == ["redefined"]


def test_a_decision_for_one_run_says_so_and_changes_the_numbers(series):
    study = read_study(series.study.path, {"border-police": "drop"})
    found = estimate(study, beside=(), sampler=QUICK)
    (said,) = decision_reasons(study)
    assert (said["choice"], said["for_this_run"]) == ("drop", True)
    assert said["where"] == (Reason("in-years", years=["2014-2016"]),)
    assert said["reason"] == series.study.decisions[0].reason
    assert found.to_dict()["decisions"][0]["for_this_run"] is True
    assert found.total.registered.median < series.total.registered.median
    assert found.by_year["2013"]["total"].registered.median == series.by_year["2013"]["total"].registered.median


def test_a_list_dropped_everywhere_is_still_called_by_its_name(tmp_path):
    folder = write_series(tmp_path / "s")
    text = SERIES.replace('choice = "keep"\nwhere = { year = ["2014", "2015", "2016"] }', 'choice = "drop"')
    (Path(folder) / "study.toml").write_text(text)
    study = read_study(folder)
    assert "K" not in study.table.lists
    (said,) = decision_reasons(study)
    assert said["list"] == Reason("list-with-label", name="K", en="Border police", nl="Border police")
    assert said["where"] == ()
    assert estimate(study, beside=(), sampler=QUICK).convergence.chains == 2


def test_a_list_that_stopped(series):
    study = replace(series.study, changes=(Change("Z", "stopped", "2015", "Closed down."),))
    shelters = Reason("list-with-label", name="Z", en="Shelters", nl="Shelters")
    (said,) = change_reasons(study)
    assert said == Reason("changed", list=shelters, kind="stopped", since="2015", reason="Closed down")


def test_reasons_stand_in_dutch_where_the_study_has_them(series):
    kept = replace(series.study.decisions[0], reason="Few.", reason_nl="Weinig.")
    stopped = Change("Z", "stopped", "2015", "Closed down.", "Opgeheven.")
    study = replace(series.study, decisions=(kept,), changes=(stopped,))
    said = (*decision_reasons(study), *change_reasons(study))
    assert [": Weinig" in text or ": Opgeheven. Het" in text for text in words_in("nl").say_all(said)] == [True, True]
    assert [": Few." in text or ": Closed down. It" in text for text in words_in("en").say_all(said)] == [True, True]
    english = replace(study, decisions=(replace(kept, reason_nl=None),), changes=(replace(stopped, reason_nl=None),))
    assert said == (*decision_reasons(english), *change_reasons(english)), "a translation is no other reason"
    assert said[0].matter == decision_reasons(english)[0].matter
    assert decision_records(study.decisions)[0].to_dict()["reason_nl"] == "Weinig."
    assert "reason_nl" not in decision_records(english.decisions)[0].to_dict()


@pytest.mark.parametrize(
    ("chosen", "ordered", "words"),
    [
        (("2012", "2013", "2014"), ("2011", "2012", "2013", "2014"), "2012-2014"),
        (("2014", "2013"), ("2011", "2012", "2013", "2014"), "2013-2014"),
        (("2011", "2013"), ("2011", "2012", "2013"), "2011 and 2013"),
        (("2011",), ("2011", "2012"), "2011"),
        (("north", "south", "west"), (), "north, south and west"),
    ],
)
def test_levels_in_words(chosen, ordered, words):
    assert levels_in_words(chosen, ordered) == words


@pytest.mark.parametrize(
    ("headline", "opening"),
    [
        (("2015",), "All presumed victims in 2015: "),
        (("2014", "2015"), "All presumed victims, a year on average over 2014 and 2015: "),
    ],
)
def test_the_headline_has_one_colon(series, headline, opening):
    study = replace(series.study, period=replace(series.study.period, headline=headline))
    said = total_in_words(record_of(replace(series, study=study)), words_in("en"))
    assert said.startswith(opening)
    assert said.partition(" are estimated")[0].count(":") == 1


def test_without_a_period_the_headline_names_none(dutch):
    study = replace(dutch.study, period=None)
    record = record_of(replace(dutch, study=study))
    assert total_in_words(record, words_in("en")).startswith("All presumed victims: ")
