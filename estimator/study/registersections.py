"""The section ``[registers]`` of a study file: how exports of registers become the table.

Everything that could be read in two ways is said here: what a person is, which date makes the year, at what date an age
is meant, what is done with records that have no key or contradict each other.
"""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from estimator.study.sections import Filled, PlacedSection


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _level_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = [name for name, times in Counter(map(as_compared, names)).items() if times > 1]
    if twice:
        raise ValueError("The same text stands here twice. Name each once.")
    return names


def as_compared(text: str) -> str:
    """Return the form of an entry in which it is compared: without blanks around it, in small letters."""
    return " ".join(text.casefold().split())


EachOnce = AfterValidator(_each_once)
Column = Annotated[Filled, Field(description="the head of a column of the files")]
Columns = Annotated[
    tuple[Filled, ...],
    BeforeValidator(_one_or_more),
    EachOnce,
    Field(min_length=1, description='the head of a column, or several: ["initials", "born"]'),
]
Texts = Annotated[tuple[Filled, ...], EachOnce, Field(description='what may stand in a cell, such as ["unknown", "x"]')]
Level = Annotated[str, BeforeValidator(_level_as_text), Field(min_length=1)]
Recoding = Annotated[
    dict[str, Level], Field(description='the level for each text in the files, such as {NL = "dutch", "1" = "male"}')
]
Day = Annotated[datetime.date, Field(description="a date without quotes, such as 2015-12-31")]
Rule = Annotated[
    Literal["unknown", "majority", "priority"],
    Field(description="what a person gets whose records contradict each other: unknown, majority or priority"),
]
Window = Annotated[tuple[Day, Day], Field(description="first and last day, such as [2014-01-01, 2014-06-30]")]
Ignored = Literal["case", "spaces", "punctuation", "leading-zeros"]


class RegisterCovariateSection(PlacedSection):
    """``[registers.covariates.sex]``: from which column a covariate comes, and how.

    `year_of` and `windows` make it of a date, `born` and `age_at` of an age; otherwise texts are levels, or are made so
    by `values`.
    """

    column: Column | None = None
    values: Recoding = {}
    unknown: Texts = ()
    other: Level | None = None
    year_of: Column | None = None
    date: Column | None = None
    windows: dict[str, Window] = {}
    born: Column | None = None
    age_at: Annotated[
        Filled | Day | None, Field(description="the head of a column with dates, or one date such as 2015-12-31")
    ] = None
    lower: Annotated[
        tuple[float, ...] | None,
        Field(min_length=1, description="where each level begins, such as [0, 18] for the levels minor and adult"),
    ] = None
    conflicts: Rule | None = None
    constant: bool = False

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        ways = {"year_of": self.year_of, "windows": self.windows or self.date, "born": self.born}
        chosen = [name for name, value in ways.items() if value]
        if len(chosen) > 1 or (chosen and self.column):
            both = " and ".join(f"'{name}'" for name in [*(["column"] if self.column else []), *chosen][:2])
            return f"{both} each make this covariate in their own way. Keep one of them."
        if bool(self.windows) != (self.date is not None):
            return "'windows' and 'date' go together: the column with the date, and which days each level has."
        if (self.born is None) != (self.age_at is None):
            return (
                "'born' and 'age_at' go together: the column with the date of birth, and at what date the age is meant."
            )
        if self.born and self.lower is None:
            return "With 'born', say where each level begins: lower = [0, 18] for the levels minor and adult."
        if self.lower and any(later <= earlier for earlier, later in zip(self.lower, self.lower[1:], strict=False)):
            return "The numbers of 'lower' do not rise. Put them in the order of the levels."
        plain = not chosen and self.lower is None
        if not plain and (self.values or self.other):
            return "'values' and 'other' are for covariates of texts, not for those of dates and numbers."
        return None


