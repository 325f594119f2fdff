"""What methods have in common whose strata stand by themselves, or are added up first (their option ``strata``)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.pooling import pooled
from estimator.capture.table import CaptureTable
from estimator.methods.complete import complete_counts
from estimator.methods.convergence import IndependentDraws, assess, rhat_of
from estimator.methods.door import (
    AGREED,
    Method,
    PopulationDraws,
    Posterior,
    Progress,
    RefitRequest,
    Refitted,
    Request,
    SamplerSettings,
)
from estimator.methods.identified import refusals_of_mixture
from estimator.methods.independent import independent_posterior
from estimator.methods.pooling import refusals_of_questions, study_of_strata, table_of_strata
from estimator.reasons import Reason
from estimator.study.study import Study

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Asked:
    """What draws are made of.

    Parameters
    ----------
    table : CaptureTable
        Of the strata that are drawn.
    good_enough : callable
        Whether draws of a stratum will do, shape (chain, draw); for methods that may try again.
    progress : callable
        Hears how much is done of how much.
    histories : bool
        As `RefitRequest.histories`.
    """

    table: CaptureTable
    options: Mapping[str, str]
    settings: SamplerSettings
    good_enough: Callable[[Floats], bool] = lambda _: True
    progress: Progress = lambda done, total: None
    histories: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws of each."""
        return self.settings.chains, self.settings.draws

    @property
    def counts(self) -> Ints:
        """Persons of every stratum and history, shape (S, 2^L).

        Raises
        ------
        ValueError
            When some are not known so closely, which a method says before it is asked.
        """
        counts = complete_counts(self.table)
        if counts is None:
            raise ValueError("The numbers are not complete; `refusals_of_table` says so.")
        return counts

    def stratum_name(self, place: int) -> str:
        """Return what a stratum is called; nothing where there is only one."""
        return self.table.stratum_labels[place] if self.table.n_strata > 1 else ""

    def stratum_done(self, place: int, share: float = 1.0) -> None:
        """Tell how far it is: the strata before this one are done, and a share of this."""
        self.progress(round(100 * (place + share)), 100 * self.table.n_strata)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a method drew: people, its own part of the posterior, in how many attempts, and `Refitted.histories`."""

    population: PopulationDraws
    details: Any = None
    attempt: int = 1
    histories: Floats | None = None


class ByStrata(Method):
    """A method whose strata stand by themselves, or are added up."""

    warms_up = False
    """Whether its draws follow a warm-up."""

    def study_for(self, study: Study, options: Mapping[str, str]) -> Study:
        """Return the study with one stratum, where that is wanted."""
        return study_of_strata(study, options)

    def refusals(self, study: Study, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer to the study's questions, or to any of its table."""
        return refusals_of_questions(study, options) or self.refusals_of_table(study.table, options)

    def refusals_of_table(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer to a table, or to it with its strata added up."""
        if reasons := self.refusals_of_lists(table.n_lists, options):
            return reasons
        together = table_of_strata(table, options)
        return (Reason("pooled-needs-lists-everywhere"),) if together is None else self.refusals_of(together, options)

    def refusals_of_lists(self, n_lists: int, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer for a table with this many lists."""
        return ()

    def refusals_of(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer to a table whose strata are as they will be drawn."""
        raise NotImplementedError

    def doing(self, request: Request) -> Reason:
        """Return what a listener is told."""
        return request.doing

    def drawn(self, asked: Asked) -> Drawn:
        """Draw the people of every stratum."""
        raise NotImplementedError

    def fit(self, request: Request) -> Posterior:
        """Draw the people of every stratum, and judge by what is reported whether the draws will do."""
        began = time.perf_counter()
        settings = request.settings
        request.listener.stage(self.doing(request))

        def good_enough(values: Floats) -> bool:
            """Return whether chains agree about a stratum, and have drawn enough."""
            return assess({"": values}, IndependentDraws(values.shape), request.limits).passed

        asked = Asked(request.study.table, request.options, settings, good_enough, request.listener.progress)
        drawn = self.drawn(asked)
        posterior = independent_posterior(self.name, request, drawn.population, drawn.details, began)
        if self.warms_up:
            posterior = replace(posterior, settings=settings)
        return self.completed(replace(posterior, attempt=drawn.attempt))

    def refit(self, request: RefitRequest) -> Refitted:
        """Draw for another table; with more draws where the chains of a stratum disagree."""
        table = table_of_strata(request.table, request.options)
        if table is None:
            raise ValueError("The strata cannot be added up; `refusals_of_table` says so.")
        drawn = self.drawn(
            Asked(
                table,
                request.options,
                request.settings,
                lambda values: bool(rhat_of(values) <= AGREED),
                histories=request.histories,
            )
        )
        return Refitted(
            drawn.population,
            rhat=self.rhat(drawn.population),
            details=drawn.details,
            histories=drawn.histories,
        )

    def rhat(self, population: PopulationDraws) -> float:
        """Return the R-hat of the log dark figure; 1 where draws are independent."""
        return 1.0

    def predictive_p(self, posterior: Posterior) -> float | None:
        """Return how often a table simulated from the model fits it worse; None where that was not looked at."""
        worse = getattr(posterior.details, "fits_worse", None)
        return None if worse is None else float(worse.mean())


class OfCompleteCounts(ByStrata):
    """A method for tables in which every number is exact and counts one cell."""

    def refusals_of(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: numbers that are not complete, or what the method says of them."""
        counts = complete_counts(table)
        if counts is None:
            whole = pooled(table) if table.n_strata > 1 and table.running.all() else None
            helps = whole is not None and complete_counts(whole) is not None
            return (Reason("method-needs-complete-counts", method=self.name, pooled=helps),)
        return self.refusals_of_counts(counts, options)

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer to counts, shape (S, 2^L)."""
        raise NotImplementedError


class Mixture(OfCompleteCounts):
    """A mixture of people, to each of whom lists are independent: sampled by chains, its prior width known by draws.

    `Posterior.details` has ``fits_worse``, shape (chain, draw), and ``prior_sd``: how wide the log dark figure is
    before lists are compared.
    """

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: nobody in a stratum, or counts that hold no total."""
        return refusals_of_mixture(counts, self.name)

    def rhat(self, population: PopulationDraws) -> float:
        """Return the R-hat of the log dark figure of all strata together."""
        return rhat_of(_log_unseen(population))

    def completed(self, posterior: Posterior) -> Posterior:
        """Return a posterior with how wide it is beside its prior."""
        spread = float(np.std(_log_unseen(posterior.population)))
        return replace(posterior, prior_share=spread / posterior.details.prior_sd)


def _log_unseen(population: PopulationDraws) -> Floats:
    log_unseen: Floats = np.log(population.implied_unseen.sum(axis=-1))
    return log_unseen
