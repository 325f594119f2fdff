"""Power-scaling against closed forms (normal prior, normal data), against brute force (two lists), and ArviZ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.checks.finding import CAUTION
from estimator.checks.loglinear.power_scaling import power_scaling
from estimator.checks.loglinear.power_sensitivity import (
    ALL_PRIORS,
    ALPHAS,
    CONFLICT,
    DATA,
    NOTHING,
    WEAK_DATA,
    PriorSensitivity,
    Sensitivity,
    cumulative_distance,
    prior_sensitivities,
    sensitivity,
)
from estimator.checks.loglinear.prior_components import (
    RESIDUAL,
    log_prior_components,
    prior_of_parameters,
    standard_residual,
)
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.positions import log_prior
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import TOTAL
from tests.checks.drawing import drawn
from tests.checks.estimates import by_sex, clean, estimated, table_of, two
from tests.fits.normal_draws import distance_of_normals, distance_on_grid, quantiles
from tests.fits.two_list_grid import grid_of

TWO = (130, 210, 26)
RNG = np.random.default_rng(5)


def posterior_of(prior_sd: float, data: float, data_sd: float, alpha: float = 1.0, beta: float = 1.0):
    """Mean and sd of normal prior (mean 0) to the power alpha times normal likelihood to the power beta."""
    precision = alpha / prior_sd**2 + beta / data_sd**2
    return beta * data / data_sd**2 / precision, precision**-0.5


@pytest.mark.parametrize(("prior_sd", "data", "data_sd"), [(1.0, 3.0, 1.0), (2.5, 5.0, 1.0), (1.0, 0.0, 3.0)])
def test_normal_prior_and_normal_data_have_a_closed_form(prior_sd, data, data_sd):
    mean, sd = posterior_of(prior_sd, data, data_sd)
    theta = quantiles(mean, sd, 40_000).reshape(4, -1)
    log_densities = {
        "prior": -0.5 * (theta / prior_sd) ** 2,
        "data": -0.5 * ((theta - data) / data_sd) ** 2,
    }
    for part, log_density in log_densities.items():
        powers = [(alpha, 1.0) if part == "prior" else (1.0, alpha) for alpha in ALPHAS]
        scaled = [posterior_of(prior_sd, data, data_sd, *power) for power in powers]
        wanted = np.mean(
            [
                distance_of_normals((mean, sd), one, 40_000) / abs(np.log2(a))
                for one, a in zip(scaled, ALPHAS, strict=True)
            ]
        )
        found = sensitivity(theta, log_density, RNG)
        assert found.value == pytest.approx(wanted, rel=0.01)
        # d E[theta] / d log2 alpha: the derivative of the closed form at 1
        step = 1e-5
        ends = [posterior_of(prior_sd, data, data_sd, *([1 + s, 1.0] if part == "prior" else [1.0, 1 + s]))[0]
                for s in (-step, step)]  # fmt: skip
        slope = (ends[1] - ends[0]) / (2 * step) * np.log(2)
        assert np.log(found.shift) == pytest.approx(slope, abs=0.01 * max(1.0, abs(slope)))
        assert found.pareto_k < 0.5


def test_the_distance_is_the_one_of_arviz():
    from arviz_stats.base import array_stats

    rng = np.random.default_rng(6)
    draws = rng.gamma(2.0, size=(4, 500))
    weights = [np.exp(rng.normal(0, 0.1, draws.shape)) for _ in ALPHAS]
    weights = [one / one.sum() for one in weights]
    theirs = float(array_stats.power_scale_sense(draws, *weights, *ALPHAS, chain_axis=0, draw_axis=1))
    order = np.argsort(draws.ravel())
    cumulated = np.stack([np.cumsum(one.ravel()[order])[:-1] for one in weights])
    ours = cumulative_distance(np.diff(draws.ravel()[order]), cumulated) / np.abs(np.log2(ALPHAS))
    assert ours.mean() == pytest.approx(theirs, rel=1e-9)


def test_a_part_that_has_nothing_to_do_with_the_answer_does_not_matter():
    rng = np.random.default_rng(7)
    answer, part = rng.standard_normal((4, 1000)), 30 * rng.standard_normal((4, 1000))
    found = sensitivity(answer, part, rng)
    assert found.value > 0.05, "thirty units of noise alone are above the threshold"
    assert not found.matters and found.noise > 0.05
    related = sensitivity(answer, 0.5 * answer, rng)
    assert related.matters and related.shift > 1


def test_an_answer_that_is_known_leans_on_nothing():
    found = sensitivity(np.full((2, 100), 7.0), RNG.standard_normal((2, 100)), RNG)
    assert found.value == 0 and not found.matters


@pytest.fixture(scope="module")
def grid():
    return grid_of(two(), TWO)


def brute_force(grid, part: np.ndarray) -> float:
    """The sensitivity of log N to a part, from the whole posterior on a grid."""
    size = np.log(sum(TWO) * (1 + np.exp(grid.log_ratio)))
    places, index = np.unique(size, return_inverse=True)
    functions = []
    for alpha in (1.0, *ALPHAS):
        shares = np.bincount(index, grid.weights((alpha - 1) * part))
        middles = np.cumsum(shares) - shares / 2
        functions.append(lambda x, middles=middles: np.interp(x, places, middles))
    ends = np.interp([1 / 8000, 1 - 1 / 8000], functions[0](places), places)  # as far as 4,000 draws reach
    fine = np.linspace(*ends, 200_001)
    slopes = [distance_on_grid(fine, functions[0](fine), f(fine)) / abs(np.log2(a))
              for f, a in zip(functions[1:], ALPHAS, strict=True)]  # fmt: skip
    return float(np.mean(slopes))


def test_the_grid_holds_the_posterior(grid):
    draws = two().posterior.details.values["log_ratio"].ravel()
    assert grid.weights() @ grid.log_ratio == pytest.approx(draws.mean(), abs=0.1)
    assert np.sqrt(grid.weights() @ (grid.log_ratio - draws.mean()) ** 2) == pytest.approx(draws.std(), rel=0.07)


@pytest.mark.parametrize("part", ["dark figure", "coverage", "dependence", ALL_PRIORS, DATA])
def test_two_lists_by_brute_force(grid, part):
    """The draws' own noise is a few thousandths (the same draws with and without weights)."""
    expected = sum(TWO) * (1 + np.exp(two().posterior.details.values["log_ratio"]))
    found = prior_sensitivities(two().posterior.details, {TOTAL: expected}, 1)[TOTAL].parts[part]
    logs = {**grid.prior, ALL_PRIORS: sum(grid.prior.values()), DATA: grid.likelihood}[part]
    wanted = brute_force(grid, logs)
    assert found.value == pytest.approx(wanted, abs=0.012 + 0.1 * wanted)
    size = np.log(sum(TWO) * (1 + np.exp(grid.log_ratio)))
    weight = grid.weights()
    covariance = weight @ (size * logs) - (weight @ size) * (weight @ logs)
    assert np.log(found.shift) == pytest.approx(np.log(2) * covariance, abs=0.05)


