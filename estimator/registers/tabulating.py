"""Exports of registers made into a capture table: read, looked at, counted."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError
from estimator.registers import person_sql, record_sql
from estimator.registers.faults import check_columns, reading_fault, record_faults
from estimator.registers.plan import Plan
from estimator.registers.private_database import MEMORY, Database, ReadingError, opened_database
from estimator.registers.sources import open_source


@dataclass(frozen=True)
class HistoryCount:
    """How many persons have the same levels and the same history.

    Parameters
    ----------
    levels : tuple of int
        Position of the level of each covariate; -1 where it is unknown.
    history : int
        Bit l is list l in declared order, list 0 the most significant.
    """

    levels: tuple[int, ...]
    history: int
    persons: int


@dataclass(frozen=True)
class ListSummary:
    """What the files of one list hold, as numbers only.

    Parameters
    ----------
    rows, taken : int
        Rows of its files, blank ones left out, and those that count.
    outside, without_key, undated : int
        Rows that do not count: of another time, without a key, without a date.
    persons, person_periods : int
        Different persons, and persons counted once in each period.
    most_rows : int
        Of one person in one period.
    first, last : date or None
        The first and last day of what counts.
    unknown : tuple of int
        Rows that do not know each covariate.
    known : tuple of int
        Persons, once in each period, of whom a row of this list knows each covariate.
    months : tuple of tuple
        ``(year, month, rows)``, in order.
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
    most_rows: int
    first: datetime.date | None
    last: datetime.date | None
    unknown: tuple[int, ...]
    known: tuple[int, ...]
    months: tuple[tuple[int, int, int], ...]

    @property
    def duplicates(self) -> int:
        """Rows of persons who are in this list, in this period, already."""
        return self.taken - self.person_periods


@dataclass(frozen=True)
class Tabulated:
    """What registers hold, counted; nothing in it is about one person.

    Parameters
    ----------
    contradictions : mapping of str to tuple
        By covariate: persons whose records contradict each other, and those of them whose level stays unknown.
    all_histories : tuple of HistoryCount
        Also of persons whom ``missing = "drop"`` leaves out.
    """

    plan: Plan
    all_histories: tuple[HistoryCount, ...]
    lists: tuple[ListSummary, ...]
    contradictions: dict[str, tuple[int, int]]

    @property
    def histories(self) -> tuple[HistoryCount, ...]:
        """The histories in the table: all, or those of persons of whom everything is known."""
        if self.plan.settings.missing == "model":
            return self.all_histories
        return tuple(count for count in self.all_histories if min(count.levels, default=0) >= 0)

    @property
    def dropped(self) -> int:
        """Persons left out because something is unknown of them (``missing = "drop"``)."""
        return sum(count.persons for count in self.all_histories) - self.persons

    @property
    def persons(self) -> int:
        """Persons, once for each period, in the table."""
        return sum(count.persons for count in self.histories)


def tabulate(
    plan: Plan, beside: Path, *, memory: str = MEMORY, threads: int | None = None, today: datetime.date | None = None
) -> Tabulated:
    """Read all files of a plan and count histories.

    Parameters
    ----------
    beside : Path
        Where the result will be; files that are made on the way stand beside it, private, and are gone afterwards.
    memory : str
        What the database may hold in memory: ``"2GB"``.
    today : date, optional
        Later dates are mistakes.

    Raises
    ------
    InputError
        With what is wrong in all files, at once.
    """
    with opened_database(beside, memory, threads) as database:
        load_records(plan, database, today or datetime.date.today())
        database.run(person_sql.make_persons(plan))
        return counted(plan, database)


def load_records(plan: Plan, database: Database, today: datetime.date) -> list[record_sql.Reading]:
    """Read every file into the table of records.

    Raises
    ------
    InputError
        With what is wrong in all files, at once.
    """
    readings = _readings(plan, database, today)
    linkage = plan.settings.linkage
    database.run(record_sql.make_records(plan.covariates, len(linkage.identifiers) if linkage else 0))
    faults = []
    for reading in readings:
        try:
            database.run(record_sql.add_records(reading))
        except ReadingError as error:
            faults.append(reading_fault(reading, error))
    if not faults:
        faults = record_faults(plan, database, readings)
    if faults:
        raise InputError(faults)
    return readings


def _readings(plan: Plan, database: Database, today: datetime.date) -> list[record_sql.Reading]:
    """Open every file and find its columns."""
    readings: list[record_sql.Reading] = []
    faults: list[Fault] = []
    salt = secrets.token_hex(16)
    files = [(register, path) for register in plan.registers for path in register.paths]
    for number, (register, path) in enumerate(files):
        try:
            source = open_source(path, register.section.sheet, database, number)
        except InputError as error:
            faults += error.faults
            continue
        reading = record_sql.Reading(plan, register, source, number, today, salt)
        faults += check_columns(reading)
        readings.append(reading)
    if faults:
        raise InputError(faults)
    return readings


def counted(plan: Plan, database: Database) -> Tabulated:
    """Ask the database for everything that is told."""
    counts = [HistoryCount(row[:-2], row[-2], row[-1]) for row in database.rows(person_sql.histories(plan))]
    return Tabulated(
        plan,
        tuple(sorted(counts, key=lambda count: (tuple(level % 10_000 for level in count.levels), count.history))),
        _lists(plan, database),
        _contradictions(plan, database),
    )


def _contradictions(plan: Plan, database: Database) -> dict[str, tuple[int, int]]:
    asked = person_sql.contradictions(plan)
    if asked is None:
        return {}
    (numbers,) = database.rows(asked)
    names = [covariate.name for covariate in plan.covariates if not covariate.splits]
    return {name: (numbers[2 * index], numbers[2 * index + 1]) for index, name in enumerate(names)}


def _lists(plan: Plan, database: Database) -> tuple[ListSummary, ...]:
    fates: Counter[tuple[int, int]] = Counter()
    for number, fate, rows in database.rows(person_sql.fates()):
        fates[number, fate] += rows
    of_lists = {row[0]: row[1:] for row in database.rows(person_sql.of_lists(plan))}
    asked = person_sql.unknown_levels(plan)
    unknown = {row[0]: row[1:] for row in database.rows(asked)} if asked else {}
    months = sorted(database.rows(person_sql.months()))
    nobody = (0,) * len(plan.covariates)
    nothing: tuple[Any, ...] = (0, 0, 0, None, None, 0, *nobody)
    summaries = []
    for index, name in enumerate(plan.lists):
        taken, persons, periods, first, last, most, *known = of_lists.get(index, nothing)
        summaries.append(
            ListSummary(
                name=name,
                files=sum(len(register.paths) for register in plan.registers if register.list in (index, None)),
                rows=sum(fates[index, fate] for fate in range(record_sql.BLANK)),
                taken=taken,
                outside=fates[index, record_sql.OUT_OF_WINDOW],
                without_key=fates[index, record_sql.WITHOUT_KEY],
                undated=fates[index, record_sql.UNDATED],
                persons=persons,
                person_periods=periods,
                most_rows=most,
                first=first,
                last=last,
                unknown=tuple(unknown.get(index, nobody)),
                known=tuple(known),
                months=tuple((year, month, rows) for number, year, month, rows in months if number == index),
            )
        )
    return tuple(summaries)
