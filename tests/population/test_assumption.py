"""The identifying assumption, for every form of prior."""

from __future__ import annotations

import pytest

from estimator.methods.loglinear.assumption import assumption
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import Break
from tests.methods.model_examples import COMMON, STATED

PAIRS = {"dependence.pairs": STATED["dependence.pairs"]}
HORSESHOE = {"dependence.form": "horseshoe", "dependence.odds_ratio.log_normal": "[0, 1]"}


@pytest.mark.parametrize(
    ("name", "changes", "code", "values"),
    [
        ("independence", {}, "lists-independent", {}),
        ("moderate", {}, "odds-ratios-between", {"lower": 0.1408, "upper": 7.099, "around_mean": False, "pairs": 0}),
        ("moderate", {"dependence.odds_ratio.log_normal": "[0, 0.25]"}, "odds-ratios-between", {"upper": 1.632}),
        ("moderate", COMMON, "odds-ratios-between", {"around_mean": True}),
        ("evidence", {}, "odds-ratios-resemble", {"around_mean": True, "pairs": 0}),
        ("evidence", HORSESHOE, "few-pairs-dependent", {}),
        ("moderate", PAIRS, "odds-ratios-between", {"pairs": 2}),
        ("wide", {}, "odds-ratios-resemble", {"pairs": 0}),
        ("wide", PAIRS, "odds-ratios-resemble", {"pairs": 2}),
        ("horseshoe", {}, "few-pairs-dependent", {"pairs": 0}),
        ("horseshoe", PAIRS, "few-pairs-dependent", {"pairs": 2}),
    ],
)
def test_every_form_says_what_it_assumes(name, changes, code, values):
    said = assumption(read_priors(name, changes), has_covariates=False)
    assert said.code == "loglinear-assumption"
    assert said["within_strata"] is False
    assert said["dependence"].code == code
    assert {key: said["dependence"][key] for key in values} == pytest.approx(values, rel=1e-3)


def test_strata_are_named_where_there_are_any():
    assert assumption(read_priors("moderate"), has_covariates=True)["within_strata"] is True


def test_a_list_that_was_redefined_is_named():
    said = assumption(read_priors("moderate"), has_covariates=True, breaks=[Break("R", "year", "2016")])
    assert said["breaks"] == (Reason("coverage-may-break", list="R", since="2016"),)
