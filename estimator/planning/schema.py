"""What may stand in a plan file, key by key: one more list, whom it would see and how it depends on others; linkage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from estimator.study.schema import Levels, Name, Names, Portion
from estimator.study.sections import EachOnce, Filled, PlacedSection, Text

OpenShare = Annotated[float, Field(gt=0, lt=1)]
Ratio = Annotated[
    float, Field(ge=1e-6, le=1e6, description="an odds ratio from 0.000001 to 1000000, such as 2 (1: independent)")
]


class NewListSection(PlacedSection):
    """``[list]``: what the new list is called."""

    name: Annotated[Filled, Field(description="a short name that no list of the study has")]
    label: Text | None = None
    label_nl: Text | None = None


class CoverageSection(PlacedSection):
    """``[coverage]``: which share of the people it would see, in several cases; and of whom."""

    shares: Annotated[
        tuple[OpenShare, ...],
        Field(min_length=1, max_length=20, description="up to 20 shares between 0 and 1, such as [0.05, 0.1, 0.2]"),
    ]
    where: Annotated[
        dict[str, Levels], Field(description='the strata in which it runs, such as {sex = "female"}; all when left out')
    ] = {}

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        return None if list(self.shares) == sorted({*self.shares}) else "The shares stand from low to high, each once."


class SurveyCoverageSection(PlacedSection):
    """``[from_survey]``: one more case: share who see victims × share who would report × share of victims they see."""

    survey: Annotated[Filled, Field(description="a survey that ships with the tool, or the path of one")]
    question: Text
    group: Text
    would_report: Annotated[
        tuple[OpenShare, OpenShare],
        Field(description="the lowest and highest share of those who see victims who would report, such as [0.1, 0.5]"),
    ]
    victims_seen: Annotated[
        tuple[OpenShare, OpenShare],
        Field(description="the lowest and highest share of victims who see such a person, such as [0.05, 0.3]"),
    ]

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        turned = [key for key in ("would_report", "victims_seen") if getattr(self, key)[0] > getattr(self, key)[1]]
        return f"The lowest share of '{turned[0]}' comes first. Change the two round." if turned else None


class FalsePositivesSection(PlacedSection):
    """``[false_positives]``: which share of its entries would not be victims."""

    share: Annotated[float, Field(ge=0, le=0.9, description="a share from 0 to 0.9, such as 0.05")]


Errors = Annotated[
    Portion | Literal["none"],
    Field(description='the 95 % limits that would be declared, such as [0.005, 0.02], or "none" for no such errors'),
]


class LinkageSection(PlacedSection):
    """``[[linkage]]``: how well the present lists would be linked, in place of what the study declares."""

    name: Annotated[Filled, Field(description="a short name that no other linkage of the plan has")]
    label: Text | None = None
    label_nl: Text | None = None
    lists: Annotated[
        tuple[Name, ...],
        EachOnce,
        Field(description="those of one [[linkage_errors]] of the study; else of all"),
    ] = ()
    missed: Errors | None = None
    wrong: Errors | None = None

    def contradiction(self) -> str | None:
        """Return why the keys do not go together, if they do not."""
        if self.missed is None and self.wrong is None:
            return "It says neither what share of links would be missed nor what share wrong. Give one of them."
        return None


class PlanFile(PlacedSection):
    """The whole of a plan file."""

    title: Annotated[Filled, Field(description='what would be done, in "quotes"')]
    title_nl: Text | None = None
    list: NewListSection | None = None
    coverage: CoverageSection | None = None
    linkage: Annotated[
        tuple[LinkageSection, ...], Field(max_length=10, description="up to 10 sections of how lists would be linked")
    ] = ()
    from_survey: SurveyCoverageSection | None = None
    dependence: Annotated[
        dict[str, Ratio], Field(description="an odds ratio with each list with which it hangs together")
    ] = {}
    false_positives: FalsePositivesSection | None = None
    drop: Annotated[Names, EachOnce, Field(description="lists of which the loss is asked as well")] = ()
    pool: Annotated[Names, EachOnce, Field(description="covariates over which the table is added up before")] = ()
