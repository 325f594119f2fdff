"""What is wrong in the files of registers, in plain sentences with row numbers, and never what stands in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from estimator.errors import Fault, did_you_mean
from estimator.registers import person_sql, record_sql
from estimator.registers.plan import Plan
from estimator.registers.private_database import Database, ReadingError
from estimator.study.registernames import columns_of

_SHOWN = 3
_NEAR = 0.6
_KINDS = {
    "columns": "This row has another number of cells than the header. Look for a separator inside a cell, and put such "
    "cells in quotes.",
    "quote": "A cell begins with a quotation mark that is not closed. Save the file again from a spreadsheet.",
    "encoding": "Something here is in another encoding than the rest. Save the file in UTF-8.",
    "digits": "A number has more digits than a file of this kind keeps, so that different keys may look alike. Export "
    "the column as text.",
    "long": "This row is longer than four million characters, so that this is no register.",
}


def reading_fault(reading: record_sql.Reading, error: ReadingError) -> Fault:
    """Return the fault of a file that the database could not read."""
    message = _KINDS.get(error.kind, "The file cannot be read as a table. Save it again from a spreadsheet.")
    return Fault(str(reading.source.path), message, error.line)


def check_columns(reading: record_sql.Reading) -> list[Fault]:
    """Return a fault for each column that a file should have and has not, or has twice."""
    plan = reading.plan
    used = columns_of(plan.settings, [covariate.name for covariate in plan.covariates])
    if reading.register.list is not None and plan.settings.list_column in used:
        used.remove(plan.settings.list_column or "")
    heads = Counter(name.casefold() for name in reading.source.header)
    faults = []
    for column in used:
        head = reading.section.columns.get(column, column)
        if reading.place(column) == -1:
            near = _near(head, reading, used)
            where = (
                f"[registers.lists.{plan.lists[reading.register.list]}]"
                if reading.register.list is not None
                else "[registers]"
            )
            message = (
                f"There is no column '{head}'.{near} If it is called otherwise here, say so under {where}: "
                f'columns = {{"{column}" = "..."}}; if the file does not have it: lacks = ["{column}"].'
            )
            faults.append(Fault(str(reading.source.path), message, 1))
        elif reading.place(column) is not None and heads[" ".join(head.split()).casefold()] > 1:
            message = (
                f"Several columns are called '{head}'. Give each its own name, or delete the ones that are not meant."
            )
            faults.append(Fault(str(reading.source.path), message, 1))
        elif (place := reading.place(column)) is not None and place in reading.source.unfit:
            faults.append(Fault(str(reading.source.path), reading.source.unfit[place], column=head))
    return faults


def _near(head: str, reading: record_sql.Reading, used: Sequence[str]) -> str:
    """Return a hint at a column of nearly this name; none where the first row may be no heads but a record."""
    if all(reading.place(column) in (-1, None) for column in used):
        return " No column that is asked for is in this row: perhaps the heads of the columns are missing."
    near = get_close_matches(head.casefold(), {name.casefold() for name in reading.source.header if name}, 1, _NEAR)
    return did_you_mean(head, [name for name in reading.source.header if name.casefold() in near])


def record_faults(plan: Plan, database: Database, readings: list[record_sql.Reading]) -> list[Fault]:
    """Return what is wrong with records that were read: by file, column and kind, with the first rows of each."""
    faults = []
    flawed: Counter[tuple[int, int]] = Counter()
    n_bits = 2 * len(record_sql.dates_of(plan)) + len(plan.covariates)
    for source, flaws, records in database.rows(person_sql.flaws()):
        for bit in range(n_bits):
            if flaws >> bit & 1:
                flawed[source, bit] += records
    for (source, bit), records in sorted(flawed.items()):
        condition = f"(flaws >> {bit}) & 1 = 1 AND {person_sql.LOOKED_AT}"
        faults.append(_fault(plan, database, readings[source], condition, records, *_said_of(plan, bit)))
    settings = plan.settings
    refused = [(record_sql.NO_LIST, settings.list_column or "", _UNKNOWN_LIST)]
    if settings.without_key == "refuse":
        refused.append((record_sql.WITHOUT_KEY, settings.key[0], _WITHOUT_KEY))
    if settings.undated == "refuse":
        refused.append((record_sql.UNDATED, settings.date or "", _UNDATED))
    for fate, column, message in refused:
        condition = f"fate = {fate} AND list <> {record_sql.LEFT_OUT}"
        if fate == record_sql.UNDATED:  # that a date is no date was said
            condition += f" AND flaws & {sum(1 << 2 * index for index in range(len(record_sql.dates_of(plan))))} = 0"
        for source, records in database.rows(person_sql.refused(condition)):
            faults.append(_fault(plan, database, readings[source], condition, records, column, message))
    return faults or list(_empty(plan, database))


def _empty(plan: Plan, database: Database) -> Iterator[Fault]:
    """Yield a fault for each list whose files have no rows at all."""
    filled = {number for number, fate, _ in database.rows(person_sql.fates()) if fate != record_sql.BLANK}
    for register in plan.registers:
        if register.list is not None and register.list not in filled and register.paths:
            yield Fault(str(register.paths[0]), _NO_ROWS.format(plan.lists[register.list]), 1)


_NO_ROWS = (
    "There are no rows below the header, and no other file of list '{0}' has any. Export the register again; a list "
    "that did not deliver is left out of the study."
)
_UNKNOWN_LIST = (
    "This names no list of the study. Say under [registers.lists.NAME] what a list is called (called = [...]), or "
    "under [registers] which are left out (leave_out_lists = [...])."
)
_WITHOUT_KEY = (
    "There is no key here, so that it is not known who this is. Fill it in, or say under [registers] what is done with "
    'such records: without_key = "leave-out" or "alone" (docs/registers.md says what each means for the estimate).'
)
_UNDATED = (
    "There is no date here, so that it is not known in which period this is. Fill it in, or say under [registers] what "
    'is done with such records: undated = "leave-out" or "unknown".'
)


def _said_of(plan: Plan, bit: int) -> tuple[str, str]:
    """Return the column of a flaw, and what it is."""
    dates = record_sql.dates_of(plan)
    if bit < 2 * len(dates):
        column = dates[bit // 2]
        if bit % 2:
            message = (
                f"This date lies before {record_sql.FIRST_DAY.year} or in the future, as dates do that stand for "
                "unknown. Mend it, or name such dates under [registers]: unknown_dates = [1900-01-01]."
            )
        else:
            message = (
                f"This is no date in the order {plan.settings.date_order} or year-month-day, with a year of four "
                "digits. Mend it, or give the column the format Date and export again."
            )
        return column, message
    covariate = plan.covariates[bit - 2 * len(dates)]
    if covariate.section.lower:
        return (
            covariate.column,
            f"This is no number from {covariate.section.lower[0]:g} on. Mend it, or name it under 'unknown'.",
        )
    levels, place = ", ".join(covariate.levels), f"[registers.covariates.{covariate.name}]"
    message = (
        f"This is no level of '{covariate.name}' ({levels}). Say which one it is under {place}: values = "
        f'{{"..." = "{covariate.levels[0]}"}}; or what means unknown: unknown = ["..."]; or what everything else is: '
        f'other = "{covariate.levels[-1]}".'
    )
    return covariate.column, message


def _fault(
    plan: Plan, database: Database, reading: record_sql.Reading, condition: str, records: int, column: str, message: str
) -> Fault:
    """Return a fault with the numbers of the first rows that have it."""
    rows = [str(row) for (row,) in database.rows(record_sql.rows_with(reading, condition, _SHOWN))]
    more = f" and {records - len(rows):,} more" if records > len(rows) else ""
    head = reading.section.columns.get(column, column)
    word = "row" if len(rows) == 1 and not more else "rows"
    return Fault(str(reading.source.path), message, column=head, part=f"{word} {', '.join(rows)}{more}")
