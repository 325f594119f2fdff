"""Every shipped study, estimated with few draws: the object, the text and the page, not the numbers."""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import Estimate, estimate
from estimator.reasons import Reason
from estimator.report.terminal.estimate import full_text
from estimator.report.terminal.first_screen import first_screen
from estimator.runs.recording import record_of
from estimator.study.shipped import shipped_studies
from estimator.study.study import read_study
from estimator.words.catalogue import LANGUAGES
from estimator.words.words import words_in

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(files("estimator.runs").joinpath("estimate.schema.json").read_text(encoding="utf-8"))
STUDIES = list(shipped_studies())


@cache
def found(name: str) -> Estimate:
    return estimate(name, sampler=SamplerSettings(draws=300, warmup=400))


@pytest.mark.parametrize("name", STUDIES)
def test_object_keeps_to_the_schema(name):
    text = json.dumps(found(name).to_dict(), allow_nan=False)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))


@pytest.mark.parametrize("name", STUDIES)
def test_object_holds_together(name):
    numbers, study = found(name).to_dict(), read_study(name)
    assert list(numbers["groups"]) == list(study.groups)
    whole = study.table
    if numbers["period"]["years"]:  # averages per year over the headline period
        whole = whole.select({study.period.covariate: tuple(numbers["period"]["years"])})
    registered = (whole.registered.lower + whole.registered.upper) / 2 / len(numbers["period"]["years"] or [0])
    assert numbers["groups"]["total"]["registered"] == pytest.approx(registered, rel=0.05)
    assert numbers["publishable"] == (not numbers["reasons"])
    for group in numbers["groups"].values():
        for quantity in ("N", "dark_figure", "coverage"):
            assert group[quantity]["lower"] <= group[quantity]["median"] <= group[quantity]["upper"]
            assert [group[quantity]["lower"], group[quantity]["upper"]] == group[quantity]["intervals"]["0.95"]
        if "registered_interval" not in group:
            for limit in ("lower", "median", "upper"):
                assert group["N"][limit] == pytest.approx(group["registered"] + group["dark_figure"][limit], abs=0.11)
            assert group["coverage"]["median"] == pytest.approx(group["registered"] / group["N"]["median"], abs=1e-4)
            if group["registered"]:
                assert group["one_in"]["median"] == pytest.approx(group["N"]["median"] / group["registered"], abs=1e-3)


@pytest.mark.parametrize("name", STUDIES)
def test_text_is_at_most_eighty_wide(name):
    record = record_of(found(name))
    for language in LANGUAGES:
        for text in (first_screen, full_text):
            lines = text(record, words_in(language)).splitlines()
            assert max(map(len, lines)) <= 80
            assert not any(line != line.rstrip() for line in lines)
        assert len(first_screen(record, words_in(language), Path("runs/a-study-20261127-101500")).splitlines()) <= 25


@pytest.mark.parametrize("name", STUDIES)
def test_text_and_page_say_what_an_estimate_rests_on(name):
    result = found(name)
    for words in (result.text(full=True), result._repr_html_()):
        flat = re.sub(r"\s+", " ", html.unescape(words))
        assert re.sub(r"\s+", " ", words_in("en").say(result.assumption)) in flat
        assert "R-hat" in flat
        assert "95 % interval" in flat
        for reason in result.fitness.reasons:
            assert re.sub(r"\s+", " ", words_in("en").say(reason)) in flat
        for group in result.groups.values():
            assert group.label.en in flat


def test_everything_that_an_estimate_may_have_is_in_the_schema(series):
    numbers = json.loads(json.dumps(series.to_dict(), allow_nan=False))
    jsonschema.validate(numbers, SCHEMA)
    assert {"one_in", "per_100000", "denominator"} <= set(numbers["groups"]["total"])
    for path in (("decisions", 0), ("changes", 0), ("beside", "moderate"), ("groups", "total", "denominator")):
        changed = json.loads(json.dumps(numbers))
        part = changed
        for key in path:
            part = part[key]
        part["surprise"] = 1
        with pytest.raises(jsonschema.ValidationError, match="surprise"):
            jsonschema.validate(changed, SCHEMA)
    without = json.loads(json.dumps(numbers))
    del without["groups"]["total"]["denominator"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(without, SCHEMA)


def test_long_labels_keep_the_width(years):
    for text in (str(years), years.text(full=True), years.text("nl")):
        assert max(map(len, text.splitlines())) <= 80
        assert "SYNTH" in text.splitlines()[0] or "SYNTH" in text


def properties(part: dict) -> list[tuple[str, dict]]:
    """All properties in a schema, by name."""
    inner = [part[key] for key in ("items", "additionalProperties") if isinstance(part.get(key), dict)]
    inner += [*part.get("properties", {}).values(), *part.get("$defs", {}).values()]
    return [*part.get("properties", {}).items(), *(found for one in inner for found in properties(one))]


def test_every_key_is_described_in_the_schema_and_on_its_page():
    page = (ROOT / "docs/estimate-json.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_A-Z0-9.]+)`", page))
    keys = properties(SCHEMA)
    assert len(keys) > 40
    assert [name for name, part in keys if not part.get("description")] == []
    assert {name for name, _ in keys} - named == set()


def test_the_schema_is_strict():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    numbers = json.loads(json.dumps(found(STUDIES[0]).to_dict()))
    for path in ((), ("groups", "total"), ("groups", "total", "N"), ("diagnostics",), ("seconds",)):
        changed = json.loads(json.dumps(numbers))
        part = changed
        for key in path:
            part = part[key]
        part["surprise"] = 1
        with pytest.raises(jsonschema.ValidationError, match="surprise"):
            jsonschema.validate(changed, SCHEMA)
    for path, wrong in (
        (("table_kind",), "real"),
        (("publishable",), "yes"),
        (("level",), 0.9),
        (("groups", "total", "N", "median"), "many"),
        (("groups", "total", "coverage", "median"), 1.2),
        (("seed",), -1),
    ):
        changed = json.loads(json.dumps(numbers))
        part = changed
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = wrong
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed, SCHEMA)


def test_chains_that_never_move_are_said_in_valid_json(years):
    stuck = replace(years.convergence, rhat_max=math.nan, reasons=(Reason("chains-stuck", quantity="all"),))
    result = replace(years, posterior=replace(years.posterior, convergence=stuck))
    numbers = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    jsonschema.validate(numbers, SCHEMA)
    assert numbers["diagnostics"]["rhat_max"] is None
    assert numbers["publishable"] is False
