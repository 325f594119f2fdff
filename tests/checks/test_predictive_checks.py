from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from estimator.checks.finding import CAUTION, FAILS, SOUND
from estimator.checks.loglinear import predictive_checks as module
from estimator.checks.loglinear.completed import completed_tables, recorded_cells, some_draws
from estimator.checks.loglinear.predictive_checks import _verdict, predictive_checks
from estimator.checks.loglinear.predictive_statistics import Check, checks_of, statistics_of
from estimator.methods.loglinear.posterior import expected_cells
from estimator.methods.loglinear.refit import refit
from estimator.reasons import Reason
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.words.numbers import probability_in_words
from estimator.words.words import words_in
from tests.checks import estimates
from tests.checks.drawing import drawn
from tests.methods.model_examples import BLANK_SEX, BY_YEAR, INTERVALS, WITH_SEX, by_year, read

BOTH = Reason("people-on-both", lists=("A", "B"))


def fitted(table, priors=None):
    model = ModelSettings.for_covariates([covariate.name for covariate in table.covariates])
    return refit(table, model, priors or estimates.normal_priors(), draws=300, warmup=300, seed=2)


def test_a_model_that_fits_gives_back_everything():
    finding = predictive_checks(estimates.clean())
    assert finding.verdict == SOUND
    assert finding.numbers["expected_by_chance"] == len(finding.numbers["checks"]) * finding.numbers["smallest_p"]
    kinds = [check["kind"] for check in finding.numbers["checks"]]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "overlap": 6,
        "times": 3,
        "list total": 4,
        "empty cells": 1,
    }


def test_a_pair_with_odds_ratio_20_is_named_under_independence():
    finding = predictive_checks(estimates.dependent())
    assert finding.verdict == FAILS
    assert finding.headline.code == "model-does-not-give-back"
    assert finding.headline["what"] == BOTH
    assert finding.reasons == (finding.headline,)
    assert finding.numbers["checks"][0]["name"] == BOTH.to_dict()
    first = drawn(finding).axes[0].get_yticklabels()[0].get_text()
    assert first.startswith(words_in("en").say(BOTH))


def test_a_missing_three_list_term_shows_in_people_on_three_lists():
    counts = estimates.expected_counts(3000, (0.3, 0.2, 0.25, 0.15))
    counts[[7, 11, 13, 14, 15]] *= 4  # people on three and four lists
    finding = predictive_checks(estimates.estimated(estimates.table_of(counts)))
    assert finding.verdict in (CAUTION, FAILS)
    worst = finding.numbers["checks"][0]["name"]["code"]
    assert worst in ("people-on-three-or-more-lists", "people-on-two-lists")


def test_the_tail_of_a_sum_is_the_mean_of_poisson_tails():
    table = estimates.table_of([0, 48, 75, 6, 120, 9, 14, 3])
    posterior = some_draws(fitted(table, read_priors("independence")), 200)
    found = {check.name: check for check in checks_of(table, posterior, 1)}
    both = np.concatenate(list(expected_cells(posterior)))[:, 0, [6, 7]].sum(axis=1)
    upper = (stats.poisson.sf(17, both) + stats.poisson.pmf(17, both) / 2).mean()
    assert found[BOTH].observed == 17
    assert found[BOTH].p == pytest.approx(2 * min(upper, 1 - upper), rel=1e-9)


def test_the_number_of_empty_cells_is_compared_with_simulated_tables():
    counts = np.array([0, 400, 0, 50, 0, 50, 0, 50])  # three empty cells in an otherwise dense table
    table = estimates.table_of(counts)
    posterior = fitted(table, read_priors("independence"))
    found = {check.name: check for check in checks_of(table, posterior, 1)}
    cells = np.concatenate(list(expected_cells(posterior)))[:, 0, 1:]
    empty = (np.random.default_rng(3).poisson(cells) == 0).sum(axis=1)
    more, same = (empty > 3).mean(), (empty == 3).mean()
    check = found[Reason("cells-without-anybody")]
    assert check.observed == 3
    error = 5 * np.sqrt(0.25 / len(cells)) + 1 / len(cells)
    assert check.p == pytest.approx(2 * min(more + same / 2, 1 - more - same / 2), abs=2 * error)


