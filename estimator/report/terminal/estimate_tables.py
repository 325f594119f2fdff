"""Tables of an estimate: groups, the same under other priors, rates, and what stands below them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from estimator.runs.estimate_record import BesideRecord, EstimateRecord
from estimator.runs.group_records import GroupRecord, Groups
from estimator.words import numbers
from estimator.words.numbers import WIDTH, wrapped
from estimator.words.shown import on_one_line
from estimator.words.words import Words

_LABEL, _NARROW_LABEL, _RATE_LABEL, _GAP = 28, 14, 30, 2


def label_of(group: GroupRecord, words: Words) -> str:
    """Return what a group is called."""
    return on_one_line(group.label.text(words.language))


def heading_of(record: EstimateRecord, words: Words) -> str:
    """Return what time the headline numbers are of."""
    years = record.period.years or []
    if years:
        return years[0] if len(years) == 1 else words.text("estimate.average-per-year")
    pooled = record.period.pooled_years or 1
    return words.text("estimate.all-years", number=pooled) if pooled > 1 else words.text("estimate.group")


def certain(group: GroupRecord) -> float:
    """Return the number of people of a group who are registered for certain: no estimate lies below it."""
    return group.registered_interval[0] if group.registered_interval else group.registered


def registered(group: GroupRecord, words: Words) -> str:
    """Return how many are registered: bounds as `darkfigure check` says them where the table does not give the number.

    "About" is left to runs that kept no bounds.
    """
    bounds = group.registered_bounds
    if bounds is not None:
        upper = None if bounds.upper is None else math.ceil(bounds.upper)
        return numbers.people_between((math.floor(bounds.lower), upper), words.language)
    known = numbers.number(group.registered, language=words.language)
    return words.text("estimate.about", number=known) if group.registered_interval else known


def estimated(group: GroupRecord, words: Words) -> str:
    """Return median and 95 % interval of a group: "6,384 (5,106 to 8,108)"."""
    return numbers.estimated(group.N.median, group.N.lower, group.N.upper, certain(group), words.language)


def group_cells(group: GroupRecord, words: Words) -> tuple[str, str, str, str]:
    """Return registered, estimated, interval and share that is registered; no share of nobody."""
    language, least = words.language, certain(group)
    seen = numbers.share(group.coverage.median, language) if group.N.median >= 0.5 else "-"
    middle = numbers.middle(group.N, least, language)
    return registered(group, words), middle, numbers.interval(group.N, least, language), seen


def group_headings(words: Words, *, bound: bool = False) -> tuple[str, str, str, str]:
    """Return the heads of the columns of `group_cells`; what is a lower bound is not called estimated."""
    return (
        words.text("estimate.column.registered"),
        words.text("estimate.column.at-least" if bound else "estimate.column.estimated"),
        words.text("estimate.column.interval"),
        words.text("estimate.column.seen"),
    )


def groups_table(groups: Groups, heading: str, words: Words, *, bound: bool = False) -> list[str]:
    """Return a line per group, subgroups indented: registered, estimated, interval, and share registered.

    Parameters
    ----------
    heading : str
        What the numbers are: a period, or "per year".
    """
    rows = {name: group_cells(groups[name], words) for name, _ in in_order(groups)}
    head = group_headings(words, bound=bound)
    widths = [max(map(len, column)) for column in zip(head, *rows.values(), strict=True)]
    lines = [row(heading, head, widths), "-" * WIDTH]
    for name, depth in in_order(groups):
        lines += _labelled(label_of(groups[name], words), depth, rows[name], widths)
    return lines


def in_order(groups: Groups) -> list[tuple[str, int]]:
    """Return the names of groups, each followed by its subgroups, with how deep it lies; everybody is no group above.

    Groups keep their order among those of the same group above them.
    """
    top = next(iter(groups))
    children: dict[str | None, list[str]] = {}
    for name, group in groups.items():
        above = group.parent if group.parent in groups and group.parent not in (top, name) else None
        children.setdefault(above, []).append(name)

    def below(above: str | None, depth: int) -> Iterator[tuple[str, int]]:
        """Yield the groups inside a group, each followed by those inside it."""
        for name in children.get(above, ()):
            yield name, depth
            yield from below(name, depth + 1)

    return list(below(None, 0))


def row(label: str, cells: Sequence[str], widths: Sequence[int], gap: int = _GAP) -> str:
    """Return one line of a table: a label, and cells aligned to the right."""
    room = max(WIDTH - sum(width + gap for width in widths), _NARROW_LABEL)
    aligned = "".join(f"{cell:>{width + gap}}" for cell, width in zip(cells, widths, strict=True))
    return f"{label[:room]:<{room}}{aligned}".rstrip()


def _labelled(label: str, depth: int, cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the line of a group, with lines above it for what does not fit of its label."""
    indent = "  " * depth
    room = max(WIDTH - sum(width + _GAP for width in widths) - len(indent), _NARROW_LABEL)
    *above, last = textwrap.wrap(label, room) or [""]
    return [*(indent + line for line in above), row(indent + last, cells, widths)]


