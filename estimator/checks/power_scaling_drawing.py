"""The picture of what an answer leans on: sensitivities to every part of the prior, and to the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from estimator.population.drawing import ESTIMATED, REGISTERED
from estimator.study.questions import TOTAL

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def size_of(n_parts: int) -> tuple[float, float]:
    """Return width and height in inches of a picture of so many parts."""
    return 8.5, 1.7 + 0.42 * n_parts


def draw_leanings(
    figure: Figure, parts: Mapping[str, Mapping[str, float]], labels: Mapping[str, str], threshold: float
) -> None:
    """Draw how far every group moves with every part of the prior.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty.
    parts : mapping of str to mapping of str to float
        Sensitivities by part and group.
    labels : mapping of str to str
        What groups are called.
    threshold : float
        From which a part matters.
    """
    ax = figure.subplots()
    for row, by_group in enumerate(parts.values()):
        others = [value for name, value in by_group.items() if name != TOTAL]
        ax.plot(others, [row] * len(others), "|", color=REGISTERED, markersize=11, markeredgewidth=1.6)
        ax.plot([0, by_group[TOTAL]], [row, row], color=ESTIMATED, linewidth=1.5, zorder=1)
        ax.plot(by_group[TOTAL], row, "o", color=ESTIMATED, markersize=8)
    ax.plot([], [], "o", color=ESTIMATED, markersize=8, label=labels[TOTAL])
    if len(labels) > 1:
        ax.plot([], [], "|", color=REGISTERED, markersize=11, markeredgewidth=1.6, label="each group")
    ax.axvline(threshold, color="black", linestyle=":", linewidth=1.5, label=f"matters from {threshold:.2f}")
    ax.set_yticks(range(len(parts)), list(parts))
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.set_xlabel("how far log N moves (power-scaling sensitivity)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=9)
