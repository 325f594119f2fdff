"""Pictures of an estimate, for notebooks and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from estimator.population.wording import middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from estimator.population.groups import GroupEstimate

# Okabe and Ito's blue and vermillion: told apart by colour-blind readers, and in grey.
ESTIMATED, REGISTERED = "#0072B2", "#D55E00"


def draw_groups(groups: Mapping[str, GroupEstimate], ax: Axes | None = None, title: str = "") -> Axes:
    """Draw what is estimated of each group beside what was registered.

    Parameters
    ----------
    groups : mapping of str to GroupEstimate
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.
    title : str

    Returns
    -------
    matplotlib.axes.Axes
        Per group a bar for the registered number, a dot for the median, and lines for the 50, 80 and 95 % intervals,
        the widest the thinnest.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=(8, 1.4 + 0.6 * len(groups)), layout="constrained")
    found = list(groups.values())
    rows = range(len(found))
    ax.barh(rows, [group.registered.median for group in found], height=0.5, color=REGISTERED, label="registered")
    for row, group in zip(rows, found, strict=True):
        for (lower, upper), thickness in zip(group.N.intervals.values(), (7.0, 4.0, 1.5), strict=True):
            ax.plot([lower, upper], [row, row], color=ESTIMATED, linewidth=thickness, solid_capstyle="butt")
        label = "estimated (median; 50, 80, 95 %)" if row == 0 else None
        ax.plot(group.N.median, row, "o", color="white", markeredgecolor=ESTIMATED, markersize=7, label=label)
        ax.annotate(
            middle(group.N, group.registered.lower),
            (group.N.median, row),
            (0, 9),
            textcoords="offset points",
            ha="center",
        )
    ax.set_yticks(list(rows), [group.label.en for group in found])
    ax.set_ylim(len(found) - 0.4, -0.7)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel("people")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.35 if len(found) < 3 else -0.15), ncols=2, frameon=False)
    if title:
        ax.set_title(title, loc="left", wrap=True)
    return ax
