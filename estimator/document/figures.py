"""The figures of a report, as the tables from which they are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from estimator.document.cells import NOTHING
from estimator.document.content import Cell, Column, Counted, Figure, Row, Table
from estimator.document.kept_draws import KeptDraws
from estimator.document.source import Source
from estimator.methods.summary import summarise
from estimator.report.labels import within_sentence
from estimator.report.terminal.estimate_tables import certain, label_of
from estimator.runs.estimate_record import BesideRecord, EstimateRecord, PublishedRecord
from estimator.runs.group_records import BoundsRecord
from estimator.study.questions import TOTAL
from estimator.words import numbers

Floats = NDArray[np.float64]

_MOST_COMBINATIONS = 18
_POINTS = 161
_SMOOTH = 0.1
"""Width of the curve that smooths draws, as a share of the axis."""


def visible_figure(source: Source) -> Figure:
    """Return how small the visible part is: of every hundred people, how many are registered."""
    words, total = source.words, source.total
    seen = round(100 * total.coverage.median)
    counted = source.strata.group(TOTAL, source.record.period.years or ())
    columns = (
        Column("people", words.text("report.column.people"), "estimated"),
        Column("of-hundred", words.text("report.column.of-hundred"), "coverage"),
        Column("interval", words.text("report.column.interval"), "coverage"),
    )

    def of_hundred(number: int) -> Cell:
        return Cell(str(number), "coverage", float(number), counted=counted)

    rows = (
        Row(
            "registered",
            words.text("report.row.registered"),
            (
                source.make.registered_of(total, counted),
                of_hundred(seen),
                source.make.coverage_interval(total.coverage),
            ),
        ),
        Row(
            "unseen",
            words.text("report.row.unseen"),
            (source.make.unseen(total.dark_figure, counted)[0], of_hundred(100 - seen), NOTHING),
        ),
    )
    caption = words.text("report.caption.visible")
    return Figure("visible", "visible", caption, Table("visible-data", caption, "", columns, rows))


def coverage_figure(source: Source) -> Figure:
    """Return which share of every group is registered, the least seen first."""
    words, groups = source.words, source.record.groups
    columns = (
        Column("coverage", words.text("report.column.coverage"), "coverage"),
        Column("interval", words.text("report.column.interval"), "coverage"),
    )
    shown = sorted(
        (name for name in groups if groups[name].N.median >= 0.5), key=lambda name: groups[name].coverage.median
    )
    years = source.record.period.years or ()
    rows = [
        Row(
            name,
            label_of(groups[name], words),
            (
                source.make.coverage(groups[name].coverage, source.strata.group(name, years)),
                source.make.coverage_interval(groups[name].coverage),
            ),
            strong=name == TOTAL,
        )
        for name in shown
    ]
    caption = words.text("report.caption.coverage", period=source.period)
    data = Table("coverage-data", caption, words.text("report.column.group"), columns, tuple(rows))
    return Figure("coverage", "coverage", caption, data)


def series_figure(source: Source) -> Figure | None:
    """Return everybody year by year, under every set of priors, beside what was published; None without years."""
    record, words = source.record, source.words
    if not record.by_year:
        return None
    sets = [(name, estimate) for name, estimate in assumption_sets(record) if estimate.by_year]
    published = {year: _published_of(record, year) for year in record.by_year}
    columns = [Column("registered", words.text("report.column.registered"), "registered")]
    for number, (name, _) in enumerate(sets):
        mark = f"-{name}" if number else ""
        title = words.text("report.column.estimated-under", priors=name if len(sets) > 1 else "", bound=record.bound)
        columns += [Column(f"estimated{mark}", title, "estimated"), Column(f"interval{mark}", title, "estimated")]
    if any(published.values()):
        columns.append(Column("published", words.text("report.column.published"), "published"))
    rows = []
    for year, groups in record.by_year.items():
        cells = [source.make.registered_of(groups[TOTAL], source.strata.group(TOTAL, (year,)))]
        for _, estimate in sets:
            people = (estimate.by_year or {})[year][TOTAL]
            least = certain(people)
            cells += [source.make.people(people.N, least), source.make.interval(people.N, least)]
        if any(published.values()):
            cells.append(_published_cell(source, published[year]))
        rows.append(Row(year, year, tuple(cells)))
    caption = words.text("report.caption.series", label=label_of(source.total, words))
    data = Table("series-data", caption, words.text("report.column.year"), tuple(columns), tuple(rows), wide=True)
    return Figure("series", "series", caption, data)


def assumption_sets(record: EstimateRecord) -> list[tuple[str, EstimateRecord | BesideRecord]]:
    """Return the estimates under each set of priors whose chains agree, those of the estimate itself first."""
    sets: dict[str, EstimateRecord | BesideRecord] = {record.priors_name: record, **(record.beside or {})}
    return [(name, estimate) for name, estimate in sets.items() if estimate.diagnostics.converged]


def _published_of(record: EstimateRecord, year: str) -> PublishedRecord | None:
    """Return the published number of everybody in one year."""
    found = (
        figure
        for figure in record.published
        if figure.group == TOTAL and figure.measure == "N" and figure.years == [year] and figure.value is not None
    )
    return next(found, None)


def _published_cell(source: Source, figure: PublishedRecord | None) -> Cell:
    if figure is None or figure.value is None:
        return Cell("–", "published")
    said = source.words.either(figure.said, figure.said_nl)
    return Cell(said, "published", figure.value, exact=figure.value)


def fan_figure(source: Source) -> Figure | None:
    """Return the total under each set of assumptions; None where there is one."""
    words, sets = source.words, assumption_sets(source.record)
    if len(sets) < 2:
        return None
    counted = source.strata.group(TOTAL, source.record.period.years or ())
    rows = []
    for name, estimate in sets:
        people = estimate.groups[TOTAL]
        label = words.text("report.row.priors", name=name, title=_title_of_priors(source, name, estimate))
        least = certain(people)
        cells = (source.make.people(people.N, least, counted), source.make.interval(people.N, least))
        rows.append(Row(name, label, cells))
    caption = words.text("report.caption.fan")
    unit = words.text("report.column.people-per-year" if source.record.period.years else "report.column.people")
    columns = (
        Column("estimated", words.text("report.column.estimated"), "estimated", within_sentence(unit)),
        Column("interval", words.text("report.column.interval"), "estimated"),
    )
    return Figure(
        "fan", "fan", caption, Table("fan-data", caption, words.text("report.column.priors"), columns, tuple(rows))
    )


def _title_of_priors(source: Source, name: str, estimate: EstimateRecord | BesideRecord) -> str:
    """Return what a set of priors is called, in Dutch where the prior file says it."""
    manifest = source.run.manifest
    content = manifest.priors if estimate is source.record else manifest.beside[name].priors
    return source.words.either(estimate.priors, estimate.priors_nl or content.get("title_nl"))


def density_figure(source: Source, kept: KeptDraws) -> Figure | None:
    """Return what was believed of the total before the counts and after; None for a method without a prior on it."""
    people = source.strata.draws
    if kept.ratio_before is None or people is None:
        return None
    words, years = source.words, max(1, len(source.run.all_years))
    known = people.registered.sum(axis=-1).ravel() / years
    before = np.median(known) * (1 + kept.ratio_before)
    after = (people.registered.sum(axis=-1) + people.unseen.sum(axis=-1)).ravel() / years
    lowest = 10.0 ** (
        np.floor(10 * np.log10(max(np.median(known), 1.0))) / 10
    )  # no sharper than a fifth of the registered
    grid = np.geomspace(lowest, max(np.quantile(before, 0.95), np.quantile(after, 0.999)), _POINTS)
    columns = (
        Column(
            "people", words.text("report.column.people-per-year" if years > 1 else "report.column.people"), "estimated"
        ),
        Column("prior", words.text("report.column.before"), "measure"),
        Column("posterior", words.text("report.column.after"), "measure"),
    )
    caption = words.text("report.caption.density", years=source.run.all_years if years > 1 else ())
    rows = [*_density_ends(source, known, before, after), *_curve(source, grid, before, after)]
    notes = (words.text("report.note.residual"),) if source.record.residual.form != "none" else ()
    data = Table("density-data", caption, "", columns, tuple(rows))
    return Figure("density", "density", caption, data, (words.text("report.note.density"), *notes))


def _density_ends(source: Source, known: Floats, before: Floats, after: Floats) -> Iterator[Row]:
    """Yield the registered number and the 95 % interval of each curve."""
    counted = Counted(frozenset(range(len(source.strata.all))), years=max(1, len(source.run.all_years)))
    median = float(np.median(known))
    limits = None if known.std() == 0 else (float(known.min()), float(known.max()))
    empty = (Cell("–"), Cell("–"))
    yield Row(
        "registered",
        source.words.text("report.row.registered"),
        (source.make.registered(median, counted, limits, _bounds_of_all(source, counted.years)), *empty),
    )
    for key, draws in (("prior", before), ("posterior", after)):
        label = source.words.text("report.column.before" if key == "prior" else "report.column.after")
        yield Row(key, label, (source.make.interval(summarise(draws), median if key == "posterior" else 0.0), *empty))


def _bounds_of_all(source: Source, years: int) -> BoundsRecord | None:
    """Return the bounds of the registered people of the whole table, per year; None where it gives their number."""
    known = source.run.facts.registered
    if known.lower == known.upper:
        return None
    return BoundsRecord(lower=known.lower / years, upper=None if known.upper is None else known.upper / years)


def _curve(source: Source, grid: Floats, before: Floats, after: Floats) -> Iterator[Row]:
    """Yield the heights of both curves over a grid of numbers of people, 1 at the top of each."""
    heights = [_smoothed(np.log(draws), np.log(grid)) for draws in (before, after)]
    for place, (people, first, second) in enumerate(zip(grid, *heights, strict=True)):
        cells = (
            Cell(numbers.number(people, language=source.words.language), "estimated", float(round(people))),
            source.make.measure(float(first), 3),
            source.make.measure(float(second), 3),
        )
        yield Row(str(place), str(place + 1), cells)


def _smoothed(values: Floats, grid: Floats) -> Floats:
    """Return the density of draws over an even grid, smoothed by a normal curve, 1 at its top."""
    step = grid[1] - grid[0]
    edges = np.append(grid - step / 2, grid[-1] + step / 2)
    counts = np.histogram(values, edges)[0].astype(np.float64)
    sd = min(float(np.std(values)) * 1.06 * len(values) ** -0.2, _SMOOTH * (grid[-1] - grid[0]))
    width = np.arange(-60, 61) * step
    kernel = np.exp(-0.5 * (width / max(sd, step)) ** 2)
    curve = np.convolve(counts, kernel, mode="full")[60:-60]
    return np.asarray(curve / curve.max())


def overlap_figure(source: Source, kept: KeptDraws) -> Figure | None:
    """Return how many people each combination of lists saw, the largest first; None where that is not kept."""
    if kept.counts is None:
        return None
    words, lists = source.words, source.run.facts.lists
    everybody = frozenset(range(kept.counts.shape[0]))
    counts = np.nansum(kept.counts, axis=0)
    counts[0] = 0.0
    known = np.asarray(~np.isnan(kept.counts).all(axis=0))
    zeros = source.make.rounding.zeros  # or else all stand here, until those that are withheld are taken out
    least, most = (1, _MOST_COMBINATIONS) if zeros else (0, len(counts))
    order = [
        int(place) for place in np.argsort(-counts, kind="stable") if place and known[place] and counts[place] >= least
    ]
    rows = [
        _combination(source, place, float(counts[place]), Counted(everybody, frozenset({place})))
        for place in order[:most]
    ]
    columns = [Column("registered", words.text("report.column.persons"), "registered")]
    columns += [Column(name, source.list_label(name), "measure") for name in lists]
    shown, more = len(rows), len(order) - len(rows)
    notes = [words.text("report.note.overlap", shown=shown, more=more, lists=len(lists))]
    if not zeros:
        notes = [words.text("report.note.overlap-some")]
    if np.isnan(kept.counts[:, 1:]).any():
        notes.append(words.text("report.note.overlap-bounds"))
    caption = words.text("report.caption.overlap")
    data = Table(
        "overlap-data", caption, words.text("report.column.combination"), tuple(columns), tuple(rows), wide=True
    )
    return Figure("overlap", "overlap", caption, data, tuple(notes))


def _combination(source: Source, place: int, count: float, counted: Counted) -> Row:
    """Return one combination of lists; the first list is the most significant bit of its place."""
    lists = source.run.facts.lists
    on = [bool(place >> (len(lists) - 1 - number) & 1) for number in range(len(lists))]
    label = " + ".join(name for name, seen in zip(lists, on, strict=True) if seen)
    yes = source.words.text("report.cell.on-list")
    marks = (Cell(yes if seen else "–", "measure", float(seen)) for seen in on)
    return Row(label, label, (source.make.registered(count, counted), *marks))
