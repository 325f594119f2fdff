"""The picture of tipping points: the total against dependence, with what public registers show below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.public_evidence import PublicEvidence
from estimator.checks.tipping_roads import RESIDUAL, DependencePath
from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

_REACH = 1 / 20, 20.0
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)


def size_of() -> tuple[float, float]:
    """Return width and height in inches of the picture."""
    return 10.0, 5.4


def draw_roads(
    figure: Figure,
    roads: Mapping[str, DependencePath],
    limits: tuple[float, float],
    pairs: PublicEvidence,
    residuals: PublicEvidence,
) -> None:
    """Draw the total against the strength of dependence, one panel for each road.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty.
    limits : (float, float)
        The range, in persons.
    pairs, residuals : PublicEvidence
        What public registers show of log odds ratios, and of residual dependence.
    """
    panels = figure.subplots(2, len(roads), sharex="col", sharey="row", squeeze=False, height_ratios=[3, 1])
    for column, (name, road) in enumerate(roads.items()):
        _draw_total(panels[0, column], road, limits)
        is_residual = name == RESIDUAL
        _draw_public(panels[1, column], residuals if is_residual else pairs, road)
        title = "people out of sight of all lists" if is_residual else f"odds ratio: {name.replace('&', ' and ')}"
        panels[0, column].set_title(title, fontsize=10)
        panels[1, column].set_xlabel("times as many as implied" if is_residual else "odds ratio")
    panels[0, 0].set_ylim(*_people(roads.values(), limits))
    panels[0, 0].set_ylabel("people (N), log scale")
    panels[1, 0].set_ylabel("public\nregisters")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=4, frameon=False, fontsize=9)


def _people(roads: Iterable[DependencePath], limits: tuple[float, float]) -> tuple[float, float]:
    """Return from how many to how many people are drawn: a little more than the range and the medians within reach."""
    lowest, highest = np.log(_REACH)
    medians = [stop.median for road in roads for stop in road.stops if lowest <= stop.at <= highest]
    return max(min([*medians, limits[0]]), 1.0) / 1.3, min(max([*medians, limits[1]]), 6 * limits[1]) * 1.3


def _draw_total(ax: Axes, road: DependencePath, limits: tuple[float, float]) -> None:
    """Draw the median and the 95 % band of N, and the range."""
    from matplotlib.ticker import LogLocator

    at = np.exp([stop.at for stop in road.stops])
    total = np.array([stop.total for stop in road.stops]).reshape(-1, 3)
    ax.fill_between(at, total[:, 0], total[:, 2], color=ESTIMATED, alpha=0.25, linewidth=0, label="95 %")
    ax.plot(at, total[:, 1], color=ESTIMATED, linewidth=2, label="median")
    for limit in limits:
        ax.axhline(
            limit, color=REGISTERED, linestyle="--", linewidth=1.5, label="range" if limit == limits[0] else None
        )
    lower, middle, upper = np.exp(road.run)
    ax.axvline(middle, color="black", linewidth=1, linestyle=":", label="in the run (median; 95 % shaded)")
    if upper > lower:
        ax.axvspan(lower, upper, color="0.9", linewidth=0, zorder=0)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*_REACH)
    ax.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
    ax.minorticks_off()
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.spines[["top", "right"]].set_visible(False)


def _draw_public(ax: Axes, public: PublicEvidence, road: DependencePath) -> None:
    """Draw how dependent public registers are: shares in bins, each value spread over its uncertainty."""
    edges = np.linspace(np.log(_REACH[0]), np.log(_REACH[1]), 31)
    beyond = np.array([public.share_at_least(float(edge)) for edge in edges])
    ax.stairs(-np.diff(beyond), np.exp(edges), fill=True, color="0.55")
    ax.axvline(float(np.exp(road.run[1])), color="black", linewidth=1, linestyle=":")
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
