"""The lower bound: by hand, in expectation, on simulated people, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero
from estimator.methods.lower_bound.bounds import (
    PAIRS,
    SEEN_ONCE_AND_TWICE,
    OnceAndTwice,
    bound_draws,
    counted,
    lower_bound,
)
from estimator.methods.lower_bound.method import LowerBound, sorted_by_history
from estimator.methods.pooling import EACH, POOLED
from estimator.study.questions import Group, Label
from estimator.study.study import Study
from tests.capture.capture_examples import read

TEXT = """A,B,C,count
1,0,0,30
0,1,0,20
0,0,1,10
1,1,0,6
1,0,1,3
0,1,1,1
1,1,1,2
"""
DECLARATION = Declaration(("A", "B", "C"))
BOTH_FORMS = pytest.mark.parametrize("form", [PAIRS, SEEN_ONCE_AND_TWICE])
CHOICES = {"strata": EACH, "form": PAIRS}


def table(text: str = TEXT, declaration: Declaration = DECLARATION):
    return read(text, declaration)


def of_table(text: str = TEXT, declaration: Declaration = DECLARATION) -> list[OnceAndTwice]:
    found = table(text, declaration)
    sorted_counts = sorted_by_history(found)
    assert sorted_counts.reasons == ()
    return counted(found, sorted_counts.seen)


def three_lists(alone, both) -> OnceAndTwice:
    pairs = np.array([(0, 1), (0, 2), (1, 2)])
    return OnceAndTwice(np.array(alone, dtype=np.int64), pairs, np.array(both, dtype=np.int64))


def test_by_hand():
    (counts,) = of_table()
    assert counts.alone.tolist() == [30, 20, 10]
    assert counts.both.tolist() == [6, 3, 1]
    # (30 * 20 + 30 * 10 + 20 * 10) / (6 + 3 + 1 + 1)
    assert lower_bound(counts) == pytest.approx(1100 / 11)
    # Chao 1987, bias-corrected, three lists: 2/3 * 60 * 59 / (2 * 11)
    assert lower_bound(counts, SEEN_ONCE_AND_TWICE) == pytest.approx(2 / 3 * 60 * 59 / 22)


def test_both_forms_are_one_where_lists_are_equally_good():
    counts = three_lists([300_000] * 3, [20_000] * 3)
    assert lower_bound(counts) == pytest.approx(lower_bound(counts, SEEN_ONCE_AND_TWICE), rel=1e-4)
    # (t - 1) / t * f1^2 / (2 f2)
    assert lower_bound(counts) == pytest.approx(2 / 3 * 900_000**2 / (2 * 60_000), rel=1e-4)


@pytest.mark.parametrize("odds", [(0.2, 0.2, 0.2), (0.02, 0.3, 1.5)])
def test_the_bound_is_the_truth_where_lists_are_independent(odds):
    unseen, (a, b, c) = 1e7, odds
    counts = three_lists([unseen * a, unseen * b, unseen * c], [unseen * a * b, unseen * a * c, unseen * b * c])
    assert lower_bound(counts) == pytest.approx(unseen, rel=1e-4)


def test_the_form_of_1987_is_no_bound_where_lists_differ():
    unseen, (a, b, c) = 1e7, (0.02, 0.3, 1.5)
    counts = three_lists([unseen * a, unseen * b, unseen * c], [unseen * a * b, unseen * a * c, unseen * b * c])
    assert lower_bound(counts, SEEN_ONCE_AND_TWICE) > 1.3 * unseen


@BOTH_FORMS
@pytest.mark.parametrize(("alone", "both"), [((30, 20, 10), (6, 3, 1)), ((5, 0, 3), (0, 0, 0)), ((0, 0, 1), (0, 0, 0))])
def test_the_mean_of_the_draws_is_the_bound(form, alone, both):
    counts = three_lists(alone, both)
    draws = bound_draws(counts, form, (4, 50_000), np.random.default_rng(3))
    assert draws.shape == (4, 50_000)
    assert draws.mean() == pytest.approx(lower_bound(counts, form), rel=0.05)


def test_draws_of_people_are_as_wide_as_chao_says():
    """Variance of Chao (1987) for f1 and f2: f2 (r^2 / 2 + r^3 + r^4 / 4), r = f1 / f2; its interval is log-normal."""
    once, twice, t = 3000, 600, 40
    alone = np.full(t, once // t)
    pairs = np.array([(i, j) for i in range(t) for j in range(i + 1, t)])
    both = np.zeros(len(pairs), dtype=np.int64)
    both[:twice] = 1
    rng = np.random.default_rng(5)
    people = rng.poisson(bound_draws(OnceAndTwice(alone, pairs, both), SEEN_ONCE_AND_TWICE, (200_000,), rng))
    ratio, f0 = once / twice, once**2 / (2 * twice)
    variance = twice * (ratio**2 / 2 + ratio**3 + ratio**4 / 4)
    assert people.var() == pytest.approx(variance, rel=0.1)
    factor = np.exp(1.96 * np.sqrt(np.log(1 + variance / f0**2)))
    lower, upper = np.quantile(people / ((t - 1) / t), [0.025, 0.975])
    assert lower == pytest.approx(f0 / factor, rel=0.02)
    assert upper == pytest.approx(f0 * factor, rel=0.02)


def test_intervals_of_the_bound_hold_it():
    """Tables of three unequal lists that are independent: the bound is the truth."""
    rng = np.random.default_rng(11)
    unseen, (a, b, c) = 400.0, (0.1, 0.2, 0.4)
    inside, above = 0, 0
    for _ in range(400):
        alone, both = (
            rng.poisson([unseen * a, unseen * b, unseen * c]),
            rng.poisson([unseen * a * b, unseen * a * c, unseen * b * c]),
        )
        draws = bound_draws(three_lists(alone, both), PAIRS, (1000,), rng)
        lower, upper = np.quantile(draws, [0.025, 0.975])
        inside += lower <= unseen <= upper
        above += lower > unseen
    assert 0.91 <= inside / 400 <= 0.985
    assert above / 400 < 0.05


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
def test_people_who_differ_are_more_than_the_bound(spread):
    """Simulated people whom all lists see more or less easily: the bound lies below those whom none saw."""
    rng = np.random.default_rng(7)
    frailty = rng.normal(0.0, spread, 400_000)
    odds = np.exp(np.array([-2.0, -1.5, -2.5])[:, None] + frailty)
    on = rng.random(odds.shape) < odds / (1 + odds)
    times = on.sum(axis=0)
    alone = [int((on[i] & (times == 1)).sum()) for i in range(3)]
    both = [int((on[i] & on[j] & (times == 2)).sum()) for i, j in ((0, 1), (0, 2), (1, 2))]
    unseen = int((times == 0).sum())
    bound = lower_bound(three_lists(alone, both))
    assert bound < 0.99 * unseen
    assert bound > 0.2 * unseen


def test_lists_that_cannot_overlap_are_no_pair():
    declaration = replace(DECLARATION, structural_zeros=(StructuralZero(("A", "B"), {}, "by law"),))
    text = TEXT.replace("1,1,0,6\n", "").replace("1,1,1,2\n", "")
    (counts,) = of_table(text, declaration)
    assert counts.pairs.tolist() == [[0, 2], [1, 2]]
    assert lower_bound(counts) == pytest.approx((30 * 10 + 20 * 10) / (3 + 1 + 1))


def test_a_list_that_did_not_run_somewhere_is_left_out_there():
    declaration = Declaration(
        ("A", "B", "C"),
        (Covariate("year", ("1", "2")),),
        not_operating=(NotOperating("C", {"year": ("2",)}, "closed"),),
    )
    rows = [f"{line},1" for line in TEXT.splitlines()[1:]] + ["1,0,,8,2", "0,1,,4,2", "1,1,,3,2"]
    first, second = of_table("\n".join(["A,B,C,count,year", *rows]) + "\n", declaration)
    assert lower_bound(first) == pytest.approx(100)
    assert second.pairs.tolist() == [[0, 1]]
    assert lower_bound(second) == pytest.approx(8 * 4 / (3 + 1))


def a_study(text: str, covariates=(), groups=()) -> Study:
    return Study.of_table(table(text, Declaration(("A", "B", "C"), covariates)), groups=groups)


def refused(study: Study, **options: str) -> list[str]:
    return [reason.code for reason in LowerBound().refusals(study, CHOICES | options)]


def test_what_is_refused():
    assert refused(a_study(TEXT)) == []
    assert refused(a_study(TEXT.replace("0,1,1,1", "0,1,1,1-4"))) == ["bound-needs-exact-counts"]
    sexes = (Covariate("sex", ("f", "m")),)
    rows = [f"{line},f" for line in TEXT.splitlines()[1:]]
    unknown = a_study("\n".join(["A,B,C,count,sex", *rows, "1,0,0,5,m", "0,1,0,7,"]) + "\n", sexes)
    assert refused(unknown) == ["bound-needs-known-strata"]
    assert refused(unknown, strata=POOLED) == []
    women = [Group("women", Label("Women"), {"sex": ("f",)})]
    asked = a_study("\n".join(["A,B,C,count,sex", *rows]) + "\n", sexes, women)
    assert refused(asked) == []
    assert refused(asked, strata=POOLED) == ["pooled-of-everybody-alone"]


def test_everybody_together_is_one_stratum():
    sexes = (Covariate("sex", ("f", "m")),)
    lines = TEXT.splitlines()[1:]
    rows = [f"{line},f" for line in lines] + [f"{line},m" for line in lines]
    study = a_study("\n".join(["A,B,C,count,sex", *rows]) + "\n", sexes)
    together = LowerBound().study_for(study, CHOICES | {"strata": POOLED}).table
    assert together.n_strata == 1
    (counts,) = counted(together, sorted_by_history(together).seen)
    assert lower_bound(counts) == pytest.approx(4 * 1100 / 21)