def test_parts_add_up_to_the_prior_where_nothing_is_hierarchical():
    posterior = clean().posterior.details
    arrays, position = model_arrays(posterior.design, posterior.settings), posterior.draws.unconstrained
    parts = log_prior_components(posterior)
    assert set(parts) == {"dark figure", "coverage", "dependence"}
    a, at = arrays, position[1, 7]
    wanted = log_prior.py_func(at, a.kind, a.mean, a.log_sd, a.degrees, a.mean_at, a.scale_at, np.zeros(len(at)))
    assert sum(part[1, 7] for part in parts.values()) == pytest.approx(wanted, rel=1e-12)


def test_of_a_hierarchy_only_the_top_is_scaled():
    posterior = by_sex().posterior.details
    parts, by_parameter = log_prior_components(posterior), prior_of_parameters(posterior)
    assert set(parts) == {"dark figure", "coverage", "dependence", "heterogeneity", "composition"}
    np.testing.assert_array_equal(parts["heterogeneity"], by_parameter["heterogeneity_scale"])
    np.testing.assert_array_equal(parts["composition"], by_parameter["composition_scale"])
    np.testing.assert_allclose(
        sum(by_parameter.values()) - by_parameter["heterogeneity"] - by_parameter["composition"],
        sum(parts.values()),
        rtol=1e-12,
    )


