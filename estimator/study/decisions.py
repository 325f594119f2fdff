"""Decisions to keep or drop a list: checked, changed for one run, and carried out on the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from estimator.capture.declaration import Finding, Where, where_faults
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.questions import Decision
from estimator.study.schema import StudyFile
from estimator.study.sections import FaultAt

CHOICES = ("keep", "drop")


def decision_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield the names in decisions that are not the name of anything, or of two decisions, and contradictions."""
    names: list[str] = []
    for section in content.decisions:
        if section.list and section.list not in content.lists:
            near = did_you_mean(section.list, content.lists)
            yield section.at("list"), f"There is no list '{section.list}'.{near}"
        if section.name and section.name in names:
            yield section.at("name"), f"Another decision is called '{section.name}' too. Give each its own name."
        for message in where_faults(content.declared_covariates, section.where):
            yield section.at("where"), message
        names.append(section.name)
    sections = [section for section in content.decisions if section.choice in CHOICES]
    decisions = [Decision(**section.model_dump()) for section in sections]
    for _, second, message in contradictions(decisions):
        yield sections[second].at(), message


def contradictions(decisions: Sequence[Decision]) -> Iterator[tuple[int, int, str]]:
    """Yield every two decisions that keep and drop one list in the same strata: their positions, and a message."""
    for later, second in enumerate(decisions):
        for earlier, first in enumerate(decisions[:later]):
            shared = _in_common(first.where, second.where)
            if first.list == second.list and {first.choice, second.choice} == set(CHOICES) and shared is not None:
                message = (
                    f"The decision '{second.name}' is to {second.choice} list '{second.list}' and '{first.name}' to "
                    f"{first.choice} it, both {_place(shared)}. Give them 'where' without strata in common, or take "
                    "one out."
                )
                yield earlier, later, message


def _in_common(first: Where, second: Where) -> Where | None:
    """Return the strata that two statements are both about; None when there are none."""
    shared = {}
    for covariate in {**first, **second}:
        levels = [where[covariate] for where in (first, second) if covariate in where]
        shared[covariate] = tuple(level for level in levels[0] if level in levels[-1])
    return shared if all(shared.values()) else None


def _place(where: Where) -> str:
    """Return strata in words: "in year 2014, 2015", "everywhere"."""
    parts = [f"{covariate} {', '.join(levels)}" for covariate, levels in where.items()]
    return f"in {' and '.join(parts)}" if parts else "everywhere"


def with_choices(decisions: Sequence[Decision], chosen: Mapping[str, str]) -> tuple[Decision, ...]:
    """Return decisions with some made otherwise for one run: ``"keep"`` or ``"drop"``, by name of the decision.

    One that comes out otherwise than in the file says so; its reason is still that of the file.

    Raises
    ------
    InputError
        With a fault for each name or choice that does not exist, and for each two that contradict each other.
    """
    names = [decision.name for decision in decisions]
    faults = []
    for name, choice in chosen.items():
        if name not in names:
            known = did_you_mean(name, names) or " The study has no [[decisions]]."
            faults.append(Fault(f"decision '{name}'", f"The study has no decision of this name.{known}"))
        if choice not in CHOICES:
            near = did_you_mean(choice, CHOICES)
            faults.append(Fault(f"decision '{name}'", f"'{choice}' is no choice; allowed are keep and drop.{near}"))
    if faults:
        raise InputError(faults)
    made = tuple(_chosen(decision, chosen.get(decision.name, decision.choice)) for decision in decisions)
    against = [Fault(f"decision '{made[second].name}'", message) for _, second, message in contradictions(made)]
    if against:
        raise InputError(against)
    return made


def _chosen(decision: Decision, choice: str) -> Decision:
    if choice == decision.choice:
        return decision
    made: Literal["keep", "drop"] = "drop" if choice == "drop" else "keep"
    return replace(decision, choice=made, chosen_for_this_run=True)


def carried_out(table: CaptureTable, decisions: Sequence[Decision], fault_at: FaultAt) -> CaptureTable:
    """Return the table without the lists that are dropped, where they are dropped.

    Raises
    ------
    InputError
        When fewer than two lists would be left; names the decision.
    """
    for index, decision in enumerate(decisions):
        if decision.choice != "drop" or decision.list not in table.lists:
            continue  # another decision may have dropped the whole list already
        try:
            table = table.without(decision.list, decision.where)
        except InputError as error:
            why = f"The decision '{decision.name}' drops list '{decision.list}'."
            raise InputError(
                [fault_at(("decisions", index), f"{why} {fault.message}") for fault in error.faults]
            ) from None
    return table
