"""Log-linear models that are chosen by the data, behind the door."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.methods.by_strata import Asked, Drawn, OfCompleteCounts
from estimator.methods.door import (
    Abilities,
    Listener,
    PopulationDraws,
    Posterior,
    Request,
    SamplerSettings,
    Saved,
)
from estimator.methods.pooling import EACH, POOLED
from estimator.methods.selection.bca import confidence_draws
from estimator.methods.selection.choosing import (
    ALL_MODELS,
    DOWNHILL,
    FORWARD,
    STEPWISE,
    Ranked,
    Rule,
    ranked_models,
)
from estimator.methods.selection.choosing import chosen_model as choose
from estimator.methods.selection.fitting import AIC, BIC
from estimator.methods.selection.machine import machine_code
from estimator.methods.selection.near_optimal import NearOptimal, near_optimal_of, read_near_optimal
from estimator.methods.selection.spaces import ANY_ORDER, MOST_LISTS, TWO_LISTS, expected_seconds, number_of_models
from estimator.reasons import Reason
from estimator.seeds import stream
from estimator.study.priors import Priors
from estimator.study.study import Study

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BCA, PERCENTILE = "bca", "percentile"
EVERY = "all"
PAIRS_ALONE = (STEPWISE, FORWARD)
"""Searches whose models have no term of three lists."""
MOST_TO_SEARCH = 8
"""Downhill and stepwise go from model to model; with more lists a single step takes minutes."""


class Selection(OfCompleteCounts):
    """A log-linear model by AIC, BIC or stepwise; see `estimator.methods.selection.choosing`."""

    name = "selection"
    abilities = Abilities(
        priors=False,
        structural_zeros=False,
        borrows=False,
        refits=True,
        options={
            "strata": (EACH, POOLED),
            "search": (ALL_MODELS, DOWNHILL, STEPWISE, FORWARD),
            "terms": (TWO_LISTS, ANY_ORDER),
            "criterion": (BIC, AIC),
            "top": ("100", EVERY, "1", "5", "10", "20", "50", "60"),
            "degree": ("1", "2"),
            "replicates": ("1000", "100", "200", "500", "2000", "5000", "10000"),
            "interval": (BCA, PERCENTILE),
        },
    )

    def refusals_of_lists(self, n_lists: int, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return whether there are too many models."""
        return _too_many(n_lists, options)

    def refusals_of_counts(self, counts: Ints, options: Mapping[str, str]) -> tuple[Reason, ...]:
        """Return in how many strata no model has an estimate."""
        rule = _rule(options)
        without = sum(not len(_ranked(tuple(row), rule)) for row in counts.tolist())
        return (Reason("selection-without-estimate", strata=without),) if without else ()

    def load(self, settings: SamplerSettings, listener: Listener) -> None:
        """Compile the fits, or read them from the cache."""
        listener.stage(Reason("doing-loading"))
        machine_code()

    def doing(self, request: Request) -> Reason:
        """Return that a model is chosen, and chosen again."""
        return Reason("doing-selection", replicates=int(request.options["replicates"]))

    def drawn(self, asked: Asked) -> Drawn:
        """Choose a model, choose again for bootstrap tables, and draw from the confidence distribution that follows."""
        return _drawn(asked)

    def assumption(self, study: Study, priors: Priors, options: Mapping[str, str]) -> Reason:
        """Return the assumption: one of the models holds, and all people of a stratum are alike."""
        return Reason(
            "selection-assumption",
            within_strata=study.table.n_strata > 1,
            two_list=options["terms"] == TWO_LISTS or options["search"] in PAIRS_ALONE,
            search=options["search"],
            criterion=options["criterion"].upper(),
            interval=options["interval"],
            replicates=int(options["replicates"]),
        )

    def own_total(self, study: Study, posterior: Posterior, level: float) -> dict[str, float]:
        """Return the number of the chosen model of a table of one stratum, and its limits."""
        return posterior.details[0].total(level) if len(posterior.details) == 1 else {}

    def objections(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return where the interval is that of a part of the bootstrap tables."""
        return tuple(reason for part in posterior.details for reason in part.objections())

    def cautions(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return where there was no choice, where good models disagree, and where replicates are too few."""
        searched = posterior.options["search"] != ALL_MODELS
        return tuple(reason for part in posterior.details for reason in part.cautions(searched))

    def notes(self, posterior: Posterior) -> tuple[Reason, ...]:
        """Return the chosen model of each stratum, those beside it, and what the bootstrap says of the choice."""
        options = posterior.options
        criterion = "stepwise" if options["search"] == STEPWISE else options["criterion"].upper()
        degree = int(options.get("degree", "1"))  # a run from before there was this option has none
        return tuple(reason for part in posterior.details for reason in part.notes(criterion, degree))

    def datasets(self, posterior: Posterior) -> dict[str, xr.Dataset]:
        """Return the models that are nearly as good, of every stratum, and what the bootstrap says of the choice."""
        import xarray as xr

        kept = {name: v for place, part in enumerate(posterior.details) for name, v in part.variables(place).items()}
        return {"sample_stats": xr.Dataset(kept)}

    def details_of(
        self, study: Study, priors: Priors, settings: SamplerSettings, saved: Saved, seconds: float
    ) -> tuple[NearOptimal, ...]:
        """Return the models of every stratum from a file."""
        return tuple(read_near_optimal(saved["sample_stats"], place) for place in range(study.table.n_strata))


def _too_many(n_lists: int, options: Mapping[str, str]) -> tuple[Reason, ...]:
    """Return whether there are more models than can be fitted, with how long it would take."""
    terms = options["terms"]
    if n_lists > MOST_TO_SEARCH:  # a search is no way out either
        return (Reason("selection-searches-fewer-lists", most=MOST_TO_SEARCH, lists=n_lists),)
    if options["search"] != ALL_MODELS or n_lists <= MOST_LISTS[terms]:
        return ()
    models = number_of_models(n_lists, terms)
    hours = None if models is None else expected_seconds(n_lists, terms) / 3600
    return (Reason("selection-takes-too-long", lists=n_lists, models=models, hours=hours, two_list=terms == TWO_LISTS),)


def _rule(options: Mapping[str, str], cores: int = 1) -> Rule:
    """Return how to choose, from the options of a user."""
    return Rule(
        search=options["search"],
        terms=TWO_LISTS if options["search"] in PAIRS_ALONE else options["terms"],
        criterion=options["criterion"],
        top=None if options["top"] == EVERY else int(options["top"]),
        degree=int(options["degree"]),
        replicates=int(options["replicates"]),
        corrected=options["interval"] == BCA,
        cores=cores,
    )


@lru_cache(maxsize=64)
def _ranked(counts: tuple[int, ...], rule: Rule) -> Ranked:
    """Rank the models of a stratum, once for what refuses and what fits."""
    return ranked_models(np.array((0, *counts[1:]), dtype=np.float64), rule)


def _drawn(asked: Asked) -> Drawn:
    """Draw the people of every stratum from its own confidence distribution, independently of the others."""
    counts, settings, table = asked.counts, asked.settings, asked.table
    rule, size = _rule(asked.options), math.prod(asked.shape)
    expected, details = np.empty((len(counts), size)), []
    for place, row in enumerate(counts.tolist()):
        seen = np.array((0, *row[1:]), dtype=np.float64)
        ranked = _ranked(tuple(row), rule)
        made = choose(
            seen,
            ranked,
            replace(rule, cores=settings.cores),
            stream(settings.seed, "selection", place),
            partial(asked.stratum_done, place),
        )
        rng = stream(settings.seed, "selection-draws", place)
        expected[place] = confidence_draws(made.replicates, made.correction, size, rng)
        details.append(near_optimal_of(made, seen, table.lists, asked.stratum_name(place)))
    of_draws = expected.T.reshape(*asked.shape, len(counts))
    registered = np.broadcast_to(counts.sum(axis=1), of_draws.shape)
    people = np.rint(of_draws).astype(np.int64)
    return Drawn(PopulationDraws(registered, people, of_draws, has_mean=False), tuple(details))