RELATIVE = {
    "residual.form": "relative",
    "residual.size": "0.6",
    "residual.centre": "0.3",
    "residual.degrees_of_freedom": "4",
    "residual.reason": '"as dependent as the pairs"',
}


def test_learned_odds_ratios_and_relative_residual_dependence():
    from scipy import stats

    found = estimated(table_of([0, 120, 75, 14, 48, 9, 6, 3]), read_priors("wide", RELATIVE))
    parts, by_parameter = log_prior_components(found.posterior.details), prior_of_parameters(found.posterior.details)
    assert "dependence_free" in by_parameter
    np.testing.assert_array_equal(parts["dependence"], by_parameter["common_mean"] + by_parameter["dependence_scale"])
    standard = standard_residual(found.posterior.details)
    tau = found.posterior.details.values["dependence_scale"]
    np.testing.assert_allclose(found.posterior.details.residual, tau * (0.3 + 0.6 * standard), rtol=1e-10)
    np.testing.assert_allclose(parts[RESIDUAL], stats.t(4).logpdf(standard), rtol=1e-10)
    assert stats.kstest(standard.ravel(), stats.t(4).cdf).pvalue > 1e-4
    # its prior says nothing of anything else: to scale it moves nothing but itself
    moved = sensitivity(found.posterior.details.values["log_ratio"], parts[RESIDUAL], RNG)
    assert not moved.matters


def test_the_strength_of_a_residual_prior_by_its_closed_form():
    """With log N = xi alone, a normal prior to the power alpha has its standard deviation divided by root alpha."""
    xi = quantiles(0.2, 0.7, 40_000).reshape(4, -1)
    wanted = np.mean(
        [distance_of_normals((0.2, 0.7), (0.2, 0.7 / np.sqrt(a)), 40_000) / abs(np.log2(a)) for a in ALPHAS]
    )
    assert sensitivity(xi, -0.5 * ((xi - 0.2) / 0.7) ** 2, RNG).value == pytest.approx(wanted, rel=0.01)


def of(value: float, shift: float = 0.9, k: float = 0.1) -> Sensitivity:
    return Sensitivity(value, 0.01, shift, k)


@pytest.mark.parametrize(
    ("dependence", "together", "data", "diagnosis"),
    [
        (0.2, 0.2, 0.2, CONFLICT),
        (0.2, 0.2, 0.01, WEAK_DATA),
        (0.2, 0.01, 0.01, WEAK_DATA),  # parts that pull in opposite directions
        (0.01, 0.01, 0.2, NOTHING),
        (0.01, 0.01, 0.01, NOTHING),
    ],
)
def test_the_table_of_diagnoses(dependence, together, data, diagnosis):
    found = PriorSensitivity(
        {"dark figure": of(0.0), "dependence": of(dependence), ALL_PRIORS: of(together), DATA: of(data)}
    )
    assert found.diagnosis == diagnosis
    assert found.strongest == ("dependence" if dependence > 0.05 else None)


def test_just_below_the_threshold_is_not_yet_mostly_the_prior():
    parts = {"dark figure": of(0.08), ALL_PRIORS: of(0.08), DATA: of(0.049)}
    assert PriorSensitivity(parts).diagnosis == WEAK_DATA and not PriorSensitivity(parts).mostly_prior
    assert PriorSensitivity({**parts, DATA: of(0.02)}).mostly_prior
    assert not PriorSensitivity({**parts, ALL_PRIORS: of(0.9), DATA: of(0.2)}).mostly_prior


