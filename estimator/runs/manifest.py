"""The file manifest.json: inputs and outputs of a run, by which two runs can be compared later."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from pydantic import Field

from estimator.reasons import Reason
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.estimate_record import ChangeRecord, DecisionRecord, RegisterErrorRecord
from estimator.runs.group_records import LabelRecord
from estimator.runs.records import Limits, Record, Sha256, Statement, TableKind, Verdict, Where, absent


class FileRecord(Record):
    """A file that went into a run."""

    name: str = Field(description="Without folders.")
    sha256: Sha256 = Field(description="Of its content.")


class CovariateFacts(Record):
    """A covariate by which the table is divided."""

    levels: list[str] = Field(description="In their order.")
    ordered: bool = Field(description="Whether the order means something.")


class PausedRecord(Record):
    """A list that did not run somewhere, other than by a change."""

    list: str = Field(description="Name of the list.")
    where: Where = Field(description="Levels by covariate.")
    reason: str = Field(description="Why.")
    reason_nl: str | None = absent("The same in Dutch, where the study says it.")


class BreakRecord(Record):
    """A break in the coverage of a list."""

    list: str = Field(description="Name of the list.")
    covariate: str = Field(description="Along which it breaks.")
    since: str = Field(description="The first level after the break.")


class ModelFacts(Record):
    """The terms of the model."""

    heterogeneity: list[list[str]] = Field(description="By which covariates the coverage of lists may differ.")
    composition: list[list[str]] = Field(description="Pairs of covariates that together may spread the dark figure.")
    three_list: list[list[str]] = Field(description="Terms for three lists.")
    breaks: list[BreakRecord] = Field(description="Lists whose coverage may jump.")


class GroupFacts(Record):
    """A population group."""

    label: LabelRecord = Field(description="What it is called.")
    where: Where = Field(description="Levels by covariate; empty for everybody.")
    per: str | None = Field(description="The inhabitants by whom a rate is given.")


class PeriodFacts(Record):
    """The time that a table covers."""

    covariate: str | None = Field(description="The covariate that is the year; null when there is none.")
    headline: list[str] | None = Field(description="Years of the headline numbers; null for all.")
    years: int | None = Field(description="How many years the table adds up, where it is not divided by year.")


class DisclosureFacts(Record):
    """Which registered numbers a report of the run may print."""

    minimum: int = Field(ge=2, description="Smaller numbers of registered people, but 0, are withheld.")
    rounding: int = Field(ge=1, description="Registered numbers are printed to a multiple of this.")
    dominance: float | None = Field(
        description="A number of people of whom one list saw more than this share is withheld; null for no such rule."
    )
    zeros: Literal["shown", "withheld"] = Field(description="Whether a zero is printed.")


class RegisteredFacts(Record):
    """Bounds of the registered people."""

    lower: int = Field(ge=0, description="At least.")
    upper: int | None = Field(description="At most; null when nothing bounds it.")


class ScrutinyFacts(Record):
    """What came of scrutinising the run."""

    date: str = Field(description="When, in UTC.")
    verdict: Verdict = Field(description="The worst of all checks.")
    thresholds_sha256: Sha256 = Field(description="Of the thresholds by which it was judged.")
    reasons: list[Statement] = Field(description="Not to publish, as the checks found.")
    not_done: list[str] = Field(description="Checks that say nothing.")

    @property
    def statement(self) -> Reason:
        """What came of it."""
        return Reason("scrutinised", date=self.date[:10], verdict=self.verdict, not_done=self.not_done)


class Facts(Record):
    """What a run was about."""

    lists: list[str] = Field(description="Names, in their order.")
    covariates: dict[str, CovariateFacts] = Field(description="By name.")
    decisions: list[DecisionRecord] = Field(description="What was decided about lists.")
    changes: list[ChangeRecord] = Field(description="What happened to lists.")
    register_errors: list[RegisterErrorRecord] | None = absent("Only where the study declares errors of registers.")
    not_operating: list[PausedRecord] = Field(description="Lists that did not run somewhere.")
    model: ModelFacts = Field(description="Terms of the model.")
    groups: dict[str, GroupFacts] = Field(description="By name.")
    period: PeriodFacts | None = Field(description="The time that the table covers.")
    table_kind: TableKind = Field(description="Anything but observed is no evidence about people.")
    registered: RegisteredFacts = Field(description="Bounds of the registered people.")
    disclosure: DisclosureFacts | None = absent("Only where the study has rules of disclosure.")
    round_to: int | None = absent("To what multiple a report rounds estimated people, where the study says it.")
    scrutiny: ScrutinyFacts | None = absent("Only in a run that was scrutinised.")
    published_against_advice: AgainstAdviceRecord | None = absent(
        "Only where somebody decided to publish against advice."
    )


class SamplerRecord(Record):
    """How the draws were made: a second or third attempt has more of them than the command asked for."""

    draws: int = Field(ge=1, description="Per chain.")
    warmup: int = Field(ge=0, description="Draws before them.")
    chains: int = Field(ge=1, description="Number of chains.")
    target_accept: float = Field(gt=0, lt=1, description="Acceptance that the sampler aimed at.")
    attempt: int = Field(ge=1, description="Which attempt it was.")


class AssumptionsRecord(Record):
    """Under which priors an estimate was made, and how it was sampled."""

    priors_name: str = Field(description="Name of the prior file.")
    priors: dict[str, Any] = Field(description="Its content in full.")
    prior_changes: dict[str, str] = Field(description="What was changed in it for this run.")
    sampler: SamplerRecord = Field(description="How the draws were made.")


class MachineRecord(Record):
    """What of the machine may change the last digits."""

    system: str = Field(description="Operating system.")
    machine: str = Field(description="Processor.")
    cores: int | None = Field(description="Of the processor.")
    processor: str | None = absent("Its kind, for which code is compiled; not in runs of earlier versions.")


class ScrutinisedRecord(Record):
    """By which command and versions a run was scrutinised."""

    command: list[str] = Field(description="The command line.")
    versions: dict[str, str] = Field(description="As of the run.")
    date: str = Field(description="When, in UTC.")
    thresholds_sha256: Sha256 = Field(description="Of the thresholds by which it was judged.")
    range: Limits | None = Field(description="Of the total, that the user named.")
    simulations: int | None = Field(description="Simulated tables in each scenario.")
    seed: int = Field(ge=0, description="Of the checks.")


class Manifest(AssumptionsRecord):
    """The content of manifest.json."""

    schema_version: Literal[2] = Field(description="Raised when a key changes its meaning or goes.")
    study: str = Field(description="Short name of the study.")
    made: str = Field(description="When, in UTC.")
    command: list[str] = Field(description="The command line that made it; empty for a run made in Python.")
    inputs: dict[str, FileRecord] = Field(description="Files that went in, by what they are.")
    study_at: str | None = absent("Where the study is: a shipped name, or its path from the run folder.")
    facts: Facts = Field(description="What the run was about.")
    beside: dict[str, AssumptionsRecord] = Field(description="The same of every other set of priors, by its name.")
    outputs: dict[str, Sha256] = Field(description="SHA-256 of every other file of the run.")
    seed: int = Field(ge=0, description="Of all randomness.")
    versions: dict[str, str] = Field(description="Of this tool, Python and the libraries that numbers depend on.")
    machine: MachineRecord = Field(description="What of the machine may change the last digits.")
    scrutinised: ScrutinisedRecord | None = absent("Only in a run that was scrutinised.")
    content_sha256: Sha256 | None = absent("Digest of all the rest; see estimator.runs.manifest_digest.")

    def hash_of(self, what: str) -> str | None:
        """Return the SHA-256 of a file that went in, such as ``"table"``; None when there was none.

        Of several imputed tables that of all their digests.
        """
        every = [record.sha256 for name, record in self.inputs.items() if name == what or name.startswith(f"{what} ")]
        if not every:
            return None
        return every[0] if len(every) == 1 else hashlib.sha256("".join(every).encode()).hexdigest()
