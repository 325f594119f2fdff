"""Pictures of calibration: ranks in their bands, and coverage beside width over the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimator.calibration.grid import COVERED_TARGET, GridReport
from estimator.calibration.sbc import RANKED_AMONG
from estimator.calibration.sbc_bands import bands, below
from estimator.calibration.sbc_report import SbcResult
from estimator.calibration.wording import IN_WORDS
from estimator.population.drawing import ESTIMATED, REGISTERED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, with marks that tell them apart in grey
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_COLUMNS = 4
_MOST_PANELS = 24
_PANEL = (2.6, 2.1)  # inches


def draw_ranks(result: SbcResult) -> Figure:
    """Draw the ranks of every quantity: empirical distribution function minus the diagonal, in its 95 % band.

    Parameters
    ----------
    result : SbcResult
        With simulations.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each quantity, at most 24: those that stray furthest first. A path that leaves its band is drawn in
        another colour, and thicker. Above the diagonal in the middle: truths tend to rank low, estimates are too high.
    """
    from matplotlib.figure import Figure

    names = sorted(result.quantities, key=lambda name: result.quantities[name].band_p)[:_MOST_PANELS]
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(_PANEL[0] * columns, _PANEL[1] * rows + 0.8), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    for ax, name in zip(panels, names, strict=False):
        _draw_path(ax, result, name)
    for ax in panels[len(names) :]:
        ax.set_axis_off()
    figure.suptitle(
        f"Priors {result.priors}: ranks of the truth in {len(result.done)} simulations, grey: 95 % band", fontsize=10
    )
    figure.supxlabel("rank of the truth among draws of the posterior, as a share", fontsize=9)
    figure.supylabel("share of simulations ranked below, minus what is expected", fontsize=9)
    return figure


def _draw_path(ax: Axes, result: SbcResult, name: str) -> None:
    """Draw one quantity."""
    n = len(result.done)
    found = bands(n, RANKED_AMONG + 1)
    counts = below(result.ranks[name], RANKED_AMONG)
    inside = bool(((counts >= found.lower) & (counts <= found.upper)).all())
    ax.fill_between(
        found.points, found.lower / n - found.points, found.upper / n - found.points, color="0.85", linewidth=0
    )
    ax.axhline(0, color="0.6", linewidth=0.8)
    path = counts / n - found.points
    ax.plot(found.points, path, color=ESTIMATED if inside else REGISTERED, linewidth=1.2 if inside else 2.4)
    ax.set_title(name if inside else f"{name}: outside", fontsize=8)
    ax.tick_params(labelsize=7)


def draw_grid(report: GridReport) -> Figure:
    """Draw how often 95 % intervals hold the truth against how wide they are.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each kind of dependence; a mark for each scenario and set of priors, with the 95 % interval that
        chance leaves. The band is the 93 to 97 % aimed at.
    """
    from matplotlib.figure import Figure

    kinds = [kind for kind in IN_WORDS if report.of(dependence=kind)]
    columns = min(2, len(kinds))
    rows = -(-len(kinds) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.4 * rows + 0.6), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    for ax, kind in zip(panels, kinds, strict=False):
        _draw_kind(ax, report, kind)
    for ax in panels[len(kinds) :]:
        ax.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=min(6, len(labels)), frameon=False, fontsize=8)
    figure.supxlabel("width of the 95 % interval: upper limit divided by lower", fontsize=9)
    figure.supylabel("95 % intervals that hold the truth", fontsize=9)
    return figure


def _draw_kind(ax: Axes, report: GridReport, kind: str) -> None:
    """Draw the scenarios of one kind of dependence."""
    ax.axhspan(*COVERED_TARGET, color="0.88", linewidth=0)
    for number, name in enumerate(report.priors):
        colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
        for place, case in enumerate(report.of(dependence=kind)):
            found = report.tables([case], name)
            if not found.n:
                continue
            width, inside = np.exp(found.log_width), found.coverage[0.95]
            ax.plot([width, width], inside.limits, color=colour, linewidth=0.7, alpha=0.6)
            ax.plot(width, inside.value, mark, color=colour, markersize=4.5, label=None if place else name)
    ax.set_xscale("log")
    ax.set_ylim(-0.02, 1.02)
    ax.set_title(IN_WORDS[kind], fontsize=9)
    for formatted in (ax.xaxis.set_major_formatter, ax.xaxis.set_minor_formatter):
        formatted(lambda value, _: f"{value:g}" if value in (1, 2, 3, 4, 5, 10, 20, 50, 100) else "")
    ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    ax.tick_params(labelsize=8, which="both")
