"""Intervals hold the truth when errors of registers are declared, and else do not (docs/registers-truth.md)."""

from __future__ import annotations

import pytest

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
        assert found["declared", group][0] >= 17
        assert 0.95 < found["declared", group][1] < 1.05
        assert found["as-is", group][1] > 1.2
    assert found["as-is", "total"][0] <= 1
