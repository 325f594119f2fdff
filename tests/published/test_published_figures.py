"""The shipped published figures and denominators: sourced, and consistent among themselves."""

from __future__ import annotations

import re

import pytest

from estimator.shipped import folder
from estimator.study.study import read_study

STUDY = "nl-2010-2015-reconstructed"
FIGURES = {one.id: one for one in read_study(STUDY).published}


def number(text: str) -> float:
    return float(text.replace(",", ""))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_what_it_says(name):
    """The number is in the words, unless the words are a fraction or a sum."""
    one = FIGURES[name]
    assert one.source
    assert one.said
    found = {number(text) for text in re.findall(r"\d[\d,]*(?:\.\d+)?", one.said)}
    if one.measure in ("share_of_total", "coverage"):
        in_words = {"two thirds": 2 / 3, "one in six": 1 / 6, "about one third": 1 / 3, "about half": 1 / 2}
        expected = in_words.get(one.said, max(found, default=0) / 100)
        assert one.value == pytest.approx(expected, abs=1e-4)
    elif one.said not in ("one in five", "almost 3,000 less 1,320", "6,250 x 33 %"):
        assert {limit for limit in (one.value, one.lower, one.upper) if limit} <= found | {8000.0, 6500.0}


def test_arithmetic_on_published_figures_is_right():
    yearly = [FIGURES[f"registered-{year}"].value for year in range(2010, 2016)]
    assert sum(yearly) == FIGURES["registered-sum"].value
    assert FIGURES["dutch-women"].value == FIGURES["domestic-sexual"].value - FIGURES["dutch-girls"].value
    shares = [FIGURES[f"{name}-share"].value for name in ("domestic-sexual", "cross-border-sexual", "other-forms")]
    assert sum(shares) == pytest.approx(1)
    assert FIGURES["other-forms"].value == pytest.approx(0.33 * FIGURES["total"].value, abs=5)
    for year in range(2012, 2017):
        assert FIGURES[f"discarded-{year}"].value <= FIGURES[f"border-police-{year}"].value


def test_arithmetic_and_memory_are_not_called_verified():
    for one in FIGURES.values():
        if any(word in one.source for word in ("arithmetic", "memory", "no text seen", "recomputed")):
            assert not one.verified, one.id


@pytest.mark.parametrize(
    ("population", "people", "rate"),
    [("inhabitants", "total", "total-rate"), ("girls of 12 to 17", "dutch-girls", "dutch-girls-rate")],
)
def test_denominators_are_what_the_published_rates_imply(population, people, rate):
    study = read_study(STUDY)
    implied = FIGURES[people].value / FIGURES[rate].value * 100_000
    for year in ("2014", "2015"):
        assert study.denominators.inhabitants(population, (year,)) == round(implied)
        assert study.denominators.how(population, (year,)) == "implied"
    assert not study.denominators.has(population, ("2013",))


def test_nothing_after_the_table_is_called_calibrated():
    for one in FIGURES.values():
        if one.calibrated:
            assert max(one.years) <= "2015"


def test_the_five_list_figures_are_those_of_the_documentation():
    import csv

    path = folder("data").parent / "docs" / "published-nl-5lists.csv"
    ours = {
        (round(one.value), one.lower, one.upper) for one in FIGURES.values() if one.measure == "pooled_N" and one.value
    }
    for row in csv.DictReader(path.open(encoding="utf-8")):
        # the documentation keeps decimals; 50,080.5 is rounded up here
        limits = float(row["lower"]), float(row["upper"])
        near = [one for one in ours if one[1:] == limits and abs(one[0] - float(row["estimate"])) <= 0.5]
        assert near, row


def test_every_figure_is_worded_in_dutch_with_the_same_numbers():
    """A wording that holds for both languages has neither words nor a separator of thousands."""
    for one in FIGURES.values():
        english = {number(text) for text in re.findall(r"\d[\d,]*(?:\.\d+)?", one.said)}
        dutch = {
            number(text.replace(".", "").replace(",", "."))
            for text in re.findall(r"\d[\d.]*(?:,\d+)?", one.worded("nl"))
        }
        assert english == dutch, one.id
        assert one.said_nl or re.fullmatch(r"\d{1,3}( %)?", one.said), one.id
