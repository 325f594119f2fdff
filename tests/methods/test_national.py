"""A made-up country of 260 strata and eight lists, drawn from the model: its estimate is made and holds the truth."""

from __future__ import annotations

import pytest

from benchmarks.national_study import GROWTH, draw_national, write_national
from estimator.methods.loglinear.large_arrays import SHORT_WARMUP
from estimator.population.estimate import estimate
from estimator.study.study import read_study


@pytest.mark.slow
def test_the_estimate_of_a_country_holds_its_people(tmp_path):
    truth = draw_national(*GROWTH[260])
    write_national(tmp_path / "country", truth)
    found = estimate(read_study(tmp_path / "country"), beside=())
    assert found.posterior.convergence.passed
    assert found.posterior.settings.warmup == SHORT_WARMUP
    assert found.posterior.settings.draws < 2000, "it ends when draws are enough"
    years = len(truth.levels["year"])  # groups are people a year, over all years
    people = {
        level.rpartition("=")[2]: number / years
        for level, number in truth.by_level.items()
        if not level.startswith("year=")
    }
    assert found.groups.keys() == people.keys()
    held = [group.N.lower <= people[name] <= group.N.upper for name, group in found.groups.items()]
    assert sum(held) >= 19, "of 21 intervals of 95 %, which move together"
    assert found.groups["total"].N.lower <= people["total"] <= found.groups["total"].N.upper
    assert found.groups["total"].N.upper < 2 * people["total"]
