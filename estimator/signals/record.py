"""The file survey.json: what a survey says, with what certainty; also what `darkfigure survey --json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from estimator.runs.group_records import LabelRecord, PersonsRecord, Share, ShareRecord, SummaryRecord
from estimator.runs.reading import content_of
from estimator.runs.records import Language, Record, Sha256, absent, of_content, refuse_newer

SURVEY_JSON = "survey.json"


class CountsRecord(Record):
    """Which numbers of people agree with everything that was published."""

    asked: int = Field(ge=1, description="How many answered.")
    least: int = Field(ge=0, description="The fewest who said yes.")
    most: int = Field(ge=0, description="The most who said yes.")
    said: str | None = absent("How the number was worded, where it is not one.")
    said_nl: str | None = absent("The same in Dutch, where the survey says it.")


class AnswerRecord(Record):
    """The answer of a group."""

    label: LabelRecord = Field(description="What the group is called.")
    counts: CountsRecord = Field(description="Who said yes, of whom.")
    share: ShareRecord = Field(description="Of people like those who answered.")


class DifferenceRecord(Record):
    """By how much one share is above another."""

    one: str = Field(description="Group or option.")
    other: str = Field(description="Group or option.")
    difference: SummaryRecord = Field(description="Share of the one minus that of the other.")
    probability: Share = Field(description="That the share of the one is the larger.")
    both_least: int | None = absent("The fewest people who can have chosen both options.")
    both_most: int | None = absent("The most people who can have chosen both options.")


class OutsideRecord(Record):
    """What the shares of groups say of all people of these groups."""

    groups: list[str] = Field(min_length=1, description="Groups of which the size is known.")
    unknown: list[str] = Field(description="Groups of which it is not; they are not in the numbers.")
    persons: float = Field(gt=0, description="How many people the groups have.")
    sources: list[str] = Field(description="Who says so, and of what year.")
    sources_nl: list[str] = Field(description="The same in Dutch, where the file says it.")
    share: ShareRecord = Field(description="Of them who would say yes, if those who answered are like them.")
    people: PersonsRecord = Field(description="How many would say yes.")


class ComparisonRecord(Record):
    """What others found, beside this."""

    label: LabelRecord = Field(description="Who.")
    share: tuple[Share, Share] = Field(description="The lowest and the highest share that they found.")
    caution: LabelRecord = Field(description="Why the comparison is not a fair one.")
    probability_above: Share = Field(description="That the share here is above the highest of theirs.")


class QuestionRecord(Record):
    """What a question says."""

    label: LabelRecord = Field(description="What was asked.")
    total: AnswerRecord | None = Field(description="Of all groups together; null for a question with options.")
    groups: dict[str, AnswerRecord] = Field(description="By group; empty where none has an answer of its own.")
    of: str | None = Field(description="The question to which those who were asked had said yes; null for all.")
    asked: tuple[int, int] | None = Field(description="The fewest and the most who were asked, for options.")
    options: dict[str, AnswerRecord] = Field(description="By option; a person may have chosen several.")
    options_per_person: tuple[float, float] | None = Field(description="At least and at most, on average.")
    differences: list[DifferenceRecord] = Field(description="Between groups or options, each pair once.")
    outside: OutsideRecord | None = Field(description="Of all people of the groups; null where no size is known.")
    comparisons: list[ComparisonRecord] = Field(description="What others found.")


class TippingRecord(Record):
    """How selective the response must have been for the share to be one that others found."""

    share: Share = Field(description="Of others.")
    median: float = Field(ge=0, description="Odds ratio of answering.")
    lower: float = Field(ge=0, description="Lower limit of its 95 % interval.")
    upper: float = Field(ge=0, description="Upper limit of its 95 % interval.")


class CurvePoint(Record):
    """The share under a stated selection."""

    odds_ratio: float = Field(
        gt=0, description="Of answering, of people who would say yes over those who would say no."
    )
    median: Share = Field(description="Of the share of all groups together.")
    lower: Share = Field(description="Lower limit of its 95 % interval.")
    upper: Share = Field(description="Upper limit of its 95 % interval.")


class SelectionRecord(Record):
    """What the answers are worth when people who would say yes answered more often."""

    question: str = Field(description="Which.")
    odds_ratio: tuple[float, float, float] = Field(description="As stated: median and 95 % interval.")
    reason: LabelRecord = Field(description="Why.")
    share: ShareRecord = Field(description="Of all groups together, selection taken into account.")
    groups: dict[str, ShareRecord] = Field(description="The same by group.")
    probability_above: Share | None = Field(description="That it is above what others found; null without comparison.")
    tipping: list[TippingRecord] = Field(description="For the highest and the lowest share that others found.")
    curve: list[CurvePoint] = Field(description="By odds ratio.")


class SurveyRecord(Record):
    """Everything that a survey says."""

    schema_version: int = Field(ge=1, description="Of this file.")
    darkfigure: str = Field(description="Version that wrote it.")
    survey: str = Field(description="Short name.")
    title: LabelRecord = Field(description="Who was asked, where and when.")
    language: Language = Field(description="In which it was printed.")
    source: LabelRecord = Field(description="Where the numbers were published.")
    caveats: list[LabelRecord] = Field(description="What a reader must know.")
    pooling: Literal["partial", "none"] = Field(description="Whether groups are taken to be alike to a degree.")
    mean_sd: float = Field(gt=0, description="Prior standard deviation of the mean log odds.")
    between_sd: float = Field(gt=0, description="Prior scale of the standard deviation between groups.")
    between: SummaryRecord | None = Field(
        description="Standard deviation of log odds between groups, first question by group; null without pooling."
    )
    draws: int = Field(ge=1, description="Independent ones.")
    seed: int = Field(ge=0, description="Of all randomness.")
    inputs: dict[str, Sha256] = Field(description="Digest of every file that was read.")
    questions: dict[str, QuestionRecord] = Field(min_length=1, description="In their order.")
    selection: SelectionRecord | None = Field(description="Null where the survey states none.")


def read_survey_record(folder: Path) -> SurveyRecord:
    """Read what `darkfigure survey --out` wrote.

    Raises
    ------
    InputError
        When there is none, a later version wrote it, or it was changed.
    """
    path = folder / SURVEY_JSON
    content = content_of(path)
    refuse_newer(content, path)
    return of_content(SurveyRecord, content, path)
