"""Checks of a table with people of unknown sex beside suppressed counts: an office's own."""

import numpy as np
import pytest

from estimator.capture.declaration import Covariate, Declaration
from estimator.checks.leave_list_out import leave_list_out
from estimator.checks.loglinear.simulated_tables import own_cells, simulated
from estimator.checks.loglinear.simulated_truth import simulated_truth
from estimator.fits.fewer_lists import study_merged, study_without
from estimator.methods.door import SamplerSettings
from estimator.methods.loglinear.refit import refit
from estimator.methods.loglinear.unknown import unknown_of
from estimator.population.estimate import estimate
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings, Period
from estimator.study.study import Study
from tests.methods.model_examples import read
from tests.methods.office_truth import LEAST_SHOWN, LISTS, SEXES, YEARS, lost, simulated_people, table_of

COVARIATES = (Covariate("sex", SEXES), Covariate("year", YEARS, ordered=True))


@pytest.fixture(scope="module")
def study():
    people = simulated_people(1)
    text = table_of(people, lost(people, 1), suppress=True)
    return Study.of_table(
        read(text, Declaration(LISTS, COVARIATES, suppressed_below=LEAST_SHOWN)),
        model=ModelSettings.for_covariates(["sex", "year"]),
        period=Period(covariate="year"),
    )


def test_without_a_list_the_share_of_unknown_people_is_still_a_parameter(study):
    """And each table has the people of the whole, within the bounds of the suppressed counts."""
    assert unknown_of(study.table, study.model).names
    for fewer in (study_without(study, "A"), study_merged(study, "B", "C")):
        table = fewer.table
        assert table.n_lists == 3
        assert unknown_of(table, fewer.model).names
        assert (table.lower < table.upper).any()
    merged = study_merged(study, "B", "C").table
    assert (merged.lower.sum(), merged.upper.sum()) == (study.table.lower.sum(), study.table.upper.sum())


def test_simulated_tables_lose_sex_and_are_suppressed_as_the_study_is(study):
    """On average people of unknown sex are as many, and a count within the bounds of its own is known within them."""
    posterior = refit(study.table, study.model, read_priors("evidence"), draws=60, warmup=150, chains=1)
    cells = own_cells(posterior, 40, seed=3)
    tables = [simulated(study.table, posterior.design, one, seed) for seed, one in enumerate(cells)]
    blank = np.diff(study.table.cover_start) > 1
    uncertain = study.table.lower < study.table.upper
    middle = (study.table.lower + study.table.upper) / 2
    for made in tables:
        lower, upper = made.table.lower, made.table.upper
        known_within = lower < upper
        assert not (known_within & ~uncertain).any()
        assert np.array_equal(lower[known_within], study.table.lower[known_within])
        assert unknown_of(made.table, study.model).names
        truth = made.truth.registered.sum()
        assert lower.sum() <= truth <= upper.sum()
    share = [((one.table.lower + one.table.upper) / 2)[blank].sum() / one.truth.registered.sum() for one in tables]
    assert np.mean(share) == pytest.approx(middle[blank].sum() / middle.sum(), abs=0.02)


@pytest.mark.slow
def test_both_checks_are_made_to_their_end(study):
    made = estimate(study, beside=(), sampler=SamplerSettings(draws=500, warmup=500, chains=2, cores=1))
    fewer = leave_list_out(made, workers=1)
    assert fewer.done
    assert {other["agreement"] for other in fewer.numbers["alternatives"]} == {"agrees"}
    assert len(fewer.numbers["alternatives"]) == 4 + 6
    truth = simulated_truth(made, simulations=8, workers=1)
    assert truth.done
    for scenario in truth.numbers.values():
        assert scenario["failed"] == 0
        assert scenario["groups"]["total"]["truth_inside"]["0.95"]["inside"] >= 6
