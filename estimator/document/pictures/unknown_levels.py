"""Each group by the estimate, without people of whom something is unknown, and at the ends of what they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import HIDDEN, LINE, OTHER, SMALL, WIDTH, cell, folded, quiet
from estimator.report.figures.axes import people_on
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LETTERS = 38
_MARKS = {"model": "o", "dropped": "X", "lowest": "v", "highest": "^"}
"""By the end of a row's key: told apart without colour."""


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 0.6 + 0.3 * len(figure.data.rows)


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw the intervals of each group below its name, on a logarithmic scale."""
    ax = canvas.subplots()
    for place, row in enumerate(figure.data.rows):
        middle, limits = cell(figure, row, "estimated"), cell(figure, row, "interval")
        if middle.value is None or limits.lower is None or limits.upper is None:
            ax.axhline(place - 0.5, color=HIDDEN, linewidth=0.8)
            continue
        kind = row.key.rpartition(": ")[2]
        ends, colour = [max(limits.lower, 1.0), max(limits.upper, 1.0)], LINE if kind == "model" else OTHER
        ax.plot(ends, [place, place], color=HIDDEN, linewidth=8, solid_capstyle="butt")
        ax.plot(ends, [place, place], color=colour, linewidth=1.4)
        ax.plot(max(middle.value, 1.0), place, _MARKS[kind], color="white", markeredgecolor=colour, markersize=6)
    ax.set_yticks(range(len(figure.data.rows)), [folded(row.label, _LETTERS) for row in figure.data.rows])
    ax.set_ylim(len(figure.data.rows) - 0.4, -0.6)
    ax.set_xscale("log")
    people_on(ax.xaxis, words, most=5)
    quiet(ax, "bottom")
    for tick, row in zip(ax.get_yticklabels(), figure.data.rows, strict=True):
        tick.set_fontsize(SMALL - 1)
        tick.set_fontweight("bold" if row.strong else "normal")


def alt(figure: Figure, words: Words) -> str:
    """Say the number of each row."""
    said, group = [], ""
    for row in figure.data.rows:
        if row.strong:
            group = row.label
        else:
            said.append(
                f"{group}, {row.label}: {cell(figure, row, 'estimated').text} ({cell(figure, row, 'interval').text})"
            )
    return words.text("report.alt.unknown-levels", rows=tuple(said))
