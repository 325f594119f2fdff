"""Who is least seen: of every group, which share is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import FONT, HIDDEN, SEEN, SMALL, WIDTH, cell, folded
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LETTERS = 62


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    lines = sum(folded(row.label, _LETTERS).count("\n") for row in figure.data.rows)
    return WIDTH, 0.35 + 0.42 * len(figure.data.rows) + 0.16 * lines


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw a bar per group, its dark part the registered; a line for the 95 % interval, the share beside it."""
    ax = canvas.subplots()
    place = 0.0
    for row in figure.data.rows:
        label = folded(row.label, _LETTERS)
        place += 1.0 + 0.38 * label.count("\n")
        share, limits = cell(figure, row, "coverage"), cell(figure, row, "interval")
        ax.text(0, -place + 0.36, label, fontsize=FONT, va="bottom", fontweight="bold" if row.strong else "normal")
        ax.barh(-place, 1, height=0.42, color=HIDDEN)
        if share.value is not None:
            ax.barh(-place, share.value, height=0.42, color=SEEN)
        if limits.lower is not None and limits.upper is not None:
            ax.plot([limits.lower, limits.upper], [-place] * 2, color="white", linewidth=3.2)
            ax.plot([limits.lower, limits.upper], [-place] * 2, color="black", linewidth=1.4)
        said = share.text if limits.lower is None else f"{share.text} ({limits.text})"
        ax.text(1.01, -place, said, fontsize=SMALL, va="center")
    ax.set_xlim(0, 1.32)
    ax.set_ylim(-place - 0.4, 0.05)
    ax.set_axis_off()


def alt(figure: Figure, words: Words) -> str:
    """Say the share of every group, the least seen first."""
    shares = tuple(f"{row.label} {cell(figure, row, 'coverage').text}" for row in figure.data.rows)
    return words.text("report.alt.coverage", shares=shares)
