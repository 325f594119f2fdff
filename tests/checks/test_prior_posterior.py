"""How far the data moved the answer: priors in closed form, and tables that say much or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from estimator.checks.finding import CAUTION, FAILS, SOUND
from estimator.checks.loglinear.prior_posterior import Move, moves, prior_posterior
from estimator.study.priors import read_priors
from estimator.study.questions import TOTAL
from tests.checks.drawing import codes, drawn
from tests.checks.estimates import by_sex, clean, estimated, table_of
from tests.fits.normal_draws import quantiles

TWO = [0, 130, 210, 26]
STATED = {
    "residual.form": "stated",
    "residual.ratio": "{log_normal=[0.2, 0.9]}",
    "residual.reason": '"nobody knows"',
}


def test_the_prior_is_the_one_that_is_stated():
    """N is the registered number and a log-normal multiple of it: the quantiles are known."""
    draws = 20_000
    found = moves(clean(), draws)[TOTAL]
    statement = clean().priors.dark_figure.ratio_to_registered
    registered = clean().posterior.details.design.registered
    for probability in (0.1, 0.5, 0.9):
        ratio = np.exp(np.quantile(found.before, probability)) / registered - 1
        z = (np.log(ratio) - statement.mu) / statement.sigma
        error = np.sqrt(probability * (1 - probability) / draws) / (np.exp(-0.5 * ndtri(probability) ** 2) / 2.5066)
        assert z == pytest.approx(ndtri(probability), abs=4 * error + 0.02)  # Poisson noise of hundreds of people


def test_a_table_that_says_much():
    found = prior_posterior(clean())
    assert found.verdict == SOUND and not found.reasons and not found.groups_not_alone
    total = found.numbers["groups"][TOTAL]
    assert total["spread_kept"] < 0.3 and not total["mostly_prior"]
    assert total["share_of_residual_dependence"] == 0
    median = float(np.median(clean().group_draws["total"].size))
    assert total["posterior"][2] == pytest.approx(median, rel=0.001)


def test_spread_is_that_between_quartiles_and_long_tails_do_not_hide_the_prior():
    """A prior with tails far out has a standard deviation that any answer looks narrow beside."""
    middle = quantiles(8, 1)
    tails = np.where(np.abs(middle - 8) > 2.5, 8 + 40 * (middle - 8), middle)
    same = Move(tails, 8 + 0.9 * (middle - 8))
    assert same.kept_sd < 0.3 and same.kept == pytest.approx(0.9, abs=0.01) and same.mostly_prior
    assert Move(middle, 8 + 0.701 * (middle - 8)).mostly_prior
    assert not Move(middle, 8 + 0.699 * (middle - 8)).mostly_prior


def test_two_lists_under_a_prior_that_is_sure_are_the_prior():
    """The dependence may be anything, and the prior on the dark figure is narrow: nothing is learned."""
    sure = {
        "dark_figure.ratio_to_registered": "{log_normal=[1.0, 0.2]}",
        "dependence.odds_ratio.log_normal": "[0, 3]",
        "coverage.odds": "{log_normal=[-2, 3]}",
    }
    found = prior_posterior(estimated(table_of(TWO), read_priors("nl-2017", sure)))
    assert found.verdict == FAILS
    assert found.numbers["groups"][TOTAL]["spread_kept"] > 0.85
    assert [reason.code for reason in found.reasons] == ["total-mostly-prior"]
    assert found.numbers["groups"][TOTAL]["overlap"] > 0.8


def test_a_group_that_is_mostly_the_prior_may_not_stand_alone(monkeypatch):
    from estimator.checks.loglinear import prior_posterior as module

    learned, same = Move(quantiles(8, 1), quantiles(7, 0.2)), Move(quantiles(6, 1), quantiles(6, 0.9))
    monkeypatch.setattr(module, "moves", lambda *_: {TOTAL: learned, "women": same})
    found = prior_posterior(by_sex())
    assert found.verdict == CAUTION and found.groups_not_alone == ("women",)
    said = next(said for said in found.statements if said.code == "groups-mostly-prior")
    assert [(group["group"], round(group["kept"], 2)) for group in said["groups"]] == [("women", 0.9)]


def test_residual_dependence_is_the_part_that_no_table_reduces():
    found = estimated(table_of(TWO), read_priors("nl-2017", STATED))
    move = moves(found)[TOTAL]
    xi, implied = found.posterior.details.residual.ravel(), found.group_draws["total"].implied_unseen.ravel()
    registered = found.group_draws["total"].registered.ravel()
    # by the definition: the variance of log N once xi is held, averaged over xi
    rng = np.random.default_rng(1)
    inner = [np.log(registered + np.exp(x) * implied).var() for x in rng.choice(xi, 400)]
    wanted = 1 - np.mean(inner) / move.after.var()
    assert move.residual_share == pytest.approx(wanted, abs=0.05)
    assert wanted > 0.3
    assert "residual-share-of-variance" in codes(prior_posterior(found))


def test_the_picture_can_be_drawn():
    figure = drawn(prior_posterior(by_sex()))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()][-1] == "women"


def test_a_total_that_is_mostly_the_prior_is_a_reason_and_not_a_group_among_others(monkeypatch):
    from estimator.checks.loglinear import prior_posterior as module

    same = Move(quantiles(6, 1), quantiles(6, 0.9))
    monkeypatch.setattr(module, "moves", lambda *_: {TOTAL: same, "women": same})
    found = prior_posterior(by_sex())
    assert found.verdict == FAILS and found.groups_not_alone == ("women",)
