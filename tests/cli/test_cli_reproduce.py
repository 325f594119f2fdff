"""``darkfigure reproduce``: published figures beside ours."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from estimator.cli.main import COMMANDS, Entry
from estimator.published import numbers_again, reproduction
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

    def run(source, priors, *, sampler, listener, computing):
        calls.append(SimpleNamespace(name=source.name, priors=priors, sampler=sampler, listener=listener))
        listener.stage("Sampling")
        return Found()

    monkeypatch.setattr(reproduction, "reproduce", run)
    monkeypatch.setattr(
        numbers_again,
        "numbers_again",
        lambda source, computing: numbers_again.NumbersAgain(source, (), computing.sampler.seed),
    )
    monkeypatch.setattr(published, "reproduction_text", lambda found, words: f"Two figures differ ({words.language}).")
    return calls


def test_without_a_name_it_lists_what_there_is(darkfigure, asked):
    found = darkfigure("reproduce")
    assert found.code == 0
    assert "nl" in found.out
    assert "National Rapporteur" in found.out
    assert not asked
    assert "nl" in [one["name"] for one in json.loads(darkfigure("reproduce", "--json").out)]
    assert "Nationaal Rapporteur" in darkfigure("reproduce", "--language", "nl").out


def test_a_difference_is_a_finding_and_not_an_error(darkfigure, asked):
    found = darkfigure("reproduce", "nl")
    assert (found.code, found.out, found.err) == (0, "Two figures differ (nl).\n", "")
    assert darkfigure("reproduce", "nl", "--language", "en").out == "Two figures differ (en).\n"


def test_json_and_nothing_else_on_stdout(darkfigure, asked):
    found = darkfigure("reproduce", "nl", "--json", "--priors", "evidence", "--draws", "400", "--seed", "7")
    record = json.loads(found.out)
    assert (record["verdicts"], record["title"], record["numbers"]) == ({"differs": 2}, "Één", [])
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


@pytest.mark.parametrize("arguments", [("nl", "--draws", "1"), ("nl", "--seed", "-1"), ("nl", "--all")])
def test_wrong_use_is_code_2(darkfigure, arguments):
    assert darkfigure("reproduce", *arguments).code == 2


ENTRY = """\
title = "Invented"
study = "study.toml"
source = "Nobody"

[[figures]]
name = "bound"
title = "The bound"
method = "lower-bound"
estimate = {estimate}
rounding = {rounding}
"""
STUDY = 'title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n'


@pytest.fixture
def entry(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "table.csv").write_text("A,B,count\n1,0,40\n0,1,50\n1,1,19\n")

    def write(estimate, rounding=0.5):
        path = tmp_path / "entry.toml"
        path.write_text(ENTRY.format(estimate=estimate, rounding=rounding))
        return str(path)

    return write


def test_a_file_of_a_users_own(darkfigure, entry):
    # 40 * 50 / (19 + 1) = 100 unseen beside 109 registered
    found = darkfigure("reproduce", entry(209, 20), "--json", "--draws", "500")
    record = json.loads(found.out)
    assert (found.code, record["failed"], record["numbers"][0]["verdict"]) == (0, False, "reproduced")


def test_what_should_be_reproduced_and_is_not_is_code_3(darkfigure, entry):
    found = darkfigure("reproduce", entry(500), "--draws", "500")
    assert found.code == 3
    assert "Should have been reproduced: The bound." in " ".join(found.out.split())
    dutch = darkfigure("reproduce", entry(500), "--draws", "500", "--language", "nl")
    assert "wijkt af" in dutch.out


def test_several_names_give_a_list(darkfigure, entry):
    records = json.loads(darkfigure("reproduce", entry(209, 20), "spina-bifida", "--json", "--draws", "500").out)
    assert [one["name"] for one in records] == ["entry", "spina-bifida"]


def test_priors_are_for_studies_that_are_run_again(darkfigure, entry):
    assert darkfigure("reproduce", entry(209), "--priors", "wide").code == 2
