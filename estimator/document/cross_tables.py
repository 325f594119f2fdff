"""Tables by every combination of characteristics, and the table of SDG indicator 16.2.2; they add up as printed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from estimator.document.adding_up import Part, Path, adding_up, largest_shift
from estimator.document.cells import NOTHING
from estimator.document.content import Cell, Column, Counted, Row, Table
from estimator.document.group_tables import inhabitants_notes, people_columns
from estimator.document.source import Source
from estimator.methods.summary import Summary, summarise
from estimator.population.rates import PER
from estimator.report.labels import within_sentence
from estimator.report.terminal.estimate_tables import certain, label_of
from estimator.runs.group_records import BoundsRecord, GroupRecord
from estimator.study.questions import TOTAL
from estimator.words import numbers
from estimator.words.words import Words

Wheres = dict[Path, Mapping[str, Sequence[str]]]

_MOST_ROWS = 200
_UNIT = 5.0
"""Of the parts of a total that is itself rounded to tens or more."""
_SDG = {"sex": ("sex", "gender"), "age": ("age",), "form": ("form", "exploitation")}
"""Characteristics of SDG indicator 16.2.2, and what a study may call them."""


@dataclass(frozen=True)
class Added:
    """Numbers of people that add up as printed, by part, and how far they were moved for it.

    Parameters
    ----------
    shift : float
        The largest, as a share of what the part would be on its own.
    """

    estimated: Mapping[Path, float]
    registered: Mapping[Path, float]
    unit: float
    shift: float

    def note(self, words: Words, *, first: bool) -> str:
        """Return what was done so that they add up: in full below the first table."""
        if first:
            return words.text("report.note.adding-up", unit=self.unit, shift=self.shift)
        return words.text("report.note.adding-up-too", unit=self.unit, shift=self.shift)


def cross_table(
    source: Source, groups: Mapping[str, GroupRecord], years: Sequence[str], year: str = ""
) -> Table | None:
    """Return every combination of levels, each below the one of which it is a part; None where people lack strata.

    Parameters
    ----------
    year : str
        Empty for the headline period.
    """
    covariates = _covariates(source)
    if source.strata.draws is None or not covariates:
        return None
    words, total = source.words, groups[TOTAL]
    wheres = dict(_combinations(source, covariates))
    added = _adding_up(source, total, wheres, years)
    inhabitants = total.denominator.inhabitants if total.denominator else None
    rows = [
        Row(
            "/".join(path) or TOTAL,
            source.level_label(covariates[len(path) - 1], path[-1]) if path else label_of(total, words),
            _cells(
                source,
                wheres[path],
                years,
                (added.estimated[path], added.registered[path]),
                inhabitants,
                None if path else total,
            ),
            len(path),
            strong=len(path) < 2,
        )
        for path in wheres
    ]
    named = [source.covariate_label(name) for name in covariates]
    spoken = tuple(within_sentence(name) for name in named)
    code = "report.caption.cross-in-year" if year else "report.caption.cross"
    caption = words.text(code, covariates=spoken, period=year or source.period)
    notes = [
        added.note(words, first=not year),
        *_about(source, groups, years),
        *([words.text("report.note.rate-of-all")] if inhabitants else []),
        *inhabitants_notes(source, {TOTAL: total}),
    ]
    columns = people_columns(words, bound=source.record.bound, rates=inhabitants is not None)
    key = f"combinations-{year}" if year else "combinations"
    return Table(key, caption, " / ".join(named), columns, tuple(rows), tuple(notes), wide=True, folded=bool(year))


def _about(source: Source, groups: Mapping[str, GroupRecord], years: Sequence[str]) -> list[str]:
    """Return what is to be known of registered numbers: averages of years; bounds, or "about" where none are kept."""
    if not source.make.rounding.bounds:
        return []
    if all(group.registered_bounds is None for group in groups.values()):
        return [source.words.text("report.note.registered-averages")] if len(years) > 1 else []
    kept = source.strata.bounds(source.strata.within({}, ())) is not None
    return [source.words.text("report.note.bounds" if kept else "report.note.about")]


def _covariates(source: Source) -> list[str]:
    """Return the characteristics other than the year, as many as make a table that can be read."""
    chosen: list[str] = []
    rows = 1
    for name, levels in source.strata.levels.items():
        if name != source.strata.year and rows * len(levels) <= _MOST_ROWS:
            chosen.append(name)
            rows *= len(levels)
    return chosen


def _combinations(source: Source, covariates: Sequence[str]) -> Iterator[tuple[Path, dict[str, Sequence[str]]]]:
    """Yield everybody, then every part, each followed by its own parts: its path, and who that is."""
    levels = [source.strata.levels[name] for name in covariates]

    def below(path: Path) -> Iterator[tuple[Path, dict[str, Sequence[str]]]]:
        """Yield one part, then its own."""
        yield path, {name: [level] for name, level in zip(covariates, path, strict=False)}
        if len(path) < len(covariates):
            for level in levels[len(path)]:
                yield from below((*path, level))

    yield from below(())


def _adding_up(
    source: Source, total: GroupRecord, wheres: Mapping[Path, Mapping[str, Sequence[str]]], years: Sequence[str]
) -> Added:
    """Return the numbers of every part, which add up to those of everybody."""
    draws = {path: source.strata.people(source.strata.within(where, years)) for path, where in wheres.items() if path}
    parts = {
        path: Part(summarise(people.size).median, float(people.registered.min())) for path, people in draws.items()
    }
    whole = source.make.people(total.N, certain(total)).value or 0.0
    unit = _UNIT if source.make.rounding.unit(total.N) >= 2 * _UNIT and whole % _UNIT == 0 else 1.0
    if unit > 1 and sum(-(-part.least // unit) * unit for path, part in parts.items() if _is_last(path, parts)) > whole:
        unit = 1.0
    numbers = adding_up(whole, parts, unit)
    known = {path: Part(float(np.median(people.registered))) for path, people in draws.items()}
    registered = adding_up(round(total.registered), known, 1.0)
    return Added(numbers, registered, unit, largest_shift(numbers, parts, unit))


def _is_last(path: Path, parts: Mapping[Path, Part]) -> bool:
    return len(path) == max(map(len, parts))


def _cells(
    source: Source,
    where: Mapping[str, Sequence[str]],
    years: Sequence[str],
    printed: tuple[float, float],
    inhabitants: float | None,
    whole: GroupRecord | None,
) -> tuple[Cell, ...]:
    """Return registered, estimated as it adds up, interval, coverage, and the rate among all inhabitants.

    Parameters
    ----------
    whole : GroupRecord or None
        Everybody, whose interval is that of other tables; None for a part.
    """
    make, counted = source.make, source.strata.within(where, years)
    people = source.strata.people(counted)
    size, known, least = summarise(people.size), summarise(people.registered), float(people.registered.min())
    limits = None if known.sd == 0 else (known.lower, known.upper)
    shared = summarise(people.coverage)
    cells = [
        make.registered(printed[1], counted, limits, _bounds(source, whole, counted)),
        _whole(source, printed[0], size.median),
        make.interval(whole.N, certain(whole)) if whole else make.interval(size, least),
        make.coverage(shared, counted) if size.median >= 0.5 else NOTHING,
    ]
    if inhabitants:
        cells += make.rate(_times(size, PER / inhabitants))
    return tuple(cells)


def _bounds(source: Source, whole: GroupRecord | None, counted: Counted) -> BoundsRecord | None:
    """Return bounds of the registered people of a part, or of everybody; None where the table gives their number."""
    return source.strata.bounds(counted) if whole is None else whole.registered_bounds


def _times(value: Summary, factor: float) -> Summary:
    limits = {level: (lower * factor, upper * factor) for level, (lower, upper) in value.intervals.items()}
    return Summary(value.median * factor, value.mean * factor, value.sd * factor, limits, value.has_mean)


def sdg_table(source: Source) -> Table | None:
    """Return the table of SDG indicator 16.2.2: victims per 100,000 inhabitants by sex, age and form of exploitation.

    None where the study has no inhabitants, or is divided by none of the three.
    """
    total, words = source.total, source.words
    blocks = _sdg_blocks(source)
    if total.denominator is None or not blocks or source.strata.draws is None:
        return None
    years = source.record.period.years or ()
    scale = PER / total.denominator.inhabitants
    rows = [Row(TOTAL, label_of(total, words), _sdg_cells(source, {}, years, None, scale), strong=True)]
    worst: Added | None = None
    for names in blocks:
        heading = " × ".join(source.covariate_label(name) for name in names)
        rows.append(Row("-".join(names), heading, (Cell(""),) * 6, strong=True))
        choices = list(product(*(source.strata.levels[name] for name in names)))
        wheres: Wheres = {
            (("/".join(chosen)),): {n: [level] for n, level in zip(names, chosen, strict=True)} for chosen in choices
        }
        added = _adding_up(source, total, {(): {}, **wheres}, years)
        worst = added if worst is None or added.shift > worst.shift else worst
        parts = {path: Part(added.estimated[path] * scale) for path in wheres}
        rates = adding_up(round(total.N.median * scale, 1), parts, 0.1)
        for path, where in wheres.items():
            first, *rest = (source.level_label(name, levels[0]) for name, levels in where.items())
            label = ", ".join([first, *map(within_sentence, rest)])
            printed = (added.estimated[path], added.registered[path], rates[path])
            cells = _sdg_cells(source, where, years, printed, scale)
            rows.append(Row(f"{'-'.join(names)}/{path[0]}", label, cells, 1))
    notes = [
        words.text("report.note.rate-of-all"),
        *_about(source, source.record.groups, years),
        *inhabitants_notes(source, {TOTAL: total}),
    ]
    if worst is not None:
        notes.insert(0, worst.note(words, first=False))
    caption = words.text("report.caption.sdg", period=source.period)
    return Table(
        "sdg-16-2-2",
        caption,
        words.text("report.column.victims"),
        _sdg_columns(source),
        tuple(rows),
        tuple(notes),
        True,
    )


def _sdg_blocks(source: Source) -> list[tuple[str, ...]]:
    """Return by which characteristics the indicator is divided: each alone, and sex and age together."""
    levels = source.strata.levels
    known = {what: next((name for name in names if name in levels), None) for what, names in _SDG.items()}
    sex, age, form = known["sex"], known["age"], known["form"]
    blocks = [(name,) for name in (sex, age) if name] + ([(sex, age)] if sex and age else [])
    return [*blocks, *([(form,)] if form else [])]


def _sdg_columns(source: Source) -> tuple[Column, ...]:
    text = source.words.text
    return (
        Column("registered", text("report.column.registered"), "registered"),
        Column("registered-rate", text("report.column.rate"), "rate"),
        Column("estimated", text("report.column.estimated"), "estimated"),
        Column("interval", text("report.column.interval"), "estimated"),
        Column("rate", text("report.column.rate"), "rate"),
        Column("rate-interval", text("report.column.interval"), "rate"),
    )


def _sdg_cells(
    source: Source,
    where: Mapping[str, Sequence[str]],
    years: Sequence[str],
    printed: tuple[float, float, float] | None,
    scale: float,
) -> tuple[Cell, ...]:
    """Return registered and estimated, each with its rate; the numbers of everybody are those of the estimate."""
    make, counted = source.make, source.strata.within(where, years)
    people = source.strata.people(counted)
    size, known = summarise(people.size), summarise(people.registered)
    limits = None if known.sd == 0 else (known.lower, known.upper)
    total = source.total
    bounds = _bounds(source, total if printed is None else None, counted)
    least = certain(total) if printed is None else float(people.registered.min())
    of = total.N if printed is None else size
    number = make.people(total.N, least) if printed is None else _whole(source, printed[0], size.median)
    rate = round(total.N.median * scale, 1) if printed is None else printed[2]
    return (
        make.registered(known.median if printed is None else printed[1], counted, limits, bounds),
        _rate_of_registered(source, known.median, scale, counted, bounds),
        number,
        make.interval(of, least),
        Cell(numbers.number(rate, 1, make.language), "rate", rate, exact=size.median * scale, decimals=1),
        make.rate(_times(size, scale))[1],
    )


def _rate_of_registered(
    source: Source, seen: float, scale: float, counted: Counted, bounds: BoundsRecord | None
) -> Cell:
    """Return the registered people per 100,000 inhabitants; between which bounds, where the table gives these alone."""
    make, rate = source.make, round(seen * scale, 1)
    cell = Cell(numbers.number(rate, 1, make.language), "rate", rate, None, None, seen * scale, 1, counted)
    if bounds is None or not make.rounding.bounds:
        return cell
    lower = math.floor(10 * bounds.lower * scale) / 10
    upper = None if bounds.upper is None else math.ceil(10 * bounds.upper * scale) / 10
    text = numbers.people_between((lower, upper), make.language, digits=1)
    return replace(cell, text=text, lower=lower, upper=upper)


def _whole(source: Source, number: float, exact: float) -> Cell:
    return Cell(numbers.count(number, language=source.words.language), "estimated", number, exact=exact)
