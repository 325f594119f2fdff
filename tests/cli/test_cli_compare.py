"""``darkfigure compare``: one run, two runs, their pictures, and what is refused."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

from estimator.cli.main import cli
from estimator.errors import InputError
from estimator.words.words import words_in
from tests.runs.saved_run_examples import ESTIMATE, FACTS, changed, three_years


def call(*arguments):
    """The command by itself; errors are turned into words and exit codes by estimator.cli.main."""
    return CliRunner().invoke(cli, ["compare", *(str(argument) for argument in arguments)], standalone_mode=True)


@pytest.fixture
def run(tmp_path):
    return three_years(tmp_path / "run")


def test_one_run_gives_the_last_year_beside_the_one_before(run):
    done = call(run)
    assert done.exit_code == 0, done.output
    assert "2021 to 2022" in done.stdout
    assert "SYNTHETIC TABLE" in done.stdout
    assert words_in("en").text("comparison.conclusion.more.fewer") in " ".join(done.stdout.split())


def test_years_can_be_chosen(run):
    done = call(run, "--years", "2020, 2022", "--json")
    record = json.loads(done.stdout)
    assert (record["before"]["years"], record["after"]["years"]) == (["2020"], ["2022"])
    assert done.stderr == ""


def test_two_runs_say_what_changed(run, tmp_path):
    other = three_years(tmp_path / "other", facts=changed(FACTS, lists=["P", "S"]), seed=4)
    done = call(run, other)
    assert done.exit_code == 0
    assert "WHAT CHANGED BETWEEN THE RUNS:\n  Lists: gone: H." in done.stdout
    record = json.loads(call(run, other, "--json").stdout)
    assert record["basis"]["code"] == "same-data"
    assert record["groups"]["total"]["N"]["probability_of_rise"] is None


def test_the_language_can_be_chosen_and_is_that_of_the_run_otherwise(run, tmp_path):
    dutch = call(run, "--language", "nl")
    assert "geregistreerd" in dutch.stdout
    assert "registered" not in dutch.stdout
    own = three_years(tmp_path / "own", estimate=ESTIMATE | {"language": "nl"})
    assert call(own).stdout.split()[-30:] == dutch.stdout.split()[-30:]
    assert "geregistreerd" not in call(own, "--language", "en").stdout


@pytest.mark.parametrize("second", [False, True])
def test_the_picture_is_written(run, tmp_path, second):
    runs = [run, three_years(tmp_path / "other", table="other")] if second else [run]
    done = call(*runs, "--plot", tmp_path / "picture.svg")
    assert done.exit_code == 0, done.output
    assert words_in().text("figure.written", path=str(tmp_path / "picture.svg")) in done.stderr
    texts = "".join(ET.parse(tmp_path / "picture.svg").getroot().itertext())
    assert ET.parse(tmp_path / "picture.svg").getroot().tag.endswith("svg")
    assert "<!--" not in texts
    content = (tmp_path / "picture.svg").read_text()
    assert "SYNTHETIC TABLE" in content
    assert "Girls" in content


def test_a_bad_picture_is_refused_before_any_work(tmp_path):
    done = call(tmp_path / "no-run", "--plot", tmp_path / "picture.gif")
    assert isinstance(done.exception, InputError)
    assert "A picture is written as" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--years", "2020"), "names two years"),
        (("--years", "2020,2021,2022"), "one or two years"),
        (("--years", "2020,"), "one or two years"),
        (("more", "and more"), "one run, or two"),
    ],
)
def test_wrong_use_is_explained(run, arguments, words):
    done = call(run, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_no_run_at_all_is_wrong_use():
    assert call().exit_code == 2


def test_a_year_that_is_not_there_is_bad_input(run):
    done = call(run, "--years", "2021,2023")
    assert isinstance(done.exception, InputError)
    assert done.exception.exit_code == 1
    assert "There is no year '2023' in this run" in str(done.exception)


def test_a_comparison_is_shown_again_from_its_file(run, tmp_path):
    file, picture = tmp_path / "compared.json", tmp_path / "again.svg"
    file.write_text(call(run, "--json").stdout, encoding="utf-8")
    shown = CliRunner().invoke(cli, ["show", str(file), "--language", "nl", "--plot", str(picture)])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == call(run, "--language", "nl").stdout
    assert ET.parse(picture).getroot().tag.endswith("svg")
    assert CliRunner().invoke(cli, ["show", str(file), "--full"]).exit_code == 2
