"""What a plan would bring, as numbers: also what `darkfigure plan --json` prints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from estimator.runs.group_records import LabelRecord, Positive, Share
from estimator.runs.records import Language, Record, Statement, TableKind


class WidthRecord(Record):
    """How wide the 95 % interval of a group is, on average over simulated populations."""

    width: Positive = Field(description="Upper minus lower limit, persons; per year where the study is.")
    error: Positive = Field(description="Monte Carlo standard error of it.")
    ratio: Positive = Field(description="Of the present width.")
    ratio_error: Positive = Field(description="Monte Carlo standard error of the ratio.")
    held: int = Field(ge=0, description="Simulated populations whose size the interval holds.")


class CaseRecord(Record):
    """One case of the new list."""

    kind: Literal["share", "survey"] = Field(description="A stated coverage, or that which a survey says.")
    share: Share = Field(description="Of people who are on it, on average over simulations.")
    entries: Positive = Field(description="On it, on average: cases that must be reported.")
    simulations: int = Field(ge=0, description="Simulated populations with an estimate.")
    doubtful: int = Field(ge=0, description="Fits whose chains did not quite agree.")
    groups: dict[str, WidthRecord] = Field(description="By group; empty where no simulation has an estimate.")


class HalvingRecord(Record):
    """How many cases must be reported before the interval of a group is half as wide, or as narrow as wanted."""

    entries: Positive | None = Field(description="Cases; null when no case that was tried does it.")
    lower: Positive | None = Field(description="5 % quantile, over simulations drawn again; null for more than tried.")
    upper: Positive | None = Field(description="95 % quantile; null when so many do not do it.")


class LinkageLimitsRecord(Record):
    """What is declared of the links between some lists, now and under another linkage; null for no such errors."""

    lists: list[str] = Field(description="Between which lists.")
    missed_now: tuple[Share, Share] | None = Field(description="95 % limits of the share of missed links.")
    missed: tuple[Share, Share] | None = Field(description="The same then.")
    wrong_now: tuple[Share, Share] | None = Field(description="95 % limits of the share of wrong entries.")
    wrong: tuple[Share, Share] | None = Field(description="The same then.")


class LinkageRecord(Record):
    """The present lists, linked otherwise."""

    label: LabelRecord = Field(description="What it is called.")
    limits: list[LinkageLimitsRecord] = Field(description="What would be declared, by the sections of the study.")
    simulations: int = Field(ge=0, description="Simulated populations with an estimate.")
    doubtful: int = Field(ge=0, description="Fits whose chains did not quite agree.")
    groups: dict[str, WidthRecord] = Field(description="By group; empty where no simulation has an estimate.")
    as_much_as: dict[str, HalvingRecord] = Field(
        description="By group, cases on the new list that make its interval as narrow; empty without a new list."
    )


class GroupPlanRecord(Record):
    """A group now."""

    label: LabelRecord = Field(description="What it is called.")
    median: Positive = Field(description="Persons now.")
    lower: Positive = Field(description="Lower limit of the 95 % interval now.")
    upper: Positive = Field(description="Upper limit of the 95 % interval now.")
    halving: HalvingRecord | None = Field(description="How many cases halve its interval; null without a new list.")


class LossRecord(Record):
    """What an estimate would be with one list less."""

    ratios: dict[str, Positive] = Field(description="Width of the interval of each group over the present width.")
    medians: dict[str, Positive] = Field(description="Persons.")


class PlanRecord(Record):
    """Everything that a plan says."""

    schema_version: int = Field(ge=1, description="Of this file.")
    darkfigure: str = Field(description="Version that made it.")
    study: str = Field(description="Short name of the study.")
    study_title: LabelRecord = Field(description="Its title.")
    kind: TableKind = Field(description="Of its table.")
    title: LabelRecord = Field(description="What would be done.")
    new_list: LabelRecord | None = Field(description="What it is called; null where the plan has none.")
    language: Language = Field(description="In which it was printed.")
    priors: str = Field(description="Under which everything is fitted.")
    method: str = Field(description="By which everything is fitted.")
    pooled: list[str] = Field(description="Covariates over which the table was added up.")
    years: int = Field(ge=1, description="Years over which numbers are averaged; 1 where they are of the whole table.")
    simulations: int = Field(ge=1, description="Of each case.")
    seed: int = Field(ge=0, description="Of all randomness.")
    odds_ratios: dict[str, Positive] = Field(description="Of the new list with others; 1 where not named.")
    false_positives: Share = Field(description="Share of its entries.")
    groups: dict[str, GroupPlanRecord] = Field(description="By group, the present estimate.")
    cases: list[CaseRecord] = Field(description="From low to high coverage; that of the survey last.")
    linkages: dict[str, LinkageRecord] = Field(description="By its name in the plan.")
    losses: dict[str, LossRecord] = Field(description="By list that is dropped.")
    failed: int = Field(ge=0, description="Fits that could not be done.")
    notes: list[Statement] = Field(description="What a reader must know.")
