"""What pages share: scores by family, tables of them, points of a rule; and fits of which none may be missing."""

import argparse

import numpy as np
import pytest

from estimator.fits.scores import QUANTILES, Judged
from estimator.work.outcomes import FAILED, Task
from evidence import running
from evidence.pages import by_family, by_how_much_more, held_out_table, interval_row, points_of_rule
from evidence.running import options_of, runner

FAMILY = {"a": "One", "b": "One", "c": "Two", "left out": "Three"}
CHOSEN = {"a", "b", "c"}


def judged(table, truth, factor=2.0):
    """An estimate of 100 with 95 % limits `factor` below and above."""
    return Judged(table, truth, dict(zip(QUANTILES, 100 * factor ** np.linspace(-1, 1, len(QUANTILES)), strict=True)))


NARROW = [judged("a", 100), judged("b", 300), judged("c", 100), judged("left out", 100)]
WIDE = [judged(one.table, one.truth, 4.0) for one in NARROW]


def test_families_weigh_the_same_and_the_first_is_what_others_are_held_against():
    narrow, wide = (by_family(some, FAMILY, CHOSEN) for some in (NARROW, WIDE))
    # widths 2 log 2 and 2 log 4; the truth of 300 is missed by log 1.5, and half of One's lists are missed
    one, two = 2 * np.log(2) - 20 * np.log(1.5), 2 * np.log(2)
    assert by_how_much_more(narrow, wide) == pytest.approx(((one + two) / 2, abs(one - two) / 2))
    assert by_how_much_more(narrow, narrow) == (0, 0)
    rows = held_out_table("## t", "priors", {"n": NARROW, "w": WIDE}, "n", (FAMILY, CHOSEN)).splitlines()[6:]
    assert rows[0].split(" | ")[3:6] == ["75 ± 25 %", "5.44 ± 4.05", ""]
    assert rows[1].split(" | ")[3:7] == ["100 ± 0 %", "2.77 ± 0.00", "-2.67 ± 4.05", "× 16.0"]


def test_a_row_counts_what_intervals_hold():
    assert interval_row("x", "y", NARROW[:2]).split(" | ")[:5] == ["| x", "y", "1", "1", "1 of 2"]


def test_points_of_a_rule_are_numbered_and_hold_or_fail():
    assert points_of_rule([("first", True), ("second", False)]) == ["1. first: holds.", "2. second: fails."]


def test_no_page_is_made_of_what_happened_to_work(monkeypatch):
    done = {"a": {"x": 1}, "b": {FAILED: "no reason"}}
    monkeypatch.setattr(running, "run_tasks", lambda tasks, **_: {t.key: done[t.key.split(" [")[0]] for t in tasks})
    run = runner(argparse.Namespace(work=None, workers=1), {})
    assert run([Task("a", "m:f", {})]) == {"a": {"x": 1}}
    with pytest.raises(RuntimeError, match="1 fits could not be done: b: no reason"):
        run([Task(key, "m:f", {}) for key in "ab"])


def test_tables_that_do_not_ship_are_asked_for_where_they_are_needed():
    assert options_of([], "d", tables=False).workers == 2
    with pytest.raises(SystemExit):
        options_of([], "d")
