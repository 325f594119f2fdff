"""Whether people visibly differ: expected tables of people who do and who do not, and the total by arithmetic."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from estimator.checks.all_checks import CheckOptions, do_check
from estimator.checks.finding import CAUTION, SOUND
from estimator.checks.loglinear.unequal_chances import _were_people_to_differ, unequal_chances
from estimator.population.estimate import Estimate
from estimator.population.thresholds import threshold
from estimator.study.priors import read_priors
from estimator.words.words import words_in
from tests.checks import estimates
from tests.checks.drawing import drawn

LISTS = np.array([[code >> (3 - place) & 1 for place in range(4)] for code in range(16)])


@cache
def differing(sd: float) -> Estimate:
    """The expected table of 20,000 people with normal log odds of being on each of four lists, around -1.5."""
    theta = np.random.default_rng(1).normal(0, sd, 200_000)
    on = 1 / (1 + np.exp(1.5 - theta))[:, None]
    by_times = np.array([(on[:, 0] ** n * (1 - on[:, 0]) ** (4 - n)).mean() for n in range(5)])
    counts = np.round(20_000 * by_times[LISTS.sum(axis=1)]).astype(int)
    return estimates.estimated(estimates.table_of(counts), read_priors("evidence"))


def test_people_who_differ_are_seen_and_the_total_is_given_once_more():
    finding = unequal_chances(differing(1.2))
    assert finding.verdict == CAUTION and finding.reasons == ()
    said = finding.headline
    assert said["sigma_lower"] < 1.2 < said["sigma_upper"]
    assert said["upper"] > said["own_upper"]
    assert finding.numbers["then"]["lower"] > finding.numbers["registered"]
    own = differing(1.2).total.N
    assert (said["own_lower"], said["own_upper"]) == (own.lower, own.upper)
    assert len(drawn(finding).axes[0].get_yticklabels()) == 2
    assert "give both" in words_in("en").say(said) and "noem beide" in words_in("nl").say(said)


def test_people_who_do_not_differ_are_not_taken_for_such():
    finding = unequal_chances(estimates.clean())
    assert finding.verdict == SOUND
    assert finding.headline["sigma_lower"] < threshold("scrutiny.people_differ")


def test_the_total_is_that_of_the_residual_in_units_of_the_spread_of_pairs():
    implied = np.full((2, 20_000), 5e6)  # so many that drawing people adds next to nothing
    total = SimpleNamespace(implied_unseen=implied, registered=np.full((2, 20_000), 1000))
    posterior = SimpleNamespace(details=SimpleNamespace(values={"dependence_scale": np.full((2, 20_000), 0.4)}))
    drawn_total = _were_people_to_differ(SimpleNamespace(posterior=posterior), total, np.zeros(8, int), 1)
    xi = np.log((drawn_total - 1000) / 5e6)
    centre, size = threshold("scrutiny.people_differ_centre"), threshold("scrutiny.people_differ_size")
    assert xi.mean() == pytest.approx(0.4 * centre, abs=0.02)
    assert xi.std() == pytest.approx(0.4 * size, rel=0.02)


def test_priors_that_learn_no_spread_take_that_of_the_table():
    finding = unequal_chances(estimates.dependent())
    assert finding.numbers["then"]["upper"] > finding.numbers["own"]["upper"]


def test_of_two_lists_nothing_is_said_and_why():
    finding = do_check("unequal-chances", estimates.two(), CheckOptions())
    assert finding.done is False
    (why,) = finding.headline["why"]["reasons"]
    assert why.code == "method-needs-more-lists"


def test_strata_are_added_up_and_the_same_seed_says_the_same():
    finding = unequal_chances(estimates.by_sex(), seed=3)
    assert finding.numbers == unequal_chances(estimates.by_sex(), seed=3).numbers


def test_women_and_men_who_differ_are_people_who_differ_when_added_up():
    """Men are six times as likely to be on any list; within each sex lists are independent."""
    cells = np.array(
        [estimates.expected_counts(4000, (0.1, 0.1, 0.1)), estimates.expected_counts(2000, (0.6, 0.6, 0.6))]
    )
    finding = unequal_chances(estimates.estimated(estimates.table_of(cells.round(), covariates=(estimates.SEX,))))
    assert finding.verdict == CAUTION
    assert finding.statements[1]["strata"] is True
    assert "Strata were added up" in words_in("en").say(finding.statements[1])
