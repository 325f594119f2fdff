"""Which intervals an estimate gives: of 95 % always, others where the priors' track record bears them out."""

from __future__ import annotations

import csv
import io
import json

import jsonschema
import numpy as np
import pytest

from estimator.methods.door import Abilities, SamplerSettings
from estimator.methods.registry import METHODS, method_named
from estimator.methods.summary import LEVELS, summarise
from estimator.population import given_levels as module
from estimator.population.estimate import Estimate, estimate
from estimator.population.given_levels import WITHIN, given_levels, levels_not_given
from estimator.report.terminal.estimate import estimate_text
from estimator.runs.recording import record_of
from estimator.runs.schemas import SCHEMAS
from estimator.runs.tidy_csv import COLUMNS, csv_of
from estimator.shipped import folder
from estimator.study.priors import read_priors
from estimator.study.shipped import shipped_priors
from estimator.study.trackrecord import TrackRecord, track_records
from estimator.words.words import words_in

WITH_PRIORS, WITHOUT = Abilities(), Abilities(priors=False)
MODERATE = read_priors("moderate")


@pytest.fixture
def record(monkeypatch):
    """Let every set of priors have held these shares of lists of known size."""

    def made_up(*shares: float) -> None:
        made = TrackRecord("moderate", 100, dict(zip(LEVELS, shares, strict=True)), 1.0)
        monkeypatch.setattr(module, "track_record", lambda priors: made)

    return made_up


@pytest.mark.parametrize(
    ("shares", "given"),
    [
        ((0.5, 0.8, 0.95), (0.5, 0.8, 0.95)),
        ((0.45, 0.75, 0.95), (0.5, 0.8, 0.95)),
        ((0.55, 0.85, 0.95), (0.5, 0.8, 0.95)),
        ((0.4499, 0.8, 0.95), (0.8, 0.95)),
        ((0.5501, 0.8, 0.95), (0.8, 0.95)),
        ((0.5, 0.7499, 0.95), (0.5, 0.95)),
        ((0.5, 0.8501, 0.95), (0.5, 0.95)),
        ((0.15, 0.25, 0.43), (0.95,)),
        ((1.0, 1.0, 1.0), (0.95,)),
    ],
)
def test_a_level_is_given_that_held_within_five_points_of_what_it_says(record, shares, given):
    record(*shares)
    assert WITHIN == 0.05
    assert given_levels(MODERATE, WITH_PRIORS) == given


def test_of_other_methods_and_of_priors_of_ones_own_nothing_is_known(record, tmp_path):
    copy = tmp_path / "moderate.toml"
    copy.write_bytes((folder("priors") / "moderate.toml").read_bytes())
    for priors in (read_priors(copy), read_priors("evidence", {"coverage.odds.log_normal": "[-3, 3]"})):
        assert given_levels(priors, WITH_PRIORS) == (0.95,)
    record(0.5, 0.8, 0.95)
    assert given_levels(MODERATE, WITH_PRIORS) == LEVELS
    assert given_levels(MODERATE, WITHOUT) == (0.95,), "whatever its priors, of which it takes none"


def test_one_method_takes_the_priors_whose_record_is_kept():
    """Another one that did would be given the track record of the log-linear method."""
    assert [name for name in METHODS if method_named(name).abilities.priors] == ["loglinear"]


def test_why_one_is_not_given_is_said_with_what_it_held(record):
    record(0.15, 0.25, 0.43)
    [said] = levels_not_given(MODERATE, "moderate", WITH_PRIORS, (0.95,))
    assert said.values == {"levels": (0.5, 0.8), "priors": "moderate", "held": (0.15, 0.25)}
    english, dutch = (words_in(language).say(said) for language in ("en", "nl"))
    assert english.startswith("Intervals of 50 and 80 % are not given under moderate: of lists of public tables")
    assert "they held 15 and 25 %" in english
    assert dutch.startswith("Intervallen van 50 en 80% worden onder moderate niet gegeven: ")
    assert "in 15 en 25% van de gevallen" in dutch
    [half] = levels_not_given(MODERATE, "moderate", WITH_PRIORS, (0.8, 0.95))
    assert (half["levels"], half["held"]) == ((0.5,), (0.15,))
    assert not list(levels_not_given(MODERATE, "moderate", WITH_PRIORS, LEVELS))


