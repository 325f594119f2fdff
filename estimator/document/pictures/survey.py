"""Who said yes: of every group of a survey, which share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import FONT, SEEN, SMALL, WIDTH, cell, folded
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_LETTERS = 62


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 0.5 + 0.42 * len(figure.data.rows)


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw a point per group with its 95 % interval, and the share beside it."""
    ax = canvas.subplots()
    for place, row in enumerate(figure.data.rows):
        share, limits = cell(figure, row, "share"), cell(figure, row, "interval")
        weight = "bold" if row.strong else "normal"
        ax.text(0, -place + 0.22, folded(row.label, _LETTERS), fontsize=FONT, va="bottom", fontweight=weight)
        ax.plot([0, 1], [-place] * 2, color="0.85", linewidth=1)
        if limits.lower is not None and limits.upper is not None and share.value is not None:
            ax.plot([limits.lower, limits.upper], [-place] * 2, color=SEEN, linewidth=3)
            ax.plot(share.value, -place, "o", color="white", markeredgecolor=SEEN, markersize=7)
        ax.text(1.02, -place, f"{share.text} ({limits.text})", fontsize=SMALL, va="center")
    ax.set_xlim(0, 1.32)
    ax.set_ylim(-len(figure.data.rows) + 0.5, 0.9)
    ax.set_axis_off()


def alt(figure: Figure, words: Words) -> str:
    """Say the share of every group."""
    shares = tuple(f"{row.label} {cell(figure, row, 'share').text}" for row in figure.data.rows)
    return words.text("report.alt.survey", caption=figure.caption, shares=shares)
