"""Populations of known size: lists cover what they should, dependence is what it is called, and sums are right."""

from __future__ import annotations

import math

import numpy as np
import pytest

from estimator.calibration import grid
from estimator.calibration.at_scale import Running, calibrate_grid, with_key
from estimator.calibration.grid import GridReport, Share
from estimator.calibration.list_sizes import history_chances, intercepts
from estimator.calibration.scenarios import (
    DEPENDENCES,
    Scenario,
    dependence_of,
    independent_size,
    like_study,
    main_grid,
    scenario,
    simulated_table,
    whole_grid,
)
from estimator.capture.histories import membership
from estimator.errors import InputError
from estimator.fits.scores import QUANTILES
from estimator.methods.registry import METHODS
from estimator.reasons import Reason
from estimator.report.terminal.calibration import grid_text
from estimator.study.priors import read_priors
from estimator.study.study import read_study
from estimator.words.words import words_in
from estimator.work.outcomes import Task
from tests.methods.two_lists import HOME, NAME

USUAL = scenario("none", "even", 5, 5000)


def pairs(n_lists):
    return n_lists * (n_lists - 1) // 2


def test_without_dependence_chances_are_products():
    shares = np.array([0.4, 0.1, 0.05])
    member = membership(3)
    expected = np.prod(np.where(member, shares, 1 - shares), axis=1)
    assert history_chances(shares, np.zeros(3)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("capturability", [0.0, 1.0])
def test_lists_cover_their_shares_whatever_the_dependence(capturability):
    rng = np.random.default_rng(1)
    for _ in range(60):
        n_lists = int(rng.integers(2, 7))
        shares = rng.choice([0.01, 0.03, 0.1, 0.4], n_lists)
        theta, residual = 1.2 * rng.standard_t(4, pairs(n_lists)), 1.5 * float(rng.standard_t(4))
        chances = history_chances(shares, theta, residual, capturability)
        assert chances.sum() == pytest.approx(1, abs=1e-12)
        assert chances @ membership(n_lists) == pytest.approx(shares, rel=1e-6)


def test_odds_ratios_and_residual_are_those_asked_for():
    """Three lists: every log odds ratio given the third, and the dark figure beside the one that the others imply."""
    theta, residual = np.array([0.7, -0.4, 1.1]), 0.9
    log = np.log(history_chances(np.array([0.2, 0.1, 0.3]), theta, residual))
    # A&B, A&C, B&C given that the third list saw the person; bits are A, B, C
    assert log[7] - log[5] - log[3] + log[1] == pytest.approx(theta[0])
    assert log[7] - log[6] - log[3] + log[2] == pytest.approx(theta[1])
    assert log[7] - log[6] - log[5] + log[4] == pytest.approx(theta[2])
    implied = log[4] + log[2] + log[1] + log[7] - log[6] - log[5] - log[3]
    assert log[0] - implied == pytest.approx(residual)


def test_unequal_individuals_against_single_people():
    """Two million people, each with a capturability of her own, beside the quadrature."""
    shares, theta, sd, n = np.array([0.2, 0.1]), np.array([0.5]), 1.0, 2_000_000
    odds, u = intercepts(shares, theta, 0.3, sd), sd * np.random.default_rng(2).standard_normal(n)
    weights = np.stack(
        [np.full(n, math.exp(0.3)), np.exp(odds[1] + u), np.exp(odds[0] + u), np.exp(odds.sum() + 2 * u + 0.5)]
    )
    chances = (weights / weights.sum(axis=0)).mean(axis=1)
    ours = history_chances(shares, theta, 0.3, sd)
    assert ours == pytest.approx(chances, abs=4.5 * 0.5 / math.sqrt(n))
    alike = history_chances(shares, theta, 0.3, 0.0)
    assert ours[3] > 1.3 * alike[3]  # who is on one list is sooner on the other


def test_the_grid_is_whole_and_its_main_part_is_in_it():
    whole, main = whole_grid(), main_grid()
    assert len(whole) == len({case.name for case in whole}) == 4 * 2 * 3 * 3 * 4
    assert set(main) < set(whole)
    assert len(main) == len(set(main)) == 22
    assert {case.dependence for case in main} == set(DEPENDENCES)
    assert Scenario.of_record(main[3].record()) == main[3]


def test_two_lists_give_the_estimate_of_lincoln_and_petersen():
    assert independent_size(200 + 150 - 30, [200, 150]) == 200 * 150 // 30
    assert independent_size(350, [200, 150]) is None  # no overlap
    assert independent_size(200, [200, 150]) is None  # one list has everybody


def test_scenarios_like_a_study_register_as_many_people():
    table = read_study("nl-2010-2015-reconstructed").table
    found = like_study(table)
    assert [case.dependence for case in found] == list(DEPENDENCES)
    none = found[0]
    assert none.people * (1 - np.prod(1 - np.array(none.shares))) == pytest.approx(table.registered.lower, rel=1e-3)


def test_a_table_is_the_same_every_time_and_as_large_as_the_scenario():
    tables = [simulated_table(USUAL, seed) for seed in range(200)]
    assert np.array_equal(tables[7].lower, simulated_table(USUAL, 7).lower)
    sizes = np.array([[found.lower for found in table.list_sizes().values()] for table in tables])
    error = math.sqrt(5000 * 0.1 * 0.9 / 200)
    assert np.abs(sizes.mean(axis=0) - 500).max() < 4.5 * error


@pytest.mark.parametrize(
    ("kind", "strength"), [("one pair", [math.log(10)] + [0] * 9), ("all pairs", [math.log(2)] * 10)]
)
def test_named_dependence(kind, strength):
    theta, residual = dependence_of(scenario(kind, "even", 5, 5000), 1, None)
    assert theta == pytest.approx(np.array(strength))
    assert residual == 0


def test_dependence_from_evidence_has_the_distribution_of_the_prior():
    """Common mean and scale are known, so that log odds ratios and residual are Student t."""
    from scipy.stats import kstest

    changes = {
        "dependence.scale.log_normal": f"[{math.log(0.3)}, 1e-9]",
        "dependence.common_mean.log_normal": "[0.5, 1e-9]",
        "dependence.degrees_of_freedom": "4",
        "residual.form": "relative",
        "residual.size": "2.0",
        "residual.centre": "0.5",
        "residual.degrees_of_freedom": "5",
        "residual.reason": '"known"',
    }
    evidence = read_priors("evidence", changes)
    drawn = [dependence_of(scenario("evidence", "even", 3, 500), seed, evidence) for seed in range(1500)]
    theta, residual = np.array([one[0] for one in drawn]), np.array([one[1] for one in drawn])
    assert kstest(theta.ravel(), "t", (4, 0.5, 0.3)).pvalue > 1e-3
    assert kstest(residual, "t", (5, 0.3 * 0.5, 0.3 * 2.0)).pvalue > 1e-3
    assert abs(np.corrcoef(theta[:, 0], theta[:, 1])[0, 1]) < 4.5 / math.sqrt(1500) * 3


def test_evidence_is_needed_and_must_know_of_dependence():
    case = scenario("evidence", "even", 3, 500)
    with pytest.raises(ValueError, match="none are given"):
        simulated_table(case, 1)
    with pytest.raises(ValueError, match="independent"):
        simulated_table(case, 1, read_priors("independence"))


def test_every_set_of_priors_gets_the_same_table():
    evidence = read_priors("evidence")
    case = scenario("evidence", "even", 3, 500)
    found = [
        grid.fit_one(grid.fit_task("x", case, read_priors(name), 5, evidence).payload)
        for name in ("moderate", "nl-2017")
    ]
    assert found[0]["registered"] == found[1]["registered"]
    assert found[0]["quantiles"] != found[1]["quantiles"]
    assert found[0] == grid.fit_one(grid.fit_task("x", case, read_priors("moderate"), 5, evidence).payload)
    assert sorted(found[0]["quantiles"]) == found[0]["quantiles"]


def test_a_table_without_overlap_is_refused_as_an_estimate_would_be():
    case = Scenario("none", "even", (0.002, 0.002), 500)
    found = grid.fit_one(grid.fit_task("x", case, read_priors("moderate"), 1, None).payload)
    assert found["quantiles"] is None
    report = GridReport((case,), ("moderate",), {(case.name, "moderate"): (found, found)})
    assert report.tables([case], "moderate").refused == 2
    assert "nothing can be estimated" in grid_text(report, words_in("en"))


def test_statements_about_lists_of_the_study_are_left_out():
    pair = '[{lists = ["P", "K"], odds_ratio = {log_normal = [0, 1]}, reason = "known"}]'
    priors = read_priors("moderate", {"dependence.pairs": pair})
    assert (
        "pairs" not in grid.fit_task("x", USUAL, priors, 1, None).payload["priors"]["dependence"]
        or not (grid.fit_task("x", USUAL, priors, 1, None).payload["priors"]["dependence"]["pairs"])
    )


def quantiles(*values):
    return dict(zip(QUANTILES, values, strict=True))


def result(*values, people=1000, rhat=1.0):
    return {"people": people, "registered": 100, "quantiles": list(values), "rhat": rhat, "divergences": 0}


def test_sums_by_hand():
    """One interval holds the truth at every level; one at 95 % alone; one lies below."""
    good = result(500, 700, 900, 1000, 1100, 1300, 2000)
    late = result(500, 600, 650, 700, 750, 800, 2000, rhat=1.2)
    low = result(100, 200, 300, 400, 500, 600, 800)
    report = GridReport((USUAL,), ("x",), {(USUAL.name, "x"): (good, late, low)})
    found = report.tables([USUAL], "x")
    assert (found.n, found.refused, found.doubtful) == (3, 0, 1)
    assert [share.value for share in found.held.values()] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert found.too_low == pytest.approx(1 / 3)
    assert found.log_width == pytest.approx((2 * math.log(4) + math.log(8)) / 3)
    assert found.log_bias == pytest.approx((math.log(0.7) + math.log(0.4)) / 3)
    assert found.log_rmse == pytest.approx(math.sqrt((math.log(0.7) ** 2 + math.log(0.4) ** 2) / 3))
    assert found.interval_score == pytest.approx((2 * math.log(4) + math.log(8) + 40 * math.log(1000 / 800)) / 3)


def test_the_interval_of_a_share_is_wilson_s():
    assert Share(0.95, 100).limits == pytest.approx((0.8882, 0.9785), abs=1e-4)
    assert Share(1.0, 40).limits == pytest.approx((0.9124, 1.0), abs=1e-4)
    assert Share(0.0, 0).limits == (0.0, 1.0)


def test_widths_and_shares_held_are_compared_with_what_was_aimed_at():
    narrow = result(900, 950, 990, 1000, 1010, 1050, 1100)
    wide = result(800, 900, 990, 1000, 1010, 1100, 1200)
    evidence = Scenario("evidence", "even", (0.1,) * 5, 5000)
    results = {
        (case.name, name): (one,) * 100
        for case in (USUAL, evidence)
        for name, one in (("nl-2017", narrow), ("evidence", wide))
    }
    report = GridReport((USUAL, evidence), ("nl-2017", "evidence"), results)
    ratio = math.log(1.5) / math.log(11 / 9)
    assert report.mean_width_ratio("evidence", "nl-2017") == pytest.approx(ratio)
    width, other, own = report.targets()
    assert width.matter == ("width-beyond-target", ("priors", "evidence"), ("other", "nl-2017"))
    assert width["ratio"] == pytest.approx(ratio)
    assert other.code == "intervals-held"
    limits = Share(1.0, 100).limits
    values = {"priors": "evidence", "held": 1.0, "lower": limits[0], "upper": limits[1]}
    assert own == Reason("held-outside-target-by-chance", least=0.93, most=0.97, **values)
    assert max(map(len, grid_text(report, words_in("en")).splitlines())) <= 80


def fake_fit(payload):
    """Stands in for a fit: quick, and dependent on the payload alone."""
    spread = 0.1 + (payload["seed"] % 7) / 20
    people = payload["scenario"]["people"]
    return result(*(people * math.exp(spread * z) for z in (-2, -1.3, -0.7, 0.1, 0.8, 1.3, 2)), people=people)


def test_more_tables_go_on_from_those_that_are_kept(tmp_path, monkeypatch):
    done = []

    def counting(payload):
        done.append(payload["seed"])
        return fake_fit(payload)

    monkeypatch.setattr(grid, "fit_one", counting)
    cases, running = (USUAL, scenario("evidence", "even", 3, 500)), Running(tmp_path, workers=1)
    first = calibrate_grid(cases, ["moderate", "nl-2017"], tables=3, running=running)
    assert len(done) == 2 * 2 * 3
    assert len(set(done)) == 2 * 3  # the same tables for both sets
    again = calibrate_grid(cases, ["moderate", "nl-2017"], tables=3, running=running)
    assert len(done) == 12
    assert again.to_dict() == first.to_dict()
    calibrate_grid(cases, ["moderate", "nl-2017", "wide"], tables=4, running=running)
    assert len(done) == 2 * 3 * 4


def test_a_changed_prior_is_another_fit(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(grid, "fit_one", lambda payload: done.append(1) or fake_fit(payload))
    running = Running(tmp_path, workers=1)
    calibrate_grid((USUAL,), [read_priors("moderate")], tables=2, running=running)
    odds = {"dependence.odds_ratio.log_normal": "[0, 0.9]"}
    changed = read_priors("moderate", odds)
    calibrate_grid((USUAL,), [changed], tables=2, running=running)
    assert len(done) == 4
    reworded = read_priors("moderate", odds | {"dependence.reason": '"Said in other words."'})
    calibrate_grid((USUAL,), [reworded], tables=2, running=running)
    assert len(done) == 4  # no fit depends on words


def test_a_covariate_called_reason_is_no_word():
    """Titles and reasons are left out of records of priors alone: elsewhere they may be names."""
    tasks = [Task("new", "m:f", {"shape": {"where": {"reason": level}}, "priors": {"reason": level}}) for level in "ab"]
    first, second = (with_key("t", one).key for one in tasks)
    assert first != second
    same = [Task("new", "m:f", {"shape": 1, "priors": {"pairs": [{"odds": 2, "reason": word}]}}) for word in "ab"]
    assert with_key("t", same[0]).key == with_key("t", same[1]).key


def test_the_grid_tries_another_method_and_none_that_cannot_fit_again(monkeypatch):
    """Independent lists of equal people: the bound is the truth on average, and two lists make it n_a n_b / n_ab."""
    case = scenario("none", "even", 3, 5000)
    report = calibrate_grid((case,), method="lower-bound", tables=40, running=Running(workers=1))
    assert report.priors == ("none",)
    summed = report.tables([case], "none")
    assert (summed.n, summed.doubtful) == (40, 0)
    assert abs(summed.log_bias) < 0.1
    with pytest.raises(InputError, match="takes no prior assumptions"):
        calibrate_grid((case,), ["wide"], method="lower-bound")
    monkeypatch.setitem(METHODS, NAME, HOME)
    with pytest.raises(InputError, match="does not answer for table after table"):
        calibrate_grid((case,), method=NAME)


@pytest.mark.slow
def test_intervals_hold_the_truth_where_the_assumption_is_true():
    """Independent lists under priors of independence: as often as they say; with one dependent pair hardly ever."""
    cases = (USUAL, scenario("one pair", "even", 5, 5000))
    priors = [read_priors("independence", {"coverage.odds.log_normal": "[-2, 5]"})]
    report = calibrate_grid(cases, priors, tables=150)
    (name,) = report.priors
    right, wrong = (report.tables([case], name) for case in cases)
    for level, share in right.held.items():
        assert abs(share.value - level) < 3.5 * math.sqrt(level * (1 - level) / 150)
    assert wrong.held[0.95].value < 0.5
    assert wrong.log_bias < -0.1
