"""What may stand in a study file, key by key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from estimator.capture.cells import TableKind
from estimator.capture.declaration import LARGEST_BASE, Covariate
from estimator.study.multiversesection import MultiverseSection
from estimator.study.questions import UNKNOWN_SHARE, Choice
from estimator.study.registersections import RegistersSection
from estimator.study.sections import EachOnce, Filled, PlacedSection, Text
from estimator.study.shipped import DEFAULT_PRIORS
from estimator.words.catalogue import Language


def _level_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


LONGEST_PERIOD = 200
"""A period of more years than this is a mistake."""

Name = Annotated[Filled, Field(description="the name of a list or covariate of this study")]
Level = Annotated[str, BeforeValidator(_level_as_text), Field(min_length=1)]
Levels = Annotated[
    tuple[Level, ...],
    BeforeValidator(_one_or_more),
    EachOnce,
    Field(min_length=1, description='one or more levels, such as ["2014", "2015"]'),
]
Strata = Annotated[
    dict[str, Levels], Field(description='the strata, such as {sex = "female", year = ["2014", "2015"]}')
]
Names = Annotated[tuple[Name, ...], EachOnce, Field(description='names in a list, such as ["P", "K"]')]
Together = Annotated[tuple[Name, ...], BeforeValidator(_one_or_more), EachOnce, Field(min_length=1)]
Three = Annotated[tuple[Name, Name, Name], EachOnce]
Two = Annotated[tuple[Name, Name], EachOnce]
Year = Annotated[str, BeforeValidator(_level_as_text), Field(min_length=1, description="a level, such as 2016")]
CsvPath = Annotated[Filled, Field(description="the path of a CSV file, from this file's folder")]
Reason = Annotated[Filled, Field(description='why, in "quotes": a reader must be able to judge it')]


class ListSection(PlacedSection):
    """``[lists.P]``: a list, whose name is the column of the table."""

    label: Text | None = None
    label_nl: Text | None = None


class CovariateSection(PlacedSection):
    """``[covariates.year]``: a covariate, whose name is the column of the table."""

    levels: Annotated[tuple[Level, ...], Field(description='the values that it takes, such as ["2014", "2015"]')]
    ordered: bool = False
    label: Text | None = None
    label_nl: Text | None = None
    labels: dict[str, Text] = {}
    labels_nl: dict[str, Text] = {}


class StructuralZeroSection(PlacedSection):
    """``[[structural_zeros]]``: lists that cannot see the same person."""

    lists: Names
    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class NotOperatingSection(PlacedSection):
    """``[[not_operating]]``: a list that did not run in some strata."""

    list: Name
    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class UnobservedSection(PlacedSection):
    """``[[unobserved]]``: the people on exactly these lists were not counted."""

    history: Names
    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class DecisionSection(PlacedSection):
    """``[[decisions]]``: a list that is kept, dropped or merged with the one that feeds it, and why."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]+$", description='a short name without spaces, such as "border-police"')
    ]
    list: Name
    choice: Choice
    fed_by: Name | None = None
    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class ExtrapolationSection(PlacedSection):
    """``[[extrapolate]]``: strata in which no list ran, estimated from the others."""

    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class ChangeSection(PlacedSection):
    """``[[changes]]``: a list that stopped, or was redefined."""

    list: Name
    kind: Literal["stopped", "redefined"]
    since: Year
    reason: Reason
    reason_nl: Text | None = None


def _an_interval(limits: tuple[float, float]) -> tuple[float, float]:
    """Refuse limits that stand in the wrong order."""
    lower, upper = limits
    if lower >= upper:
        raise ValueError(f"Found [{lower}, {upper}], but there are two limits, the smaller one first. Mend them.")
    return limits


Limit = Annotated[float, Field(gt=0, lt=1)]
Portion = Annotated[
    tuple[Limit, Limit],
    AfterValidator(_an_interval),
    Field(description="the 95 % limits of a share, above 0 and below 1, such as [0.02, 0.10]"),
]


class FalsePositivesSection(PlacedSection):
    """``[[false_positives]]``: people on a list who are no victims."""

    list: Name
    share: Portion
    among: Annotated[
        Literal["alone", "any"], Field(description='"alone" (on that list only) or "any" (whatever others they are on)')
    ] = "alone"
    where: Strata = {}
    reason: Reason
    reason_nl: Text | None = None


