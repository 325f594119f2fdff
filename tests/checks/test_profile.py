"""The profile of the likelihood against closed forms and brute force; what the check says of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from estimator.checks.finding import CAUTION, FAILS, SOUND
from estimator.checks.loglinear.identification import Bounds, _verdict, identification
from estimator.checks.loglinear.profile import DEVIANCE, Profile, profile_of
from estimator.population.thresholds import threshold
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from tests.checks.drawing import drawn
from tests.checks.estimates import clean, estimated, normal_priors, table_of, two
from tests.methods.model_examples import SEX, THREE_LISTS, TWO_LISTS, built, read

INDEPENDENT = read_priors("independence")
COUNTS = {"001": 48.0, "010": 75.0, "011": 6.0, "100": 120.0, "101": 9.0, "110": 14.0, "111": 3.0}


def largest(counts: dict[str, float], log_n0: float) -> float:
    """The largest log-likelihood of counts whose log means have one contrast, that makes the unseen cell, held.

    The contrast is the alternating sum over histories; by Lagrange the best means are y + t s with s the signs.
    """
    y = np.array(list(counts.values()))
    sign = np.array([(-1.0) ** (history.count("1") + 1) for history in counts])

    def contrast(t: float) -> float:
        return float(sign @ np.log(y + t * sign)) - log_n0

    t = brentq(contrast, -y[sign > 0].min() + 1e-12, y[sign < 0].min() - 1e-12, xtol=1e-14)
    means = y + t * sign
    return float(y @ np.log(means) - means.sum())


def test_three_lists_whose_pairs_may_depend_have_a_closed_form():
    case = built(read(THREE_LISTS), normal_priors())
    found = profile_of(case.design, case.settings)
    y = COUNTS
    product = y["111"] * y["100"] * y["010"] * y["001"] / (y["110"] * y["101"] * y["011"])
    assert found.likeliest == pytest.approx(product, rel=0.08), "the nearest point of the grid"
    best = largest(y, np.log(product))
    for log_unseen, deviance in zip(found.log_unseen, found.deviance, strict=True):
        if deviance < 30:
            assert deviance == pytest.approx(2 * (best - largest(y, log_unseen)), abs=0.02)
    for limit, side in ((found.lower, -1), (found.upper, 1)):
        wanted = brentq(lambda x: 2 * (best - largest(y, x)) - DEVIANCE, np.log(product), np.log(product) + 6 * side)
        assert np.log(limit) == pytest.approx(wanted, abs=0.01)
    assert not found.flat_above and not found.flat_below


def test_two_lists_that_may_depend_are_exactly_flat():
    case = built(read(TWO_LISTS), normal_priors())
    found = profile_of(case.design, case.settings)
    assert found.deviance.max() < 1e-5
    assert found.flat_above and found.flat_below
    assert found.lower is None and found.upper is None


def test_two_independent_lists():
    case = built(read(TWO_LISTS), INDEPENDENT)
    found = profile_of(case.design, case.settings)
    counts = {"01": 130.0, "10": 210.0, "11": 26.0}
    best = largest(counts, np.log(210 * 130 / 26))
    assert found.likeliest == pytest.approx(210 * 130 / 26, rel=0.08)
    for log_unseen, deviance in zip(found.log_unseen, found.deviance, strict=True):
        if deviance < 30:
            assert deviance == pytest.approx(2 * (best - largest(counts, log_unseen)), abs=0.02)


def test_two_strata_share_the_dark_figure_as_fits_them_best():
    f, m = {"01": 60.0, "10": 90.0, "11": 25.0}, {"01": 40.0, "10": 30.0, "11": 9.0}
    rows = [f"{sex},{h[0]},{h[1]},{int(y)}" for sex, counts in (("f", f), ("m", m)) for h, y in counts.items()]
    from estimator.capture.declaration import Declaration

    table = read("sex,A,B,count\n" + "\n".join(rows) + "\n", Declaration(("A", "B"), (SEX,)))
    case = built(table, INDEPENDENT)
    found = profile_of(case.design, case.settings)
    best = largest(f, np.log(60 * 90 / 25)) + largest(m, np.log(40 * 30 / 9))

    def split(log_n0: float) -> float:
        """The best of all ways to divide a dark figure."""

        def loss(share: float) -> float:
            return -largest(f, log_n0 + np.log(share)) - largest(m, log_n0 + np.log1p(-share))

        return -float(minimize_scalar(loss, bounds=(1e-4, 1 - 1e-4), method="bounded", options={"xatol": 1e-9}).fun)

    compared = 0
    for log_unseen, deviance in zip(found.log_unseen, found.deviance, strict=True):
        if deviance < 12:
            assert deviance == pytest.approx(2 * (best - split(log_unseen)), abs=0.02)
            compared += 1
    assert compared > 5


def test_nobody_on_two_lists_leaves_the_number_without_an_upper_limit():
    case = built(read("A,B,count\n1,0,40\n0,1,30\n1,1,0\n"), INDEPENDENT)
    found = profile_of(case.design, case.settings)
    assert found.flat_above and found.upper is None
    counts = {"01": 30.0, "10": 40.0, "11": 0.0}
    best = 30 * np.log(30) - 30 + 40 * np.log(40) - 40  # with infinitely many unseen
    wanted = brentq(lambda x: 2 * (best - largest(counts, x)) - DEVIANCE, np.log(100), np.log(5000))
    assert np.log(found.lower) == pytest.approx(wanted, abs=0.01)


def test_a_near_complete_table_has_a_lower_limit():
    """Three lists, all pairs: the dark figure is n1 n2 n3 n123 / (n12 n13 n23) = 3.7 of 5,000, less than a thousandth.

    The logarithm of that has the variance of the sum of 1 / n, so that its 95 % limits are near 3.7 times exp(-+ 0.6).
    """
    case = built(
        read("A,B,C,count\n0,0,1,21\n0,1,0,34\n0,1,1,191\n1,0,0,71\n1,0,1,404\n1,1,0,641\n1,1,1,3634\n"),
        normal_priors(),
    )
    counts = np.array([21, 34, 71, 3634, 191, 404, 641])
    middle, sd = 21 * 34 * 71 * 3634 / (191 * 404 * 641), np.sqrt((1 / counts).sum())
    found = profile_of(case.design, case.settings)
    assert not found.flat_below and not found.flat_above
    assert found.likeliest == pytest.approx(middle, rel=0.03)  # points lie 0.056 apart on the log scale
    assert found.lower == pytest.approx(middle * np.exp(-1.96 * sd), rel=0.12)
    assert found.upper == pytest.approx(middle * np.exp(1.96 * sd), rel=0.12)


def test_limits_lie_between_points():
    found = Profile(np.array([0.0, 1.0, 2.0, 3.0]), np.array([8.0, 0.0, 2.0, 6.0]), 10.0)
    assert np.log(found.upper) == pytest.approx(2 + (DEVIANCE - 2) / 4)
    assert np.log(found.lower) == pytest.approx(1 - DEVIANCE / 8)
    assert Profile(found.log_unseen, np.array([8.0, 0.0, 2.0, 3.0]), 10.0).upper is None


def test_a_table_of_two_lists_identifies_nothing():
    found = identification(two())
    assert found.verdict == FAILS
    assert found.headline.code == "data-bound-nothing"
    assert found.reasons == (Reason("total-not-identified", total="undetermined"),)
    assert found.reasons[0] in reasons_of_the_estimate(two())


def reasons_of_the_estimate(found):
    """The reasons that estimate.json gives of itself, so that the same thing is said once."""
    from estimator.population.fitness import _identification_reasons

    posterior = SimpleNamespace(pairs_may_depend=found.posterior.details.settings.dependence != "none")

    return tuple(_identification_reasons(found.study.table, posterior))


def test_four_lists_of_a_clean_table_are_bounded():
    found = identification(clean())
    own = found.numbers["own_model"]
    unseen = 3000 * 0.7 * 0.8 * 0.75 * 0.85
    assert own["dark_figure_interval"][0] < unseen < own["dark_figure_interval"][1]
    assert own["likeliest_dark_figure"] == pytest.approx(unseen, rel=0.1)
    assert found.verdict in (SOUND, CAUTION) and not found.reasons
    assert found.numbers["every_pair_may_depend"] is None


def test_independent_lists_are_told_what_every_pair_would_leave():
    found = identification(estimated(table_of([0, 130, 210, 26]), INDEPENDENT))
    assert found.verdict == CAUTION
    assert found.headline.code == "data-bound"
    assert found.statements[1]["then"].code == "data-bound-nothing"
    assert found.numbers["every_pair_may_depend"]["flat_above"]


def valley(factor: float, *, below: bool = True, above: bool = True) -> Profile:
    """A profile whose 95 % limits are a factor apart; flat on a side that the data do not bound."""
    x = np.linspace(-4, 4, 801)
    deviance = DEVIANCE * (2 * x / np.log(factor)) ** 2
    return Profile(np.log(1000) + x, np.where((x < 0) & (not below) | (x > 0) & (not above), 0.0, deviance), 500.0)


@pytest.mark.parametrize(
    ("own", "all_pairs", "verdict"),
    [
        (valley(9.5), None, SOUND),
        (valley(10.5), None, CAUTION),
        (valley(3, above=False), None, FAILS),
        (valley(3, below=False), None, FAILS),
        (valley(3), valley(9.5), SOUND),
        (valley(3), valley(10.5), CAUTION),
        (valley(3), valley(3, above=False), CAUTION),
        (valley(3), valley(3, below=False), CAUTION),
    ],
)
def test_the_verdict_goes_by_what_the_data_bound(own, all_pairs, verdict):
    """Limits a factor of ten apart are too wide, and a side without a limit fails; were every pair to depend, neither
    is more than a caution.
    """
    assert threshold("fitness.widest") == 10
    assert _verdict(Bounds(own, all_pairs, np.ones(1), np.ones(1))) == verdict


def test_prior_and_posterior_are_those_of_the_run():
    found = identification(clean())
    registered, values = found.numbers["registered"], clean().posterior.details.values["log_ratio"]
    posterior = found.numbers["posterior"]
    assert posterior["median"] == pytest.approx(registered * (1 + np.exp(np.median(values))), abs=0.1)
    # nl-2017 and the like state the ratio as log-normal: its quantiles are known; 8,000 draws
    statement = clean().priors.dark_figure.ratio_to_registered
    z = (np.log(found.numbers["prior"]["median"] / registered - 1) - statement.mu) / statement.sigma
    assert abs(z) < 4 * 1.2533 / np.sqrt(8000)


@pytest.mark.parametrize("which", [two, clean])
def test_the_picture_can_be_drawn(which):
    assert drawn(identification(which())).axes[0].get_xscale() == "log"


@pytest.mark.slow
def test_the_reconstructed_dutch_table_is_profiled():
    from estimator.methods.loglinear.design import design_for
    from estimator.methods.loglinear.parameters import prior_settings
    from estimator.study.study import read_study

    study = read_study("nl-2010-2015-reconstructed")
    design = design_for(study.table, study.model, normal_priors())
    found = profile_of(design, prior_settings(normal_priors(), design))
    assert found.lower is not None and found.upper is not None
    turns = np.diff(np.sign(np.diff(found.deviance)))
    assert np.count_nonzero(turns) == 1, "one valley: the search ended at the top everywhere"
