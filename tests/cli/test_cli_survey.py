"""``darkfigure survey`` as a user sees it."""

from __future__ import annotations

import json
import re

import pytest


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_number_first_and_nothing_wider_than_the_screen(darkfigure, language):
    outcome = darkfigure("survey", "nl-doctors-2017", "--draws", "500", "--full", "--language", language)
    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert max(map(len, lines)) <= 80
    assert re.search(r"(50|49|51) ?%", " ".join(lines[:6]))
    assert "167" in " ".join(lines[:6])


def test_json_is_the_record(darkfigure, tmp_path):
    outcome = darkfigure("survey", "nl-doctors-2017", "--draws", "500", "--json", "--out", str(tmp_path / "out"))
    assert json.loads(outcome.out) == json.loads((tmp_path / "out" / "survey.json").read_text(encoding="utf-8"))


def test_the_picture(darkfigure, tmp_path):
    darkfigure("survey", "nl-doctors-2017", "--draws", "500", "--plot", str(tmp_path / "p.svg"))
    assert "Abortion doctors" in (tmp_path / "p.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["none", "nl-2013"])
def test_what_is_no_survey(darkfigure, tmp_path, target):
    outcome = darkfigure("survey", str(tmp_path / target))
    assert outcome.code == 1
    assert "There is no survey here" in outcome.err


def test_a_folder_that_exists_is_left_alone(darkfigure, tmp_path):
    assert darkfigure("survey", "nl-doctors-2017", "--draws", "100", "--out", str(tmp_path)).code == 1
    assert list(tmp_path.iterdir()) == []
