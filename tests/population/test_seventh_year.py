"""A new year with a fifth more people and a list that loses half its coverage: counts fall, `compare` sees the rise.

How large must the table be for the test to tell? The ratio of two years rests on the people who are on two or more
lists, m before and n after: its logarithm has a standard deviation of about sqrt(1/m + 1/n). With 12,000 people these
are about 624 and 455, so that a rise by a fifth lies three standard deviations from none, and a right model finds it
with a probability of at least 95 % in nine tables of ten, before the other years add what they know. Three seeds were
looked at; the first is fixed, the others are run as slow tests.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from estimator.comparison.comparison import Comparison, compare_years
from estimator.comparison.differences import Verdict
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.runs.writing import save_run

YEARS = tuple(str(year) for year in range(2010, 2017))
LISTS = ("P", "S", "H", "R")
COVERAGE = {"f": (0.26, 0.09, 0.05, 0.05), "m": (0.22, 0.06, 0.08, 0.05)}
SHARES = {"f": 0.6, "m": 0.4}
PEOPLE, GROWTH, LOSS = 12_000, 1.2, 0.5
STUDY = """title = "A made-up country with a seventh year"
source = "tests/population/test_seventh_year.py"
table_kind = "synthetic"
[lists.P]
[lists.S]
[lists.H]
[lists.R]
[covariates.year]
levels = [2010, 2011, 2012, 2013, 2014, 2015, 2016]
ordered = true
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
headline = [2016]
[groups.women]
where = { sex = "f" }
[groups.men]
where = { sex = "m" }
"""
DECLARED = """[[changes]]
list = "P"
kind = "redefined"
since = 2016
reason = "From 2016 the police register only reports that were investigated."
"""


def write_study(folder: Path, seed: int, *, declared: bool) -> Path:
    """Seven years in which people are on lists independently of each other, each list with its own coverage by sex."""
    rng = np.random.default_rng(seed)
    lines = [f"year,sex,{','.join(LISTS)},count"]
    for year in YEARS:
        for sex, chances in COVERAGE.items():
            last = year == YEARS[-1]
            chance = np.array(chances) * ((LOSS, 1, 1, 1) if last else 1)
            people = rng.random((round(PEOPLE * SHARES[sex] * (GROWTH if last else 1)), len(LISTS))) < chance
            histories, counts = np.unique(people, axis=0, return_counts=True)
            lines += [
                f"{year},{sex},{','.join(str(int(on)) for on in history)},{count}"
                for history, count in zip(histories, counts, strict=True)
                if history.any()
            ]
    folder.mkdir()
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    (folder / "study.toml").write_text(STUDY + (DECLARED if declared else ""))
    return folder


def last_year(folder: Path, seed: int, *, declared: bool) -> Comparison:
    """Estimate, write the run, read it again and compare its last two years."""
    study = write_study(folder / "study", seed, declared=declared)
    sampler = SamplerSettings(draws=500, warmup=700, cores=2)
    return compare_years(save_run(estimate(study, sampler=sampler, beside=()), folder / "run"))


def refuse_to_miss_the_rise(found: Comparison) -> None:
    registered, people = found.total.registered, found.total.N
    assert registered.of_medians < 0.93, "a count of registered people shows a fall"
    assert people.rise > 0.95
    assert people.ratio.lower < GROWTH < people.ratio.upper
    assert found.total.verdict == Verdict("more", "fewer")
    assert found.total.coverage.direction == "fewer"
    (redefined,) = [caution for caution in found.cautions if caution.code == "list-redefined-between"]
    assert (redefined["list"], redefined["since"]) == ("P", "2016")


def test_a_rise_is_found_where_the_registered_number_falls(tmp_path):
    refuse_to_miss_the_rise(last_year(tmp_path, 1, declared=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_a_rise_is_found_in_other_tables_too(tmp_path, seed):
    refuse_to_miss_the_rise(last_year(tmp_path, seed, declared=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_loss_of_coverage_that_nobody_declares_hides_the_rise(tmp_path, seed):
    """What [[changes]] is for: without it the random walk reads part of the loss as fewer people."""
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    declared = last_year(tmp_path / "with", seed, declared=True).total.N
    silent = last_year(tmp_path / "without", seed, declared=False).total.N
    assert silent.ratio.median < declared.ratio.median
    assert abs(silent.ratio.median - GROWTH) > abs(declared.ratio.median - GROWTH)
