"""Read a TOML file and remember on which line each of its keys stands, so that a fault can point at it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from estimator.errors import Fault, InputError, brief
from estimator.userfiles import LARGEST_SETTINGS, read_file

Location = tuple[str | int, ...]
"""Keys and positions that lead to a value: ``("structural_zeros", 0, "lists")``."""

_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_BEGINS = re.compile(r"""\s*(?:\[{1,2}[\w."' -]*\]{0,2}|[\w."'-]+[ \t]*=)""")
"""How a line of TOML begins, a header or a key: all that is shown of one that is wrong."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DEEPEST = 30
"""Nothing that is meant stands deeper."""

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


class Table(dict[str, Any]):
    """A table of a TOML file that knows where it stands; its lists are tuples."""

    def __init__(self, items: Mapping[str, Any], location: Location = ()) -> None:
        super().__init__(items)
        self.location = location


@dataclass(frozen=True)
class TomlFile:
    """What a TOML file says, and on which line (from 1) each of its tables and keys stands."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Location, int]

    @property
    def table(self) -> Table:
        """Its content, in which every table knows where it stands."""
        return Table(_placed(self.data, ()))

    def line_of(self, location: Location) -> int | None:
        """Return the line of a value, or of the nearest thing around it that has one."""
        for end in range(len(location), 0, -1):
            if location[:end] in self.lines:
                return self.lines[location[:end]]
        return None

    def fault(self, location: Location, message: str) -> Fault:
        """Return a fault of a value of the file: with its line, or that of what is around it, and its key."""
        return Fault(str(self.path), message, self.line_of(location), key=dotted(location))


def _placed(value: Any, location: Location) -> Any:
    if isinstance(value, dict):
        return Table({key: _placed(item, (*location, key)) for key, item in value.items()}, location)
    if isinstance(value, list):
        return tuple(_placed(item, (*location, at)) for at, item in enumerate(value))
    return value


def dotted(location: Location) -> str:
    """Write a location as a person would, with positions from 1: ``structural_zeros[1].lists``, ``groups."a b"``."""
    text = ""
    for part in location:
        key = part if isinstance(part, int) or _BARE.fullmatch(part) else f'"{part}"'
        text += f"[{part + 1}]" if isinstance(part, int) else f".{key}" if text else str(key)
    return text


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises
    ------
    InputError
        When the file is missing, cannot be read, is not UTF-8 or is not TOML; with line and column.
    """
    text = read_text(path)
    try:
        data = tomllib.loads(text)
        if _depth(data) > _DEEPEST:
            raise RecursionError
    except tomllib.TOMLDecodeError as error:
        raise InputError(_syntax_fault(path, text, str(error))) from None
    except RecursionError:
        message = "There are too many brackets or keys inside each other here. Look for a bracket that is not closed."
        raise InputError(Fault(str(path), message)) from None
    except ValueError:  # an integer of thousands of digits
        raise InputError(Fault(str(path), "There is a number in it that is too long. Look for a slip.")) from None
    return TomlFile(path, data, key_lines(text))


def _depth(value: Any) -> int:
    """Return how many tables and lists stand inside each other."""
    depth, layer = 0, [value]
    while layer and depth <= _DEEPEST:
        depth += 1
        layer = [
            inner
            for item in layer
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def read_text(path: Path) -> str:
    """Return the text of a TOML file, with line feeds only and no byte order mark; see `read_toml`."""
    return _decoded(path, read_file(path, LARGEST_SETTINGS))


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = (
            "The file is not in UTF-8, the encoding that TOML files must have. "
            "Open it in a text editor and save it with encoding 'UTF-8'."
        )
        raise InputError(Fault(str(path), message, line)) from None


def _syntax_fault(path: Path, text: str, reason: str) -> Fault:
    place = _AT.search(reason)
    reason = _AT.sub("", reason)
    line, column = (int(place[1]), int(place[2])) if place and place[1] else (None, "")
    lines = text.split("\n")
    begins = _BEGINS.match(lines[line - 1]) if line and line <= len(lines) else None
    shown = (
        f" in: {brief(begins[0].strip())} …" if begins else ""
    )  # no more: it may be another file, with secrets in it
    advice = 'Text goes in "double quotes", a list in [square brackets], and every key may be given once only.'
    message = f"This is not valid TOML ({reason[:1].lower()}{reason[1:]}){shown}. {advice}"
    return Fault(str(path), message, line, column, part="" if line else "at its end")


def key_lines(text: str) -> dict[Location, int]:
    """Find the line of each table header and key in valid TOML; keys inside inline tables are not looked for."""
    finder = _KeyFinder()
    for number, line in enumerate(text.split("\n"), start=1):
        finder.read(number, line)
    return finder.lines


class _KeyFinder:
    """Walks over the lines of a TOML file, knowing in which table, text or list it is."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self._entries: dict[Location, int] = {}
        self._table: Location = ()
        self._quote = ""
        self._depth = 0

    def read(self, number: int, line: str) -> None:
        """Take in one line."""
        if self._quote or self._depth:
            self._pass_value(line, 0)
            return
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            return
        if stripped.startswith("["):
            self._open_table(number, stripped)
        else:
            keys, end = _key_at(line, 0)
            self._record(self._table, keys, number)
            self._pass_value(line, line.index("=", end) + 1)

    def _open_table(self, number: int, header: str) -> None:
        is_entry = header.startswith("[[")
        keys, _ = _key_at(header, 2 if is_entry else 1)
        location = self._record((), keys[:-1] if is_entry else keys, number)
        if is_entry:
            entries: Location = (*location, keys[-1])
            self.lines.setdefault(entries, number)
            position = self._entries.get(entries, -1) + 1
            self._entries[entries] = position
            location = (*entries, position)
            self.lines[location] = number
        self._table = location

    def _record(self, base: Location, keys: list[str], number: int) -> Location:
        location = base
        for key in keys:
            location = (*location, key)
            self.lines.setdefault(location, number)
            if location in self._entries:
                location = (*location, self._entries[location])
        return location

    def _pass_value(self, line: str, position: int) -> None:
        while position < len(line):
            if self._quote:
                position = self._leave_text(line, position)
            elif line[position] == "#":
                return
            else:
                position = self._enter(line, position)
        if len(self._quote) == 1:
            self._quote = ""

    def _enter(self, line: str, position: int) -> int:
        character = line[position]
        if character in "\"'":
            self._quote = character * 3 if line.startswith(character * 3, position) else character
            return position + len(self._quote)
        self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(character, 0)
        return position + 1

    def _leave_text(self, line: str, position: int) -> int:
        if line[position] == "\\" and self._quote[0] == '"':
            return position + 2
        if line.startswith(self._quote, position):
            position += len(self._quote)
            self._quote = ""
            return position
        return position + 1


def _key_at(line: str, position: int) -> tuple[list[str], int]:
    keys: list[str] = []
    while match := _KEY_PART.match(line, position):
        key = next(group for group in match.groups() if group is not None)
        escaped = match[1] is not None and "\\" in key
        keys.append(next(iter(tomllib.loads(f'"{key}" = 0'))) if escaped else key)
        position = match.end()
        if line[position : position + 1] != ".":
            break
        position += 1
    return keys, position
