"""Comma-, semicolon- and tab-separated files as offices save them, with the line number of every row.

Reads UTF-8 with or without byte order mark, and UTF-16 with one (Excel's "Unicode text"). A first line ``sep=;``, by
which Excel is told the separator, is obeyed. Letters with accents are the same however they are encoded.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from estimator.errors import Fault, InputError, brief
from estimator.userfiles import read_file

DELIMITERS = (",", ";", "\t")
SAVE_AS = "In a spreadsheet choose 'Save as' and the type 'CSV UTF-8'."
MOST_FAULTS = 20
"""So many faults of one file are listed; the rest are counted."""

_MOST_WANTED = 8
_LINES_OF_TITLE = 10
"""The header is looked for on this many lines below a title."""

_NAMES_BETWEEN_BARS = re.compile(r"[\w ]{1,30}(\|[\w ]{1,30})+")
_SEPARATOR_LINE = re.compile(r"\s*(\"?)sep=(.)\1[,;\t\s]*")
"""What Excel writes, or is given, above the header."""


@dataclass(frozen=True)
class RawTable:
    """The text of a file, cell by cell.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    header : tuple of str
        Column names, without white space around them.
    rows : tuple of tuple of str
        One entry per column, without white space around it; rows without any entry are left out.
    lines : tuple of int
        Line of the file on which each row begins; the header is usually on line 1.
    faults : tuple of Fault
        Rows that do not fit the header; they are not in `rows`.
    header_line : int, default 1
        Line of the file on which the header is.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    faults: tuple[Fault, ...]
    header_line: int = 1

    def column(self, name: str) -> list[str]:
        """Return the entries of a column, row by row."""
        index = self.header.index(name)
        return [row[index] for row in self.rows]


def listed(file: str, faults: list[Fault]) -> InputError:
    """Return one error that lists at most `MOST_FAULTS` faults of a file, by line, and says how many more there are."""
    faults = sorted(faults, key=lambda fault: fault.line or 0)
    more = len(faults) - MOST_FAULTS
    if more <= 0:
        return InputError(faults)
    rest = Fault(file, f"{more} more {'fault is' if more == 1 else 'faults are'} not listed here. Mend these first.")
    return InputError([*faults[:MOST_FAULTS], rest])


def read_csv(path: str | Path, row_for: str = "each capture history", columns: Sequence[str] = ()) -> RawTable:
    """Read the cells of a file.

    Parameters
    ----------
    path : str or Path
        The file. Its columns are separated by commas, semicolons or tabs, whichever gives the header most columns.
    row_for : str, default "each capture history"
        What a row of such a file is for, as the message says when there are none.
    columns : sequence of str, optional
        Names of columns that such a file has; a first line without any of them is no header.

    Returns
    -------
    RawTable
        Header, rows and their lines, and the rows that do not fit.

    Raises
    ------
    InputError
        When there is nothing that can be read as a table: no file, no text, no header, no rows.
    """
    file = str(path)
    text = _decode(file, read_file(Path(path)))
    records = _records(file, *_delimiter(text)) if text.strip() else []
    if not records:
        message = "The file is empty. It needs a line with the names of the columns, then the rows."
        raise InputError(Fault(file, message))
    header_line, header = records[0]
    _refuse_title(file, text, records)
    names = _header(file, header_line, header)
    if columns and not set(names) & set(columns):
        message = f"There is no header: this line names none of the columns {', '.join(columns)}. Put them above it."
        raise InputError(Fault(file, message, header_line))
    rows, lines, faults = [], [], []
    for line, fields in records[1:]:
        if len(fields) < len(names) or any(fields[len(names) :]):
            faults.append(_ragged(file, line, len(fields), len(names)))
            continue
        rows.append(fields[: len(names)])
        lines.append(line)
    if not rows and not faults:
        raise InputError(Fault(file, f"There are no rows below the header. Add one row for {row_for}."))
    return RawTable(file, names, tuple(rows), tuple(lines), tuple(faults), header_line)


