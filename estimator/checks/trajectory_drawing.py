"""The picture of the total without each list, and with each two lists as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from estimator.methods.summary import Summary
from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {"agrees": ESTIMATED, "moves": "#E69F00", "contradicts": REGISTERED, "held by the priors": "0.6"}
_WORDS = {
    "agrees": "agrees",
    "moves": "moves",
    "contradicts": "contradicts",
    "held by the priors": "held by the priors alone",
}
_MARKS = {"agrees": "o", "moves": "D", "contradicts": "X", "held by the priors": "o"}


class Drawn(Protocol):
    """What is drawn of an alternative; see `estimator.checks.leave_list_out.Alternative`."""

    @property
    def name(self) -> str:
        """What stands beside its row."""

    @property
    def agreement(self) -> str:
        """How it compares."""

    @property
    def median(self) -> float | None:
        """None where nothing could be estimated."""

    @property
    def intervals(self) -> Mapping[float, tuple[float, float]] | None:
        """By probability."""


def trajectory_size(rows: int) -> tuple[float, float]:
    """Return width and height in inches of a picture of so many alternatives."""
    return 9.0, 1.8 + 0.26 * (rows + 1)


def draw_trajectory(figure: Figure, full: Summary, alternatives: Sequence[Drawn]) -> None:
    """Draw the total with all lists, and below it every alternative.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        An empty one.
    full : Summary
        With all lists.
    """
    ax = figure.subplots()
    ax.axvspan(full.lower, full.upper, color="0.92", zorder=0)
    ax.axvline(full.median, color="black", linewidth=1)
    _row(ax, 0, full.median, full.intervals, "black", "s")
    for row, one in enumerate(alternatives, start=1):
        if one.median is None or one.intervals is None:
            ax.text(full.median, row, " not estimable", fontsize=8, va="center")
        else:
            _row(ax, row, one.median, one.intervals, _COLOURS[one.agreement], _MARKS[one.agreement])
    for agreement in dict.fromkeys(one.agreement for one in alternatives if one.median is not None):
        ax.plot([], [], _MARKS[agreement], color=_COLOURS[agreement], label=_WORDS[agreement])
    ax.set_yticks(range(len(alternatives) + 1), ["all lists", *(one.name for one in alternatives)], fontsize=8)
    ax.set_ylim(len(alternatives) + 0.6, -0.6)
    ax.set_xscale("log")
    _readable(ax)
    ax.set_xlabel("population size (median; 50, 80, 95 %; logarithmic)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, frameon=False, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)


def _row(
    ax: Axes, row: int, median: float, intervals: Mapping[float, tuple[float, float]], colour: str, mark: str
) -> None:
    for limits, thickness in zip((intervals[level] for level in sorted(intervals)), (6.0, 3.5, 1.3), strict=True):
        ax.plot(limits, [row, row], color=colour, linewidth=thickness, solid_capstyle="butt", zorder=3)
    ax.plot([median], [row], mark, color="white", markeredgecolor=colour, markersize=6, zorder=4)


def _readable(ax: Axes) -> None:
    """Write people in full on a logarithmic axis."""
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.xaxis.set_minor_formatter(NullFormatter())
