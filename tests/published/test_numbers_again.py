"""Published numbers computed again: the rules for a verdict, and numbers that come out to the digit."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.methods.door import SamplerSettings
from estimator.published import numbers_again as module
from estimator.published.numbers_again import Answer, Computing, NumbersAgain, Ours, compared, numbers_again
from estimator.published.registry import registered
from estimator.reasons import Reason
from estimator.report.terminal.numbers_again import numbers_again_text, tally_text
from estimator.words.words import words_in
from tests.published.published_examples import fake_estimate

QUICK = SamplerSettings(draws=500, warmup=500, chains=4)
TEXT = """
title = "Invented"
study = "study.toml"
source = "Nobody"
[[figures]]
name = "one"
title = "One"
method = "lower-bound"
"""


@pytest.fixture
def figure_of(tmp_path):
    (tmp_path / "study.toml").write_text('title = "t"\nsource = "s"\n[lists.A]\n[lists.B]\n')
    (tmp_path / "table.csv").write_text("A,B,count\n1,0,40\n0,1,50\n1,1,19\n")

    def figure(text):
        (tmp_path / "numbers.toml").write_text(TEXT + text)
        return registered(str(tmp_path / "numbers.toml")).figures[0]

    return figure


def answer(estimate, lower=90.0, upper=120.0, error=0.0):
    names = ("estimate", "lower", "upper")
    return Answer({0.95: Ours(dict(zip(names, (estimate, lower, upper), strict=True)), dict.fromkeys(names, error))})


NUMBERS = "estimate = 100\nlower = 90\nupper = 120\n"
NOISE = '[figures.noise]\nestimate = 4\nbecause = "draws of theirs"\n'


@pytest.mark.parametrize(
    ("text", "ours", "verdict"),
    [
        (NUMBERS, answer(100.4), "reproduced"),
        (NUMBERS, answer(100.6), "differs"),
        (NUMBERS, answer(100.6, error=0.1), "consistent"),
        (NUMBERS, answer(103.6, error=1.0), "differs"),
        (NUMBERS + NOISE, answer(104.4), "consistent"),
        (NUMBERS + NOISE, answer(104.6), "differs"),
        # the noise is of the estimate alone: a limit that is off is off
        (NUMBERS + NOISE, answer(100.0, lower=93.0), "differs"),
        (NUMBERS + "rounding = 3\n", answer(100.0, lower=93.0), "reproduced"),
        ("estimate = 100\n", answer(100.0, lower=3.0), "reproduced"),
    ],
)
def test_the_rules(figure_of, text, ours, verdict):
    assert compared(figure_of(text), ours).verdict == verdict


def test_by_how_much_a_number_is_off_is_said(figure_of):
    (reason,) = compared(figure_of(NUMBERS), answer(90.0, error=1.0)).reasons
    assert reason == Reason("number-is-off", what="estimate", by=-10.0, allowed=3.5)
    assert "10 less" in words_in("en").say(reason)


def test_no_answer_is_a_failure_only_where_one_is_expected(figure_of):
    refused = Answer(refused=(Reason("answer-withheld"),))
    assert compared(figure_of(NUMBERS), refused).failed
    known = compared(figure_of(NUMBERS + 'expect = "differs"\nwhy = "known"\n'), refused)
    assert (known.verdict, known.failed) == ("differs", False)


def test_one_number_that_fails_fails_the_file(figure_of):
    one = figure_of(NUMBERS)
    same, other = compared(one, answer(100.0)), compared(one, answer(200.0))
    assert not NumbersAgain(registered("uk"), (same, same), 1).failed
    for figures in ((same, other), (other, same), (other,)):
        assert NumbersAgain(registered("uk"), figures, 1).failed


def test_the_error_of_our_own_median_is_that_of_independent_draws(figure_of, monkeypatch):
    # the median of n standard normal draws has the standard error sqrt(pi / 2 n)
    rng = np.random.default_rng(1)
    made = fake_estimate(module.read_study(figure_of(NUMBERS).study), np.zeros((40_000, 1)))
    made.group_draws["total"].size = 1000 * rng.normal(size=(4, 10_000))
    monkeypatch.setattr(module, "estimate", lambda *_, **__: made)
    ours = Computing(QUICK).answer(figure_of(NUMBERS)).by_level[0.95]
    assert ours.errors["estimate"] == pytest.approx(1000 * np.sqrt(np.pi / 80_000), rel=0.1)


def test_the_same_analysis_is_made_once(figure_of, monkeypatch):
    made = []
    real = module.estimate
    monkeypatch.setattr(module, "estimate", lambda *given, **more: made.append(given) or real(*given, **more))
    computing = Computing(QUICK)
    assert computing.answer(figure_of(NUMBERS)) is computing.answer(figure_of("estimate = 3\nlevel = 0.8\n"))
    assert len(made) == 1


@pytest.mark.parametrize("name", ["kosovo", "spina-bifida"])
def test_exact_numbers_come_out_to_the_digit(name):
    found = numbers_again(registered(name), Computing(QUICK))
    assert not found.failed
    assert {one.figure.name: one.verdict for one in found.figures}["decomposable"] == "reproduced"


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_text_is_at_most_80_wide_and_counts_verdicts(language):
    words, found = words_in(language), numbers_again(registered("spina-bifida"), Computing(QUICK))
    text = numbers_again_text(found, words)
    assert max(map(len, text.splitlines())) <= 80
    said = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    for one in found.figures:
        assert words.either(one.figure.title, one.figure.title_nl) in said
        assert words.text(f"again.verdict.{one.verdict}") in tally_text(found, words)
