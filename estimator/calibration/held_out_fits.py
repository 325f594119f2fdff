"""Estimating the people on a held-out list from the other lists: one fit, as a task of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.holding_out import HeldOut, hold_out
from estimator.capture.pooling import pooled
from estimator.capture.reading import read_table
from estimator.capture.table import CaptureTable
from estimator.fits.scores import QUANTILES
from estimator.methods.door import QUICK, RefitRequest
from estimator.methods.registry import method_named
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.study.study import read_study
from estimator.work.outcomes import Task

Floats = NDArray[np.float64]

KEPT_DRAWS = 500
"""Draws of each fit that are kept for what is learned from them."""


@dataclass(frozen=True)
class Source:
    """Where a table comes from.

    Parameters
    ----------
    reference : str
        Name, folder or file of a study; or a table.csv without covariates, which needs no study.
    pooled : bool
        Whether its strata are added up, so that the model has no covariates.
    """

    reference: str
    pooled: bool = False


@dataclass(frozen=True)
class HeldOutFit:
    """One fit that is asked for.

    Parameters
    ----------
    list : str
        The list that is held out.
    seed, draws : int
        Draws per chain, of two chains.
    options : mapping of str to str
        One value for each option of the method.
    """

    source: Source
    list: str
    priors: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    draws: int = 1000
    method: str = "loglinear"
    options: Mapping[str, str] = field(default_factory=dict)

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_held_out`."""
        return Task(key, "estimator.calibration.held_out_fits:fit_held_out", asdict(self))


@lru_cache(maxsize=256)
def table_of(source: Source) -> tuple[CaptureTable, ModelSettings]:
    """Return a table, and the terms of the model for it.

    Raises
    ------
    InputError
        When it cannot be read, or its strata cannot be added up.
    """
    if Path(source.reference).suffix.lower() == ".csv":
        table = read_table(source.reference)
        model = ModelSettings.for_covariates([covariate.name for covariate in table.covariates])
    else:
        study = read_study(source.reference)
        table, model = study.only_table, study.model
    if source.pooled:
        return pooled(table), ModelSettings.for_covariates([], method=model.method, options=model.options)
    return table, model


@lru_cache(maxsize=256)
def held_out_of(source: Source, list_name: str) -> tuple[HeldOut, ModelSettings]:
    """Return the people on one list by the other lists, and the model without terms that make no sense for them."""
    table, model = table_of(source)
    held = hold_out(table, list_name)
    left = set(held.table.lists)
    return held, replace(
        model,
        three_list=tuple(term for term in model.three_list if set(term) <= left),
        breaks=tuple(change for change in model.breaks if change.list in left),
        false_positives=(),  # among the people on a list, who is on others is what is asked
        linkage_errors=(),
    )


def fit_held_out(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit a method to the people on a held-out list.

    Parameters
    ----------
    payload : mapping
        The fields of `HeldOutFit`.

    Returns
    -------
    dict
        ``size`` (the truth), ``registered`` and ``unseen`` persons, ``lists`` (number of the others), ``quantiles`` of
        the estimated size at `scores.QUANTILES`; ``rhat`` and ``divergences``; up to `KEPT_DRAWS` draws of what the
        method keeps besides: the log-linear one ``log_implied`` and ``scale``, the log of the dark figure that the
        model implies before any residual dependence, and the typical size of two-list terms (None unless it is
        learned).
    """
    fit = HeldOutFit(**{**payload, "source": Source(**payload["source"])})
    held, model = held_out_of(fit.source, fit.list)
    priors = read_priors(fit.priors, dict(fit.overrides))
    settings = replace(QUICK, draws=fit.draws, seed=fit.seed)
    refitted = method_named(fit.method).refit(
        RefitRequest(held.table, model, _for_lists(priors, held.table.lists), fit.options, settings)
    )
    size = refitted.population.size.sum(axis=-1)
    return {
        "size": held.size,
        "registered": held.table.registered.lower,
        "unseen": held.unseen,
        "lists": held.table.n_lists,
        "quantiles": np.quantile(size, QUANTILES).tolist(),
        **{name: None if values is None else thinned(values) for name, values in refitted.kept.items()},
        "rhat": refitted.rhat,
        "divergences": refitted.divergences,
    }


def _for_lists(priors: Any, lists: tuple[str, ...]) -> Any:
    """Return priors without their statements about lists that are not there: the held-out list and empty lists."""
    there = set(lists)
    coverage = [item for item in priors.coverage.lists if item.list in there]
    pairs = [item for item in priors.dependence.pairs if set(item.lists) <= there]
    return priors.model_copy(
        update={
            "coverage": priors.coverage.model_copy(update={"lists": coverage}),
            "dependence": priors.dependence.model_copy(update={"pairs": pairs}),
        }
    )


def thinned(values: Floats) -> list[float]:
    """Return up to `KEPT_DRAWS` draws, evenly spaced over all chains.

    Parameters
    ----------
    values : ndarray, shape (chain, draw)
    """
    flat = np.ravel(values)
    return [float(value) for value in flat[:: max(1, len(flat) // KEPT_DRAWS)][:KEPT_DRAWS]]
