"""Pictures of a capture table: how many persons each combination of lists saw."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from estimator.capture.histories import membership
from estimator.capture.observations import UNBOUNDED, IntArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from estimator.capture.table import CaptureTable

MOST_BARS = 30
"""So many combinations of lists are drawn, the largest ones."""

GAP, DOTS = 0.03, 0.075
"""Distance below the bars, and height of one list's dots, as parts of the height of the bars."""

INK = "#1f3b5c"
PALE = "#d5dbe3"


def history_totals(table: CaptureTable) -> tuple[IntArray, IntArray]:
    """Return bounds of the number of persons with each recorded history, all strata together.

    Parameters
    ----------
    table : CaptureTable
        L lists.

    Returns
    -------
    lower, upper : ndarray of int64, shape (2^L,)
        Persons certainly, and at most, written down with each history; `UNBOUNDED` when nothing bounds it.
    """
    observations = table.observations
    history = table.recorded.reshape(-1)[observations.cell]
    pairs = np.unique(observations.owner * table.n_histories + history)
    owner, seen = pairs // table.n_histories, pairs % table.n_histories
    certain = np.bincount(owner, minlength=len(observations))[owner] == 1
    lower, upper = np.zeros(table.n_histories, np.int64), np.zeros(table.n_histories, np.int64)
    np.add.at(lower, seen[certain], observations.lower[owner[certain]])
    unbounded = observations.upper[owner] == UNBOUNDED
    np.add.at(upper, seen, np.where(unbounded, 0, observations.upper[owner]))
    upper[seen[unbounded]] = UNBOUNDED
    return lower, upper


def draw(table: CaptureTable, ax: Axes | None, labels: Mapping[str, str]) -> Axes:
    """Draw the number of persons on each combination of lists, and below each bar which lists these are.

    Parameters
    ----------
    table : CaptureTable
        L lists.
    ax : Axes or None
        Where to draw; a new figure when None. Leave room below it for one line of dots for each list.
    labels : mapping of str to str
        What the lists are called.

    Returns
    -------
    Axes
        Of the bars; a bar's thin line reaches to the largest number that the table allows.
    """
    if ax is None:
        ax = _new_axes(table, labels)
    lower, upper = history_totals(table)
    seen = np.flatnonzero(upper > 0)
    order = seen[np.argsort(-lower[seen], kind="stable")][:MOST_BARS]
    _draw_bars(ax, lower[order], upper[order])
    shown = "" if len(order) == len(seen) else f"; the {len(order)} largest of {len(seen)} combinations"
    ax.set_title(f"{table.registered} registered persons by the lists that saw them{shown}", loc="left", fontsize=10)
    _draw_lists(ax, table, order, labels)
    return ax


def _new_axes(table: CaptureTable, labels: Mapping[str, str]) -> Axes:
    """Return axes of a new figure with room for the dots below them and the names of the lists beside these."""
    from matplotlib.figure import Figure

    below = GAP + DOTS * table.n_lists
    longest = max(len(f"{labels.get(name, name)}  {size}") for name, size in table.list_sizes().items())
    figure = Figure(figsize=(9, 5))
    bottom = (0.92 * below + 0.02) / (1 + below)
    figure.subplots_adjust(left=min(0.5, 0.05 + 0.0066 * longest), right=0.98, top=0.92, bottom=bottom)
    return figure.subplots()


def _draw_bars(ax: Axes, lower: IntArray, upper: IntArray) -> None:
    """Draw one bar for each combination of lists, with its number."""
    x = np.arange(len(lower))
    height = np.maximum(lower, 0.5)
    ax.bar(x, height, color=INK, width=0.7)
    bounded = np.where(upper == UNBOUNDED, lower, upper)
    wide = np.flatnonzero(bounded > lower)
    ax.vlines(x[wide], height[wide], bounded[wide], color=INK, linewidth=1)
    for place, number in zip(x.tolist(), lower.tolist(), strict=True):
        text = f"{number:,}" + ("+" if upper[place] > number else "")
        ax.annotate(
            text, (place, max(bounded[place], 0.5)), (0, 2), textcoords="offset points", ha="center", fontsize=7
        )
    ax.set_yscale("log")
    ax.set_ylim(0.5, 3 * float(max(bounded.max(initial=1), 1)))
    ax.set_xlim(-0.6, max(len(lower), 1) - 0.4)
    ax.set_ylabel("persons (log scale)")
    ax.set_xticks([])
    ax.spines[["top", "right"]].set_visible(False)


def _draw_lists(ax: Axes, table: CaptureTable, order: IntArray, labels: Mapping[str, str]) -> None:
    """Draw, below the bars, a dot for each list that is in a combination."""
    on = membership(table.n_lists)[order]
    dots = ax.inset_axes((0, -GAP - DOTS * table.n_lists, 1, DOTS * table.n_lists), sharex=ax)
    for column, row in np.ndindex(on.shape):
        dots.plot(column, row, "o", color=INK if on[column, row] else PALE, markersize=5)
    for column, row in enumerate(on):
        rows = np.flatnonzero(row)
        dots.plot([column, column], [rows.min(), rows.max()], color=INK, linewidth=1.5)
    sizes = table.list_sizes()
    names = [f"{labels.get(name, name)}  {size}" for name, size in sizes.items()]
    dots.set_yticks(range(table.n_lists), names, fontsize=8)
    dots.set_ylim(table.n_lists - 0.5, -0.5)
    dots.tick_params(length=0, bottom=False, labelbottom=False)
    dots.spines[:].set_visible(False)


def html(table: CaptureTable) -> str:
    """Return a short description of a table for notebooks."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{size}</td></tr>"
        for name, size in table.list_sizes().items()
    )
    levels = "".join(
        f"<tr><th style='text-align:left'>{escape(one.name)}</th>"
        f"<td>{escape(', '.join(one.levels[:8]) + (' …' if len(one.levels) > 8 else ''))}</td></tr>"
        for one in table.covariates
    )
    seen = table.captured()
    return (
        f"<b>Capture table</b>: {table.registered} registered persons ({escape(table.kind)}), "
        f"seen once {seen.once}, twice {seen.twice}, more often {seen.more}"
        f"<table><tr><th style='text-align:left'>list</th><th>persons</th></tr>{rows}{levels}</table>"
    )
