"""The section of a report about a multiverse: the specification curve, and what the spread comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from estimator.document.cells import NOTHING, CellMaker
from estimator.document.content import Block, Bullets, Column, Figure, Paragraph, Row, Section, Table
from estimator.multiverse.record import ChoiceRecord, MultiverseRecord
from estimator.report.figures.multiverse import Curve, Point, curve_of
from estimator.report.labels import choice_with_labels
from estimator.report.terminal.multiverse import failures, headline, rests_on
from estimator.words import numbers

MOST_SHOWN = 80
"""Specifications in the figure of a report; of more, as many evenly from the lowest to the highest."""


def multiverse_section(record: MultiverseRecord, make: CellMaker) -> Section:
    """Return the section, in the language of `make`; it tells nothing of registered people but what estimates tell."""
    title = make.words.text("report.heading.multiverse")
    return Section("multiverse", title, tuple(_blocks(record, make)), new_page=True)


def _blocks(record: MultiverseRecord, make: CellMaker) -> Iterator[Block]:
    words = make.words
    first, *others = headline(record, words)
    yield Paragraph(first, "lead")
    yield from (Paragraph(text) for text in others)
    curve = curve_of(record, words)
    if curve.points:
        yield _figure(curve, make)
        yield _shares(record, make)
    yield _alternatives(record, make)
    if record.failures:
        yield _failures(record, make)
    yield Bullets(tuple(rests_on(record, words)), words.text("multiverse.heading.rests"))


def _figure(curve: Curve, make: CellMaker) -> Figure:
    words, shown = make.words, _evenly(curve.points)
    columns = (
        Column("estimated", curve.total, "estimated"),
        Column("interval", words.text("report.column.interval"), "estimated"),
        *(Column(f"choice-{place}", title) for place, (title, _) in enumerate(curve.choices, start=1)),
    )
    rows = tuple(
        Row(
            str(rank),
            str(rank),
            (make.people(point), make.interval(point), *(make.text(text) for text in point.chosen)),
            strong=point.declared,
        )
        for rank, point in shown
    )
    caption = words.text("report.caption.multiverse")
    data = Table("multiverse-data", caption, words.text("report.column.specification"), columns, rows, wide=True)
    notes: tuple[str, ...] = (curve.order,)
    if len(shown) < len(curve.points):
        notes = (*notes, words.text("report.note.multiverse-thinned", passed=len(curve.points), shown=len(shown)))
    return Figure("multiverse", "multiverse", caption, data, notes)


def _evenly(points: Sequence[Point]) -> list[tuple[int, Point]]:
    """Return specifications with their ranks: all of them, or evenly as many as a figure takes and the declared one."""
    last, steps = len(points) - 1, MOST_SHOWN - 1
    chosen = {round(step * last / steps) for step in range(MOST_SHOWN)} if last > steps else set(range(last + 1))
    return [(rank + 1, point) for rank, point in enumerate(points) if rank in chosen or point.declared]


def _shares(record: MultiverseRecord, make: CellMaker) -> Table:
    words = make.words
    columns = tuple(
        Column(key, words.text(f"multiverse.column.{key}"), "measure") for key in ("share", "chance", "alone")
    )
    rows = [
        Row(
            choice.name,
            words.say(choice.said),
            tuple(
                make.text(numbers.share(share, make.language)) for share in (choice.share, choice.chance, choice.alone)
            ),
        )
        for choice in sorted(record.choices, key=lambda choice: -choice.share)
    ]
    caption = words.text("report.caption.multiverse-shares")
    notes = (words.text("multiverse.shares-said"),)
    return Table(
        "multiverse-shares", caption, words.text("multiverse.column.choice"), columns, tuple(rows), notes=notes
    )


def _alternatives(record: MultiverseRecord, make: CellMaker) -> Table:
    words = make.words
    said = any(alternative.why for choice in record.choices for alternative in choice.alternatives)
    keys = ("passed", "median", *(("why",) if said else ()))
    columns = tuple(Column(key, words.text(f"multiverse.column.{key}")) for key in keys)
    rows = [
        replace(row, cells=row.cells[: len(keys)])
        for choice in record.choices
        for row in _rows_of(record, choice, make)
    ]
    caption = words.text("report.caption.multiverse-alternatives")
    return Table(
        "multiverse-alternatives", caption, words.text("multiverse.column.alternative"), columns, tuple(rows), wide=True
    )


def _rows_of(record: MultiverseRecord, choice: ChoiceRecord, make: CellMaker) -> Iterator[Row]:
    words = make.words
    yield Row(choice.name, words.say(choice.said), (NOTHING, NOTHING, NOTHING), strong=True)
    for alternative in choice.alternatives:
        of = words.text("multiverse.of", passed=alternative.passed, tried=alternative.specifications)
        median = (
            NOTHING if alternative.median is None else make.text(numbers.roughly(alternative.median, make.language))
        )
        why = NOTHING if alternative.why is None else make.text(alternative.why.text(make.language))
        said = words.say(choice_with_labels(alternative.said, record, make.language))
        yield Row(f"{choice.name}: {alternative.name}", said, (make.text(of), median, why), depth=1)


def _failures(record: MultiverseRecord, make: CellMaker) -> Table:
    """Return why specifications do not count; without an example under rules of disclosure, which knows counts."""
    words, examples = make.words, make.rounding.bounds
    columns = [Column("count", words.text("multiverse.column.count"), "measure")]
    if examples:
        columns.append(Column("example", words.text("multiverse.column.example")))
    rows = [
        Row(code, code, (make.measure(number), *([make.text(sentence)] if examples else [])))
        for number, code, sentence in failures(record, words)
    ]
    caption = words.text("report.caption.multiverse-failures")
    head = words.text("multiverse.column.code")
    return Table("multiverse-failures", caption, head, tuple(columns), tuple(rows))
