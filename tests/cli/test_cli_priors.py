"""``darkfigure priors list`` and ``show``."""

from __future__ import annotations

import json
import tomllib

import pytest

from estimator.study.shipped import folder


def test_list(darkfigure):
    outcome = darkfigure("priors", "list")
    names = [line.split()[0] for line in outcome.out.splitlines() if not line.startswith(" ")]
    assert names == ["default", "horseshoe", "independence", "wide"]
    found = json.loads(darkfigure("priors", "list", "--json").out)
    assert [item["name"] for item in found] == ["default", "horseshoe", "independence", "wide"]
    assert all(item["title"] for item in found)


def test_show_is_the_default(darkfigure):
    assert darkfigure("priors", "show").out == darkfigure("priors", "show", "default").out


@pytest.mark.parametrize("name", ["default", "horseshoe", "independence", "wide"])
def test_show_says_every_prior_once_with_its_reason(darkfigure, name):
    words = " ".join(darkfigure("priors", "show", name).out.split())
    found = json.loads(darkfigure("priors", "show", name, "--json").out)
    for sentence in found["sentences"]:
        assert f"{sentence['what']}: {' '.join(sentence['statement'].split())}" in words
        assert words.count(" ".join(sentence["reason"].split())) == 1


def test_show_with_a_change(darkfigure):
    outcome = darkfigure("priors", "show", "default", "--set", "dependence.odds_ratio.log_normal=[0,0.25]", "--json")
    found = json.loads(outcome.out)
    assert found["priors"]["dependence"]["odds_ratio"] == {"log_normal": [0, 0.25]}
    assert found["changed"] == {"dependence.odds_ratio.log_normal": "[0,0.25]"}


def test_the_file_itself_can_be_the_start_of_another(darkfigure, tmp_path):
    text = darkfigure("priors", "show", "wide", "--toml").out
    assert text == (folder("priors") / "wide.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["dependence"]["form"] == "learned"
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert darkfigure("priors", "show", str(tmp_path / "mine.toml")).code == 0


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["wid"], "Did you mean 'wide'?"),
        (["default", "--set", "dependence.frm=none"], "Error: --set dependence.frm=none: There is no key"),
        (["no/such.toml"], "There is no such file"),
    ],
)
def test_mistakes_are_exit_code_1(darkfigure, arguments, fragment):
    outcome = darkfigure("priors", "show", *arguments)
    assert outcome.code == 1
    assert outcome.out == ""
    assert fragment in outcome.err
