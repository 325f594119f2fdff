"""A tiny method for the tests of the door: two independent lists, in closed form.

People on list A alone, on B alone and on both are Poisson with means that have flat priors, so that each mean given its
count n is gamma with shape n + 1; under independence the dark figure is expected to be ``mu_a mu_b / mu_ab``.
"""

from __future__ import annotations

import numpy as np

from estimator.methods.convergence import IndependentDraws, assess
from estimator.methods.door import Abilities, Method, PopulationDraws, Posterior, Request
from estimator.reasons import Reason

NAME, HOME = "two-lists", "tests.methods.two_lists:TwoLists"


class TwoLists(Method):
    name = NAME
    abilities = Abilities(priors=False, coarsened=False, structural_zeros=False, options={"noise": ("yes", "no")})

    def refusals(self, study, options):
        more = study.table.n_lists - 2
        return (Reason("method-needs-more-lists", method=NAME, fewest=2, lists=study.table.n_lists),) if more else ()

    def fit(self, request: Request) -> Posterior:
        counts = np.zeros(request.study.table.n_cells)
        counts[request.study.table.cover_cell] = request.study.table.lower
        counts = counts.reshape(-1, 4)  # histories: none, B, A, both
        rng = np.random.default_rng(request.settings.seed)
        shape = (request.settings.chains, request.settings.draws, len(counts))
        of_b, of_a, of_both = (rng.gamma(counts[:, h] + 1, size=shape) for h in (1, 2, 3))
        expected = of_a * of_b / of_both
        unseen = rng.poisson(expected) if request.options["noise"] == "yes" else np.rint(expected).astype(np.int64)
        registered = np.broadcast_to(counts.sum(axis=1).astype(np.int64), shape)
        population = PopulationDraws(registered, unseen, expected)
        convergence = assess(request.reported(population), IndependentDraws(shape[:2]), request.limits)
        return Posterior(NAME, population, convergence, request.settings, options=request.options)

    def assumption(self, study, priors, options):
        return Reason("lists-independent")
