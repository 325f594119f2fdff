"""Two lists given covariates: closed forms, derivatives, random splits, simulated truth, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimator import estimate
from estimator.capture.declaration import Covariate, Declaration
from estimator.errors import NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.methods.doubly_robust.influence import LEAST, added, averaged, folds_of, influence
from estimator.methods.doubly_robust.learners import (
    FOREST,
    LOGISTIC,
    STACKED,
    STRATA,
    by_forest,
    by_logistic,
    estimated,
    features_of,
    mixture_weights,
    shares,
)
from estimator.methods.doubly_robust.method import RobustTotal, lincoln_petersen, pair_of, people_of
from estimator.methods.registry import chosen_options, method_named, refusals
from estimator.runs.reading import read_run
from estimator.runs.restoring import estimate_of_run
from estimator.study.study import Study
from tests.capture.capture_examples import read
from tests.methods.doubly_robust_truth import COVARIATES, chances_of_truth, simulated

SMALL = np.array([[30, 20, 11, 0], [8, 25, 4, 3], [50, 9, 7, 0], [3, 2, 1, 9]])
QUICK = SamplerSettings(draws=500, warmup=0, chains=2)
METHOD = method_named("doubly-robust")


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- influence --------------------------------------------------------------------------------------------------------


def test_the_shares_of_strata_give_lincoln_and_petersen_in_each_to_machine_precision():
    both = SMALL[:, 2]
    expected = (SMALL[:, 0] + both) * (SMALL[:, 1] + both) / both
    found = estimated(SMALL, None, STRATA, 5, 1, rng()).robust
    np.testing.assert_allclose(found.size, expected, rtol=1e-14)
    np.testing.assert_allclose(lincoln_petersen(SMALL), expected, rtol=1e-14)
    assert found.plug_in == pytest.approx(expected.sum(), rel=1e-14)


def test_its_variance_is_that_of_sekar_and_deming_to_machine_precision():
    only_first, only_second, both, _ = SMALL.T
    expected = (only_first + both) * (only_second + both) * only_first * only_second / both**3.0
    found = estimated(SMALL, None, STRATA, 5, 1, rng()).robust
    np.testing.assert_allclose(found.variance, expected, rtol=1e-12)
    assert found.total_variance == pytest.approx(expected.sum(), rel=1e-12)


def test_sums_are_those_of_persons_one_by_one():
    chances = np.array([[0.5, 0.2, 0.3, 0.0], [0.2, 0.3, 0.1, 0.4], [0.3, 0.3, 0.2, 0.2], [0.5, 0.3, 0.001, 0.199]])
    on = {0: (1, 0), 1: (0, 1), 2: (1, 1), 3: (0, 0)}
    size, square = np.zeros(4), np.zeros(4)
    for stratum, column in np.ndindex(*SMALL.shape):
        q12 = max(chances[stratum, 2], LEAST)
        q1, q2 = chances[stratum, 0] + q12, chances[stratum, 1] + q12
        first, second = on[column]
        phi = q1 * q2 / q12 * (first / q1 + second / q2 - first * second / q12)
        size[stratum] += SMALL[stratum, column] * phi
        square[stratum] += SMALL[stratum, column] * phi**2
    found = influence(SMALL, chances)
    np.testing.assert_allclose(found.size, size, rtol=1e-12)
    np.testing.assert_allclose(found.square, square, rtol=1e-12)
    assert found.thin == SMALL[3].sum()


def test_wrong_chances_enter_as_a_product_of_errors_only():
    """Half the error in the chances is a quarter of the error in the number, while by the chances alone it is half."""
    truth = np.array([[0.5, 0.2, 0.3, 0.0], [0.2, 0.3, 0.1, 0.4], [0.35, 0.3, 0.2, 0.15], [0.4, 0.25, 0.15, 0.2]])
    people, wrong = truth * 1000, np.array([0.02, -0.015, 0.01, -0.015])
    exact = influence(people, truth)
    off = [influence(people, truth + error * wrong) for error in (0.2, 0.1)]
    robust = [found.size.sum() - exact.size.sum() for found in off]
    plain = [found.plug_in.sum() - exact.plug_in.sum() for found in off]
    assert exact.size.sum() == pytest.approx(exact.plug_in.sum(), rel=1e-12)
    assert robust[0] / robust[1] == pytest.approx(4, rel=0.05)
    assert plain[0] / plain[1] == pytest.approx(2, rel=0.05)
    assert abs(robust[0]) < abs(plain[0]) / 10


def test_either_list_may_come_first():
    swapped = SMALL[:, [1, 0, 2, 3]]
    features = features_of([Covariate("a", ("x", "y")), Covariate("b", ("x", "y"))])
    one = influence(SMALL, by_logistic(SMALL, features, 1.0))
    other = influence(swapped, by_logistic(swapped, features, 1.0))
    np.testing.assert_allclose(one.size, other.size, rtol=1e-3)


def test_splits_that_differ_count_as_uncertainty():
    chances = shares(SMALL)
    moved = chances + np.array([0.05, -0.05, 0.0, 0.0])
    each = [influence(SMALL, chances), influence(SMALL, moved)]
    found = averaged(each)
    totals = np.array([one.size.sum() for one in each])
    within = np.mean([one.variance.sum() for one in each])
    assert found.size.sum() == pytest.approx(totals.mean())
    assert found.total_variance == pytest.approx(within + totals.var())
    sizes = np.stack([one.size for one in each])
    np.testing.assert_allclose(found.variance, np.mean([one.variance for one in each], axis=0) + sizes.var(axis=0))
    assert (found.variance > np.mean([one.variance for one in each], axis=0) * 1.0001).any()


# --- splits -----------------------------------------------------------------------------------------------------------


def test_parts_hold_everybody_once_and_are_equally_large():
    parts = folds_of(SMALL, 5, rng())
    np.testing.assert_array_equal(sum(parts), SMALL)
    sizes = [part.sum() for part in parts]
    assert max(sizes) - min(sizes) <= 1 and min(part.min() for part in parts) >= 0
    sums = added([influence(part, shares(SMALL)) for part in parts])
    assert sums.size.sum() == pytest.approx(influence(SMALL, shares(SMALL)).size.sum())


def test_who_is_in_a_part_says_nothing_of_cells():
    """Cells dealt out evenly would let chances learned of the others know the part: numbers are hypergeometric."""
    drawn = np.array([folds_of(SMALL, 5, rng(seed))[seed % 5][0, 0] for seed in range(2000)])
    n, of, part = SMALL.sum(), SMALL[0, 0], SMALL.sum() / 5
    assert drawn.mean() == pytest.approx(of / 5, abs=0.2)
    assert drawn.var() == pytest.approx(part * of / n * (1 - of / n) * (n - part) / (n - 1), rel=0.15)


# --- learners ---------------------------------------------------------------------------------------------------------


def test_features_are_levels_and_pairs_of_levels_in_the_order_of_strata():
    features = features_of([Covariate("a", ("x", "y")), Covariate("b", ("p", "q", "r"))])
    np.testing.assert_array_equal(features.places, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
    assert features.columns.shape == (6, 2 + 3 + 6)
    np.testing.assert_array_equal(features.columns[4], [0, 1, 0, 1, 0, *(0, 0, 0, 0, 1, 0)])


@pytest.mark.parametrize("learn", [lambda *of: by_forest(*of, 20.0, rng()), lambda *of: by_logistic(*of, 10.0)])
def test_learners_find_the_shares_of_large_strata(learn):
    truth = chances_of_truth(COVARIATES[:2])
    people = np.rint(truth * 4000).astype(int)
    found = learn(people, features_of(COVARIATES[:2]))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-9)
    assert (found[:, 3] == 0).all()
    assert np.abs(found - truth).max() < 0.03


def test_a_column_of_nobody_is_learned_as_nought_and_one_column_alone_as_one():
    features = features_of([Covariate("a", ("x", "y"))])
    people = np.array([[0, 40, 0, 0], [0, 30, 0, 0]])
    for found in (by_logistic(people, features, 1.0), by_forest(people, features, 20.0, rng())):
        np.testing.assert_allclose(found, [[0, 1, 0, 0]] * 2)


def test_the_mixture_is_the_likeliest():
    held = np.array([rng(seed).multinomial(300, [0.4, 0.3, 0.2, 0.1], size=4) for seed in range(3)])
    learned = np.stack([np.full((3, 4, 4), 0.25), np.tile([0.5, 0.3, 0.15, 0.05], (3, 4, 1))])
    weight = mixture_weights(held, learned)
    grid = np.linspace(0, 1, 2001)
    likelihood = [(held * np.log(at * learned[0] + (1 - at) * learned[1])).sum() for at in grid]
    assert weight.sum() == pytest.approx(1)
    assert weight[0] == pytest.approx(grid[np.argmax(likelihood)], abs=0.01)


@pytest.mark.parametrize("learner", [STACKED, FOREST, LOGISTIC])
def test_a_seed_gives_the_same_and_everybody_is_counted(learner):
    people = simulated(1500, rng(2))
    features = features_of(COVARIATES)
    one, again, other = (estimated(people, features, learner, 2, 1, rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.robust.size, again.robust.size)
    assert (one.robust.size != other.robust.size).any()
    assert {STACKED: 0 < one.forest < 1, FOREST: one.forest == pytest.approx(1), LOGISTIC: one.forest == 0}[learner]


# --- behind the door --------------------------------------------------------------------------------------------------

HEADER = "age,sex,A,B,count\n"
ROWS = [
    f"{age},{sex},{history},{number}\n"
    for (age, sex), people in zip([(a, s) for a in "yo" for s in "fm"], SMALL, strict=True)
    for history, number in zip(("1,0", "0,1", "1,1"), people, strict=False)
]
DECLARATION = Declaration(("A", "B"), (Covariate("age", ("y", "o")), Covariate("sex", ("f", "m"))))


def study(text: str = HEADER + "".join(ROWS), declaration: Declaration = DECLARATION) -> Study:
    return Study.of_table(read(text, declaration))


def options(**given: str) -> dict[str, str]:
    return chosen_options(METHOD, given)


def codes(asked: Study, **given: str) -> list[str]:
    return [reason.code for reason in refusals(METHOD, asked, options(**given))]


def test_the_estimate_of_strata_comes_through_the_door_to_machine_precision():
    found = estimate(study(), sampler=QUICK, method="doubly-robust", options={"learner": STRATA})
    expected = lincoln_petersen(SMALL).sum()
    own = METHOD.own_total(study(), found.posterior, 0.95)
    assert own["estimate"] == pytest.approx(expected, rel=1e-14)
    size = found.population.size.sum(axis=-1)
    for side, at in (("lower", 0.025), ("upper", 0.975)):
        assert np.quantile(size, at) == pytest.approx(own[side], rel=0.03)
    assert np.median(size) == pytest.approx(expected, rel=0.02)


def test_limits_are_log_normal_in_the_unseen_or_normal():
    total = RobustTotal(100, 150.0, 20.0, 150.0, 150.0, 150.0, 0.5, 0.0)
    level = np.array([0.025, 0.5, 0.975])
    factor = np.exp(stats.norm.ppf(0.975) * np.sqrt(np.log1p(0.16)))
    np.testing.assert_allclose(total.limits(level, "log-normal"), [100 + 50 / factor, 150, 100 + 50 * factor])
    np.testing.assert_allclose(total.limits(level, "normal"), 150 + 20 * stats.norm.ppf(level))
    below = replace(total, size=90.0)
    np.testing.assert_allclose(below.limits(level, "log-normal"), [100, 100, 90 + 20 * stats.norm.ppf(0.975)])


def test_strata_add_up_to_the_total_and_none_is_below_its_registered_people():
    found = estimate(study(), sampler=QUICK, method="doubly-robust", options={"learner": STRATA})
    population = found.population
    assert (population.unseen >= 0).all()
    np.testing.assert_allclose(population.unseen.sum(axis=-1), population.implied_unseen.sum(axis=-1), atol=0.51)


def test_two_lists_of_several_and_people_on_others_only():
    assert (pair_of("the-two", 2), pair_of("the-two", 3), pair_of("2-3", 3), pair_of("2-4", 3)) == (
        (0, 1),
        None,
        (1, 2),
        None,
    )
    counts = np.array([[0, 1, 2, 3, 4, 5, 6, 7]])  # lists A, B, C: history 4 is A alone
    np.testing.assert_array_equal(people_of(counts, (0, 1)), [[4 + 5, 2 + 3, 6 + 7, 1]])
    np.testing.assert_array_equal(people_of(counts, (1, 2)), [[2 + 6, 1 + 5, 3 + 7, 4]])


def test_what_is_refused():
    assert codes(study()) == []
    assert codes(study("A,B,count\n1,0,5\n0,1,4\n1,1,3\n", Declaration(("A", "B")))) == ["robust-needs-covariates"]
    three = Declaration(("A", "B", "C"), (Covariate("sex", ("f", "m")),))
    text = "sex,A,B,C,count\nf,1,1,0,5\nm,1,1,0,4\nf,0,0,1,3\nm,1,0,0,2\nm,0,1,1,2\n"
    (needed,) = refusals(METHOD, study(text, three), options())
    assert needed.code == "robust-needs-a-pair" and needed.values["pairs"][2] == "2-3 (B, C)"
    assert codes(study(text, three), pair="1-4") == ["robust-needs-a-pair"]
    assert codes(study(text, three), pair="1-3") == ["robust-needs-overlap"]
    assert codes(study(text, three), pair="2-3") == []
    assert codes(study(text, three), pair="2-3", learner=STRATA) == ["robust-needs-overlap-everywhere"]
    within = study(HEADER + "".join(ROWS).replace("y,f,1,0,30", "y,f,1,0,28-32"))
    assert codes(within) == ["method-needs-complete-counts"]


def test_without_scikit_learn_the_shares_of_strata_are_left(monkeypatch):
    monkeypatch.setattr("estimator.methods.doubly_robust.method.find_spec", lambda name: None)
    assert codes(study()) == ["robust-needs-scikit-learn"]
    assert codes(study(), learner=STRATA) == []
    with pytest.raises(NotEstimableError):
        estimate(study(), sampler=QUICK, method="doubly-robust")


def test_fewer_people_than_are_registered_are_objected_to():
    posterior = estimate(study(), sampler=QUICK, method="doubly-robust", options={"learner": STRATA}).posterior
    assert METHOD.objections(posterior) == ()
    below = replace(posterior, details=replace(posterior.details, size=100.0))
    assert [reason.code for reason in METHOD.objections(below)] == ["robust-fewer-than-registered"]


def test_few_people_and_thin_overlap_are_said():
    posterior = estimate(study(), sampler=QUICK, method="doubly-robust", options={"learner": STRATA}).posterior
    learned = replace(posterior, options={**posterior.options, "learner": STACKED})
    assert METHOD.cautions(posterior) == ()
    assert [reason.code for reason in METHOD.cautions(learned)] == ["robust-few-people"]
    details = replace(posterior.details, registered=20_000, thin=1000.0)
    assert METHOD.cautions(replace(learned, details=details)) == ()
    (thin,) = METHOD.cautions(replace(learned, details=replace(details, thin=1020.0)))
    assert (thin.code, thin.values["share"]) == ("robust-thin-overlap", pytest.approx(0.051))


def test_a_run_gives_the_estimate_back(tmp_path):
    choices = {"learner": LOGISTIC, "repeats": "1", "pair": "1-2"}
    made = estimate("spina-bifida-1969", sampler=QUICK, method="doubly-robust", options=choices)
    again = estimate_of_run(read_run(made.save(tmp_path / "run")))
    assert again.posterior.details == made.posterior.details
    assert again.fitness == made.fitness
    assert METHOD.notes(again.posterior) == METHOD.notes(made.posterior)
    np.testing.assert_array_equal(again.population.unseen, made.population.unseen)


# --- simulated truth --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_intervals_hold_the_truth_where_a_log_linear_model_is_wrong():
    from tests.methods.doubly_robust_truth import held

    found = held(5000, tables=20, seed=3)
    # were its intervals to hold the truth in half of all tables, 3 or fewer of 20 would be one chance in 800
    assert found["log-linear"].held <= 3
    assert found["doubly-robust"].held >= 13
    assert abs(found["doubly-robust"].bias) < abs(found["log-linear"].bias) / 2
