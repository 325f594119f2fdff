"""The identifying assumption, for every form of prior."""

from __future__ import annotations

import pytest

from estimator.population.assumption import assumption
from estimator.study.priors import read_priors
from estimator.study.questions import Break
from tests.methods.model_examples import COMMON, STATED

PAIRS = {"dependence.pairs": STATED["dependence.pairs"]}


@pytest.mark.parametrize(
    ("name", "changes", "fragment"),
    [
        ("independence", {}, "lists find people independently of each other"),
        ("moderate", {}, "the odds ratio between two lists lies between 0.14 and 7.1"),
        ("moderate", {"dependence.odds_ratio.log_normal": "[0, 0.25]"}, "between 0.61 and 1.6"),
        ("moderate", {"dependence.odds_ratio.log_normal": "[0, 3]"}, "between 0.0028 and 358 (with"),
        ("moderate", COMMON, "around a mean that all pairs share"),
        ("evidence", {}, "resemble each other around a mean that all pairs share, as much as the overlaps"),
        (
            "evidence",
            {"dependence.form": "horseshoe", "dependence.odds_ratio.log_normal": "[0, 1]"},
            "nearly independent",
        ),
        ("moderate", PAIRS, "(other odds ratios were stated for 2 of the pairs)"),
        ("wide", {}, "resemble each other"),
        ("wide", PAIRS, "stated for 2 of the pairs"),
        ("horseshoe", {}, "nearly independent and a few may be strongly dependent"),
        ("horseshoe", PAIRS, "stated for 2 of the pairs"),
    ],
)
def test_every_form_says_what_it_assumes(name, changes, fragment):
    text = assumption(read_priors(name, changes), has_covariates=False)
    assert fragment in text
    assert text.startswith("Assumes that ")
    assert "people on no list as it does for people on some" in text
    assert "no table of lists can test" in text.lower()
    assert "stratum" not in text
    assert "  " not in text


def test_strata_are_named_where_there_are_any():
    assert "within each stratum" in assumption(read_priors("moderate"), has_covariates=True)


def test_a_list_that_was_redefined_is_named():
    text = assumption(read_priors("moderate"), has_covariates=True, breaks=[Break("R", "year", "2016")])
    assert text.endswith(" List R was redefined from 2016 on, so that its coverage may break there.")
