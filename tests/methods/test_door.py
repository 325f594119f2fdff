"""The door: a second method goes from the table to a comparison of runs without anything behind the door knowing it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from estimator import estimate
from estimator.capture.declaration import Covariate, Declaration, StructuralZero
from estimator.comparison.comparison import compare_runs
from estimator.errors import InputError, NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.methods.registry import METHODS, chosen_method, method_named, refusals
from estimator.reasons import Reason
from estimator.report.terminal.estimate import estimate_text
from estimator.runs.reading import read_run
from estimator.runs.recording import record_of
from estimator.runs.restoring import estimate_of_run
from estimator.study.questions import Group, Label, ModelSettings
from estimator.study.study import Study
from estimator.words.words import words_in
from tests.capture.capture_examples import read
from tests.methods.two_lists import HOME, NAME

SEX = Covariate("sex", ("f", "m"))
TEXT = "A,B,sex,count\n1,0,f,60\n0,1,f,40\n1,1,f,20\n1,0,m,30\n0,1,m,50\n1,1,m,10\n"
DECLARATION = Declaration(("A", "B"), (SEX,))
QUICK = SamplerSettings(draws=1000, warmup=500, chains=2)
WOMEN = Group("women", Label("Women"), {"sex": ("f",)})


@pytest.fixture
def two_lists(monkeypatch):
    """The method, in the registry for the time of a test."""
    monkeypatch.setitem(METHODS, NAME, HOME)
    return method_named(NAME)


def study(text: str = TEXT, declaration: Declaration = DECLARATION, **model: object) -> Study:
    terms = ModelSettings.for_covariates([covariate.name for covariate in declaration.covariates], **model)
    return Study.of_table(read(text, declaration), groups=[WOMEN] if declaration.covariates else [], model=terms)


def test_another_method_goes_all_the_way(two_lists, tmp_path):
    found = estimate(study(method=NAME), sampler=QUICK)
    # E mu_a mu_b / mu_ab with gamma(n + 1): (n_a + 1) (n_b + 1) / n_ab
    for name, expected in (("women", 61 * 41 / 20), ("total", 61 * 41 / 20 + 31 * 51 / 10)):
        assert found.group_draws[name].implied_unseen.mean() == pytest.approx(expected, rel=0.05)
    np.testing.assert_array_equal(found.group_draws["total"].registered, 210)
    assert found.convergence.passed
    assert found.fitness.unsound == ()
    assert found.assumption.code == "lists-independent"
    assert found.predictive_p is None
    run = read_run(found.save(tmp_path / "first"))
    record = json.loads((run.folder / "estimate.json").read_text())
    assert (record["method"], record["method_options"], record["bound"]) == (NAME, {"noise": "yes"}, False)
    assert (record["priors_name"], record["priors"]) == ("none", "")
    assert record["diagnostics"]["posterior_predictive_p"] is None
    assert record["groups"]["total"]["N"]["median"] == pytest.approx(found.total.N.median, abs=0.05)
    np.testing.assert_array_equal(run.draws.headline["women"].unseen, found.group_draws["women"].unseen)


def test_runs_of_two_methods_are_compared_as_two_assumptions(two_lists, tmp_path):
    first = read_run(estimate(study(method=NAME), sampler=QUICK).save(tmp_path / "first"))
    again = read_run(estimate(study(method=NAME), sampler=replace(QUICK, seed=2)).save(tmp_path / "again"))
    other = read_run(estimate(study(), method="lower-bound", sampler=QUICK).save(tmp_path / "other"))
    assert {change.what for change in compare_runs(first, again).changed} == {"sampler"}
    found = compare_runs(first, other)
    assert "method" in {change.what for change in found.changed}
    assert (found.before.run.record.method, found.after.run.record.method) == (NAME, "lower-bound")


def test_a_method_is_asked_by_name_and_with_its_options(two_lists):
    assert estimate(study(), method=NAME, options={"noise": "no"}, sampler=QUICK).posterior.options == {"noise": "no"}
    model = ModelSettings(method=NAME, options={"noise": "no"})
    assert chosen_method(model)[1] == {"noise": "no"}
    assert chosen_method(model, NAME, {"noise": "yes"})[1] == {"noise": "yes"}
    assert chosen_method(model, "loglinear")[1] == {}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "logliner"}, "There is no method 'logliner'. Did you mean 'loglinear'?"),
        ({"method": "lower-bound", "options": {"stratum": "each"}}, "Did you mean 'strata'?"),
        ({"method": "lower-bound", "options": {"strata": "pool"}}, "Did you mean 'pooled'?"),
        ({"options": {"strata": "pooled"}}, "The method has no option of this name. It has none."),
        ({"method": "lower-bound", "priors": "wide"}, "takes no prior assumptions"),
        ({"method": "lower-bound", "overrides": {"coverage.odds.log_normal": "[-2, 2]"}}, "takes no prior assumptions"),
    ],
)
def test_wrong_names_and_options(asked, said):
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        estimate(study(), **asked)


def test_what_a_method_cannot_do_is_refused_with_the_reason(two_lists):
    none = {"noise": "yes"}
    assert refusals(two_lists, study(), none) == ()
    known = "A,B,count\n1,0,60\n0,1,40\n1,1,20\n"
    bounded = study(known.replace("1,1,20", "1,1,15-20"), Declaration(("A", "B")))
    assert [reason.code for reason in refusals(two_lists, bounded, none)] == ["method-needs-complete-counts"]
    impossible = Declaration(("A", "B", "C"), structural_zeros=(StructuralZero(("A", "C"), {}, "by law"),))
    three = study("A,B,C,count\n1,0,0,60\n0,1,0,40\n1,1,0,20\n0,0,1,5\n0,1,1,5\n", impossible)
    assert [reason.code for reason in refusals(two_lists, three, none)] == ["method-takes-no-structural-zeros"]
    more = study("A,B,C,count\n1,0,0,60\n0,1,0,40\n1,1,0,20\n0,0,1,5\n", Declaration(("A", "B", "C")))
    own = Reason("method-needs-more-lists", method=NAME, fewest=2, lists=3)
    assert refusals(two_lists, more, none) == (own,), "what the method itself says of a table that it may take"
    few = replace(two_lists.abilities, covariates=False, fewest_lists=3)
    other = type("Other", (type(two_lists),), {"abilities": few})()
    codes = [reason.code for reason in refusals(other, study(), none)]
    assert codes == ["method-needs-more-lists", "method-takes-no-covariates"]
    with pytest.raises(NotEstimableError) as refused:
        estimate(bounded, method=NAME)
    assert [reason.code for reason in refused.value.reasons] == ["method-needs-complete-counts"]


def test_a_lower_bound_is_marked_as_one(tmp_path):
    found = estimate(study(), method="lower-bound", sampler=QUICK)
    # strata add up: 60 * 40 / 21 + 30 * 50 / 11
    total = found.group_draws["total"]
    assert total.implied_unseen.mean() == pytest.approx(60 * 40 / 21 + 30 * 50 / 11, rel=0.03)
    assert found.assumption.code == "lower-bound-assumption"
    assert found.assumption["within_strata"] is True
    assert "bound-not-an-estimate" in [reason.code for reason in found.fitness.unsound]
    assert not found.fitness.publishable
    record = found.to_dict()
    assert record["bound"] is True
    assert record["method_options"] == {"strata": "each", "form": "pairs"}
    together = study()
    together = replace(together, groups={name: group for name, group in together.groups.items() if name != "women"})
    pooled = estimate(together, method="lower-bound", options={"strata": "pooled"}, sampler=QUICK)
    assert pooled.population.unseen.shape == (2, 1000, 1)
    assert pooled.group_draws["total"].implied_unseen.mean() == pytest.approx(90 * 90 / 31, rel=0.03)


def test_the_same_seed_gives_the_same_bound():
    first, again, other = (
        estimate(study(), method="lower-bound", sampler=replace(QUICK, seed=seed)).population.unseen
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("language", "least", "methods"), [("en", "at least", "no priors"), ("nl", "ten minste", "geen")]
)
def test_a_bound_is_called_one_in_words(language, least, methods):
    record, words = record_of(estimate(study(), method="lower-bound", sampler=QUICK)), words_in(language)
    for text in (estimate_text(record, words), estimate_text(record, words, full=True)):
        assert least in text.lower()
        assert words.text("estimate.column.estimated") not in text.lower()
    assert methods in " ".join(estimate_text(record, words, full=True).split())


@pytest.mark.parametrize("method", ["lower-bound", "loglinear"])
def test_a_run_gives_back_its_estimate_by_any_method(method, tmp_path):
    made = estimate("spina-bifida-1969", method=method, beside=(), sampler=QUICK)
    again = estimate_of_run(read_run(made.save(tmp_path / "run")))
    np.testing.assert_array_equal(again.population.unseen, made.population.unseen)
    assert again.posterior.prior_share == made.posterior.prior_share
    assert again.posterior.pairs_may_depend == made.posterior.pairs_may_depend
    assert again.fitness.unsound == made.fitness.unsound
    assert (again.posterior.method, again.posterior.options) == (method, made.posterior.options)
