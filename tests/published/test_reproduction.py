"""A published study run again: on invented draws that are quick, and, slowly, on real ones."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.published import numbers_again, reproduction
from estimator.published.registry import registered
from estimator.published.reproduction import reproduce
from estimator.reasons import Reason
from estimator.report.terminal.published import reproduction_text
from estimator.study.study import Study, read_study
from estimator.words.words import words_in
from tests.published.published_examples import fake_estimate

SOURCE = registered("nl")
AGAIN = SOURCE.again


class Estimator:
    """Stands in for `estimate`: draws four times the registered people, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.converged = True

    def __call__(self, study, priors=None, *, beside, method=None, options=None, sampler=None, listener=None):
        assert beside == ()
        study = study if isinstance(study, Study) else read_study(study)
        self.asked.append((study.name, method or priors))
        rng = np.random.default_rng(len(self.asked))
        registered = study.table.registered_by_stratum.lower
        return fake_estimate(
            study, rng.poisson(4 * registered, size=(400, len(registered))), priors=priors, converged=self.converged
        )


@pytest.fixture
def estimator(monkeypatch):
    found = Estimator()
    monkeypatch.setattr(reproduction, "estimate", found)
    monkeypatch.setattr(numbers_again, "estimate", found)
    return found


@pytest.fixture
def found(estimator):
    return reproduce("nl")


def test_every_published_figure_gets_one_verdict(found):
    names = [one.figure.id for one in found.all_figures]
    assert sorted(names) == sorted(one.id for one in read_study(AGAIN.study).published)
    assert {one.verdict.kind for one in found.all_figures} == {"consistent", "differs", "not-reproducible"}
    for one in found.all_figures:
        assert (one.ours is None) == (one.verdict.kind == "not-reproducible")
        assert bool(one.verdict.reasons) == (one.verdict.kind != "consistent")


def test_all_assumptions_are_run_on_both_tables(found, estimator):
    def key_of(one):
        return one.study, one.method, one.priors, tuple(sorted(one.options.items()))

    study = read_study(AGAIN.study)
    computed = [one for one in SOURCE.figures if one.figure]  # the analyses; other numbers need no run of the study
    assert estimator.asked == [
        (AGAIN.study, study.model.priors),
        *((AGAIN.study, name) for name in study.model.beside),
        *((AGAIN.public_table, name) for name in ("nl-2017", "moderate", "independence", "wide")),
        *((Path(study).name, method) for study, method, *_ in dict.fromkeys(map(key_of, computed))),
    ]
    assert [one.priors for one in found.analyses] == ["nl-2017", "moderate", "independence", "wide"]


def test_other_priors_move_the_usual_ones_beside(estimator):
    found = reproduce("nl", priors="evidence")
    assert found.priors == "evidence"
    assert [other.priors for other in found.beside] == ["nl-2017"]


def test_what_was_made_to_agree_is_told_from_what_was_not(found):
    for one in found.figures:
        assert one.basis == ("calibrated" if one.figure.calibrated else "reconstructed")
    assert {one.basis for one in found.pooled} == {"public"}


def test_no_verdict_is_typed_in(estimator, monkeypatch):
    """Move the published figures, and the verdicts move."""
    before = {one.figure.id: one.verdict.kind for one in reproduce("nl").figures if one.ours}

    def moved(name):
        study = read_study(name)
        figures = [
            replace(one, value=None if one.value is None else one.value * 50, lower=None) for one in study.published
        ]
        return replace(study, published=tuple(figures))

    monkeypatch.setattr(reproduction, "read_study", moved)
    after = {one.figure.id: one.verdict.kind for one in reproduce("nl").figures if one.ours}
    assert set(before.values()) == {"consistent", "differs"}
    assert {kind for name, kind in after.items() if name != "total-in-all"} == {"differs"}


def test_later_years_and_missing_inhabitants_are_not_reproducible(found):
    why = {one.figure.id: one.verdict.reasons[0] for one in found.figures if one.ours is None}
    assert {name for name in why if name.startswith("registered-")} == {
        *(f"registered-{year}" for year in range(2016, 2022)),
        "registered-2018-2019",
    }
    assert why["total-2018"] == Reason("no-table-of-later-years", last="2015")
    assert (why["non-dutch-rate"].code, why["non-dutch-rate"]["backed_out"]) == ("no-inhabitants", False)
    assert why["discarded-2012"] == Reason("discarded-reports-not-public")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_text_is_at_most_80_wide_and_says_what_it_rests_on(found, language):
    words = words_in(language)
    text = reproduction_text(found, words)
    assert max(map(len, text.splitlines())) <= 80
    said = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    codes = ["rules", "heading.calibrated", "meaning.calibrated", "heading.reconstructed"]
    fragments = [words.text(f"published.{code}") for code in [*codes, "heading.public-table", "heading.closing"]]
    fragments += [words.either(SOURCE.title, SOURCE.title_nl)]
    fragments += [words.text("published.counts-same", same=10, counts=10), words.say(Reason("inhabitants-backed-out"))]
    fragments += [words.say(reason) for reason in found.conclusions if "lost" not in reason.values]
    others = [one.figure for one in found.pooled if one.is_other_method]
    fragments += [f"{one.worded(language)}. {words.say(Reason('method-not-in-tool'))}" for one in others]
    for fragment in fragments:
        assert " ".join(fragment.replace("\N{NO-BREAK SPACE}", " ").split()) in said
    assert "total-2018" not in said, "ids are for machines"


