"""Tables of other people: each with its right value, found without this program, or refused with what is wanted.

What only registers can mend stays as it is, and is said here: one row per contact has to be brought together first
(`25-event-records`); nothing says that some people on a list do not belong (`23-overcoverage`).
"""

from __future__ import annotations

import re
import shutil
from itertools import combinations

import numpy as np
import pytest

from estimator.capture.checking import check_table
from estimator.capture.histories import membership
from estimator.errors import InputError, NotEstimableError
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import Estimate, estimate
from estimator.study.study import Study, read_study
from tests.others.examples import STUDIES

SHORT = SamplerSettings(draws=1000, warmup=500)


def study_of(name: str) -> Study:
    return read_study(str(STUDIES / name))


def found(study: Study | str, priors: str = "evidence") -> Estimate:
    study = study_of(study) if isinstance(study, str) else study
    return estimate(study, priors, beside=(), sampler=SHORT)


def codes(reasons) -> set[str]:
    return {reason.code for reason in reasons}


def changed(name: str, folder, *, study=lambda text: text, table=lambda text: text) -> Study:
    """The study with its files changed."""
    shutil.copytree(STUDIES / name, folder / name)
    for file, change in (("study.toml", study), ("table.csv", table)):
        path = folder / name / file
        path.write_text(change(path.read_text()))
    return read_study(str(folder / name))


def likeliest(study: Study, *, pairs: bool) -> float:
    """The maximum likelihood of the total of a table of exact counts, by iterated weighted least squares."""
    table = study.table
    counts = np.zeros(table.n_histories)
    np.add.at(counts, table.cover_cell, table.lower)
    on = membership(table.n_lists)[1:].astype(float)
    together = [on[:, a] * on[:, b] for a, b in combinations(range(table.n_lists), 2)] if pairs else []
    design = np.column_stack([np.ones(len(on)), on, *together])
    seen, mean = counts[1:], counts[1:] + 0.5
    for _ in range(500):
        root = np.sqrt(mean)
        working = np.log(mean) + (seen - mean) / mean
        coefficients = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        mean = np.exp(np.clip(design @ coefficients, -50, 50))
    return float(seen.sum() + np.exp(coefficients[0]))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("25-event-records", r"one row per contact: column 'list' names the list\. Wanted are counts per combination"),
        ("apprehensions-per-person", r"how many people were seen once, twice and so on .* Wanted are counts"),
        ("schnabel-samples", r"No column is of a list of the study; .* Wanted are counts per combination of lists"),
        ("heart-complete-table", r"line 2, column count: This row counts people who are on no list"),
        ("spina-bifida-un-obs", r"'un' does not say whether the list saw these persons\. Write 1 \(yes\), 0 \(no\)"),
    ],
)
def test_what_holds_something_else_is_refused_with_what_is_wanted(name, said):
    with pytest.raises(InputError) as refused:
        study_of(name)
    assert re.search(said, str(refused.value), re.DOTALL)


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("03-person-rows", 749),
        ("hare-one-row-each", 68),  # Cormack 1989
        ("hav-taiwan-1995", 271),  # Chao and others 1997
        ("kampala-msm-inclusive", 374 + 458 + 397 + 13 + 46 + 98 + 57),  # by inclusion and exclusion
    ],
)
def test_people_are_counted_once(name, registered):
    assert study_of(name).table.registered.lower == study_of(name).table.registered.upper == registered


def test_inclusive_overlaps_must_be_declared(tmp_path):
    silent = found("02-inclusive-venn")
    assert codes(silent.fitness.unsound) == {"overlaps-taken-as-exclusive"}
    declared = changed("02-inclusive-venn", tmp_path, study=lambda text: 'overlaps = "inclusive"\n' + text)
    assert declared.table.registered.lower == 572
    assert found(declared).fitness.publishable


def test_a_list_within_another_runs_to_plus_infinity():
    report = check_table(study_of("11d-contained-four").table)
    by_name = {model.name: model for model in report.models}
    assert by_name["A-C"].rising and not by_name["A-C"].falling
    assert "list-within-list" in codes(finding.what for finding in report.findings)


def test_a_region_seen_by_one_list_only_is_said_to_lean_on_the_others():
    (said,) = [reason for reason in found("13b-one-list-stratum").fitness.cautions if reason.code[:5] == "group"]
    assert (said.code, said["group"], said["upper"], said["registered_upper"]) == (
        "group-hardly-informed",
        "west",
        0,
        25,
    )