def test_two_lists_lean_on_their_priors():
    found = power_scaling(two())
    assert found.verdict == CAUTION and not found.reasons
    assert found.headline.code == "total-leans-on-prior"
    assert found.headline["part"] == Reason("part-of-assumptions", part=ALL_PRIORS)
    parts = found.numbers["groups"][TOTAL]["parts"]
    assert set(parts) == {"dark figure", "coverage", "dependence", ALL_PRIORS, DATA}


def test_a_group_that_the_data_do_not_speak_of_may_not_stand_alone(monkeypatch):
    from estimator.checks.loglinear import power_scaling as module

    strong = {"dark figure": of(0.3), ALL_PRIORS: of(0.3), DATA: of(0.01)}
    sure = {"dark figure": of(0.01), ALL_PRIORS: of(0.01), DATA: of(0.4)}
    monkeypatch.setattr(
        module, "prior_sensitivities", lambda *_: {TOTAL: PriorSensitivity(sure), "women": PriorSensitivity(strong)}
    )
    found = power_scaling(by_sex())
    assert found.groups_not_alone == ("women",) and found.verdict == CAUTION
    assert Reason("groups-lean-on-prior", groups=("women",)) in found.statements


def test_weights_that_cannot_be_relied_upon_are_said(monkeypatch):
    from estimator.checks.loglinear import power_scaling as module

    parts = {"dark figure": of(0.01, k=0.9), ALL_PRIORS: of(0.01), DATA: of(0.4)}
    monkeypatch.setattr(module, "prior_sensitivities", lambda *_: {TOTAL: PriorSensitivity(parts)})
    assert Reason("weights-unreliable", pareto_k=0.9, limit=0.7) in power_scaling(clean()).statements


def test_the_same_seed_gives_the_same_numbers():
    assert power_scaling(two()).numbers == power_scaling(replace(two())).numbers


def test_the_picture_can_be_drawn():
    found = power_scaling(by_sex())
    assert len(drawn(found).axes[0].get_yticklabels()) == len(found.numbers["groups"][TOTAL]["parts"])


@pytest.mark.parametrize(
    ("value", "noise", "matters"),
    [(0.05, 0.01, True), (0.0499, 0.01, False), (0.2, 0.2, False), (0.2, 0.25, False), (0.2, 0.19, True)],
)
def test_a_part_matters_from_the_threshold_on_and_above_noise_both(value, noise, matters):
    assert threshold("scrutiny.power_scaling") == 0.05  # of Kallioinen et al.
    assert Sensitivity(value, noise, 0.9, 0.1).matters is matters


def test_noise_and_data_are_not_parts_of_the_prior():
    """A part that is noise is never the strongest, and data that matter by themselves lean on no prior."""
    noise = Sensitivity(0.9, 1.0, 0.9, 0.1)
    sensitivity = PriorSensitivity({"dark figure": noise, "dependence": of(0.06), ALL_PRIORS: of(0.01), DATA: of(0.2)})
    assert sensitivity.strongest == "dependence" and sensitivity.diagnosis == CONFLICT
    assert not sensitivity.mostly_prior
    only_data = PriorSensitivity({"dark figure": noise, ALL_PRIORS: of(0.01), DATA: of(0.2)})
    assert only_data.diagnosis == NOTHING and only_data.strongest is None


def test_mostly_the_prior_takes_weak_data_and_a_prior_that_dominates_them():
    """As many times the sensitivity to the data as the file of thresholds says, and not a hair less."""
    times = threshold("scrutiny.power_scaling_dominates")
    data = 0.04
    at, below = times * data, times * data - 1e-6
    assert PriorSensitivity({"dark figure": of(at), ALL_PRIORS: of(at), DATA: of(data)}).mostly_prior
    assert not PriorSensitivity({"dark figure": of(below), ALL_PRIORS: of(below), DATA: of(data)}).mostly_prior
    loud = 10 * times * 0.05
    assert not PriorSensitivity({"dark figure": of(loud), ALL_PRIORS: of(loud), DATA: of(0.05)}).mostly_prior
