"""How long the estimate of a whole country takes, and what memory, as its strata grow: a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from estimator.methods.loglinear.tensor import LARGE_STRATA


def draw_growth(rows: Sequence[tuple[int, float, float]], path: Path) -> None:
    """Draw seconds and megabytes by number of strata.

    Parameters
    ----------
    rows : sequence of (strata, seconds, megabytes)
    path : Path
        SVG file to write.
    """
    strata, seconds, megabytes = zip(*sorted(rows), strict=True)
    mpl.rcParams["svg.hashsalt"] = "darkfigure"
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    for axes, values, label in zip(
        figure.subplots(1, 2), (seconds, megabytes), ("seconds, from the shell", "memory, MB"), strict=True
    ):
        axes.plot(strata, values, marker="o", color="#1b5e8c")
        for x, value in zip(strata, values, strict=True):
            axes.annotate(f"{value:,.0f}", (x, value), xytext=(0, 7), textcoords="offset points", ha="center")
        axes.axvline(LARGE_STRATA, color="#999999", linestyle=":")
        axes.set(xscale="log", xlabel="strata (x 8 lists)", ylabel=label, ylim=(0, 1.2 * max(values)))
        axes.set_xticks(strata, [f"{x:,}" for x in strata], minor=False)
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
