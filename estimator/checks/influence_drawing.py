"""The picture of what single numbers do to the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.checks.influence import Influences
from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 15


def draw_influences(figure: Figure, found: Influences) -> None:
    """Draw the median of the total without each of the numbers that move it most.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one.
    """
    ax = figure.subplots()
    shown = found.each[:_SHOWN]
    for row, one in enumerate(shown):
        colour = ESTIMATED if one.reliable else "0.6"
        ax.plot([found.median, one.median], [row, row], color=colour, linewidth=2)
        ax.plot([one.median], [row], "s" if one.refitted else "o", color=colour, markersize=6)
    ax.axvline(found.median, color=REGISTERED, linewidth=1.2, label="median with all numbers")
    ax.plot([], [], "o", color=ESTIMATED, label="without this number (importance weights)")
    ax.plot([], [], "s", color=ESTIMATED, label="without this number (fitted again)")
    if any(not one.reliable for one in shown):
        ax.plot([], [], "o", color="0.6", label="not reliable")
    ax.set_yticks(range(len(shown)), [one.name for one in shown], fontsize=8)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel("population size (median)")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
