"""What the priors say before the data: against closed forms, and against the PyMC model's own draws."""

from __future__ import annotations

import math

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from estimator.methods.loglinear.definition import build
from estimator.methods.loglinear.parameters import interactions, read_vector
from estimator.methods.loglinear.prior_draws import prior_positions
from tests.methods.model_examples import CASES, built_case

ALARM = 1e-4
"""A test of a true prior is failed once in ten thousand seeds; the seeds are fixed."""

FORMS = [
    "three lists, independence",
    "moderate, stated pairs and common mean",
    "years, everything at once",
    "unknown sex, horseshoe",
    "four lists, three-list terms",
]


def drawn(name: str, size: int = 4000, seed: int = 6):
    case = built_case(name)
    return case, read_vector(
        case.parameters, prior_positions(case.design, case.settings, size, np.random.default_rng(seed))
    )


def assert_follows(values, distribution):
    for column in values.reshape(len(values), -1).T:
        assert stats.kstest(column, distribution.cdf).pvalue > ALARM


@pytest.mark.parametrize("name", FORMS)
def test_what_every_prior_states_is_what_is_drawn(name):
    case, values = drawn(name)
    priors = case.priors
    ratio = priors.dark_figure.ratio_to_registered
    assert_follows(values["log_ratio"], stats.norm(ratio.mu, ratio.sigma))
    named = {item.list: item.odds for item in priors.coverage.lists}
    for place, list_name in enumerate(case.design.lists):
        odds = named.get(list_name, priors.coverage.odds)
        assert_follows(values["coverage"][:, place], stats.norm(odds.mu, odds.sigma))
    if "three_list" in values:
        odds = priors.three_list.odds_ratio
        assert_follows(values["three_list"], stats.norm(odds.mu, odds.sigma))


@pytest.mark.parametrize("name", [name for name in CASES if "covariate" in name or "sex" in name or "years" in name])
def test_effects_of_strata_have_their_own_scales(name):
    case, values = drawn(name)
    kinds = {"stratum": case.priors.composition.stratum}
    for place, block in enumerate(case.design.composition.blocks):
        stated = kinds.get(
            block, case.priors.composition.two_way if " x " in block else case.priors.composition.main_effects
        )
        assert_follows(np.log(values["composition_scale"][:, place]), stats.norm(stated.mu, stated.sigma))
    scale = values["composition_scale"][:, case.design.composition.block]
    standardised = np.array(case.design.composition.blocks)[case.design.composition.block] == "stratum"
    assert_follows(values["composition"] / np.where(standardised, 1.0, scale), stats.norm())
    if "heterogeneity" in values:
        scale = values["heterogeneity_scale"][:, case.design.heterogeneity.block]
        assert_follows(values["heterogeneity"] / scale[:, :, None], stats.norm())
        for place, block in enumerate(case.design.heterogeneity.blocks):
            stated = case.priors.heterogeneity.interactions if " x " in block else case.priors.heterogeneity.scale
            assert_follows(np.log(values["heterogeneity_scale"][:, place]), stats.norm(stated.mu, stated.sigma))


def test_breaks_in_coverage_are_as_stated():
    case, values = drawn("lists redefined")
    stated = case.priors.heterogeneity.change
    assert values["coverage_change"].shape == (4000, 3)
    assert_follows(values["coverage_change"], stats.norm(stated.mu, stated.sigma))


def test_normal_pairs_are_their_statement_plus_the_common_mean():
    case, values = drawn("moderate, stated pairs and common mean")
    common, typical = case.priors.dependence.common_mean, case.priors.dependence.odds_ratio
    stated = {frozenset(pair.lists): pair.odds_ratio for pair in case.priors.dependence.pairs}
    for place, pair in enumerate(case.design.pairs):
        own = stated.get(frozenset(pair.split("&")))
        mean, spread = (own.mu, own.sigma) if own else (common.mu, math.hypot(common.sigma, typical.sigma))
        assert_follows(values["dependence"][:, place], stats.norm(mean, spread))


def test_a_statement_about_a_pair_says_what_it_says():
    """Odds ratio between 1 and 4 with 95 % probability, under every form of the others."""
    for name in (
        "moderate, stated pairs and common mean",
        "wide, stated pairs",
        "horseshoe, stated pairs and common mean",
    ):
        case, values = drawn(name, size=20_000)
        odds_ratio = np.exp(interactions(case.settings, values)[:, case.design.pairs.index("A&B")])
        inside = stats.binomtest(int(((odds_ratio > 1) & (odds_ratio < 4)).sum()), 20_000, 0.95)
        assert inside.pvalue > ALARM
        assert np.median(odds_ratio) == pytest.approx(2, rel=0.03)


def test_learned_pairs_are_students_t_of_their_learned_scale():
    case, values = drawn("years, everything at once")
    centre = values["common_mean"][:, None]
    assert_follows((values["dependence_free"] - centre) / values["dependence_scale"][:, None], stats.t(4))
    scale, common = case.priors.dependence.scale, case.priors.dependence.common_mean
    assert_follows(np.log(values["dependence_scale"]), stats.norm(scale.mu, scale.sigma))
    assert_follows(values["common_mean"], stats.norm(common.mu, common.sigma))


def test_learned_pairs_may_be_around_a_multiple_of_their_scale():
    case, values = drawn("wide, common mean in scales")
    multiple, scale = values["relative_mean"], values["dependence_scale"]
    assert "common_mean" not in values
    assert_follows(multiple, stats.norm(0.6, 0.5))
    assert_follows(values["dependence_free"] / scale[:, None] - multiple[:, None], stats.t(4))


def test_horseshoe_pairs_are_normal_with_half_cauchy_scales_within_the_slab():
    case, values = drawn("horseshoe, stated pairs and common mean")
    assert_follows(values["local_scale"], stats.halfcauchy())
    assert_follows(values["dependence_standard"], stats.norm())
    scale, slab = case.priors.dependence.scale, case.priors.dependence.odds_ratio.sigma
    assert_follows(np.log(values["dependence_scale"]), stats.norm(scale.mu, scale.sigma))
    wide = values["dependence_scale"] * values["local_scale"][:, 0]
    size = 1 / np.sqrt(1 / wide**2 + 1 / slab**2)
    wanted = values["common_mean"] + values["dependence_standard"][:, 0] * size
    place = case.settings.free[0]
    np.testing.assert_allclose(interactions(case.settings, values)[:, place], wanted, rtol=1e-9)


def test_order_of_draws_is_parents_first():
    for name in CASES:
        arrays = built_case(name).arrays
        own = np.arange(len(arrays.kind))
        assert (arrays.mean_at < own).all()
        assert (arrays.scale_at < own).all()


@pytest.mark.parametrize("name", FORMS[1:])
def test_draws_are_those_of_the_pymc_model(name):
    case, values = drawn(name, size=1500)
    model = build(case.design, case.settings)
    names = {p.name: f"log_{p.name}" if f"log_{p.name}" in model.named_vars else p.name for p in case.parameters}
    theirs = pm.draw([model[name] for name in names.values()], draws=1500, random_seed=4, mode="FAST_COMPILE")
    for (ours, theirs_name), other in zip(names.items(), theirs, strict=True):
        mine = np.log(values[ours]) if ours != theirs_name else values[ours]
        assert mine.shape == other.shape
        for one, two in zip(mine.reshape(1500, -1).T, other.reshape(1500, -1).T, strict=True):
            assert stats.ks_2samp(one, two).pvalue > ALARM, ours
