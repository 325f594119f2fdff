"""A plan: a study and one more list, or better linkage, read and checked against each other."""

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
from estimator.study.register_errors import MOST_LINKED_LISTS
from estimator.study.sections import read_placed
from estimator.study.study import Study
from estimator.study.tomlfile import Location, read_toml

MOST_LISTS = 16


@dataclass(frozen=True, eq=False)
class Plan:
    """What would be done to the lists of a study.

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
    where = file.coverage.where if file.coverage is not None else {}
    covered = strata_where(study.only_table.covariates, where)
    return Plan(Path(path), file, study, covered)


def _unknown(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    """Yield names in the plan that the study does not have, and requests that cannot be met with it."""
    table = study.only_table
    unreadable = [section for section in (file.list, file.coverage, file.linkage) if isinstance(section, str)]
    if unreadable or any(isinstance(section, str) for section in file.linkage):  # which is reported
        return
    yield from _incomplete(file)
    if file.list is not None and file.list.name in table.lists:
        yield ("list", "name"), f"The study has a list '{file.list.name}' already. Give another name."
    if file.list is not None and table.n_lists >= MOST_LISTS:
        yield ("list",), f"The study has {table.n_lists} lists, and with one more there would be over {MOST_LISTS}."
    lists: list[tuple[Location, str]] = [(("dependence", name), name) for name in file.dependence]
    for place, name in [*lists, *((("drop",), name) for name in file.drop)]:
        if name not in table.lists:
            yield place, f"The study has no list '{name}'.{did_you_mean(name, table.lists)}"
    if file.drop and table.n_lists <= 2:
        yield ("drop",), "The study has two lists, and with one less nothing can be estimated. Take this out."
    yield from _unknown_strata(file, study)
    yield from _unknown_links(file, study)
    yield from _errors_that_cannot_be_simulated(file, study)


def _incomplete(file: PlanFile) -> Iterator[tuple[Location, str]]:
    """Yield what is said of a new list without the list itself, and a plan of nothing."""
    if (file.list is None) != (file.coverage is None):
        missing, there = ("coverage", "list") if file.coverage is None else ("list", "coverage")
        yield (there,), f"A new list needs its section [{missing}] as well."
    elif file.list is None:
        for key in ("dependence", "false_positives", "from_survey"):
            if getattr(file, key):
                yield (
                    (key,),
                    "There is no new list. Add [list] and [coverage], or take this out.",
                )
        if not file.linkage and not file.drop:
            yield (), "The plan does nothing. Add a new list ([list] and [coverage]), [[linkage]], or 'drop'."


def _unknown_links(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    """Yield ways of linking that change nothing, and names that are given twice."""
    declared = {frozenset(link.lists): " and ".join(link.lists) for link in study.model.linkage_errors}
    if file.linkage and not declared:
        message = (
            "The study declares no errors in links, so nothing is known of what better linkage would mend. Declare "
            "them in the study file first ([[linkage_errors]])."
        )
        yield file.linkage[0].at(), message
        return
    for number, section in enumerate(file.linkage):
        if section.lists and frozenset(section.lists) not in declared:
            known = "; ".join(declared.values())
            yield (
                section.at("lists"),
                f"The study declares no errors in links of just these lists, but of: {known}.",
            )
        if section.name in [linkage.name for linkage in file.linkage[:number]]:
            yield section.at("name"), f"There is a linkage '{section.name}' already. Give another name."
        if section.missed not in (None, "none") and study.only_table.n_lists > MOST_LINKED_LISTS:
            yield section.at("missed"), f"Missed links can be simulated between at most {MOST_LINKED_LISTS} lists."


def _errors_that_cannot_be_simulated(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    """Yield errors of registers that the study declares and that cannot be simulated under this plan."""
    model, table = study.model, study.only_table
    for declared in model.false_positives:
        for name in sorted({*declared.where} & {*file.pool}):
            message = (
                f"The study declares false positives of list '{declared.list}' for some of '{name}' alone, so that the "
                "table cannot be added up over it. Take it out of 'pool'."
            )
            yield ("pool",), message
    if model.linkage_errors and not table.possible[:, 1:].all():
        message = (
            "The study declares errors in links, and cells in which nobody can be: entries there are not simulated. "
            "Plan with a study without one of the two."
        )
        yield (), message
    missed = [link for link in model.linkage_errors if link.missed and {*link.lists} == {*table.lists}]
    if file.list is not None and missed and table.n_lists >= MOST_LINKED_LISTS:
        message = f"Missed links can be simulated between at most {MOST_LINKED_LISTS} lists, the new one included."
        yield ("list",), message


def _unknown_strata(file: PlanFile, study: Study) -> Iterator[tuple[Location, str]]:
    levels = {covariate.name: covariate.levels for covariate in study.only_table.covariates}
    where: Location = ("coverage", "where")
    seen_in = file.coverage.where if file.coverage is not None else {}
    named: list[tuple[Location, str]] = [(("pool",), name) for name in file.pool]
    for place, name in [*named, *((where, name) for name in seen_in)]:
        if name not in levels:
            yield place, f"The study has no covariate '{name}'.{did_you_mean(name, levels)}"
    running = study.only_table.running
    if file.pool and not running.all() and len(np.unique(running, axis=0)) > 1:
        yield ("pool",), "Some lists did not run in all strata, so that strata cannot be added up. Take 'pool' out."
    for name, wanted in seen_in.items():
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
