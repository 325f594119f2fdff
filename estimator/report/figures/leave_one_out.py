"""The picture of what single numbers do to the total."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from estimator.checks.numbers import LeaveOneOutNumbers
from estimator.reasons import Reason
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, legend_above, people_on
from estimator.report.labels import Labels, with_labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 15


def size(numbers: LeaveOneOutNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 1.6 + 0.38 * min(len(numbers["most_influential"]), _SHOWN)


def draw(figure: Figure, numbers: LeaveOneOutNumbers, words: Words, labels: Labels) -> None:
    """Draw the median of the total without each of the numbers that move it most."""
    ax = figure.subplots()
    shown, median = numbers["most_influential"][:_SHOWN], numbers["median"]
    for row, influence in enumerate(shown):
        colour = ESTIMATED if influence["reliable"] else "0.6"
        ax.plot([median, influence["median"]], [row, row], color=colour, linewidth=2)
        mark = "s" if influence["refitted"] else "o"
        ax.plot([influence["median"]], [row], mark, color=colour, markersize=6)
    label = words.text("picture.influence.with-all")
    ax.axvline(median, color=REGISTERED, linewidth=1.2, label=label)
    ax.plot([], [], "o", color=ESTIMATED, label=words.text("picture.influence.by-weights"))
    ax.plot([], [], "s", color=ESTIMATED, label=words.text("picture.influence.fitted-again"))
    if any(not influence["reliable"] for influence in shown):
        ax.plot([], [], "o", color="0.6", label=words.text("picture.influence.not-reliable"))
    names = [words.say(with_labels(Reason.of_dict(influence["name"]), labels)) for influence in shown]
    ax.set_yticks(range(len(shown)), [textwrap.fill(name, 66) for name in names], fontsize=7)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel(words.text("picture.influence.axis"))
    people_on(ax.xaxis, words, most=6)
    legend_above(ax, 2, fontsize=8)
    bare(ax)
