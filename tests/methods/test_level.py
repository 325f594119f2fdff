"""The level of coverage that follows from the dark figure: its draws, its density and its posterior, all exactly."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats
from scipy.special import logsumexp

from estimator.checks.loglinear.log_density import log_priors
from estimator.errors import InputError
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.cells import log_cells
from estimator.methods.loglinear.level_draws import drawn_residual, log_implied_ratio, log_registered
from estimator.methods.loglinear.level_settings import LevelSettings
from estimator.methods.loglinear.parameters import interactions, parameters_of, read_vector
from estimator.methods.loglinear.posterior import posterior_of, sample_with_nutpie
from estimator.methods.loglinear.prior_draws import prior_positions
from estimator.methods.loglinear.simulation import model_of
from estimator.study.priors import read_priors
from tests.calibration.test_sbc_simulation import odd_shape
from tests.methods.model_examples import CASES, DIFFERENCES, THREE_LISTS, TWO_LISTS, built, built_case, read

OF_LEVEL = [name for name in CASES if "differences in coverage" in name]
ALARM = 1e-4
"""A true hypothesis is rejected once in ten thousand seeds; the seeds are fixed."""


def drawn(name: str, size: int = 4000, reach: float = 0.0):
    case = built_case(name)
    positions = prior_positions(case.design, case.settings, size, np.random.default_rng(6), reach)
    return case, positions, read_vector(case.parameters, positions)


@pytest.mark.parametrize("name", OF_LEVEL)
def test_what_is_stated_of_the_dark_figure_is_what_all_priors_say_of_it(name):
    """Of all people on no list; and it does not hang together with anything else that is stated."""
    case, _, values = drawn(name)
    implied = log_implied_ratio(case.design, case.settings, values)
    residual = drawn_residual(case.design, case.settings, values, 8).get("residual")
    ratio = implied if residual is None else implied + residual
    stated = case.priors.dark_figure.ratio_to_registered
    assert stats.kstest(ratio, stats.norm(stated.mu, stated.sigma).cdf).pvalue > ALARM
    others = [*interactions(case.settings, values).T, *(values["coverage"][:, 1:] - values["coverage"][:, :1]).T]
    others += [] if residual is None else [residual]
    others += [values["dependence_scale"]] if "dependence_scale" in values else []
    for other in others:
        assert stats.spearmanr(ratio, other).pvalue > ALARM


@pytest.mark.parametrize("name", OF_LEVEL)
def test_differences_residual_and_the_rest_are_as_stated(name):
    case, _, values = drawn(name)
    arrays = case.settings.arrays
    for place in range(1, len(case.design.lists)):
        sd = math.hypot(arrays["coverage_sd"][0], arrays["coverage_sd"][place])
        law = stats.norm(arrays["coverage_mean"][place] - arrays["coverage_mean"][0], sd)
        assert stats.kstest(values["coverage"][:, place] - values["coverage"][:, 0], law.cdf).pvalue > ALARM
    residual, level = drawn_residual(case.design, case.settings, values, 8).get("residual"), case.settings.level
    if residual is not None:
        unit = values["dependence_scale"] if level.relative else 1.0
        standard = (residual / unit - level.location) / level.size
        assert stats.kstest(standard, stats.norm().cdf).pvalue > ALARM


@pytest.mark.parametrize("name", OF_LEVEL)
def test_people_registered_are_those_of_the_study_within_reach(name):
    case, _, values = drawn(name, 500)
    registered = logsumexp(log_registered(case.design, case.settings, values), axis=1)
    np.testing.assert_allclose(registered, np.log(case.design.registered), atol=1e-10)
    case, _, values = drawn(name, 2000, 1.5)
    apart = logsumexp(log_registered(case.design, case.settings, values), axis=1) - np.log(case.design.registered)
    assert stats.kstest(apart, stats.uniform(-1.5, 3).cdf).pvalue > ALARM


@pytest.mark.parametrize("name", OF_LEVEL)
def test_the_density_over_the_level_is_that_of_the_statement(name):
    """Its integral from any level up is the probability of a smaller dark figure: so the Jacobian is right."""
    case, positions, _ = drawn(name, 3)
    n_lists = len(case.design.lists)
    grid = np.linspace(-60, 60, 20_001)
    for at in positions:
        moved = np.tile(at, (len(grid), 1))
        moved[:, 1 : 1 + n_lists] += grid[:, None]
        values = read_vector(case.parameters, moved)
        implied = log_implied_ratio(case.design, case.settings, values)
        mean, sd = case.settings.level.implied(values.get("dependence_scale", np.ones(1))[:1])
        parts = log_priors(case.arrays, moved)
        apart = at[1 : 1 + n_lists] - case.settings.arrays["coverage_mean"]
        inverse = case.settings.arrays["coverage_sd"] ** -2.0
        differences = -0.5 * (inverse @ apart**2 - (inverse @ apart) ** 2 / inverse.sum())
        # log n0 moves along, so that the registered number stays: the second of the two coordinates
        density = np.exp(parts[:, 0] + parts[:, 1] - differences)
        share = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(grid))])
        wanted = stats.norm(mean, sd).sf(implied) - stats.norm(mean, sd).sf(implied[0])
        np.testing.assert_allclose(share, wanted, atol=2e-6)


@pytest.mark.parametrize("priors", ["evidence", "moderate", "independence"])
def test_draws_have_the_density_where_a_list_did_not_run_and_two_cannot_overlap(priors):
    """The density by the dark figure, the registered and the differences, times the Jacobian as it is found by steps.

    Everything else of a position stands still, so that its priors cancel and the two are the same up to a constant.
    """
    design, settings = model_of(odd_shape(), read_priors(priors, DIFFERENCES))
    positions = prior_positions(design, settings, 50, np.random.default_rng(2), 2.0)
    parameters, step = parameters_of(design, settings), 1e-5

    def coordinates(at):
        values = read_vector(parameters, at)
        cells = np.exp(log_cells(design, settings, at)) * design.observed.possible
        registered = np.log(cells.sum(axis=(1, 2), where=~design.observed.unseen))
        nobody, coverage = np.log(cells[:, :, 0].sum(axis=1)), values["coverage"]
        return np.column_stack([nobody - registered, registered, coverage[:, 1:] - coverage[:, :1]])

    columns = []
    for place in range(4):
        moved = np.zeros_like(positions)
        moved[:, place] = step
        columns.append((coordinates(positions + moved) - coordinates(positions - moved)) / (2 * step))
    jacobian = np.linalg.slogdet(np.stack(columns, axis=2))[1]
    scale = read_vector(parameters, positions).get("dependence_scale", np.ones(1))
    rho, _, *differences = coordinates(positions).T
    mean, sd = (settings.arrays[f"coverage_{name}"] for name in ("mean", "sd"))
    law = stats.multivariate_normal(mean[1:] - mean[0], np.diag(sd[1:] ** 2) + sd[0] ** 2)
    stated = stats.norm(*settings.level.implied(scale)).logpdf(rho) + law.logpdf(np.stack(differences, axis=1))
    parts = log_priors(model_arrays(design, settings), positions)
    assert np.ptp(parts[:, 0] + parts[:, 1] - stated - jacobian) < 1e-7
    still = coordinates(prior_positions(design, settings, 50, np.random.default_rng(2)))
    np.testing.assert_allclose(still[:, 1], np.log(design.registered), atol=1e-10)


def test_the_level_of_the_statement_on_coverage_says_nothing():
    """Only differences count: with as much added to all lists the density is the same."""
    changes = DIFFERENCES | {"coverage.lists": '[{list="B", odds={log_normal=[-1,0.7]}, reason="large"}]'}
    higher = changes | {
        "coverage.odds.log_normal": "[3, 1.5]",
        "coverage.lists": '[{list="B", odds={log_normal=[4,0.7]}, reason="large"}]',
    }
    one, other = (built(read(THREE_LISTS), read_priors("moderate", said)) for said in (changes, higher))
    at = prior_positions(one.design, one.settings, 20, np.random.default_rng(3))
    np.testing.assert_allclose(log_priors(one.arrays, at), log_priors(other.arrays, at), rtol=1e-9, atol=1e-9)


def test_given_people_on_one_list_alone_coverage_says_nothing_of_the_dark_figure():
    """The log odds of a list are the log of the people on it alone over n0: with n0 all move alike."""
    name = "differences in coverage, independence"
    case = built_case(name)
    base = np.array([0.3, -1.2, -0.4])
    log_n0 = np.linspace(-4, 4, 9)
    at = np.column_stack([log_n0, *(base[i] + 0.3 - log_n0 for i in (1, 2))])
    differences = log_priors(case.arrays, at)[:, 1]
    people = logsumexp(log_registered(case.design, case.settings, read_vector(case.parameters, at)), axis=1)
    entries = logsumexp(
        log_registered(case.design, case.settings, read_vector(case.parameters, at)) + np.log([1, 2]), axis=1
    )
    np.testing.assert_allclose(np.ptp(differences - (entries - people)), 0, atol=1e-12)


@pytest.mark.parametrize("relative", [False, True])
def test_the_residual_given_what_is_implied_is_that_of_two_normal_quantities(relative):
    level = LevelSettings(1.1, 0.9, 0.4, 0.6, relative)
    unit = 1.7 if relative else 1.0
    rng = np.random.default_rng(4)
    residual = unit * (0.4 + 0.6 * rng.standard_normal(400_000))
    implied = 1.1 + 0.9 * rng.standard_normal(400_000) - residual
    slope, level_at = np.polyfit(implied, residual, 1)
    mean, sd = level.residual_given(np.array([-2.0, 0.5]), 1.7)
    np.testing.assert_allclose(mean, level_at + slope * np.array([-2.0, 0.5]), atol=0.01)
    assert sd == pytest.approx((residual - level_at - slope * implied).std(), rel=0.01)
    centre, spread = level.implied(1.7)
    assert (centre, spread) == pytest.approx((implied.mean(), implied.std()), abs=0.01)


def test_the_definition_with_the_residual_in_it_integrates_to_the_one_without():
    """PyMC's joint density of everything and xi, summed over xi by Gauss-Hermite quadrature."""
    import pytensor

    from estimator.methods.loglinear.definition import build

    case = built_case("differences in coverage, residual dependence relative to pairs")
    at = case.points(1, shrink=0.5)[0]

    def log_density(settings):
        model = build(case.design, settings)
        names = [f"log_{p.name}" if f"log_{p.name}" in model.named_vars else p.name for p in case.parameters]
        point, start = {}, 0
        for parameter, name in zip(case.parameters, names, strict=True):
            point[name] = at[start : start + parameter.size].reshape(parameter.shape)
            start += parameter.size
        terms = [rv for rv in model.basic_RVs if rv.name != "residual_of_levels"] + model.potentials
        found = pytensor.function(
            model.value_vars, model.logp(vars=terms), mode="FAST_COMPILE", on_unused_input="ignore"
        )
        return lambda residual: float(
            found(*(residual if value.name == "residual" else point[value.name] for value in model.value_vars))
        )

    without = log_density(replace(case.settings, residual=None))(0.0)
    joint = log_density(case.settings)
    tau = math.exp(at[[p.name for p in case.parameters].index("dependence_scale") + len(case.design.lists)])
    level = case.settings.level
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    residual = tau * (level.location + level.size * nodes)
    values = np.array([joint(xi) for xi in residual])
    summed = logsumexp(values + 0.5 * nodes**2, b=weights * tau * level.size)
    assert summed == pytest.approx(without, abs=1e-6)


