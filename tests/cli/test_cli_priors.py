"""``darkfigure priors list`` and ``show``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib

import pytest

from estimator.reasons import Reason
from estimator.shipped import folder
from estimator.words.words import words_in


def test_list(darkfigure):
    outcome = darkfigure("priors", "list")
    names = [line.split()[0] for line in outcome.out.splitlines() if not line.startswith(" ")]
    assert names == ["evidence", "horseshoe", "independence", "moderate", "nl-2017", "wide"]
    found = json.loads(darkfigure("priors", "list", "--json").out)
    assert [item["name"] for item in found] == ["evidence", "horseshoe", "independence", "moderate", "nl-2017", "wide"]
    assert all(item["title"] for item in found)


def test_show_is_the_default(darkfigure):
    assert darkfigure("priors", "show").out == darkfigure("priors", "show", "evidence").out
    assert darkfigure("priors", "show", "default").out == darkfigure("priors", "show", "evidence").out


@pytest.mark.parametrize("name", ["evidence", "horseshoe", "independence", "moderate", "nl-2017", "wide"])
def test_show_says_every_prior_once_with_its_reason(darkfigure, name):
    found = json.loads(darkfigure("priors", "show", name, "--json").out)
    for language in ("en", "nl"):
        page, words = darkfigure("priors", "show", name, "--language", language).out, words_in(language)
        flat = " ".join(page.split())
        assert max(map(len, page.splitlines())) <= 80
        for prior in found["sentences"]:
            what, statement = (words.say(Reason.of_dict(prior[key])) for key in ("what", "statement"))
            assert f"{what}: {statement}" in flat
            reason = prior.get(f"reason_{language}") or prior["reason"]
            why = " ".join(reason.split()) if isinstance(reason, str) else words.say(Reason.of_dict(reason))
            assert flat.count(why) == 1


def test_show_with_a_change(darkfigure):
    outcome = darkfigure("priors", "show", "moderate", "--set", "dependence.odds_ratio.log_normal=[0,0.25]", "--json")
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
        (["moderate", "--set", "dependence.frm=none"], "Error: --set dependence.frm=none: There is no key"),
        (["no/such.toml"], "There is no such file"),
    ],
)
def test_mistakes_are_exit_code_1(darkfigure, arguments, fragment):
    outcome = darkfigure("priors", "show", *arguments)
    assert outcome.code == 1
    assert outcome.out == ""
    assert fragment in outcome.err


def test_draw_takes_the_priors_of_the_study(darkfigure):
    outcome = darkfigure("priors", "draw", "--study", "uk-2013", "--draws", "500")
    assert outcome.code == 0
    assert outcome.err == ""
    assert "Priors: Moderate dependence" in outcome.out
    assert "NOT AN ESTIMATE" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_draw_as_json(darkfigure):
    arguments = ("priors", "draw", "wide", "--study", "spina-bifida-1969", "--draws", "300", "--seed", "5", "--json")
    outcome = darkfigure(*arguments)
    found = json.loads(outcome.out)
    assert outcome.err == ""
    assert (found["study"], found["draws"], found["seed"], found["table_kind"]) == (
        "spina-bifida-1969",
        300,
        5,
        "observed",
    )
    assert list(found["groups"]) == ["total", "caucasian", "afro-american"]
    total = found["groups"]["total"]
    assert total["registered"] == {"lower": 621, "upper": 621}
    assert set(total["stated"]) == {"N", "dark_figure", "coverage"}
    assert set(total["stated"]["N"]) == {"median", "lower", "upper", "intervals"}
    assert set(total["stated"]["N"]["intervals"]) == {"0.5", "0.8", "0.95"}
    assert set(total["expected"]) == {"N", "coverage", "registered", "two_or_more", "lists", "overlaps"}
    assert set(total["expected"]["lists"]) == {"B", "D", "R"}
    assert set(total["expected"]["overlaps"]) == {"B&D", "B&R", "D&R"}
    overlap = total["expected"]["overlaps"]["B&D"]
    assert overlap["label"] == "Birth certificates and Death certificates"
    assert set(overlap) == {"label", "persons", "share_of_registered", "share_of_population"}
    assert set(overlap["persons"]) == {"prior", "observed", "prior_probability_below"}
    assert darkfigure(*arguments).out == outcome.out


def test_draw_with_a_change(darkfigure):
    change = ("--set", "dark_figure.ratio_to_registered.between=[1,2]")
    outcome = darkfigure("priors", "draw", "--study", "uk-2013", "--draws", "4000", *change, "--json")
    total = json.loads(outcome.out)["groups"]["total"]
    registered = total["registered"]["lower"]
    assert total["stated"]["dark_figure"]["lower"] == pytest.approx(registered, rel=0.05)
    assert total["stated"]["dark_figure"]["upper"] == pytest.approx(2 * registered, rel=0.05)


def test_draw_writes_a_picture_and_never_overwrites(darkfigure, tmp_path):
    target = tmp_path / "prior.svg"
    arguments = ("priors", "draw", "--study", "uk-2013", "--draws", "200", "--json", "--plot", str(target))
    outcome = darkfigure(*arguments)
    assert outcome.code == 0
    assert words_in().text("figure.written", path=str(target)) in outcome.err
    json.loads(outcome.out)
    content = target.read_bytes()
    again = darkfigure(*arguments)
    assert again.code == 1
    assert again.out == ""
    assert "exists already" in again.err
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (["--study", "uk-2031"], 1, "Did you mean 'uk-2013'?"),
        (["defautl", "--study", "uk-2013"], 1, "Did you mean 'default'?"),
        ([], 2, "--study"),
        (["--study", "uk-2013", "--draws", "3"], 2, "--draws"),
        (["--study", "uk-2013", "--plot", "x.gif"], 1, ".svg, .png, .pdf"),
    ],
)
def test_draw_refuses(darkfigure, arguments, code, fragment):
    outcome = darkfigure("priors", "draw", *arguments)
    assert outcome.code == code
    assert outcome.out == ""
    assert fragment in outcome.err


@pytest.mark.parametrize("command", [("show",), ("draw", "--study", "uk-2013")])
def test_an_unset_variable_does_not_mean_the_usual_priors(darkfigure, command):
    outcome = darkfigure("priors", command[0], "", *command[1:])
    assert outcome.code == 2
    assert outcome.out == ""
    assert "unset variable" in outcome.err


def test_a_key_is_set_once(darkfigure):
    outcome = darkfigure("priors", "show", "wide", "--set", "title=a", "--set", "title=b")
    assert outcome.code == 2
    assert "'title' is set twice" in outcome.err


@pytest.mark.parametrize(
    "value", ["dependence={}", "dependence=1", "residual=[]", "x=" + "9" * 5000, "title=" + "[" * 5000]
)
def test_no_change_is_a_fault_of_ours(darkfigure, value):
    outcome = darkfigure("priors", "show", "wide", "--set", value)
    assert outcome.code == 1
    assert "itself failed" not in outcome.err


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "module://no.such", "nonsense"])
def test_a_backend_of_the_environment_stops_no_picture(tmp_path, backend):
    command = [sys.executable, "-m", "estimator", "priors", "draw", "--study", "uk-2013", "--draws", "100"]
    environment = {**os.environ, "MPLBACKEND": backend}
    done = subprocess.run(
        [*command, "--plot", str(tmp_path / "a.png")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
