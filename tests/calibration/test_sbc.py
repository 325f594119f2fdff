"""Simulation-based calibration: what is ranked, how, and that a wrong posterior is found and a right one is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.calibration import sbc
from estimator.calibration.sbc_bands import uniformity
from estimator.calibration.sbc_report import SbcReport, SbcResult
from estimator.calibration.shapes import shape_of
from estimator.methods.loglinear.posterior import posterior_of
from estimator.methods.loglinear.ranked import fitted, quantities_of, true_quantities
from estimator.methods.loglinear.simulation import model_of, simulate, with_table
from estimator.methods.shape import plain_shape
from estimator.reasons import Reason
from estimator.report.terminal.calibration import sbc_text
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from estimator.words.words import words_in
from estimator.work.outcomes import text_of
from tests.calibration.test_sbc_simulation import odd_shape
from tests.methods.model_examples import DIFFERENCES

SHAPE = replace(plain_shape(3), registered=300.0)
PRIORS = read_priors("moderate")
ENOUGH = (sbc.AGREED, sbc.ENOUGH_EFFECTIVE)


def fit(seed, priors=PRIORS, shape=SHAPE):
    design, settings = model_of(shape, priors)
    truth = simulate(shape, design, settings, seed)
    design = with_table(design, truth.table)
    return design, settings, truth, fitted(design, settings, replace(sbc.SAMPLER, seed=seed), *ENOUGH)[0]


def test_one_simulation_depends_on_its_payload_alone():
    task = sbc.simulation_task("one", SHAPE, PRIORS, 3)
    found = sbc.rank_one(task.payload)
    assert text_of(found) == text_of(sbc.rank_one(task.payload))
    assert all(0 <= rank <= sbc.RANKED_AMONG for rank in found["ranks"].values())
    assert found["effective"] >= sbc.ENOUGH_EFFECTIVE
    other = sbc.rank_one(sbc.simulation_task("other", SHAPE, PRIORS, 4).payload)
    assert other["ranks"] != found["ranks"]


def test_everything_that_a_prior_has_is_ranked():
    ranked = set(sbc.rank_one(sbc.simulation_task("one", SHAPE, read_priors("evidence"), 1).payload)["ranks"])
    assert {"N total", "implied dark figure total", "coverage A", "dependence A&B", "log-likelihood"} <= ranked
    assert {"relative_mean", "dependence_scale", "residual"} <= ranked
    shape = shape_of(read_study("scotland-pwid-2006"))
    design, settings = model_of(shape, PRIORS)
    names = true_quantities(shape, design, settings, simulate(shape, design, settings, 1))
    assert {"N women", "heterogeneity_scale 1", "composition_scale 1"} <= set(names)


def test_the_log_likelihood_is_that_of_poisson_counts():
    from scipy.stats import poisson

    design, settings, truth, posterior = fit(2)
    drawn = quantities_of(SHAPE, posterior, 1, keep=5)["log-likelihood"]
    chosen = ((np.arange(5) + 0.5) * 1000 / 5).astype(int)
    positions = posterior.draws.unconstrained.reshape(-1, posterior.draws.unconstrained.shape[-1])[chosen]
    histories = np.array([[h >> 2 & 1, h >> 1 & 1, h & 1] for h in range(1, 8)])
    pairs = np.stack(
        [histories[:, 0] * histories[:, 1], histories[:, 0] * histories[:, 2], histories[:, 1:].prod(1)], 1
    )
    by_hand = []
    for position in positions:  # log ratio, three lists, three pairs
        means = np.exp(np.log(300.0) + position[0] + histories @ position[1:4] + pairs @ position[4:7])
        by_hand.append(poisson.logpmf(truth.table.lower, means).sum())
    assert drawn - drawn[0] == pytest.approx(np.array(by_hand) - by_hand[0], abs=1e-8)


def test_the_log_likelihood_is_that_of_the_compiled_density_where_a_list_did_not_run():
    from estimator.checks.loglinear.log_density import log_likelihoods
    from estimator.methods.loglinear.arrays import model_arrays

    shape = odd_shape()
    design, settings = model_of(shape, PRIORS)
    truth = simulate(shape, design, settings, 1)
    design = with_table(design, truth.table)
    posterior = fitted(design, settings, replace(sbc.SAMPLER, seed=1), *ENOUGH)[0]
    ours = quantities_of(shape, posterior, 1, keep=7)["log-likelihood"]
    flat = posterior.draws.unconstrained.reshape(-1, posterior.draws.unconstrained.shape[-1])
    chosen = ((np.arange(7) + 0.5) * len(flat) / 7).astype(int)
    theirs = log_likelihoods(model_arrays(design, settings), flat[chosen])
    assert ours - ours[0] == pytest.approx(theirs - theirs[0], abs=1e-7)


def test_n_is_the_registered_and_the_unseen():
    design, settings, truth, posterior = fit(5)
    drawn = quantities_of(SHAPE, posterior, 1, sbc.RANKED_AMONG)
    true = true_quantities(SHAPE, design, settings, truth)
    registered = int(truth.table.lower.sum())
    assert (drawn["N total"] >= registered).all()
    assert true["N total"] == truth.people.sum() >= registered
    # N is Poisson around the implied dark figure, draw by draw
    away = (drawn["N total"] - registered - drawn["implied dark figure total"]) / np.sqrt(
        drawn["implied dark figure total"]
    )
    assert abs(away.mean()) < 4.5 / np.sqrt(len(away))


def test_ranks_by_hand_and_ties_by_lot():
    draws = np.arange(99.0)
    assert sbc.ranks_of({"x": 40.5}, {"x": draws}, 1) == {"x": 41}
    assert sbc.ranks_of({"x": -1.0}, {"x": draws}, 1) == {"x": 0}
    assert sbc.ranks_of({"x": 1e9}, {"x": draws}, 1) == {"x": 99}
    tied = np.array([sbc.ranks_of({"x": 5.0}, {"x": np.full(99, 5.0)}, seed)["x"] for seed in range(2000)])
    assert uniformity(tied, 99).band_p > 1e-3
    assert (tied.min(), tied.max()) == (0, 99)


def test_a_fit_is_done_again_until_it_is_good_enough():
    design, settings, _, _ = fit(1)
    few = replace(sbc.SAMPLER, draws=30, warmup=60)
    _, number, _, effective = fitted(design, settings, replace(few, seed=1), *ENOUGH)
    assert number > 1
    assert effective > 30


def results(ranks, **other):
    one = {"attempts": 1, "rhat": 1.0, "effective": 900.0, "divergences": 0, "tries": 2, "registered": 9}
    return tuple({"ranks": {"right": int(a), "wrong": int(b)}, **one, **other} for a, b in ranks)


def test_the_report_names_what_is_wrong():
    rng = np.random.default_rng(1)
    ranks = np.stack([rng.integers(0, 100, 300), np.minimum(rng.integers(0, 130, 300), 99)], axis=1)
    found = SbcResult("mine", results(ranks), ("ValueError: no",))
    assert found.rejected == ("wrong",)
    assert found.verdict.code == "ranks-not-uniform"
    assert found.verdict["quantities"] == ("wrong",)
    assert found.failed == ("ValueError: no",)
    assert found.acceptable == 0.5
    record = SbcReport("s", "t", (found,)).to_dict()
    assert record["priors"]["mine"]["not_uniform"] == ["wrong"]
    assert record["priors"]["mine"]["quantities"]["wrong"]["mean_rank"] > 0.55
    assert not SbcReport("s", "t", (found,)).passed


def test_without_simulations_nothing_is_claimed():
    found = SbcResult("mine", (), ("ValueError: no",))
    assert found.verdict == Reason("no-simulation-done")
    assert "could not be done: 1" in sbc_text(SbcReport("s", "t", (found,)), words_in("en"))


@pytest.mark.slow
def test_a_posterior_that_is_too_wide_is_found_and_the_right_one_is_not():
    """500 simulations of a three-list table; every sampled value spread by a fifth around its mean is found."""
    right, wide = [], []
    for seed in range(500):
        design, settings, truth, posterior = fit(seed)
        true = true_quantities(SHAPE, design, settings, truth)
        position = posterior.draws.unconstrained
        middle = position.mean(axis=(0, 1))
        spread = posterior_of(
            design, settings, replace(posterior.draws, unconstrained=middle + 1.2 * (position - middle))
        )
        for found, some in ((posterior, right), (spread, wide)):
            drawn = quantities_of(SHAPE, found, seed + 1)
            ranks = sbc.ranks_of(true, drawn, seed + 2)
            some.append({"ranks": ranks, "attempts": 1, "rhat": 1, "effective": 999, "divergences": 0, "tries": 1})
    assert SbcResult("right", tuple(right)).rejected == ()
    found = SbcResult("wide", tuple(wide))
    assert "log-likelihood" in found.rejected
    assert any(name.startswith("dependence") for name in found.rejected)
    assert np.mean([one.spread for name, one in found.quantities.items() if name != "log-likelihood"]) < 0.92


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, DIFFERENCES], ids=["odds", "differences"])
@pytest.mark.parametrize("priors", ["evidence", "horseshoe"])
def test_other_priors_are_computed_rightly(priors, changes):
    stated = read_priors(priors, changes)
    ranks = [sbc.rank_one(sbc.simulation_task("x", SHAPE, stated, seed).payload) for seed in range(150)]
    assert SbcResult(priors, tuple(ranks)).rejected == ()


@pytest.mark.slow
def test_differences_in_coverage_are_computed_rightly_where_lists_did_not_run_and_cannot_overlap():
    stated = read_priors("evidence", DIFFERENCES)
    ranks = [sbc.rank_one(sbc.simulation_task("x", odd_shape(), stated, seed).payload) for seed in range(150)]
    assert SbcResult("evidence", tuple(ranks)).rejected == ()
