"""Residual dependence in what is estimated of people: shared by all groups and years, said wherever it is assumed."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest
from scipy import stats

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.assumption import assumption
from estimator.methods.loglinear.design import design_for
from estimator.methods.loglinear.parameters import prior_settings
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.prior_tables import prior_residual, prior_tables
from estimator.methods.loglinear.prior_view import view_prior
from estimator.methods.loglinear.residual import LARGEST
from estimator.population.estimate import Estimate, estimate
from estimator.population.precision import precision
from estimator.population.sampling import reported_quantities
from estimator.reasons import Reason
from estimator.report.terminal.priors import prior_view_text
from estimator.runs.tidy_csv import csv_of
from estimator.study.priors import read_priors
from estimator.study.study import Study, read_study
from estimator.words.words import words_in
from tests.methods.model_examples import BY_YEAR, RELATIVE, RESIDUAL, by_year, read

SCHEMA = json.loads(files("estimator.runs").joinpath("estimate.schema.json").read_text(encoding="utf-8"))
QUICK = SamplerSettings(draws=400, warmup=600)
HEAVY = RELATIVE | {"residual.degrees_of_freedom": "2"}
NORMAL = {"residual.form": "stated", "residual.ratio.between": "[0.4, 3]"}
ALARM = 1e-4


@pytest.fixture(scope="module")
def heavy(years) -> Estimate:
    """The study of two years with a residual that has long tails, beside the same without."""
    return estimate(years.study, read_priors("wide", HEAVY), beside=["wide"], sampler=QUICK)


def test_all_groups_and_years_are_multiplied_alike(heavy):
    wanted = np.exp(heavy.posterior.details.values["residual"])
    people = heavy.population
    bounded = people.expected_unseen.sum(axis=-1) > 0.99 * LARGEST
    assert bounded.mean() < 0.01
    (plain,) = heavy.beside
    np.testing.assert_array_equal(people.implied_unseen, plain.population.expected_unseen)
    ratio = people.expected_unseen / people.implied_unseen
    np.testing.assert_allclose(ratio[~bounded], np.broadcast_to(wanted[..., None], ratio.shape)[~bounded], rtol=1e-9)
    for year, groups in heavy.group_draws_by_year.items():
        for name, group in groups.items():
            np.testing.assert_array_equal(group.implied_unseen, plain.group_draws_by_year[year][name].implied_unseen)


def test_groups_still_add_up(heavy):
    for groups in (heavy.group_draws, *heavy.group_draws_by_year.values()):
        for quantity in ("registered", "unseen", "size", "implied_unseen"):
            parts = getattr(groups["women"], quantity) + getattr(groups["men"], quantity)
            np.testing.assert_allclose(parts, getattr(groups["total"], quantity), rtol=1e-12)


def test_convergence_is_that_of_what_is_sampled(heavy):
    (plain,) = heavy.beside
    judged, other = (reported_quantities(one.study, one.population) for one in (heavy, plain))
    assert judged.keys() == other.keys()
    for name, values in judged.items():
        np.testing.assert_array_equal(values, other[name])
    assert heavy.convergence == plain.convergence


def test_registered_people_and_the_fit_do_not_know_of_it(heavy):
    (plain,) = heavy.beside
    np.testing.assert_array_equal(heavy.population.registered, plain.population.registered)
    assert heavy.predictive_p == plain.predictive_p


def test_json_says_it_and_keeps_to_the_schema(heavy):
    found = json.loads(json.dumps(heavy.to_dict(), allow_nan=False))
    jsonschema.validate(found, SCHEMA)
    ratio = np.exp(np.quantile(heavy.posterior.details.values["residual"], [0.5, 0.025, 0.975]))
    assert found["residual"] == {
        "form": "relative",
        **dict(zip(("median", "lower", "upper"), np.round(ratio, 4).tolist(), strict=True)),
    }
    assert found["beside"]["wide"]["residual"] == {"form": "none", "median": 1.0, "lower": 1.0, "upper": 1.0}
    assert found["assumption"]["residual"]["code"] == "residual-relative"
    assert "not taken as exact" not in found["beside"]["wide"]["assumption"]
    missing = {key: value for key, value in found.items() if key != "residual"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(missing, SCHEMA)


def test_a_stated_ratio_is_recorded_as_stated(years):
    priors = read_priors("moderate", RESIDUAL)
    found = estimate(years.study, priors, beside=(), sampler=SamplerSettings(draws=100, warmup=200, chains=2)).to_dict()
    assert found["residual"] == {"form": "stated", "median": round(1.2**0.5, 4), "lower": 0.4, "upper": 3.0}


def test_there_is_no_mean_where_tails_are_long(heavy, years):
    found = heavy.to_dict()["groups"]["total"]
    for quantity in ("N", "dark_figure"):
        assert found[quantity]["mean"] is None
        assert found[quantity]["sd"] is None
        assert found[quantity]["lower"] < found[quantity]["median"] < found[quantity]["upper"]
    assert 0 < found["coverage"]["mean"] < 1
    rows = list(csv.DictReader(io.StringIO(csv_of(heavy))))
    for row in rows:
        blank = row["priors"] == heavy.priors_name and row["quantity"] in ("N", "dark_figure", "one_in")
        assert (row["mean"] == "") == (row["sd"] == "") == blank
        assert float(row["lower_95"]) <= float(row["median"]) <= float(row["upper_95"])
    light = estimate(years.study, read_priors("moderate", NORMAL), beside=(), sampler=QUICK)
    assert light.to_dict()["groups"]["total"]["N"]["mean"] > light.total.N.median


def test_the_run_holds_its_draws(heavy):
    data = heavy.inference_data
    np.testing.assert_array_equal(data.posterior["residual"], heavy.posterior.details.values["residual"])
    assert data.prior["residual"].dims == ("chain", "draw")
    unseen = data.posterior["expected_unseen"] * np.exp(data.posterior["residual"])
    exact = heavy.population.expected_unseen
    kept = exact.sum(axis=-1) < 0.99 * LARGEST
    np.testing.assert_allclose(unseen.transpose("chain", "draw", "stratum").to_numpy()[kept], exact[kept], rtol=1e-9)


def test_the_assumption_says_how_far_it_is_from_exact():
    stated = assumption(read_priors("moderate", RESIDUAL), has_covariates=False)
    assert stated["residual"].code == "residual-stated"
    assert (stated["residual"]["lower"], stated["residual"]["upper"]) == pytest.approx((0.4, 3.0), rel=1e-6)
    relative = assumption(read_priors("wide", RELATIVE), has_covariates=True)
    assert relative["residual"] == Reason("residual-relative", size=0.6, centre=0.5)
    plain = assumption(read_priors("moderate"), has_covariates=False)
    assert plain == assumption(read_priors("moderate", {"residual.form": "none"}), has_covariates=False)
    assert plain["residual"] is None
    assert stated["dependence"] == plain["dependence"]


def test_other_assumptions_beside_it_are_told_apart(heavy):
    assert heavy.assumption["dependence"].code == "odds-ratios-resemble"
    assert heavy.assumption["residual"].code == "residual-relative"
    _, source, _ = precision([heavy, *heavy.beside])
    assert Reason("prior-of-residual") in source["by"]["sections"]


def test_the_prior_of_the_dark_figure_includes_it():
    """Its log is the sum of two independent normal variables: the statement on the dark figure, and the residual."""
    changes = {
        "dark_figure.ratio_to_registered": "{ log_normal = [1, 0.8] }",
        "residual.form": "stated",
        "residual.ratio": "{ log_normal = [0.5, 0.6] }",
    }
    n = 20_000
    view = view_prior(read_study("nl-2010-2015"), read_priors("moderate", changes), n)
    logs = np.log((view.total.draws["N"] - 8234) / 8234)
    assert stats.kstest(logs, stats.norm(1.5, 1.0).cdf).pvalue > ALARM
    plain = view_prior(read_study("nl-2010-2015"), read_priors("moderate", dict(list(changes.items())[:1])), n)
    np.testing.assert_array_equal(
        view.total.draws["expected_size"] * view.total.draws["expected_coverage"] > 0,
        plain.total.draws["expected_size"] * plain.total.draws["expected_coverage"] > 0,
    )
    assert stats.kstest(np.log((plain.total.draws["N"] - 8234) / 8234), stats.norm(1, 0.8).cdf).pvalue > ALARM


def test_prior_tables_multiply_unseen_cells_only():
    """Cells that a list sees are as without it; those that no list saw, or that only others could see, are not."""
    study = Study.of_table(read(by_year(), BY_YEAR))
    priors = read_priors("wide", {**RELATIVE, "dark_figure.ratio_to_registered.log_normal": "[3, 0.1]"})
    design = design_for(study.table, study.model, priors)
    settings = prior_settings(priors, design)
    positions = prior_positions(design, settings, 400, np.random.default_rng(1)) * 0.3
    positions[:, 0] = 12.0  # so many that Poisson noise hardly shows
    xi = prior_residual(design, settings, positions, 5)
    plain, other = (
        np.concatenate(list(prior_tables(design, settings, positions, np.random.default_rng(2), residual)))
        for residual in (None, xi)
    )
    unseen = design.observed.unseen & (design.observed.possible > 0)
    large = (plain > 1e6) & (other > 1e6)
    ratio = np.log(other[large] / plain[large])
    wanted = np.where(unseen, xi[:, None, None], 0.0)[large]
    np.testing.assert_allclose(ratio, wanted, atol=0.02)
    assert unseen[:, 1:].any(), "a list that did not run"
    assert large[:, unseen].mean() > 0.5
    assert large[:, ~unseen].mean() > 0.2


@pytest.mark.parametrize(("language", "name"), [("en", "Residual dependence"), ("nl", "Resterende afhankelijkheid")])
def test_the_prior_in_words_says_it_and_fits(language, name):
    study, words = read_study("uk-2013"), words_in(language)
    text = prior_view_text(view_prior(study, read_priors("wide", RELATIVE), 300), words)
    assert max(map(len, text.splitlines())) <= 80
    assert f"{name}: " in " ".join(text.split())
    assert name.lower()[1:] not in prior_view_text(view_prior(study, read_priors("wide"), 300), words)


def test_the_longest_tails_are_still_an_estimate(years):
    """Sums, rates, summaries and pictures of draws beyond all bounds."""
    changes = {"residual.form": "stated", "residual.ratio.log_normal": "[0, 2]", "residual.degrees_of_freedom": "1.5"}
    found = estimate(years.study, read_priors("moderate", changes), beside=(), sampler=QUICK)
    json.dumps(found.to_dict(), allow_nan=False)
    assert max(map(len, found.text(full=True).splitlines())) <= 80
    assert found.population.unseen.max() > 1e9
    assert not found.fitness.publishable
