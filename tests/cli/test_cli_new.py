"""``darkfigure new``."""

from __future__ import annotations

import json

import pytest

STUDY = """\
title = "Victims, 2014-2015"
source = "made for a test"
table_kind = "reconstructed"
[lists.P]
[lists.K]
[covariates.year]
levels = [2014, 2015]
ordered = true
[period]
covariate = "year"
"""
TABLE = "year,P,K,count\n2014,1,0,40\n2014,0,1,30\n2014,1,1,9\n2015,1,0,45\n2015,0,1,20\n2015,1,1,8\n"


@pytest.fixture
def old(tmp_path):
    (home := tmp_path / "old").mkdir()
    (home / "study.toml").write_text(STUDY)
    (home / "table.csv").write_text(TABLE)
    return home


def test_from_making_it_to_checking_it(darkfigure, old, tmp_path):
    outcome = darkfigure("new", "mine", "--from", str(old))
    assert outcome.code == 0
    assert outcome.err == ""
    assert "Made mine from old, with 2016 added." in outcome.out
    for fragment in ("1. Add the rows of 2016 to mine/table.csv", "darkfigure check mine", "darkfigure estimate mine"):
        assert fragment in outcome.out
    assert "inhabitants" not in outcome.out, "this study gives no rates"
    assert max(map(len, outcome.out.splitlines())) <= 80

    checked = darkfigure("check", "mine")
    assert checked.code == 1
    assert checked.err == (
        "Error: mine/table.csv: It has nobody in year 2016. Add its rows, or take 2016 out of levels in "
        "[covariates.year].\n"
    )

    with (tmp_path / "mine" / "table.csv").open("a") as table:
        table.write("2016,1,0,50\n2016,0,1,22\n2016,1,1,7\n")
    checked = darkfigure("check", "mine")
    assert checked.code == 0, checked.err
    assert "Victims, 2014-2016" in checked.out


def test_in_dutch(darkfigure, old, tmp_path):
    outcome = darkfigure("new", "mine", "--from", str(old), "--language", "nl")
    assert "mine is gemaakt van old, met 2016 erbij." in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    text = (tmp_path / "mine" / "study.toml").read_text()
    assert "# Een nieuw jaar, 2016, gemaakt van old." in text
    assert "# Voorbeelden voor een nieuw jaar" in text


def test_a_reconstructed_history_stays_reconstructed(darkfigure, old, tmp_path):
    words = " ".join(darkfigure("new", "mine", "--from", str(old)).out.split())
    assert 'still says table_kind = "reconstructed"' in words
    assert 'Write table_kind = "observed" in mine/study.toml once you have put your own rows' in words
    assert 'table_kind = "reconstructed"\n' in (tmp_path / "mine" / "study.toml").read_text()
    (old / "study.toml").write_text(STUDY.replace("reconstructed", "observed"))
    assert "table_kind" not in darkfigure("new", "other", "--from", str(old)).out


def test_empty(darkfigure, old, tmp_path):
    outcome = darkfigure("new", "mine", "--from", str(old), "--year", "2016", "--empty")
    assert "with 2016 only" in outcome.out
    assert (tmp_path / "mine" / "table.csv").read_text() == "year,P,K,count\n"
    checked = darkfigure("check", "mine")
    assert checked.code == 1
    assert "There are no rows below the header" in checked.err


def test_json_is_all_there_is(darkfigure, old):
    outcome = darkfigure("new", "mine", "--from", str(old), "--year", "2016", "--json")
    assert json.loads(outcome.out) == {
        "folder": "mine",
        "made_of": "old",
        "years": ["2016"],
        "table_kind": "reconstructed",
        "empty": False,
    }


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (("new", "old", "--from", "old"), ["Error: old: This exists already"]),
        (("new", "mine", "--from", "old", "--year", "2015"), ["--year 2015", "The last year of old is 2015"]),
        (("new", "mine", "--from", "old", "--year", "2020"), ["--year 2020: The year after 2015 is 2016", "--empty"]),
        (("new", "mine", "--from", "old", "--year", "abc"), ["--year abc: This is not a year in digits"]),
        (("new", "mine", "--from", "uk-2013"), ["--from uk-2013", "not divided by year"]),
        (("new", "mine", "--from", "nl-2010-2105"), ["Did you mean 'nl-2010-2015"]),
    ],
)
def test_refusals_are_exit_code_1_and_leave_nothing(darkfigure, old, tmp_path, arguments, fragments):
    outcome = darkfigure(*arguments)
    assert outcome.code == 1
    assert outcome.out == ""
    assert all(fragment in outcome.err for fragment in fragments), outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_target_is_needed(darkfigure):
    assert darkfigure("new").code == 2
