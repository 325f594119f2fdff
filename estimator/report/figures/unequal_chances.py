"""The picture of the total as printed, and as it would be if people differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.checks.numbers import UnequalNumbers
from estimator.report.figures.axes import BETWEEN, ESTIMATED, bare, people_on
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def size(_numbers: UnequalNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 8.5, 2.0


def draw(figure: Figure, numbers: UnequalNumbers, words: Words, _labels: Labels) -> None:
    """Draw both 95 % intervals with their medians, and the registered number as a line."""
    ax = figure.subplots()
    for row, (total, colour) in enumerate(((numbers["own"], ESTIMATED), (numbers["then"], BETWEEN))):
        ax.plot([total["lower"], total["upper"]], [row, row], color=colour, linewidth=3, solid_capstyle="butt")
        ax.plot([total["median"]], [row], "o", color="white", markeredgecolor=colour, markersize=7)
    ax.axvline(numbers["registered"], color="0.4", linewidth=1)
    ax.set_yticks([0, 1], [words.text("picture.differ.own"), words.text("picture.differ.then")])
    ax.set_ylim(1.6, -0.6)
    ax.set_xscale("log")
    people_on(ax.xaxis, words)
    ax.set_xlabel(words.text("picture.differ.axis"))
    bare(ax)
