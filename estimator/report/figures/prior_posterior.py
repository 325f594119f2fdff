"""The picture of what was believed before and after the data, group by group."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from estimator.checks.numbers import PriorPosteriorNumbers
from estimator.report.figures.axes import ESTIMATED, bare, legend_above, people_on
from estimator.report.labels import Labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEIGHT = 0.85  # of the highest density, in rows


def size(numbers: PriorPosteriorNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 8.5, 1.8 + 0.6 * len(numbers["groups"])


def draw(figure: Figure, numbers: PriorPosteriorNumbers, words: Words, labels: Labels) -> None:
    """Draw the densities of log N before and after the data, one row for each group."""
    ax, groups = figure.subplots(), numbers["groups"]
    pictures = [group["picture"] for group in groups.values()]
    for row, picture in enumerate(pictures):
        people = np.geomspace(picture["from"], picture["to"], len(picture["before"]))
        top = max(*picture["before"], *picture["after"]) / _HEIGHT
        before, after = (row - np.array(picture[when]) / top for when in ("before", "after"))
        names = [words.text(code) if row == 0 else None for code in ("picture.belief.after", "picture.belief.before")]
        ax.fill_between(people, row, after, color=ESTIMATED, alpha=0.55, linewidth=0)
        ax.plot(people, after, color=ESTIMATED, linewidth=1.2, label=names[0])
        ax.plot(people, before, "--", color="black", linewidth=1.4, label=names[1])
        ax.axhline(row, color="0.8", linewidth=0.6, zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(min(picture["from"] for picture in pictures), max(picture["to"] for picture in pictures))
    ax.set_yticks(range(len(groups)), [textwrap.fill(labels.group(name), 34) for name in groups])
    ax.set_ylim(len(groups) - 0.7, -1.05)
    people_on(ax.xaxis, words)
    ax.set_xlabel(words.text("picture.people-log"))
    bare(ax, "left")
    legend_above(ax, 2)
