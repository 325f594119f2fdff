"""What `darkfigure compare --json` prints: two sides, and how every group differs between them.

The text and the picture of a comparison are made of it alone, so that `darkfigure show` makes them again from its file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from estimator.errors import Fault, InputError
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.group_records import LabelRecord, Share, SummaryRecord
from estimator.runs.manifest import ScrutinyFacts
from estimator.runs.reading import content_of
from estimator.runs.records import Record, Statement, TableKind, absent, of_content, refuse_newer
from estimator.study.questions import TOTAL


class NamesRecord(Record):
    """What the names of a study are called."""

    groups: dict[str, LabelRecord] = Field(description="Groups, by name.")
    covariates: dict[str, LabelRecord] = Field(description="Covariates, by name.")
    levels: dict[str, dict[str, LabelRecord]] = Field(description="Levels, by covariate and name.")
    lists: dict[str, LabelRecord] = Field(description="Lists, by name.")


class SideRecord(Record):
    """One of the two that are compared."""

    run: str = Field(description="Its folder.")
    study: str = Field(description="Short name of the study.")
    title: str = Field(description="What was counted, where and when.")
    title_nl: str | None = absent("The same in Dutch, where the study says it.")
    source: str = Field(description="Where the counts come from.")
    source_nl: str | None = absent("The same in Dutch, where the study says it.")
    table_kind: TableKind = Field(description="Anything but observed is no evidence about people.")
    years: list[str] | None = Field(description="Over which numbers are averaged; null for the whole table.")
    all_years: list[str] = Field(description="Years of the run in their order; empty without them.")
    pooled_years: int | None = Field(description="How many years a table without years adds up; null where unknown.")
    per_year: bool = Field(description="Whether numbers are per year.")
    priors: str = Field(description="Name of the priors.")
    priors_title: str | None = Field(description="What they assume, in words; null where the method takes none.")
    priors_title_nl: str | None = absent("The same in Dutch, where their file says it.")
    assumption: Statement = Field(description="The identifying assumption.")
    publishable: bool = Field(description="Whether nothing speaks against publishing.")
    reasons: list[Statement] = Field(description="Why it is not publishable; empty when it is.")
    scrutiny: ScrutinyFacts | None = Field(description="What came of scrutinising the run; null when nobody did.")
    published_against_advice: AgainstAdviceRecord | None = Field(
        description="The decision to publish against advice; null when nobody took it."
    )
    names: NamesRecord = Field(description="What groups, covariates, levels and lists are called.")

    def title_in(self, language: str) -> str:
        """Return the title in a language, or in English where there is none in it."""
        return self.title_nl if language == "nl" and self.title_nl else self.title


class DifferenceRecord(Record):
    """One quantity before and after."""

    before: SummaryRecord = Field(description="On the first side.")
    after: SummaryRecord = Field(description="On the second side.")
    difference: SummaryRecord | None = Field(description="After less before; null where nothing may be subtracted.")
    ratio: SummaryRecord | None = Field(description="After over before; null also where nobody may have been there.")
    ratio_of_medians: float | None = Field(description="Says nothing of how sure it is; null when the first is 0.")
    probability_of_rise: Share | None = Field(description="Share of the draws with more after; null without one.")
    probability_of_fall: Share | None = Field(description="Share of the draws with fewer after; null without one.")


class YearRecord(Record):
    """One group in one year."""

    registered: SummaryRecord = Field(description="People on at least one list.")
    N: SummaryRecord = Field(description="Population size.")


class VerdictRecord(Record):
    """What became of a group: what is estimated, and what was registered."""

    estimated: str = Field(
        description="`more`, `fewer` or `unclear`; where nothing is subtracted how many medians lie within the "
        "interval of the other: `both-inside`, `one-inside` or `none-inside`."
    )
    registered: str = Field(description="`more`, `fewer` or `same`.")


class ComparedGroupRecord(Record):
    """One group before and after."""

    verdict: VerdictRecord = Field(description="What became of it.")
    label: LabelRecord = Field(description="What the group is called.")
    registered: DifferenceRecord = Field(description="People on at least one list.")
    N: DifferenceRecord = Field(description="Population size.")
    dark_figure: DifferenceRecord = Field(description="People on no list.")
    coverage: DifferenceRecord = Field(description="registered / N.")


class StepRecord(ComparedGroupRecord):
    """Everybody, from one year of a run to the next."""

    from_: str = Field(alias="from", description="The first of the two years.")
    to: str = Field(description="The second.")
    not_like_with_like: list[Statement] = Field(
        description="What happened to lists, or was decided about them, between the two."
    )


class ChangedRecord(Record):
    """One thing that is not the same in two runs."""

    what: str = Field(description="Such as `table`, `lists`, `priors`, `versions`.")
    reason: Statement = Field(description="How it differs.")


class ComparisonRecord(Record):
    """Two years of a run, or two runs, side by side."""

    schema_version: Literal[2] = Field(description="Raised when a key changes its meaning or goes.")
    before: SideRecord = Field(description="The first side.")
    after: SideRecord = Field(description="The second side.")
    basis: Statement = Field(
        description="On what ground they are compared, and in `probability` whether differences have one."
    )
    within_a_run: bool = Field(description="Whether both sides are years of one run.")
    language: str | None = absent("In which the later run asks to be shown.")
    level: float = Field(ge=0.95, le=0.95, description="Probability of lower..upper.")
    groups: dict[str, ComparedGroupRecord] = Field(description="Every group that means the same people on both sides.")
    series: dict[str, dict[str, YearRecord]] = Field(
        description="Of one run: every group in every year, by year and name; empty for two."
    )
    left_out: dict[str, Statement] = Field(description="Groups that are not compared, with the reason.")
    steps: list[StepRecord] = Field(description="Of one run: everybody from each year to the next.")
    beside: dict[str, dict[str, ComparedGroupRecord]] = Field(
        description="The same groups under other priors, by their name."
    )
    what_changed: list[ChangedRecord] = Field(alias="changed", description="What is not the same in two runs.")
    cautions: list[Statement] = Field(description="What a reader must be told.")

    @property
    def total(self) -> ComparedGroupRecord:
        """Everybody."""
        return self.groups[TOTAL]


def read_comparison(path: Path) -> ComparisonRecord:
    """Read the output of `darkfigure compare --json` from a file.

    Raises
    ------
    InputError
        When it is not what a comparison writes, or a later version wrote it.
    """
    content = content_of(path)
    refuse_newer(content, path)
    if "within_a_run" not in content:
        message = "This is no comparison. Name a file with what `compare --json` printed, or the folder of a run."
        raise InputError(Fault(str(path), message))
    return of_content(ComparisonRecord, content, path)
