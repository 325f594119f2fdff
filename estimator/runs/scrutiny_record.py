"""The file scrutiny.json: findings of every check as codes and numbers, of which text, page and pictures are made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from estimator.reasons import Reason
from estimator.runs.advice import AgainstAdviceRecord
from estimator.runs.records import (
    SCHEMA_VERSION,
    Limits,
    Record,
    Sha256,
    Statement,
    TableKind,
    Verdict,
    absent,
    of_content,
    refuse_newer,
)

_TIME: dict[str, Any] = {"format": "date-time"}


class FindingRecord(Record):
    """What one check found."""

    check: str = Field(description="Short name, as on the command line.")
    verdict: Verdict = Field(description="Of this check.")
    statements: list[Statement] = Field(description="What is stated; the first is the verdict with its numbers.")
    reasons: list[Statement] = Field(description="Not to publish; only when it fails.")
    groups_not_alone: list[str] = Field(description="Groups whose own answer may not be published alone.")
    numbers: dict[str, Any] = Field(description="Everything behind the statements and the picture.")
    done: bool = Field(description="Whether it could be done.")
    date: str = Field(description="When, in UTC.", json_schema_extra=_TIME)
    thresholds: Sha256 = Field(description="SHA-256 of the thresholds by which it was judged.")

    @property
    def headline(self) -> Reason:
        """The verdict with its numbers."""
        return self.statements[0]


class PersonsRecord(Record):
    """What is believed of a number of people."""

    median: float = Field(description="As probably above as below.")
    sd: float = Field(description="0 where it is exactly known.")
    lower: float = Field(description="Lower limit of the 95 % interval.")
    upper: float = Field(description="Upper limit of the 95 % interval.")


class NumberRecord(Record):
    """The number that was scrutinised: everybody, over the headline period."""

    years: list[str] = Field(description="Averaged over these; empty when the table is not divided by year.")
    registered: PersonsRecord = Field(description="On at least one list.")
    N: PersonsRecord = Field(description="All.")


class OwnJudgementRecord(Record):
    """What the estimate said of itself."""

    reasons: list[Statement] = Field(description="Why it was not publishable.")
    cautions: list[Statement] = Field(description="What a reader had to be told.")


class ScrutinyRecord(Record):
    """The content of scrutiny.json, and what `darkfigure scrutinise --json` prints."""

    schema_version: int = Field(description="Of this file.")
    study: str = Field(description="Name of the study.")
    title: str = Field(description="What was counted, where and when.")
    title_nl: str | None = absent("In Dutch, where the study says it.")
    run: str | None = Field(description="Name of the run folder; null for an estimate in Python.")
    date: str = Field(description="When, in UTC.", json_schema_extra=_TIME)
    thresholds_sha256: str = Field(description="Of the file of thresholds.")
    range: Limits | None = Field(description="Of the total, as given; null where the check took its own.")
    simulations: int | None = Field(description="As given; null where the check took its own number.")
    seed: int = Field(description="Of the checks.")
    number: NumberRecord | None = Field(description="What was scrutinised; null where it is not shown.")
    table_kind: TableKind = Field(description="Where the counts come from.")
    assumption: Statement | None = Field(description="The identifying assumption.")
    bound: bool | None = absent("True where the number is a lower bound, and no estimate.")
    priors: str = Field(description="Title of the prior file; empty where the method takes no priors.")
    priors_nl: str | None = absent("In Dutch, where the file says it.")
    source: str = Field(description="Where the counts come from, in words.")
    source_nl: str | None = absent("In Dutch, where the study says it.")
    groups: dict[str, dict[str, str]] = Field(description="What groups are called, by name and language.")
    covariates: dict[str, dict[str, str]] = Field(description="What covariates are called, by name and language.")
    levels: dict[str, dict[str, dict[str, str]]] = Field(
        description="What levels are called, by covariate (in the order of the strata), name and language."
    )
    verdict: Verdict = Field(description="The worst of all checks; at best caution when some were not done.")
    publishable: bool = Field(description="Whether nothing speaks against publishing.")
    reasons: list[Statement] = Field(description="Why it is not publishable, those of the estimate itself first.")
    cautions: list[Statement] = Field(description="What a reader must be told.")
    own: OwnJudgementRecord = Field(description="What the estimate said of itself.")
    remarks: list[Statement] = Field(description="What a reader must know of how it was scrutinised.")
    not_done: list[str] = Field(description="Checks that say nothing.")
    groups_not_alone: dict[str, Statement] = Field(description="Groups that may not be published alone, and why.")
    findings: list[FindingRecord] = Field(description="One for each check that was ever tried on this estimate.")
    thresholds: dict[str, dict[str, float]] = Field(description="All thresholds by section and key.")
    published_against_advice: AgainstAdviceRecord | None = absent("Only where somebody decided so.")
    fallen_decision: AgainstAdviceRecord | None = absent("The last decision that no longer stands.")
    versions: dict[str, str] = Field(description="Of the program and what it uses.")

    def title_in(self, language: str) -> str:
        """Return the title in a language, or in English where there is none in it."""
        return self.title_nl if language == "nl" and self.title_nl else self.title


def scrutiny_of_content(content: Mapping[str, Any], path: Path) -> ScrutinyRecord:
    """Return the record that a file holds, brought up to date where an earlier version wrote it.

    Raises
    ------
    InputError
        When a later version wrote it, or it is not what a scrutiny writes.
    """
    refuse_newer(content, path)
    return of_content(ScrutinyRecord, _today(content), path)


def _today(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the content of a file as this version writes it.

    Version 1 had sentences for statements, kept here as they were written; its numbers do not hold what is drawn.
    """
    if content.get("schema_version", 1) != 1:
        return content
    entries = content.get("findings", ())
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        return content  # which its model refuses
    findings = [
        {
            "statements": entry.get("sentences"),
            "done": entry.get("verdict") != "caution" or bool(entry.get("numbers")),
            "thresholds": content.get("thresholds_sha256"),
            **{key: value for key, value in entry.items() if key not in ("sentences", "title")},
        }
        for entry in entries
    ]
    return {
        "run": None,
        "number": None,
        "table_kind": "observed",
        "assumption": None,
        "priors": "",
        "source": "",
        "groups": {},
        "covariates": {},
        "levels": {},
        "own": {"reasons": [], "cautions": []},
        "remarks": [],
        "thresholds": {},
        **content,
        "findings": findings,
        "schema_version": SCHEMA_VERSION,
    }
