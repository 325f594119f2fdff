"""The lower bound behind the door: the least number of people whom no list has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.by_strata import Asked, ByStrata, Drawn
from estimator.methods.door import (
    Abilities,
    PopulationDraws,
    Posterior,
    Request,
)
from estimator.methods.lower_bound.bounds import PAIRS, SEEN_ONCE_AND_TWICE, bound_draws, counted
from estimator.methods.pooling import EACH, POOLED
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

Ints = NDArray[np.int64]


class LowerBound(ByStrata):
    """Chao's lower bound, stratum by stratum or of everybody together; see `estimator.methods.lower_bound.bounds`."""

    name = "lower-bound"
    abilities = Abilities(
        priors=False,
        borrows=False,
        bound=True,
        refits=True,
        options={"strata": (EACH, POOLED), "form": (PAIRS, SEEN_ONCE_AND_TWICE)},
    )

    def refusals_of(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return what of the table the bound cannot use."""
        return sorted_by_history(table).reasons

    def doing(self, request: Request) -> Reason:
        """Return that the bound is worked out."""
        return Reason("doing-bound")

    def drawn(self, asked: Asked) -> Drawn:
        """Draw the bound of every stratum: independent draws, whatever the number of chains."""
        rng = stream(asked.settings.seed, "lower-bound")
        seen = sorted_by_history(asked.table).seen
        form, tables = asked.options["form"], counted(asked.table, seen)
        expected = np.stack([bound_draws(counts, form, asked.shape, rng) for counts in tables], axis=-1)
        registered = np.broadcast_to(seen.sum(axis=1), expected.shape)
        return Drawn(PopulationDraws(registered, rng.poisson(expected), expected))

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