def test_dutch_figures_and_groups_are_named_in_dutch(found):
    text = " ".join(reproduction_text(found, words_in("nl")).split())
    assert "Alle vermoedelijke slachtoffers" in text
    assert "bijna 3.000" in text
    assert "'Van niet-Nederlandse herkomst'" in text
    for english in ("almost", "about", "registered", "estimate "):
        assert english not in text.split("GEBRACHT", 1)[1], english


def test_figures_whose_text_nobody_saw_are_marked(found):
    text = reproduction_text(found, words_in("en"))
    assert "993 (?)" in text
    assert "1,222 (?)" not in text


def test_json_says_the_same(found):
    record = json.loads(json.dumps(found.to_dict()))
    by_id = {one["id"]: one for one in (*record["figures"], *record["public_table"]["figures"])}
    for one in found.all_figures:
        same = by_id[one.figure.id]
        assert same["verdict"] == one.verdict.kind
        assert same["basis"] == one.basis
        assert [Reason.of_dict(reason) for reason in same["why"]] == list(one.verdict.reasons)
        assert same["published"]["source"] == one.figure.source
        assert (same["ours"] is None) == (one.ours is None)
    assert sum(record["verdicts"].values()) == len(found.all_figures)
    assert record["table_kind"] == "reconstructed"
    assert [Reason.of_dict(reason) for reason in record["conclusions"]] == list(found.conclusions)
    assert record["public_table"]["spread"]["all"]["upper"] >= 203_328


def test_the_same_draws_give_the_same_json(estimator):
    first = reproduce("nl").to_dict()
    estimator.asked.clear()
    assert reproduce("nl").to_dict() == first


def test_nothing_is_shown_of_chains_that_disagree(estimator):
    estimator.converged = False
    found = reproduce("nl")
    assert all(one.ours is None or one.ours.sd == 0 for one in found.all_figures)
    english = words_in("en")
    said = " ".join(reproduction_text(found, english).split())
    assert said.count(english.text("published.withheld")) == 4
    assert english.say(Reason("answer-withheld")) in said
    assert "public-table-alone" not in {reason.code for reason in found.conclusions}
    record = found.to_dict()
    assert record["public_table"]["spread"] is None
    assert {one["N"] for one in record["public_table"]["analyses"]} == {None}


def test_an_unknown_name_is_refused_before_anything_runs(estimator):
    with pytest.raises(InputError, match="Did you mean 'nl'"):
        reproduce("nll")
    assert not estimator.asked


@pytest.mark.slow
def test_the_dutch_figures_for_real():
    """The issue's ranges for the main groups, and the one published method that this tool has."""
    found = reproduce("nl", sampler=SamplerSettings(draws=1000))
    by_id = {one.figure.id: one for one in found.all_figures}
    for name in ("total", "domestic-sexual", "dutch-girls", "cross-border-sexual", "pooled-independence"):
        assert by_id[name].verdict.kind == "consistent", by_id[name]
    # Monte Carlo error of a median with some thousand effective draws and a coefficient of variation of a tenth: 0.4 %
    again = reproduce("nl", sampler=SamplerSettings(draws=1000, seed=2))
    for one, other in zip(found.figures, again.figures, strict=True):
        if one.ours and other.ours:
            assert other.ours.median == pytest.approx(one.ours.median, rel=0.03)


def test_the_documentation_shows_the_command_and_every_figure():
    page = (Path(__file__).parents[2] / "docs" / "reproduction.md").read_text("utf-8")
    assert "`darkfigure reproduce nl`" in page
    words = re.sub(r"[\s|]+", "", page)
    for one in read_study(AGAIN.study).published:
        if not one.measure.startswith("pooled_") or one.measure == "pooled_N":
            # a figure of the table may be broken over lines between its words
            assert all(part in words for part in one.said.split()), f"{one.id}: run python -m docs.make_reproduction"


def test_the_table_of_the_documentation_can_be_replaced():
    from docs.make_reproduction import page_with

    assert page_with("A\n```text\nold\n```\nB\n", "new 95\N{NO-BREAK SPACE}%") == "A\n```text\nnew 95 %\n```\nB\n"