class LinkageErrorsSection(PlacedSection):
    """``[[linkage_errors]]``: links between lists that are missed or wrong."""

    lists: Annotated[
        tuple[Name, ...], EachOnce, Field(description='two or more lists, such as ["P", "K"]; all when left out')
    ] = ()
    missed: Portion | None = None
    wrong: Portion | None = None
    reason: Reason
    reason_nl: Text | None = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        if len(self.lists) == 1:
            return "A link is between two lists, and it names one. Name at least two, or none for all lists."
        return None


class DenominatorsSection(PlacedSection):
    """``[denominators]``: the populations by which rates are given."""

    file: CsvPath


class PublishedSection(PlacedSection):
    """``[published]``: figures that were published before, to be shown beside the estimates."""

    file: CsvPath


class TableFormatSection(PlacedSection):
    """``[table_format]``: how to read the counts."""

    suppressed_below: Annotated[int | None, Field(description="a whole number: counts below it stand as ..")] = None
    suppressed_includes_zero: bool = False
    round: Annotated[
        int | None, Field(ge=2, le=LARGEST_BASE, description="a whole number: counts were rounded to multiples of it")
    ] = None
    rounding: Annotated[
        Literal["nearest", "up", "down", "random"],
        Field(description='"nearest", "up", "down" or "random": to which multiple a count was rounded'),
    ] = "nearest"
    zeros: Annotated[
        Literal["rounded", "exact"],
        Field(description='"rounded" (a zero may be a small count) or "exact" (a zero is nobody)'),
    ] = "rounded"
    unknown_share: Portion = UNKNOWN_SHARE
    blanks: Annotated[
        Literal["unknown", "totals"] | None,
        Field(description='"unknown" (people of whom something is unknown) or "totals": what rows with a blank count'),
    ] = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        said = [key for key in ("rounding", "zeros") if key in self.model_fields_set]
        if self.round is None and said:
            return f"It says how counts were rounded ({said[0]}), and not to what. Add round = 5, or take this out."
        return None


class ModelSection(PlacedSection):
    """``[model]``: assumptions, and the terms of the model that can be chosen."""

    priors: Annotated[Filled, Field(description="the name of shipped priors, or the path of a file")] = DEFAULT_PRIORS
    beside: Annotated[
        tuple[Text, ...],
        EachOnce,
        Field(description='priors under which the numbers are shown as well, such as ["wide"]'),
    ] = ()
    three_list: Annotated[
        tuple[Three, ...], EachOnce, Field(description='lists by three, such as [["P", "R", "O"]]')
    ] = ()
    heterogeneity: Annotated[
        Annotated[tuple[Together, ...], EachOnce] | None,
        Field(description='covariates, such as ["year", ["age", "sex"]]: those in one bracket count together'),
    ] = None
    composition: Annotated[
        Annotated[tuple[Two, ...], EachOnce] | None, Field(description='covariates by two, such as [["year", "sex"]]')
    ] = None
    method: Annotated[Filled, Field(description='the name of a method, such as "loglinear" or "decomposable"')] = (
        "loglinear"
    )
    options: Annotated[dict[str, Text], Field(description='choices of the method, such as {strata = "pooled"}')] = {}


class GroupSection(PlacedSection):
    """``[groups.girls]``: a population group of which the size is asked."""

    label: Text | None = None
    label_nl: Text | None = None
    where: Strata = {}
    per: Annotated[Filled | None, Field(description="the name of a population in the denominators")] = None


class PeriodSection(PlacedSection):
    """``[period]``: which time the table covers."""

    covariate: Name | None = None
    headline: Levels | None = None
    years: Annotated[
        int | None,
        Field(ge=1, le=LONGEST_PERIOD, description=f"how many years the table adds up, from 1 to {LONGEST_PERIOD}"),
    ] = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        if (self.covariate is None) == (self.years is None):
            return (
                'A period has either a covariate (the table is divided by year: covariate = "year") or a number of '
                "years (the table adds them up: years = 6)."
            )
        if self.headline is not None and self.covariate is None:
            return "The key 'headline' names levels of the period's covariate; with 'years' there are none."
        return None


