"""Intervals hold the people behind tables as offices give them (docs/model.md has the figures of 30 tables)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.methods.office_truth import GROUPS, held, lost, simulated_people, simulation, table_of


def test_a_simulated_table_is_what_an_office_gives():
    people = simulated_people(1)
    without_sex = lost(people, 1)
    assert 0.12 < without_sex[:, :, 1:].sum() / people[:, :, 1:].sum() < 0.18
    rows = [line.split(",") for line in table_of(people, without_sex, suppress=True).splitlines()[1:]]
    assert sum(row[-1] == ".." for row in rows) > 20
    assert min(int(row[-1]) for row in rows if row[-1] != "..") >= 5
    shown = np.array([people[0, :, 1:], people[1, :, 1:]]).sum()
    assert sum(int(row[-1]) for row in rows if row[-1] != "..") < shown


@pytest.mark.slow
def test_intervals_hold_the_people_behind_thirty_tables():
    results = [simulation(seed) for seed in range(1, 31)]
    for group in GROUPS:
        assert held(results, "office", group).inside >= 27
        assert 0.95 < held(results, "office", group).median < 1.05
