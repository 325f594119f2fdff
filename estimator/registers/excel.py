"""Sheets of workbooks, as texts: Excel (.xlsx, .xls) and OpenDocument (.ods).

A cell that only a spreadsheet could work out, a formula without a saved value or an error, has no text, and is refused
rather than taken for blank. A workbook is a zip, and is unpacked once to see that it is not a bomb.
"""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError
from estimator.registers.private_database import missing_extra
from estimator.userfiles import opened

if TYPE_CHECKING:
    import pyarrow

MOST_BYTES = 2 << 30
"""Of a workbook when it is unpacked. The largest sheet that Excel can hold is smaller."""

MOST_CELLS = 64 << 20
"""Of a sheet, as a rectangle: that much memory a single cell in its far corner asks for."""

_NO_SHEETS = ("sharedStrings.xml", "styles.xml")
_MOST_DIGITS, _MOST_LETTERS = 7, 3
_EXACT = 1e15
"""Numbers above it have more digits than a spreadsheet keeps."""

MOST_TIMES_SMALLER, _FREE = 300, 64 << 20
_PIECE = 1 << 20
_TAG = 4096
"""Bytes that are looked at again with the next piece, so that no tag is cut."""

_CELL = re.compile(rb"<c\b([^>]*?)(?<!/)>(.*?)</c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_REFERENCES = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_HIDDEN = re.compile(rb'<row\b[^>]*?\bhidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_SHEETS = re.compile(r'<(?:\w+:)?sheet\b[^>]*?\bid="([^"]*)"')
_RELATION = re.compile(r"<Relationship\b[^>]*>")
_VALUE = re.compile(rb"<v>[^<]+</v>|<is>")


def sheet_table(path: Path, sheet: str | None) -> tuple[tuple[str, ...], pyarrow.Table]:
    """Return the heads of the columns of a sheet and its cells as a table of texts.

    Raises
    ------
    InputError
        When the workbook or sheet cannot be read, holds too much, or has cells without a value of their own.
    """
    import pyarrow as pa

    try:
        import python_calamine
    except ImportError:
        raise missing_extra("python-calamine") from None

    with opened(path, MOST_BYTES):
        pass
    hidden = {} if path.suffix.lower() == ".xls" else _looked_through(path)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        number = _sheet_number(path, workbook.sheets_metadata, sheet)
        _refuse_hidden_rows(path, hidden, number)
        found = workbook.get_sheet_by_index(number)
        _refuse_merged(path, found.merged_cell_ranges or [])
        rows = found.to_python(skip_empty_area=False)
    except InputError:
        raise
    except Exception:  # of every kind; their words may quote cells
        raise _unreadable(path) from None
    _refuse_long_numbers(path, rows)
    while rows and not any(map(_text, rows[0])):
        rows = rows[1:]
    if not rows:
        raise InputError(Fault(str(path), f"The sheet '{names[number]}' is empty. Name another with 'sheet'."))
    header = tuple(" ".join(str(cell).split()) for cell in rows[0])
    columns = {
        f"c{index}": pa.array([_text(row[index]) for row in rows[1:]], pa.string()) for index in range(len(header))
    }
    return header, pa.table(columns)


def _sheet_number(path: Path, sheets: Sequence[Any], sheet: str | None) -> int:
    names = [found.name for found in sheets]
    if sheet is None and len(names) == 1:
        return 0
    if sheet in names:
        return names.index(sheet)
    hidden = ["" if str(found.visible).endswith("Visible") else " (hidden)" for found in sheets]
    known = ", ".join(f"'{name}'{how}" for name, how in zip(names, hidden, strict=True))
    what = f"There is no sheet '{sheet}'" if sheet else "The workbook has several sheets"
    message = f'{what}: there are {known}. Name one: sheet = "..." under [registers.lists.NAME].'
    raise InputError(Fault(str(path), message))


def _refuse_long_numbers(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Refuse numbers of which a spreadsheet has made zeros of the last digits: different keys then look alike."""
    for number, row in enumerate(rows):
        for index, cell in enumerate(row):
            if isinstance(cell, int | float) and not abs(cell) < _EXACT:
                message = (
                    "This number has more than 15 digits, of which a spreadsheet keeps 15: different keys may look "
                    "alike. Give the column the format Text before the numbers go into it, and export again; or delete "
                    "it, if it is not needed."
                )
                place = f"row {number + 1}"
                raise InputError(Fault(str(path), message, column=_letters(index), part=place))


def _letters(index: int) -> str:
    """Return what a spreadsheet calls a column, counted from 0."""
    number, letters = index + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text(cell: Any) -> str | None:
    """Return a cell as text: whole numbers without decimals, dates as 2015-12-31."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.datetime | datetime.date):
        return cell.isoformat(" ") if isinstance(cell, datetime.datetime) else cell.isoformat()
    return str(cell)


def _unreadable(path: Path) -> InputError:
    message = (
        "This workbook cannot be read: it is damaged, protected by a password, or no workbook. Open it in a "
        "spreadsheet and save it again, or as CSV."
    )
    return InputError(Fault(str(path), message))


def _refuse_merged(path: Path, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Refuse merged cells below the first row: all but the first of them would be blank, that is, unknown."""
    rows = sorted(first[0] + 1 for first, last in ranges if last[0] > 0)
    if rows:
        message = (
            "Cells are merged here, and only the first of them has what stands in all. Take the merging apart, and "
            "fill in every cell."
        )
        raise InputError(Fault(str(path), message, part=f"row {rows[0]}"))


def _refuse_hidden_rows(path: Path, hidden: dict[str, int], number: int) -> None:
    """Refuse a sheet with rows that are not shown, as a filter leaves them: they would count."""
    entries = _entries(path) if hidden else []
    row = hidden.get(entries[number]) if number < len(entries) else next(iter(hidden.values()), None)
    if row is not None:
        message = (
            "Rows are hidden in this sheet from here on, as a filter does, and would be counted with the others. Take "
            "the filter off, or delete the rows that do not belong; then save it."
        )
        raise InputError(Fault(str(path), message, part=f"row {row}"))


def _entries(path: Path) -> list[str]:
    """Return the file in the zip of each sheet, in the order of the workbook; an empty name where it is not clear."""
    with zipfile.ZipFile(path) as workbook:
        book, relations = (
            workbook.read(name).decode("utf-8", errors="replace")
            for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
    targets = {}
    for relation in _RELATION.findall(relations):
        name, target = (re.search(rf'\b{key}="([^"]*)"', relation) for key in ("Id", "Target"))
        if name and target:
            targets[name[1]] = target[1].removeprefix("/xl/")
    return [f"xl/{targets.get(name, '')}" for name in _SHEETS.findall(book)]


def _looked_through(path: Path) -> dict[str, int]:
    """Unpack a workbook into nothing, to know how much it holds; return the first hidden row of each sheet's file."""
    packed = path.stat().st_size
    total = 0
    hidden: dict[str, int] = {}
    try:
        with zipfile.ZipFile(path) as workbook, path.open("rb") as raw:
            for entry in workbook.infolist():
                is_sheet = entry.filename.endswith(".xml") and not entry.filename.endswith(_NO_SHEETS)
                tail = b""
                digits = letters = 1
                for piece in _unpacked(raw, entry):
                    total += len(piece)
                    if total > MOST_BYTES or total > max(_FREE, MOST_TIMES_SMALLER * packed):
                        message = (
                            "This workbook unpacks to far more than a register holds. It is not read. Save it as CSV."
                        )
                        raise InputError(Fault(str(path), message))
                    if is_sheet:
                        content = tail + piece
                        digits, letters = _reach(content, digits, letters)
                        if entry.filename not in hidden and (row := _HIDDEN.search(content)):
                            place = _ROW_NUMBER.search(row[0])
                            hidden[entry.filename] = int(place[1]) if place else 1
                        tail = _looked_at(path, content)
                if 10**digits * 26**letters > MOST_CELLS:
                    _refuse_far_cells(path, raw, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise _unreadable(path) from None
    return hidden


def _reach(content: bytes, digits: int, letters: int) -> tuple[int, int]:
    """Return how many digits and letters the references of cells have at most, beginning with what was found before."""
    while digits < _MOST_DIGITS and _deep(digits + 1).search(content):
        digits += 1
    while letters < _MOST_LETTERS and _broad(letters + 1).search(content):
        letters += 1
    return digits, letters


@cache
def _deep(digits: int) -> re.Pattern[bytes]:
    return re.compile(rb"""r\s*=\s*["'][A-Za-z]{1,3}\d{%d}""" % digits)


@cache
def _broad(letters: int) -> re.Pattern[bytes]:
    return re.compile(rb"""r\s*=\s*["'][A-Za-z]{%d}[A-Za-z]{0,2}\d""" % letters)


def _refuse_far_cells(path: Path, raw: Any, entry: zipfile.ZipInfo) -> None:
    """Refuse a sheet of which the cells lie so far apart that the rectangle around them fills the memory."""
    last_row, last_column, tail = 1, 1, b""
    for piece in _unpacked(raw, entry):
        content = tail + piece
        references = _REFERENCES.findall(content)
        if references:
            columns, rows = map(set, zip(*references, strict=True))
            last_row, last_column = max(last_row, *map(int, rows)), max(last_column, *map(_number_of, columns))
        tail = content[-_TAG:]
    if last_row * last_column > MOST_CELLS:
        message = (
            f"This sheet has a cell in column {last_column:,} and one in row {last_row:,}, and the rectangle up to "
            "there is more than a register holds. Delete what stands outside the register, or save it as CSV."
        )
        raise InputError(Fault(str(path), message))


def _number_of(column: bytes) -> int:
    """Return the number of a column of a spreadsheet, from 1."""
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number


def _unpacked(raw: Any, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a file of a zip in pieces, as much as there really is, whatever the zip says."""
    raw.seek(entry.header_offset)
    header = raw.read(30)
    if header[:4] != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    raw.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (piece := raw.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
        return
    inflate = zlib.decompressobj(-15)
    pending = b""
    while not inflate.eof:
        if not pending:
            pending = raw.read(_PIECE)
            if not pending:
                raise EOFError
        piece = inflate.decompress(pending, _PIECE)
        pending = inflate.unconsumed_tail
        yield piece


def _looked_at(path: Path, content: bytes) -> bytes:
    """Refuse cells without a value of their own in a piece of a sheet; return its last cell, which may go on."""
    last = content.rfind(b"<c")
    ends = last < 0 or content.rfind(b"</c>") > last or content[content.find(b">", last) - 1 :][:1] == b"/"
    end = len(content) if ends else last
    if len(content) - end > 8 * _PIECE:
        raise _unreadable(path)
    if b"<f" in content or b't="e"' in content:
        for cell in _CELL.finditer(content, 0, end):
            is_error = b't="e"' in cell[1]
            if is_error or (b"<f" in cell[2] and not _VALUE.search(cell[2])):
                place = _REFERENCE.search(cell[1])
                what = "an error of the spreadsheet" if is_error else "a formula whose result is not saved"
                message = f"This cell holds {what}. Paste the sheet as values, or delete the column; then save it."
                column, row = (place[1].decode(), int(place[2])) if place else ("", None)
                raise InputError(Fault(str(path), message, column=column, part=f"row {row}" if row else ""))
    return content[min(end, max(len(content) - _TAG, 0)) :]
