"""From sampled vectors to named quantities, and what surrounds the sampler."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.capture.histories import history_labels
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.labelled import groups_of, prior_dataset
from estimator.methods.loglinear.nuts import Draws
from estimator.methods.loglinear.parameters import composition_effects_of, interactions, read_vector
from estimator.methods.loglinear.posterior import attempts, expected_cells, posterior_of
from estimator.methods.loglinear.start import starting_point
from tests.methods import by_hand
from tests.methods.model_examples import CASES, built_case, density


def posterior_at(name: str, n: int = 6):
    case = built_case(name)
    positions = case.points(n, shrink=0.3, seed=21).reshape(2, n // 2, -1)
    statistics = {"diverging": np.zeros((2, n // 2), dtype=bool)}
    return case, posterior_of(case.design, case.settings, Draws(positions, statistics, 0.0, SamplerSettings()))


@pytest.mark.parametrize("name", CASES)
def test_cells_from_which_people_are_drawn_are_those_of_the_definition(name):
    case, posterior = posterior_at(name)
    cells = np.concatenate(list(expected_cells(posterior)))
    for number, position in enumerate(posterior.draws.unconstrained.reshape(6, -1)):
        values = read_vector(case.parameters, position)
        share = by_hand.log_softmax(
            (case.design.composition.matrix @ composition_effects_of(case.design, values)).tolist()
        )
        coverage = np.tile(values["coverage"], (len(case.design.strata), 1))
        if "heterogeneity" in values:
            coverage = coverage + case.design.heterogeneity.matrix @ values["heterogeneity"]
        for j, place in enumerate(case.design.changes.list_index):
            coverage[:, place] += case.design.changes.matrix[:, j] * values["coverage_change"][j]
        theta = interactions(case.settings, values)
        terms = {tuple(term.split("&")): value for term, value in zip(case.design.terms, theta, strict=True)}
        log_n0 = np.log(case.design.registered) + float(values["log_ratio"])
        wanted = by_hand.expected_cells(case.table, log_n0, share, coverage.tolist(), terms)
        np.testing.assert_allclose(cells[number].ravel(), [wanted[c] for c in range(case.table.n_cells)], rtol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_chains_can_start(name):
    case = built_case(name)
    at = starting_point(case.design, case.settings, case.parameters)
    rng = np.random.default_rng(2)
    for _ in range(20):
        value, gradient = density(case.arrays, at + rng.uniform(-0.5, 0.5, len(at)))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", CASES)
def test_data_sets_have_named_dims_and_coordinates(name):
    case, posterior = posterior_at(name)
    groups = groups_of(posterior) | {"prior": prior_dataset(posterior, draws=50)}
    for group in groups.values():
        for variable in group.data_vars.values():
            assert all(dim in group.coords for dim in variable.dims)
            assert not any(str(dim).startswith("dim_") for dim in variable.dims)
    names = {parameter.name for parameter in case.parameters}
    assert names <= set(groups["posterior"].data_vars)
    residual = case.settings.residual
    beside = ({"residual"} if residual else set()) | (
        {"residual_of_strata"} if residual and residual.between_strata else set()
    )
    assert names | beside == set(groups["prior"].data_vars)
    known = groups["observed_data"]["count"]
    assert known.dims == ("stratum", "history")
    assert known["history"].to_numpy().tolist() == history_labels(case.design.lists)
    for parameter in case.parameters:
        values = groups["posterior"][parameter.name]
        assert values.dims == ("chain", "draw", *parameter.dims)
        assert not parameter.logged or (values > 0).all()


def test_attempts_take_more_draws_smaller_steps_and_other_seeds():
    found = list(attempts(SamplerSettings(draws=100, warmup=50, seed=5, target_accept=0.9)))
    assert [(one.draws, one.warmup) for one in found] == [(100, 50), (200, 100), (400, 200)]
    assert [one.target_accept for one in found] == [0.9, 0.95, 0.99]
    assert len({one.seed for one in found}) == 3
    assert found == list(attempts(SamplerSettings(draws=100, warmup=50, seed=5, target_accept=0.9)))
    assert {one.target_accept for one in attempts(SamplerSettings(target_accept=0.995))} == {0.995}
