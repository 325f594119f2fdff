"""Overlap of lists: how many people each combination of lists saw, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import HIDDEN, SEEN, SMALL, WIDTH, cell, folded, quiet
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_LABEL = 26


def _lists(figure: Figure) -> list[tuple[str, str]]:
    """Return the lists: the key of each one's column, and what it is called."""
    return [(column.key, column.title) for column in figure.data.columns if column.key != "registered"]


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 1.9 + 0.36 * len(_lists(figure))


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw a bar per combination, and below it which lists it is made of; a tick where a count is not shown."""
    lists, rows = _lists(figure), figure.data.rows
    above, below = canvas.subplots(2, 1, sharex=True, height_ratios=[1.5, 0.36 * len(lists)])
    counts = [cell(figure, row, "registered") for row in rows]
    above.bar(range(len(rows)), [count.value or 0 for count in counts], color=SEEN, width=0.7)
    top = max((count.value or 0 for count in counts), default=0) or 1
    for place, count in enumerate(counts):
        at = (place, count.value or 0)
        above.annotate(
            count.text, at, (0, 2), textcoords="offset points", ha="center", fontsize=7, rotation=60 if top > 99 else 0
        )
    above.set_ylim(0, max(top, 1) * 1.25)
    above.set_yticks([])
    above.set_ylabel(next(column.title for column in figure.data.columns if column.key == "registered"), fontsize=SMALL)
    quiet(above, "bottom")
    _draw_matrix(below, figure)


def _draw_matrix(ax: Axes, figure: Figure) -> None:
    """Draw which lists each combination is made of."""
    lists, rows = _lists(figure), figure.data.rows
    for place, row in enumerate(rows):
        on = [number for number, (key, _) in enumerate(lists) if cell(figure, row, key).value]
        off = [number for number in range(len(lists)) if number not in on]
        ax.plot([place] * len(off), off, "o", color=HIDDEN, markersize=5)
        ax.plot([place] * len(on), on, "-o", color=SEEN, markersize=6, linewidth=1.6)
    ax.set_yticks(range(len(lists)), [folded(label, _LABEL) for _, label in lists])
    ax.set_ylim(len(lists) - 0.4, -0.6)
    ax.set_xticks([])
    quiet(ax)
    ax.tick_params(axis="y", labelsize=7.5)


def alt(figure: Figure, words: Words) -> str:
    """Say the largest combinations and how many people they have."""
    largest = tuple(f"{row.label}: {cell(figure, row, 'registered').text}" for row in figure.data.rows[:5])
    return words.text("report.alt.overlap", lists=len(_lists(figure)), largest=largest)
