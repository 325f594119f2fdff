"""More draws than there is memory for are refused with a sentence, before anything is sampled."""

from __future__ import annotations

import resource

import pytest

from estimator.errors import InputError
from estimator.methods import memory
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate

MANY = SamplerSettings(draws=100_000, warmup=50_000, chains=64)


def test_what_was_measured():
    """Peaks of 40,000 draws, in bytes: 504 MB with 22 parameters and 1 stratum, 664 MB with 40 and 8."""
    settings = SamplerSettings(draws=10_000, warmup=5_000, chains=4)
    assert memory.needed(settings, 22, 1) == pytest.approx(504e6 * 1.05, rel=0.15)
    assert memory.needed(settings, 40, 8) == pytest.approx(664e6, rel=0.15)


def test_too_many_draws_are_refused_before_sampling(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 4_000_000_000)
    with pytest.raises(InputError, match=r"--draws, --chains: 100000 draws .* need about \d+\.\d GB"):
        estimate("uk-2013", beside=(), sampler=MANY)


@pytest.mark.parametrize(("there", "fits"), [(None, True), (1000, True), (999, False)])
def test_a_tenth_is_left_to_others(monkeypatch, there, fits):
    monkeypatch.setattr(memory, "available", lambda: there)
    assert memory.fits(900) is fits


def test_a_limit_on_the_process_counts(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (5_000_000_000, -1))
    assert 0 < memory.available() < 5_000_000_000
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (resource.RLIM_INFINITY, -1))
    assert memory._of_limit() is None


def test_what_does_not_fit_is_not_tried_again(monkeypatch):
    """A second attempt has twice the draws; where these do not fit, the first one stands, with its reasons."""
    tried = []
    monkeypatch.setattr(memory, "available", lambda: int(memory.needed(QUICK, 22, 1) / 0.9) + 1_000_000)
    monkeypatch.setattr("estimator.methods.loglinear.method.assess", _disagree(tried))
    found = estimate("uk-2013", beside=(), sampler=QUICK)
    assert found.posterior.attempt == len(tried) == 1
    assert found.fitness.unsound


QUICK = SamplerSettings(draws=1000, warmup=1000, chains=2, cores=2)


def _disagree(tried):
    from estimator.methods.convergence import Convergence
    from estimator.reasons import Reason

    def assess(_quantities, draws, _limits):
        tried.append(draws)
        return Convergence(2.0, 1.0, 1.0, 0, 1000, 2, (Reason("chains-disagree", rhat=2.0),))

    return assess
