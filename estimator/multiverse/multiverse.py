"""Every defensible specification of a study, estimated and summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from estimator.calibration.at_scale import Running
from estimator.errors import InputError
from estimator.multiverse.choices import Choice, Choices, choices_of
from estimator.multiverse.fitting import record_of, task_of
from estimator.multiverse.record import (
    AlternativeRecord,
    ChoiceRecord,
    MultiverseRecord,
    RangeRecord,
    SpecificationRecord,
    Status,
)
from estimator.multiverse.shares import MOST_CHOICES, Shares, shares_of
from estimator.multiverse.specifications import Grid, Specification, grid_of
from estimator.population.fitness import UNDECLARED
from estimator.population.groups import headline_years
from estimator.reasons import Reason
from estimator.runs.facts import label_record
from estimator.runs.group_records import LabelRecord
from estimator.runs.provenance import sha256_of, versions
from estimator.runs.records import SCHEMA_VERSION, Language
from estimator.seeds import stream
from estimator.study.study import Study, read_declared, read_study
from estimator.study.tomlfile import TomlFile
from estimator.work.outcomes import FAILED
from estimator.work.tasks import run_tasks

MOST = 1000
"""Specifications at most unless another number is asked for; of more, some are drawn at random."""

DRAWS = 1000
"""Of each of two chains: enough for a median and an interval, checked against full sampling (docs/multiverse.md)."""


def run_multiverse(
    reference: str | Path,
    *,
    most: int = MOST,
    draws: int = DRAWS,
    seed: int = 1,
    running: Running | None = None,
    language: Language | None = None,
) -> MultiverseRecord:
    """Estimate every defensible specification of a study.

    Parameters
    ----------
    draws : int
        Of each of two chains.
    running : Running, optional
        How fits are done: workers, cluster, and the folder in which they are kept.

    Raises
    ------
    InputError
        When the study, its ``[multiverse]`` or a table of a border case is at fault, it has several imputed tables, or
        results cannot be kept.
    """
    file, content = read_declared(reference)
    study = read_study(reference)
    table, years = study.only_table, headline_years(study)
    choices = choices_of(study, file, content.multiverse)
    _refuse_many(choices, file)
    grid = grid_of(study, file, choices, most, seed)
    done = _fitted(grid, choices, draws, seed, running or Running())
    shares = _shares(choices, done, seed)
    passed = [one for one in done if one.status == "passes"]
    return MultiverseRecord(
        schema_version=SCHEMA_VERSION,
        darkfigure=versions()["darkfigure"],
        study=study.name,
        title=LabelRecord(en=study.title, nl=study.title_nl),
        kind=study.table_kind,
        language=language or study.language,
        years=list(years),
        per_year=len(years) > 1,
        draws=draws,
        seed=seed,
        inputs=_inputs(study, file, choices),
        possible=grid.possible,
        impossible=grid.impossible,
        choices=[_choice(place, choice, shares, done) for place, choice in enumerate(choices.varied)],
        specifications=done,
        total=_range(passed) if passed else None,
        variance=shares.variance if passed else None,
        failures=dict(Counter(one.reasons[0].code for one in done if one.reasons)),
        lists={name: label_record(study.labels.lists.get(name), name) for name in table.lists},
        covariates={
            one.name: label_record(study.labels.covariates.get(one.name), one.name) for one in table.covariates
        },
        notes=[
            *(reading for reading in table.readings if reading.code in UNDECLARED),
            *choices.notes,
            *_of_grid(grid),
        ],
    )


def _fitted(grid: Grid, choices: Choices, draws: int, seed: int, running: Running) -> list[SpecificationRecord]:
    """Return what came of every specification; those that say the same are fitted once."""
    record = cache(record_of)  # once for each variation, which many specifications share
    tasks = [
        task_of(specification, record(specification.variation), draws, seed) for specification in grid.specifications
    ]
    results = run_tasks(
        list({task.key: task for task in tasks}.values()),
        folder=None if running.folder is None else running.folder / "fits",
        identity={"what": "multiverse", "versions": versions()},
        workers=running.workers,
        cluster=running.cluster,
        progress=running.progress,
    )
    return [
        _came_of(specification, choices, results[task.key])
        for specification, task in zip(grid.specifications, tasks, strict=True)
    ]


def _refuse_many(choices: Choices, file: TomlFile) -> None:
    if len(choices.varied) > MOST_CHOICES:
        message = (
            f"{len(choices.varied)} choices vary, and at most {MOST_CHOICES} can be told apart. Name fewer decisions "
            "under 'decisions' in [multiverse]."
        )
        raise InputError(file.fault(("multiverse",), message))


def _of_grid(grid: Grid) -> list[Reason]:
    """Return how many specifications were drawn of those that there are."""
    tried = len(grid.specifications)
    return [Reason("multiverse-drawn", tried=tried, possible=grid.possible)] if tried < grid.possible else []


def _came_of(specification: Specification, choices: Choices, result: Mapping[str, Any]) -> SpecificationRecord:
    chosen, years = [specification.chosen[choice.name] for choice in choices.varied], specification.variation.years
    if FAILED in result:
        reason = Reason("multiverse-not-done")
        return SpecificationRecord(
            chosen=chosen, status="not-done", median=None, lower=None, upper=None, reasons=[reason]
        )
    reasons = [Reason.of_dict(reason) for reason in result["reasons"]]
    status: Status = "no-estimate" if result["median"] is None else "fails-diagnostics" if reasons else "passes"
    size = {name: None if result[name] is None else result[name] / years for name in ("median", "lower", "upper")}
    return SpecificationRecord(chosen=chosen, status=status, reasons=reasons, **size)


def _range(passed: Sequence[SpecificationRecord]) -> RangeRecord:
    medians = np.array([specification.median for specification in passed], np.float64)
    middle = np.quantile(medians, (0.25, 0.75))
    return RangeRecord(
        lowest=float(medians.min()),
        highest=float(medians.max()),
        middle=(float(middle[0]), float(middle[1])),
        intervals=(
            min(specification.lower or 0.0 for specification in passed),
            max(specification.upper or 0.0 for specification in passed),
        ),
    )


def _shares(choices: Choices, done: Sequence[SpecificationRecord], seed: int) -> Shares:
    """Return what each choice explains of the variance of log N over specifications that pass."""
    passed = [one for one in done if one.status == "passes"]
    places = [{one.name: place for place, one in enumerate(choice.alternatives)} for choice in choices.varied]
    chosen = [[names[name] for names, name in zip(places, one.chosen, strict=True)] for one in passed]
    medians = np.array([max(one.median or 0.0, 0.5) for one in passed], np.float64)  # nobody at all has no logarithm
    rng = stream(seed, "multiverse", 1)
    return shares_of(np.log(medians), np.array(chosen, np.int64).reshape(len(passed), len(places)), rng)


def _choice(place: int, choice: Choice, shares: Shares, done: Sequence[SpecificationRecord]) -> ChoiceRecord:
    alternatives = []
    for alternative in choice.alternatives:
        tried = [specification for specification in done if specification.chosen[place] == alternative.name]
        medians = [specification.median for specification in tried if specification.status == "passes"]
        alternatives.append(
            AlternativeRecord(
                name=alternative.name,
                said=alternative.said,
                why=None if alternative.why is None else LabelRecord(en=alternative.why, nl=alternative.why_nl),
                specifications=len(tried),
                passed=len(medians),
                median=float(np.median(np.array(medians, np.float64))) if medians else None,
            )
        )
    return ChoiceRecord(
        name=choice.name,
        said=choice.said,
        share=min(float(shares.shapley[place]), 1.0),
        alone=min(float(shares.alone[place]), 1.0),
        chance=min(float(shares.chance[place]), 1.0),
        alternatives=alternatives,
    )


def _inputs(study: Study, file: TomlFile, choices: Choices) -> dict[str, str]:
    """Return the digest of every file on which the result depends."""
    cases = {
        f"border case {alternative.name}": file.path.parent / alternative.value
        for alternative in choices.border_cases.alternatives[1:]
    }
    named = {
        f"priors {alternative.name}": alternative.priors.path
        for alternative in choices.priors.alternatives
        if alternative.priors is not None
    }
    files = {**study.files, **cases, **{what: path for what, path in named.items() if path is not None}}
    return {what: sha256_of(path) for what, path in sorted(files.items())}