class PrecisionSection(PlacedSection):
    """``[precision]``: how wide an interval the decision at hand bears."""

    factor: Annotated[
        float,
        Field(
            gt=1,
            le=1_000_000,
            description="a number above 1, such as 3: limits of the total further apart make an estimate unfit",
        ),
    ]
    reason: Reason
    reason_nl: Text | None = None


class ReportSection(PlacedSection):
    """``[report]``: how a report prints its numbers."""

    round_to: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            description="a whole number from 1, such as 50: estimated people are then printed in fifties",
        ),
    ]


class DisclosureSection(PlacedSection):
    """``[disclosure]``: which registered numbers a report may print."""

    minimum: Annotated[
        int,
        Field(
            ge=2,
            le=1000,
            description="a whole number from 2 to 1000, such as 5: registered numbers from 1 to 4 are then withheld",
        ),
    ]
    rounding: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="a whole number from 1 to 1000, such as 5: registered numbers are then printed in fives",
        ),
    ] = 1
    dominance: Annotated[
        float | None,
        Field(
            ge=0.5,
            lt=1,
            description="a share from 0.5 to below 1, such as 0.9: a number of whom one list saw more is then withheld",
        ),
    ] = None
    zeros: Literal["shown", "withheld"] = "shown"


class StudyFile(PlacedSection):
    """The whole of a study file."""

    title: Annotated[Filled, Field(description='what was counted, where and when, in "quotes"')]
    title_nl: Text | None = None
    language: Annotated[Language, Field(description="the language of what is printed: en or nl")] = "en"
    source: Annotated[Filled, Field(description="who published or supplied the counts: no estimate goes without it")]
    source_nl: Text | None = None
    licence: str = ""
    licence_nl: Text | None = None
    caveats: Annotated[tuple[Text, ...], EachOnce, Field(description='sentences in a list: ["...", "..."]')] = ()
    caveats_nl: Annotated[
        tuple[Text, ...], EachOnce, Field(description='the same sentences in Dutch: ["...", "..."]')
    ] = ()
    table: Annotated[Filled, Field(description="the path of the table, from this file's folder")] = "table.csv"
    tables: Annotated[
        tuple[Text, ...],
        EachOnce,
        Field(
            min_length=1,
            description='paths of several imputed tables, such as ["imputed-*.csv"], in place of the key table',
        ),
    ] = ()
    table_kind: TableKind = "observed"
    overlaps: Literal["exclusive", "inclusive"] | None = None
    lists: Annotated[dict[str, ListSection], Field(description="a section [lists.NAME] for each list of the table")]
    covariates: dict[str, CovariateSection] = {}
    structural_zeros: tuple[StructuralZeroSection, ...] = ()
    not_operating: tuple[NotOperatingSection, ...] = ()
    unobserved: tuple[UnobservedSection, ...] = ()
    table_format: TableFormatSection = TableFormatSection()
    decisions: tuple[DecisionSection, ...] = ()
    changes: tuple[ChangeSection, ...] = ()
    extrapolate: tuple[ExtrapolationSection, ...] = ()
    false_positives: tuple[FalsePositivesSection, ...] = ()
    linkage_errors: tuple[LinkageErrorsSection, ...] = ()
    registers: RegistersSection | None = None
    denominators: DenominatorsSection | None = None
    published: PublishedSection | None = None
    disclosure: DisclosureSection | None = None
    report: ReportSection | None = None
    precision: PrecisionSection | None = None
    model: ModelSection = ModelSection()
    groups: dict[str, GroupSection] = {}
    period: PeriodSection | None = None
    multiverse: MultiverseSection | None = None

    def contradiction(self) -> str | None:
        """Return that one table and several are named, if they are."""
        if self.tables and "table" in self.model_fields_set:
            return "Found both 'table' and 'tables'. Keep 'tables' for several imputed tables, or 'table' for one."
        return None

    @property
    def declared_covariates(self) -> tuple[Covariate, ...]:
        """The covariates as a table has them."""
        return tuple(
            Covariate(name, covariate.levels, covariate.ordered) for name, covariate in self.covariates.items()
        )

    @property
    def year(self) -> Covariate | None:
        """The covariate that is the year; None when the period names none, or one that is not declared."""
        name = self.period.covariate if self.period else None
        return next((covariate for covariate in self.declared_covariates if covariate.name == name), None)