def _decode(file: str, content: bytes) -> str:
    """Return the text of a file, or name the first line that is not UTF-8."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise InputError(Fault(file, f"This is a spreadsheet, not a CSV file. {SAVE_AS}"))
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = None if utf16 else content[: error.start].count(b"\n") + 1
        what = "The file is not in the encoding that it claims" if utf16 else "The text is not UTF-8"
        raise InputError(Fault(file, f"{what}. {SAVE_AS}", line)) from None
    text = unicodedata.normalize("NFC", text)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(Fault(file, f"There is a character here that is no text. {SAVE_AS}", line))
    return text


def _delimiter(text: str) -> tuple[str, str]:
    """Return a text and its delimiter: the one that gives the header most columns; the comma when none does.

    A line that only names the separator is made blank, so that lines keep their numbers.
    """
    lines = text.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.strip())
    named = _SEPARATOR_LINE.fullmatch(lines[at])
    if named and named[2] in DELIMITERS:
        return "".join([*lines[:at], "\n", *lines[at + 1 :]]), named[2]
    return text, max(DELIMITERS, key=lambda mark: _n_columns(lines[at], mark))


def _n_columns(line: str, delimiter: str) -> int:
    """Return the number of columns that a delimiter gives a line; 0 when it cannot be read so."""
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return 0


def _records(file: str, text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the records of a file with the line on which each begins; blank ones are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = []
    begins = 1
    try:
        for fields in reader:
            stripped = tuple(field.strip() for field in fields)
            if any(stripped):
                records.append((begins, stripped))
            begins = reader.line_num + 1
    except csv.Error as error:
        message = (
            "A cell here is longer than any name or number is. Is this the right file?"
            if "field limit" in str(error)
            else "A quotation mark that opens here is not closed, or is followed by other text. "
            "Close it, or take it out; inside quotation marks write it twice."
        )
        raise InputError(Fault(file, message, begins)) from None
    return records


def _refuse_title(file: str, text: str, records: list[tuple[int, tuple[str, ...]]]) -> None:
    """Refuse a file with a title or a remark above the names of its columns, and say on which line these are."""
    first, fields = records[0]
    lines = text.splitlines()
    for number, line in enumerate(lines[first : first + _LINES_OF_TITLE], start=first + 1):
        if len(_as_names(line)) > sum(map(bool, fields)):
            above = f"line {first}" if number == first + 1 else f"lines {first} to {number - 1}"
            message = (
                f"This line looks like a title, and the names of the columns seem to be on line {number}. They must "
                f"come first: delete {above}."
            )
            raise InputError(Fault(file, message, first))


def _as_names(line: str) -> list[str]:
    """Return the cells of a line that can be nothing but names of columns: all different, and none a number."""
    mark = max(DELIMITERS, key=lambda mark: _n_columns(line, mark))
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])] if _n_columns(line, mark) else []
    while cells and not cells[-1]:
        cells.pop()
    return [] if any(map(_is_number, cells)) or len(set(cells)) < len(cells) else cells


def _header(file: str, line: int, header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the column names, or say what is wrong with them."""
    while header and not header[-1]:
        header = header[:-1]
    if all(_is_number(name) for name in header):
        message = "There is no header: this line has numbers only. Put the names of the columns on the first line."
        raise InputError(Fault(file, message, line))
    if len(header) == 1:
        message = (
            f"There is only one column here{_as_header(header[0])}. The columns must be separated by commas, "
            f"semicolons or tabs. {SAVE_AS}"
        )
        raise InputError(Fault(file, message, line))
    repeated = _repeated(header)
    if any(_is_number(name) for name in repeated):
        message = "There is no header: this line has the same number twice. Put the names of the columns above it."
        raise InputError(Fault(file, message, line))
    faults = [
        Fault(file, f"Column {number} has no name. Name it, or delete the column.", line)
        for number, name in enumerate(header, start=1)
        if not name
    ]
    for name, numbers in repeated.items():
        shown = " and ".join(map(str, numbers[:5])) + (" and more" if len(numbers) > 5 else "")
        message = f"Columns {shown} have the same name. Rename or delete one of them."
        faults.append(Fault(file, message, line, name))
    if faults:
        raise listed(file, faults)
    return header


def of_another_file(raw: RawTable, names: Iterable[str], wanted: Sequence[str]) -> list[Fault]:
    """Return one fault when not one name of a header is what it should be; none of them is quoted.

    Such a file is as a rule another one, and what stands in it may be nobody's business.
    """
    folded = {name.casefold() for name in wanted}
    if any(name.casefold() in folded for name in names):
        return []
    shown = ", ".join(f"'{brief(name)}'" for name in wanted[:_MOST_WANTED]) + ", …" * (len(wanted) > _MOST_WANTED)
    message = f"Not one of the names that are meant ({shown}) is on this line. Check that it is the right file."
    return [Fault(raw.file, message, raw.header_line)]


def _as_header(text: str) -> str:
    """Return a line in quotation marks if it looks like names of columns; what does not may be a secret of its file."""
    return f", '{brief(text)}'" if _NAMES_BETWEEN_BARS.fullmatch(text) else ""


def _repeated(header: tuple[str, ...]) -> dict[str, list[int]]:
    """Return the names that stand more than once in a header, with the numbers of their columns."""
    places: dict[str, list[int]] = {}
    for number, name in enumerate(header, start=1):
        places.setdefault(name, []).append(number)
    return {name: numbers for name, numbers in places.items() if name and len(numbers) > 1}


def _is_number(name: str) -> bool:
    """Whether a column name can only be a value, not a name."""
    return not name or name.replace(".", "").replace(",", "").isdigit()


def _ragged(file: str, line: int, found: int, expected: int) -> Fault:
    """Return the fault of a row that has more or fewer cells than the header."""
    remedy = (
        "Put a cell that contains the separator (a count such as 12,0) between quotation marks"
        if found > expected
        else "Add the missing cells; a cell may be blank, but its separator must be there"
    )
    return Fault(
        file, f"This row has {found} cell{'' if found == 1 else 's'} and the header {expected}. {remedy}.", line
    )
