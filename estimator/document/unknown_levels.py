"""What a scrutiny found to hang on what is unknown of people, in the method appendix: a figure, and a table of more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from estimator.checks.numbers import UnknownGroupNumbers, UnknownLevelsNumbers
from estimator.document.cells import NOTHING
from estimator.document.content import Block, Column, Figure, Paragraph, Row, Table
from estimator.document.source import Source
from estimator.report.figures.unknown_levels import CHECK, assumption_in_words, lines_of
from estimator.report.labels import labels_of_record
from estimator.scrutiny.record import JSON, read_scrutiny
from estimator.study.questions import TOTAL

_MOST = 6
"""Groups in a figure that stays on a page."""


@dataclass(frozen=True)
class _Answer:
    """One answer of a finding, as cells of people take it."""

    median: float
    lower: float
    upper: float


def unknown_levels_blocks(source: Source) -> Iterator[Block]:
    """Yield the figure where the run was scrutinised for it; nothing where it was not, or nothing is unknown."""
    numbers = _numbers(source)
    if not numbers:
        return
    text, groups = source.words.text, numbers["groups"]
    shown = _furthest(groups)
    caption = text("report.caption.unknown-levels")
    yield Paragraph(text("report.unknown-levels"))
    yield Figure("unknown-levels", "unknown_levels", caption, _table("unknown-levels-data", source, numbers, shown))
    if len(shown) < len(groups):
        yield _table("unknown-levels", source, numbers, list(groups))


def _numbers(source: Source) -> UnknownLevelsNumbers | None:
    """Return what the check found; nothing where it was not done."""
    summary = source.record.scrutiny
    done = summary is not None and any(check.check == CHECK and check.done for check in summary.checks)
    if not done or not (source.run.folder / JSON).is_file():
        return None
    numbers = next((it.numbers for it in read_scrutiny(source.run).findings if it.check == CHECK and it.done), {})
    return cast("UnknownLevelsNumbers", numbers) if numbers.get("groups") else None


def _furthest(groups: Mapping[str, UnknownGroupNumbers]) -> list[str]:
    """Return everybody, and the groups whose ends are furthest apart, in their own order."""

    def apart(name: str) -> float:
        group = groups[name]
        low, high = (group["under"][str(end)]["median"] for end in (group["lowest"], group["highest"]))
        return float(max(high, 1.0) / max(low, 1.0))

    others = sorted((name for name in groups if name != TOTAL), key=apart, reverse=True)
    kept = {TOTAL, *others[: _MOST - 1]}
    return [name for name in groups if name in kept]


def _table(key: str, source: Source, numbers: UnknownLevelsNumbers, groups: Sequence[str]) -> Table:
    words, make = source.words, source.make
    labels = labels_of_record(source.record, words.language)
    rows = []
    for name in groups:
        rows.append(Row(name, labels.group(name), (NOTHING, NOTHING), strong=True))
        for kind, answer, place in lines_of(numbers["groups"][name]):
            which = assumption_in_words(numbers, place, words, labels)
            label = words.text("picture.unknown-levels.row", kind=kind, which=which)
            people = _Answer(answer["median"], answer["lower"], answer["upper"])
            rows.append(Row(f"{name}: {kind}", label, (make.people(people), make.interval(people)), depth=1))
    columns = (
        Column("estimated", words.text("report.column.estimated"), "estimated"),
        Column("interval", words.text("report.column.interval"), "estimated"),
    )
    caption = words.text("report.caption.unknown-levels")
    return Table(key, caption, words.text("report.column.group"), columns, tuple(rows))
