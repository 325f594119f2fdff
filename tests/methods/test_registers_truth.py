"""Intervals hold the truth when errors of registers are declared, and else do not (docs/registers-truth.md)."""

from __future__ import annotations

import pytest

from tests.methods import nowcast_truth
from tests.methods.registers_truth import held, simulated_records, simulation


def test_a_simulated_table_has_the_faults_that_it_is_said_to_have():
    text, truth = simulated_records(1)
    rows = [line.split(",") for line in text.splitlines()[1:]]
    entries = sum(int(row[-1]) for row in rows)
    unknown = sum(int(row[-1]) for row in rows if not row[1])
    assert truth["total"] == truth["women"] + truth["men"]
    assert 0.15 < unknown / entries < 0.25
    assert entries < truth["total"]


@pytest.mark.slow
def test_intervals_hold_the_truth_with_the_declarations_and_not_without():
    found = held([simulation(seed) for seed in range(1, 21)])
    for group in ("total", "women", "men"):
        assert found["declared", group].inside >= 17
        assert 0.95 < found["declared", group].median < 1.05
        assert found["as-is", group].median > 1.2
    assert found["as-is", "total"].inside <= 1


def test_a_withheld_register_leaves_the_others_as_they_are():
    counts, people = nowcast_truth.simulated_counts(1)
    rows = [line.split(",") for line in nowcast_truth.table_of(counts, True).splitlines()[1:]]
    last = [row for row in rows if row[0] == "2023"]
    assert all(row[3] == "0" for row in last)
    on_a = sum(int(row[-1]) for row in last if row[1] == "1")
    assert on_a == counts[-1, 4:].sum()
    assert people[-1] == counts[-1].sum()


@pytest.mark.slow
def test_intervals_hold_the_last_year_before_and_after_a_register_delivers():
    results = [nowcast_truth.simulation(seed) for seed in range(1, 21)]
    before, after = (nowcast_truth.held(results, way) for way in ("withheld", "delivered"))
    assert before.inside >= 18
    assert after.inside >= 18
    assert after.width < before.width
