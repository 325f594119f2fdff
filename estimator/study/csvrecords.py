"""Small tables that stand beside a study: rows with named columns, every fault with its file, line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from estimator.capture.counts import LARGEST_COUNT
from estimator.capture.csvfile import RawTable, listed, of_another_file, read_csv
from estimator.errors import Fault, brief, did_you_mean
from estimator.study.schema import LONGEST_PERIOD

_NEGATIVE = re.compile(r"[-\u2212\u2013]\s*\d[\d.,' \u00a0\u202f]*")
_PLAIN = re.compile(r"\d+(?:[.,](\d+))?")
_YEAR = re.compile(r"\d{4}")
_YEARS = re.compile(r"(\d{4})\s*[-\u2013]\s*(\d{4})")


class ReadingError(ValueError):
    """What is wrong with one cell, as a sentence or two."""


@dataclass
class Records:
    """The rows of a file with the line of each, and what was found wrong with them so far."""

    file: str
    rows: list[dict[str, str]]
    lines: list[int]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: int, column: str, message: str) -> None:
        """Add a fault of one cell."""
        self.faults.append(Fault(self.file, message, self.lines[row], column))

    def raise_faults(self) -> None:
        """Raise all faults at once, by line, if there are any."""
        if self.faults:
            raise listed(self.file, self.faults)


def read_records(path: Path, columns: Sequence[str], row_for: str, optional: Sequence[str] = ()) -> Records:
    """Read the rows of a CSV file that has exactly the named columns, in any order.

    Parameters
    ----------
    path : Path
        Separated by commas, semicolons or tabs.
    row_for : str
        What a row is for, for a file that has none: ``"each figure"``.

    Raises
    ------
    InputError
        When it cannot be read, or columns are missing or unknown.
    """
    raw = read_csv(path, row_for, columns)
    faults = _header_faults(raw, columns, optional)
    if faults:
        raise listed(raw.file, faults)
    rows = [dict.fromkeys(optional, "") | dict(zip(raw.header, row, strict=True)) for row in raw.rows]
    return Records(raw.file, rows, list(raw.lines), list(raw.faults))


def _header_faults(raw: RawTable, columns: Sequence[str], optional: Sequence[str]) -> list[Fault]:
    if other := of_another_file(raw, raw.header, columns):
        return other
    missing = [name for name in columns if name not in raw.header]
    unknown = [name for name in raw.header if name not in (*columns, *optional)]
    line = raw.header_line
    faults = [
        Fault(raw.file, f"There is no column '{name}'. Add it.{did_you_mean(name, unknown)}", line) for name in missing
    ]
    return faults + [
        Fault(
            raw.file,
            f"A column of this name has no meaning here. Delete or rename it.{did_you_mean(name, missing or columns)}",
            line,
            name,
        )
        for name in unknown
    ]


def number_of(text: str) -> float:
    """Return the number that a cell holds, from 0 to `LARGEST_COUNT`: ``6250``, ``0.37``, ``0,37``.

    Raises
    ------
    ReadingError
        When it is none, is negative, is above the largest, or may have a thousands separator: two ways to read it.
    """
    match = _PLAIN.fullmatch(text)
    if match and len(match[1] or "") != 3:
        number = float(text.replace(",", "."))
        if number <= LARGEST_COUNT:
            return number
        raise ReadingError(f"'{brief(text)}' is more than there are people. Write at most {LARGEST_COUNT}.")
    if not text:
        raise ReadingError("Nothing is filled in. Give a number, such as 16900000.")
    if _NEGATIVE.fullmatch(text):
        raise ReadingError(f"'{brief(text)}' must not be negative. Write a number of 0 or more.")
    why = (
        "can be read with a thousands separator or otherwise, and thousands separators are not read. Write the number "
        "without them, and decimals with one, two or four digits"
        if re.fullmatch(r"\d{1,3}([.,' \u00a0\u202f]\d{3})+", text)
        else "is not a number. Write it with digits only, such as 16900000 or 36.5"
    )
    raise ReadingError(f"'{brief(text)}' {why}.")


def years_of(text: str) -> tuple[str, ...]:
    """Return every year that a cell names: ``2012``, ``2014-2015``; none for a blank cell.

    Raises
    ------
    ReadingError
        When it is neither a year nor a period.
    """
    if not text or _YEAR.fullmatch(text):
        return (text,) if text else ()
    period = _YEARS.fullmatch(text)
    if not period or not 0 < int(period[2]) - int(period[1]) <= LONGEST_PERIOD:
        raise ReadingError(f"'{brief(text)}' is not a year (2012) or a period with the earlier year first (2014-2015).")
    return tuple(str(year) for year in range(int(period[1]), int(period[2]) + 1))
