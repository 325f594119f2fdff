"""What registers held, as a record of numbers beside the table: for pages, and for next year to be compared with."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from estimator.errors import Fault, InputError
from estimator.reasons import Reason
from estimator.registers.tabulating import HistoryCount, Tabulated
from estimator.userfiles import read_file

DEFAULT_MINIMUM = 5
"""Smaller numbers of persons are not shown in words and pictures, where the study has no rule of its own."""

HALF = 0.5
MANY_ROWS, MANY_OF_ALL = 50, 0.01
"""A key with more rows of one period than both of these is named: it may stand for unknown."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListRecord(_Part):
    """What the files of one list held; as `ListSummary`.

    Parameters
    ----------
    known : dict of str to int
        By covariate: persons, once in each period, of whom a row of this list knows it. Empty in older records.
    known_in_table : dict of str to int
        The same persons: those of whom it is known in the end, from this list or another, contradictions resolved.
    """

    name: str
    files: int
    rows: int
    taken: int
    outside: int
    without_key: int
    undated: int
    persons: int
    person_periods: int
    duplicates: int
    most_rows: int
    first: datetime.date | None
    last: datetime.date | None
    unknown: dict[str, int]
    known: dict[str, int] = {}
    known_in_table: dict[str, int] = {}
    months: tuple[tuple[int, int, int], ...]

    def days(self, minimum: int) -> tuple[datetime.date | None, datetime.date | None]:
        """Return the first and last day as they may be shown: not where they are those of a few persons."""
        return (None, None) if 0 < self.persons < minimum else (self.first, self.last)


class Contradiction(_Part):
    """Persons whose records contradict each other in a covariate, and how many of them stay unknown."""

    covariate: str
    rule: str
    persons: int
    unknown: int


class LevelRecord(_Part):
    """Persons of one level: those known to have it, and those who may have it."""

    covariate: str
    level: str
    known: int
    unknown: int


class Completeness(_Part):
    """Persons of whom everything, or not everything, is known; how many of each one list saw, two, or more."""

    complete: bool
    persons: int
    once: int
    twice: int


class LinkedRecord(_Part):
    """By how much tables of linked registers differ; everything else in the record is of the first of them.

    Parameters
    ----------
    by_key : int
        Persons when only keys say who is one person.
    persons : (int, int)
        The fewest and the most of any table, over all periods.
    overlaps : tuple of tuple
        Two lists, and the fewest and the most persons on both.
    unknown : dict of str to int
        Persons by key of whom an identifier is not known.
    """

    tables: int
    by_key: int
    persons: tuple[int, int]
    overlaps: tuple[tuple[str, str, int, int], ...]
    unknown: dict[str, int]


class RegistersRecord(_Part):
    """All that is told of registers; no number in it is about one person by design, but small ones are."""

    version: Literal[1] = 1
    study: str
    missing: Literal["model", "drop"]
    without_key: str
    persons: int
    dropped: int
    lists: tuple[ListRecord, ...]
    overlaps: tuple[tuple[str, str, int], ...]
    histories: tuple[tuple[int, int], ...]
    contradictions: tuple[Contradiction, ...]
    levels: tuple[LevelRecord, ...]
    completeness: tuple[Completeness, ...]
    linked: LinkedRecord | None = None

    def text(self) -> str:
        """Return the record as JSON."""
        return self.model_dump_json(indent=1) + "\n"


def record_of(tabulated: Tabulated) -> RegistersRecord:
    """Return the record of what was counted."""
    plan, counts = tabulated.plan, tabulated.histories
    rules = {covariate.name: covariate.rule for covariate in plan.covariates}
    return RegistersRecord(
        study=plan.file.path.resolve().parent.name,
        missing=plan.settings.missing,
        without_key=plan.settings.without_key,
        persons=tabulated.persons,
        dropped=tabulated.dropped,
        lists=tuple(_list_record(tabulated, number, list(rules)) for number in range(len(tabulated.lists))),
        overlaps=tuple(_overlaps(plan.lists, counts)),
        histories=tuple(sorted(_added_up(counts).items())),
        contradictions=tuple(
            Contradiction(covariate=name, rule=rules[name], persons=persons, unknown=unknown)
            for name, (persons, unknown) in tabulated.contradictions.items()
        ),
        levels=tuple(_levels(tabulated)),
        completeness=tuple(_completeness(tabulated.all_histories)),
    )


def _list_record(tabulated: Tabulated, number: int, covariates: list[str]) -> ListRecord:
    summary, bit = tabulated.lists[number], 1 << (len(tabulated.lists) - 1 - number)
    here = [count for count in tabulated.all_histories if count.history & bit]
    in_table = {
        name: sum(count.persons for count in here if count.levels[place] >= 0) for place, name in enumerate(covariates)
    }
    by_name = {key: dict(zip(covariates, getattr(summary, key), strict=True)) for key in ("unknown", "known")}
    return ListRecord(**vars(summary) | by_name, known_in_table=in_table, duplicates=summary.duplicates)


