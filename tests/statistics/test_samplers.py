"""Another sampler, on the PyMC definition of the model, gives the answer of nutpie on the compiled one."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.study.study import Study
from tests.methods.model_examples import BLANK_SEX, INTERVALS, THREE_LISTS, WITH_SEX, read

pytestmark = pytest.mark.slow

ERRORS = 4.0
"""Standard errors of the difference: exceeded by chance once in 16,000, and seeds are fixed."""

TABLES = {
    "three lists": (THREE_LISTS, None, "moderate"),
    "three lists, learned dependence": (THREE_LISTS, None, "wide"),
    "counts within bounds": (INTERVALS, None, "moderate"),
    "sex, unknown of some": (BLANK_SEX, WITH_SEX, "independence"),
}


@pytest.mark.parametrize("name", TABLES)
def test_pymcs_own_sampler_agrees(name):
    text, declaration, priors = TABLES[name]
    study = Study.of_table(read(text, declaration))
    ours = estimate(study, priors, sampler=SamplerSettings(draws=4000, seed=1))
    theirs = estimate(study, priors, sampler=SamplerSettings(draws=2000, seed=2, target_accept=0.95, sampler="pymc"))
    assert ours.convergence.passed
    assert theirs.convergence.passed
    for group in ours.groups:
        one, other = (found.group_draws[group].implied_unseen for found in (ours, theirs))
        for probability in (0.025, 0.25, 0.5, 0.75, 0.975):
            errors = [
                float(array_stats.mcse(x, chain_axis=0, draw_axis=1, method="quantile", prob=probability))
                for x in (one, other)
            ]
            a, b = np.quantile(one, probability), np.quantile(other, probability)
            assert abs(a - b) < ERRORS * np.hypot(*errors), (group, probability, a, b)
            assert np.hypot(*errors) < 0.1 * a, "a comparison without power"
