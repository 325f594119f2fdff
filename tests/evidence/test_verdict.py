"""Tables of known size: people who differ smoothly, and what is kept of a table."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from estimator.population.thresholds import threshold
from evidence.judges import BETA, DIFFERING, INDEPENDENT, NORMAL, people_by_history
from evidence.make_verdict import simulated_tables
from evidence.verdict import TableOfKnownSize, fit_known


@pytest.mark.parametrize(("scenario", "at_least"), [(NORMAL, 0.4), (BETA, 0.4), (INDEPENDENT, -0.2)])
def test_people_who_differ_smoothly_are_on_two_lists_more_often_than_by_chance(scenario: str, at_least: float) -> None:
    found = []
    for number in range(DIFFERING.get(scenario, 24)):
        people = people_by_history(scenario, number).astype(float)
        pair = people.reshape((2, 2, -1)).sum(axis=-1) + 0.5
        found.append(np.log(pair[0, 0] * pair[1, 1] / (pair[0, 1] * pair[1, 0])))
    assert at_least < np.mean(found) < at_least + 0.6


def test_scenarios_take_turns_so_that_a_part_of_the_tables_is_a_part_of_each() -> None:
    keys = list(simulated_tables())
    assert len(keys) == len(set(keys)) == 150
    assert len({key.rsplit(" ", 1)[0] for key in keys[:6]}) == 6


@pytest.mark.slow
def test_what_is_kept_of_a_table_is_of_that_table() -> None:
    known = TableOfKnownSize("one pair at 8", 2)
    kept = fit_known(asdict(known))
    assert kept["size"] == known.people.sum()
    assert kept["counts"] == [0, *known.people[1:]]
    assert set(kept["methods"]) == {"loglinear", "latent-class", "heterogeneity"}
    for found in [*kept["methods"].values(), kept["bound"]]:
        assert np.all(np.diff(found["quantiles"]) >= 0)
        assert min(found["draws"]) >= kept["registered"]


def test_the_residual_of_people_who_differ_is_the_derived_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence-2.md").read_text("utf-8")
    (row,) = re.findall(r"^\| second \| (\+[\d.]+) \| ([\d.]+) \|", page, re.MULTILINE)
    assert threshold("scrutiny.people_differ_centre") == float(row[0])
    assert threshold("scrutiny.people_differ_size") == float(row[1])