def record_of_linked(
    tables: Sequence[Tabulated], by_key: int, persons: Sequence[int], unknown: dict[str, int]
) -> RegistersRecord:
    """Return the record of registers that were linked: of the first table, and by how much the others differ."""
    lists = tables[0].plan.lists
    overlaps = [[shared for *_, shared in _overlaps(lists, table.histories)] for table in tables]
    pairs = [(first, second) for first, second, _ in _overlaps(lists, ())]
    linked = LinkedRecord(
        tables=len(tables),
        by_key=by_key,
        persons=(min(persons), max(persons)),
        overlaps=tuple((*pair, min(shared), max(shared)) for pair, *shared in zip(pairs, *overlaps, strict=True)),
        unknown=unknown,
    )
    return record_of(tables[0]).model_copy(update={"linked": linked})


def _added_up(counts: Iterable[HistoryCount]) -> dict[int, int]:
    persons: dict[int, int] = {}
    for count in counts:
        persons[count.history] = persons.get(count.history, 0) + count.persons
    return persons


def _overlaps(lists: tuple[str, ...], counts: Iterable[HistoryCount]) -> Iterator[tuple[str, str, int]]:
    persons = _added_up(counts)
    bits = {name: 1 << (len(lists) - 1 - index) for index, name in enumerate(lists)}
    for index, name in enumerate(lists):
        for other in lists[index + 1 :]:
            both = bits[name] | bits[other]
            yield name, other, sum(number for history, number in persons.items() if history & both == both)


def _levels(tabulated: Tabulated) -> Iterator[LevelRecord]:
    for place, covariate in enumerate(tabulated.plan.covariates):
        known = [0] * (len(covariate.levels) + 1)
        for count in tabulated.histories:
            known[count.levels[place]] += count.persons  # the last is unknown, -1
        for level, persons in zip(covariate.levels, known, strict=False):
            yield LevelRecord(covariate=covariate.name, level=level, known=persons, unknown=known[-1])


def _completeness(counts: Iterable[HistoryCount]) -> Iterator[Completeness]:
    kept = list(counts)
    for complete in (True, False):
        part = [count for count in kept if (min(count.levels, default=0) >= 0) is complete]
        seen = [(count.history.bit_count(), count.persons) for count in part]
        yield Completeness(
            complete=complete,
            persons=sum(persons for _, persons in seen),
            once=sum(persons for lists, persons in seen if lists == 1),
            twice=sum(persons for lists, persons in seen if lists == 2),
        )


def unseen_factor(parts: Iterable[Completeness]) -> float | None:
    """Return at least how many unseen people there are for each registered one (Chao 1987); None without overlap.

    A number to be compared only: how much the answer hangs on the persons of whom something is unknown.
    """
    counted = list(parts)
    persons, once, twice = (sum(getattr(part, name) for part in counted) for name in ("persons", "once", "twice"))
    return once * once / (2 * twice) / persons if twice and persons else None


def read_record(path: Path) -> RegistersRecord:
    """Read the record of an earlier time.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        return RegistersRecord.model_validate_json(read_file(path))
    except (ValidationError, ValueError, RecursionError):
        message = "This is no record of registers. Name the file .registers.json that stands beside last year's table."
        raise InputError(Fault(str(path), message)) from None


def cautions(record: RegistersRecord, previous: RegistersRecord | None, minimum: int) -> Iterator[Reason]:
    """Yield what must be known of registers before their table is used; numbers below `minimum` are not shown."""
    for listed in record.lists:
        if listed.without_key:
            yield Reason("registers.without-key", list=listed.name, rows=listed.without_key, minimum=minimum)
        if listed.undated:
            yield Reason("registers.undated", list=listed.name, rows=listed.undated, minimum=minimum)
        if listed.outside:
            yield Reason("registers.outside", list=listed.name, rows=listed.outside, minimum=minimum)
        if listed.most_rows > max(MANY_ROWS, MANY_OF_ALL * listed.taken):
            yield Reason("registers.busiest", list=listed.name, rows=listed.most_rows, minimum=minimum)
        if not listed.taken:
            yield Reason("registers.empty", list=listed.name)
    for contradiction in record.contradictions:
        if contradiction.persons:
            yield Reason(
                "registers.contradictions",
                covariate=contradiction.covariate,
                persons=contradiction.persons,
                unknown=contradiction.unknown,
                rule=contradiction.rule,
                minimum=minimum,
            )
    if record.dropped:
        yield Reason("registers.dropped", persons=record.dropped, minimum=minimum)
    yield from _changes(record, previous, minimum) if previous else ()


def _changes(record: RegistersRecord, previous: RegistersRecord, minimum: int) -> Iterator[Reason]:
    """Yield the lists that are gone, or have half as much or less as before, in all or in their last year."""
    now = {found.name: found for found in record.lists}
    for before in previous.lists:
        found = now.get(before.name)
        if found is None:
            yield Reason("registers.gone", list=before.name)
        elif found.taken <= HALF * before.taken:
            yield Reason("registers.halved", list=before.name, rows=found.taken, before=before.taken, minimum=minimum)
        elif (last := last_year(found)) and (earlier := last_year(before)) and last[1] <= HALF * earlier[1]:
            yield Reason(
                "registers.last-year-halved",
                list=before.name,
                year=last[0],
                rows=last[1],
                before=earlier[1],
                earlier=earlier[0],
                minimum=minimum,
            )


def last_year(listed: ListRecord) -> tuple[int, int] | None:
    """Return the last year of a list, and its rows; None where rows have no dates."""
    if not listed.months:
        return None
    year = listed.months[-1][0]
    return year, sum(rows for of_year, _, rows in listed.months if of_year == year)
