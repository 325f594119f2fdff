"""What figures of a report share: colours that print in grey, sizes that a telephone can show, cells by column."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from estimator.document.content import Cell, Figure, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 5.6
"""Of every figure, in inches: wide enough for print, narrow enough for a telephone."""

SEEN, HIDDEN, LINE, OTHER, MARK = "#12395b", "#c9dcec", "#12395b", "#b35a00", "#000000"
"""Dark for the registered, light for the rest; a second colour told apart by colour-blind readers and in grey."""

FONT, SMALL = 9.5, 8.5
LETTERS = 74
"""Characters of a line of small type across a figure."""


def cell(figure: Figure, row: Row, key: str) -> Cell:
    """Return the cell of a row in the column with a key."""
    place = [column.key for column in figure.data.columns].index(key)
    return row.cells[place]


def row_of(figure: Figure, key: str) -> Row:
    """Return the row with a key."""
    return next(row for row in figure.data.rows if row.key == key)


def column_title(figure: Figure, key: str) -> str:
    """Return the head of a column."""
    return next(column.title for column in figure.data.columns if column.key == key)


def folded(text: str, letters: int) -> str:
    """Return text in lines of at most a number of characters."""
    return textwrap.fill(text, letters)


def quiet(ax: Axes, *sides: str) -> None:
    """Take away the frame of a picture, but for some sides, and the small lines that mark its scale."""
    for side, spine in ax.spines.items():
        spine.set_visible(side in sides)
        spine.set_color("#6b6b6b")
    ax.tick_params(length=0, labelsize=SMALL, colors="#1a1a1a")