@pytest.mark.parametrize("odds", ["[-2, 1.5]", "[-3, 3]", "[-2, 0.4]"])
def test_the_posterior_is_the_integral_over_other_coordinates(odds):
    """Two independent lists: over the dark figure and the difference, where everything has its closed form.

    The registered number has a flat prior and its size is fixed by rho and the difference alone, so that the histories
    are multinomial and the rest a density of rho times one of the difference.
    """
    ratio = {"dark_figure.ratio_to_registered.log_normal": "[0.5, 1.2]", "coverage.odds.log_normal": odds}
    case = built(read(TWO_LISTS), read_priors("independence", DIFFERENCES | ratio))
    settings = SamplerSettings(draws=4000, warmup=1000, chains=4, cores=2, seed=3)
    posterior = posterior_of(case.design, case.settings, sample_with_nutpie(case.design, case.settings, settings))
    draws = log_implied_ratio(case.design, case.settings, posterior.values)
    rho, apart = (axis.ravel() for axis in np.meshgrid(np.linspace(-3, 5, 1601), np.linspace(-3, 4, 701)))
    # x (e^apart + 1) + x^2 e^apart = e^-rho, for odds x e^apart of the first list and x of the second
    linear, square = np.exp(apart) + 1, np.exp(apart)
    x = 2 * np.exp(-rho) / (linear + np.sqrt(linear**2 + 4 * square * np.exp(-rho)))
    shares = np.log(np.stack([x * np.exp(apart), x, x**2 * square])) + rho
    sd = math.sqrt(2) * float(odds.strip("[]").split(",")[1])
    logs = np.array([210, 130, 26]) @ shares + stats.norm(0.5, 1.2).logpdf(rho) + stats.norm(0, sd).logpdf(apart)
    weight = np.exp(logs - logs.max()).reshape(701, 1601).sum(axis=0)
    below = np.cumsum(weight / weight.sum())
    for probability in (0.025, 0.5, 0.975):
        error = float(array_stats.mcse(draws, chain_axis=0, draw_axis=1, method="quantile", prob=probability))
        wanted = np.interp(probability, below, np.linspace(-3, 5, 1601) + 0.0025)
        assert 0 < error < 0.02
        assert np.quantile(draws, probability) == pytest.approx(wanted, abs=4 * error + 1e-3)


def test_a_residual_with_long_tails_is_refused():
    changes = DIFFERENCES | {"residual.degrees_of_freedom": "4"}
    with pytest.raises(InputError, match=r"normal residual only"):
        read_priors("evidence", changes)
    read_priors("evidence", {"residual.degrees_of_freedom": "4"})


def test_a_file_without_the_form_says_what_it_said():
    """So that records of runs, and what is kept by the content of priors, stay what they are."""
    assert "form" not in read_priors("evidence").model_dump()["coverage"]
    assert read_priors("evidence", {"coverage.form": '"odds"'}) == read_priors("evidence")
    assert read_priors("evidence", DIFFERENCES) != read_priors("evidence")
    assert read_priors("evidence", DIFFERENCES).model_dump()["coverage"]["form"] == "differences"
