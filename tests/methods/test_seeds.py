from __future__ import annotations

import numpy as np

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate

STUDY = "kosovo-1999"


def found(**settings):
    return estimate(STUDY, sampler=SamplerSettings(draws=300, warmup=300, **settings))


def test_the_same_seed_gives_the_same_draws_whatever_the_number_of_cores():
    one, two, four = found(seed=7, cores=1), found(seed=7, cores=2), found(seed=7, cores=4)
    for other in (two, four):
        np.testing.assert_array_equal(
            one.posterior.details.draws.unconstrained, other.posterior.details.draws.unconstrained
        )
        np.testing.assert_array_equal(one.population.unseen, other.population.unseen)
    first, second = one.to_dict(), two.to_dict()
    assert first.pop("seconds") != {}
    second.pop("seconds")
    assert first == second


def test_another_seed_gives_other_draws():
    assert not np.array_equal(
        found(seed=7).posterior.details.draws.unconstrained, found(seed=8).posterior.details.draws.unconstrained
    )


def test_every_chain_is_its_own():
    position = found(seed=7).posterior.details.draws.unconstrained
    assert not np.array_equal(position[0], position[1])
