"""Tipping points: paths made by hand, the closed form of residual dependence, and two lists by brute force."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr

from estimator.calibration.public_evidence import PublicEvidence, PublicPairs
from estimator.checks.finding import CAUTION, SOUND
from estimator.checks.loglinear import tipping_point as module
from estimator.checks.loglinear.dependence_paths import (
    ALL_PAIRS,
    LARGEST,
    RESIDUAL,
    DependencePath,
    PathStop,
    TippingPoint,
    residual_path,
    tipping_points_of,
)
from estimator.checks.loglinear.tipping_point import _decisive, common_points, tipping_point
from estimator.methods.weights import weighted_quantiles
from estimator.study.priors import read_priors
from tests.checks.drawing import codes, drawn
from tests.checks.estimates import CLEAN, by_sex, clean, estimated, expected_counts, table_of, two
from tests.fits.two_list_grid import grid_of

PAIRS = PublicPairs(np.array([0.5]), np.array([1.2]), np.array([1.0]), ("f",), ("pair",))
RESIDUALS = PublicEvidence(np.array([0.3]), np.array([0.7]), np.array([1.0]), ("f",), ("list",))


@pytest.fixture(autouse=True)
def known_evidence(monkeypatch):
    """Public registers whose log odds ratios are Normal(0.5, 1.2), and residuals Normal(0.3, 0.7)."""
    monkeypatch.setattr(module, "public_pairs", lambda: PAIRS)
    monkeypatch.setattr(module, "public_residuals", lambda: RESIDUALS)


def path(medians: dict[float, float], draws: np.ndarray | None = None) -> DependencePath:
    stops = tuple(PathStop(at, np.array([0.8, 1.0, 1.25]) * median) for at, median in medians.items())
    return DependencePath("A&B", stops, np.zeros(100) if draws is None else draws)


def test_where_a_path_passes_a_limit():
    found = path({-1.0: 50.0, 0.0: 100.0, 1.0: 200.0, 2.0: 400.0})
    assert found.crossing(100 * 2**1.5, 1) == pytest.approx(1.5)
    assert found.crossing(100 * 2**-0.25, -1) == pytest.approx(-0.25)
    assert found.crossing(500, 1) is None and found.crossing(20, -1) is None
    assert found.monotone


def test_of_two_passings_the_nearest_to_the_run_counts():
    found = path({-2.0: 300.0, -1.0: 100.0, 0.0: 100.0, 1.0: 150.0, 2.0: 300.0}, np.full(9, -0.2))
    assert not found.monotone
    assert found.crossing(200.0, 1) == pytest.approx(-1 - np.log(2) / np.log(3))


def test_tipping_points_stand_beside_what_public_registers_show():
    draws = np.random.default_rng(1).normal(0, 0.5, 10_000)
    found = path({-1.0: 50.0, 0.0: 100.0, 1.0: 200.0}, draws)
    low, high = tipping_points_of(found, (100 / 2**0.5, 100 * 2**0.5), PAIRS)
    assert (low.upward, high.upward) == (False, True)
    assert high.public == pytest.approx(1 - ndtr((0.5 - 0.5) / 1.2))
    assert low.public == pytest.approx(ndtr((-0.5 - 0.5) / 1.2))
    assert high.run == pytest.approx(1 - ndtr(1.0), abs=4 * 0.37 / 100)
    assert not high.underrated or high.run < high.public / 2
    assert tipping_points_of(found, (10, 1000), PAIRS) == []


def test_residual_dependence_has_a_closed_form():
    found = residual_path(clean())
    registered = float(clean().group_draws["total"].registered.ravel()[0])
    implied = float(np.median(clean().group_draws["total"].implied_unseen))
    for stop in found.stops:
        assert stop.median == pytest.approx(registered + np.exp(stop.at) * implied, rel=1e-9)
    limit = registered + 3 * implied
    assert np.exp(found.crossing(limit, 1)) == pytest.approx(3, rel=0.02)
    assert found.stops[-1].at >= LARGEST - 0.5 and found.monotone


def median_on_grid(value: float) -> float:
    """Median of N given the log odds ratio of two lists, Poisson noise left out."""
    grid = grid_of(two(), (130, 210, 26), theta=value)
    return 366 * (1 + np.exp(weighted_quantiles(grid.log_ratio, grid.weights(), (0.5,))[0]))


def test_two_lists_by_brute_force():
    limits = (800.0, 2500.0)
    found = tipping_point(two(), limits)
    tips = {tip["limit"]: tip for tip in found.numbers["tipping_points"] if tip["path"] == "A&B"}
    assert set(tips) == set(limits)
    for limit, tip in tips.items():
        wanted = brentq(lambda x, limit=limit: np.log(median_on_grid(x) / limit), -3.4, 3.4, xtol=1e-3)
        # the median of log N is good to 1.25 sd / sqrt(effective draws), about 0.02, and its slope is near 0.6
        assert np.log(tip["odds_ratio"]) == pytest.approx(wanted, abs=0.12)
        public = 1 - ndtr((np.log(tip["odds_ratio"]) - 0.5) / 1.2)
        assert tip["share_of_public_registers"] == pytest.approx(public if "at_least" in tip else 1 - public, abs=1e-3)
    said = next(said for said in found.statements if said.code == "pairs-that-tip")
    assert (said["able"], said["total"]) == (1, 1)
    assert ALL_PAIRS not in found.numbers["paths"]


def test_more_dependence_is_more_people_along_every_path():
    found = tipping_point(clean())
    paths = found.numbers["paths"]
    assert list(paths)[:2] == [ALL_PAIRS, RESIDUAL] and len(paths) == 8
    assert all(one["monotone"] for one in paths.values())
    for one in paths.values():
        medians = [total[1] for total in one["total"]]
        assert medians[0] < medians[-1]
    half, double = found.numbers["range"]
    median = float(np.median(clean().group_draws["total"].size))
    assert (half, double) == (pytest.approx(median / 2, abs=0.1), pytest.approx(2 * median, abs=0.1))
    assert "not-below-registered" in codes(found)


def test_a_pair_of_which_nothing_is_known_does_not_stand_in_for_all():
    """Lists C and D, nobody on both: under long tails their odds ratio alone could take a plain mean anywhere."""
    counts = expected_counts(3000, (0.3, 0.2, 0.02, 0.02))
    counts[[3, 7, 11, 15]] = 0
    found = tipping_point(estimated(table_of(counts), read_priors("wide")))
    along = found.numbers["paths"][ALL_PAIRS]
    assert along["monotone"]
    # half the median is below the registered number; double is reached
    assert [tip["limit"] for tip in found.numbers["tipping_points"] if tip["path"] == ALL_PAIRS] == found.numbers[
        "range"
    ][1:]


def test_the_verdict_goes_by_what_the_run_does_not_count_with(monkeypatch):
    assert tipping_point(clean()).verdict == CAUTION  # doubling the dark figure: Normal(0.3, 0.7) often does
    rare = PublicEvidence(np.array([0.0]), np.array([0.05]), np.array([1.0]), ("f",), ("list",))
    rare_pairs = PublicPairs(np.array([0.0]), np.array([0.05]), np.array([1.0]), ("f",), ("pair",))
    monkeypatch.setattr(module, "public_residuals", lambda: rare)
    monkeypatch.setattr(module, "public_pairs", lambda: rare_pairs)
    found = tipping_point(clean())
    assert found.verdict == SOUND and codes(found)[0] == "only-rare-dependence-tips"


@pytest.mark.parametrize(
    ("public", "run", "underrated"),
    [(0.05, 0.0249, True), (0.0499, 0.0, False), (0.05, 0.025, False), (0.4, 0.19, True), (0.4, 0.21, False)],
)
def test_dependence_is_underrated_when_common_and_half_as_probable(public, run, underrated):
    assert TippingPoint("A&B", 500.0, 1.0, True, public, run).underrated is underrated


def test_a_single_pair_decides_only_where_it_is_all_there_is():
    assert _decisive([ALL_PAIRS, RESIDUAL, "A&B", "A&C"]) == (ALL_PAIRS, RESIDUAL)
    assert _decisive([RESIDUAL, "A&B"]) == (RESIDUAL, "A&B")


def test_a_run_that_counts_with_residual_dependence_is_not_told_of_it():
    stated = {
        "residual.form": "stated",
        "residual.ratio": "{log_normal=[0.3, 0.7]}",
        "residual.reason": '"as in public registers"',
    }
    found = tipping_point(estimated(table_of(CLEAN), read_priors("independence", stated)))
    assert found.verdict == SOUND
    assert list(found.numbers["paths"]) == [RESIDUAL]
    assert "no-pair-was-moved" in codes(found)
    tip = found.numbers["tipping_points"][-1]
    assert tip["probability_in_the_run"] == pytest.approx(tip["share_of_public_registers"], abs=4 * 0.5 / np.sqrt(4000))


def test_a_range_that_the_total_has_left_already():
    found = tipping_point(clean(), (10_000.0, 20_000.0))
    assert found.headline.code == "total-outside-range"
    assert (found.headline["lower"], found.headline["upper"]) == (10_000, 20_000)


def test_in_a_large_table_only_the_strongest_pairs_are_sampled(monkeypatch):
    monkeypatch.setattr(module, "_FEW_CELLS", 1)
    monkeypatch.setattr(module, "_PAIRS_TO_SAMPLE", 1)
    found = tipping_point(clean())
    sampled = [name for name, one in found.numbers["paths"].items() if any(one["sampled"])]
    assert len(sampled) == 2 and ALL_PAIRS in sampled
    assert "other-pairs-not-followed" in codes(found)


def test_strata_and_the_seed():
    first, second = tipping_point(by_sex(), seed=5), tipping_point(by_sex(), seed=5)
    assert first.numbers == second.numbers
    assert first.numbers["paths"][ALL_PAIRS]["monotone"]


@pytest.mark.parametrize("which", [two, clean])
def test_the_picture_can_be_drawn(which):
    assert drawn(tipping_point(which())).axes[0].get_yscale() == "log"


def test_a_single_pair_judges_nothing_where_all_pairs_are_followed():
    """The verdict goes by dependence that the run rates too low, of all pairs or of people out of sight."""
    of = lambda path, underrated: SimpleNamespace(path=path, underrated=underrated)  # noqa: E731
    pair, every, rated = of("A&B", True), of(ALL_PAIRS, True), of(RESIDUAL, False)
    assert common_points([pair, every, rated], [ALL_PAIRS, RESIDUAL, "A&B"]) == [every]
    assert common_points([pair, rated], [RESIDUAL, "A&B"]) == [pair]
