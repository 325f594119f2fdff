"""A picture of a capture table: how many persons each combination of lists saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from estimator.capture.histories import membership
from estimator.capture.observations import UNBOUNDED, IntArray
from estimator.capture.table import CaptureTable
from estimator.capture.tallies import Registered
from estimator.report.figures.axes import new_figure
from estimator.words.shown import on_one_line
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 30
"""The largest combinations of lists are drawn, at most this many."""

GAP, DOTS = 0.03, 0.075
"""Distance below the bars, and height of one list's dots, as parts of the height of the bars."""

INK = "#1f3b5c"
PALE = "#d5dbe3"


def draw_table(table: CaptureTable, words: Words, labels: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """Draw the number of persons on each combination of lists, and below each bar which lists these are.

    Parameters
    ----------
    ax : Axes or None
        Where to draw; a new figure when None. Leave room below it for one line of dots for each list.

    Returns
    -------
    Axes
        Of the bars; a bar's thin line reaches to the largest number that the table allows.
    """
    from estimator.report.figures.plain_figure import as_written

    names = _names(table, words, labels)
    if ax is None:
        ax = _new_axes(table, max(map(len, names)))
    lower, upper = table.history_totals()
    seen = np.flatnonzero(upper > 0)
    order = seen[np.argsort(-lower[seen], kind="stable")][:MOST_BARS]
    _draw_bars(ax, lower[order], upper[order], words)
    number = table.registered
    title = words.text(
        "check.figure.title", lower=number.lower, upper=number.limit, shown=len(order), combinations=len(seen)
    )
    ax.set_title(title, loc="left", fontsize=10)
    ax.set_ylabel(words.text("check.figure.persons"))
    _draw_lists(ax, table, order, names)
    as_written(ax)
    return ax


def _names(table: CaptureTable, words: Words, labels: Mapping[str, str]) -> list[str]:
    """Return what stands beside the dots of each list: its name and its size."""
    return [f"{on_one_line(labels.get(name, name))}  {_number(words, n)}" for name, n in table.list_sizes().items()]


def _number(words: Words, number: Registered) -> str:
    return words.text("check.number", lower=number.lower, upper=number.limit)


def _new_axes(table: CaptureTable, longest: int) -> Axes:
    """Return axes of a new figure with room for the dots below them and the names of the lists beside these."""
    below = GAP + DOTS * table.n_lists
    figure = new_figure(9, 5, layout=None)
    bottom = (0.92 * below + 0.02) / (1 + below)
    figure.subplots_adjust(left=min(0.5, 0.05 + 0.0066 * longest), right=0.98, top=0.92, bottom=bottom)
    return figure.subplots()


def _draw_bars(ax: Axes, lower: IntArray, upper: IntArray, words: Words) -> None:
    """Draw one bar for each combination of lists, with its number."""
    x = np.arange(len(lower))
    height = np.maximum(lower, 0.5)
    ax.bar(x, height, color=INK, width=0.7)
    bounded = np.where(upper == UNBOUNDED, lower, upper)
    wide = np.flatnonzero(bounded > lower)
    ax.vlines(x[wide], height[wide], bounded[wide], color=INK, linewidth=1)
    for place, number in zip(x.tolist(), lower.tolist(), strict=True):
        text = words.text("check.figure.bar", number=number, more=bool(upper[place] > number))
        ax.annotate(
            text, (place, max(bounded[place], 0.5)), (0, 2), textcoords="offset points", ha="center", fontsize=7
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _position: words.text("check.figure.tick", number=value))
    ax.yaxis.set_minor_formatter(lambda _value, _position: "")
    ax.set_ylim(0.5, 3 * float(max(bounded.max(initial=1), 1)))
    ax.set_xlim(-0.6, max(len(lower), 1) - 0.4)
    ax.set_xticks([])
    ax.spines[["top", "right"]].set_visible(False)


def _draw_lists(ax: Axes, table: CaptureTable, order: IntArray, names: list[str]) -> None:
    """Draw, below the bars, a dot for each list that is in a combination."""
    on = membership(table.n_lists)[order]
    dots = ax.inset_axes((0, -GAP - DOTS * table.n_lists, 1, DOTS * table.n_lists), sharex=ax)
    for column, row in np.ndindex(on.shape):
        dots.plot(column, row, "o", color=INK if on[column, row] else PALE, markersize=5)
    for column, row in enumerate(on):
        rows = np.flatnonzero(row)
        dots.plot([column, column], [rows.min(), rows.max()], color=INK, linewidth=1.5)
    dots.set_yticks(range(table.n_lists), names, fontsize=8)
    dots.set_ylim(table.n_lists - 0.5, -0.5)
    dots.tick_params(length=0, bottom=False, labelbottom=False)
    dots.spines[:].set_visible(False)
