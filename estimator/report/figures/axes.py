"""What all pictures share: colours, people on an axis in the reader's language, and legends above the picture."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from estimator.methods.summary import Summary
from estimator.words.numbers import number, plain
from estimator.words.shown import on_one_line
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Okabe and Ito's blue, vermillion and orange: told apart by colour-blind readers, and in grey.
ESTIMATED, REGISTERED, BETWEEN = "#0072B2", "#D55E00", "#E69F00"

_STEPS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))


def new_figure(width: float, height: float, *, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """Return an empty figure: every picture of the tool begins with one, so that none depends on a screen.

    Parameters
    ----------
    width, height : float
        In inches.
    """
    from estimator.report.figures.plain_figure import PlainFigure

    return PlainFigure(figsize=(width, height), layout=layout)


def people_on(axis: Axis, words: Words, *, most: int = 7) -> None:
    """Write numbers of people on an axis, in full and no more of them than stand beside each other.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        With its limits set; linear or logarithmic.
    most : int
        Labels at most.
    """
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    axis.set_major_formatter(lambda value, _: number(value, language=words.language))
    if axis.get_scale() == "log":
        lower, upper = sorted(axis.get_view_interval())
        axis.set_major_locator(FixedLocator(log_ticks(lower, upper, most)))
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(MaxNLocator(most - 1, steps=[1, 2, 2.5, 5, 10]))


def log_ticks(lower: float, upper: float, most: int) -> list[float]:
    """Return round numbers between two limits that stand about evenly on a logarithmic axis, at most this many."""
    from matplotlib.ticker import MaxNLocator

    decades = 10.0 ** np.arange(np.floor(np.log10(lower)), np.ceil(np.log10(upper)) + 1)
    chosen: list[float] = []
    for steps in _STEPS:
        ticks = [float(step * decade) for decade in decades for step in steps if lower <= step * decade <= upper]
        if len(ticks) <= most:
            chosen = ticks
    if len(chosen) >= 3:
        return chosen
    return [float(tick) for tick in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(lower, upper)]


def ratios_on(axis: Axis, ticks: tuple[float, ...], words: Words) -> None:
    """Write ratios at given places of a logarithmic axis."""
    from matplotlib.ticker import FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: plain(value, language=words.language))


def bare(ax: Axes, *sides: str) -> None:
    """Take away the frame at the top and the right, and at other sides."""
    ax.spines[["top", "right", *sides]].set_visible(False)


def legend_above(ax: Axes, columns: int, **options: Any) -> None:
    """Put the legend above the picture, at its left."""
    settings: dict[str, Any] = {"frameon": False, "fontsize": 9, "columnspacing": 1.4} | options
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, **settings)


def title_and_legend_above(ax: Axes, title: str, letters: int) -> None:
    """Put the legend above the picture, where it hides nothing, and above it the title.

    Parameters
    ----------
    letters : int
        Characters of a line of the title.
    """
    columns = 2
    lines = -(-len(ax.get_legend_handles_labels()[1]) // columns)
    legend_above(ax, columns, borderpad=0.2)
    if title:
        ax.set_title(folded(title, letters), loc="left", pad=10 + 15 * lines, fontsize=11)


def folded(text: str, letters: int) -> str:
    """Return a user's text in lines of at most this many characters, without what controls a screen."""
    return textwrap.fill(on_one_line(text), letters)


THICKNESS, CLOSE_THICKNESS = {0.5: 7.0, 0.8: 4.0, 0.95: 1.5}, {0.5: 6.0, 0.8: 3.5, 0.95: 1.3}
"""Of the line of an interval, by its probability: the widest the thinnest; and where rows are close."""


def draw_intervals(
    ax: Axes,
    place: float,
    people: Summary,
    colour: str,
    *,
    marker: str = "o",
    sideways: bool = False,
    label: str | None = None,
) -> None:
    """Draw a median and its intervals, the widest the thinnest; one is as thick beside others as alone.

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
    for level, limits in people.intervals.items():
        across = [place, place]
        x, y = (limits, across) if sideways else (across, limits)
        ax.plot(x, y, color=colour, linewidth=THICKNESS[level], solid_capstyle="butt", zorder=3)
    x, y = ([people.median], [place]) if sideways else ([place], [people.median])
    ax.plot(x, y, marker, color="white", markeredgecolor=colour, markersize=7, label=label, zorder=4)
