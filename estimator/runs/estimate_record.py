"""estimate.json: what is estimated of every group, on what assumption, and what speaks against it.

Also what `darkfigure estimate --json` prints; see docs/estimate-json.md. estimate.schema.json is made of this.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from estimator.methods.summary import Summary
from estimator.runs.records import (
    Language,
    Limits,
    Record,
    Sha256,
    Statement,
    TableKind,
    Verdict,
    Where,
    absent,
)
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
        description="By probability; as much lies below as above.", min_length=3
    )

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


class ResidualRecord(Record):
    """By how much the dark figure may differ from what the overlaps imply: the true one over the implied one."""

    form: Literal["none", "stated", "relative"] = Field(description="As in the section [residual] of the prior file.")
    median: float | None = Field(ge=0, description="As probably above as below; 1 without residual dependence.")
    lower: float | None = Field(
        ge=0, description="Lower limit of the 95 % interval; null when it is too large to write."
    )
    upper: float | None = Field(
        ge=0, description="Upper limit of the 95 % interval; null when it is too large to write."
    )


class DiagnosticsRecord(Record):
    """Whether the sampler's chains agree, and whether the model describes the table."""

    rhat_max: float | None = Field(
        description="Largest rank-normalised split R-hat of any reported group; null when the chains are stuck."
    )
    ess_bulk_min: float | None = Field(
        ge=0, description="Smallest bulk effective sample size of any reported group; null when draws are not numbers."
    )
    ess_tail_min: float | None = Field(
        ge=0, description="Smallest tail effective sample size of any reported group; null when draws are not numbers."
    )
    divergences: int = Field(ge=0, description="Of draws x chains.")
    draws: int = Field(ge=1, description="Per chain.")
    chains: int = Field(ge=1, description="Number of chains.")
    posterior_predictive_p: Share | None = Field(
        description="How often a table simulated from the model fits it worse: near 0 the model does not describe it. "
        "Null where the method makes no such check."
    )
    converged: bool = Field(description="Whether the chains agree, so that the numbers may be looked at.")


class DecisionRecord(Record):
    """Whether a list is used in some strata or not."""

    name: str = Field(description="By which the decision can be changed for one run (--decide).")
    list: str = Field(description="Name of the list.")
    choice: Literal["keep", "drop"] = Field(description="Used as it is, or treated as if it had not run.")
    where: Where = Field(description="Levels by covariate; empty for all strata.")
    reason: str = Field(description="Why.")
    for_this_run: bool = Field(description="Whether the study file decides otherwise.")


class ChangeRecord(Record):
    """What happened to a list."""

    list: str = Field(description="Name of the list.")
    kind: Literal["stopped", "redefined"] = Field(description="It no longer ran, or its coverage may have jumped.")
    since: str = Field(description="First level of the year for which that holds.")
    reason: str = Field(description="What happened.")


class PeriodRecord(Record):
    """What time the headline numbers are of."""

    years: list[str] | None = Field(description="Years that `groups` is about; null for the whole table.")
    per_year: bool = Field(description="Whether `groups` are averages per year over them.")
    pooled_years: int | None = Field(
        ge=1, description="How many years the table adds up, where it is not divided by year and the study says so."
    )


class CovariateRecord(Record):
    """A covariate by which the table is divided, and what it is called."""

    label: LabelRecord = Field(description="What it is called.")
    levels: dict[str, LabelRecord] = Field(description="What its levels are called, in their order.")
    ordered: bool = Field(description="Whether the order of the levels means something.")


class PublishedRecord(Record):
    """A figure that somebody published before; shown beside the estimate."""

    id: str = Field(description="Short name of its own.")
    group: str | None = Field(description="The group that it is about; null when left blank.")
    years: list[str] = Field(description="The years that it is about.")
    measure: str = Field(description="What it measures: `N`, `registered`, `per_100000`, ...")
    value: float | None = Field(description="As a number; null when only words or limits were published.")
    lower: float | None = Field(description="Lower limit that was published with it.")
    upper: float | None = Field(description="Upper limit that was published with it.")
    said: str = Field(description="How it was worded.")
    said_nl: str | None = Field(description="How it is worded in Dutch; null where that is no different.")
    source: str = Field(description="Where.")
    verified: bool = Field(description="Whether it was read in the source itself.")
    calibrated: bool = Field(
        description="Whether the table was made to agree with it, so that getting it back is no evidence."
    )


