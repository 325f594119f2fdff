"""How text is laid out on a terminal: plain, without colours, so that it reads the same in a log or read aloud."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from estimator.words.numbers import WIDTH

_NARROWEST = 40
"""Characters; below this, words would be broken."""


def width() -> int:
    """Return the number of characters that a line may have."""
    return max(min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDTH), _NARROWEST)


def paragraph(text: str, indent: str = "", first: str | None = None) -> str:
    """Return text with lines of the terminal's width.

    Parameters
    ----------
    text : str
        Its own line breaks are ignored.
    indent : str, default ""
        In front of each line.
    first : str, optional
        In front of the first line instead.
    """
    lead = indent if first is None else first
    return textwrap.fill(
        " ".join(text.split()),
        max(width(), 40),
        initial_indent=lead,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Iterable[Sequence[str]], right: Sequence[int] = (), indent: str = "") -> str:
    """Return rows as aligned columns; what does not fit in the last column goes on below it.

    Parameters
    ----------
    rows : iterable of sequence of str
        All of the same length.
    right : sequence of int, default ()
        Columns that are aligned to the right, such as numbers.
    indent : str, default ""
        In front of each line.
    """
    table = [list(row) for row in rows]
    if not table:
        return ""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]) - 1)]
    lines = []
    for row in table:
        cells = [
            text.rjust(size) if column in right else text.ljust(size)
            for column, (text, size) in enumerate(zip(row, widths, strict=False))
        ]
        lead = indent + "".join(f"{cell}  " for cell in cells)
        lines.append(paragraph(row[-1], " " * len(lead), lead).rstrip())
    return "\n".join(lines)


def matrix(names: Sequence[str], texts: Sequence[Sequence[str]], wide: int) -> list[str]:
    """Return what is said of each pair of names as lines of a table, in blocks of columns when it is too wide.

    Parameters
    ----------
    texts : sequence of sequence of str
        A row and a column for each name.
    wide : int
        No line is longer, unless a single column is.
    """
    left = 2 + min(max(map(len, names)), 16)
    right = min(max(5, *(len(text) for row in texts for text in row), *(min(len(name), 12) for name in names)), 20)
    block = max(1, (wide - left) // (right + 2))
    lines = []
    for start in range(0, len(names), block):
        columns = range(len(names))[start : start + block]
        lines.append(" " * left + "".join(f"  {cut(names[column], right):>{right}}" for column in columns))
        for name, row in zip(names, texts, strict=True):
            cells = "".join(f"  {cut(row[column], right):>{right}}" for column in columns)
            lines.append(f"{'  ' + cut(name, left - 2):<{left}}{cells}")
    return lines


def cut(text: str, width: int) -> str:
    """Return a text cut to a width."""
    if len(text) <= width:
        return text
    return textwrap.shorten(text, width, placeholder="…") if " " in text else text[: width - 1] + "…"
