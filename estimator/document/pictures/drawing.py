"""A figure of a report as a picture, as words and as data: all three from its table, and from nothing else.

A kind of figure is a module of this room with ``size``, ``draw`` and ``alt``, named in `DRAWINGS`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from estimator.document.content import Cell, Figure, Table
from estimator.document.pictures import (
    coverage,
    density,
    fan,
    months,
    multiverse,
    overlap,
    series,
    survey,
    unknown_levels,
    visible,
)
from estimator.report.figures.axes import new_figure
from estimator.words.shown import in_cell
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


@dataclass(frozen=True)
class Drawing:
    """One kind of figure.

    Parameters
    ----------
    size : callable
        Width and height in inches.
    draw : callable
        Draws on an empty canvas.
    alt : callable
        Says in words what the picture shows.
    """

    size: Callable[[Figure], tuple[float, float]]
    draw: Callable[[Canvas, Figure, Words], None]
    alt: Callable[[Figure, Words], str]


DRAWINGS = {
    module.__name__.rpartition(".")[2]: Drawing(module.size, module.draw, module.alt)
    for module in (visible, coverage, series, density, overlap, fan, months, survey, multiverse, unknown_levels)
}
"""Kinds of figures by name."""

_STAMP_COLOUR, _LARGEST_STAMP, _LETTER = "#8a2b00", 22.0, 0.7
"""Of what stands across a picture; a letter is about so wide for its height."""
_BAND, _BAND_LETTERS = 0.24, 10.0
"""How high the band above a picture is, in inches, and its letters, in points."""


def alt_of(figure: Figure, words: Words) -> str:
    """Return what a figure shows, in words, for those who do not see it."""
    return DRAWINGS[figure.drawing].alt(figure, words)


def svg_of(figure: Figure, words: Words, stamp: str = "", *, outlines: bool = True) -> bytes:
    """Return a figure as SVG.

    Parameters
    ----------
    outlines : bool
        Whether letters are drawn, so that they look the same everywhere. As text they take a sixth of the room and
        are in the reader's own letters, which are hardly ever wider than those for which the picture was laid out.
    """
    import matplotlib

    target = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": figure.id, "svg.fonttype": "path" if outlines else "none"}):
        _drawn(figure, words, stamp).savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()


def png_of(figure: Figure, words: Words, stamp: str = "", dpi: int = 200) -> bytes:
    """Return a figure as PNG."""
    target = io.BytesIO()
    _drawn(figure, words, stamp).savefig(target, format="png", dpi=dpi, metadata={"Software": None})
    return target.getvalue()


def _drawn(figure: Figure, words: Words, stamp: str) -> Canvas:
    drawing = DRAWINGS[figure.drawing]
    width, height = drawing.size(figure)
    canvas = new_figure(width, height + (_BAND if stamp else 0.0))
    drawing.draw(canvas, figure, words)
    if stamp:
        _stamp(canvas, stamp)
    return canvas


def _stamp(canvas: Canvas, stamp: str) -> None:
    """Write across a picture what speaks against publishing: in a band above it, and behind it in faint letters.

    Nothing of the picture is hidden by either, and whoever cuts the band away is left with the letters.
    """
    from matplotlib.patches import Rectangle

    width, height = canvas.get_figwidth(), canvas.get_figheight()
    layout, top = canvas.get_layout_engine(), 1 - _BAND / height
    if layout is not None:
        layout.set(rect=(0, 0, 1, top))  # type: ignore[call-arg]
    band = Rectangle((0, top), 1, 1 - top, transform=canvas.transFigure, facecolor=_STAMP_COLOUR, edgecolor="none")
    canvas.add_artist(band)
    middle: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold"}
    room = 72 * width / (_LETTER * len(stamp))
    canvas.text(0.5, (1 + top) / 2, stamp, fontsize=min(_BAND_LETTERS, room), color="white", **middle)
    for ax in canvas.axes:
        ax.patch.set_visible(False)
    faint: dict[str, Any] = {"color": _STAMP_COLOUR, "alpha": 0.13, "zorder": -1, "rotation": 10, **middle}
    canvas.text(0.5, top / 2, stamp, fontsize=min(_LARGEST_STAMP, room), **faint)


def csv_of(table: Table) -> str:
    """Return a table as CSV: the numbers as they are printed, with a point for decimals in every language.

    Every column of intervals becomes two, of lower and upper limits, beside that of its numbers where it has some; what
    has no number stands in words.
    """
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    columns = [[row.cells[place] for row in table.rows] for place in range(len(table.columns))]
    parts = [_parts_of(cells) for cells in columns]
    bounds = [any(cell.value is not None and cell.lower is not None for cell in cells) for cells in columns]
    head = [
        f"{column.key}{_ENDINGS[part]}" for column, named in zip(table.columns, parts, strict=True) for part in named
    ]
    writer.writerow(map(in_cell, ["key", "label", *head]))
    for row in table.rows:
        written = [in_cell(row.key), in_cell(row.label)]
        for cell, named, bounded in zip(row.cells, parts, bounds, strict=True):
            written += [_plain(cell, part, bounded) for part in named]
        writer.writerow(written)
    return target.getvalue()


_ENDINGS = {"value": "", "lower": "_lower", "upper": "_upper"}


def _parts_of(cells: list[Cell]) -> list[str]:
    """Return which parts the cells of a column have: a number, the limits of an interval, or both."""
    if all(cell.lower is None for cell in cells):
        return ["value"]
    numbers = any(cell.value is not None for cell in cells)
    return ["value", "lower", "upper"] if numbers else ["lower", "upper"]


def _plain(cell: Cell, part: str, bounded: bool) -> str:
    """Return a part of a cell, a number without separators; where the cell has none at all, its words.

    Among bounds of numbers, a number that is known is its own.
    """
    values = {"value": cell.value, "lower": cell.lower, "upper": cell.upper}
    value = values[part]
    if value is None and bounded and cell.lower is None and cell.upper is None:
        value = cell.value
    if value is not None:
        return f"{value:.10g}"
    if part == "upper" and cell.lower is not None:
        return in_cell(cell.text)  # without an upper limit: "57 or more"
    known = any(one is not None for one in values.values())
    return "" if known or cell.text == "–" else in_cell(cell.text)
