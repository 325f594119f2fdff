"""Decisions about lists: changed for one run, and carried out on the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.contradicting import contradictions
from estimator.study.questions import Decision

CHOICES = ("keep", "drop")


def with_choices(decisions: Sequence[Decision], chosen: Mapping[str, str]) -> tuple[Decision, ...]:
    """Return decisions with some choices made otherwise, for one run.

    Parameters
    ----------
    decisions : sequence of Decision
        Those of the study file.
    chosen : mapping of str to str
        ``"keep"`` or ``"drop"``, by name of the decision.

    Returns
    -------
    tuple of Decision
        In the same order. One that comes out otherwise than in the file says so, and gives the file's reason as the
        file's.

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
    found = tuple(_chosen(decision, chosen.get(decision.name, decision.choice)) for decision in decisions)
    against = [Fault(f"decision '{found[pair.second].name}'", pair.message(found)) for pair in contradictions(found)]
    if against:
        raise InputError(against)
    return found


def _chosen(decision: Decision, choice: str) -> Decision:
    if choice == decision.choice:
        return decision
    made: Literal["keep", "drop"] = "drop" if choice == "drop" else "keep"
    reason = f"Chosen for this run. The study file says {decision.choice}: {decision.reason}"
    return replace(decision, choice=made, reason=reason, chosen_for_this_run=True)


def carried_out(table: CaptureTable, decisions: Sequence[Decision]) -> CaptureTable:
    """Return the table without the lists that are dropped, where they are dropped.

    Parameters
    ----------
    table : CaptureTable
        As it was read.
    decisions : sequence of Decision
        About lists and strata of the table.

    Returns
    -------
    CaptureTable
        The same table when nothing is dropped.

    Raises
    ------
    InputError
        When fewer than two lists would be left; names the decision.
    """
    for decision in decisions:
        if decision.choice != "drop" or decision.list not in table.lists:
            continue  # another decision may have dropped the whole list already
        try:
            table = table.without(decision.list, decision.where)
        except InputError as error:
            raise InputError([Fault(f"decision '{decision.name}'", fault.message) for fault in error.faults]) from None
    return table