def beside_table(record: EstimateRecord, heading: str, words: Words) -> list[str]:
    """Return a line per group and a column per set of priors; where that is too wide, a line for each of both."""
    names = [record.priors_name, *(record.beside or {})]
    rows = {name: beside_cells(record, name, words) for name, _ in in_order(record.groups)}
    widths = [max(map(len, column)) for column in zip(names, *rows.values(), strict=True)]
    if _LABEL + sum(width + _GAP for width in widths) > WIDTH:
        return _long_table(record, names, rows, heading, words)
    lines = [row(heading, names, widths), "-" * WIDTH]
    for name, depth in in_order(record.groups):
        lines += _labelled(label_of(record.groups[name], words), depth, rows[name], widths)
    return lines


def beside_cells(record: EstimateRecord, name: str, words: Words) -> list[str]:
    """Return median and interval of a group under each set of priors, those of the estimate itself first."""
    sets: list[EstimateRecord | BesideRecord] = [record, *(record.beside or {}).values()]
    return [
        estimated(estimate.groups[name], words) if estimate.diagnostics.converged else words.text("estimate.withheld")
        for estimate in sets
    ]


def _long_table(
    record: EstimateRecord, names: Sequence[str], rows: Mapping[str, list[str]], heading: str, words: Words
) -> list[str]:
    """Return a line for each group and, below it, one for each set of priors."""
    lines = [heading, "-" * WIDTH]
    for group, cells in rows.items():
        lines += textwrap.wrap(label_of(record.groups[group], words), WIDTH)
        for priors, cell in zip(names, cells, strict=True):
            room = WIDTH - len(cell) - _GAP - 3
            lines.append(f"  {textwrap.shorten(priors, room, placeholder='...'):<{room}} {cell:>{len(cell) + _GAP}}")
    return lines


def rates_table(groups: Groups, heading: str, words: Words) -> list[str]:
    """Return a line per group that has a rate, and below them whose inhabitants the rates are of."""
    rated = {name: group for name, group in groups.items() if group.per_100000 is not None}
    if not rated:
        return []
    head = rate_headings(words)
    rows = {name: rate_cells(group, words) for name, group in rated.items()}
    widths = [max(map(len, column)) for column in zip(head, *rows.values(), strict=True)]
    lines = [row(heading, head, widths), "-" * WIDTH]
    for name, cells in rows.items():
        lines += _labelled(label_of(rated[name], words), 0, cells, widths)
    return [*lines, *"\n".join(map(wrapped, denominators(rated, words))).split("\n")]


def rate_headings(words: Words) -> tuple[str, str, str]:
    """Return the heads of the columns of `rate_cells`."""
    return (
        words.text("estimate.column.per-100000"),
        words.text("estimate.column.rate"),
        words.text("estimate.column.interval"),
    )


def rate_cells(group: GroupRecord, words: Words) -> tuple[str, str, str]:
    """Return of whom a rate is, the rate, and its interval."""
    if group.per_100000 is None or group.denominator is None:
        return "", "", ""
    rate, limits = numbers.rate(group.per_100000, words.language)
    of = group.denominator
    return numbers.population(words.either(of.population, of.population_nl)), rate, limits


def denominators(groups: Groups, words: Words) -> list[str]:
    """Return a sentence for each denominator: how many inhabitants, in which years, known how, and from whom."""
    known = {group.denominator.population: group.denominator for group in groups.values() if group.denominator}
    return [
        words.text(
            "estimate.inhabitants",
            population=numbers.population(words.either(of.population, of.population_nl)),
            inhabitants=of.inhabitants,
            years=tuple(of.years),
            how=of.how,
            source="; ".join(
                source.removeprefix("backed out: ") for source in words.either(of.source, of.source_nl).split("; ")
            ),
        )
        for of in known.values()
    ]
