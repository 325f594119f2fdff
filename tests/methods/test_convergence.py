from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from estimator.methods import convergence
from estimator.methods.convergence import Convergence, Limits
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.nuts import Draws
from estimator.population.thresholds import convergence_limits
from estimator.reasons import Reason

RNG = np.random.default_rng(11)
CLEAN = RNG.normal(size=(4, 1000, 3))


def draws(position=CLEAN, diverging=None) -> Draws:
    diverging = np.zeros(position.shape[:2], dtype=bool) if diverging is None else diverging
    return Draws(position, {"diverging": diverging}, 1.0, SamplerSettings())


def assess(quantities, found, limits: Limits | None = None) -> Convergence:
    limits = limits or convergence_limits()
    judged = convergence.assess(quantities, found, limits)
    assert convergence.are_enough(quantities, found, limits) == judged.passed, "the quick look says the same"
    return judged


def test_clean_draws_pass():
    found = assess({"the total": CLEAN[..., 0]}, draws())
    assert found.passed
    assert found.reasons == ()
    assert found.rhat_max < 1.01
    assert 3000 < found.ess_bulk_min <= 4000
    assert (found.draws, found.chains, found.divergences) == (1000, 4, 0)


def test_one_chain_elsewhere_is_named():
    stuck = CLEAN[..., 0].copy()
    stuck[2] += 3
    found = assess({"the total": CLEAN[..., 0], "the girls": stuck}, draws())
    assert not found.passed
    assert found.reasons[0].code == "chains-disagree"
    assert found.reasons[0]["quantity"] == "the girls"
    assert found.rhat_max > 1.1


def test_too_few_effective_draws_are_named():
    slow = np.empty((4, 1000))
    for chain in range(4):
        slow[chain, 0] = RNG.normal()
        for i in range(1, 1000):
            slow[chain, i] = 0.98 * slow[chain, i - 1] + np.sqrt(1 - 0.98**2) * RNG.normal()
    found = assess({"the total": slow}, draws(), replace(convergence_limits(), rhat=np.inf))
    # an autoregression of 0.98 makes about (1 - 0.98) / (1 + 0.98) of the 4,000 draws effective: some forty
    assert found.ess_bulk_min < 120
    assert any(reason.matter[1:] == (("kind", "bulk"), ("quantity", "the total")) for reason in found.reasons)


@pytest.mark.parametrize(("count", "passes"), [(3, True), (4, False)])
def test_one_divergence_in_a_thousand_is_too_many(count, passes):
    diverging = np.zeros((4, 1000), dtype=bool)
    diverging.reshape(-1)[np.random.default_rng(0).choice(4000, count, replace=False)] = True
    found = assess({"the total": CLEAN[..., 0]}, draws(diverging=diverging))
    assert found.passed is passes
    assert passes or found.reasons[0].code == "too-many-divergences"


def test_divergences_in_one_place_are_too_many_even_when_few():
    position = RNG.normal(size=(4, 5000, 2))
    diverging = np.zeros((4, 5000), dtype=bool)
    diverging.reshape(-1)[np.argsort(position[..., 1].reshape(-1))[:10]] = True
    found = assess({"the total": position[..., 0]}, draws(position, diverging))
    assert found.divergences == 10  # one in 2,000
    assert "divergences-together" in [reason.code for reason in found.reasons]
    scattered = np.zeros((4, 5000), dtype=bool)
    scattered.reshape(-1)[::2000] = True
    assert assess({"the total": position[..., 0]}, draws(position, scattered)).passed


@pytest.mark.parametrize(("count", "passes"), [(3, True), (4, False)])
def test_from_four_divergences_on_it_is_looked_at_whether_they_lie_together(count, passes):
    position = np.random.default_rng(5).normal(size=(4, 5000, 2))
    diverging = np.zeros((4, 5000), dtype=bool)
    diverging.reshape(-1)[np.argsort(position[..., 1].reshape(-1))[:count]] = True
    found = assess({"the total": position[..., 0]}, draws(position, diverging))
    assert [reason.code for reason in found.reasons] == ([] if passes else ["divergences-together"])


