"""What may stand in a survey file, key by key: who was asked, what, and how the answers were published."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from estimator.study.schema import CsvPath, Reason
from estimator.study.sections import EachOnce, Filled, PlacedSection, Text
from estimator.study.statements import Statement

MOST_RESPONDENTS = 10_000
"""Of all groups together; with more, the quadrature of `estimator.signals.pooling` would be too coarse."""

ShareOfPeople = Annotated[float | None, Field(ge=0, le=1, description="a share from 0 to 1, such as 0.4")]
Respondents = Annotated[
    int, Field(ge=1, le=MOST_RESPONDENTS, description=f"how many answered, from 1 to {MOST_RESPONDENTS}")
]
Sd = Annotated[float, Field(ge=0.01, le=10, description="a number from 0.01 to 10, such as 1.5")]

_KINDS = ("yes", "between", "percent", "at_least", "above", "at_most", "below")


class AnswerSection(PlacedSection):
    """How many said yes, in the words of the source: a number, limits, a rounded percentage, or bounds of the share."""

    yes: Annotated[int | None, Field(ge=0, le=MOST_RESPONDENTS, description="how many said yes")] = None
    between: Annotated[
        tuple[int, int] | None, Field(description="the fewest and the most who said yes, such as [24, 25]")
    ] = None
    percent: Annotated[
        int | float | None,
        Field(ge=0, le=100, description="a percentage as it was printed, from 0 to 100, such as 84.4"),
    ] = None
    at_least: ShareOfPeople = None
    above: ShareOfPeople = None
    at_most: ShareOfPeople = None
    below: ShareOfPeople = None
    said: Text | None = None
    said_nl: Text | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything is said of the number."""
        return any(getattr(self, key) is not None for key in _KINDS)

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        given = [key for key in _KINDS if getattr(self, key) is not None]
        alone = [key for key in given if key in ("yes", "between", "percent")]
        if not given:
            return "Nothing says how many said yes. Give yes = 15, or bounds of their share: above = 0.45, below = 0.5."
        if len(given) > 1 and alone:
            return f"Found {' and '.join(given)}; '{alone[0]}' says it alone. Take the rest out."
        if {"at_least", "above"} <= {*given} or {"at_most", "below"} <= {*given}:
            return "Found two lower or two upper bounds of one share. Keep one of each."
        if self.between is not None and not 0 <= self.between[0] <= self.between[1]:
            return f"Found between = {list(self.between)}; the fewest come first, from 0 up."
        return None


class MarginSection(AnswerSection):
    """The same of several groups together; of all of them when none is named."""

    groups: Annotated[tuple[Text, ...], EachOnce, Field(description="names of groups in a list")] = ()


class OptionSection(AnswerSection):
    """One of several answers that a person could give."""

    label: Filled
    label_nl: Text | None = None


class QuestionSection(PlacedSection):
    """A question: who said yes, by group, together, or by answer."""

    label: Annotated[Filled, Field(description='what was asked, in "quotes"')]
    label_nl: Text | None = None
    of: Annotated[Text | None, Field(description="the question to which those who were asked had said yes")] = None
    answers: dict[str, AnswerSection] = {}
    margins: tuple[MarginSection, ...] = ()
    options: dict[str, OptionSection] = {}

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        if self.options and (self.answers or self.margins):
            return "A question has either 'options' (several answers per person) or 'answers' and 'margins' by group."
        if self.options and self.of is None:
            return "The options need to know of whom they are: add of = and the question that these people said yes to."
        if not self.options and self.of is not None:
            return "The key 'of' goes with 'options'. Take it out."
        if not (self.options or self.answers or self.margins):
            return "Nobody's answer is given. Add [questions.NAME.answers.GROUP], or [[questions.NAME.margins]]."
        return None


class RespondentsSection(PlacedSection):
    """A group of people who were asked."""

    label: Annotated[Filled, Field(description='what the group is called, in "quotes"')]
    label_nl: Text | None = None
    respondents: Respondents


class ComparisonSection(PlacedSection):
    """What others found, and why the two must not simply be compared."""

    question: Text
    share: Annotated[
        tuple[Annotated[float, Field(gt=0, lt=1)], Annotated[float, Field(gt=0, lt=1)]],
        Field(description="the lowest and the highest share that others found, such as [0.07, 0.20]"),
    ]
    label: Filled
    label_nl: Text | None = None
    caution: Annotated[Filled, Field(description="why the comparison is not a fair one")]
    caution_nl: Text | None = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        return None if self.share[0] <= self.share[1] else "The lowest share comes first. Change the two round."


class SelectionSection(PlacedSection):
    """Who answers: the odds that people who would say yes answer, over the odds of people who would say no."""

    question: Text
    odds_ratio: Statement
    reason: Reason
    reason_nl: Text | None = None


class SurveyModelSection(PlacedSection):
    """What is assumed of groups."""

    pooling: Literal["partial", "none"] = "partial"
    mean_sd: Sd = 1.5
    between_sd: Sd = 1.0


class PopulationSection(PlacedSection):
    """How many people there are of each group."""

    file: CsvPath


class SurveyFile(PlacedSection):
    """The whole of a survey file."""

    title: Annotated[Filled, Field(description='who was asked, where and when, in "quotes"')]
    title_nl: Text | None = None
    language: Annotated[Literal["en", "nl"], Field(description="the language of what is printed: en or nl")] = "en"
    source: Annotated[Filled, Field(description="where the numbers were published")]
    source_nl: Text | None = None
    caveats: Annotated[tuple[Text, ...], EachOnce, Field(description='sentences in a list: ["...", "..."]')] = ()
    caveats_nl: Annotated[
        tuple[Text, ...], EachOnce, Field(description='the same sentences in Dutch: ["...", "..."]')
    ] = ()
    groups: Annotated[
        dict[str, RespondentsSection], Field(min_length=1, description="a section [groups.NAME] for each group")
    ]
    questions: Annotated[
        dict[str, QuestionSection], Field(min_length=1, description="a section [questions.NAME] for each question")
    ]
    comparisons: tuple[ComparisonSection, ...] = ()
    selection: SelectionSection | None = None
    model: SurveyModelSection = SurveyModelSection()
    population: PopulationSection | None = None
