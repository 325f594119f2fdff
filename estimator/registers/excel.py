"""Sheets of workbooks, as texts: Excel (.xlsx, .xls) and OpenDocument (.ods).

A cell that only a spreadsheet could work out, a formula without a saved value or an error, has no text, and is refused
rather than taken for blank. A workbook is a zip, and is unpacked once to see that it is not a bomb.
"""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import Fault, InputError
from estimator.registers.private_database import missing_extra
from estimator.userfiles import opened

if TYPE_CHECKING:
    import pyarrow

MOST_BYTES = 2 << 30
"""Of a workbook when it is unpacked. The largest sheet that Excel can hold is smaller."""

MOST_TIMES_SMALLER, _FREE = 300, 64 << 20
_PIECE = 1 << 20
_CELL = re.compile(rb"<c\b([^>]*?)(?<!/)>(.*?)</c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
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
    if path.suffix.lower() != ".xls":
        _refuse_bomb(path)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        number = _sheet_number(path, names, sheet)
        rows = workbook.get_sheet_by_index(number).to_python(skip_empty_area=False)
    except InputError:
        raise
    except Exception:  # of every kind; their words may quote cells
        raise _unreadable(path) from None
    while rows and not any(map(_text, rows[0])):
        rows = rows[1:]
    if not rows:
        raise InputError(Fault(str(path), f"The sheet '{names[number]}' is empty. Name another with 'sheet'."))
    header = tuple(" ".join(str(cell).split()) for cell in rows[0])
    columns = {
        f"c{index}": pa.array([_text(row[index]) for row in rows[1:]], pa.string()) for index in range(len(header))
    }
    return header, pa.table(columns)


def _sheet_number(path: Path, names: list[str], sheet: str | None) -> int:
    if sheet is None and len(names) == 1:
        return 0
    if sheet in names:
        return names.index(sheet)
    known = ", ".join(f"'{name}'" for name in names)
    what = f"There is no sheet '{sheet}'" if sheet else "The workbook has several sheets"
    message = f'{what}: there are {known}. Name one: sheet = "..." under [registers.lists.NAME].'
    raise InputError(Fault(str(path), message))


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


def _refuse_bomb(path: Path) -> None:
    """Unpack a workbook into nothing, to know how much it holds, and look at its formulas."""
    packed = path.stat().st_size
    total = 0
    try:
        with zipfile.ZipFile(path) as workbook, path.open("rb") as raw:
            for entry in workbook.infolist():
                is_sheet = entry.filename.startswith("xl/worksheets/")
                tail = b""
                for piece in _unpacked(raw, entry):
                    total += len(piece)
                    if total > MOST_BYTES or total > max(_FREE, MOST_TIMES_SMALLER * packed):
                        message = (
                            "This workbook unpacks to far more than a register holds. It is not read. Save it as CSV."
                        )
                        raise InputError(Fault(str(path), message))
                    if is_sheet:
                        tail = _looked_at(path, tail + piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise _unreadable(path) from None


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
    """Refuse cells without a value of their own in a piece of a sheet; return what belongs to the next piece."""
    end = content.rfind(b"</c>") + 4
    if end < 4:
        if len(content) > 8 * _PIECE:
            raise _unreadable(path)
        return content
    if b"<f" in content or b't="e"' in content:
        for found in _CELL.finditer(content, 0, end):
            is_error = b't="e"' in found[1]
            if is_error or (b"<f" in found[2] and not _VALUE.search(found[2])):
                place = _REFERENCE.search(found[1])
                what = "an error of the spreadsheet" if is_error else "a formula whose result is not saved"
                message = f"This cell holds {what}. Paste the sheet as values, or delete the column; then save it."
                column, row = (place[1].decode(), int(place[2])) if place else ("", None)
                raise InputError(Fault(str(path), message, column=column, part=f"row {row}" if row else ""))
    return content[end:]
