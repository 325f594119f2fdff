"""Judging a default learned anew, and residual dependence by the common mean: rules that can fail at every point."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from estimator.calibration.held_out_fits import Source
from estimator.fits.scores import Judged
from evidence import common_text, default_text
from evidence.common import CENTRES, SIZES, Common, common_of, judged_of, log_likelihood
from evidence.coverage_text import Compared
from evidence.judges import LATENT_CLASSES
from evidence.kinds import PairsOfFamily, kinds_section, pairs_by_kind
from evidence.meta_analysis import PublicTable, lists_of
from evidence.public_tables import found_tables
from tests.evidence.test_coverage_form import FAMILY, NEW, compared


def of(name: str, *, classes: float = 0.0, **changes: float) -> Compared:
    """Estimates as in the tests of the form of coverage; medians of latent classes are off by `classes`."""
    made = compared(name, **changes)
    moved = tuple(
        Judged(one.table, one.truth * np.exp(classes), one.quantiles) for one in made.simulated[LATENT_CLASSES]
    )
    return Compared(name, made.held_out, dict(made.simulated) | {LATENT_CLASSES: moved})


def points(text: str) -> list[str]:
    return [line.rsplit(": ", 1)[1] for line in text.splitlines() if line[:1].isdigit()]


def default_rule(form: Compared, anew: Compared, first: Compared) -> list[str]:
    named = {
        "evidence": first,
        default_text.FORM: form,
        default_text.ANEW: anew,
        "nl-2017": compared("nl-2017", sd=0.5),
    }
    return points(default_text._verdict(named, FAMILY, NEW))


def test_a_default_that_is_better_in_all_becomes_it():
    first, better = of("evidence", off=-0.25, sd=0.8), of("x", sd=0.5)
    assert default_rule(better, better, first) == ["holds."] * 5
    assert default_rule(first, better, first) == ["fails.", *["holds."] * 4], "its form alone is no better"


@pytest.mark.parametrize(
    ("anew", "fails"),
    [
        (of("x", sd=5.0), {2, 3, 5}),  # far too wide
        (of("x", off=0.2), {3}),
        (of("x", classes=3.0), {4}),
        (of("x", off=-3.0, sd=0.5), {2, 3, 4}),
    ],
)
def test_each_point_can_fail(anew, fails):
    first = of("evidence", off=-0.25, sd=0.8)
    found = default_rule(of("x", sd=0.5), anew, first)
    assert {number for number, point in enumerate(found, 1) if point == "fails."} == fails


def common_rule(on_list: Compared, everybody: Compared) -> list[str]:
    first = of("evidence", classes=0.8, sd=0.5)
    text = common_text._verdict([first, on_list, everybody, compared("nl-2017", sd=0.5)], FAMILY)
    return points(text)


def test_the_form_by_the_common_mean_passes_where_it_is_better_and_fails_at_each_point():
    good = of("x")
    assert common_rule(good, good) == ["holds."] * 4
    assert common_rule(of("x", sd=3.0), good)[0] == "fails."
    assert common_rule(good, of("x", classes=0.5))[1] == "fails.", "held, but medians are too low"
    assert common_rule(good, of("x", sd=1.2))[2] == "fails.", "too wide where lists are independent"
    assert common_rule(good, of("x", off=3.0))[1:] == ["fails."] * 3


def fit(mean: float, *, unseen: int = 0, implied: float = 7.0, draws: int = 400) -> dict[str, object]:
    return {
        "registered": 100,
        "unseen": unseen,
        "log_implied": [implied] * draws,
        "scale": [0.3] * draws,
        "mean": [mean] * draws,
    }


def test_the_residual_by_the_common_mean_is_normal_and_nothing_where_that_is_below_0():
    for mean, law in ((0.5, stats.norm(7 + 1.6 * 0.5, np.hypot(0.45 * 0.3, 0.8 * 0.5))), (-0.5, stats.norm(7, 0.135))):
        judged = judged_of("x", fit(mean), Common(1.6, 0.8), 0.45)
        for probability, people in judged.quantiles.items():
            assert np.log(people - 100) == pytest.approx(law.ppf(probability), abs=4 * law.std() / 50 + 0.03)


@pytest.mark.parametrize("unseen", [3, 200])
def test_the_likelihood_is_the_integral_over_the_residual(unseen):
    rng = np.random.default_rng(3)
    draws = {"log_implied": rng.normal(np.log(unseen), 0.3, 80), "scale": np.full(80, 0.4), "mean": np.full(80, 0.6)}
    found = log_likelihood({"registered": 9, "unseen": unseen, **draws}, 0.5)
    # where many people are unseen, draws are smoothed (Silverman 1986, eq. 3.28)
    kernel = 1.06 * draws["log_implied"].std() * 80**-0.2 if unseen == 200 else 0.0
    at = np.linspace(-4, 4, 4001)
    for a, b in ((0, 0), (10, 20), (25, 35)):
        sd = np.sqrt((0.5 * 0.4) ** 2 + (SIZES[b] * 0.6) ** 2 + kernel**2)
        log_mean = draws["log_implied"][:, None] + CENTRES[a] * 0.6 + sd * at
        weight = stats.norm.pdf(at) / stats.norm.pdf(at).sum()
        exact = np.log((stats.poisson.pmf(unseen, np.exp(log_mean)) @ weight).mean())
        assert found[a, b] == pytest.approx(exact, abs=0.02)


def test_nothing_follows_from_a_common_mean_below_0():
    draws = {"log_implied": np.linspace(4.5, 5.5, 50), "scale": np.full(50, 0.4), "mean": np.full(50, -0.6)}
    found = log_likelihood({"registered": 9, "unseen": 200, **draws}, 0.5)
    assert np.ptp(found) == pytest.approx(0, abs=1e-12)


def test_centre_and_size_are_found_again():
    rng = np.random.default_rng(5)
    fits = []
    for _ in range(300):
        mean, implied = rng.uniform(0.1, 0.9), rng.normal(7, 0.5)
        xi = 0.45 * 0.3 * rng.standard_normal() + mean * (1.2 + 0.7 * rng.standard_normal())
        fits.append(fit(mean, unseen=int(rng.poisson(np.exp(implied + xi))), implied=implied, draws=3))
    found = common_of(fits, np.ones(300), 0.45)
    # standard errors of a normal regression with 300 observations: about 0.05 and 0.04
    assert found.centre == pytest.approx(1.2, abs=0.2)
    assert found.size == pytest.approx(0.7, abs=0.15)


def test_pairs_are_told_apart_by_the_kinds_of_their_lists():
    brighton = next(table for table in found_tables() if table.name == "drugs-brighton")
    lists, _ = lists_of([PublicTable(brighton.name, brighton.family, Source(str(brighton.file), pooled=True))])
    treated = [held for held in lists if held.list == "A"]  # of the others, T and X are care, S is a survey
    completed = [{"pairs": {"T&X": (1.0, 0.1), "T&S": (0.25, 0.1), "X&S": (0.75, 0.1)}}]
    assert pairs_by_kind(treated, completed) == [PairsOfFamily("Brighton", (1.0,), (0.25, 0.75))]


def test_a_page_says_whether_kinds_differ():
    alike = [PairsOfFamily(name, (1.0,), (1.0 + step,)) for name, step in zip("abc", (-0.5, 0.1, 0.5), strict=True)]
    assert "0.03 ± 0.29 higher: the evidence does not tell them apart" in kinds_section(alike).replace("-0.03", "0.03")
    apart = [PairsOfFamily(name, (2.0 + step,), (1.0,)) for name, step in zip("abc", (-0.1, 0.0, 0.1), strict=True)]
    text = kinds_section([*apart, PairsOfFamily("d", (9.0,), ())])
    assert "in the 3 of 4 families" in text
    assert "+1.00 ± 0.06 higher: the evidence tells them apart" in text
