"""What a study answers to a published figure, on draws whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.published.answers import answer_of
from estimator.reasons import Reason
from tests.published.published_examples import fake_estimate, figure, small_study

# strata in the order of the table: 2020 f, 2020 m, 2021 f, 2021 m; three draws
UNSEEN = [[100, 150, 80, 270], [300, 150, 180, 370], [500, 350, 280, 470]]
BOTH = ("2020", "2021")


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path / "small")


@pytest.fixture
def estimate(study):
    return fake_estimate(study, UNSEEN)


def median(estimate, **asked):
    found = answer_of(estimate, figure(**asked))
    assert not isinstance(found, Reason), found
    return found.median


def test_a_period_is_answered_per_year(estimate):
    sizes = [(sum(draw) + 300) / 2 for draw in UNSEEN]
    assert median(estimate, years=BOTH) == np.median(sizes) == 650
    assert median(estimate, years=BOTH, measure="N_in_all") == 1300
    assert median(estimate, years=("2021",), group="men") == 30 + 370


def test_registered_people_are_known_exactly(estimate):
    found = answer_of(estimate, figure(years=BOTH, measure="registered", group="women"))
    assert (found.median, found.sd) == (110, 0)
    assert median(estimate, years=BOTH, measure="registered_in_all") == 300


def test_shares_and_ratios_are_of_the_same_draw(estimate):
    women = np.array([200, 400, 600]) / np.array([400, 600, 1000])
    assert median(estimate, group="women", measure="share_of_total") == pytest.approx(np.median(women))
    assert median(estimate, group="women", measure="coverage") == pytest.approx(100 / 400)
    assert median(estimate, group="women", measure="one_in") == pytest.approx(4)


def test_a_rate_has_the_inhabitants_of_its_own_years(estimate):
    assert median(estimate, years=BOTH, measure="per_100000") == pytest.approx(650 / 2_000_000 * 1e5)
    assert median(estimate, years=("2020",), measure="per_100000") == pytest.approx(600 / 1_000_000 * 1e5)


def test_people_on_a_list_are_counted_in_the_table(estimate):
    assert median(estimate, years=("2020",), measure="on_list_K") == 40
    assert median(estimate, years=BOTH, measure="on_list_K") == 50


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"years": ("2022",)}, Reason("no-table-of-later-years", last="2021")),
        ({"years": ("2021", "2022")}, Reason("no-table-of-later-years", last="2021")),
        ({"years": ("2019", "2022")}, Reason("years-not-in-table", years=["2019", "2022"])),
        ({"years": ("2019",)}, Reason("years-not-in-table", years=["2019"])),
        ({"years": ()}, Reason("figure-of-no-year")),
        ({"group": "criminal"}, Reason("group-not-in-study", name="criminal")),
        ({"group": None}, Reason("figure-of-no-group")),
        ({"measure": "shoe_size"}, Reason("measure-not-in-study", measure="shoe_size")),
        ({"measure": "on_list_X"}, Reason("list-not-in-table", list="X")),
        ({"measure": "discarded"}, Reason("discarded-reports-not-public")),
    ],
)
def test_what_cannot_be_answered_says_why(estimate, asked, reason):
    assert answer_of(estimate, figure(**asked)) == reason


def test_a_rate_without_inhabitants_is_refused_and_says_what_it_would_take(estimate):
    asked = {"group": "women", "years": BOTH, "measure": "per_100000", "value": 50.0}
    found = answer_of(estimate, figure(**asked))
    # women a year: (200 + 200, 400 + 300, 600 + 400) / 2, of which the middle is 350
    implied = 350 / 50 * 1e5
    assert found == Reason("no-inhabitants", group="women", years=BOTH, backed_out=False, implied=implied)


def test_inhabitants_can_be_backed_out_where_a_number_was_published(study):
    asked, men = figure(group="men", measure="per_100000"), figure(id="men", group="men")
    known = replace(study, published=(*study.published, men))
    for found, backed in ((study, False), (known, True)):
        assert answer_of(fake_estimate(found, UNSEEN), asked)["backed_out"] == backed


def test_when_the_chains_disagree_only_counts_are_answered(study):
    estimate = fake_estimate(study, UNSEEN, converged=False)
    assert answer_of(estimate, figure()) == Reason("answer-withheld")
    assert answer_of(estimate, figure(measure="per_100000")) == Reason("answer-withheld")
    assert answer_of(estimate, figure(measure="registered")).median == 150
    assert answer_of(estimate, figure(measure="on_list_P")).median == 111


def test_a_table_without_years_answers_nothing(study):
    estimate = fake_estimate(replace(study, period=None), UNSEEN)
    assert answer_of(estimate, figure()) == Reason("table-not-by-year")
