"""The file estimate.json: what is estimated of every group, on what assumption, and what speaks against it.

Also what `darkfigure estimate --json` prints; see docs/estimate-json.md. estimate.schema.json is made of this.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from estimator.runs.advice import AgainstAdviceRecord, ScrutinySummary
from estimator.runs.group_records import (
    BY_YEAR,
    GROUPS,
    PER_YEAR,
    WIDTH,
    Groups,
    LabelRecord,
    Positive,
    Share,
    SummaryRecord,
)
from estimator.runs.records import (
    Language,
    Record,
    Sha256,
    Statement,
    TableKind,
    Where,
    absent,
)


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
        "Null where the method makes no such check, or no count is known well enough for one."
    )
    converged: bool = Field(description="Whether the chains agree, so that the numbers may be looked at.")


class TableRecord(Record):
    """What one of several imputed tables says by itself."""

    name: str = Field(description="Of its file.")
    registered: SummaryRecord = Field(description="Registered people over the headline period.")
    N: SummaryRecord = Field(description="Everybody over the headline period.")
    diagnostics: DiagnosticsRecord = Field(description="Of its own chains.")


class ImputationsRecord(Record):
    """Several imputed tables, whose draws together are the estimate."""

    statement: Statement = Field(description="What the spread between the tables adds to the interval of the total.")
    within: Positive = Field(description="Mean of the variances of log N within tables.")
    between: Positive = Field(description="Variance of the means of log N between tables.")
    total: Positive = Field(description="within + (1 + 1 / tables) between (Rubin 1987).")
    fraction_missing: Share = Field(description="Fraction of missing information: (1 + 1 / tables) between / total.")
    mean_width: Positive = Field(description="Mean width of the 95 % intervals of N in single tables, persons.")
    widening: Positive = Field(description="Width of the interval of all tables over the mean width of single ones.")
    tables: list[TableRecord] = Field(description="In the order of their chains.", min_length=2)


class DecisionRecord(Record):
    """Whether a list is used in some strata or not, or taken as one with another."""

    name: str = Field(description="By which the decision can be changed for one run (--decide).")
    list: str = Field(description="Name of the list.")
    choice: Literal["keep", "drop", "merge"] = Field(
        description="Used as it is, treated as if it had not run, or taken as one with `fed_by`."
    )
    fed_by: str | None = absent("The list from which it gets people, where the study declares it.")
    where: Where = Field(description="Levels by covariate; empty for all strata.")
    reason: str = Field(description="Why.")
    reason_nl: str | None = absent("The same in Dutch, where the study says it.")
    for_this_run: bool = Field(description="Whether the study file decides otherwise.")


class ChangeRecord(Record):
    """What happened to a list."""

    list: str = Field(description="Name of the list.")
    kind: Literal["stopped", "redefined"] = Field(description="It no longer ran, or its coverage may have jumped.")
    since: str = Field(description="First level of the year for which that holds.")
    reason: str = Field(description="What happened.")
    reason_nl: str | None = absent("The same in Dutch, where the study says it.")


class RegisterErrorRecord(Record):
    """An error of registers that the study declares, and of which the model takes account."""

    kind: Literal["false-positives", "missed-links", "wrong-links"] = Field(
        description="People who are no victims, links that were not made, or links between two people."
    )
    lists: list[str] = Field(description="The list, or the lists between which the links are.")
    lower: Share = Field(description="Lower limit of the share, as declared (95 %).")
    upper: Share = Field(description="Upper limit of the share, as declared (95 %).")
    among: Literal["alone", "any"] | None = absent(
        "Of false positives: on that list alone, or whatever other lists they are on."
    )
    where: Where = Field(description="Levels by covariate; empty for all strata.")
    reason: str = Field(description="How it is known.")
    reason_nl: str | None = absent("The same in Dutch, where the study says it.")


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
    source_nl: str | None = absent("Where, in Dutch, where the file says it.")
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


class BesideRecord(Record):
    """An estimate of the same study with the same seed under other priors."""

    priors: str = Field(description="Title of the prior file.")
    priors_nl: str | None = absent("The same in Dutch, where the file says it.")
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
    """The content of estimate.json, and what `darkfigure estimate --json` prints."""

    schema_version: Literal[2] = Field(description="Raised when a key changes its meaning or goes.")
    study: str = Field(description="Short name of the study.")
    title: str = Field(description="What was counted, where and when.")
    title_nl: str | None = Field(description="The same in Dutch; null where the study does not say.")
    source: str = Field(description="Where the counts come from.")
    source_nl: str | None = absent("The same in Dutch, where the study says it.")
    language: Language | None = Field(description="Of what is written of it; null where nothing says so.")
    method: str = Field(description="Statistical method.")
    method_options: dict[str, str] = Field(description="Choices within the method, by option.")
    bound: bool = Field(description="Whether the numbers are a lower bound, and no estimate.")
    priors: str = Field(description="Title of the prior file; empty for a method that takes no priors.")
    priors_nl: str | None = absent("The same in Dutch, where the file says it.")
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
    register_errors: list[RegisterErrorRecord] | None = absent(
        "Only where the study declares false positives, or links that are missed or wrong."
    )
    statements: list[Statement] | None = absent(
        "The decisions, changes and errors of registers again, as what is said of them; not in runs of version 1."
    )
    notes: list[Statement] = Field(
        description="What is left out of the results, and why, such as rates of years without a denominator."
    )
    lists: dict[str, LabelRecord] = Field(description="What the lists are called.")
    covariates: dict[str, CovariateRecord] = Field(description="By what the table is divided.")
    caveats: list[str] = Field(description="What a reader of any result must know of these counts.")
    caveats_nl: list[str] | None = absent("The same in Dutch, where the study says it.")
    published: list[PublishedRecord] = Field(description="What others published of the same people.")
    level: float = Field(ge=0.95, le=0.95, description="Probability of lower..upper.")
    period: PeriodRecord = Field(description="What time `groups` is about.")
    width_factor: float | None = Field(ge=1, description=WIDTH)
    groups: Groups = Field(description=GROUPS)
    per_year: Groups | None = absent(PER_YEAR)
    by_year: dict[str, Groups] | None = absent(BY_YEAR)
    imputations: ImputationsRecord | None = absent("Only of several imputed tables.")
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

    def title_in(self, language: str) -> str:
        """Return the title of the study in a language, or in English where there is none in it."""
        return (language == "nl" and self.title_nl) or self.title
