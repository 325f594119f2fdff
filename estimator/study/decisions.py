"""Decisions to keep, drop or merge a list: checked, changed for one run, and carried out on the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from estimator.capture.declaration import Finding, Where, where_faults
from estimator.capture.table import CaptureTable
from estimator.errors import Fault, InputError, did_you_mean
from estimator.study.merging import merged_label, merged_model, merged_name
from estimator.study.questions import Choice, Decision, Labels, ModelSettings
from estimator.study.schema import DecisionSection, StudyFile
from estimator.study.sections import FaultAt

CHOICES: tuple[Choice, ...] = get_args(Choice)


def decision_findings(content: StudyFile) -> Iterator[Finding]:
    """Yield the names in decisions that are not the name of anything, or of two decisions, and contradictions."""
    names: list[str] = []
    for section in content.decisions:
        for key in ("list", "fed_by"):
            named = getattr(section, key)
            if named and named not in content.lists:
                yield section.at(key), f"There is no list '{named}'.{did_you_mean(named, content.lists)}"
        if section.name and section.name in names:
            yield section.at("name"), f"Another decision is called '{section.name}' too. Give each its own name."
        for message in where_faults(content.declared_covariates, section.where):
            yield section.at("where"), message
        if section.fed_by and section.fed_by == section.list:
            yield section.at("fed_by"), f"List '{section.list}' cannot get its people from itself. Name the other list."
        if message := _cannot_merge(section):
            yield section.at("choice"), message
        names.append(section.name)
    sections = [section for section in content.decisions if section.choice in CHOICES]
    decisions = [Decision(**section.model_dump()) for section in sections]
    for _, second, message in contradictions(decisions):
        yield sections[second].at(), message


def _cannot_merge(decision: Decision | DecisionSection) -> str:
    """Return why two lists cannot be taken as one; nothing where they can, or are not."""
    if decision.choice != "merge":
        return ""
    if not decision.fed_by:
        return 'A list is merged with the one from which it gets people. Name that list: fed_by = "...".'
    if decision.where:
        return "Two lists are one everywhere or nowhere. Take 'where' out, or drop or keep the list."
    return ""


def contradictions(decisions: Sequence[Decision]) -> Iterator[tuple[int, int, str]]:
    """Yield every two decisions that cannot both be carried out: their positions, and a message.

    They keep and drop one list in the same strata, merge one that is dropped, or are about the same referral.
    """
    for later, second in enumerate(decisions):
        for earlier, first in enumerate(decisions[:later]):
            if message := _about_one_referral(first, second):
                yield earlier, later, message
                continue
            shared = _in_common(first.where, second.where)
            if first.list == second.list and {first.choice, second.choice} == {"keep", "drop"} and shared is not None:
                message = (
                    f"The decision '{second.name}' is to {second.choice} list '{second.list}' and '{first.name}' to "
                    f"{first.choice} it, both {_place(shared)}. Give them 'where' without strata in common, or take "
                    "one out."
                )
                yield earlier, later, message


def _about_one_referral(first: Decision, second: Decision) -> str:
    """Return why two decisions of which one is about a referral contradict each other; nothing where they do not."""
    if first.fed_by and second.fed_by and {first.list, first.fed_by} == {second.list, second.fed_by}:
        return (
            f"The decisions '{first.name}' and '{second.name}' are both about lists '{first.list}' and "
            f"'{first.fed_by}'. Take one out."
        )
    for merge, other in ((first, second), (second, first)):
        gone = other.choice == "drop" and not other.where
        if gone and merge.choice == "merge" and other.list in (merge.list, merge.fed_by):
            return (
                f"The decision '{other.name}' drops list '{other.list}', and '{merge.name}' merges it with another. Do "
                "one of the two."
            )
    return ""


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
    """Return decisions with some made otherwise for one run: a choice by name of the decision.

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
            message = f"'{choice}' is no choice; allowed are keep, drop and merge.{near}"
            faults.append(Fault(f"decision '{name}'", message))
    if faults:
        raise InputError(faults)
    made = tuple(_chosen(decision, chosen.get(decision.name, decision.choice)) for decision in decisions)
    against = [
        Fault(f"decision '{decision.name}'", message) for decision in made if (message := _cannot_merge(decision))
    ]
    against += [Fault(f"decision '{made[second].name}'", message) for _, second, message in contradictions(made)]
    if against:
        raise InputError(against)
    return made


def _chosen(decision: Decision, choice: str) -> Decision:
    made: Choice = next((known for known in CHOICES if known == choice), decision.choice)
    return decision if made == decision.choice else replace(decision, choice=made, chosen_for_this_run=True)


@dataclass(frozen=True, eq=False)
class Merge:
    """Two lists that were taken as one.

    Parameters
    ----------
    lists : (str, str)
        As they were called before it, in the order of the table.
    before, after : CaptureTable
        With the two, and with the one.
    """

    lists: tuple[str, str]
    before: CaptureTable
    after: CaptureTable

    @property
    def name(self) -> str:
        """What the merged list is called."""
        return merged_name(self.before, self.after)


@dataclass(frozen=True, eq=False)
class CarriedOut:
    """A table after what was decided about its lists.

    Parameters
    ----------
    lists : tuple of str
        Those that were not dropped.
    merges : tuple of Merge
        In the order in which they were done.
    """

    table: CaptureTable
    lists: tuple[str, ...]
    merges: tuple[Merge, ...] = ()

    def model(self, model: ModelSettings) -> ModelSettings:
        """Return the settings of a model with merged lists in place of those that were merged."""
        for merge in self.merges:
            model = merged_model(model, merge.before, merge.after, merge.lists)
        return model

    def labels(self, labels: Labels) -> Labels:
        """Return labels with those of merged lists."""
        called = dict(labels.lists)
        for merge in self.merges:
            called[merge.name] = merged_label(*(called[name] for name in merge.lists))
        return replace(labels, lists=called)


def carried_out(table: CaptureTable, decisions: Sequence[Decision], fault_at: FaultAt) -> CarriedOut:
    """Return the table without the lists that are dropped, where they are dropped; then with merged lists as one.

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
            raise _named(error, index, why, fault_at) from None
    return _merged(table, decisions, fault_at)


def _merged(table: CaptureTable, decisions: Sequence[Decision], fault_at: FaultAt) -> CarriedOut:
    """Return a table with merged lists as one; a list may be fed by one that is itself merged with another."""
    lists, called = table.lists, {name: name for name in table.lists}
    merges: list[Merge] = []
    for index, decision in enumerate(decisions):
        if decision.choice != "merge" or decision.fed_by is None:
            continue
        why = f"The decision '{decision.name}' merges lists '{decision.list}' and '{decision.fed_by}'."
        gone = [name for name in (decision.list, decision.fed_by) if name not in called]
        if gone:
            raise InputError(fault_at(("decisions", index), f"{why} List '{gone[0]}' is dropped by another decision."))
        pair = {called[decision.list], called[decision.fed_by]}
        if len(pair) < 2:
            continue  # others have merged both with a third
        first, second = (name for name in table.lists if name in pair)
        try:
            merge = Merge((first, second), table, table.merge((first, second)))
        except InputError as error:
            raise _named(error, index, why, fault_at) from None
        merges.append(merge)
        table = merge.after
        called = {name: merge.name if now in pair else now for name, now in called.items()}
    return CarriedOut(table, lists, tuple(merges))


def _named(error: InputError, index: int, why: str, fault_at: FaultAt) -> InputError:
    """Return the faults of a table with the decision from which they come."""
    return InputError([fault_at(("decisions", index), f"{why} {fault.message}") for fault in error.faults])
