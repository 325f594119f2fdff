"""The results: figures and tables for everybody who wants more than one page."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.document.cells import NOTHING
from estimator.document.content import Block, Cell, Column, Row, Section, Table
from estimator.document.cross_tables import cross_table, sdg_table
from estimator.document.figures import (
    coverage_figure,
    density_figure,
    fan_figure,
    overlap_figure,
    series_figure,
)
from estimator.document.group_tables import group_cells, headline_table, people_columns, year_tables
from estimator.document.kept_draws import KeptDraws
from estimator.document.list_sizes import list_sizes
from estimator.document.source import Source
from estimator.runs.estimate_record import PublishedRecord
from estimator.study.questions import TOTAL
from estimator.words import numbers

_MEASURES = ("N", "registered", "per_100000", "coverage")


def results_section(source: Source, kept: KeptDraws) -> Section:
    """Return the results over the headline period and from year to year, with their figures."""
    words = source.words
    parts: list[tuple[str, str, list[Block | None]]] = [
        ("groups", words.text("report.heading.groups"), [coverage_figure(source), headline_table(source)]),
        ("years", words.text("report.heading.years"), [series_figure(source), years_table(source)]),
        ("combinations", words.text("report.heading.combinations"), list(_crossed(source))),
        ("published", words.text("report.heading.published"), [published_table(source)]),
        ("assumptions", words.text("report.heading.assumptions"), [fan_figure(source), density_figure(source, kept)]),
        ("lists", words.text("report.heading.lists"), [lists_table(source, kept), overlap_figure(source, kept)]),
    ]
    sections = [Section(f"results-{key}", title, _there(blocks)) for key, title, blocks in parts if _there(blocks)]
    return Section("results", words.text("report.heading.results"), (), tuple(sections), new_page=True)


def _there(blocks: list[Block | None]) -> tuple[Block, ...]:
    return tuple(block for block in blocks if block is not None)


def _crossed(source: Source) -> Iterator[Block | None]:
    yield cross_table(source, source.record.groups, source.record.period.years or ())
    yield sdg_table(source)


def detail_section(source: Source) -> Section:
    """Return the same tables for every year."""
    by_year = source.record.by_year or {}
    crossed = (cross_table(source, by_year[year], (year,), year) for year in reversed(by_year))
    blocks = [*year_tables(source), *(table for table in crossed if table is not None)]
    return Section("detail", source.words.text("report.heading.detail"), tuple(blocks), new_page=True)


def years_table(source: Source) -> Table | None:
    """Return everybody year by year, with the probability that there were more than the year before."""
    words, by_year, comparison = source.words, source.record.by_year or {}, source.comparison
    if not by_year:
        return None
    rates = any(groups[TOTAL].per_100000 for groups in by_year.values())
    steps = {step.after: step for step in comparison.steps} if comparison else {}
    rows = []
    for year, groups in by_year.items():
        step = steps.get(year)
        people = step.total.N if step else None
        change = NOTHING if people is None or people.ratio is None else _change(source, people.ratio.median)
        rise = NOTHING if people is None or people.rise is None else source.make.chance(people.rise)
        cells = (*group_cells(source, TOTAL, groups[TOTAL], (year,), rates), change, rise)
        rows.append(Row(year, year, cells))
    columns = (
        *people_columns(words, bound=source.record.bound, rates=rates),
        Column("change", words.text("report.column.change"), "factor"),
        Column("rise", words.text("report.column.rise"), "probability"),
    )
    caption = words.text("report.caption.years", label=source.total.label.text(words.language))
    notes = (words.text("report.note.rise"),)
    return Table("years", caption, words.text("report.column.year"), columns, tuple(rows), notes, wide=True)


def _change(source: Source, ratio: float) -> Cell:
    return Cell(
        numbers.change(ratio, source.words.language), "factor", numbers.rounded_share(ratio - 1), exact=ratio - 1
    )


def published_table(source: Source) -> Table | None:
    """Return published figures of groups beside ours, for the same years; None where there are none."""
    words, rows = source.words, []
    for figure in source.record.published:
        ours = _ours(source, figure)
        if ours is None:
            continue
        said = words.either(figure.said, figure.said_nl)
        label = source.record.groups[figure.group or TOTAL].label.text(words.language)
        measure = words.text(f"report.measure.{figure.measure.replace('_', '-')}")
        years = numbers.levels_in_words(figure.years, source.run.all_years, words.language)
        calibrated = words.text("report.cell.yes" if figure.calibrated else "report.cell.no")
        cells = (
            Cell(measure),
            Cell(years),
            Cell(said, "published", figure.value, exact=figure.value),
            *ours,
            Cell(calibrated),
            Cell(words.either(figure.source, figure.source_nl)),
        )
        rows.append(Row(figure.id, label, cells))
    if not rows:
        return None
    text = words.text
    columns = (
        Column("measure", text("report.column.measure")),
        Column("years", text("report.column.years")),
        Column("published", text("report.column.published"), "published"),
        Column("ours", text("report.column.ours"), "estimated"),
        Column("interval", text("report.column.interval"), "estimated"),
        Column("calibrated", text("report.column.calibrated")),
        Column("source", text("report.column.source")),
    )
    notes = (text("report.note.calibrated"),)
    return Table(
        "published",
        text("report.caption.published"),
        text("report.column.group"),
        columns,
        tuple(rows),
        notes,
        wide=True,
    )


def _ours(source: Source, figure: PublishedRecord) -> tuple[Cell, Cell] | None:
    """Return our number of what was published and its interval; None where we have none of the same years."""
    record = source.record
    groups = record.groups if figure.years == (record.period.years or []) else None
    if len(figure.years) == 1 and figure.years[0] in (record.by_year or {}):
        groups = (record.by_year or {})[figure.years[0]]
    if groups is None or figure.group not in groups or figure.measure not in _MEASURES:
        return None
    group, make = groups[figure.group], source.make
    counted = source.strata.group(figure.group, figure.years)
    least = group.registered_interval[0] if group.registered_interval else group.registered
    if figure.measure == "N":
        return make.people(group.N, least, counted), make.interval(group.N, least)
    if figure.measure == "registered":
        return make.registered_of(group, counted), NOTHING
    if figure.measure == "coverage":
        return make.coverage(group.coverage, counted), make.coverage_interval(group.coverage)
    return make.rate(group.per_100000) if group.per_100000 else None


def lists_table(source: Source, kept: KeptDraws) -> Table | None:
    """Return how many people each list saw, and how many of them no other list did; None where that is not kept."""
    if kept.counts is None:
        return None
    words = source.words
    rows = [
        Row(name, source.list_label(name), (source.make.registered(on, of_on), source.make.registered(alone, of_alone)))
        for name, (on, of_on), (alone, of_alone) in list_sizes(source, kept.counts)
    ]
    columns = (
        Column("on-list", words.text("report.column.on-list"), "registered"),
        Column("alone", words.text("report.column.alone"), "registered"),
    )
    caption = words.text("report.caption.lists", years=source.run.all_years)
    return Table(
        "lists", caption, words.text("report.column.list"), columns, tuple(rows), (words.text("report.note.lists"),)
    )