class SecondsRecord(Record):
    """How long it took: the only part that differs between two runs with the same seed."""

    build: Positive = Field(description="Reading the study and making the arrays of the model.")
    compile: Positive = Field(description="Compiling the model, or loading it.")
    sample: Positive = Field(description="Sampling, under all priors.")
    total: Positive = Field(description="All together.")


class AgainstAdviceRecord(Record):
    """The decision to publish though something speaks against it: it stands beside `publishable: false`."""

    reason: str = Field(description="Why it is published all the same.")
    decided_by: str = Field(description="Who answers for it.")
    date: str = Field(description="When, in UTC.", json_schema_extra={"format": "date-time"})
    against: list[Statement] = Field(
        description="What spoke against publishing when it was decided. Reasons that come later are not covered."
    )
    fell_on: str | None = absent("When the decision fell, if it did.")
    because: list[Statement] | None = absent("Why it fell.")


class CheckRecord(Record):
    """What came of one check."""

    check: str = Field(description="Short name, as on the command line.")
    title: str | None = absent("What was asked, in the words of version 1.")
    verdict: Verdict = Field(description="Of this check.")
    sentence: Statement = Field(description="The verdict in one statement.")
    reasons: list[Statement] = Field(description="Not to publish; only when it fails.")
    groups_not_alone: list[str] = Field(description="Groups whose own answer may not be published alone.")
    date: str = Field(description="When, in UTC.", json_schema_extra={"format": "date-time"})
    thresholds: str = Field(description="SHA-256 of the thresholds by which it was judged.")
    done: bool = Field(description="Whether it could be done.")


class OwnRecord(Record):
    """What the estimate said of itself before it was scrutinised."""

    publishable: bool = Field(description="Whether nothing spoke against publishing.")
    reasons: list[Statement] = Field(description="Why it was not publishable.")
    cautions: list[Statement] = Field(description="What a reader had to be told.")


class ScrutinySummary(Record):
    """What came of trying to break the estimate. The numbers are in scrutiny.json."""

    date: str = Field(description="When, in UTC.", json_schema_extra={"format": "date-time"})
    thresholds_sha256: Sha256 = Field(description="Of the file of thresholds by which it was judged.")
    range: Limits | None = Field(
        description="Of the total, in persons, that the user named; null when the check took its own."
    )
    simulations: int | None = Field(
        ge=2, description="Simulated tables in each scenario; null for the check's own number."
    )
    seed: int = Field(ge=0, description="Of the checks.")
    verdict: Verdict = Field(description="The worst of all checks; caution at best when some were not done.")
    reasons: list[Statement] = Field(
        description="Not to publish, as the checks found; they are among `reasons` of the estimate too."
    )
    checks: list[CheckRecord] = Field(description="What came of every check that was ever tried on this estimate.")
    not_done: list[str] = Field(description="Checks that were left out or could not be done, and so say nothing.")
    before: OwnRecord = Field(description="What the estimate said of itself before it was scrutinised.")
    fallen_decision: AgainstAdviceRecord | None = absent(
        "The last decision to publish against advice that no longer stands."
    )


class BesideRecord(Record):
    """An estimate of the same study with the same seed under other priors."""

    priors: str = Field(description="Title of the prior file.")
    assumption: Statement = Field(description="The identifying assumption, which no table of lists can test.")
    residual: ResidualRecord = Field(
        description="By how much the dark figure may differ from what the overlaps imply, under these priors."
    )
    publishable: bool = Field(description="Whether nothing speaks against publishing.")
    reasons: list[Statement] = Field(description="Why it is not publishable; empty when it is.")
    width_factor: float | None = Field(ge=1, description=WIDTH)
    groups: Groups = Field(description=GROUPS)
    per_year: Groups | None = absent(PER_YEAR)
    by_year: dict[str, Groups] | None = absent(BY_YEAR)
    diagnostics: DiagnosticsRecord = Field(
        description="Whether the sampler's chains agree, and whether the model describes the table."
    )


