"""What may stand in a study file, key by key."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from estimator.study.sections import Section
from estimator.study.shipped import DEFAULT_PRIORS


def _level_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


Text = Annotated[str, Field(min_length=1, description='text in "quotes"')]
Name = Annotated[str, Field(min_length=1, description="the name of a list or covariate of this study")]
Level = Annotated[str, BeforeValidator(_level_as_text), Field(min_length=1)]
Levels = Annotated[
    tuple[Level, ...], BeforeValidator(_one_or_more), Field(description='one or more levels, such as ["2014", "2015"]')
]
Strata = Annotated[
    dict[str, Levels], Field(description='the strata, such as {sex = "female", year = ["2014", "2015"]}')
]
Names = Annotated[tuple[Name, ...], Field(description='names in a list, such as ["P", "K"]')]
Together = Annotated[tuple[Name, ...], BeforeValidator(_one_or_more), Field(min_length=1)]
Year = Annotated[str, BeforeValidator(_level_as_text), Field(min_length=1, description="a level, such as 2016")]
CsvPath = Annotated[str, Field(min_length=1, description="the path of a CSV file, from this file's folder")]
Reason = Annotated[str, Field(min_length=1, description='why, in "quotes": a reader must be able to judge it')]


class ListSection(Section):
    """``[lists.P]``: a list, whose name is the column of the table."""

    label: Text | None = None
    label_nl: Text | None = None


class CovariateSection(Section):
    """``[covariates.year]``: a covariate, whose name is the column of the table."""

    levels: Annotated[tuple[Level, ...], Field(description='the values that it takes, such as ["2014", "2015"]')]
    ordered: bool = False
    label: Text | None = None
    label_nl: Text | None = None
    labels: dict[str, Text] = {}
    labels_nl: dict[str, Text] = {}


class StructuralZeroSection(Section):
    """``[[structural_zeros]]``: lists that cannot see the same person."""

    lists: Names
    where: Strata = {}
    reason: Reason


class NotOperatingSection(Section):
    """``[[not_operating]]``: a list that did not run in some strata."""

    list: Name
    where: Strata = {}
    reason: Reason


class UnobservedSection(Section):
    """``[[unobserved]]``: the people on exactly these lists were not counted."""

    history: Names
    where: Strata = {}
    reason: Reason


class DecisionSection(Section):
    """``[[decisions]]``: a list that is kept or dropped, and why."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]+$", description='a short name without spaces, such as "border-police"')
    ]
    list: Name
    choice: Literal["keep", "drop"]
    where: Strata = {}
    reason: Reason


class ChangeSection(Section):
    """``[[changes]]``: a list that stopped, or was redefined."""

    list: Name
    kind: Literal["stopped", "redefined"]
    since: Year
    reason: Reason


class DenominatorsSection(Section):
    """``[denominators]``: the populations by which rates are given."""

    file: CsvPath


class PublishedSection(Section):
    """``[published]``: figures that were published before, to be shown beside the estimates."""

    file: CsvPath


class TableFormatSection(Section):
    """``[table_format]``: how to read the counts."""

    suppressed_below: Annotated[int | None, Field(description="a whole number: counts below it stand as ..")] = None
    suppressed_includes_zero: bool = False


class ModelSection(Section):
    """``[model]``: assumptions, and the terms of the model that can be chosen."""

    priors: Annotated[str, Field(min_length=1, description="the name of shipped priors, or the path of a file")] = (
        DEFAULT_PRIORS
    )
    beside: Annotated[
        tuple[Text, ...], Field(description='priors under which the numbers are shown as well, such as ["wide"]')
    ] = ()
    three_list: Annotated[
        tuple[tuple[Name, Name, Name], ...], Field(description='lists by three, such as [["P", "R", "O"]]')
    ] = ()
    heterogeneity: Annotated[
        tuple[Together, ...] | None,
        Field(description='covariates, such as ["year", ["age", "sex"]]: those in one bracket count together'),
    ] = None
    composition: Annotated[
        tuple[tuple[Name, Name], ...] | None, Field(description='covariates by two, such as [["year", "sex"]]')
    ] = None


class GroupSection(Section):
    """``[groups.girls]``: a population group of which the size is asked."""

    label: Text | None = None
    label_nl: Text | None = None
    where: Strata = {}
    per: Annotated[str | None, Field(min_length=1, description="the name of a population in the denominators")] = None


class PeriodSection(Section):
    """``[period]``: which time the table covers."""

    covariate: Name | None = None
    headline: Levels | None = None
    years: Annotated[int | None, Field(ge=1, description="a whole number of years that the table adds up")] = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.covariate is None) == (self.years is None):
            raise ValueError(
                'A period has either a covariate (the table is divided by year: covariate = "year") or a number of '
                "years (the table adds them up: years = 6)."
            )
        if self.headline is not None and self.covariate is None:
            raise ValueError("The key 'headline' names levels of the period's covariate; with 'years' there are none.")
        return self


class StudyFile(Section):
    """The whole of a study file."""

    title: Annotated[str, Field(min_length=1, description='what was counted, where and when, in "quotes"')]
    title_nl: Text | None = None
    language: Annotated[Literal["en", "nl"], Field(description="the language of what is printed: en or nl")] = "en"
    source: Annotated[
        str, Field(min_length=1, description="who published or supplied the counts: no estimate goes without it")
    ]
    licence: str = ""
    caveats: Annotated[tuple[Text, ...], Field(description='sentences in a list: ["...", "..."]')] = ()
    table: Annotated[str, Field(min_length=1, description="the path of the table, from this file's folder")] = (
        "table.csv"
    )
    table_kind: Literal["observed", "reconstructed", "synthetic"] = "observed"
    lists: Annotated[dict[str, ListSection], Field(description="a section [lists.NAME] for each list of the table")]
    covariates: dict[str, CovariateSection] = {}
    structural_zeros: tuple[StructuralZeroSection, ...] = ()
    not_operating: tuple[NotOperatingSection, ...] = ()
    unobserved: tuple[UnobservedSection, ...] = ()
    table_format: TableFormatSection = TableFormatSection()
    decisions: tuple[DecisionSection, ...] = ()
    changes: tuple[ChangeSection, ...] = ()
    denominators: DenominatorsSection | None = None
    published: PublishedSection | None = None
    model: ModelSection = ModelSection()
    groups: dict[str, GroupSection] = {}
    period: PeriodSection | None = None
