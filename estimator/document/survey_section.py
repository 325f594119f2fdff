"""The section of a report about a survey: who else sees victims, and how surely the survey says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from estimator.document.cells import CellMaker
from estimator.document.content import Block, Bullets, Cell, Column, Figure, Paragraph, Row, Section, Table
from estimator.report.terminal.survey import (
    asked_text,
    comparison_texts,
    counted,
    headline,
    outside_text,
    rests_on,
    selection_texts,
)
from estimator.signals.record import AnswerRecord, QuestionRecord, SurveyRecord


def survey_section(record: SurveyRecord, make: CellMaker) -> Section:
    """Return the section, in the language of `make`; its tables have no registered numbers in them."""
    words = make.words
    title = words.text("report.heading.survey")
    return Section("survey", title, tuple(_blocks(record, make)), new_page=True)


def _blocks(record: SurveyRecord, make: CellMaker) -> Iterator[Block]:
    words = make.words
    yield Paragraph(record.title.text(words.language))
    name, first = next(iter(record.questions.items()))
    if first.total is not None:
        yield Paragraph(headline(first, words), "lead")
    if first.groups:
        data = _table(name, first, make)
        shown = Table(f"{data.id}-data", data.caption, data.corner, data.columns, data.rows)
        yield Figure("survey", "survey", data.caption, shown)
    for key, question in record.questions.items():
        yield _table(key, question, make)
    if outside := outside_text(first, words):
        yield Paragraph(outside)
    texts = [*selection_texts(record, words), *comparison_texts(record, words)]
    yield from (Paragraph(text) for text in texts)
    yield Bullets(tuple(rests_on(record, words)), words.text("survey.heading.rests"))


def _table(key: str, question: QuestionRecord, make: CellMaker) -> Table:
    """Return who said yes, by group or by answer."""
    words = make.words
    kind = "group" if question.total is not None else "option"
    columns = (
        Column("counts", words.text("survey.column.counts")),
        Column("share", words.text("survey.column.share-alone"), "measure"),
        Column("interval", words.text("report.column.interval"), "measure"),
    )
    answers = {**question.groups, **question.options}
    rows = [Row(name, answer.label.text(words.language), _cells(answer, make)) for name, answer in answers.items()]
    if question.total is not None:
        rows.append(Row("total", words.text("survey.everybody"), _cells(question.total, make), strong=True))
    notes = [asked_text(question, words)] if question.asked is not None else []
    if question.asked is None and any(answer.counts.least < answer.counts.most for answer in answers.values()):
        notes.append(words.text("survey.worked-out"))
    caption = question.label.text(words.language)
    return Table(f"survey-{key}", caption, words.text(f"survey.column.{kind}"), columns, tuple(rows), tuple(notes))


def _cells(answer: AnswerRecord, make: CellMaker) -> tuple[Cell, ...]:
    shares = make.coverage(answer.share), make.coverage_interval(answer.share)
    # of people who answered: no coverage of lists
    return make.text(counted(answer, make.words)), *(replace(cell, quantity="measure") for cell in shares)
