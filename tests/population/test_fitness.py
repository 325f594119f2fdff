"""What speaks against publishing an estimate."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from estimator.methods.door import SamplerSettings
from estimator.population import fitness as fitness_module
from estimator.population.estimate import Estimate, estimate
from estimator.population.fitness import (
    DOUBTFUL_FIT,
    MOSTLY_PRIOR,
    OF_THE_TABLE,
    POOR_FIT,
    WIDEST,
    WIDTH_CODES,
    fitness,
)
from estimator.reasons import Reason
from estimator.study.questions import Precision
from estimator.study.study import Study
from estimator.words.words import words_in
from tests.methods.model_examples import FOUR_LISTS, WITH_SEX, read

DISAGREE = Reason("chains-disagree", quantity="the total", rhat=1.3, limit=1.01, more=0)
SHORT = SamplerSettings(draws=1000, warmup=500)


def found(text: str, priors: str = "moderate", changes=None, **options) -> Estimate:
    return estimate(Study.of_table(read(text, **options)), priors, overrides=changes or {}, sampler=SHORT)


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


@pytest.fixture(scope="module")
def sound() -> Estimate:
    return found(FOUR_LISTS.replace(",11", ",61").replace(",8", ",48"), "independence")


def test_a_sound_estimate_may_be_published(sound):
    assert sound.convergence.passed
    assert sound.posterior.prior_share < 0.3


def test_an_answer_that_is_the_prior_is_named():
    """Three lists of a handful of people: the data say next to nothing of how many there are."""
    nearly_empty = found(
        "A,B,C,count\n1,0,0,1\n0,1,1,1\n", changes={"dark_figure.ratio_to_registered.between": "[1, 3]"}
    )
    share = nearly_empty.posterior.prior_share
    assert share >= MOSTLY_PRIOR
    assert Reason("mostly-prior", share=share) in nearly_empty.fitness.unsound
    assert not nearly_empty.fitness.publishable


def test_prior_share_is_the_ratio_of_standard_deviations(sound):
    """Of the log of the dark figure over the registered number, whose prior has 95 % in 0.2-50."""
    prior_sd = np.log(50 / 0.2) / (2 * 1.959964)
    draws = np.log(sound.group_draws["total"].implied_unseen / sound.posterior.details.design.registered)
    assert sound.posterior.prior_share == pytest.approx(draws.std() / prior_sd, rel=1e-6)


def test_two_lists_that_may_depend_do_not_identify_the_total():
    two = found("A,B,count\n1,0,300\n0,1,200\n1,1,30\n")
    assert "total-not-identified" in codes(two.fitness.unsound)
    independent = found("A,B,count\n1,0,300\n0,1,200\n1,1,30\n", "independence")
    assert independent.fitness.unsound == ()


@pytest.mark.parametrize(
    ("most", "registered", "said"),
    [
        (8, None, None),  # beside less than one person limits are not wide
        (40, None, "dark-figure-known-poorly"),  # 0 to 40 of more than 1,000: the total is known to 4 %
        (40, 79, "dark-figure-known-poorly"),  # 80 to 118: just below the limit
        (40, 70, "interval-wide"),  # 71 to 109: above it
    ],
)
def test_next_to_nobody_unseen_is_judged_by_the_total(sound, most, registered, said):
    """A ratio of numbers near 0 is no factor that says too little where the total is known."""
    unseen = np.random.default_rng(1).integers(0, most, sound.population.unseen.shape, endpoint=True)
    known = sound.population.registered if registered is None else np.full_like(unseen, registered)
    population = replace(sound.population, unseen=unseen, registered=known)
    few = replace(sound, posterior=replace(sound.posterior, population=population))
    judged = few.fitness
    assert "interval-too-wide" not in codes(judged.unsound)
    assert [code for code in codes(judged.cautions) if code in WIDTH_CODES] == ([said] if said else [])


def test_chains_that_disagree_are_a_reason(sound):
    apart = replace(
        sound,
        posterior=replace(sound.posterior, convergence=replace(sound.convergence, reasons=(DISAGREE,))),
    )
    assert apart.fitness.unsound[0] == DISAGREE
    assert not apart.fitness.publishable
    assert f"{sound.total.N.median:,.0f}" not in str(apart)


@pytest.mark.parametrize("kind", ["reconstructed", "synthetic"])
def test_tables_that_hold_no_observed_people_are_no_evidence(kind):
    one = found(FOUR_LISTS, "independence", kind=kind)
    assert one.fitness.not_evidence == (Reason(f"table-{kind}"),)
    assert set(codes(one.fitness.not_evidence)) <= OF_THE_TABLE
    assert not one.fitness.publishable


def test_a_model_that_does_not_describe_the_table_is_named():
    """People on A, B and C together are there a hundred times as often as pairs of lists can make them."""
    planted = "A,B,C,count\n1,0,0,400\n0,1,0,400\n0,0,1,400\n1,1,0,2\n1,0,1,2\n0,1,1,2\n1,1,1,300\n"
    one = found(planted, "independence")
    assert one.predictive_p < 0.001
    assert "model-does-not-describe-table" in codes(one.fitness.unsound)


def test_the_check_of_the_model_passes_on_its_own_tables():
    """Independent lists with the chances 0.5, 0.4 and 0.3, at their expected numbers out of 2,000."""
    chances, rows = (0.5, 0.4, 0.3), ["A,B,C,count"]
    for history in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        share = np.prod([p if bit else 1 - p for p, bit in zip(chances, history, strict=True)])
        rows.append(",".join(map(str, [*history, round(2000 * share)])))
    one = found("\n".join(rows) + "\n", "independence")
    assert one.predictive_p > 0.5
    assert one.fitness.unsound == ()
    assert one.total.N.lower < 2000 < one.total.N.upper


def judged(base: float, **changes):
    """The judgement of a total whose dark figure is spread evenly on the log scale, from 100 to 100 times `base`."""
    unseen = 100 * base ** np.linspace(0, 1, 40_001)
    total = SimpleNamespace(unseen=unseen, size=unseen)
    posterior = SimpleNamespace(
        pairs_may_depend=False,
        prior_share=changes.pop("prior_share", None),
        convergence=SimpleNamespace(reasons=()),
    )
    return fitness(
        read(FOUR_LISTS), posterior, total, changes.pop("fit", 0.5), precision=changes.pop("precision", None)
    )


def test_an_interval_is_wide_by_its_95_percent_limits_and_that_is_a_caution():
    """Limits of 95 % are ``base ** 0.95`` apart, those of 90 % ``base ** 0.90``: 12 is wide by the first only."""
    assert 12**0.90 < WIDEST < 12**0.95
    assert judged(12).publishable
    (reason,) = judged(12).cautions
    assert reason.code == "interval-wide" and reason["apart"] == pytest.approx(12**0.95, rel=1e-3)
    assert reason["lower"] == pytest.approx(100 * 12**0.025, rel=1e-3)
    assert reason["upper"] == pytest.approx(100 * 12**0.975, rel=1e-3)
    assert WIDEST > 10.5**0.95 and judged(10.5).cautions == ()


@pytest.mark.parametrize(("factor", "publishable"), [(2.1, False), (3**0.95 - 0.01, False), (3**0.95 + 0.01, True)])
def test_an_interval_is_too_wide_for_the_decision_that_says_so(factor, publishable):
    of_study = judged(3, precision=Precision(factor, "Beds are built for the lower limit.", "Bedden."))
    assert of_study.publishable is publishable
    if not publishable:
        (reason,) = of_study.unsound
        assert reason.code == "interval-too-wide" and reason["limit"] == factor
        assert "Beds are built for the lower limit." in words_in("en").say(reason)
        assert "Bedden." in words_in("nl").say(reason)


def test_a_run_of_before_still_says_what_it_meant_by_too_wide():
    before = Reason("interval-too-wide", limit=10.0, lower=120.0, upper=1500.0)
    assert "dark figure spans more than a factor of 10" in words_in("en").say(before)


def test_the_limits_of_fit_and_of_the_priors_share_are_on_the_strict_side():
    assert codes(judged(2, fit=POOR_FIT / 2).unsound) == ["model-does-not-describe-table"]
    assert judged(2, fit=POOR_FIT).unsound == ()
    assert codes(judged(2, fit=POOR_FIT).cautions) == ["model-describes-table-poorly"]
    assert judged(2, fit=DOUBTFUL_FIT).cautions == ()
    assert codes(judged(2, prior_share=MOSTLY_PRIOR).unsound) == ["mostly-prior"]
    assert judged(2, prior_share=MOSTLY_PRIOR - 1e-9).unsound == ()


def test_people_of_unknown_sex_do_not_make_the_known_ones_look_too_few():
    """Half of all people and more have no sex recorded, so each cell expects twice the people that are named.

    People without a recorded sex are placed; counted as if the others were all, the table would fit nowhere.
    """
    rows, chances = ["A,B,C,sex,count"], (0.5, 0.4, 0.3)
    for history in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
        share = np.prod([p if bit else 1 - p for p, bit in zip(chances, history, strict=True)])
        for sex, people in (("f", 1500), ("m", 1500), ("", 3100)):
            rows.append(",".join(map(str, [*history, sex, round(people * share)])))
    table = read("\n".join(rows) + "\n", WITH_SEX)
    blank_sex = estimate(Study.of_table(table), "independence", sampler=SHORT)
    assert blank_sex.convergence.passed
    assert blank_sex.predictive_p > 0.05
    assert "model-does-not-describe-table" not in codes(blank_sex.fitness.unsound)


def test_a_fit_between_the_limits_is_said_and_does_not_forbid():
    between = judged(2, fit=(POOR_FIT + DOUBTFUL_FIT) / 2)
    assert codes(between.cautions) == ["model-describes-table-poorly"] and between.publishable


@pytest.mark.parametrize(
    ("total", "open_total"),
    [("no upper limit", True), ("no lower limit", True), ("undetermined", True), ("unique", False)],
)
def test_a_total_that_is_open_to_any_side_is_not_identified(monkeypatch, sound, total, open_total):
    models = [SimpleNamespace(name="all pairs", pairs=("A-B",), total=total)]
    monkeypatch.setattr(fitness_module, "check_models", lambda _: models)
    posterior = replace(sound.posterior, pairs_may_depend=True)
    unsound = fitness(sound.study.table, posterior, sound.group_draws["total"], 0.5).unsound
    assert (Reason("total-not-identified", total=total) in unsound) == open_total
