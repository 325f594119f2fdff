from __future__ import annotations

import numpy as np
import pytest

from estimator.inference.convergence import Limits, assess
from estimator.inference.nuts import Draws, SamplerSettings

RNG = np.random.default_rng(11)
CLEAN = RNG.normal(size=(4, 1000, 3))


def draws(position=CLEAN, diverging=None) -> Draws:
    diverging = np.zeros(position.shape[:2], dtype=bool) if diverging is None else diverging
    return Draws(position, {"diverging": diverging}, 1.0, SamplerSettings())


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
    assert "chains disagree" in found.reasons[0]
    assert "the girls" in found.reasons[0]
    assert found.rhat_max > 1.1


def test_too_few_effective_draws_are_named():
    slow = np.empty((4, 1000))
    for chain in range(4):
        slow[chain, 0] = RNG.normal()
        for i in range(1, 1000):
            slow[chain, i] = 0.98 * slow[chain, i - 1] + np.sqrt(1 - 0.98**2) * RNG.normal()
    found = assess({"the total": slow}, draws(), Limits(rhat=np.inf))
    # an autoregression of 0.98 makes about (1 - 0.98) / (1 + 0.98) of the 4,000 draws effective: some forty
    assert found.ess_bulk_min < 120
    assert any("Too few effective draws (bulk)" in reason for reason in found.reasons)


@pytest.mark.parametrize(("count", "passes"), [(3, True), (4, False)])
def test_one_divergence_in_a_thousand_is_too_many(count, passes):
    diverging = np.zeros((4, 1000), dtype=bool)
    diverging.reshape(-1)[np.random.default_rng(0).choice(4000, count, replace=False)] = True
    found = assess({"the total": CLEAN[..., 0]}, draws(diverging=diverging))
    assert found.passed is passes
    assert passes or "diverged" in found.reasons[0]


def test_divergences_in_one_place_are_too_many_even_when_few():
    position = RNG.normal(size=(4, 5000, 2))
    diverging = np.zeros((4, 5000), dtype=bool)
    diverging.reshape(-1)[np.argsort(position[..., 1].reshape(-1))[:10]] = True
    found = assess({"the total": position[..., 0]}, draws(position, diverging))
    assert found.divergences == 10  # one in 2,000
    assert any("lie together" in reason for reason in found.reasons)
    scattered = np.zeros((4, 5000), dtype=bool)
    scattered.reshape(-1)[::2000] = True
    assert assess({"the total": position[..., 0]}, draws(position, scattered)).passed


def test_draws_that_are_not_numbers_do_not_pass():
    broken = CLEAN[..., 0].copy()
    broken[0, 0] = np.nan
    assert not assess({"the total": broken}, draws()).passed
