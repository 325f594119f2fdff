"""``darkfigure check``."""

from __future__ import annotations

import json

import pytest

from estimator.study.shipped import shipped_studies

STUDY = 'title = "t"\nsource = "s"\n[lists.P]\nlabel = "Police"\n[lists.S]\n'


@pytest.fixture
def study(tmp_path):
    def write(table, text=STUDY):
        (tmp_path / "study.toml").write_text(text)
        (tmp_path / "table.csv").write_text(table)
        return str(tmp_path)

    return write


@pytest.mark.parametrize("name", shipped_studies())
def test_every_shipped_study_can_be_checked(darkfigure, name):
    outcome = darkfigure("check", name)
    assert outcome.code == 0
    assert outcome.err == ""


def test_the_dutch_table(darkfigure):
    outcome = darkfigure("check", "nl-2010-2015")
    assert "Presumed victims of human trafficking in the Netherlands" in outcome.out
    for fragment in ("8,234", "National Police", "4,812", "94.8 %", "K-R", "K-I"):
        assert fragment in outcome.out


def test_json_is_all_there_is(darkfigure):
    outcome = darkfigure("check", "nl-2010-2015", "--json")
    report = json.loads(outcome.out)
    assert outcome.err == ""
    assert report["study"] == "nl-2010-2015"
    assert report["table_kind"] == "observed"
    assert report["estimable"] is True
    assert report["registered"]["lower"] == 8234


def test_a_decision_that_stops_before_the_new_year_is_a_caution(darkfigure, study):
    """Else the list counts again in the new year, and nobody chose that."""
    text = (
        STUDY
        + "[lists.K]\n[covariates.year]\nlevels = [2014, 2015, 2016]\nordered = true\n"
        + '[period]\ncovariate = "year"\nheadline = [2016]\n'
        + '[[decisions]]\nname = "k"\nlist = "K"\nchoice = "drop"\nwhere = { year = [2014, 2015] }\nreason = "r"\n'
    )
    rows = "".join(f"{year},1,0,0,9\n{year},0,1,0,8\n{year},1,1,0,7\n{year},1,0,1,6\n" for year in (2014, 2015, 2016))
    path = study("year,P,S,K,count\n" + rows, text)
    outcome = darkfigure("check", path)
    flat = " ".join(outcome.out.split())
    assert "CAUTION: The decision 'k' to drop list K holds for 2014-2015 and not for 2016" in flat
    assert max(map(len, outcome.out.splitlines())) <= 80
    (caution,) = json.loads(darkfigure("check", path, "--json").out)["cautions"]
    assert (caution["code"], caution["missing"]) == ("decision-stops-short", ["2016"])
    study("year,P,S,K,count\n" + rows, text.replace("{ year = [2014, 2015] }", "{ year = [2014, 2015, 2016] }"))
    assert "CAUTION" not in darkfigure("check", path).out
    assert json.loads(darkfigure("check", path, "--json").out)["cautions"] == []


def test_no_overlap_at_all_is_exit_code_3_with_the_reason(darkfigure, study):
    path = study("P,S,count\n1,0,5\n0,1,6\n")
    outcome = darkfigure("check", path)
    assert outcome.code == 3
    assert "CANNOT BE ESTIMATED" in outcome.out
    outcome = darkfigure("check", path, "--json")
    assert outcome.code == 3
    assert json.loads(outcome.out)["estimable"] is False


@pytest.mark.parametrize(
    ("table", "fragments"),
    [
        ("", ["table.csv"]),
        ("P,S,count\n1,0,-5\n0,1,6\n1,1,2\n", ["table.csv, line 2", "count", "-5"]),
        ("P,S,count\n1,0,2.5\n0,1,6\n1,1,2\n", ["table.csv, line 2", "count", "2.5"]),
        ("P,T,count\n1,0,5\n0,1,6\n1,1,2\n", ["table.csv, line 1", "'S'", "'T'"]),
        ("P,S,count\n1,0,0\n0,1,0\n1,1,0\n", ["table.csv"]),
    ],
)
def test_bad_tables_are_exit_code_1(darkfigure, study, table, fragments):
    outcome = darkfigure("check", study(table))
    assert outcome.code == 1
    assert outcome.out == ""
    assert all(line.startswith("Error: ") for line in outcome.err.splitlines())
    assert "Traceback" not in outcome.err
    text = outcome.err
    assert all(fragment.replace("'T'", "T") in text or fragment in text for fragment in fragments), text


def test_faults_of_study_and_table_come_together(darkfigure, study):
    path = study("P,S,count\n1,0,-5\n0,1,6\n1,1,2\n", STUDY + "[period]\nyaers = 6\n")
    outcome = darkfigure("check", path)
    assert outcome.code == 1
    assert "Did you mean 'years'?" in outcome.err
    assert "-5" in outcome.err


def test_a_misspelt_study(darkfigure):
    outcome = darkfigure("check", "nl-2010-2105")
    assert outcome.code == 1
    assert outcome.err.startswith("Error: nl-2010-2105: ")
    assert "Did you mean 'nl-2010-2015'?" in outcome.err


DECIDED = """
[covariates.year]
levels = [2014, 2015, 2016]
ordered = true
[period]
covariate = "year"
[lists.Z]
[[decisions]]
name = "police"
list = "P"
choice = "drop"
where = { year = [2014, 2015] }
reason = "Most reports were withdrawn."
[[changes]]
list = "S"
kind = "redefined"
since = 2015
reason = "A new law."
"""


def test_decisions_and_changes_are_printed(darkfigure, study):
    table = "year,P,S,Z,count\n2014,1,0,0,5\n2014,0,1,1,3\n2015,1,1,0,4\n2015,0,1,0,9\n2015,0,0,1,9\n2016,1,1,0,6\n"
    path = study(table, STUDY + DECIDED)
    outcome = darkfigure("check", path)
    assert outcome.code == 0, outcome.err
    words = " ".join(outcome.out.split())
    assert "Police (P) dropped for 2014-2015: Most reports were withdrawn." in words
    assert "S redefined from 2015 on: A new law." in words
    report = json.loads(darkfigure("check", path, "--json").out)
    assert report["registered"]["lower"] == 31, "five people of 2014 were on P alone"
    assert [(one["name"], one["choice"]) for one in report["decisions"]] == [("police", "drop")]
    assert [(one["list"], one["kind"], one["since"]) for one in report["changes"]] == [("S", "redefined", "2015")]
    assert json.loads(darkfigure("check", "uk-2013", "--json").out)["decisions"] == []
