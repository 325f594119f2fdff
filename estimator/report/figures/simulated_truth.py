"""The picture of intervals beside truths that are known."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from estimator.checks.numbers import ScenarioNumbers, SimulatedNumbers
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, log_ticks, ratios_on
from estimator.report.labels import Labels
from estimator.study.questions import TOTAL
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def size(_numbers: Mapping[str, ScenarioNumbers]) -> tuple[float, float]:
    """Return width and height in inches."""
    return 9.0, 4.8


def draw(figure: Figure, numbers: Mapping[str, ScenarioNumbers], words: Words, _labels: Labels) -> None:
    """Draw the 95 % interval of every simulated table over its truth, a pair of axes for each kind of table."""
    kinds = {name: kind["groups"][TOTAL] for name, kind in numbers.items() if TOTAL in kind["groups"]}
    axes = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for ax, (name, total) in zip(axes, kinds.items(), strict=True):
        _draw(ax, total["simulations"])
        held = total["truth_inside"]["0.95"]
        kind = textwrap.fill(words.text("kind-of-simulated-table", kind=name), 34)
        inside = words.text("picture.truth.held", held=held["inside"], tables=held["of"])
        ax.set_title(f"{kind}\n{inside}", fontsize=9, loc="left")
        ax.set_xlabel(words.text("picture.truth.tables"), fontsize=8)
    lower, upper = axes[0].get_ylim()
    ratios_on(axes[0].yaxis, tuple(log_ticks(lower, upper, 8)), words)
    axes[0].set_ylabel(words.text("picture.truth.axis"))


def _draw(ax: Axes, simulations: Sequence[SimulatedNumbers]) -> None:
    for place, table in enumerate(sorted(simulations, key=lambda table: table["median"] / table["truth"])):
        lower, upper = table["interval"]
        truth = table["truth"]
        held = lower <= truth <= upper
        colour = ESTIMATED if held else REGISTERED
        ax.plot([place, place], [lower / truth, upper / truth], color=colour, linewidth=1.4 if held else 2.2)
        ax.plot([place], [table["median"] / truth], "o" if held else "X", color=colour, markersize=4)
    ax.axhline(1.0, color="black", linewidth=0.8)
    ax.set_yscale("log")
    ax.tick_params(axis="y", which="both", labelsize=8)
    ax.set_xticks([])
    bare(ax)
