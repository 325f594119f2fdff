"""The page of a scrutiny: one file of HTML that needs nothing else, reads in any browser and prints well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from estimator.checks.numbers import UnknownLevelsNumbers
from estimator.report.figures.findings import has_picture, svg_of
from estimator.report.figures.unknown_levels import CHECK, unknown_levels_table
from estimator.report.terminal.scrutiny import (
    alone_lines,
    decision_lines,
    headline,
    labels_of,
    number_lines,
    said,
    title_of,
    verdict_in_words,
    verdict_word,
)
from estimator.runs.advice import day
from estimator.runs.scrutiny_record import FindingRecord, ScrutinyRecord
from estimator.words.words import Words


@dataclass(frozen=True)
class Section:
    """What the page says of one check.

    Parameters
    ----------
    kind : str
        Its verdict, or ``"undone"``: how its badge looks.
    picture : str
        SVG; empty where there is none.
    no_picture : str
        Why a picture that there should be is not there.
    table : tuple of tuple of str
        The numbers of the picture, where they are wanted one by one: a head, and rows that begin with what they are of.
    """

    check: str
    title: str
    kind: str
    verdict: str
    headline: str
    statements: tuple[str, ...]
    picture: str
    no_picture: str
    when: str
    table: tuple[tuple[str, ...], ...] = ()


def scrutiny_page(record: ScrutinyRecord, words: Words) -> str:
    """Return the page of a scrutiny, made of its record alone.

    Returns
    -------
    str
        HTML with its style and pictures inside, without scripts; it asks nothing of any other place.
    """
    return words.page("scrutiny.html", **_values(record, words))


def scrutiny_body(record: ScrutinyRecord, words: Words) -> str:
    """Return a scrutiny as a part of a page: the number, the verdict, every check with its picture."""
    return words.page("scrutiny-body.html", **_values(record, words))


def _values(record: ScrutinyRecord, words: Words) -> dict[str, object]:
    """Return what the templates name."""
    lists = (
        ("scrutiny.heading.why-not-fit", [said(reason, record, words) for reason in record.reasons]),
        ("scrutiny.heading.groups-not-alone", alone_lines(record, words)),
        ("scrutiny.heading.to-be-said", [said(reason, record, words) for reason in record.cautions]),
    )
    tried = {finding.check for finding in record.findings}
    return {
        "record": record,
        "title": record.title_in(words.language),
        "number": number_lines(record, words),
        "decisions": decision_lines(record, words),
        "verdict": verdict_in_words(record, words),
        "sections": list(_sections(record, words)),
        "left_out": [title_of(name, words) for name in record.not_done if name not in tried],
        "lists": [(words.text(heading), texts) for heading, texts in lists if texts],
    }


def _sections(record: ScrutinyRecord, words: Words) -> Iterator[Section]:
    for finding in record.findings:
        picture, no_picture = _picture(finding, record, words)
        when = words.text("scrutiny.when", check=finding.check, done=finding.done, date=day(finding.date))
        yield Section(
            finding.check,
            title_of(finding.check, words),
            finding.verdict if finding.done else "undone",
            verdict_word(finding, words),
            headline(finding, record, words),
            tuple(said(statement, record, words) for statement in finding.statements),
            picture,
            no_picture,
            when,
            unknown_levels_table(cast("UnknownLevelsNumbers", finding.numbers), words, labels_of(record, words))
            if finding.check == CHECK
            else (),
        )


def _picture(finding: FindingRecord, record: ScrutinyRecord, words: Words) -> tuple[str, str]:
    """Return the picture of a finding; why there is none, when so, since the words are worth having."""
    if not has_picture(finding.check, finding.numbers):
        return "", ""
    title = title_of(finding.check, words)
    try:
        return svg_of(finding.check, finding.numbers, words, labels_of(record, words), title), ""
    except Exception as error:
        return "", words.text("scrutiny.no-picture", error=type(error).__name__)
