"""Tables of the groups of a study: the headline period, single years, other assumptions, and what was published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from estimator.document.cells import NOTHING
from estimator.document.content import Cell, Column, Row, Table
from estimator.document.source import Source
from estimator.report.terminal.estimate_tables import certain, denominators, in_order, label_of
from estimator.runs.group_records import GroupRecord, Groups
from estimator.words import numbers
from estimator.words.words import Words


def people_columns(words: Words, *, bound: bool = False, rates: bool = False) -> tuple[Column, ...]:
    """Return the columns of `people_cells`."""
    text = words.text
    columns = [
        Column("registered", text("report.column.registered"), "registered"),
        Column("estimated", text("report.column.at-least" if bound else "report.column.estimated"), "estimated"),
        Column("interval", text("report.column.interval"), "estimated"),
        Column("coverage", text("report.column.coverage"), "coverage"),
    ]
    if rates:
        columns += [
            Column("rate", text("report.column.rate"), "rate"),
            Column("rate-interval", text("report.column.interval"), "rate"),
        ]
    return tuple(columns)


def group_cells(source: Source, name: str, group: GroupRecord, years: Sequence[str], rates: bool) -> tuple[Cell, ...]:
    """Return registered, estimated, interval and coverage of a group; with its rate where rates are asked for."""
    make, least = source.make, certain(group)
    counted = source.strata.group(name, years)
    cells = [
        make.registered_of(group, counted),
        make.people(group.N, least),
        make.interval(group.N, least),
        make.coverage(group.coverage, counted) if group.N.median >= 0.5 else NOTHING,
    ]
    if rates:
        cells += make.rate(group.per_100000) if group.per_100000 else (NOTHING, NOTHING)
    return tuple(cells)


def groups_table(source: Source, key: str, groups: Groups, years: Sequence[str], caption: str) -> Table:
    """Return a row per group, subgroups below the group of which they are a part."""
    words, rates = source.words, any(group.per_100000 for group in groups.values())
    rows = [
        Row(
            name, label_of(groups[name], words), group_cells(source, name, groups[name], years, rates), depth, not depth
        )
        for name, depth in in_order(groups)
    ]
    notes = [words.text("report.note.groups-overlap")] if len(groups) > 1 else []
    notes += inhabitants_notes(source, groups) if rates else []
    columns = people_columns(words, bound=source.record.bound, rates=rates)
    return Table(key, caption, words.text("report.column.group"), columns, tuple(rows), tuple(notes), wide=rates)


def inhabitants_notes(source: Source, groups: Groups) -> list[str]:
    """Return how many inhabitants rates are of; where their number comes from stands below the first table alone."""
    words, first = source.words, source.record.groups
    told = {_population_and_source(group) for group in first.values()}
    if groups is first or not all(_population_and_source(group) in told for group in groups.values()):
        return denominators(groups, words)
    known = {group.denominator.population: group.denominator for group in groups.values() if group.denominator}
    each = tuple(
        words.text(
            "report.note.inhabitants-of",
            population=numbers.population(words.either(of.population, of.population_nl)),
            inhabitants=of.inhabitants,
            years=tuple(of.years),
        )
        for of in known.values()
    )
    return [words.text("report.note.inhabitants", each=each)] if each else []


def _population_and_source(group: GroupRecord) -> tuple[str, str] | None:
    return (group.denominator.population, group.denominator.source) if group.denominator else None


def headline_table(source: Source) -> Table:
    """Return the groups over the headline period."""
    years = source.record.period.years or ()
    caption = source.words.text("report.caption.groups", period=source.period)
    return groups_table(source, "groups", source.record.groups, years, caption)


def year_tables(source: Source) -> Iterator[Table]:
    """Yield a table of the groups for each year, latest first."""
    by_year = source.record.by_year or {}
    for year in reversed(by_year):
        caption = source.words.text("report.caption.groups-in-year", year=year)
        yield replace(groups_table(source, f"groups-{year}", by_year[year], (year,), caption), folded=True)
