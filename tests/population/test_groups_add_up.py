from __future__ import annotations

import numpy as np
import pytest

from estimator.population.groups import headline_groups, yearly_groups


def test_groups_that_partition_the_total_sum_to_it_in_every_draw(years):
    groups = years.group_draws
    for quantity in ("registered", "unseen", "size"):
        parts = getattr(groups["women"], quantity) + getattr(groups["men"], quantity)
        np.testing.assert_allclose(parts, getattr(groups["total"], quantity), rtol=0, atol=1e-9)


def test_groups_sum_to_the_total_in_every_year_and_under_every_prior(series):
    for one in (series, *series.beside):
        for groups in (one.group_draws, *one.group_draws_by_year.values()):
            parts = groups["women"].size + groups["men"].size
            np.testing.assert_allclose(parts, groups["total"].size, rtol=0, atol=1e-9)


def test_years_average_to_the_headline_in_every_draw(years):
    found = yearly_groups(years.study, years.population)
    for name, group in headline_groups(years.study, years.population).items():
        average = (found["2020"][name].size + found["2021"][name].size) / 2
        np.testing.assert_allclose(average, group.size, rtol=0, atol=1e-9)


def test_everybody_who_is_registered_is_counted_once(years):
    bounds = years.study.table.registered
    drawn = years.population.registered.sum(axis=-1)
    # 2 suppressed counts of 0..4 in the table; everybody else is exactly known, if not always where
    assert bounds.upper - bounds.lower == 8
    assert drawn.min() >= bounds.lower
    assert drawn.max() <= bounds.upper
    assert np.ptp(drawn) > 0


def test_people_of_unknown_sex_are_divided_anew_in_every_draw(years):
    women_2020 = years.population.registered[..., 0]
    known = sum((120, 90, 60, 30, 18, 12, 4))
    assert women_2020.min() >= known
    assert women_2020.max() <= known + 22
    assert np.unique(women_2020).size > 5


def test_exactly_known_people_are_the_same_in_every_draw(dutch):
    assert np.unique(dutch.population.registered).tolist() == [8234]
    assert dutch.total.registered.sd == 0


def test_a_pooled_table_of_six_years_is_given_per_year_too(dutch):
    assert dutch.per_year["total"].N.median == pytest.approx(dutch.total.N.median / 6)
    assert dutch.per_year["total"].coverage.median == pytest.approx(dutch.total.coverage.median)
    assert dutch.by_year == {}
