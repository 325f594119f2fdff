"""The log density of large tables is that of all tables, and so are its columns."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest

from estimator.methods.convergence import Limits
from estimator.methods.door import Listener, Request, SamplerSettings
from estimator.methods.loglinear import design as designs
from estimator.methods.loglinear import large_arrays as paces
from estimator.methods.loglinear import people
from estimator.methods.loglinear.addresses import address_block
from estimator.methods.loglinear.density import machine_code, status_of
from estimator.methods.loglinear.large import large_block, machine_code_of_large
from estimator.methods.loglinear.large_arrays import (
    EFFECTIVE_DRAWS,
    SHORT_WARMUP,
    is_large,
    large_arrays,
    pace_of,
)
from estimator.methods.loglinear.nuts import Draws, sample, sampled_model
from estimator.methods.loglinear.people import implied_alone, population_draws
from estimator.methods.loglinear.posterior import posterior_of
from estimator.methods.registry import method_named
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.study import Study
from tests.methods.model_examples import BLANK_AND_BOUNDED, CASES, built, built_case, density, read


def called(code, block, position):
    """Return status, log density and gradient as a sampler gets them."""
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)(code.address)
    at = np.ascontiguousarray(position)
    gradient, value = np.full(len(at), np.nan), np.full(1, np.nan)
    status = call(len(at), at.ctypes.data, gradient.ctypes.data, value.ctypes.data, block.ctypes.data)
    return status, value[0], gradient


def of_large(found, position):
    """Return log density and gradient as the sampler of a large table gets them."""
    large = large_arrays(found.design)
    return called(machine_code_of_large(), large_block(found.arrays, large), position)[1:]


@pytest.mark.parametrize("name", CASES)
def test_the_density_of_large_tables_is_that_of_all(name, monkeypatch):
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    case = CASES[name]
    found = built(read(case.text, case.declaration), read_priors(case.priors, case.changes), **case.terms)
    if not is_large(
        found.design
    ):  # one stratum, registers that make errors, or people of whom something is unknown beside counts within bounds
        pytest.skip("takes the other density")
    for position in found.points(5):
        value, gradient = density(found.arrays, position)
        again, by_other_way = of_large(found, position)
        np.testing.assert_allclose(again, value, rtol=1e-10, atol=1e-8)
        np.testing.assert_allclose(by_other_way, gradient, rtol=1e-9, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_columns_of_large_tables_span_the_same_spaces(name, monkeypatch):
    case = CASES[name]
    table, priors = read(case.text, case.declaration), read_priors(case.priors, case.changes)
    usual = built(table, priors, **case.terms).design.composition
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    large = built(table, priors, **case.terms).design.composition
    assert (large.names, large.blocks, large.block.tolist()) == (usual.names, usual.blocks, usual.block.tolist())
    for block, kind in enumerate(usual.blocks):
        a, b = usual.matrix[:, usual.block == block], large.matrix[:, large.block == block]
        np.testing.assert_allclose(b @ b.T, a @ a.T, atol=1e-12)
        if kind != "stratum":
            np.testing.assert_allclose(b, a, atol=1e-14)


def sampled(monkeypatch, name, cores, enough):
    """Return the draws of a small table by the road of large ones."""
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    case = CASES[name]
    found = built(read(case.text, case.declaration), read_priors(case.priors, case.changes), **case.terms)
    assert is_large(found.design)
    settings = SamplerSettings(draws=1000, warmup=200, chains=2, cores=cores, seed=7)
    model = sampled_model(found.design, found.arrays)
    return sample(model, np.zeros(len(found.points(1)[0])), settings, None, enough)


def test_draws_until_enough_are_the_first_of_all_draws_whatever_the_cores(monkeypatch):
    asked = []

    def enough(draws):
        asked.append(draws.unconstrained.shape[1])
        return asked[-1] >= 375

    whole = sampled(monkeypatch, "one covariate", 2, None)
    assert whole.unconstrained.shape[1] == 1000
    for cores in (1, 2):
        asked.clear()
        draws = sampled(monkeypatch, "one covariate", cores, enough)
        assert (asked, draws.settings.draws) == ([250, 375], 375)
        assert np.array_equal(draws.unconstrained, whole.unconstrained[:, :375])
        assert np.array_equal(draws.statistics["lp"], whole.statistics["lp"][:, :375])


def test_errors_of_registers_and_unknown_people_beside_intervals_take_the_other_density(monkeypatch):
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    taken = {}
    for name, case in CASES.items():
        design = built(read(case.text, case.declaration), read_priors(case.priors, case.changes), **case.terms).design
        taken[name] = is_large(design)
        several = len(design.strata) > 1
        assert taken[name] == (several and not design.errors.names and not design.unknown.names), name
    assert sum(taken.values()) >= 8
    assert any(not value and CASES[name].text == BLANK_AND_BOUNDED for name, value in taken.items())


def made_large(monkeypatch, name):
    """Return a case whose table counts as large where it has more strata than one."""
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    case = CASES[name]
    return built(read(case.text, case.declaration), read_priors(case.priors, case.changes), **case.terms)


def test_a_sampler_is_told_where_there_is_no_finite_density_or_gradient(monkeypatch):
    zeros = np.zeros(2)
    assert [status_of(1.0, zeros), status_of(1.0, np.array([0.0, np.nan])), status_of(-np.inf, zeros)] == [0, 3, 4]
    found = made_large(monkeypatch, "one covariate")
    large = large_arrays(found.design)
    usual, far = found.points(1)[0], np.full(len(found.points(1)[0]), 1000.0)
    for code, block in (
        (machine_code().log_density, address_block(found.arrays)),
        (machine_code_of_large(), large_block(found.arrays, large)),
    ):
        assert (called(code, block, usual)[0], called(code, block, far)[0]) == (0, 4)


@pytest.mark.parametrize("name", CASES)
def test_people_of_large_tables_are_those_of_all(name, monkeypatch):
    found = made_large(monkeypatch, name)
    draws = Draws(found.points(30, shrink=0.3)[None], {}, 0.0, SamplerSettings(chains=1, draws=30))
    posterior = posterior_of(found.design, found.settings, draws)
    shown = population_draws(posterior, 1)
    np.testing.assert_allclose(implied_alone(posterior).implied_unseen, shown.implied_unseen, rtol=1e-12)
    monkeypatch.setattr(people, "is_large", lambda _: False)
    usual = population_draws(posterior, 1)
    np.testing.assert_array_equal(shown.registered, usual.registered)
    np.testing.assert_array_equal(shown.unseen, usual.unseen)
    np.testing.assert_allclose(shown.implied_unseen, usual.implied_unseen, rtol=1e-12)
    np.testing.assert_allclose(shown.expected_unseen, usual.expected_unseen, rtol=1e-12)
    assert shown.has_mean == usual.has_mean


def asked(**settings):
    """Return a request for a fit of two strata, whose limits are soon met."""
    case = CASES["one covariate"]
    return Request(
        Study.of_table(read(case.text, case.declaration)),
        read_priors("moderate"),
        SamplerSettings(**{"draws": 600, "warmup": 400, "chains": 2} | settings),
        {},
        lambda drawn: {Reason("total"): drawn.implied_unseen.sum(axis=-1)},
        Limits(rhat=1.1, effective_draws=50, divergent_share=0.1, crowding=0.0, crowding_from=1000),
        Listener(),
    )


def test_a_fit_of_a_large_table_ends_when_draws_are_enough_unless_it_must_not(monkeypatch):
    monkeypatch.setattr(designs, "LARGE_STRATA", 2)
    fits = [method_named("loglinear").fit(replace(asked(), may_stop=may_stop)) for may_stop in (True, False)]
    assert [fit.settings.draws for fit in fits] == [250, 600]
    assert [fit.settings.warmup for fit in fits] == [SHORT_WARMUP] * 2
    assert [fit.population.unseen.shape[1] for fit in fits] == [250, 600]


def test_a_fit_of_many_strata_ends_when_it_has_the_effective_draws_and_no_sooner(monkeypatch):
    usual = method_named("loglinear").fit(asked())
    assert (usual.settings.draws, usual.settings.warmup) == (600, 400), "two strata are not many"
    monkeypatch.setattr(paces, "LONG_STRATA", 2)
    monkeypatch.setattr(paces, "EFFECTIVE_DRAWS", 700.0)
    fit = method_named("loglinear").fit(asked(draws=2000, warmup=600))
    assert fit.settings.warmup == SHORT_WARMUP
    assert fit.settings.draws in (562, 843, 1264), "looks are at 250, 375, 562, ... draws of each chain"
    assert fit.convergence.ess_bulk_min >= 700


def test_limits_that_ask_for_more_are_kept(monkeypatch):
    design = built_case("one covariate").design
    limits = asked().limits
    assert pace_of(design, limits) is None
    monkeypatch.setattr(paces, "LONG_STRATA", design.observed.unseen.shape[0])
    assert pace_of(design, limits) == (SHORT_WARMUP, replace(limits, effective_draws=EFFECTIVE_DRAWS))
    assert pace_of(design, replace(limits, effective_draws=5000.0))[1].effective_draws == 5000.0
