"""The log density of large tables is that of all tables, and so are its columns."""

import ctypes

import numpy as np
import pytest

from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear import design as designs
from estimator.methods.loglinear.large import large_block, machine_code_of_large
from estimator.methods.loglinear.large_arrays import is_large, large_arrays
from estimator.methods.loglinear.nuts import sample, sampled_model
from estimator.study.priors import read_priors
from tests.methods.model_examples import BLANK_AND_BOUNDED, CASES, built, density, read


def of_large(found, position):
    """Return log density and gradient as the sampler of a large table gets them."""
    call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)(machine_code_of_large().address)
    large = large_arrays(found.design)
    block, at = large_block(found.arrays, large), np.ascontiguousarray(position)
    gradient, value = np.full(len(at), np.nan), np.full(1, np.nan)
    call(len(at), at.ctypes.data, gradient.ctypes.data, value.ctypes.data, block.ctypes.data)
    return value[0], gradient


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
