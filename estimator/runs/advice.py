"""What was found when a run was scrutinised, and what its office decided: stands beside the number in estimate.json."""

from __future__ import annotations

from pydantic import Field

from estimator.reasons import Reason
from estimator.runs.records import Limits, Record, Sha256, Statement, Verdict, absent


def day(date: str) -> str:
    """Return the day of a date and time."""
    return date[:10]


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

    @property
    def statement(self) -> Reason:
        """That the number was published against advice, by whom and why."""
        return Reason(
            "published-against-advice",
            decided_by=self.decided_by,
            date=day(self.date),
            reason=self.reason,
            against=tuple(self.against),
        )


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

    @property
    def statement(self) -> Reason:
        """What came of it."""
        return Reason("scrutinised", date=day(self.date), verdict=self.verdict, not_done=self.not_done)
