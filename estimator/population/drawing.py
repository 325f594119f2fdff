"""Pictures of an estimate, for notebooks and papers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from estimator.words.kinds import KIND_NOTES
from estimator.words.numbers import middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from estimator.methods.summary import Summary
    from estimator.population.groups import GroupEstimate

# Okabe and Ito's blue and vermillion: told apart by colour-blind readers, and in grey.
ESTIMATED, REGISTERED = "#0072B2", "#D55E00"
SERIES_SIZE = (9.0, 5.2)
"""Width and height in inches of a picture of years."""

MARK_LABEL = "estimated (median; 50, 80, 95 %)"


def draw_groups(
    groups: Mapping[str, GroupEstimate],
    ax: Axes | None = None,
    title: str = "",
    kind: str = "observed",
    unit: str = "people",
) -> Axes:
    """Draw what is estimated of each group beside what was registered.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.
    kind : {"observed", "reconstructed", "synthetic"}
        Where the table comes from; anything but observed is said below the picture.
    unit : str
        What is counted, and over what time.

    Returns
    -------
    matplotlib.axes.Axes
        Per group a bar for the registered number, a dot for the median, and lines for the 50, 80 and 95 % intervals,
        the widest the thinnest.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=groups_size(len(groups)), layout="constrained")
    found = list(groups.values())
    rows = range(len(found))
    ax.barh(rows, [group.registered.median for group in found], height=0.5, color=REGISTERED, label="registered")
    for row, group in zip(rows, found, strict=True):
        draw_intervals(ax, row, group.N, ESTIMATED, sideways=True, label=MARK_LABEL if row == 0 else None)
        at = (group.N.median, row)
        words = middle(group.N, group.registered.lower)
        ax.annotate(words, at, (0, 9), textcoords="offset points", ha="center")
    ax.set_yticks(list(rows), [textwrap.fill(group.label.en, 38) for group in found])
    ax.set_ylim(len(found) - 0.4, -0.7)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel(unit + caption_of(kind), loc="left" if KIND_NOTES[kind] else "center", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    put_legend_and_title(ax, title, letters=62)
    return ax


def groups_size(n_groups: int) -> tuple[float, float]:
    """Return width and height in inches of a picture of so many groups."""
    return 8.5, 2.0 + 0.55 * n_groups


def draw_intervals(
    ax: Axes,
    place: float,
    found: Summary,
    colour: str,
    *,
    marker: str = "o",
    sideways: bool = False,
    label: str | None = None,
) -> None:
    """Draw a median and its intervals, the widest the thinnest.

    Parameters
    ----------
    place : float
        On the axis that does not count people.
    colour, marker : str
        Sets that stand side by side differ in both.
    sideways : bool
        Whether people are counted from left to right.
    label : str, optional
        For the legend.
    """
    for limits, thickness in zip(found.intervals.values(), (7.0, 4.0, 1.5), strict=True):
        across = [place, place]
        x, y = (limits, across) if sideways else (across, limits)
        ax.plot(x, y, color=colour, linewidth=thickness, solid_capstyle="butt", zorder=3)
    x, y = ([found.median], [place]) if sideways else ([place], [found.median])
    ax.plot(x, y, marker, color="white", markeredgecolor=colour, markersize=7, label=label, zorder=4)


def caption_of(kind: str) -> str:
    """Return what stands below the label of an axis when the table does not hold observed people."""
    return f"\n{textwrap.fill(KIND_NOTES[kind], 85)}" if KIND_NOTES[kind] else ""


def put_legend_and_title(ax: Axes, title: str, columns: int = 2, letters: int = 88) -> None:
    """Put the legend above the picture, where it hides nothing, and above it the title in lines of so many letters."""
    names = ax.get_legend_handles_labels()[1]
    lines = -(-len(names) // columns)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, borderpad=0.2, fontsize=9)
    if title:
        ax.set_title(textwrap.fill(title, letters), loc="left", pad=10 + 15 * lines, fontsize=11)