def test_with_many_sampled_values_some_differ_by_chance():
    """Of 100 values one differs at a level of 1 in 100 by chance alone, where divergences lie anywhere."""
    rng = np.random.default_rng(0)
    position, diverging = rng.normal(size=(4, 1500, 100)), np.zeros((4, 1500), dtype=bool)
    chosen = rng.choice(6000, 5, replace=False)
    diverging.reshape(-1)[chosen] = True
    flat, level = position.reshape(-1, 100), convergence_limits().crowding
    apart = min(ks_2samp(flat[chosen, d], np.delete(flat[:, d], chosen)).pvalue for d in range(100))
    assert level / 100 < apart < level
    assert assess({"the total": position[..., 0]}, draws(position, diverging)).passed


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_draws_that_are_not_numbers_do_not_pass(value):
    broken = CLEAN[..., 0].copy()
    broken[0, 0] = value
    assert not assess({"the total": broken}, draws()).passed


def test_a_chain_that_never_moves_is_named():
    still = CLEAN[..., 0].copy()
    still[1] = 0.3
    assert assess({"the total": still}, draws()).reasons[0].matter == ("chains-disagree", ("quantity", "the total"))


@pytest.mark.parametrize("value", [3.0, np.nan, np.inf])
def test_draws_that_are_all_the_same_are_named(value):
    found = assess({"the total": np.full((4, 1000), value), "the girls": CLEAN[..., 0]}, draws())
    assert found.reasons[0] == Reason("chains-stuck", quantity="the total")


def test_a_group_without_anybody_is_no_fault():
    assert assess({"nobody": np.zeros((4, 1000)), "the total": CLEAN[..., 0]}, draws()).passed


@pytest.mark.parametrize("shift", [0.35, 1.0])
def test_a_small_shift_of_one_chain_is_seen(shift):
    """With one of four chains shifted by s standard deviations R-hat is about sqrt(1 + 3 s**2 / 16): 1.011 for 0.35."""
    moved = CLEAN[..., 1].copy()
    moved[3] += shift
    found = assess({"the total": moved}, draws())
    assert found.rhat_max == pytest.approx(np.sqrt(1 + 3 * shift**2 / 16), rel=0.04)
    assert not found.passed


def test_a_chain_with_another_spread_is_seen():
    """The chains agree about the middle; the folded R-hat sees that one of them is twice as wide."""
    wide = CLEAN[..., 2].copy()
    wide[0] *= 2
    assert assess({"the total": wide}, draws()).reasons[0].code == "chains-disagree"


def test_too_short_chains_are_named_for_bulk_and_tail():
    short = CLEAN[:, :90]
    found = assess({"the total": short[..., 0]}, draws(short), replace(convergence_limits(), rhat=np.inf))
    assert [(reason.code, reason["kind"]) for reason in found.reasons] == [
        ("too-few-effective-draws", "bulk"),
        ("too-few-effective-draws", "tail"),
    ]


def test_tails_that_are_visited_seldom_are_named():
    """Long stays beyond the 95 % interval: the middle mixes, the limits are worth few draws."""
    values = np.random.default_rng(6).normal(size=(4, 2000))
    for chain in range(4):
        values[chain, 500 * chain : 500 * chain + 60] = 4 + 0.1 * values[chain, :60]
    found = assess({"the total": values}, draws(values[..., None]), replace(convergence_limits(), rhat=np.inf))
    assert found.ess_tail_min < 400 < found.ess_bulk_min
    assert any(("kind", "tail") in reason.matter for reason in found.reasons)


def test_the_worst_quantity_is_named_and_the_others_counted():
    bad = {f"group {k}": CLEAN[..., 0] + np.array([0, 0, 0, k])[:, None] for k in range(4)}
    (reason, *_) = assess(bad, draws()).reasons
    assert (reason["quantity"], reason["more"]) == ("group 3", 2)


def test_limits_are_those_of_the_issue():
    assert convergence_limits() == Limits(1.01, 400, 0.001, crowding=0.01, crowding_from=4)


@pytest.mark.parametrize("kind", ["bulk", "tail"])
def test_effective_draws_that_are_no_number_are_too_few(monkeypatch, kind):
    measured = {"bulk": (1.0, np.nan, 5000.0), "tail": (1.0, 5000.0, np.nan)}[kind]
    monkeypatch.setattr(convergence, "_measure", lambda _: measured)
    (reason,) = assess({"the total": CLEAN[..., 0]}, draws()).reasons
    assert (reason.code, reason["kind"]) == ("too-few-effective-draws", kind)