@pytest.mark.parametrize("text, declaration", [(BLANK_SEX, WITH_SEX), (INTERVALS, None), (by_year(), BY_YEAR)])
def test_completed_tables_have_the_people_that_were_counted(text, declaration):
    table = read(text, declaration)
    part = next(completed_tables(some_draws(fitted(table), 50), 1))
    assert np.array_equal(part.counted.reshape(table.shape), table.covered)
    assert (part.completed[:, ~part.counted] == 0).all()
    exact = table.lower[table.lower == table.upper].sum()
    bounded = table.lower != table.upper
    total = part.completed.sum(axis=1)
    assert (total >= exact + table.lower[bounded].sum()).all()
    for j in range(len(table.lower)):
        cells = table.observations.cells(j)
        alone = np.isin(table.cover_cell, cells).sum() == len(cells)  # no other number counts people of these cells
        if alone:
            people = part.completed[:, cells].sum(axis=1)
            assert ((people >= table.lower[j]) & (people <= table.upper[j])).all()


def test_people_of_unknown_sex_are_placed_as_the_model_expects_them():
    table = read(BLANK_SEX, WITH_SEX)
    posterior = some_draws(fitted(table), 1)
    cells = next(expected_cells(posterior))[0].reshape(-1)
    many = [next(completed_tables(posterior, seed)).completed[0] for seed in range(800)]
    a_alone = np.array([4, 12])  # history 100 of women and of men: 70 and 50, and 12 of whom it is not known
    women = np.array([found[4] - 70 for found in many])
    share = cells[4] / cells[a_alone].sum()
    assert women.mean() == pytest.approx(12 * share, abs=5 * np.sqrt(12 * share * (1 - share) / 800))
    assert women.var() == pytest.approx(12 * share * (1 - share), rel=0.3)
    assert all(found[a_alone].sum() == 132 for found in many)


def test_people_of_lists_that_did_not_run_are_compared_as_they_were_written_down():
    table = read(by_year(), BY_YEAR)
    heads = recorded_cells(table).reshape(table.shape)
    first_year = table.strata_where({"year": ("2013",)})
    assert (heads[first_year] % table.n_histories % 2 == 0).all(), "list C, the last bit, did not run in 2013"
    names = [statistic.name for statistic in statistics_of(table)]
    assert Reason("people-on-list-where", list="C", covariate="year", level="2013") not in names
    assert Reason("people-on-list-where", list="C", covariate="year", level="2014") in names
    finding_checks = checks_of(table, some_draws(fitted(table), 100), 1)
    assert all(0 <= check.p <= 1 for check in finding_checks)


def test_the_same_seed_gives_the_same_checks():
    first, again, other = (predictive_checks(estimates.by_sex(), seed=seed).numbers for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_verdicts_follow_the_expected_number_of_checks_that_far_out():
    assert [_verdict(value) for value in (0.0009, 0.0011, 0.049, 0.051)] == [FAILS, CAUTION, CAUTION, SOUND]


@pytest.mark.parametrize(("smallest", "verdict"), [(0.01, SOUND), (0.0024, CAUTION), (0.00004, FAILS)])
def test_the_more_numbers_are_compared_the_further_out_one_may_be(monkeypatch, smallest, verdict):
    """Of twenty numbers one is as far out as one in a hundred once in five tables: nothing to speak of."""
    several = [Check(BOTH, "overlap", 10.0, 5.0, 9.0, 14.0, p) for p in (smallest, *[0.5] * 19)]
    monkeypatch.setattr(module, "checks_of", lambda *_: several)
    finding = predictive_checks(estimates.clean())
    assert finding.numbers["expected_by_chance"] == pytest.approx(20 * smallest)
    assert finding.verdict == verdict


def test_probabilities_keep_the_digits_that_mean_something():
    written = [probability_in_words(value) for value in (0.5, 0.21, 0.1, 0.043, 0.004, 0.00012, 0.00001)]
    assert written == ["0.50", "0.21", "0.10", "0.043", "0.0040", "0.0001", "below 0.0001"]
