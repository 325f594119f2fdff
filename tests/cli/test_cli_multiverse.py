"""``darkfigure multiverse`` as a user sees it."""

from __future__ import annotations

import json

import pytest

STUDY = """
title = "A made-up town"
title_nl = "Een verzonnen stad"
source = "Made up"
[lists.A]
[lists.B]
[lists.C]
[model]
method = "independence"
[multiverse]
vary = ["lists"]
[[multiverse.lists]]
drop = ["C"]
reason = "Small"
reason_nl = "Klein"
[[multiverse.lists]]
merge = ["A", "B"]
reason = "Alike"
"""
TABLE = "A,B,C,count\n1,0,0,426\n0,1,0,274\n0,0,1,190\n1,1,0,280\n1,0,1,185\n0,1,1,118\n1,1,1,122\n"


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "table.csv").write_text(TABLE)
    return folder


@pytest.mark.parametrize(("language", "rule"), [("en", "The total stands within"), ("nl", "Het totaal ligt tussen")])
def test_the_rule_first_and_nothing_wider_than_the_screen(darkfigure, study, language, rule):
    outcome = darkfigure("multiverse", str(study), "--workers", "1", "--language", language)
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert rule in " ".join(outcome.out.split()[:40])


def test_json_folder_and_show_are_the_same_record(darkfigure, study, tmp_path):
    out, picture = tmp_path / "out", tmp_path / "curve.svg"
    asked = ("multiverse", str(study), "--workers", "1", "--out", str(out))
    printed = darkfigure(*asked, "--json").out
    kept = (out / "multiverse.json").read_text(encoding="utf-8")
    assert json.loads(printed) == json.loads(kept)
    said = darkfigure(*asked)
    assert "out: multiverse.json, multiverse.csv" in said.err
    again = darkfigure("show", str(out), "--plot", str(picture))
    assert (again.code, again.out) == (0, said.out)
    assert "as the study declares it" in picture.read_text(encoding="utf-8")
    other = tmp_path / "kept.json"
    other.write_text(printed, encoding="utf-8")
    assert darkfigure("show", str(other), "--json").out == printed
    assert darkfigure("show", str(out), "--full").code == 2


def test_when_none_passes_the_code_is_3_and_the_picture_says_so(darkfigure, study, tmp_path):
    (study / "table.csv").write_text("A,B,C,count\n1,0,0,5\n0,1,0,5\n0,0,1,5\n")
    picture = tmp_path / "curve.svg"
    outcome = darkfigure("multiverse", str(study), "--workers", "1", "--plot", str(picture))
    assert outcome.code == 3
    assert "None of the 3 specifications" in outcome.out
    assert "No specification passes" in picture.read_text(encoding="utf-8")


def test_a_study_with_several_imputed_tables_is_told_to_name_one(darkfigure, study):
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text('tables = ["table.csv", "other.csv"]' + text)
    (study / "other.csv").write_text(TABLE)
    outcome = darkfigure("multiverse", str(study), "--workers", "1")
    assert outcome.code == 1
    assert "several" in outcome.err or "imputed" in outcome.err
