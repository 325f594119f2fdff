"""Groups, shares and ratios of years beside the truth; and what the page says of the rule."""

import re

import numpy as np
import pytest

from estimator.capture.declaration import Covariate
from estimator.methods.loglinear.design import composition_effects, design_of
from estimator.methods.shape import template
from estimator.study.shipped import shipped_priors
from evidence.judging_groups import (
    RATIO,
    SHARE,
    SIZE,
    held_of,
    judged,
    people_drawn,
    quantities,
    settings_for,
    simulated_covariates,
    simulated_levels,
    simulated_people,
    width_of,
)
from evidence.make_evidence import ROOT
from evidence.rule_of_groups import RULE

COVARIATES = (Covariate("sex", ("f", "m")), Covariate("year", ("1", "2", "3"), ordered=True))
AGE = Covariate("age", ("young", "old"), ordered=True)


def test_groups_shares_and_ratios_by_hand():
    people = np.array([1.0, 2, 3, 4, 5, 10])  # women of three years, then men
    found = list(quantities(COVARIATES, people))
    assert [value for kind, value in found if kind == SIZE] == [6, 19, 5, 7, 13]
    assert [value for kind, value in found if kind == SHARE] == pytest.approx(
        [6 / 25, 19 / 25, 5 / 25, 7 / 25, 13 / 25]
    )
    assert [value for kind, value in found if kind == RATIO] == pytest.approx([7 / 5, 13 / 7])
    assert RATIO not in {kind for kind, _ in quantities((AGE,), np.array([1.0, 2.0]))}  # ordered, and no time
    several = list(quantities(COVARIATES, np.stack([people, 2 * people])))
    assert np.array([value[0] for _, value in several]) == pytest.approx(np.array([float(value) for _, value in found]))


def test_levels_of_simulated_tables_are_those_of_the_model():
    covariates, every = simulated_covariates(), np.ones((10, 4), bool)
    table = template(("A", "B"), covariates, every, np.ones((10, 2), bool), every & (np.arange(4) > 0))
    assert simulated_levels() == pytest.approx(design_of(table).levels)
    assert design_of(table).levels == pytest.approx(composition_effects(table, ()).matrix[:, :5])


def fit_of(scale):
    rng = np.random.default_rng(2)
    return {
        "registered": [50] * 10,
        "unseen": [200] * 10,
        "log_implied": np.log(200) + rng.normal(0, 0.05, (500, 10)),
        "scale": np.full(500, scale),
    }


def test_people_of_all_strata_are_what_they_are_without():
    fit = fit_of(0.5)
    without, with_b = (people_drawn(fit, simulated_levels(), b).sum(axis=1) for b in (0.0, 0.8))
    assert np.quantile(with_b, [0.025, 0.5, 0.975]) == pytest.approx(
        np.quantile(without, [0.025, 0.5, 0.975]), rel=0.02
    )
    assert settings_for(0.0).between_strata == 0.0


def test_shares_get_wider_with_the_scale_and_not_without_it():
    widths = {
        (scale, b): width_of(judged("one", simulated_covariates(), fit_of(scale), simulated_levels(), b), SHARE)
        for scale in (1e-9, 0.6)
        for b in (0.0, 0.5)
    }
    assert widths[1e-9, 0.5] == pytest.approx(widths[1e-9, 0.0], rel=0.02)
    assert widths[0.6, 0.5] > 3 * widths[0.6, 0.0]


def test_intervals_hold_a_truth_that_is_drawn_as_they_are():
    """Shares moved by b tau as the model has it, 300 times: 95 % intervals with that b hold 95 %, without far fewer."""
    rng, tau, b, levels = np.random.default_rng(6), 0.5, 0.6, simulated_levels()
    fit = fit_of(tau)
    found = {0.0: [], b: []}
    for _ in range(60):
        implied = (
            200 * np.exp(rng.normal(0, 0.05, 10)) * np.exp(b * tau * levels @ rng.standard_normal(levels.shape[1]))
        )
        fit["unseen"] = rng.poisson(implied * 2000 / implied.sum())
        for between, kept in found.items():
            kept.append(held_of(judged("one", simulated_covariates(), fit, levels, between), SHARE)[0.95])
    assert np.mean(found[b]) == pytest.approx(0.95, abs=0.04)
    assert np.mean(found[0.0]) < 0.75


def test_simulated_people_differ_in_what_no_list_shows_and_in_nothing_else():
    alike, apart = simulated_people(3, 0.0), simulated_people(3, 0.5)
    assert alike.shape == (10, 16)
    assert not np.array_equal(alike[:, 0], apart[:, 0])
    many = [
        simulated_people(number, 0.5)[:, 1:].sum() / simulated_people(number, 0.0)[:, 1:].sum() for number in range(20)
    ]
    assert np.mean(many) == pytest.approx(1.0, abs=0.02)


def test_what_is_said_of_priors_is_what_the_page_says():
    page, priors = ((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("groups", "priors"))
    b = re.search(r"^b is (\S+) \((\S+) to (\S+)\)", page, re.MULTILINE)
    held = re.search(r"95 % intervals of shares held (\d+) %, under `evidence` (\d+) %", page)
    assert b
    assert held
    assert f"put it at {b[1]} ({b[2]} to {b[3]}) times the learned scale" in priors
    assert f"--set residual.between_strata={b[1]}" in priors
    assert f"held {held[1]} % of them and without it {held[2]} %" in priors


def test_the_page_has_the_rule_and_no_prior_file_ships_against_it():
    page = (ROOT / "docs" / "groups.md").read_text(encoding="utf-8")
    assert RULE in page
    assert ("evidence-groups" in shipped_priors()) == ("`evidence-groups` ships." in page)
    assert ("fails." in page) != ("`evidence-groups` ships." in page)
