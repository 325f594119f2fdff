"""The picture of the total without each list, and with each two lists as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.checks.numbers import Intervals, LeaveListOutNumbers
from estimator.report.figures.axes import (
    BETWEEN,
    CLOSE_THICKNESS,
    ESTIMATED,
    REGISTERED,
    bare,
    legend_above,
    people_on,
)
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLES = {
    "agrees": ("o", ESTIMATED),
    "moves": ("D", BETWEEN),
    "contradicts": ("X", REGISTERED),
    "held by the priors": ("o", "0.6"),
}


def size(numbers: LeaveListOutNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 1.8 + 0.26 * (len(numbers["alternatives"]) + 1)


def draw(figure: Figure, numbers: LeaveListOutNumbers, words: Words, _labels: Labels) -> None:
    """Draw the total with all lists, and below it every alternative."""
    ax = figure.subplots()
    full, alternatives = numbers["full"], numbers["alternatives"]
    ax.axvspan(full["lower"], full["upper"], color="0.92", zorder=0)
    ax.axvline(full["median"], color="black", linewidth=1)
    _row(ax, 0, full["median"], full["intervals"], "s", "black")
    for row, other in enumerate(alternatives, start=1):
        if other["median"] is None or other["intervals"] is None:
            ax.text(full["median"], row, f" {words.text('picture.lists.not-estimable')}", fontsize=8, va="center")
        else:
            _row(ax, row, other["median"], other["intervals"], *_STYLES[other["agreement"]])
    for agreement in dict.fromkeys(other["agreement"] for other in alternatives if other["intervals"] is not None):
        mark, colour = _STYLES[agreement]
        label = words.text("picture.lists.agreement", agreement=agreement)
        ax.plot([], [], mark, color="white", markeredgecolor=colour, label=label)
    names = [words.text("picture.lists.row", lists=tuple(other["lists"])) for other in alternatives]
    ax.set_yticks(range(len(names) + 1), [words.text("picture.lists.all"), *names], fontsize=8)
    ax.set_ylim(len(names) + 0.6, -0.6)
    ax.set_xscale("log")
    people_on(ax.xaxis, words)
    ax.set_xlabel(words.text("picture.lists.axis", levels=tuple(map(float, full["intervals"]))))
    legend_above(ax, 4)
    bare(ax)


def _row(ax: Axes, row: int, median: float, intervals: Intervals, mark: str, colour: str) -> None:
    for level, limits in intervals.items():
        thickness = CLOSE_THICKNESS[float(level)]
        ax.plot(limits, [row, row], color=colour, linewidth=thickness, solid_capstyle="butt", zorder=3)
    ax.plot([median], [row], mark, color="white", markeredgecolor=colour, markersize=6, zorder=4)
