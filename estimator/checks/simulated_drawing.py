"""The picture of intervals beside truths that are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.fits.scores import Judged
from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_simulated(figure: Figure, scenarios: Sequence[tuple[str, Sequence[Judged]]]) -> None:
    """Draw the 95 % interval of every simulated table over its truth, a pair of axes for each kind of table.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one.
    """
    axes = figure.subplots(1, len(scenarios), sharey=True, squeeze=False)[0]
    for ax, (name, judged) in zip(axes, scenarios, strict=True):
        _draw(ax, judged)
        inside = sum(one.holds(0.95) for one in judged)
        ax.set_title(f"{name}\n{inside} of {len(judged)} hold the truth", fontsize=9, loc="left")
    axes[0].set_ylabel("estimated over true number of people")


def _draw(ax: Axes, judged: Sequence[Judged]) -> None:
    ordered = sorted(judged, key=lambda one: one.log_error)
    for place, one in enumerate(ordered):
        held = one.holds(0.95)
        colour = ESTIMATED if held else REGISTERED
        lower, upper = one.limits(0.95)
        ax.plot([place, place], [lower / one.truth, upper / one.truth], color=colour, linewidth=1.4 if held else 2.2)
        ax.plot([place], [one.quantiles[0.5] / one.truth], "o" if held else "X", color=colour, markersize=4)
    ax.axhline(1.0, color="black", linewidth=0.8)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("{x:g}")
    ax.tick_params(axis="y", which="both", labelsize=8)
    ax.set_xticks([])
    ax.set_xlabel("simulated tables, by estimate", fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