class RegisterListSection(PlacedSection):
    """``[registers.lists.P]``: what is particular to the files of one list."""

    file: Annotated[Filled | None, Field(description="a file, a folder or a pattern such as police/*.csv")] = None
    sheet: Annotated[Filled | None, Field(description="the name of a sheet of a workbook")] = None
    called: Annotated[Texts, BeforeValidator(_one_or_more)] = ()
    columns: Annotated[
        dict[str, Filled], Field(description='what this file calls a column, such as {born = "GEB_DAT"}')
    ] = {}
    lacks: Annotated[Texts, BeforeValidator(_one_or_more)] = ()
    values: Annotated[
        dict[str, Recoding], Field(description='levels of texts, by covariate: {sex = {"1" = "male"}}')
    ] = {}
    since: Day | None = None
    until: Day | None = None


class IdentifierSection(PlacedSection):
    """``[registers.linkage.identifiers.surname]``: a column by which people are recognised."""

    kind: Annotated[
        Literal["name", "date", "text"],
        Field(description="what it holds: name (compared letter by letter), date, or text (the same or not)"),
    ]
    unknown: Annotated[Texts, BeforeValidator(_one_or_more)] = ()


class LinkageSection(PlacedSection):
    """``[registers.linkage]``: who may be one person though their keys differ, drawn several times."""

    identifiers: Annotated[
        dict[str, IdentifierSection],
        Field(min_length=2, description="a section [registers.linkage.identifiers.COLUMN] for two columns or more"),
    ]
    blocks: Annotated[
        tuple[Columns, ...],
        Field(description='what two records must have in common, any of: [["born"], ["surname", "initials"]]'),
    ] = ()
    keys: Annotated[
        Literal["shared", "own"],
        Field(description="shared: a key is one person in all registers; own: each register has keys of its own"),
    ] = "shared"
    within: Annotated[bool, Field(description="true: two keys of one register may be one person")] = False
    tables: Annotated[int, Field(ge=2, le=200, description="how many tables are drawn, from 2 to 200")] = 20
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="a whole number from 0 to 4294967295")] = 1


class RegistersSection(PlacedSection):
    """``[registers]``: how exports of registers become the table."""

    key: Columns
    key_ignores: Annotated[
        tuple[Ignored, ...],
        EachOnce,
        Field(description='in what two keys of one person may differ, such as ["case", "spaces"]'),
    ] = ()
    no_key: Texts = ()
    without_key: Annotated[
        Literal["refuse", "leave-out", "alone"],
        Field(description="what is done with records without a key: refuse, leave-out or alone"),
    ] = "refuse"
    list_column: Column | None = None
    leave_out_lists: Texts = ()
    date: Column | None = None
    since: Day | None = None
    until: Day | None = None
    undated: Annotated[
        Literal["refuse", "leave-out", "unknown"],
        Field(description="what is done with records without a date: refuse, leave-out or unknown"),
    ] = "refuse"
    date_order: Literal["day-month-year", "month-day-year"] = "day-month-year"
    unknown_dates: Annotated[
        tuple[Day, ...], Field(description="dates that stand for unknown, such as [1900-01-01, 2099-12-31]")
    ] = ()
    conflicts: Rule = "unknown"
    priority: Annotated[
        tuple[Filled, ...], EachOnce, Field(description='the lists, the most trusted first, such as ["P", "O"]')
    ] = ()
    at_most: Annotated[
        tuple[Annotated[tuple[Filled, ...], EachOnce, Field(min_length=1)], ...],
        Field(description='lists whose people are at most so many: [["S4"]] for those on S4 alone'),
    ] = ()
    missing: Annotated[
        Literal["model", "drop"],
        Field(description="what is done with persons of whom something is unknown: model or drop"),
    ] = "model"
    linkage: LinkageSection | None = None
    lists: Annotated[
        dict[str, RegisterListSection], Field(description="a section [registers.lists.NAME] for a list of the study")
    ] = {}
    covariates: Annotated[
        dict[str, RegisterCovariateSection],
        Field(description="a section [registers.covariates.NAME] for a covariate of the study"),
    ] = {}
