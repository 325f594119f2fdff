"""The file multiverse.json: all specifications, what came of each. Also what `darkfigure multiverse --json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from estimator.errors import Fault, InputError
from estimator.runs.group_records import LabelRecord, Positive, Share
from estimator.runs.reading import content_of
from estimator.runs.records import Language, Limits, Record, Sha256, Statement, TableKind, of_content, refuse_newer

MULTIVERSE_JSON = "multiverse.json"

Status = Literal["passes", "fails-diagnostics", "no-estimate", "not-done"]


class AlternativeRecord(Record):
    """One way in which a choice can be made."""

    name: str = Field(description="That stays the same from run to run.")
    said: Statement = Field(description="What it is.")
    why: LabelRecord | None = Field(description="Why it can be defended; null where the study does not say.")
    specifications: int = Field(ge=0, description="In which it is chosen, of those that were tried.")
    passed: int = Field(ge=0, description="Of these, those that pass diagnostics.")
    median: Positive | None = Field(description="The middle one of the totals that pass, persons; null for none.")


class ChoiceRecord(Record):
    """What could have been chosen otherwise."""

    name: str = Field(description="Such as `lists`.")
    said: Statement = Field(description="What it is.")
    share: Share = Field(description="Of the variance of log N over specifications that pass: Shapley value.")
    alone: Share = Field(description="The same that it explains alone.")
    chance: Share = Field(description="The share that it would explain by chance, were totals dealt out at random.")
    alternatives: list[AlternativeRecord] = Field(min_length=1, description="The declared one first.")


class SpecificationRecord(Record):
    """One way in which every choice is made, and what came of it."""

    chosen: list[str] = Field(description="The alternative of each choice, in the order of `choices`.")
    status: Status = Field(description="Whether it counts; and if not, why.")
    median: Positive | None = Field(description="Of the total, persons, per year where `per_year`; null for none.")
    lower: Positive | None = Field(description="Lower limit of its 95 % interval.")
    upper: Positive | None = Field(description="Upper limit of its 95 % interval.")
    reasons: list[Statement] = Field(description="Why it fails diagnostics or has no estimate; empty when it passes.")


class RangeRecord(Record):
    """Between what the total stands under all specifications that pass diagnostics."""

    lowest: Positive = Field(description="The lowest of their medians, persons.")
    highest: Positive = Field(description="The highest of their medians.")
    middle: Limits = Field(description="Between which the middle half of their medians is.")
    intervals: Limits = Field(description="The lowest and highest limit of their 95 % intervals.")


class MultiverseRecord(Record):
    """Everything that came of a multiverse."""

    schema_version: int = Field(ge=1, description="Of this file.")
    darkfigure: str = Field(description="Version that wrote it.")
    study: str = Field(description="Short name.")
    title: LabelRecord = Field(description="What was counted, where and when.")
    kind: TableKind = Field(description="Anything but observed is no evidence about people.")
    language: Language = Field(description="In which it was printed.")
    years: list[str] = Field(description="Over which the total is averaged; empty for the whole table.")
    per_year: bool = Field(description="Whether totals are per year.")
    draws: int = Field(ge=1, description="Of each of two chains, before any that a method adds to make them agree.")
    seed: int = Field(ge=0, description="Of all randomness.")
    inputs: dict[str, Sha256] = Field(description="Digest of every file that was read, by what it is.")
    possible: int = Field(ge=1, description="Specifications that there are.")
    impossible: int = Field(ge=0, description="Combinations of alternatives that cannot be carried out.")
    choices: list[ChoiceRecord] = Field(description="Those with alternatives, in the order in which they are made.")
    specifications: list[SpecificationRecord] = Field(min_length=1, description="That of the study as declared first.")
    total: RangeRecord | None = Field(description="Null when none passes diagnostics.")
    variance: Positive | None = Field(description="Of log N over specifications that pass; null when none does.")
    failures: dict[str, int] = Field(
        description="By code: specifications with this first reason why they fail or have no estimate."
    )
    lists: dict[str, LabelRecord] = Field({}, description="What lists are called, by name.")
    covariates: dict[str, LabelRecord] = Field({}, description="What covariates are called, by name.")
    notes: list[Statement] = Field(description="What is not varied, and why; and how the table was read.")

    @property
    def declared(self) -> SpecificationRecord:
        """The study as it is declared."""
        return self.specifications[0]

    def with_status(self, status: Status) -> list[SpecificationRecord]:
        """Return the specifications of which this came."""
        return [specification for specification in self.specifications if specification.status == status]

    @property
    def passed(self) -> list[SpecificationRecord]:
        """Those that pass diagnostics, in the order of their medians."""
        return sorted(
            self.with_status("passes"), key=lambda specification: (specification.median or 0.0, specification.chosen)
        )


def is_multiverse(path: Path) -> bool:
    """Tell whether a path is a folder or file that `darkfigure multiverse` wrote."""
    if path.is_dir():
        return (path / MULTIVERSE_JSON).is_file() and not (path / "estimate.json").exists()
    return path.is_file() and path.suffix == ".json" and "specifications" in content_of(path)


def read_multiverse_of(path: Path, study: str) -> MultiverseRecord:
    """Read a multiverse for the report of a study.

    Raises
    ------
    InputError
        As for `read_multiverse`; and when it is of another study.
    """
    record = read_multiverse(path)
    if record.study != study:
        message = f"This is a multiverse of the study '{record.study}', and the run is of '{study}'. Name one of it."
        raise InputError(Fault(str(path), message))
    return record


def read_multiverse(path: Path) -> MultiverseRecord:
    """Read what `darkfigure multiverse` wrote with ``--out``, or printed with ``--json``.

    Raises
    ------
    InputError
        When there is none, a later version wrote it, or it was changed.
    """
    file = path / MULTIVERSE_JSON if path.is_dir() else path
    content = content_of(file)
    refuse_newer(content, file)
    record = of_content(MultiverseRecord, content, file)
    names = [[one.name for one in choice.alternatives] for choice in record.choices]
    for place, one in enumerate(record.specifications, start=1):
        fits = len(one.chosen) == len(names) and all(map(lambda name, of: name in of, one.chosen, names))
        if not fits or (one.status == "passes") != (one.median is not None and not one.reasons):
            message = f"The specification {place} is not what a multiverse writes. Restore the file, or run it again."
            raise InputError(Fault(str(file), message))
    return record
