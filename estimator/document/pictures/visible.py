"""How small the visible part is: a hundred people, those who are registered dark and the others light."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import FONT, HIDDEN, SEEN, WIDTH, cell, row_of
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_ACROSS, _ROWS = 25, 4


def size(_figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 1.8


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw a hundred dots, and below them what is dark and what is light."""
    ax = canvas.subplots()
    seen = _of_hundred(figure)
    for number in range(_ACROSS * _ROWS):
        across, place = divmod(number, _ROWS)
        colour = SEEN if number < seen else HIDDEN
        ax.plot(across, -place, "o", markersize=9.5, color=colour, markeredgecolor=SEEN, markeredgewidth=0.6)
    for key, shade, down in (("registered", SEEN, -_ROWS - 0.1), ("unseen", HIDDEN, -_ROWS - 1.05)):
        row = row_of(figure, key)
        ax.plot(-0.2, down, "s", markersize=9, color=shade, markeredgecolor=SEEN, markeredgewidth=0.6)
        limits = cell(figure, row, "interval")
        text = words.text(
            "report.legend.of-hundred",
            what=row.label,
            number=cell(figure, row, "of-hundred").text,
            interval=limits.text if limits.lower is not None else "",
        )
        ax.text(0.5, down, text, fontsize=FONT, va="center")
    ax.set_xlim(-0.7, _ACROSS - 0.3)
    ax.set_ylim(-_ROWS - 1.6, 0.6)
    ax.set_axis_off()


def _of_hundred(figure: Figure) -> int:
    value = cell(figure, row_of(figure, "registered"), "of-hundred").value
    return 0 if value is None else round(value)


def alt(figure: Figure, words: Words) -> str:
    """Say how many of a hundred people are dark."""
    seen, hidden = (cell(figure, row_of(figure, key), "of-hundred").text for key in ("registered", "unseen"))
    return words.text("report.alt.visible", seen=seen, hidden=hidden)
