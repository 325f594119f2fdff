"""The picture of what an answer leans on: sensitivities to every part of the prior, and to the data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from estimator.checks.loglinear.power_sensitivity import ALL_PRIORS, DATA
from estimator.checks.numbers import PowerScalingNumbers
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare
from estimator.report.labels import Labels
from estimator.study.questions import TOTAL
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def size(numbers: PowerScalingNumbers) -> tuple[float, float]:
    """Return width and height in inches."""
    return 8.5, 1.7 + 0.42 * len(numbers["groups"][TOTAL]["parts"])


def draw(figure: Figure, numbers: PowerScalingNumbers, words: Words, labels: Labels) -> None:
    """Draw how far every group moves with every part of the prior, and with the data."""
    ax, groups = figure.subplots(), numbers["groups"]
    own = [part for part in groups[TOTAL]["parts"] if part not in (ALL_PRIORS, DATA)]
    parts = [ALL_PRIORS, *own, DATA]
    for row, part in enumerate(parts):
        values = {name: group["parts"][part]["sensitivity"] for name, group in groups.items()}
        total = values.pop(TOTAL)
        others = list(values.values())
        ax.plot(others, [row] * len(others), "|", color=REGISTERED, markersize=11, markeredgewidth=1.6)
        ax.plot([0, total], [row, row], color=ESTIMATED, linewidth=1.5, zorder=1)
        ax.plot(total, row, "o", color=ESTIMATED, markersize=8)
    ax.plot([], [], "o", color=ESTIMATED, markersize=8, label=labels.group(TOTAL))
    if len(groups) > 1:
        label = words.text("picture.power.each-group")
        ax.plot([], [], "|", color=REGISTERED, markersize=11, markeredgewidth=1.6, label=label)
    limit = numbers["threshold"]
    label = words.text("picture.power.matters-from", limit=limit)
    ax.axvline(limit, color="black", linestyle=":", linewidth=1.5, label=label)
    names = [words.text("part-of-assumptions", part=part) for part in parts]
    ax.set_yticks(range(len(parts)), [textwrap.fill(name, 38) for name in names], fontsize=9)
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: words.text("picture.two-digits", value=value))
    ax.set_xlabel(words.text("picture.power.axis"))
    bare(ax)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9)