class EstimateRecord(Record):
    """estimate.json of a run, and what `darkfigure estimate --json` prints."""

    schema_version: Literal[2] = Field(description="Raised when a key changes its meaning or goes.")
    study: str = Field(description="Short name of the study.")
    title: str = Field(description="What was counted, where and when.")
    title_nl: str | None = Field(description="The same in Dutch; null where the study does not say.")
    source: str = Field(description="Where the counts come from.")
    language: Language | None = Field(description="Of what is written of it; null where nothing says so.")
    method: str = Field(description="Statistical method.")
    method_options: dict[str, str] = Field(description="Choices within the method, by option.")
    bound: bool = Field(description="Whether the numbers are a lower bound, and no estimate.")
    priors: str = Field(description="Title of the prior file; empty for a method that takes no priors.")
    priors_name: str = Field(
        description="Name of the prior file, as in `beside`, estimate.csv and the run folder; `-changed` when "
        "something in it was changed for this run."
    )
    prior_changes: dict[str, str] = Field(description="What was changed in it for this run, by key of the prior file.")
    table_kind: TableKind = Field(description="Anything but observed is no evidence about people.")
    publishable: bool = Field(
        description="Whether nothing speaks against publishing; after a scrutiny, what that found included."
    )
    reasons: list[Statement] = Field(description="Why it is not publishable; empty when it is.")
    cautions: list[Statement] = Field(description="What a reader must be told though it does not forbid publishing.")
    assumption: Statement = Field(description="The identifying assumption, which no table of lists can test.")
    residual: ResidualRecord = Field(description="By how much the dark figure may differ from what the overlaps imply.")
    decisions: list[DecisionRecord] = Field(description="Which lists are used where, as people decided it.")
    changes: list[ChangeRecord] = Field(description="Lists that stopped or were redefined.")
    statements: list[Statement] | None = absent(
        "The decisions and changes again, as what is said of them; not in runs of version 1."
    )
    notes: list[Statement] = Field(
        description="What is left out of the results, and why, such as rates of years without a denominator."
    )
    lists: dict[str, LabelRecord] = Field(description="What the lists are called.")
    covariates: dict[str, CovariateRecord] = Field(description="By what the table is divided.")
    caveats: list[str] = Field(description="What a reader of any result must know of these counts.")
    published: list[PublishedRecord] = Field(description="What others published of the same people.")
    level: float = Field(ge=0.95, le=0.95, description="Probability of lower..upper.")
    period: PeriodRecord = Field(description="What time `groups` is about.")
    width_factor: float | None = Field(ge=1, description=WIDTH)
    groups: Groups = Field(description=GROUPS)
    per_year: Groups | None = absent(PER_YEAR)
    by_year: dict[str, Groups] | None = absent(BY_YEAR)
    beside: dict[str, BesideRecord] | None = absent("The same under other priors, by the name of the prior file.")
    precision: list[Statement] | None = absent(
        "How much of the precision is the assumption, and whether answers under several priors agree; only where "
        "several have one."
    )
    diagnostics: DiagnosticsRecord = Field(
        description="Whether the sampler's chains agree, and whether the model describes the table."
    )
    seconds: SecondsRecord = Field(description="The only part that differs between two runs with the same seed.")
    seed: int = Field(ge=0, description="Of all randomness.")
    thresholds_sha256: Sha256 | None = Field(
        description="Of the file of thresholds by which it was judged; null in runs of version 1."
    )
    versions: dict[str, str] = Field(description="Of this tool, Python and the libraries that numbers depend on.")
    probabilities: dict[str, Share] | None = absent("Answers to --probability, by question; on the terminal only.")
    scrutiny: ScrutinySummary | None = absent("Only in a run that was scrutinised.")
    published_against_advice: AgainstAdviceRecord | None = absent(
        "Only where somebody decided to publish against advice."
    )