def test_a_region_without_a_list_adds_nobody(tmp_path):
    """North and south alone, as if nobody had ever asked about the west: the same draws."""

    def without_west(text):
        start = text.index("[groups.west]")
        return text[:start].replace(',"west"', "")

    left_out = found("13c-no-list-in-stratum")
    alone = found(changed("13c-no-list-in-stratum", tmp_path, study=without_west))
    assert left_out.total.N == alone.total.N
    assert left_out.fitness.cautions[0].code == "strata-not-estimated"
    assert set(left_out.groups) == {"total", "north", "south"}


def test_a_total_known_to_a_tenth_of_a_percent_is_fit_to_publish():
    near = found("21b-near-complete-three")
    assert near.fitness.publishable
    assert codes(near.fitness.cautions) == {"dark-figure-known-poorly"}
    assert near.total.N.lower < 5000 < near.total.N.upper < 5015


def test_people_who_do_not_belong_are_within_the_interval():
    """True 4,000; the likeliest number with 110 people too many on one list is 4,289, and independence misses it."""
    study = study_of("23-overcoverage")
    assert likeliest(study, pairs=False) == pytest.approx(4289, abs=1)
    default = found(study)
    assert default.total.N.lower < 4000 < default.total.N.upper
    assert "model-describes-table-poorly" in codes(found(study, "independence").fitness.cautions)


def test_bounds_do_not_hide_a_model_that_does_not_fit(tmp_path):
    """Of people on the last two lists 372 were counted, and independent lists predict 187 to 270."""

    def middles(text):
        return re.sub(r"(\d+)-(\d+)", lambda bounds: str((int(bounds[1]) + int(bounds[2])) // 2), text)

    within = found("30b-misfit-all-bounds", "independence")
    exact = found(changed("30b-misfit-all-bounds", tmp_path, table=middles), "independence")
    assert exact.study.table.registered.lower == exact.study.table.registered.upper
    for one in (within, exact):
        assert one.predictive_p < 0.001
        assert "model-does-not-describe-table" in codes(one.fitness.unsound)


def test_two_captures_in_kampala():
    """Lincoln and Petersen have 467 x 450 / 54 = 3,892, as published, if the captures are independent."""
    study = study_of("kampala-pwid-two-lists")
    assert likeliest(study, pairs=False) == pytest.approx(467 * 450 / 54, abs=0.1)
    independent = found(study, "independence")
    assert independent.total.N.median == pytest.approx(467 * 450 / 54, rel=0.02)
    assert "total-not-identified" in codes(found(study).fitness.unsound)


def test_three_captures_in_kampala_are_too_few_overlaps_for_a_number():
    """Published, by a latent class model: 14,019 (4,995 to 40,949); likeliest with every pair dependent: 67,585."""
    study = study_of("kampala-msm-inclusive")
    assert likeliest(study, pairs=True) == pytest.approx(67_585, rel=0.001)
    default = found(study)
    assert default.total.N.lower < 14_019 < default.total.N.upper
    assert default.total.N.lower < 67_585 < default.total.N.upper
    assert codes(default.fitness.unsound) == set()
    assert "interval-wide" in codes(default.fitness.cautions)
    assert not found(study, "independence").fitness.publishable


@pytest.mark.parametrize(
    ("name", "total", "wide"),
    [
        ("diabetes-italy", 2_790, False),
        ("hav-taiwan-1995", 1_313, True),
        ("western-us-site", 7_874, True),
        ("new-orleans-8-lists", 2_393, False),
    ],
)
def test_the_likeliest_total_with_dependent_pairs_lies_in_the_interval(name, total, wide):
    study = study_of(name)
    assert likeliest(study, pairs=True) == pytest.approx(total, rel=0.001)
    default = found(study)
    assert default.total.N.lower < total < default.total.N.upper
    assert codes(default.fitness.unsound) == set()
    assert ("interval-wide" in codes(default.fitness.cautions)) is wide


@pytest.mark.parametrize(
    ("name", "total"), [("hare-one-row-each", 75.1), ("diabetes-italy", 2_251), ("new-orleans-8-lists", 997)]
)
def test_under_independence_the_answer_is_the_likeliest_or_the_prior_is_said_to_move_it(name, total):
    study = study_of(name)
    assert likeliest(study, pairs=False) == pytest.approx(total, rel=0.001)
    independent = found(study, "independence")
    near = abs(independent.total.N.median / total - 1) < 0.05
    assert near != ("coverage-moves-total" in codes(independent.fitness.cautions))
    assert independent.total.N.lower < total < independent.total.N.upper


def test_nothing_is_estimated_where_nothing_overlaps(tmp_path):
    apart = changed("kampala-pwid-two-lists", tmp_path, table=lambda text: text.replace("1,1,54", "1,1,0"))
    with pytest.raises(NotEstimableError):
        found(apart)
