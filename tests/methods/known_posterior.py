"""A method for the tests of several tables: the dark figure is Poisson with ten times the people on two lists as mean.

A table with 7 people on list A alone needs twice as many draws; in one with 9 there, every chain stays where it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from estimator.methods.convergence import IndependentDraws, assess
from estimator.methods.door import Abilities, Method, PopulationDraws, Posterior, Request
from estimator.reasons import Reason

NAME, HOME = "known-posterior", "tests.methods.known_posterior:KnownPosterior"
TIMES = 10


class KnownPosterior(Method):
    name = NAME
    abilities = Abilities(priors=False)

    def fit(self, request: Request) -> Posterior:
        table = request.study.table
        counts = np.zeros(table.n_cells)
        counts[table.cover_cell] = table.lower
        _, _, alone, both = counts.reshape(-1, 4).sum(axis=0)
        settings = request.settings if alone != 7 else replace(request.settings, draws=2 * request.settings.draws)
        rng = np.random.default_rng(settings.seed)
        shape = (settings.chains, settings.draws, 1)
        unseen = rng.poisson(TIMES * both, shape)
        if alone == 9:
            unseen[:] = TIMES * int(both)
        registered = np.full(shape, int(counts.sum()), dtype=np.int64)
        population = PopulationDraws(registered, unseen, unseen.astype(float))
        convergence = assess(request.reported(population), IndependentDraws(shape[:2]), request.limits)
        return Posterior(NAME, population, convergence, settings, options=request.options)

    def assumption(self, study, priors, options):
        return Reason("lists-independent")
