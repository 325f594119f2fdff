"""The lower bound behind the door: the least number of people whom no list has seen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.convergence import IndependentDraws, assess
from estimator.methods.door import (
    Abilities,
    Method,
    PopulationDraws,
    Posterior,
    RefitRequest,
    Refitted,
    Request,
    SamplerSettings,
)
from estimator.methods.lower_bound.bounds import PAIRS, SEEN_ONCE_AND_TWICE, bound_draws, counted
from estimator.methods.pooling import EACH, POOLED, refusals_of_questions, study_of_strata, table_of_strata
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

Ints = NDArray[np.int64]


class LowerBound(Method):
    """Chao's lower bound, stratum by stratum or of everybody together; see `estimator.methods.lower_bound.bounds`."""

    name = "lower-bound"
    abilities = Abilities(
        priors=False,
        borrows=False,
        bound=True,
        refits=True,
        options={"strata": (EACH, POOLED), "form": (PAIRS, SEEN_ONCE_AND_TWICE)},
    )

    def study_for(self, study: Study, options: Mapping[str, str]) -> Study:
        """Return the study with one stratum, where that is wanted."""
        return study_of_strata(study, options)

    def refusals(self, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return what of the table the bound cannot use."""
        asked_apart = refusals_of_questions(study, options)
        return asked_apart or self.refusals_of_table(study.table, options)

    def refusals_of_table(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return what of the table the bound cannot use."""
        together = table_of_strata(table, options)
        return (Reason("pooled-needs-lists-everywhere"),) if together is None else sorted_by_history(together).reasons

    def fit(self, request: Request) -> Posterior:
        """Draw the bound: independent draws, whatever the number of chains."""
        began = time.perf_counter()
        settings = request.settings
        request.listener.stage(Reason("doing-bound"))
        population = _drawn(request.study.table, request.options["form"], settings)
        shape = (settings.chains, settings.draws)
        convergence = assess(request.reported(population), IndependentDraws(shape), request.limits)
        seconds = time.perf_counter() - began
        return Posterior(
            self.name, population, convergence, replace(settings, warmup=0), seconds=seconds, options=request.options
        )

    def refit(self, request: RefitRequest) -> Refitted:
        """Draw the bound of another table; its strata are added up where that is asked for."""
        table = table_of_strata(request.table, request.options)
        if table is None:
            raise ValueError("The strata cannot be added up; `refusals_of_table` says so.")
        return Refitted(_drawn(table, request.options["form"], request.settings))

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that lists must not avoid each other's people."""
        return Reason(
            "lower-bound-assumption",
            within_strata=study.table.n_strata > 1,
            pairs=options["form"] == PAIRS,
        )

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return that a bound is no estimate of the total."""
        return (Reason("bound-not-an-estimate"),)


def _drawn(table: CaptureTable, form: str, settings: SamplerSettings) -> PopulationDraws:
    """Draw the bound of every stratum of a table."""
    rng = stream(settings.seed, "lower-bound")
    seen = sorted_by_history(table).seen
    shape = (settings.chains, settings.draws)
    expected = np.stack([bound_draws(counts, form, shape, rng) for counts in counted(table, seen)], axis=-1)
    registered = np.broadcast_to(seen.sum(axis=1), expected.shape)
    return PopulationDraws(registered, rng.poisson(expected), expected)


@dataclass(frozen=True, eq=False)
class SortedCounts:
    """Numbers of a table by stratum and history, and why some cannot be sorted.

    Parameters
    ----------
    seen : ndarray of int, shape (S, H)
        Persons by the history that the lists wrote down.
    """

    seen: Ints
    reasons: tuple[Reason, ...]


def sorted_by_history(table: CaptureTable) -> SortedCounts:
    """Sort the numbers of a table by stratum and by the history that was written down.

    Lists that did not run in a stratum have written nothing there: that leaves the others' histories complete.
    """
    seen = np.zeros(table.shape, dtype=np.int64)
    bounded, of_histories, of_strata = 0, 0, 0
    for number in np.flatnonzero(table.upper > 0).tolist():
        cells = table.observations.cells(number)
        histories = np.unique(table.recorded.reshape(-1)[cells])
        strata = np.unique(cells // table.n_histories)
        if table.lower[number] != table.upper[number]:
            bounded += 1
        elif len(histories) > 1:
            of_histories += int(table.lower[number])
        elif len(strata) > 1:
            of_strata += int(table.lower[number])
        else:
            seen[strata[0], histories[0]] += table.lower[number]
    reasons = [
        *([Reason("bound-needs-exact-counts", numbers=bounded)] if bounded else []),
        *([Reason("bound-needs-whole-histories", people=of_histories)] if of_histories else []),
        *([Reason("bound-needs-known-strata", people=of_strata)] if of_strata else []),
    ]
    if not reasons and not any(len(counts.pairs) for counts in counted(table, seen)):
        reasons.append(Reason("bound-needs-a-pair"))
    return SortedCounts(seen, tuple(reasons))
