"""What is estimated of population groups, as estimate.json and the JSON of a comparison hold it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, field_validator

from estimator.methods.summary import LEVELS, Summary
from estimator.runs.records import Limits, Record, Statement, absent
from estimator.study.questions import Label

Positive = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class LabelRecord(Record):
    """What something is called."""

    en: str = Field(description="In English.")
    nl: str | None = Field(description="In Dutch; null where the study does not say.")

    def text(self, language: str = "en") -> str:  # type: ignore[override]
        """Return the label in a language, or in English when there is none."""
        return self.label.text(language)

    @property
    def label(self) -> Label:
        """The same as a study has it."""
        return Label(self.en, self.nl)


class SummaryRecord(Record):
    """What is believed of a number."""

    median: float = Field(description="As probably above as below.")
    mean: float | None = Field(
        description="Of the posterior; null where it has none, because residual dependence has long tails."
    )
    sd: float | None = Field(description="Standard deviation of the posterior; null where it has none.", ge=0)
    lower: float = Field(description="Lower limit of the 95 % interval.")
    upper: float = Field(description="Upper limit of the 95 % interval.")
    intervals: dict[Literal["0.5", "0.8", "0.95"], Limits] = Field(
        description="By probability; as much lies below as above. Of an estimate, 0.5 and 0.8 only where intervals "
        "under its priors are known to hold what they say; its `notes` say why one is missing.",
        json_schema_extra={"required": ["0.95"]},
    )

    @classmethod
    def of(cls, summary: Summary, digits: int) -> Self:
        """Return a summary as files have it, rounded to a number of decimals."""
        return cls(**summary.to_dict(digits))

    @field_validator("intervals")
    @classmethod
    def _has_the_widest(cls, intervals: dict[str, Limits]) -> dict[str, Limits]:
        if f"{max(LEVELS):g}" not in intervals:
            raise ValueError("the interval of which `lower` and `upper` are the limits is missing")
        return intervals

    @property
    def summary(self) -> Summary:
        """The same as the number formats take it."""
        intervals = {float(level): limits for level, limits in self.intervals.items()}
        nan = float("nan")
        mean, sd = (nan if value is None else value for value in (self.mean, self.sd))
        return Summary(self.median, mean, sd, intervals, self.mean is not None)


class PersonsRecord(SummaryRecord):
    """What is believed of a number of persons."""

    median: Positive = Field(description="As probably above as below.")
    lower: Positive = Field(description="Lower limit of the 95 % interval.")
    upper: Positive = Field(description="Upper limit of the 95 % interval.")


class ShareRecord(SummaryRecord):
    """What is believed of a share."""

    median: Share = Field(description="As probably above as below.")
    lower: Share = Field(description="Lower limit of the 95 % interval.")
    upper: Share = Field(description="Upper limit of the 95 % interval.")


class RatioRecord(Record):
    """Middle and 95 % interval of a ratio."""

    median: float = Field(ge=1, description="As probably above as below.")
    lower: float = Field(ge=1, description="Lower limit of the 95 % interval.")
    upper: float = Field(ge=1, description="Upper limit of the 95 % interval.")


class DenominatorRecord(Record):
    """The inhabitants of whom a rate is."""

    population: str = Field(description="Who they are, as in the file of denominators.")
    inhabitants: float = Field(gt=0, description="Persons; the mean over `years`.")
    years: list[str] = Field(min_length=1, description="Years of the number of people.")
    source: str = Field(description="Who says so.")
    how: Literal["counted", "implied"] = Field(
        description="Counted by an office, or backed out of a published rate for any of the years."
    )
    population_nl: str | None = absent("Who they are in Dutch, where the file says it.")
    source_nl: str | None = absent("Who says so, in Dutch, where the file says it.")


class BoundsRecord(Record):
    """Between which a number of registered people lies, by the table alone."""

    lower: Positive = Field(description="At least; per year rounded down to one decimal.")
    upper: Positive | None = Field(description="At most; null where nothing bounds the number.")


class GroupRecord(Record):
    """What is estimated of one group."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"per_100000": ["denominator"], "denominator": ["per_100000"]}}
    )

    label: LabelRecord = Field(description="What the group is called in results.")
    parent: str | None = Field(
        description="The smallest other group of which it is a part; null for `total`, and in runs of version 1."
    )
    registered: int | float = Field(
        ge=0, description="People on at least one list; the median when it is not exactly known."
    )
    registered_interval: tuple[Positive, Positive] | None = absent(
        "95 % interval, only where the number is not exactly known."
    )
    registered_bounds: BoundsRecord | None = absent(
        "Between which the table puts the number, as `darkfigure check` says, whatever is estimated; only where the "
        "table does not give it. A group's count those who are certainly of it, and those who may be."
    )
    N: PersonsRecord = Field(description="Population size: registered + dark figure.")
    dark_figure: PersonsRecord = Field(description="People on no list.")
    coverage: ShareRecord = Field(description="registered / N, between 0 and 1.")
    one_in: RatioRecord | None = absent(
        "One in k is registered: N / registered; absent where nobody may be registered."
    )
    per_100000: PersonsRecord | None = absent(
        "People per 100,000 inhabitants, per year; only with a denominator for every year of the number."
    )
    denominator: DenominatorRecord | None = absent("The inhabitants of whom `per_100000` is.")
    publishable_alone: Literal[False] | None = absent(
        "This group's own answer may not be published alone; absent when it may, or when nobody looked."
    )
    not_alone_because: Statement | None = absent("Why it may not be published alone.")


Groups = dict[str, GroupRecord]
GROUPS = "Every group over the headline period: the whole table, or the average per year over the headline years."
PER_YEAR = "The same per year, where the table adds up several years without saying which."
BY_YEAR = "The same for every year, where the table is divided by year."
WIDTH = "How wide the 95 % interval of the total is: upper limit divided by lower limit; null when that is 0."
