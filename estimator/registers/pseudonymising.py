"""Pseudonyms in place of identifying columns: keyed hashes, the same for the same person in every register.

Of the forms f_1 ... f_n of a person's columns (`estimator.registers.normalising`) the pseudonym is

    HMAC-SHA-256(key, f_1 US f_2 US ... f_n)

in hexadecimal digits, with US the unit separator (U+001F), which no form has in it, and all in UTF-8. Without the key
nobody can try out names until one fits; with it anybody can, so that whoever holds it holds the identities.

References
----------
RFC 2104 (HMAC), FIPS 180-4 (SHA-256). Article 29 Working Party (2014), Opinion 05/2014 on anonymisation techniques:
pseudonyms are personal data still.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from estimator.errors import Fault, InputError
from estimator.parts import part_beside, private_file
from estimator.registers.csvfiles import csv_form
from estimator.registers.normalising import Normaliser, plain_text
from estimator.registers.pseudonymsfile import ColumnSection, PseudonymsFile
from estimator.userfiles import need_folder_of, opened

SEPARATOR = "\x1f"
_REMEMBERED = 100_000
"""Forms of cells that are remembered: names come back."""


@dataclass
class Unreadable:
    """Cells of a column that could not be read as what they should be.

    Attributes
    ----------
    rows : list of int
        The first of them; the header is row 1.
    """

    number: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, row: int) -> None:
        """Count one."""
        self.number += 1
        if len(self.rows) < 3:
            self.rows.append(row)


@dataclass
class Pseudonymised:
    """What was done; nothing in it is about one person.

    Attributes
    ----------
    rows : int
        Of the register, without its header and blank rows.
    made : dict of str to int
        Rows that got a pseudonym, by its column; the others have none, because something of the person is unknown.
    unreadable : dict of str to Unreadable
        By column; they count as unknown.
    """

    rows: int = 0
    made: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)


def pseudonym(key: bytes, forms: Sequence[str]) -> str:
    """Return the pseudonym of somebody, given the forms of her columns."""
    return hmac.new(key, SEPARATOR.join(forms).encode("utf-8"), hashlib.sha256).hexdigest()


def pseudonymise(source: Path, settings: PseudonymsFile, key: bytes, target: Path) -> Pseudonymised:
    """Write a register with pseudonyms in place of identifying columns: private, whole or not at all, row by row.

    Raises
    ------
    InputError
        When the register cannot be read, or the target exists. Says rows and columns, and never what stands in them.
    """
    if os.path.lexists(target):
        raise InputError(Fault(str(target), "This exists already and is left as it is. Name a new file."))
    need_folder_of(target)
    with opened(source, None) as file:
        form = csv_form(source, file)
        file.seek(0)
        text = TextIOWrapper(file, encoding=form.encoding, newline="")
        for _ in range(form.skip):
            text.readline()
        rows = _rows(source, text, form.separator, form.skip)
        try:
            with part_beside(target) as folder:
                part = folder / "register"
                with private_file(part) as out:
                    done = _write(source, rows, settings, key, out, form.separator)
                part.replace(target)
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            message = f"The file cannot be written here ({why}). Check that you may, and that there is room."
            raise InputError(Fault(str(target), message)) from None
        return done


def _rows(source: Path, text: TextIO, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a register with their numbers, the header first; blank ones are left out."""
    reader = csv.reader(text, delimiter=separator, strict=True)
    number = skipped
    try:
        for number, row in enumerate(reader, skipped + 1):
            if any(cell.strip() for cell in row):
                yield number, row
    except (csv.Error, UnicodeDecodeError):
        message = (
            "This row cannot be read: a quotation mark in it is not closed, or it is in another encoding than the "
            "rest. Save the file again from a spreadsheet, in UTF-8."
        )
        raise InputError(Fault(str(source), message, part=f"row {number + 1}")) from None


def _write(
    source: Path,
    rows: Iterator[tuple[int, list[str]]],
    settings: PseudonymsFile,
    key: bytes,
    out: TextIO,
    separator: str,
) -> Pseudonymised:
    """Write the rows."""
    number, header = next(rows)
    place = _places(source, number, [" ".join(cell.split()) for cell in header], settings)
    forms = {name: _Form(settings.columns[name]) for name in settings.used}
    done = Pseudonymised(made=dict.fromkeys(settings.pseudonyms, 0))
    done.unreadable = {name: Unreadable() for name in settings.used}
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow([*settings.pseudonyms, *settings.keep])
    for number, row in rows:
        if len(row) != len(header):
            message = f"This row has {len(row)} cells and the header {len(header)}. Look for a separator inside a cell."
            raise InputError(Fault(str(source), message, part=f"row {number}"))
        done.rows += 1
        known = {name: forms[name].of(row[place[name]]) for name in settings.used}
        for name, form in known.items():
            if form is None:
                done.unreadable[name].add(number)
        writer.writerow([*_pseudonyms(settings, key, known, done), *(row[place[name]] for name in settings.keep)])
    return done


def _pseudonyms(
    settings: PseudonymsFile, key: bytes, known: Mapping[str, str | None], done: Pseudonymised
) -> Iterator[str]:
    """Yield the pseudonyms of a row; an empty one where something of the person is unknown."""
    for name, section in settings.pseudonyms.items():
        forms = [known[column] or "" for column in section.columns]
        done.made[name] += all(forms)
        yield pseudonym(key, forms) if all(forms) else ""


class _Form:
    """The form of the cells of a column; what is often there is remembered."""

    def __init__(self, section: ColumnSection) -> None:
        self._unknown = frozenset(map(plain_text, section.unknown))
        self._normaliser: Normaliser = section.normaliser
        self.of = lru_cache(_REMEMBERED)(self._of)

    def _of(self, cell: str) -> str | None:
        return "" if plain_text(cell) in self._unknown else self._normaliser(cell)


def _places(source: Path, row: int, header: Sequence[str], settings: PseudonymsFile) -> dict[str, int]:
    """Return the position of every column that is used; heads that are not asked for are never named."""
    faults, places = [], {}
    for name in (*settings.used, *settings.keep):
        found = [at for at, head in enumerate(header) if head == " ".join(name.split())]
        if len(found) == 1:
            places[name] = found[0]
            continue
        how = "no column" if not found else f"{len(found)} columns"
        message = f"The header has {how} of the name '{name}'. Mend the name in the settings, or the header."
        faults.append(Fault(str(source), message, part=f"row {row}"))
    if faults:
        raise InputError(faults)
    return places
