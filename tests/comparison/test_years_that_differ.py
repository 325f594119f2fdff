"""The probability of a rise where the priors state how far years differ in what no list shows: exact."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from estimator.capture.declaration import Covariate, Declaration
from estimator.comparison.differences import compare_groups, joint
from estimator.methods.loglinear.people import population_draws
from estimator.methods.loglinear.refit import refit
from estimator.methods.loglinear.residual import residual_values
from estimator.population.groups import yearly_groups
from estimator.study.priors import read_priors
from estimator.study.questions import TOTAL, ModelSettings, Period
from estimator.study.study import Study
from tests.methods.model_examples import read

YEARS = Covariate("year", ("1", "2", "3"), ordered=True)
IMPLIED = {"1": 1e6, "2": 1.5e6, "3": 1.2e6}  # so many that Poisson noise is nothing beside a step
TABLE = "year,A,B,count\n" + "".join(f"{year},1,0,10\n{year},0,1,10\n{year},1,1,5\n" for year in IMPLIED)
DRAWS, STEP = 40_000, 0.5
STATED = {"residual.form": "stated", "residual.ratio.log_normal": "[0, 0.3]"}


def people_by_year(changes):
    """Return draws of the people of every year, where lists imply the same people in every draw."""
    study = Study.of_table(
        read(TABLE, Declaration(("A", "B"), (YEARS,))),
        model=ModelSettings.for_covariates(["year"]),
        period=Period(covariate="year"),
    )
    priors = read_priors("moderate", STATED | changes)
    posterior = refit(study.table, study.model, priors, draws=20, warmup=20, chains=1)
    values = {name: np.repeat(value[:, :1], DRAWS, axis=1) for name, value in posterior.values.items()}
    logs = np.log(list(IMPLIED.values()))
    values["log_ratio"][:] = np.logaddexp.reduce(logs) - np.log(posterior.design.registered)
    values["composition"][:] = np.linalg.lstsq(posterior.design.composition.matrix, logs - logs.mean(), rcond=None)[0]
    values |= residual_values(posterior.settings.residual, values, posterior.design.levels, seed=4)
    return yearly_groups(study, population_draws(replace(posterior, values=values), seed=4))


def total_from(years, first, second):
    return compare_groups(years[first], years[second], joint(DRAWS))[TOTAL].N


@pytest.mark.parametrize(("first", "second", "steps"), [("1", "2", 1), ("2", "3", 1), ("1", "3", 2)])
def test_a_rise_is_as_probable_as_the_steps_between_the_years_make_it(first, second, steps):
    change = total_from(people_by_year({"residual.between_strata": str(STEP)}), first, second)
    ratio, sd = np.log(IMPLIED[second] / IMPLIED[first]), STEP * np.sqrt(steps)
    assert change.rise == pytest.approx(norm.cdf(ratio / sd), abs=4 * 0.5 / np.sqrt(DRAWS))
    limits = np.exp(ratio + sd * norm.ppf([0.025, 0.975]))
    assert [change.ratio.lower, change.ratio.upper] == pytest.approx(limits, rel=0.03)


def test_without_it_a_ratio_of_years_is_certain_where_lists_imply_it():
    """Though the number of people of either year is anything but that."""
    change = total_from(people_by_year({}), "1", "2")
    assert change.rise == 1.0
    assert change.before.upper > 2.5 * change.before.lower
    assert [change.ratio.lower, change.ratio.upper] == pytest.approx([1.5, 1.5], rel=0.01)


def test_all_years_together_have_the_people_that_they_have_without():
    with_steps, without = (people_by_year(changes) for changes in ({"residual.between_strata": str(STEP)}, {}))
    totals = [sum(groups[TOTAL].size for groups in years.values()) for years in (with_steps, without)]
    assert totals[0] == pytest.approx(totals[1], rel=0.01)
