"""What methods by strata share: how draws are judged, what is said of them, and what is refused before any is made."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from estimator.methods.by_strata import Asked, Drawn, Mixture, OfCompleteCounts
from estimator.methods.convergence import Limits, rhat_of
from estimator.methods.door import Abilities, Listener, PopulationDraws, RefitRequest, Request, SamplerSettings
from estimator.methods.pooling import EACH, POOLED
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.study import read_study

SETTINGS = SamplerSettings(draws=200, warmup=70, chains=2, cores=1, seed=4)
PRIOR_SD = 3.0


class Made(Mixture):
    """A method whose draws are made up: the chains of the second differ from those of the first by `shift`."""

    name = "made"
    abilities = Abilities(priors=False, refits=True, options={"strata": (EACH, POOLED)})

    def __init__(self, shift: float = 0.0) -> None:
        self.shift, self.asked = shift, []

    def drawn(self, asked: Asked) -> Drawn:
        self.asked.append(asked)
        rng = np.random.default_rng(asked.settings.seed)
        expected = np.exp(
            rng.normal(5, 0.2, (*asked.shape, len(asked.counts))) + self.shift * np.arange(2)[:, None, None]
        )
        registered = np.broadcast_to(asked.counts.sum(axis=1), expected.shape)
        details = SimpleNamespace(fits_worse=rng.random(asked.shape) < 0.3, prior_sd=PRIOR_SD)
        for place in range(len(asked.counts)):
            asked.stratum_done(place)
        return Drawn(PopulationDraws(registered, rng.poisson(expected), expected), details, attempt=2)


@pytest.fixture
def study():
    return read_study("kosovo-1999")


def request(study, **options):
    def reported(population):
        return {Reason("total"): population.size.sum(axis=-1).astype(float)}

    limits = Limits(rhat=1.01, effective_draws=50, divergent_share=0.01, crowding=0.5, crowding_from=10)
    return Request(study, read_priors("moderate"), SETTINGS, {"strata": EACH, **options}, reported, limits, Listener())


def test_a_fit_says_how_wide_it_is_beside_its_prior_and_how_often_tables_fit_worse(study):
    method = Made()
    posterior = method.fit(request(study))
    log_unseen = np.log(posterior.population.implied_unseen.sum(axis=-1))
    assert posterior.prior_share == pytest.approx(log_unseen.std() / PRIOR_SD)
    assert method.predictive_p(posterior) == posterior.details.fits_worse.mean()
    assert posterior.attempt == 2


@pytest.mark.parametrize(("warms_up", "warmup"), [(False, 0), (True, 70)])
def test_a_warm_up_is_said_only_where_there_was_one(study, warms_up, warmup):
    method = Made()
    method.warms_up = warms_up
    assert method.fit(request(study)).settings.warmup == warmup


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_chains_that_disagree_are_told_from_those_that_agree(study, shift):
    method = Made(shift)
    fit = method.refit(RefitRequest(study.table, study.model, read_priors("moderate"), {"strata": EACH}, SETTINGS))
    assert fit.rhat == rhat_of(np.log(fit.population.implied_unseen.sum(axis=-1)))
    assert (fit.rhat > 1.5) == bool(shift)
    good_enough = method.asked[0].good_enough
    assert good_enough(fit.population.implied_unseen[..., 0]) != bool(shift)


def test_progress_is_of_all_strata():
    told = []
    table = read_study("spina-bifida-1969").table
    asked = Asked(table, {}, SETTINGS, progress=lambda done, total: told.append((done, total)))
    for place in range(3):
        asked.stratum_done(place, 0.5)
    assert told == [(50, 300), (150, 300), (250, 300)]
    assert [asked.stratum_name(place) for place in range(3)] == list(table.stratum_labels)


class Refusing(OfCompleteCounts):
    """A method that takes at most three lists and no counts at all."""

    name = "refusing"

    def refusals_of_lists(self, n_lists, options):
        return (Reason("too-many"),) if n_lists > 3 else ()

    def refusals_of_counts(self, counts, options):
        return (Reason("of-counts"),)


@pytest.mark.parametrize(
    ("name", "strata", "code"),
    [
        ("kosovo-1999", EACH, "too-many"),
        ("scotland-pwid-2006", POOLED, "too-many"),
        ("spina-bifida-1969", EACH, "of-counts"),
        ("spina-bifida-1969", POOLED, "of-counts"),
    ],
)
def test_the_first_reason_to_refuse_is_said(name, strata, code):
    table = read_study(name).table
    assert [reason.code for reason in Refusing().refusals_of_table(table, {"strata": strata})] == [code]


def test_questions_that_are_not_answered_are_refused_before_the_table():
    [reason] = Refusing().refusals(read_study("spina-bifida-1969"), {"strata": POOLED})
    assert reason.code == "pooled-of-everybody-alone"
