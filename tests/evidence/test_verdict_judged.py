"""Verdicts as classifiers, on made-up tables of which everything is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evidence.verdict_judged import (
    HELD_OUT,
    NO_WIDTH,
    NOW,
    Case,
    Rule,
    chosen,
    confusion,
    judging_half,
    learning_half,
)

COUNTS = [0, 40, 30, 20, 10, 10, 10, 10]


def case(
    truth: float,
    *,
    above: float = 0.0,
    behind: float = 0.0,
    reasons: tuple[str, ...] = (),
    number: int = 0,
    at: str = "x",
) -> Case:
    """A table whose interval is 100 to 200, with a rival of which a share of draws lies above 200."""
    draws = [300.0] * round(100 * above) + [150.0] * round(100 * (1 - above))
    foretold = np.zeros(8)
    found: dict[str, Any] = {
        "size": truth,
        "counts": COUNTS,
        "methods": {
            "loglinear": {
                "quantiles": [100, 110, 120, 150, 180, 190, 200],
                "draws": np.linspace(100, 200, 101).tolist(),
                "foretold": foretold.tolist(),
            },
            "latent-class": {
                "quantiles": [100, 110, 120, 150, 180, 190, 200],
                "draws": draws,
                "foretold": (foretold - behind / sum(COUNTS)).tolist(),
            },
        },
        "reasons": [{"code": code} for code in reasons],
    }
    return Case(f"{at} {number}", at, number, "", f"{at} {number}", found)


def test_a_rival_above_is_a_refusal_where_it_describes_the_table_as_well() -> None:
    rule = Rule("each", 0.3, 4.0)
    assert not rule.refuses(case(150))
    assert not rule.refuses(case(150, above=0.29))
    assert rule.refuses(case(150, above=0.3))
    assert rule.refuses(case(150, above=0.3, behind=3.9))
    assert not rule.refuses(case(150, above=0.3, behind=4.1))


def test_a_mixture_counts_a_rival_by_its_weight() -> None:
    assert case(150, above=0.6).mixed_above == pytest.approx(0.3)
    assert Rule("mixed", 0.25).refuses(case(150, above=0.6))
    assert not Rule("mixed", 0.25).refuses(case(150, above=0.6, behind=20))
    assert case(150, above=0.6).mixture(("latent-class",)).limits(0.95)[1] == pytest.approx(300)
    assert case(150, above=0.6, behind=40).mixture(("latent-class",)).limits(0.5) == pytest.approx((125, 175), abs=1)
    assert case(150, above=0.6).mixture(()) == case(150).judged


def test_width_is_left_out_of_the_reasons_and_nothing_else() -> None:
    wide, poor = case(150, reasons=("interval-too-wide",)), case(150, reasons=("model-does-not-describe-table",))
    assert [NOW.refuses(one) for one in (wide, poor)] == [True, True]
    assert [NO_WIDTH.refuses(one) for one in (wide, poor)] == [False, True]


def test_a_confusion_counts_both_errors() -> None:
    tables = [case(150), case(150, above=1.0), case(900), case(900, above=1.0)]
    found = confusion(Rule("each", 0.5, 0.0), tables)
    assert (found.tables, found.passed, found.held, found.passed_held) == (4, 2, 2, 1)
    assert found.held_among_passed == 0.5 and found.refused_among_held == 0.5


def test_thresholds_are_chosen_on_even_tables_and_judged_on_the_others() -> None:
    tables = [*(case(150, number=n) for n in range(4)), case(150, at=HELD_OUT)]
    assert [one.number for one in learning_half(tables)] == [0, 2]
    assert [one.key for one in judging_half(tables)] == ["x 1", "x 3", f"{HELD_OUT} 0"]


def test_the_chosen_rule_keeps_to_a_quarter_and_then_lets_the_fewest_misses_pass() -> None:
    # of four that hold one is above by 0.3, and of the misses one by 0.3 and one by 0.6
    tables = [case(150), case(150), case(150), case(150, above=0.3), case(900, above=0.3), case(900, above=0.6)]
    rules = [Rule("each", q) for q in (0.0, 0.3, 0.5)]
    assert chosen(rules, tables).probability == 0.3
    stricter = [case(150, above=0.3), *tables]
    assert chosen(rules, stricter).probability == 0.5
