from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.checks.convergence import convergence
from estimator.checks.finding import CAUTION, FAILS, SOUND
from estimator.fits.chains import chains_apart, energies, growth, motionless, ranks
from estimator.methods.loglinear.parameters import read_vector
from estimator.methods.loglinear.people import population_draws
from estimator.population.estimate import Estimate
from estimator.reasons import Reason
from tests.checks import estimates
from tests.checks.drawing import drawn


def with_position(estimate: Estimate, position: np.ndarray, **statistics: np.ndarray) -> Estimate:
    """The estimate, had the sampler returned these draws."""
    draws = replace(
        estimate.posterior.details.draws,
        unconstrained=position,
        statistics=estimate.posterior.details.draws.statistics | statistics,
    )
    values = read_vector(estimate.posterior.details.parameters, position)
    posterior = replace(estimate.posterior.details, values=values, draws=draws)
    population = population_draws(posterior, estimate.posterior.seed)
    return replace(estimate, posterior=replace(estimate.posterior, details=posterior, population=population))


def position_of(estimate: Estimate) -> np.ndarray:
    return estimate.posterior.details.draws.unconstrained.copy()


def test_chains_that_agree():
    finding = convergence(estimates.clean())
    assert finding.verdict == SOUND
    assert finding.numbers["chains_apart"] == []
    assert finding.numbers["rhat_max"] < 1.01
    assert len(finding.numbers["e_bfmi"]) == 4
    assert all(value > 0.3 for value in finding.numbers["e_bfmi"])


@pytest.mark.parametrize("chain", [0, 2])
def test_a_chain_stuck_in_another_mode_is_named(chain):
    position = position_of(estimates.clean())
    position[chain, :, 0] += 0.5
    finding = convergence(with_position(estimates.clean(), position))
    assert finding.verdict == FAILS
    assert finding.headline["who"] == Reason("chains-apart", numbers=(chain + 1,), total=4)
    assert finding.headline["why"] == finding.reasons[0]
    assert finding.numbers["chains_apart"] == [chain + 1]
    assert len(drawn(finding).axes) == 4


def test_a_chain_that_does_not_move_is_named():
    position = position_of(estimates.clean())
    position[3] = position[3, :1]
    finding = convergence(with_position(estimates.clean(), position))
    assert finding.verdict == FAILS
    assert finding.headline["who"] == Reason("chains-apart", numbers=(4,), total=4)


def test_two_chains_against_two_are_told_apart_by_their_density():
    position = position_of(estimates.clean())
    position[[1, 2], :, 0] += 0.5
    density = np.zeros(position.shape[:2])
    density[[1, 2]] = -20.0
    finding = convergence(with_position(estimates.clean(), position, lp=density))
    assert finding.numbers["chains_apart"] == [2, 3]
    assert finding.headline["who"] == Reason("chains-apart", numbers=(2, 3), total=4)


def test_a_chain_that_spreads_further_than_the_others_stands_apart():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(4, 500)) * np.array([1.0, 1.0, 6.0, 1.0])[:, None]
    assert chains_apart(values) == (2,)


def test_sampled_values_that_are_not_reported_give_a_caution():
    estimate = estimates.clean()
    position = position_of(estimate)
    names = list(estimate.chains.parameters)
    # a coverage moves in one chain, and what is reported does not follow it
    position[1, :, names.index("coverage[B]")] += 3.0
    finding = convergence(with_position(estimate, position))
    assert finding.verdict == CAUTION
    doubt = next(statement for statement in finding.statements if statement.code == "sampled-values-apart")
    assert doubt["who"] == Reason("chains-apart", numbers=(2,), total=4)
    assert doubt["name"] == "coverage[B]"


def test_where_draws_diverged_is_said():
    estimate = estimates.clean()
    position = position_of(estimate)
    names = list(estimate.chains.parameters)
    at = names.index("coverage[C]")
    diverging = np.zeros(position.shape[:2], dtype=bool)
    diverging[0, :3] = True
    position[0, :3, at] -= 5.0  # far from all others in one value
    finding = convergence(with_position(estimate, position, diverging=diverging))
    assert finding.numbers["divergences"] == 3
    first = finding.numbers["divergences_differ_in"][0]
    assert first["name"] == "coverage[C]"
    assert first["shift"] < -5
    said = finding.statements[-1]
    assert (said.code, said["number"], said["places"][0]["name"]) == ("draws-diverged", 3, "coverage[C]")
    assert drawn(finding).axes[3].get_xlabel() == "coverage[C]"


def test_slow_energy_is_a_caution_that_names_the_chain():
    estimate = estimates.clean()
    energy = estimate.posterior.details.draws.statistics["energy"].copy()
    energy[2] = np.cumsum(np.random.default_rng(1).normal(size=energy.shape[1]))  # a random walk
    finding = convergence(with_position(estimate, position_of(estimate), energy=energy))
    assert finding.verdict == CAUTION
    assert next(said["chains"] for said in finding.statements if said.code == "energy-slow") == (3,)


def test_energy_of_independent_draws_is_two():
    estimate = estimates.clean()
    energy = np.random.default_rng(2).normal(size=(4, 20_000))
    found = energies(with_position(estimate, position_of(estimate), energy=energy).chains)
    # a step has twice the variance of the energy; standard error about sqrt(8 / n)
    assert found == pytest.approx([2.0] * 4, abs=5 * np.sqrt(8 / 20_000))


def test_ranks_are_those_among_all_chains():
    assert ranks(np.array([[1.0, 4.0], [2.0, 3.0]])).tolist() == [[0.125, 0.875], [0.375, 0.625]]


def test_effective_draws_of_independent_draws_grow_as_draws_do():
    steps = growth(np.random.default_rng(3).normal(size=(4, 1000)))
    assert [draws for draws, _, _ in steps] == [400 * step for step in range(1, 11)]
    for draws, bulk, tail in steps:
        assert bulk == pytest.approx(draws, rel=0.35)
        assert tail == pytest.approx(draws, rel=0.5)


def test_names_stand_in_the_order_of_the_sampled_vector():
    estimate = estimates.by_sex()
    posterior, parameters = estimate.posterior.details, estimate.chains.parameters
    names = list(parameters)
    assert len(names) == posterior.draws.unconstrained.shape[-1]
    assert names[:4] == ["log_ratio", "coverage[A]", "coverage[B]", "coverage[C]"]
    np.testing.assert_array_equal(parameters["coverage[B]"], posterior.values["coverage"][..., 1])


def test_chains_that_move_are_not_motionless():
    assert motionless(estimates.clean().chains.parameters) == ()
