"""All thresholds stand in one file, each with what it means."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import estimator.population
from estimator.population import fitness
from estimator.population.thresholds import FILE, convergence_limits, threshold, thresholds, thresholds_hash

PATH = Path(estimator.population.__file__).with_name(FILE)
LINES = PATH.read_text(encoding="utf-8").splitlines()
KEYS = [(number, line.split(" = ")[0]) for number, line in enumerate(LINES) if re.match(r"[a-z]", line)]


@pytest.mark.parametrize(("number", "key"), KEYS)
def test_every_threshold_is_explained_above_it(number, key):
    assert LINES[number - 1].startswith("# "), f"say above {key} what it means, and where it comes from"


def test_values_are_those_that_estimates_were_judged_by():
    found = thresholds()
    assert found["convergence"] == {
        "rhat": 1.01,
        "effective_draws": 400.0,
        "divergent_share": 0.001,
        "crowding": 0.01,
        "crowding_from": 4,
    }
    fitness_values = {
        "mostly_prior": 0.7,
        "widest": 10.0,
        "widest_total": 1.5,
        "poor_fit": 0.001,
        "doubtful_fit": 0.05,
        "held_out": 0.9,
        "level_within": 0.05,
        "coverage_moves": 0.1,
        "without_overlap": 0.1,
        "few_tables": 1.05,
    }
    assert found["fitness"] == fitness_values
    assert (fitness.MOSTLY_PRIOR, fitness.WIDEST, fitness.POOR_FIT, fitness.DOUBTFUL_FIT) == (0.7, 10, 0.001, 0.05)
    assert convergence_limits().crowding_from == 4


def test_a_threshold_by_its_key():
    assert threshold("fitness.widest") == 10.0
    for key in ("fitness", "fitness.wide", "widest"):
        with pytest.raises(KeyError):
            threshold(key)


def test_what_is_read_is_the_file():
    assert thresholds() == tomllib.loads(PATH.read_text(encoding="utf-8"))
    assert thresholds_hash() == hashlib.sha256(PATH.read_bytes()).hexdigest()
    thresholds()["fitness"]["widest"] = 1.0
    assert threshold("fitness.widest") == 10.0
