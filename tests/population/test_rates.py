"""Rates: people per 100,000 inhabitants of the same years, and no rate otherwise."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from estimator.methods.summary import Summary
from estimator.population.groups import GroupDraws, estimate_of
from estimator.population.rates import Inhabitants, denominator_of, years_without_rate
from estimator.reasons import Reason
from estimator.runs.recording import group_record
from estimator.study.denominators import read_denominators
from estimator.study.questions import Label
from estimator.words.numbers import factor, one_in, rate


def draws(registered, unseen) -> GroupDraws:
    known, dark = (np.asarray(values, dtype=float).reshape(1, -1) for values in (registered, unseen))
    return GroupDraws(Label("Girls"), known, dark, dark)


def test_a_rate_is_people_over_inhabitants_in_every_draw():
    found = estimate_of(
        draws([50] * 5, [150, 250, 350, 450, 550]), Inhabitants("girls", 20_000, ("2014",), (), "counted")
    )
    assert found.rate.median == pytest.approx(100_000 * 400 / 20_000)
    assert found.one_in.median == pytest.approx(8)
    assert group_record(found).one_in.median == 8
    assert group_record(found).denominator.inhabitants == 20_000


def test_without_inhabitants_there_is_no_rate():
    found = estimate_of(draws([50] * 5, [150] * 5))
    assert found.rate is None
    assert {"per_100000", "denominator"} & set(group_record(found).to_dict()) == set()


def test_nobody_registered_is_not_one_in_anything():
    found = estimate_of(draws([0, 1, 1], [5, 5, 5]))
    assert found.one_in is None
    assert "one_in" not in group_record(found).to_dict()


def test_the_headline_rate_is_of_the_mean_inhabitants_of_its_years(series):
    total = series.total
    assert total.denominator.inhabitants == 1_100_000
    assert total.denominator.years == ("2014", "2015")
    np.testing.assert_allclose(total.rate.median, total.N.median / 1_100_000 * 1e5)
    assert total.denominator.how == "counted"
    assert total.denominator.sources == ("Office of Statistics 2015", "Office of Statistics 2016")
    assert series.groups["women"].denominator.how == "implied"
    assert series.groups["men"].rate is None


def test_every_year_has_its_own_inhabitants_or_no_rate(series):
    assert series.by_year["2013"]["total"].rate is None
    for year, inhabitants in (("2014", 1_000_000), ("2015", 1_200_000), ("2016", 1_200_000)):
        group = series.by_year[year]["total"]
        assert group.rate.median == pytest.approx(group.N.median / inhabitants * 1e5)
        assert group.denominator.years == (year,)
    assert series.by_year["2016"]["women"].rate is None


def test_a_missing_headline_year_gives_no_rate_at_all(series, tmp_path):
    path = tmp_path / "denominators.csv"
    path.write_text("population,year,inhabitants,source,how\ninhabitants,2014,1000000,somebody,counted\n")
    study = replace(series.study, denominators=read_denominators(path))
    assert denominator_of(study, "total", ("2014",)) is not None
    assert denominator_of(study, "total", ("2014", "2015")) is None
    assert years_without_rate(study, ("2013", "2014", "2015"))["inhabitants"] == ("2013", "2015")


def test_the_years_without_a_rate_are_said(series):
    file = "denominators.csv"
    women = Reason("no-rate", population="women_12_and_over", years=["2013", "2016"], one_year=False, file=file)
    everybody = Reason("no-rate", population="inhabitants", years=["2013"], one_year=True, file=file)
    assert [note for note in series.notes if note.code == "no-rate"] == [everybody, women]
    assert series.to_dict()["notes"][1] == women.to_dict()


def test_the_text_has_rates_with_their_inhabitants(series):
    flat = " ".join(series.text(full=True).split())
    number, limits = rate(series.total.rate)
    assert f"All presumed victims inhabitants {number} {limits}" in flat
    assert "Inhabitants: 1,100,000 on average in 2014 and 2015, counted (Office of Statistics 2015; Office" in flat
    assert "Women 12 and over: 400,000 on average in 2014 and 2015, backed out of a published rate" in flat
    assert series._repr_html_().count("per 100,000") >= 1


def test_a_study_without_denominators_has_none_of_it(dutch):
    assert "per 100,000" not in dutch.text(full=True)
    assert "notes" in dutch.to_dict()
    assert "no-rate" not in {note.code for note in dutch.notes}
    assert "per_100000" not in json.dumps(dutch.to_dict())


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.0, ""), (1.6, ""), (2.0, "one in two"), (4.6, "one in five"), (10.2, "one in ten"), (23.7, "one in 24")],
)
def test_one_in_so_many(value, words):
    assert one_in(value) == words


@pytest.mark.parametrize(
    ("middle", "half", "words"),
    [
        (37.04, 7.3, ("37", "29 to 45")),
        (257.1, 96.0, ("260", "160 to 360")),
        (0.42, 0.13, ("0.42", "0.29 to 0.55")),
        (3.0, 0.0, ("3", "3 to 3")),
    ],
)
def test_rates_keep_two_digits_of_what_is_uncertain(middle, half, words):
    value = Summary(middle, middle, half / 2, {0.95: (middle - half, middle + half)})
    assert rate(value) == words


@pytest.mark.parametrize(("value", "words"), [(1.074, "1.07"), (1.62, "1.6"), (23.4, "23"), (np.inf, "without limit")])
def test_factors(value, words):
    assert factor(value) == words
