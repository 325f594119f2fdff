"""`darkfigure show` prints what `darkfigure estimate` printed, and every part of it, without sampling."""

from __future__ import annotations

import json
import shutil

import pytest

from estimator.words.words import words_in
from tests.population.conftest import write_series

QUICK = ("--draws", "200", "--chains", "2")


@pytest.fixture
def ran(darkfigure, tmp_path):
    """A run of a study with years, rates, decisions and other priors beside it."""
    outcome = darkfigure("estimate", write_series(tmp_path / "s"), *QUICK, "--out", "run", "--language", "nl")
    assert outcome.code == 0, outcome.err
    shutil.rmtree(tmp_path / "s")
    return outcome


def test_the_same_screen_again(darkfigure, ran):
    again = darkfigure("show", "run")
    assert (again.code, again.out) == (0, ran.out)
    assert len(again.out.splitlines()) <= 25
    english = darkfigure("show", "run", "--language", "en")
    assert english.out != again.out
    assert english.out.splitlines()[0].startswith("SYNTHETIC TABLE: ")
    assert "Run: run" in english.out.splitlines()


def test_its_picture_without_sampling(darkfigure, ran, tmp_path):
    first = darkfigure("show", "run", "--plot", "again.svg")
    assert (first.code, first.out) == (0, ran.out)
    assert words_in("nl").text("figure.written", path="again.svg") in first.err
    content = (tmp_path / "again.svg").read_bytes()
    second = darkfigure("show", "run", "--plot", "again.svg")
    assert (second.code, second.out) == (1, "")
    assert (tmp_path / "again.svg").read_bytes() == content


def test_every_part_and_all_of_it(darkfigure, ran):
    everything = " ".join(darkfigure("show", "run", "--full", "--language", "en").out.split())
    words = words_in("en")
    for option, fragment in (
        ("--by-year", "2013 registered estimated 95 % interval seen"),
        ("--beside", words.text("estimate.heading.beside")),
        ("--rates", words.text("estimate.column.per-100000")),
        ("--sources", "Decided: Border police (K) kept for 2014-2016"),
    ):
        shown = darkfigure("show", "run", option, "--language", "en").out
        assert fragment in " ".join(shown.split())
        assert fragment in everything
        assert shown.splitlines()[0].startswith("SYNTHETIC TABLE: "), "no number without what kind of table it is of"
        assert max(map(len, shown.splitlines())) <= 80
    both = darkfigure("show", "run", "--rates", "--beside", "--language", "nl")
    assert both.code == 0
    assert words_in("nl").text("estimate.heading.beside") in both.out


def test_json_is_that_of_the_run(darkfigure, ran, tmp_path):
    assert json.loads(darkfigure("show", "run", "--json").out) == json.loads(
        (tmp_path / "run/estimate.json").read_text()
    )


def test_what_may_not_be_published_is_as_loud_as_it_was(darkfigure, tmp_path):
    shown = darkfigure("estimate", "artificial-3", *QUICK, "--out", "run")
    again = darkfigure("show", "run")
    assert shown.code == again.code == 3
    assert again.out == shown.out
    lines = again.out.splitlines()
    assert lines[0].startswith("SYNTHETIC TABLE: ")
    assert "NOT FIT TO PUBLISH" in "\n".join(lines[:4]), "above the number"
