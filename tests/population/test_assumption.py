"""The identifying assumption, for every form of prior."""

from __future__ import annotations

import pytest

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.loglinear.assumption import assumption, unknown_at_random
from estimator.reasons import Reason
from estimator.study.dependence_facts import residual_numbers
from estimator.study.priors import read_priors
from estimator.study.questions import Break, ModelSettings
from estimator.words.words import words_in
from tests.methods.model_examples import COMMON, STATED, read

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


def test_strata_are_said_to_be_alike_in_what_no_list_shows_unless_the_priors_state_how_far_they_differ():
    priors = read_priors("evidence"), read_priors("evidence", {"residual.between_strata": "0.3"})
    alike, apart = (assumption(stated, has_covariates=True, ordered=["year"])["of_strata"] for stated in priors)
    assert alike == Reason("strata-alike-on-no-list")
    assert apart == Reason("strata-differ-on-no-list", size=0.3, relative=True, covariates=["year"])
    assert assumption(read_priors("moderate"), has_covariates=True)["of_strata"] == alike  # no residual at all
    assert assumption(priors[1], has_covariates=False)["of_strata"] is None
    assert residual_numbers(priors[0]) != residual_numbers(priors[1])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_sentence_says_whether_groups_carry_it(language):
    words = words_in(language)
    for changes, mark in (
        ({}, {"en": "carry no", "nl": "onzekerheid daarover niet meetelt"}),
        ({"residual.between_strata": "0.3"}, {}),
    ):
        said = words.say(assumption(read_priors("evidence", changes), has_covariates=True, ordered=["year"]))
        assert (mark[language] in said) if mark else ("0.3" in said or "0,3" in said) and "year" in said


@pytest.mark.parametrize(
    ("table", "by"),
    [
        ("sex,year,A,B,count\nf,1,1,0,3\nm,1,1,0,<5\n,1,1,0,2\nf,2,1,1,3\nm,2,0,1,2\n", ("year",)),
        ("sex,year,A,B,count\nf,1,1,0,3\nm,1,1,0,<5\n,,1,0,2\nf,2,1,1,3\nm,2,0,1,2\n", ()),
    ],
)
def test_a_share_of_unknown_people_is_said_to_be_a_parameter(table, by):
    declaration = Declaration(("A", "B"), (Covariate("sex", ("f", "m")), Covariate("year", ("1", "2"), ordered=True)))
    said = unknown_at_random(read(table, declaration), ModelSettings(unknown_share=(0.01, 0.5)))
    assert said is not None
    assert (said["lower"], said["upper"], said["lists"]) == (0.01, 0.5, ())
    assert said["covariates"] == (("sex",) if by else ("sex", "year"))
    assert said["by"] == Reason("unknown-may-differ", covariates=by)
    in_words = words_in("en").say(assumption(read_priors("wide"), has_covariates=True, unknown=said))
    assert "between 1 and 50 % (with 95 % probability" in in_words


def test_nothing_is_said_of_unknown_people_whose_number_does_not_matter():
    declaration = Declaration(("A", "B"), (Covariate("sex", ("f", "m")),))
    exact = "sex,A,B,count\nf,1,0,3\nm,1,0,4\n,1,0,2\nf,1,1,3\nm,0,1,2\n"
    assert unknown_at_random(read(exact, declaration), ModelSettings()) is None
    bounded = exact.replace(",1,0,2\n", ",0,1,2\n").replace("m,1,0,4", "m,1,0,<5")
    assert unknown_at_random(read(bounded, declaration), ModelSettings()) is None  # in other cells
