"""What was believed of the total before the counts, and what after: two curves over the number of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimator.document.content import Figure
from estimator.document.pictures.shared import HIDDEN, LINE, OTHER, SMALL, WIDTH, cell, column_title, quiet, row_of
from estimator.report.figures.axes import legend_above, people_on
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


_TOP = 1.2
"""Of the picture, where the curves end at 1: above them is room for what the line says."""


def size(_figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 2.7


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw both curves, as high as each other at their tops; how high says nothing, where says all."""
    ax = canvas.subplots()
    rows = [row for row in figure.data.rows if row.key.isdigit()]
    curve = [row for row in rows if cell(figure, row, "people").value is not None]  # fewer than may be told have none
    people = np.array([cell(figure, row, "people").value for row in curve], dtype=float)
    before, after = (
        np.array([cell(figure, row, key).value for row in curve], dtype=float) for key in ("prior", "posterior")
    )
    ax.fill_between(people, after, color=HIDDEN, linewidth=0)
    ax.plot(people, after, color=LINE, linewidth=1.8, label=column_title(figure, "posterior"))
    ax.plot(people, before, color=OTHER, linewidth=1.6, linestyle="--", label=column_title(figure, "prior"))
    known = cell(figure, row_of(figure, "registered"), "people")
    if known.value is not None:
        ax.axvline(known.value, color="black", linewidth=1)
        label = f"{row_of(figure, 'registered').label}: {known.text}"
        ax.annotate(
            label,
            (known.value, _TOP),
            (4, 0),
            textcoords="offset points",
            fontsize=SMALL,
            va="top",
        )
    ax.set_xscale("log")
    if len(people) > 1:
        ax.set_xlim(people[0], people[-1])
    ax.set_ylim(0, _TOP)
    ax.set_yticks([])
    people_on(ax.xaxis, words, most=6)
    ax.set_xlabel(column_title(figure, "people"), fontsize=SMALL)
    quiet(ax, "bottom")
    legend_above(ax, 2, fontsize=SMALL)


def alt(figure: Figure, words: Words) -> str:
    """Say where each curve lies."""
    prior, posterior = (cell(figure, row_of(figure, key), "people").text for key in ("prior", "posterior"))
    return words.text("report.alt.density", prior=prior, posterior=posterior)
