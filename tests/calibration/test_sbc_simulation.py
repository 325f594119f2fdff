"""Tables drawn from the prior: their shape is the study's, and their numbers are those of the model."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from estimator.calibration.shapes import record_of, shape_from, shape_of
from estimator.capture.declaration import Covariate
from estimator.methods.loglinear.simulation import acceptable, model_of, simulate, with_table
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors
from estimator.study.study import Study, read_study

STUDIES = ("nl-2010-2015-5lists", "scotland-pwid-2006", "kosovo-1999", "nl-2010-2015-reconstructed", "uk-2013")
SURE = {
    "dark_figure.ratio_to_registered.log_normal": "[0.4, 1e-9]",
    "coverage.odds.log_normal": "[-1.2, 1e-9]",
    "dependence.odds_ratio.log_normal": "[0.3, 1e-9]",
}


def odd_shape():
    """Two lists that cannot both see anybody under A, and a third that does not run there."""
    shape = plain_shape(3)
    possible, running = np.ones((2, 8), bool), np.ones((2, 3), bool)
    possible[0, [6, 7]] = False
    running[0, 2] = False
    record = record_of(shape) | {
        "covariates": [["place", ["A", "B"], False]],
        "impossible": np.flatnonzero(~possible).tolist(),
        "not_running": np.flatnonzero(~running).tolist(),
        "not_counted": [0, 1, 8],
        "groups": {"total": [0, 1], "in A": [0]},
        "registered": 100.0,
    }
    return shape_from(record)


@pytest.mark.parametrize("name", STUDIES)
def test_a_shape_survives_the_journey_to_a_worker(name):
    shape = shape_of(read_study(name))
    other = shape_from(json.loads(json.dumps(record_of(shape))))
    priors = read_priors("moderate")
    for one, two in zip(
        *(model_of(each, priors)[0].observed.__dict__.values() for each in (shape, other)), strict=True
    ):
        assert np.array_equal(one, two)
    assert replace(other.model, priors="", beside=()) == replace(shape.model, priors="", beside=())
    assert {name: found.tolist() for name, found in other.groups.items()} == {
        name: found.tolist() for name, found in shape.groups.items()
    }


def test_exact_counts_of_a_study_come_back():
    table = read_study("nl-2010-2015-5lists").table
    shape = shape_of(read_study("nl-2010-2015-5lists"))
    people = np.zeros(table.shape, np.int64)
    people.reshape(-1)[table.cover_cell] = table.lower
    people[0, 0] = 77  # nobody sees them
    made = counted(shape.table, people)
    assert np.array_equal(made.lower, table.lower)
    assert np.array_equal(made.cover_cell, table.cover_cell)
    assert made.registered == table.registered


def test_lists_that_did_not_run_and_impossible_cells_are_kept():
    shape = odd_shape()
    people = np.arange(16).reshape(2, 8) * shape.table.possible
    table = counted(shape.table, people)
    covers = {tuple(table.observations.cells(j).tolist()): int(table.lower[j]) for j in range(len(table.lower))}
    # in A history bits are lists A, B, C with C silent: 2 and 3 are written down alike, and so are 4 and 5
    assert covers == {(2, 3): 5, (4, 5): 9, **{(8 + h,): 8 + h for h in range(1, 8)}}
    assert table.registered.lower == people.sum() - people[0, 0] - people[0, 1] - people[1, 0]


@pytest.mark.parametrize("residual", [None, 0.7])
def test_numbers_are_those_of_the_model(residual):
    """Every prior is a point, so that the expected number in every cell is known by hand."""
    changes = dict(SURE)
    if residual is not None:
        changes |= {
            "residual.form": "stated",
            "residual.ratio.log_normal": f"[{residual}, 1e-9]",
            "residual.reason": '"known"',
        }
    shape = replace(plain_shape(3), registered=200.0)
    design, settings = model_of(shape, read_priors("moderate", changes))
    drawn = [simulate(shape, design, settings, seed) for seed in range(1500)]
    histories = np.array([[h >> 2 & 1, h >> 1 & 1, h & 1] for h in range(8)])
    pairs = np.array([[h[a] * h[b] for a, b in combinations(range(3), 2)] for h in histories])
    expected = 200 * np.exp(0.4 - 1.2 * histories.sum(1) + 0.3 * pairs.sum(1))
    counts = np.array([one.table.lower for one in drawn])
    error = np.sqrt(expected[1:] / len(drawn))
    assert np.abs((counts.mean(axis=0) - expected[1:]) / error).max() < 4.5
    unseen = np.array([one.people[0] for one in drawn]) - counts.sum(axis=1)
    hidden = expected[0] * np.exp(residual or 0.0)
    assert abs(unseen.mean() - hidden) < 4.5 * np.sqrt(hidden / len(drawn))
    assert unseen.var() == pytest.approx(hidden, rel=0.15)
    assert drawn[0].residual == (None if residual is None else pytest.approx(residual, abs=1e-6))


def test_the_same_seed_gives_the_same_table():
    shape = replace(plain_shape(3), registered=200.0)
    design, settings = model_of(shape, read_priors("moderate"))
    one, two, other = (simulate(shape, design, settings, seed) for seed in (5, 5, 6))
    assert np.array_equal(one.position, two.position)
    assert np.array_equal(one.table.lower, two.table.lower)
    assert not np.array_equal(one.table.lower, other.table.lower)


@pytest.mark.parametrize(
    ("counts", "fine"),
    [
        ([50, 50, 1], True),
        ([60, 60, 0], False),  # nobody on two lists
        ([4, 4, 1], False),  # too small beside 100
        ([5, 4, 1], True),
        ([500, 499, 1], True),
        ([500, 500, 1], False),
    ],
)
def test_the_rule_looks_at_counts_alone(counts, fine):
    """Histories of two lists in the order of bits: B alone, A alone, both."""
    table = counted(plain_shape(2).table, np.array([[0, *counts]]))
    assert acceptable(table, 100.0) is fine


def test_a_prior_without_possible_tables_is_said_to_be_one(monkeypatch):
    monkeypatch.setattr("estimator.methods.loglinear.simulation.MOST_TRIES", 20)
    shape = replace(plain_shape(2), registered=100.0)
    design, settings = model_of(shape, read_priors("moderate", {"coverage.odds.log_normal": "[-30, 0.1]"}))
    with pytest.raises(ValueError, match="none of 20 tables"):
        simulate(shape, design, settings, 1)


def test_a_group_outside_the_headline_years_is_left_out():
    study = read_study("nl-2010-2015-reconstructed")
    shape = shape_of(study)
    years = dict(zip([found.name for found in study.table.covariates], study.table.covariates, strict=True))["year"]
    n_years = len(study.period.headline or years.levels)
    assert shape.groups["total"].sum() == study.table.n_strata // len(years.levels) * n_years


def test_a_study_made_in_python_has_a_shape():
    table = counted(plain_shape(3).table, np.arange(8)[None])
    shape = shape_of(Study.of_table(table))
    assert shape.registered == 28
    design, _ = model_of(shape, read_priors("moderate"))
    assert with_table(design, table).registered == design.registered
    assert isinstance(shape.table.covariates, tuple)
    assert not any(isinstance(found, Covariate) for found in shape.table.covariates)
