"""CSV files of registers, as offices export them: any separator, with or without BOM, UTF-8, UTF-16 or Windows-1252.

A file is read through once before the database sees it. One that is not plain UTF-8 is written anew, without a name
where that can be, so that everything behind this works on one kind of file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from estimator.errors import Fault, InputError
from estimator.registers.private_database import Database, quoted

PIECE = 1 << 20
"""Bytes that are looked at together; also the longest line that a register can have."""

_SEPARATORS = ";,\t|"
_TWO_BYTES_OR_MORE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*\n", re.IGNORECASE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NO_TEXT = "This is no text: it has zero bytes. Export the register as CSV again."


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written.

    Parameters
    ----------
    encoding : str
        For Python: ``"utf-8-sig"``, ``"cp1252"``, ``"utf-16"``; each leaves a byte order mark out.
    rewrite : bool
        Whether the database can only read it when it is written anew.
    skip : int
        Lines in front of the header.
    """

    encoding: str
    rewrite: bool
    separator: str
    skip: int
    header: tuple[str, ...]


def csv_form(path: Path, file: BinaryIO) -> CsvForm:
    """Look through a CSV file and return how it is written.

    Raises
    ------
    InputError
        When it is no text, mixes encodings, has a line that is too long or no header.
    """
    wide = file.read(2) in _UTF16
    file.seek(0)
    encoding, mixed_ends = ("utf-16", False) if wide else _looked_through(path, file)
    file.seek(0)
    text = file.read(PIECE).decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    declared = _SEPARATOR_LINE.match(text)
    body = text[declared.end() :] if declared else text
    if "\0" in body.split("\n", 1)[0]:
        _refuse(path, _NO_TEXT, 1)
    separator = declared[1] if declared else _separator(body)
    header = _header(path, body, separator)
    return CsvForm(encoding, encoding != "utf-8-sig" or mixed_ends, separator, 1 if declared else 0, header)


def csv_table(path: Path, file: BinaryIO, form: CsvForm, database: Database, name: str) -> str:
    """Return what stands behind FROM for a CSV file, which is linked to under a name, or written anew."""
    content = database.folder / name
    if form.rewrite:
        out, content = database.nameless_file(name)
        with out:
            _write_anew(path, file, form.encoding, out)
    else:
        content.symlink_to(path.resolve())
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(form.header)))
    return (
        f"read_csv('{quoted(str(content))}', auto_detect = false, header = true, skip = {form.skip}, "
        f"delim = '{quoted(form.separator)}', "
        f"quote = '\"', escape = '\"', max_line_size = {4 * PIECE}, columns = {{{columns}}})"
    )


@dataclass
class _Ends:
    """Ends of lines, counted while a file is looked through."""

    both: int = 0
    feeds: int = 0
    returns: int = 0
    pending: bytes = b""

    def count(self, piece: bytes) -> None:
        """Count those of one piece; a carriage return at its end waits for the next."""
        piece = self.pending + piece
        self.pending = b"\r" if piece.endswith(b"\r") else b""
        piece = piece[: len(piece) - len(self.pending)]
        both = piece.count(b"\r\n")
        self.both += both
        self.feeds += piece.count(b"\n") - both
        self.returns += piece.count(b"\r") - both

    @property
    def lines(self) -> int:
        """How many lines have ended."""
        return self.both + self.feeds + self.returns

    @property
    def mixed(self) -> bool:
        """Whether lines end in more than one way."""
        return sum(map(bool, (self.both, self.feeds, self.returns))) > 1


def _looked_through(path: Path, file: BinaryIO) -> tuple[str, bool]:
    """Return the encoding of a file of single bytes, and whether its lines end in several ways."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends, wrong, right = _Ends(), 0, 0
    for piece in _pieces(file):
        if b"\n" not in piece and b"\r" not in piece and len(piece) == PIECE:
            _refuse(path, "This line is longer than a million characters, so that this is no register.", ends.lines + 1)
        if b"\0" in piece:
            _refuse(path, _NO_TEXT, ends.lines + 1 + piece[: piece.index(b"\0")].count(b"\n"))
        if not wrong:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                wrong = ends.lines + 1 + piece[: error.start].count(b"\n")
        if not right and not piece.isascii() and (found := _TWO_BYTES_OR_MORE.search(piece)):
            right = ends.lines + 1 + piece[: found.start()].count(b"\n")
        ends.count(piece)
    if wrong and right:
        message = (
            f"The file mixes encodings: line {right} is in UTF-8, and this line is not. It may have been put together "
            "from two exports. Save both in one encoding, UTF-8."
        )
        _refuse(path, message, wrong)
    return ("cp1252" if wrong else "utf-8-sig"), ends.mixed


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _refuse(path: Path, message: str, line: int | None = None) -> None:
    raise InputError(Fault(str(path), message, line))


def _separator(text: str) -> str:
    """Return what separates the cells of the header: what stands most often in it outside quotes."""
    line = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    best = max(_SEPARATORS, key=line.count)
    return best if best in line else ";"


def _header(path: Path, text: str, separator: str) -> tuple[str, ...]:
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    header = tuple(" ".join(cell.split()) for cell in next(rows, []))
    if not any(header):
        _refuse(path, "The file is empty, or its first line is. The heads of the columns belong there.", 1)
    return header


def _write_anew(path: Path, file: BinaryIO, encoding: str, out: TextIO) -> None:
    """Write a file as UTF-8 with one kind of line ends."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    lines = 1
    for piece in _pieces(file):
        text = newlines.decode(_decoded(path, decoder, piece, lines))
        if "\0" in text:
            _refuse(path, _NO_TEXT, lines + text[: text.index("\0")].count("\n"))
        out.write(text)
        lines += text.count("\n")
    _decoded(path, decoder, b"", lines)
    out.write(newlines.decode("", final=True))


def _decoded(path: Path, decoder: codecs.IncrementalDecoder, piece: bytes, line: int) -> str:
    """Return a piece of a file as text; the last piece is empty, and shows whether the file was cut off."""
    try:
        return decoder.decode(piece, final=not piece)
    except UnicodeDecodeError:
        message = "From about this line on the file is in no encoding that is read, or cut off. Save it as UTF-8."
        raise InputError(Fault(str(path), message, line)) from None
