"""``darkfigure data``."""

from __future__ import annotations

import json

from estimator.study.shipped import shipped_studies


def test_list(darkfigure):
    outcome = darkfigure("data", "list")
    assert outcome.code == 0
    for name in shipped_studies():
        assert f"\n{name} " in outcome.out
    assert "4,986-5,670" in outcome.out


def test_list_as_json(darkfigure):
    found = {item["name"]: item for item in json.loads(darkfigure("data", "list", "--json").out)}
    assert list(found) == shipped_studies()
    assert found["nl-2010-2015"]["registered"] == {"lower": 8234, "upper": 8234}
    assert found["nl-2010-2015"]["lists"] == ["P", "K", "Z", "R", "O", "I"]
    assert found["scotland-pwid-2006"]["strata"] == 8
    assert found["artificial-3"]["table_kind"] == "synthetic"


def test_show(darkfigure):
    outcome = darkfigure("data", "show", "scotland-pwid-2006")
    assert outcome.code == 0
    for fragment in (
        "Hepatitis C diagnosis database",
        "Under 35, 35 and over",
        "Addiction Research",
        "upper bound",
        "table.csv",
    ):
        assert fragment in outcome.out


def test_the_short_name(darkfigure):
    assert "nl-2010-2015-reconstructed (nl) " in darkfigure("data", "list").out
    [found] = [item for item in json.loads(darkfigure("data", "list", "--json").out) if item["short_name"]]
    assert (found["short_name"], found["name"]) == ("nl", "nl-2010-2015-reconstructed")
    assert json.loads(darkfigure("data", "show", "nl", "--json").out)["name"] == "nl-2010-2015-reconstructed"


def test_show_in_dutch(darkfigure):
    text = darkfigure("data", "show", "nl", "--language", "nl").out
    assert "Let op" in text
    assert "Geregistreerd: " in text
    assert not {"Lists", "Groups", "Source", "Files"} & set(text.splitlines())


def test_lines_fit_the_terminal(darkfigure, monkeypatch):
    monkeypatch.setenv("COLUMNS", "72")
    text = darkfigure("data", "show", "nl-2010-2015").out.split("Files\n")[0]
    assert max(len(line) for line in text.splitlines()) <= 72


def test_show_as_json(darkfigure):
    found = json.loads(darkfigure("data", "show", "scotland-pwid-2006", "--json").out)
    assert found["labels"]["levels"]["age"]["Young"] == {"en": "Under 35", "nl": "Jonger dan 35"}
    assert found["groups"]["women"] == {"label": {"en": "Women", "nl": "Vrouwen"}, "where": {"gender": ["Female"]}}
    assert found["priors"] == "moderate"


def test_copy(darkfigure, tmp_path):
    target = tmp_path / "mine"
    outcome = darkfigure("data", "copy", "nl-2010-2015", str(target))
    assert outcome.code == 0
    assert str(target) in outcome.out
    assert darkfigure("check", str(target)).code == 0
    again = darkfigure("data", "copy", "nl-2010-2015", str(target))
    assert again.code == 1
    assert "exists already" in again.err


def test_copy_of_something_that_is_not_there(darkfigure, tmp_path):
    outcome = darkfigure("data", "copy", "nl-2010", str(tmp_path / "mine"))
    assert outcome.code == 1
    assert "Did you mean 'nl-2010-2015'?" in outcome.err
