"""Estimate against truth for held-out lists, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from estimator.calibration.held_out import Case, HeldOutReport

_PANEL = 4.2  # inches
_COLUMNS = 3


def draw(report: HeldOutReport, priors: Sequence[str]) -> Figure:
    """Draw every held-out list: its true size against the estimate with its 95 % interval.

    Parameters
    ----------
    priors : sequence of str
        One panel for each set of priors.

    Returns
    -------
    matplotlib.figure.Figure
        Intervals that miss the truth are drawn thicker, in another colour and with another mark.
    """
    import matplotlib.pyplot as plt

    columns = min(_COLUMNS, len(priors))
    rows = -(-len(priors) // columns)
    figure, panels = plt.subplots(
        rows, columns, figsize=(_PANEL * columns, _PANEL * rows + 0.4), squeeze=False, sharex=True, sharey=True,
        layout="constrained",
    )  # fmt: skip
    for ax in panels.flat[len(priors) :]:
        ax.set_axis_off()
    ends = _ends([case for name in priors for case in report.of(name)])
    for ax, name in zip(panels.flat, priors, strict=False):
        _panel(ax, report.of(name), ends)
        inside = 100 * report.score(name).coverage[0.95]
        ax.set_title(f"{name}: {inside:.0f} % of 95 % intervals hold the truth", fontsize=9.5)
    figure.supxlabel("people on the held-out list (truth)")
    figure.supylabel("estimated from the other lists (median, 95 %)")
    return figure


def _ends(cases: Sequence[Case]) -> tuple[float, float]:
    """Return the ends of axes on which every interval fits; all panels share them."""
    ends = [value for case in cases for value in (*case.judged.limits(0.95), case.judged.truth)]
    return max(min(ends), 1) / 1.3, max(ends) * 1.3


def _panel(ax: Axes, cases: Sequence[Case], ends: tuple[float, float]) -> None:
    """Draw the lists under one set of priors."""
    low, high = ends
    ax.plot([low, high], [low, high], color="0.6", linewidth=1, zorder=1)
    for case in cases:
        inside = case.judged.covers(0.95)
        colour, mark, width = (ESTIMATED, "o", 1.1) if inside else (REGISTERED, "s", 2.2)
        lower, upper = case.judged.limits(0.95)
        ax.plot([case.judged.truth] * 2, [lower, upper], color=colour, linewidth=width, zorder=2)
        ax.plot(case.judged.truth, case.judged.quantiles[0.5], mark, color=colour, markersize=4, zorder=3)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
