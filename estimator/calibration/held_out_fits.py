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
from estimator.errors import Fault, InputError
from estimator.fits.refit import disagreement, refit
from estimator.fits.scores import QUANTILES
from estimator.methods.loglinear.people import population_draws
from estimator.study.priors import read_priors
from estimator.study.questions import ModelSettings
from estimator.study.study import Study, read_study
from estimator.work.outcomes import Task

Floats = NDArray[np.float64]

METHOD = "loglinear"
"""The method that calibration serves: it fits tables by the thousand, and ranks what this method samples."""

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
    priors : str
        Name or file.
    overrides : mapping of str to str
        As `estimator.study.priors.read_priors` takes them.
    seed, draws : int
        Draws per chain, of two chains.
    """

    source: Source
    list: str
    priors: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    draws: int = 1000

    def task(self, key: str) -> Task:
        """Return it as a task whose result is that of `fit_held_out`."""
        return Task(key, "estimator.calibration.held_out_fits:fit_held_out", asdict(self))


def refuse_other_methods(study: Study) -> None:
    """Raise `InputError` when a study is for another method than `METHOD`: its intervals would not be tried."""
    if study.model.method != METHOD:
        message = f"Calibration tries intervals of the method {METHOD}, and this study is for {study.model.method}."
        raise InputError(
            Fault(study.name, f"{message} Leave [model] method out of a copy of it to try the same table.")
        )


@lru_cache(maxsize=256)
def table_of(source: Source) -> tuple[CaptureTable, ModelSettings]:
    """Return a table, and the terms of the model for it.

    Raises
    ------
    InputError
        When it cannot be read, its strata cannot be added up, or it is a study for another method.
    """
    if Path(source.reference).suffix.lower() == ".csv":
        table = read_table(source.reference)
        model = ModelSettings.for_covariates([covariate.name for covariate in table.covariates])
    else:
        study = read_study(source.reference)
        refuse_other_methods(study)
        table, model = study.table, study.model
    return (pooled(table), ModelSettings.for_covariates([])) if source.pooled else (table, model)


@lru_cache(maxsize=256)
def held_out_of(source: Source, list_name: str) -> tuple[HeldOut, ModelSettings]:
    """Return the people on one list by the other lists, and the terms of the model that still make sense for them."""
    table, model = table_of(source)
    held = hold_out(table, list_name)
    left = set(held.table.lists)
    return held, replace(
        model,
        three_list=tuple(term for term in model.three_list if set(term) <= left),
        breaks=tuple(change for change in model.breaks if change.list in left),
    )


def fit_held_out(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit the model to the people on a held-out list.

    Parameters
    ----------
    payload : mapping
        The fields of `HeldOutFit`.

    Returns
    -------
    dict
        ``size`` (the truth), ``registered`` and ``unseen`` persons, ``lists`` (number of the others), ``quantiles`` of
        the estimated size at `scores.QUANTILES`; ``log_implied`` and ``scale``, up to `KEPT_DRAWS` draws of the log of
        the dark figure that the model implies before any residual dependence, and of the typical size of two-list
        terms (None unless it is learned); ``rhat`` and ``divergences``.
    """
    fit = HeldOutFit(**{**payload, "source": Source(**payload["source"])})
    held, model = held_out_of(fit.source, fit.list)
    priors = read_priors(fit.priors, dict(fit.overrides))
    posterior = refit(held.table, model, _for_lists(priors, held.table.lists), draws=fit.draws, seed=fit.seed)
    size = population_draws(posterior, fit.seed).size.sum(axis=-1)
    return {
        "size": held.size,
        "registered": held.table.registered.lower,
        "unseen": held.unseen,
        "lists": held.table.n_lists,
        "quantiles": np.quantile(size, QUANTILES).tolist(),
        "log_implied": thinned(np.logaddexp.reduce(posterior.log_unseen, axis=-1)),
        "scale": thinned(posterior.values["dependence_scale"]) if "dependence_scale" in posterior.values else None,
        "rhat": disagreement(posterior),
        "divergences": int(posterior.draws.statistics["diverging"].sum()),
    }


def _for_lists(priors: Any, lists: tuple[str, ...]) -> Any:
    """Return priors without what they state of lists that are not there: the held-out one, and those without people."""
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
