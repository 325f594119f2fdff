"""Judging a second prior: simulated populations are what they are called, and residuals come after the fit."""

import numpy as np
import pytest
from scipy import stats

from estimator.fits.scores import QUANTILES, Judged
from evidence import understated
from evidence.differences import histories
from evidence.judges import INDEPENDENT, LATENT_CLASSES, NESTED, NUMBERS, PAIR, people_by_history
from evidence.make_second import folds_of_first
from evidence.second import Stated, quantiles_of
from evidence.second_text import Compared, one_by_one
from evidence.understated import ALL_PEOPLE, Population, Residuals, Understated, fits_asked_for, key_of, residuals_of

FIT = {"registered": 100, "log_implied": np.linspace(4.0, 5.0, 501).tolist(), "scale": [0.5] * 501}


def test_without_residual_quantiles_are_those_of_the_implied_people():
    found = dict(zip(QUANTILES, quantiles_of(FIT, Stated(0.0, 0.0)), strict=True))
    assert found[0.5] == pytest.approx(100 + np.exp(4.5), rel=0.02)
    assert found[0.975] == pytest.approx(100 + np.exp(4.975), rel=0.05)


def test_the_residual_moves_and_widens_by_what_is_stated_in_units_of_the_scale():
    narrow = {**FIT, "log_implied": [9.0] * 501}
    found = dict(zip(QUANTILES, quantiles_of(narrow, Stated(0.6, 0.8)), strict=True))
    exact = stats.norm(9.0 + 0.5 * 0.6, 0.5 * 0.8)
    for probability, people in found.items():
        assert np.log(people - 100) == pytest.approx(exact.ppf(probability), abs=0.03)


def log_odds_ratio(people, a, b):
    on = histories(int(np.log2(len(people))))
    cell = {(i, j): people[(on[:, a] == i) & (on[:, b] == j)].sum() for i in (0, 1) for j in (0, 1)}
    return np.log(cell[1, 1] * cell[0, 0] / (cell[1, 0] * cell[0, 1]))


def mean_over(scenario, value):
    return np.mean([value(people_by_history(scenario, number)) for number in range(NUMBERS[scenario])])


def test_simulated_populations_depend_as_they_are_called():
    assert abs(mean_over(INDEPENDENT, lambda people: log_odds_ratio(people, 0, 1))) < 0.15
    assert mean_over(PAIR, lambda people: log_odds_ratio(people, 0, 1)) == pytest.approx(np.log(8), abs=0.2)
    assert abs(mean_over(PAIR, lambda people: log_odds_ratio(people, 1, 2))) < 0.15
    assert mean_over(LATENT_CLASSES, lambda people: log_odds_ratio(people, 1, 2)) > 0.3

    def on_first(people):
        on = histories(int(np.log2(len(people))))
        return people[(on[:, 0] == 1) & (on[:, -1] == 1)].sum() / people[on[:, -1] == 1].sum()

    assert mean_over(NESTED, on_first) == pytest.approx(0.9, abs=0.02)


def test_the_residual_that_populations_call_for_is_found_again():
    rng = np.random.default_rng(2)
    fits = []
    for _ in range(400):
        implied, tau = rng.normal(7, 1), rng.uniform(0.3, 1.0)
        unseen = np.exp(implied + tau * rng.normal(0.8, 0.6))
        fits.append(
            {"unseen": round(unseen), "log_implied": rng.normal(implied, 0.05, 200), "scale": np.full(200, tau)}
        )
    found = residuals_of(fits, np.ones(400))
    assert found.centre == pytest.approx(0.8, abs=0.11)
    assert found.size == pytest.approx(0.6, abs=0.12)


def test_what_held_out_lists_understate_is_a_difference_of_centres_and_of_variances():
    found = Understated(Residuals(1.1, 1.3), Residuals(0.3, 0.5))
    assert (found.centre, found.variance) == pytest.approx((0.8, 1.3**2 - 0.5**2))
    assert Understated(found.held_out, found.everybody).variance == 0


def test_families_weigh_the_same_and_so_do_the_lists_of_a_population(monkeypatch):
    chosen = [
        Population("normal", 1.0, 0.1, 4, 0),
        Population("normal", 1.0, 0.1, 5, 0),
        Population("beta", 1.0, 0.1, 4, 0),
    ]
    asked = []
    monkeypatch.setattr(understated, "residuals_of", lambda fits, weights: asked.append((fits, weights)))
    results = {key_of(one, held): one.family for one in chosen for held in (ALL_PEOPLE, *range(one.lists))}
    understated.understated_by(results, chosen)
    for fits, weights in asked:
        assert weights[np.array(fits) == "normal"].sum() == pytest.approx(1)
        assert weights[np.array(fits) == "beta"].sum() == pytest.approx(1)
    assert [len(fits) for fits, _ in asked] == [3, 13]
    assert asked[1][1] == pytest.approx([0.125] * 4 + [0.1] * 5 + [0.25] * 4)


def test_every_population_is_fitted_once_and_once_for_each_of_its_lists():
    keys = [task.key for task in fits_asked_for()]
    assert len(set(keys)) == len(keys)
    population = Population("normal", 1.0, 0.1, 4, 0)
    assert {key_of(population, held) for held in (ALL_PEOPLE, 0, 1, 2, 3)} <= set(keys)


def test_what_evidence_was_without_each_family_is_read_from_its_report():
    folds = folds_of_first()
    assert len(folds) == 11
    assert folds["Rome"]["dependence.scale.log_normal"] == "[-0.58, 0.77]"
    assert folds["Rome"]["size"] == "0.46"


def test_lists_that_intervals_hold_are_counted_family_by_family():
    limits = dict(zip(QUANTILES, np.linspace(80, 120, len(QUANTILES)), strict=True))
    truths = {"a": [100.0, 81.0], "b": [150.0], "not chosen": [100.0]}
    judged = tuple(Judged(table, truth, limits) for table, several in truths.items() for truth in several)
    text = one_by_one([Compared("a prior", judged, {})], {"a": "One", "b": "One", "not chosen": "Two"}, {"a", "b"})
    [row] = [line for line in text.splitlines() if line.startswith("| One")]
    assert row.split(" | ")[1:5] == ["3", "1", "1", "2"]
    assert "Two" not in text
    assert "under a prior" in text
