"""What is printed in Dutch for the Dutch study is Dutch: no word that only the English catalogue has is left in it.

A word counts as English when several texts of the English catalogue have it and none of the Dutch one. Names that are
no prose are taken out first: options, paths, keys of files, short names of studies, and titles of publications.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from estimator.checks.all_checks import CHECKS
from estimator.study.shipped import shipped_priors, shipped_studies
from estimator.words.catalogue import catalogue

DUTCH_STUDIES = [name for name in shipped_studies() if name.startswith("nl")]
PUBLICATIONS = (
    "Monitoring Target 16.2 of the United Nations Sustainable Development Goals: a multiple systems estimation of the "
    "numbers of presumed human trafficking victims in the Netherlands in 2010-2015 by year, age, gender, form of "
    "exploitation and nationality",
    "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian approaches",
    "Journal of the Royal Statistical Society",
    "Crime and Delinquency",
    "Point and interval estimation of the population size using the truncated Poisson regression model",
    "Statistical Modelling",
    "UNODC research brief",
    "Global Study on Smuggling of Migrants",
)
GIVEN = [*shipped_studies(), *shipped_priors(), *CHECKS, "New York", "seen", "again"]  # the last two are lists
NAMES = "|".join(map(re.escape, sorted(GIVEN, key=len, reverse=True)))
NOT_PROSE = re.compile(
    rf"\b({NAMES})\b"
    r"|\[\[[^\]]*\]\]"  # a section of a study file
    r"|^  [a-z-]+(?=  )"  # the name of a group or covariate, before what it is called
    r"|`[^`]*`|'[\w-]+'"  # what is quoted
    r"|\w+\s=\s\"\w+\""  # a line of a study file
    r"|darkfigure [a-z]+( [a-z]+)?"  # a command
    r"|\S*[/_=]\S*|\S+\.(toml|csv|md|json|py)\b|--[a-z-]+",  # a path, a key, an option
    re.MULTILINE,
)
WORD = re.compile(r"[a-zà-ÿ]{2,}")


def _words(text: str) -> set[str]:
    return set(WORD.findall(re.sub(r"\{[{%].*?[%}]\}", " ", text).lower()))


def _english_only() -> set[str]:
    english = Counter(word for text in catalogue("en").values() for word in _words(text))
    dutch = {word for text in catalogue("nl").values() for word in _words(text)}
    return {word for word, texts in english.items() if texts >= 3} - dutch


ENGLISH = _english_only()


def english_in(text: str) -> set[str]:
    """Words of a text that are English only."""
    for title in PUBLICATIONS:
        text = re.sub(r"\s+".join(map(re.escape, title.split())), " ", text)
    return set(WORD.findall(NOT_PROSE.sub(" ", text).lower())) & ENGLISH


def test_the_measure_finds_english():
    assert len(ENGLISH) > 200
    assert {"the", "people", "registered", "between", "estimated"} <= ENGLISH
    assert not {"is", "in", "of", "interval", "register", "run"} & ENGLISH
    assert english_in("Vooronderstellingen: nl-2017 (Lists nearly independent given the covariates). Seed 1.")
    assert english_in("Geen aantal per 100.000 girls of 12 to 17 voor 2010-2013")


@pytest.mark.parametrize("study", DUTCH_STUDIES)
@pytest.mark.parametrize("command", [("check",), ("data", "show")], ids=" ".join)
def test_what_is_said_of_a_dutch_study(darkfigure, command, study):
    outcome = darkfigure(*command, study, "--language", "nl")
    assert outcome.code == 0
    assert not english_in(outcome.out)


@pytest.mark.parametrize("name", shipped_priors())
def test_shipped_priors(darkfigure, name):
    said = darkfigure("priors", "show", name, "--language", "nl").out
    assert not english_in(said)
    assert english_in(darkfigure("priors", "show", name, "--language", "en").out)


def test_lists_of_studies_and_priors(darkfigure):
    for room in ("data", "priors"):
        assert not english_in(darkfigure(room, "list", "--language", "nl").out)


def test_a_new_year(darkfigure):
    outcome = darkfigure("new", "mine", "--from", "nl", "--year", "2016", "--language", "nl")
    assert outcome.code == 0
    assert not english_in(outcome.out)


def test_what_priors_say_of_the_study(darkfigure):
    assert not english_in(darkfigure("priors", "draw", "--study", "nl", "--language", "nl").out)


@pytest.mark.slow
def test_an_estimate_and_what_is_made_of_it(darkfigure):
    made = darkfigure("estimate", "nl", "--language", "nl", "--out", "run")
    assert not english_in(made.out)
    assert not english_in(made.err)
    for command in (
        ("show", "run", "--full", "--by-year", "--beside", "--rates", "--sources"),
        ("compare", "run"),
        ("compare", "run", "--years", "2012,2015"),
        ("scrutinise", "run", "--quick"),
        ("reproduce", "nl"),
    ):
        outcome = darkfigure(*command, "--language", "nl")
        assert not english_in(outcome.out), command
    darkfigure("report", "run", "--language", "nl", "--out", "report")
    assert not english_in(read_aloud(Path("report/report-nl.html").read_text(encoding="utf-8")))


def read_aloud(page: str) -> str:
    """What a page says, without hashes and without where published figures were found: those are in other languages."""
    page = re.sub(r'<(style|script)\b.*?</\1>|<table id="published".*?</table>', " ", page, flags=re.DOTALL)
    said = re.findall(r'alt="([^"]*)"', page)
    return re.sub(r"\b[0-9a-f]{16,}", " ", " ".join([*said, re.sub(r"<[^>]*>", " ", page)]))
