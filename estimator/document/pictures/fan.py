"""The same total under each set of assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import FONT, HIDDEN, LINE, SMALL, WIDTH, cell, folded, quiet
from estimator.report.figures.axes import people_on
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LETTERS = 60


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 0.78 + 0.62 * len(figure.data.rows)


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw an interval and its median for each set of assumptions, all on one scale that starts at nobody."""
    ax = canvas.subplots()
    largest = max(cell(figure, row, "interval").upper or 0 for row in figure.data.rows)
    for place, row in enumerate(figure.data.rows):
        middle, limits = cell(figure, row, "estimated"), cell(figure, row, "interval")
        ax.text(0, -place + 0.27, folded(row.label, _LETTERS), fontsize=FONT, fontweight="bold" if not place else None)
        if limits.lower is not None and limits.upper is not None:
            ax.plot([limits.lower, limits.upper], [-place] * 2, color=HIDDEN, linewidth=11, solid_capstyle="butt")
            ax.plot([limits.lower, limits.upper], [-place] * 2, color=LINE, linewidth=1.4)
        if middle.value is not None:
            ax.plot(middle.value, -place, "o", color="white", markeredgecolor=LINE, markersize=7)
            said = f"{middle.text} ({limits.text})"
            right = limits.upper or middle.value
            ax.annotate(said, (right, -place), (5, 0), textcoords="offset points", va="center", fontsize=SMALL)
    ax.set_xlim(0, largest * 1.38)
    ax.set_ylim(-len(figure.data.rows) + 0.5, 0.75)
    ax.set_yticks([])
    people_on(ax.xaxis, words, most=6)
    unit = next(column.unit for column in figure.data.columns if column.key == "estimated")
    ax.set_xlabel(unit[:1].upper() + unit[1:], fontsize=SMALL)
    quiet(ax, "bottom")


def alt(figure: Figure, words: Words) -> str:
    """Say the total under each set of assumptions."""
    totals = tuple(
        f"{row.label}: {cell(figure, row, 'estimated').text} ({cell(figure, row, 'interval').text})"
        for row in figure.data.rows
    )
    return words.text("report.alt.fan", totals=totals)
