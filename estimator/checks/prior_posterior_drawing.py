"""The picture of what was believed before and after the data, group by group."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimator.fits.distributions import densities
from estimator.population.drawing import ESTIMATED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

_HEIGHT = 0.85  # of the highest density, in rows


def size_of(n_groups: int) -> tuple[float, float]:
    """Return width and height in inches of a picture of so many groups."""
    return 8.5, 1.8 + 0.6 * n_groups


def draw_before_and_after(figure: Figure, groups: Mapping[str, tuple[Floats, Floats]]) -> None:
    """Draw the densities of log N before and after the data, one row for each group.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty.
    groups : mapping of str to (ndarray, ndarray)
        Logs of prior and posterior draws of N, by the label of the group.
    """
    ax = figure.subplots()
    for row, (before, after) in enumerate(groups.values()):
        grid, first, second = densities(before, after)
        top = max(first.max(), second.max()) / _HEIGHT
        people = np.exp(grid)
        ax.fill_between(people, row, row - second / top, color=ESTIMATED, alpha=0.55, linewidth=0)
        ax.plot(people, row - second / top, color=ESTIMATED, linewidth=1.2, label="after the data" if not row else None)
        ax.plot(people, row - first / top, "--", color="black", linewidth=1.4, label="before" if not row else None)
        ax.axhline(row, color="0.8", linewidth=0.6, zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(*_limits(groups))
    ax.set_yticks(range(len(groups)), [textwrap.fill(label, 34) for label in groups])
    ax.set_ylim(len(groups) - 0.7, -1.05)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel("people (N), log scale")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9)


def _limits(groups: Mapping[str, tuple[Floats, Floats]]) -> tuple[float, float]:
    """Return from how many to how many people are drawn: 98 % of the widest belief."""
    ends = np.array([np.quantile(draws, [0.01, 0.99]) for pair in groups.values() for draws in pair])
    return float(np.exp(ends.min())), float(np.exp(ends.max()))
