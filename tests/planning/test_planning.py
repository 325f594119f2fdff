"""What one more list would bring: against closed forms, and populations that are made as the plan says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from estimator.errors import InputError
from estimator.methods.shape import counted, plain_shape
from estimator.planning.gain import _Planner, run_plan
from estimator.planning.plan import read_plan
from estimator.planning.simulating import added_up, on_new_list, people_in_cells, present_shape, shape_with
from estimator.planning.summing import Simulated, Summing, crossing
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study, read_study

PLAN = """\
title = "One more list"
[list]
name = "D"
[coverage]
shares = [0.1, 0.3]
"""


@pytest.fixture
def write(tmp_path):
    def make(text: str = PLAN):
        (path := tmp_path / "plan.toml").write_text(text, encoding="utf-8")
        return path

    return make


def expected(people: int, shares: list[float]) -> np.ndarray:
    """People in cells as lists that are independent see them on average, shape (1, H)."""
    histories = np.array(list(np.ndindex(*[2] * len(shares))), bool)
    chance = np.where(histories, shares, 1 - np.array(shares)).prod(1)
    return np.round(people * chance).astype(np.int64)[None]


def study_of(people: int, shares: list[float], priors: str = "independence") -> Study:
    table = replace(counted(plain_shape(len(shares)).table, expected(people, shares)), kind="observed")
    return Study.of_table(table, model=ModelSettings.for_covariates([], priors=priors))


def darroch(people: int, shares: list[float]) -> float:
    """The asymptotic variance of the population size from independent lists (Darroch 1958, Biometrika 45:343)."""
    missed = 1 - np.array(shares)
    return people / (1 / missed.prod() - (1 / missed).sum() + len(shares) - 1)


@pytest.mark.slow
def test_independent_lists_gain_what_the_closed_form_says(write):
    """Two lists: Chapman's variance. A third: that of Darroch, of which Chapman's is the case of two."""
    people, shares = 20_000, [0.3, 0.25]
    record = run_plan(read_plan(write(), study_of(people, shares)), simulations=12)
    now = record.groups["total"]
    assert now.upper - now.lower == pytest.approx(2 * 1.96 * np.sqrt(darroch(people, shares)), rel=0.07)
    for case in record.cases:
        wanted = 2 * 1.96 * np.sqrt(darroch(people, [*shares, case.share]))
        found = case.groups["total"]
        assert abs(found.width - wanted) < 4 * found.error + 0.05 * wanted
        assert case.entries == pytest.approx(people * case.share, rel=0.05)


@pytest.mark.slow
def test_a_list_that_copies_another_adds_nothing(write):
    """Whoever is on list A is on the new one: under priors that learn dependence the interval gets no narrower."""
    study = study_of(5_000, [0.3, 0.2, 0.25], "evidence")
    text = PLAN.replace("[0.1, 0.3]", "[0.3]") + "[dependence]\nA = 1000000\n"
    record = run_plan(read_plan(write(text), study), simulations=6)
    found = record.cases[0].groups["total"]
    assert found.ratio > 1 - 4 * found.ratio_error - 0.05


def test_a_plan_comes_out_the_same_again_and_goes_on_from_what_is_kept(write, tmp_path):
    from estimator.calibration.at_scale import Running

    plan = read_plan(write(), study_of(800, [0.3, 0.25]))
    first = run_plan(plan, simulations=2, running=Running(workers=1))
    kept = Running(tmp_path / "kept", workers=1)
    assert run_plan(plan, simulations=2, running=kept) == first
    done: list[tuple[int, int]] = []
    again = Running(tmp_path / "kept", workers=1, progress=lambda *counts: done.append(counts))
    assert run_plan(plan, simulations=2, running=again) == first
    assert done == [(4, 4)], "nothing was left to do"


class TestNewList:
    def test_the_old_lists_see_what_they_saw(self):
        study = read_study("nl-2010-2015")
        table = study.only_table
        rng = np.random.default_rng(1)
        cells = people_in_cells(table, rng)
        shape = present_shape(table, {}, study.model, ())
        covered = np.ones(table.n_strata, bool)
        everybody = cells.copy()
        everybody[:, 0] = 5_000
        people, _ = on_new_list(everybody, 0.2, np.ones(table.n_lists), covered, 0.0, rng)
        wider = counted(shape_with(shape, "new", covered).table, people)
        before, after = counted(shape.table, cells), wider.drop("new")
        assert after.lists == before.lists
        np.testing.assert_array_equal(after.overlap().values, before.overlap().values)
        assert after.registered == before.registered

    def test_share_odds_ratio_and_false_positives_are_as_stated(self):
        everybody = expected(2_000_000, [0.3, 0.2])
        everybody[0, 0] = 2_000_000 - everybody[0, 1:].sum()
        rng = np.random.default_rng(2)
        people, entries = on_new_list(everybody, 0.1, np.array([4.0, 1.0]), np.ones(1, bool), 0.3, rng)
        wrong = int(people.sum() - everybody.sum())
        assert wrong / entries == pytest.approx(0.3, abs=5 * np.sqrt(0.3 * 0.7 / entries))
        assert (entries - wrong) / 2_000_000 == pytest.approx(0.1, abs=5 * np.sqrt(0.1 / 2_000_000))
        by_first = people.reshape(2, 2, 2)[:, 1]  # of those on the second list, where nobody is a false positive
        odds = [logit(on / (off + on)) for off, on in by_first]
        assert np.exp(odds[1] - odds[0]) == pytest.approx(4.0, rel=0.05)

    def test_nobody_where_it_does_not_run(self):
        cells = np.full((2, 4), 1000)
        people, entries = on_new_list(cells, 0.5, np.ones(2), np.array([True, False]), 0.1, np.random.default_rng(3))
        assert people[1].reshape(-1, 2)[:, 1].sum() == 0
        assert people[0].reshape(-1, 2)[:, 1].sum() == entries

    def test_people_of_whom_only_part_is_known_are_placed(self):
        table = read_study("scotland-pwid-2006").only_table
        cells = people_in_cells(table, np.random.default_rng(4))
        assert table.registered.lower <= cells.sum() <= table.registered.upper
        assert cells[:, 0].sum() == 0

    def test_adding_up_over_a_covariate(self):
        table = read_study("nl-2010-2015-reconstructed").only_table
        cells = people_in_cells(table, np.random.default_rng(5))
        pooled = added_up(cells, table, ("year",))
        sizes = [len(covariate.levels) for covariate in table.covariates]
        assert [covariate.name for covariate in table.covariates][0] == "year"
        np.testing.assert_array_equal(pooled, cells.reshape(sizes[0], -1, cells.shape[1]).sum(0))


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ([(10, 80), (20, 60), (30, 40)], 25),
        ([(10, 40)], 10 * 50 / 60),
        ([(10, 80), (20, 70)], None),
    ],
)
def test_where_an_interval_is_half_as_wide(points, wanted):
    assert crossing(points, 100.0, 50.0) == (wanted if wanted is None else pytest.approx(wanted))


class TestSumming:
    """Three populations, of which one has no estimate, and another whose interval misses the truth; two years."""

    def fits(self):
        quantiles = {"total": [100.0, 150.0, 220.0]}, {"total": [140.0, 170.0, 240.0]}, None
        return [
            (Simulated("0", str(n), 10 * (n + 1), 0.1, {"total": 130}), {"quantiles": one, "rhat": 1.0 + n})
            for n, one in enumerate(quantiles)
        ]

    def test_widths_errors_and_intervals_that_hold(self, write):
        summing = Summing(read_plan(write(), study_of(500, [0.3, 0.25])), {"total": np.ones(1, bool)}, 2, 1)
        case = summing.case(self.fits(), {"total": np.array([60.0, 80.0, 120.0])}, "share")
        width = case.groups["total"]
        assert (case.simulations, case.doubtful, case.entries) == (2, 1, 20.0)
        assert width.width == (60 + 50) / 2
        assert width.error == pytest.approx(np.std([60, 50], ddof=1) / np.sqrt(2))
        assert (width.ratio, width.held) == (55 / 60, 1)

    def test_a_list_less(self, write):
        summing = Summing(read_plan(write(), study_of(500, [0.3, 0.25])), {"total": np.ones(1, bool)}, 2, 1)
        present = {"total": np.array([60.0, 80.0, 120.0])}
        loss = summing.loss({"quantiles": {"total": [100, 150, 280]}, "rhat": 1.0}, present)
        assert (loss.ratios, loss.medians) == ({"total": 90 / 60}, {"total": 75.0})
        assert summing.loss({"quantiles": None, "rhat": 1.0}, present) is None

    def test_groups_are_of_the_headline_years_unless_years_are_added_up(self, write):
        study = read_study("nl-2010-2015-reconstructed")
        levels = dict(zip(*_strata_by_year(study), strict=True))
        planner = _Planner(read_plan(write(), study), read_priors("moderate"), 1, 1)
        assert {levels[at] for at in np.flatnonzero(planner.shape.groups["total"])} == {"2014", "2015"}
        assert planner.divisor == 2
        pooled = _Planner(read_plan(write('pool = ["year"]\n' + PLAN), study), read_priors("moderate"), 1, 1)
        assert pooled.shape.groups["total"].all()
        assert pooled.divisor == 6


def _strata_by_year(study):
    table = study.only_table
    sizes = [len(covariate.levels) for covariate in table.covariates]
    years = np.array(table.covariates[0].levels)
    return range(table.n_strata), np.repeat(years, np.prod(sizes[1:])).tolist()


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "fragment"),
        [
            (PLAN.replace('"D"', '"A"'), "has a list 'A' already"),
            (PLAN.replace("[0.1, 0.3]", "[0.3, 0.1]"), "from low to high"),
            (PLAN.replace("[0.1, 0.3]", "[0, 0.1]"), "shares"),
            (PLAN.replace("[0.1, 0.3]", "[]"), "Nothing is filled in"),
            (PLAN + "where = {sex = 'female'}\n", "no covariate 'sex'"),
            (PLAN + "[dependence]\nX = 2\n", "no list 'X'"),
            (PLAN + "[dependence]\nA = 0\n", "odds ratio"),
            (PLAN + "[false_positives]\nshare = 1\n", "from 0 to 0.9"),
            ('pool = ["year"]\n' + PLAN, "no covariate 'year'"),
            ('drop = ["B"]\n' + PLAN, "with one less nothing can be estimated"),
            (PLAN.replace("shares", "share"), "no key of this name"),
            ('pool = ["year"]\n', "missing"),
        ],
    )
    def test_one_sentence_with_its_line(self, write, text, fragment):
        with pytest.raises(InputError) as found:
            read_plan(write(text), study_of(500, [0.3, 0.25]))
        assert any(fragment in str(fault) and "plan.toml" in str(fault) for fault in found.value.faults), found.value

    def test_strata_in_which_other_lists_ran_are_not_added_up(self, write):
        study = read_study("scotland-pwid-2006")
        first = study.only_table.covariates[0]
        changed = study.only_table.without(study.only_table.lists[0], {first.name: first.levels[:1]})
        with pytest.raises(InputError, match="did not run in all strata"):
            read_plan(write(f'pool = ["{first.name}"]\n' + PLAN), replace(study, table=changed))
        read_plan(write(PLAN), replace(study, table=changed))

    def test_a_group_that_the_survey_has_not(self, write):
        section = (
            '[from_survey]\nsurvey = "nl-doctors-2017"\nquestion = "suspected"\ngroup = "nurses"\n'
            "would_report = [0.1, 0.5]\nvictims_seen = [0.1, 0.2]\n"
        )
        with pytest.raises(InputError, match="No answer of such a group"):
            run_plan(read_plan(write(PLAN + section), study_of(500, [0.3, 0.25])), simulations=2)
