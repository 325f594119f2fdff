"""Year by year: how many are registered, how many are estimated, and what was published before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimator.document.content import Figure
from estimator.document.pictures.shared import HIDDEN, LINE, MARK, OTHER, SEEN, SMALL, WIDTH, cell, column_title, quiet
from estimator.report.figures.axes import legend_above, people_on
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas


def size(_figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return WIDTH, 3.3


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw bars for the registered, a mark and a line for each estimate, diamonds for published figures."""
    ax, rows = canvas.subplots(), figure.data.rows
    keys = [column.key for column in figure.data.columns]
    known = [cell(figure, row, "registered").value or 0 for row in rows]
    ax.bar(range(len(rows)), known, width=0.62, color=SEEN, label=column_title(figure, "registered"))
    sets = [key for key in keys if key.startswith("estimated")]
    for number, key in enumerate(sets):
        colour, marker = ((LINE, "o"), (OTHER, "s"), ("#6b6b6b", "^"), ("#7a3b69", "v"))[number % 4]
        shift = 0.2 * (number - (len(sets) - 1) / 2)
        for place, row in enumerate(rows):
            middle, limits = cell(figure, row, key), cell(figure, row, key.replace("estimated", "interval"))
            at = [place + shift] * 2
            if limits.lower is not None and limits.upper is not None:
                ax.plot(at, [limits.lower, limits.upper], color=HIDDEN if number == 0 else "#f3d3b0", linewidth=7)
                ax.plot(at, [limits.lower, limits.upper], color=colour, linewidth=1.3)
            label = None if place else column_title(figure, key)
            ax.plot(
                at[0],
                np.nan if middle.value is None else middle.value,
                marker,
                color="white",
                markeredgecolor=colour,
                markersize=6,
                label=label,
            )
            if number == 0 and limits.upper is not None:
                above = (at[0], limits.upper)
                ax.annotate(
                    middle.text, above, (5, 3), textcoords="offset points", ha="right", fontsize=SMALL, color=colour
                )
    if "published" in keys:
        said = [(place, cell(figure, row, "published").value) for place, row in enumerate(rows)]
        points = [(place + 0.34, value) for place, value in said if value is not None]
        ax.plot(*zip(*points, strict=True), "D", color=MARK, markersize=5, label=column_title(figure, "published"))
    ax.set_xticks(range(len(rows)), [row.label for row in rows])
    ax.set_ylim(bottom=0)
    people_on(ax.yaxis, words, most=6)
    ax.set_ylabel(words.text("report.column.people-per-year"), fontsize=SMALL)
    ax.grid(axis="y", color="#dcdcdc", linewidth=0.6)
    ax.set_axisbelow(True)
    quiet(ax, "bottom")
    legend_above(ax, 2, fontsize=SMALL)


def alt(figure: Figure, words: Words) -> str:
    """Say the registered and estimated numbers of every year."""
    years = tuple(
        words.text(
            "report.alt.year",
            year=row.label,
            registered=cell(figure, row, "registered").text,
            estimated=cell(figure, row, "estimated").text,
            interval=cell(figure, row, "interval").text,
        )
        for row in figure.data.rows
    )
    return words.text("report.alt.series", years=years)
