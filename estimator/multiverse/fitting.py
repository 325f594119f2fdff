"""One specification as a task: what travels to whoever fits it, and what comes back.

A specification is estimated as `darkfigure estimate` does it, by the method's own way and judged by the same rules,
with two chains of 1,000 draws in place of four of 2,000 unless another number is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from estimator.calibration.at_scale import with_key
from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.table import CaptureTable
from estimator.capture.tallies import Registered
from estimator.errors import NotEstimableError
from estimator.methods.door import QUICK
from estimator.multiverse.specifications import Specification, Variation
from estimator.population.estimate import estimate
from estimator.study.questions import ModelSettings, Period
from estimator.study.recorded_priors import recorded_priors
from estimator.study.shipped import DEFAULT_PRIORS
from estimator.study.study import Study
from estimator.work.outcomes import Task

_ARRAYS = ("possible", "running", "extrapolated", "lower", "upper", "cover_start", "cover_cell")


def record_of(variation: Variation) -> dict[str, Any]:
    """Return a study as plain values: its table, the terms of its model, and over which years its total is.

    Names of files mean nothing elsewhere, and are left out; so are lines of the table.
    """
    study, table = variation.study, variation.study.table
    period = study.period if study.period is not None and study.period.covariate is not None else None
    return {
        "lists": list(table.lists),
        "covariates": [[covariate.name, list(covariate.levels), covariate.ordered] for covariate in table.covariates],
        "arrays": {name: getattr(table, name).reshape(-1).astype(np.int64).tolist() for name in _ARRAYS},
        "left_out": [table.left_out.lower, table.left_out.upper],
        "declared": list(study.declaration.lists),
        "model": asdict(replace(study.model, priors=DEFAULT_PRIORS, beside=())),
        "period": None if period is None else [period.covariate, list(period.headline or ())],
    }


def study_from(record: Mapping[str, Any]) -> Study:
    """Return the study that `record_of` has written; its table counts as observed, and its only group is the total."""
    lists = tuple(record["lists"])
    covariates = tuple(Covariate(name, tuple(levels), ordered) for name, levels, ordered in record["covariates"])
    arrays: dict[str, Any] = {name: np.array(values, np.int64) for name, values in record["arrays"].items()}
    arrays["possible"] = arrays["possible"].reshape(-1, 2 ** len(lists))
    arrays["running"] = arrays["running"].reshape(-1, len(lists))
    line, left_out = np.zeros(len(arrays["lower"]), np.int64), Registered(*record["left_out"])
    table = CaptureTable(lists, covariates, "observed", **arrays, line=line, left_out=left_out)
    period = None
    if record["period"] is not None:
        covariate, headline = record["period"]
        period = Period(covariate, tuple(headline) or None)
    model = TypeAdapter(ModelSettings).validate_python(record["model"])
    study = Study.of_table(table, model=model, period=period)
    return replace(study, declaration=Declaration(tuple(record["declared"]), covariates))


def task_of(specification: Specification, record: Mapping[str, Any], draws: int, seed: int) -> Task:
    """Return the fit of a specification; two that say the same have the same key."""
    priors = specification.priors.priors
    payload = {
        "study": record,
        "method": specification.method.value,
        "options": dict(specification.method.options),
        "priors": None if priors is None else priors.model_dump(mode="json", exclude_none=True),
        "draws": draws,
        "seed": seed,
    }
    return with_key("specification", Task("fit", "estimator.multiverse.fitting:fit_specification", payload))


def fit_specification(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Estimate one specification.

    Returns
    -------
    dict
        ``median``, ``lower`` and ``upper`` of the total, persons (95 %; None without an estimate); ``reasons``, a
        record each, that speak against publishing it or for which there is none.
    """
    study = study_from(payload["study"])
    draws = int(payload["draws"])
    sampler = replace(QUICK, draws=draws, warmup=max(draws // 2, 500), seed=int(payload["seed"]))
    priors = None if payload["priors"] is None else recorded_priors(payload["priors"])
    try:
        made = estimate(study, priors, method=payload["method"], options=payload["options"], beside=(), sampler=sampler)
    except NotEstimableError as error:
        reasons = [reason.to_dict() for reason in error.reasons]
        return {"median": None, "lower": None, "upper": None, "reasons": reasons}
    size = made.total.N
    return {
        "median": size.median,
        "lower": size.lower,
        "upper": size.upper,
        "reasons": [reason.to_dict() for reason in made.fitness.unsound],
    }
