"""Two lists given covariates behind the door; see `estimator.methods.doubly_robust.influence`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.capture.table import CaptureTable
from estimator.methods.complete import complete_counts
from estimator.methods.door import (
    Abilities,
    Method,
    PopulationDraws,
    Posterior,
    Progress,
    RefitRequest,
    Refitted,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.doubly_robust.influence import BOTH, FIRST, SECOND, Robust
from estimator.methods.doubly_robust.learners import (
    FOREST,
    LOGISTIC,
    STACKED,
    STRATA,
    Learned,
    estimated,
    features_of,
)
from estimator.methods.independent import independent_posterior
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

THE_TWO = "the-two"
"""Value of the option ``pair`` for a table of two lists."""

LOG_NORMAL, NORMAL = "log-normal", "normal"
"""Forms of the interval: of the log of the dark figure, and of the number itself, as in drpop."""

MOST_LISTS = 8
FEW_PEOPLE = 10_000
"""Registered people below which intervals are too narrow: with 3,200 of them 29 of 40 held the truth, with 12,700 37
(docs/doubly-robust.md)."""

MUCH = 0.05
"""Share of registered people at the least chance to be on both lists from which a reader must be told."""

_PAIRS = tuple(f"{i + 1}-{j + 1}" for i, j in combinations(range(MOST_LISTS), 2))


@dataclass(frozen=True)
class RobustTotal:
    """What is said of the estimate beside its draws.

    Parameters
    ----------
    size, error : float
        Everybody, and the standard error.
    plug_in, crude, by_stratum : float
        The same by the learned chances alone; as if there were no covariates (Lincoln and Petersen); stratum by
        stratum, infinite where lists do not overlap in a stratum.
    forest : float
        As in `estimator.methods.doubly_robust.learners.Learned`.
    thin : float
        Registered people at the least chance to be on both lists.
    """

    registered: int
    size: float
    error: float
    plug_in: float
    crude: float
    by_stratum: float
    forest: float
    thin: float

    @property
    def unseen(self) -> float:
        """The dark figure."""
        return self.size - self.registered

    def limits(self, level: Floats, form: str) -> Floats:
        """Return quantiles of the number of everybody; of the normal form where fewer are estimated than registered."""
        from scipy.special import ndtri

        reach = ndtri(level)
        if form == LOG_NORMAL and self.unseen > 0:
            spread = np.sqrt(np.log1p((self.error / self.unseen) ** 2))
            return np.asarray(self.registered + self.unseen * np.exp(reach * spread))
        return np.asarray(np.maximum(self.size + reach * self.error, self.registered))


class DoublyRobust(Method):
    """Two lists that are independent given covariates, whatever the form in which chances depend on these."""

    name = "doubly-robust"
    abilities = Abilities(
        priors=False,
        coarsened=False,
        structural_zeros=False,
        refits=True,
        options={
            "learner": (STACKED, FOREST, LOGISTIC, STRATA),
            "pair": (THE_TWO, *_PAIRS),
            "folds": ("10", "2", "5"),
            "repeats": ("3", "1", "10", "30"),
            "interval": (LOG_NORMAL, NORMAL),
        },
    )

    def refusals_of_table(self, table: CaptureTable, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return why there is no answer: no covariates, no pair of lists, counts that are not complete, no overlap."""
        if table.n_strata == 1:
            return (Reason("robust-needs-covariates"),)
        if options["learner"] != STRATA and find_spec("sklearn") is None:
            return (Reason("robust-needs-scikit-learn"),)
        pair = pair_of(options["pair"], table.n_lists)
        if pair is None:
            pairs = tuple(
                f"{i + 1}-{j + 1} ({table.lists[i]}, {table.lists[j]})"
                for i, j in combinations(range(min(table.n_lists, MOST_LISTS)), 2)
            )
            return (Reason("robust-needs-a-pair", lists=table.n_lists, pair=options["pair"], pairs=pairs),)
        counts = complete_counts(table)
        if counts is None:
            return (Reason("method-needs-complete-counts", method=self.name, pooled=False),)
        people = people_of(counts, pair)
        names = tuple(table.lists[at] for at in pair)
        if not people[:, BOTH].any():
            return (Reason("robust-needs-overlap", lists=names),)
        if options["learner"] == STRATA and (without := _without_overlap(people)):
            return (Reason("robust-needs-overlap-everywhere", lists=names, strata=without, of=len(people)),)
        return ()

    def fit(self, request: Request) -> Posterior:
        """Learn chances, estimate, and draw from the large-sample distribution: independent draws."""
        began = time.perf_counter()
        request.listener.stage(Reason("doing-robust"))
        total, population = _drawn(request.study.table, request.options, request.settings, request.listener.progress)
        return independent_posterior(self.name, request, population, total, began)

    def refit(self, request: RefitRequest) -> Refitted:
        """Do the same for another table."""
        total, population = _drawn(request.table, request.options, request.settings)
        return Refitted(population, details=total)

    def own_total(self, study: Study, posterior: Posterior, level: float) -> dict[str, float]:
        """Return the estimate and its interval without draws."""
        total: RobustTotal = posterior.details
        ends = np.array([(1 - level) / 2, (1 + level) / 2])
        lower, upper = total.limits(ends, posterior.options["interval"]).tolist()
        return {"estimate": total.size, "lower": lower, "upper": upper}

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return that the two lists are independent given the covariates."""
        first, second = pair_of(options["pair"], study.table.n_lists) or (0, 1)
        names = tuple(covariate.name for covariate in study.table.covariates)
        return Reason(
            "robust-assumption",
            first=study.table.lists[first],
            second=study.table.lists[second],
            covariates=names,
            learned=options["learner"] != STRATA,
        )

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return that fewer people are estimated than are registered."""
        total: RobustTotal = posterior.details
        if total.unseen > 0:
            return ()
        return (Reason("robust-fewer-than-registered", people=total.size, registered=total.registered),)

    def cautions(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return cautions: few people to learn from, and many people in strata with hardly anybody on both lists."""
        total: RobustTotal = posterior.details
        learned = posterior.options["learner"] != STRATA
        few = learned and total.registered < FEW_PEOPLE
        thin = total.thin > MUCH * total.registered
        return (
            *([Reason("robust-few-people", registered=total.registered, enough=FEW_PEOPLE)] if few else []),
            *([Reason("robust-thin-overlap", share=total.thin / total.registered)] if thin else []),
        )

    def notes(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return what other ways give for the same two lists, and what dependence of the lists would do."""
        total: RobustTotal = posterior.details
        return (
            Reason(
                "robust-beside",
                people=total.size,
                plug_in=total.plug_in,
                crude=total.crude,
                by_stratum=total.by_stratum if np.isfinite(total.by_stratum) else None,
                forest=None if np.isnan(total.forest) else total.forest,
            ),
            Reason(
                "robust-dependence",
                half=total.registered + total.unseen / 2,
                twice=total.registered + total.unseen * 2,
            ),
        )

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return what is said of the estimate beside its draws."""
        import xarray as xr

        shape = posterior.population.unseen.shape[:2]
        total: RobustTotal = posterior.details
        values = {f"robust_{field.name}": np.full(shape, float(getattr(total, field.name))) for field in fields(total)}
        return {"posterior": xr.Dataset({name: (("chain", "draw"), value) for name, value in values.items()})}

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> RobustTotal:
        """Return what is said of the estimate from a file."""
        values = {
            field.name: float(saved["posterior"][f"robust_{field.name}"].flat[0]) for field in fields(RobustTotal)
        }
        return RobustTotal(**{**values, "registered": round(values["registered"])})  # type: ignore[arg-type]


def pair_of(option: str, n_lists: int) -> tuple[int, int] | None:
    """Return the two lists that the option names; None where a table with this number of lists has no such two."""
    if option == THE_TWO:
        return (0, 1) if n_lists == 2 else None
    first, second = (int(number) - 1 for number in option.split("-"))
    return (first, second) if second < n_lists else None


def people_of(counts: Ints, pair: tuple[int, int]) -> Ints:
    """Return the people of every stratum on one of two lists, on the other, on both, and on other lists only.

    Parameters
    ----------
    counts : ndarray of int, shape (S, 2^L)

    Returns
    -------
    ndarray of int, shape (S, 4)
        See `estimator.methods.doubly_robust.influence`.
    """
    n_lists = counts.shape[1].bit_length() - 1
    history = np.arange(counts.shape[1])
    first, second = (history >> (n_lists - 1 - at) & 1 == 1 for at in pair)
    columns = (first & ~second, second & ~first, first & second, ~first & ~second & (history > 0))
    return np.stack([counts[:, column].sum(axis=1) for column in columns], axis=1)


def _without_overlap(people: Ints) -> int:
    """Return in how many strata people are registered and nobody is on both lists."""
    return int(((people.sum(axis=1) > 0) & (people[:, BOTH] == 0)).sum())


def lincoln_petersen(people: Ints) -> Floats:
    """Return n1 n2 / n12 of every stratum, shape (S,): infinite without overlap, and 0 where nobody is registered."""
    both = people[:, BOTH].astype(np.float64)
    product = (people[:, FIRST] + both) * (people[:, SECOND] + both)
    without = np.where(people.sum(axis=1) > 0, np.inf, 0.0)
    return np.asarray(np.divide(product, both, out=without, where=both > 0))


def _drawn(
    table: CaptureTable,
    options: Mapping[str, str],
    settings: SamplerSettings,
    progress: Progress = lambda done, total: None,
) -> tuple[RobustTotal, PopulationDraws]:
    """Estimate, and draw the people of every stratum."""
    counts, pair = complete_counts(table), pair_of(options["pair"], table.n_lists)
    if counts is None or pair is None:
        raise ValueError("There are no complete counts of two lists; `refusals_of_table` says so.")
    people, registered = people_of(counts, pair), counts[:, 1:].sum(axis=1)
    learned = estimated(
        people,
        features_of(table.covariates),
        options["learner"],
        int(options["folds"]),
        int(options["repeats"]),
        stream(settings.seed, "doubly-robust"),
        progress,
    )
    total = _total(learned, people, int(registered.sum()))
    unseen = _unseen_draws(learned.robust, registered, total, options["interval"], settings)
    whole = np.diff(np.rint(np.cumsum(unseen, axis=-1)), axis=-1, prepend=0.0).astype(np.int64)
    return total, PopulationDraws(np.broadcast_to(registered, whole.shape), whole, unseen)


def _total(learned: Learned, people: Ints, registered: int) -> RobustTotal:
    robust = learned.robust
    return RobustTotal(
        registered,
        float(robust.size.sum()),
        float(np.sqrt(robust.total_variance)),
        robust.plug_in,
        float(lincoln_petersen(people.sum(axis=0, keepdims=True))[0]),
        float(lincoln_petersen(people).sum()),
        learned.forest,
        robust.thin,
    )


def _unseen_draws(robust: Robust, registered: Ints, total: RobustTotal, form: str, settings: SamplerSettings) -> Floats:
    """Draw the dark figure of every stratum, shape (chain, draw, S).

    Strata are drawn from Normal distributions, and then made to add up to the total of the same rank, whose
    distribution has the limits of the interval as its quantiles. What a small stratum has below nought is taken from
    the others.
    """
    from scipy.special import ndtr

    rng = stream(settings.seed, "doubly-robust", 1)
    middle, spread = robust.size - registered, np.sqrt(robust.variance)
    by_stratum = rng.normal(middle, spread, size=(settings.chains, settings.draws, len(middle)))
    # their sum is Normal with this middle and spread: its rank is uniform
    rank = ndtr((by_stratum.sum(axis=-1) - total.unseen) / max(float(np.sqrt((spread**2).sum())), 1e-9))
    everybody = total.limits(rank, form) - total.registered
    positive = np.maximum(by_stratum, 0.0)
    some = positive.sum(axis=-1, keepdims=True)
    share = np.where(some > 0, positive / np.maximum(some, 1e-9), registered / registered.sum())
    return np.asarray(everybody[..., None] * share)
