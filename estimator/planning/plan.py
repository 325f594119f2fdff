"""A plan: a study and one more list, read and checked against each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from estimator.capture.strata import strata_where
from estimator.errors import InputError, did_you_mean
from estimator.planning.schema import PlanFile
from estimator.signals.answers import survey_answers
from estimator.signals.record import SurveyRecord
from estimator.signals.survey import read_survey
from estimator.study.sections import read_placed
from estimator.study.study import Study
from estimator.study.tomlfile import Location, read_toml

MOST_LISTS = 16


@dataclass(frozen=True, eq=False)
class Plan:
    """One more list for a study.

    Parameters
    ----------
    covered : ndarray of bool, shape (S,)
        Strata of the study in which the new list runs.
    """

    path: Path
    file: PlanFile
    study: Study
    covered: np.ndarray


def read_plan(path: str | Path, study: Study) -> Plan:
    """Read a plan file for a study.

    Raises
    ------
    InputError
        With every fault, each with its line: also names that the study does not have.
    """
    toml = read_toml(Path(path))
    file, findings = read_placed(PlanFile, toml)
    faults = [toml.fault(at, message) for at, message in (*findings, *_unknown(file, study))]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line or 0))
    covered = strata_where(study.only_table.covariates, file.coverage.where)
    return Plan(Path(path), file, study, covered)


def _unknown(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    """Yield what the plan names that the study does not have, and what cannot be added up."""
    table = study.only_table
    if study.model.has_errors:
        message = (
            "The study declares errors of registers, which a plan does not simulate. Plan with a study without them."
        )
        yield ("list",), message
    if isinstance(file.list, str) or isinstance(file.coverage, str):  # they could not be read, which is reported
        return
    if file.list.name in table.lists:
        yield ("list", "name"), f"The study has a list '{file.list.name}' already. Give another name."
    if table.n_lists >= MOST_LISTS:
        yield ("list",), f"The study has {table.n_lists} lists, and with one more there would be over {MOST_LISTS}."
    lists: list[tuple[Location, str]] = [(("dependence", name), name) for name in file.dependence]
    for place, name in [*lists, *((("drop",), name) for name in file.drop)]:
        if name not in table.lists:
            yield place, f"The study has no list '{name}'.{did_you_mean(name, table.lists)}"
    if file.drop and table.n_lists <= 2:
        yield ("drop",), "The study has two lists, and with one less nothing can be estimated. Take this out."
    yield from _unknown_strata(file, study)


def _unknown_strata(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    levels = {covariate.name: covariate.levels for covariate in study.only_table.covariates}
    where: Location = ("coverage", "where")
    named: list[tuple[Location, str]] = [(("pool",), name) for name in file.pool]
    for place, name in [*named, *((where, name) for name in file.coverage.where)]:
        if name not in levels:
            yield place, f"The study has no covariate '{name}'.{did_you_mean(name, levels)}"
    running = study.only_table.running
    if file.pool and not running.all() and len(np.unique(running, axis=0)) > 1:
        yield ("pool",), "Some lists did not run in all strata, so that strata cannot be added up. Take 'pool' out."
    for name, wanted in file.coverage.where.items():
        if name in file.pool:
            yield where, f"The table is added up over '{name}' (pool), so it cannot be named here."
        for level in wanted if name in levels else ():
            if level not in levels[name]:
                yield where, f"'{level}' is no level of '{name}'.{did_you_mean(level, levels[name])}"


def survey_of(plan: Plan) -> SurveyRecord | None:
    """Return what the survey that a plan names says; None where it names none.

    Raises
    ------
    InputError
        When the survey cannot be read, or has no such question or group.
    """
    section = plan.file.from_survey
    if section is None:
        return None
    beside = plan.path.parent / section.survey
    record = survey_answers(read_survey(beside if beside.exists() else section.survey))
    toml = read_toml(plan.path)
    if section.question not in record.questions:
        near = did_you_mean(section.question, record.questions)
        raise InputError(toml.fault(("from_survey", "question"), f"The survey has no such question.{near}"))
    groups = record.questions[section.question].groups
    if section.group not in groups:
        near = did_you_mean(section.group, groups)
        raise InputError(toml.fault(("from_survey", "group"), f"No answer of such a group was published.{near}"))
    return record