def test_why_nothing_is_known_is_said(tmp_path):
    changed = read_priors("moderate", {"residual.form": "none"})
    [of_priors] = levels_not_given(changed, "moderate-changed", WITH_PRIORS, (0.95,))
    [of_method] = levels_not_given(MODERATE, "none", WITHOUT, (0.95,))
    assert {of_priors.code, of_method.code} == {"intervals-unproven"}
    for language, priors, method in (
        ("en", "under moderate-changed: that is done", "not known of this method."),
        ("nl", "worden onder moderate-changed niet gegeven", "van deze methode is dat niet bekend."),
    ):
        assert priors in words_in(language).say(of_priors)
        said = words_in(language).say(of_method)
        assert method in said and "under" not in said and "onder" not in said


@pytest.mark.parametrize("name", sorted(shipped_priors()))
def test_shipped_priors_give_what_their_own_record_bears_out(name):
    """Worked out again from the file, whatever it says today."""
    held = track_records()[name].inside
    expected = [level for level in (0.5, 0.8) if level - 0.050001 < held[level] < level + 0.050001]
    assert given_levels(read_priors(name), WITH_PRIORS) == (*expected, 0.95)


@pytest.fixture(scope="module")
def made() -> Estimate:
    sampler = SamplerSettings(draws=300, warmup=300, chains=4)
    return estimate("uk-2013", "nl-2017", beside=["evidence"], sampler=sampler)


def summaries(groups):
    """Every summary of some groups of estimate.json."""
    for group in groups.values():
        yield from (group[key] for key in ("N", "dark_figure", "coverage", "per_100000") if key in group)


def test_the_whole_way_to_json(made):
    found = json.loads(json.dumps(record_of(made).to_dict()))
    jsonschema.validate(found, SCHEMAS["estimate.schema.json"])
    assert made.levels == (0.95,)
    for summary in summaries(found["groups"]):
        assert list(summary["intervals"]) == ["0.95"]
        assert [summary["lower"], summary["upper"]] == summary["intervals"]["0.95"]
    other = found["beside"]["evidence"]
    of_evidence = [f"{level:g}" for level in given_levels(read_priors("evidence"), WITH_PRIORS)]
    assert "0.5" not in of_evidence
    assert all(list(summary["intervals"]) == of_evidence for summary in summaries(other["groups"]))
    assert [(note["priors"], note["levels"][0]) for note in found["notes"]] == [("nl-2017", 0.5), ("evidence", 0.5)]


def test_the_schema_wants_the_headline_and_refuses_others(made):
    found = json.loads(json.dumps(record_of(made).to_dict()))
    intervals = found["groups"]["total"]["N"]["intervals"]
    intervals["0.9"] = [1.0, 2.0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMAS["estimate.schema.json"])
    intervals.clear()
    intervals["0.8"] = [1.0, 2.0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMAS["estimate.schema.json"])
    with pytest.raises(ValueError, match="0.95|widest|missing"):
        type(record_of(made)).model_validate(found)


def test_the_whole_way_to_csv(made):
    """Columns are always the same; limits that are not given are blank, and everything else is there."""
    rows = list(csv.DictReader(io.StringIO(csv_of(made))))
    assert tuple(rows[0]) == COLUMNS
    given = {"nl-2017": made.levels, "evidence": made.beside[0].levels}
    for row in rows:
        for level in LEVELS:
            for side in ("lower", "upper"):
                assert (row[f"{side}_{100 * level:g}"] != "") == (level in given[row["priors"]])
    [total] = [row for row in rows if (row["priors"], row["group"], row["quantity"]) == ("nl-2017", "total", "N")]
    N = made.total.N
    assert [float(total[key]) for key in ("median", "lower_95", "upper_95")] == [
        round(value, 1) for value in (N.median, N.lower, N.upper)
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "are not given under nl-2017"), ("nl", "onder nl-2017 niet geg")]
)
def test_it_is_said_where_details_are_asked_for_and_not_on_the_first_screen(made, language, said):
    def flat(**settings) -> str:
        return " ".join(estimate_text(record_of(made), words_in(language), **settings).split())

    assert said in flat(full=True)
    assert said in flat(sections=["sources"])
    assert said not in flat()


def test_what_is_given_is_what_all_levels_together_would_be():
    """Leaving a level out moves no bit of what stays."""
    draws = np.random.default_rng(5).lognormal(8, 0.4, size=(4, 251))
    whole = summarise(draws)
    for levels in ((0.95,), (0.8, 0.95), (0.5, 0.95)):
        part = summarise(draws, levels)
        assert (part.median, part.mean, part.sd) == (whole.median, whole.mean, whole.sd)
        assert part.intervals == {level: whole.intervals[level] for level in levels}
