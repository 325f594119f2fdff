"""``darkfigure reproduce``: published figures beside ours."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from estimator.cli.main import COMMANDS, Entry
from estimator.published import reproduction
from estimator.report.terminal import published


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    entry = Entry("estimator.cli.reproduce:reproduce", "Put published figures beside our own, with a verdict each.")
    monkeypatch.setitem(COMMANDS, "reproduce", COMMANDS.get("reproduce", entry))


@pytest.fixture
def asked(monkeypatch):
    """Stand in for the run itself, and remember what it was asked."""
    calls = []

    class Found:
        study = SimpleNamespace(language="nl")

        def to_dict(self):
            return {"verdicts": {"differs": 2}, "title": "Één"}

    def run(name, priors, *, sampler, listener):
        calls.append(SimpleNamespace(name=name, priors=priors, sampler=sampler, listener=listener))
        listener.stage("Sampling")
        return Found()

    monkeypatch.setattr(reproduction, "reproduce", run)
    monkeypatch.setattr(published, "reproduction_text", lambda found, words: f"Two figures differ ({words.language}).")
    return calls


def test_without_a_name_it_lists_what_there_is(darkfigure, asked):
    found = darkfigure("reproduce")
    assert found.code == 0
    assert "nl" in found.out
    assert "National Rapporteur" in found.out
    assert not asked
    assert json.loads(darkfigure("reproduce", "--json").out)[0]["name"] == "nl"
    assert "Nationaal Rapporteur" in darkfigure("reproduce", "--language", "nl").out


def test_a_difference_is_a_finding_and_not_an_error(darkfigure, asked):
    found = darkfigure("reproduce", "nl")
    assert (found.code, found.out, found.err) == (0, "Two figures differ (nl).\n", "")
    assert darkfigure("reproduce", "nl", "--language", "en").out == "Two figures differ (en).\n"


def test_json_and_nothing_else_on_stdout(darkfigure, asked):
    found = darkfigure("reproduce", "nl", "--json", "--priors", "evidence", "--draws", "400", "--seed", "7")
    assert json.loads(found.out) == {"verdicts": {"differs": 2}, "title": "Één"}
    (call,) = asked
    assert (call.name, call.priors, call.sampler.draws, call.sampler.seed) == ("nl", "evidence", 400, 7)


def test_an_unknown_name_is_an_error_with_advice(darkfigure, asked):
    found = darkfigure("reproduce", "n1")
    assert found.code == 1
    assert found.err.startswith("Error: n1: There is no published study of this name")
    assert "'nl'" in found.err
    assert not asked


def test_bad_priors_are_refused_before_anything_is_sampled(darkfigure, monkeypatch):
    from estimator.population import estimate as module

    def never(*_arguments, **_settings):
        raise AssertionError("sampled")

    monkeypatch.setattr(module, "_under_each", never, raising=False)
    found = darkfigure("reproduce", "nl", "--priors", "evidense")
    assert found.code == 1
    assert "Did you mean 'evidence'" in found.err


@pytest.mark.parametrize("arguments", [("nl", "--draws", "1"), ("nl", "--seed", "-1"), ("nl", "de")])
def test_wrong_use_is_code_2(darkfigure, arguments):
    assert darkfigure("reproduce", *arguments).code == 2
