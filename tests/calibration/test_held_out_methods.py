"""Every method on the same held-out lists: weights, standard errors, and the lists that all answer for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from estimator.calibration import held_out_fits
from estimator.calibration.at_scale import Running
from estimator.calibration.held_out import Case, HeldOutReport
from estimator.calibration.held_out_methods import (
    MethodsReport,
    _of_most_lists,
    held_out_by_methods,
    refitting_methods,
    weights,
)
from estimator.fits.scores import QUANTILES, Judged
from estimator.methods.registry import METHODS, method_named
from estimator.reasons import Reason
from estimator.report.terminal.held_out_methods import methods_text
from estimator.words.words import words_in

FAMILIES = {"one": "a", "same": "a", "other": "b"}


def case(table: str, name: str, *, holds: bool, priors: str = "none") -> Case:
    """A list of 100 people with a 95 % interval of 90 to 110, or of 190 to 210."""
    middle = 100.0 if holds else 200.0
    quantiles = {q: middle + 10 * (q - 0.5) / 0.475 for q in QUANTILES}
    return Case(table, name, priors, Judged(table, 100.0, quantiles), 50, 3, True)


CASES = (
    case("one", "A", holds=True),
    case("one", "B", holds=False),
    case("same", "A", holds=True),
    case("other", "A", holds=False),
)


def test_families_tables_and_lists_weigh_the_same():
    # two families: 1/2 each; family a has two tables: 1/4 each; the first has two lists: 1/8 each
    np.testing.assert_allclose(weights(CASES, FAMILIES), [1 / 8, 1 / 8, 1 / 4, 1 / 2])


def test_shares_and_their_errors_by_hand():
    (row,) = MethodsReport((HeldOutReport(CASES, method="decomposable"),), FAMILIES).rows()
    assert (row.lists, row.families) == (4, 2)
    # families have shares 3/4 and 0: mean 3/8; standard error of their mean |3/4 - 0| / 2
    assert row.held[0.95] == pytest.approx(3 / 8)
    assert row.error[0.95] == pytest.approx(3 / 8)
    assert row.too_high == pytest.approx(5 / 8)
    # more than half of the weight lies at twice the truth
    assert row.log_ratio == pytest.approx(math.log(2))


def test_one_family_has_no_standard_error():
    (row,) = MethodsReport((HeldOutReport(CASES[:2], method="decomposable"),), FAMILIES).rows()
    assert math.isnan(row.error[0.95])
    assert row.to_dict()["standard_error"]["0.95"] is None


def test_methods_that_refuse_are_compared_on_what_all_answer_for():
    some = HeldOutReport((CASES[0], CASES[3]), method="decomposable")
    bound = HeldOutReport(CASES[:1], method="lower-bound")
    every = HeldOutReport(tuple(case(one.table, one.list, holds=True, priors="wide") for one in CASES))
    report = MethodsReport((some, bound, every), FAMILIES)
    # a bound does not narrow them
    assert report.common == {("one", "A"), ("other", "A")}
    assert [(row.method, row.lists) for row in report.rows(report.common)] == [
        ("loglinear", 2),
        ("decomposable", 2),
        ("lower-bound", 1),
    ]


def test_evidence_is_no_test_on_what_it_was_learned_from():
    cases = tuple(case("one", "A", holds=True, priors=name) for name in ("evidence", "wide"))
    kept = MethodsReport((HeldOutReport(cases),), FAMILIES)
    left = MethodsReport((HeldOutReport(cases, learned_from=("one",)),), FAMILIES)
    assert {row.priors for row in kept.rows()} == {"evidence", "wide"}
    assert [row.priors for row in left.rows()] == ["wide"]
    assert "docs/evidence-default.md" in methods_text(left, words_in("en"))


def test_methods_come_from_the_registry():
    assert set(refitting_methods()) == {name for name in METHODS if method_named(name).abilities.refits}


def fake_fit(payload):
    held, _ = held_out_fits.held_out_of(held_out_fits.Source(**payload["source"]), payload["list"])
    return {
        "size": held.size,
        "registered": held.table.registered.lower,
        "unseen": held.unseen,
        "lists": held.table.n_lists,
        "quantiles": [held.size * (1 + q) for q in QUANTILES],
        "rhat": 1.0,
        "divergences": 0,
    }


def test_real_families_are_those_of_the_evidence_and_a_second_run_takes_up_the_first(monkeypatch, tmp_path):
    monkeypatch.setattr(held_out_fits, "fit_held_out", fake_fit)
    studies = ("uk-2013", "uk-2013-5lists", "kosovo-1999")
    asked = {"methods": ("decomposable", "lower-bound"), "pooled": True, "running": Running(tmp_path / "kept", 1)}
    first = held_out_by_methods(studies, **asked)
    assert first.families["uk-2013"] == first.families["uk-2013-5lists"] != first.families["kosovo-1999"]
    assert {row.families for row in first.rows()} == {2}

    def never(payload):
        raise AssertionError("done again")

    monkeypatch.setattr(held_out_fits, "fit_held_out", never)
    assert held_out_by_methods(studies, **asked).to_dict() == first.to_dict()


def test_of_several_reasons_the_one_of_most_lists_is_said():
    few, many, alone = Reason("few"), Reason("many"), Reason("alone")
    reasons = [
        Reason("r", why=few, lists=("A",)),
        Reason("r", why=many, lists=("B", "C")),
        Reason("r", why=few, lists=("D",)),
        Reason("r", why=many, lists=("E",)),
    ]
    assert _of_most_lists(reasons) == (many,)
    assert _of_most_lists([alone]) == (alone,)


def test_a_method_that_answers_for_none_says_why_once():
    report = held_out_by_methods(["kosovo-1999"], methods=["lower-bound", "doubly-robust"], pooled=True)
    assert [reason.code for reason in report.refused["doubly-robust"]] == ["robust-needs-covariates"]
    text = methods_text(report, words_in("en"))
    assert " ".join(text.split()).count("averages over characteristics") == 1 and ".." not in text
