"""The shape of a study, and how it travels to where tables in that shape are simulated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

import numpy as np

from estimator.capture.declaration import Covariate
from estimator.methods.shape import Shape, reference_size, template
from estimator.population.groups import headline_years
from estimator.study.questions import Break, FalsePositives, LinkageErrors, ModelSettings
from estimator.study.study import Study


def shape_of(study: Study) -> Shape:
    """Return the shape of a study."""
    table, period, where = study.only_table, study.period, {}
    if period is not None and period.covariate is not None:
        where = {period.covariate: headline_years(study)}
    within = table.strata_where(where)
    counted = table.covered & (table.recorded > 0) & table.possible
    return Shape(
        table=template(table.lists, table.covariates, table.possible, table.running, counted),
        model=replace(study.model, false_positives=(), linkage_errors=()),  # tables are simulated without
        groups={name: group.strata(table) & within for name, group in study.groups.items()},
        registered=reference_size(table),
    )


def record_of(shape: Shape) -> dict[str, Any]:
    """Return a shape as plain values, small enough to travel with every task."""
    table = shape.table
    return {
        "lists": list(table.lists),
        "covariates": [[covariate.name, list(covariate.levels), covariate.ordered] for covariate in table.covariates],
        "impossible": np.flatnonzero(~table.possible).tolist(),
        "not_running": np.flatnonzero(~table.running).tolist(),
        "not_counted": np.flatnonzero(~table.covered).tolist(),
        "model": _model_record(shape.model),
        "groups": {name: np.flatnonzero(strata).tolist() for name, strata in shape.groups.items()},
        "registered": shape.registered,
    }


_ERRORS = ("false_positives", "linkage_errors")


def _model_record(model: ModelSettings) -> dict[str, Any]:
    """Return the terms of a model; names of files and reasons mean nothing elsewhere."""
    record = asdict(replace(model, priors="", beside=()))
    for kind in _ERRORS:
        declared = [
            {name: error[name] for name in error if not name.startswith("reason")} for error in record.pop(kind)
        ]
        if declared:
            record[kind] = declared
    return record


def shape_from(record: Mapping[str, Any]) -> Shape:
    """Return the shape that `record_of` has written; made once for each record in a process."""
    return _shape_from(json.dumps(record, sort_keys=True))


@lru_cache(maxsize=8)
def _shape_from(text: str) -> Shape:
    record = json.loads(text)
    lists = tuple(record["lists"])
    covariates = tuple(Covariate(name, tuple(levels), ordered) for name, levels, ordered in record["covariates"])
    n_strata = int(np.prod([len(covariate.levels) for covariate in covariates], dtype=int))
    possible, running = np.ones((n_strata, 2 ** len(lists)), bool), np.ones((n_strata, len(lists)), bool)
    counted = np.ones(possible.shape, bool)
    for array, key in ((possible, "impossible"), (running, "not_running"), (counted, "not_counted")):
        array.reshape(-1)[record[key]] = False
    counted &= possible
    groups = {name: np.isin(np.arange(n_strata), strata) for name, strata in record["groups"].items()}
    model = record["model"]
    settings = ModelSettings(
        three_list=tuple((a, b, c) for a, b, c in model["three_list"]),
        heterogeneity=tuple(tuple(entry) for entry in model["heterogeneity"]),
        composition=tuple((a, b) for a, b in model["composition"]),
        breaks=tuple(Break(**change) for change in model["breaks"]),
        false_positives=tuple(
            FalsePositives(
                error["list"],
                (error["share"][0], error["share"][1]),
                error["among"],
                {name: tuple(levels) for name, levels in error["where"].items()},
            )
            for error in model.get("false_positives", ())
        ),
        linkage_errors=tuple(
            LinkageErrors(tuple(error["lists"]), _pair(error["missed"]), _pair(error["wrong"]))
            for error in model.get("linkage_errors", ())
        ),
    )
    return Shape(template(lists, covariates, possible, running, counted), settings, groups, record["registered"])


def _pair(limits: Sequence[float] | None) -> tuple[float, float] | None:
    return None if limits is None else (limits[0], limits[1])
