"""Registrations by month: a line for each list."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import SMALL, WIDTH, cell, folded, quiet
from estimator.report.figures.axes import legend_above
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_COLOURS = ("#12395b", "#b35a00", "#6b6b6b", "#7a3b69", "#2f6f4f", "#8a2b00")
_STYLES = ("-", "--", ":")
_MOST_MARKS, _FEW = 8, 30


def size(_figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 3.3


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw the lines; a month whose number is not shown leaves a gap."""
    ax, rows = canvas.subplots(), figure.data.rows
    for number, column in enumerate(figure.data.columns):
        values = [cell(figure, row, column.key).value for row in rows]
        heights = [math.nan if value is None else value for value in values]
        style = _STYLES[number // len(_COLOURS) % len(_STYLES)]
        colour = _COLOURS[number % len(_COLOURS)]
        mark = "." if len(rows) < _FEW else ""
        ax.plot(
            range(len(rows)), heights, style, color=colour, linewidth=1.3, label=folded(column.title, 34), marker=mark
        )
    step = max(1, math.ceil(len(rows) / _MOST_MARKS))
    ax.set_xticks(range(0, len(rows), step), [row.label for row in rows[::step]], fontsize=SMALL)
    ax.set_ylim(0, max(ax.get_ylim()[1], 1))
    ax.locator_params(axis="y", integer=True)
    ax.set_ylabel(words.text("registers.axis.months"), fontsize=SMALL)
    quiet(ax, "bottom", "left")
    legend_above(ax, 2)


def alt(figure: Figure, words: Words) -> str:
    """Say which months and how many lists."""
    rows = figure.data.rows
    return words.text("registers.alt.months", first=rows[0].label, last=rows[-1].label, lists=len(figure.data.columns))
