"""Pictures of calibration on simulated truth, and the files in which numbers and pictures are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimator.calibration.grid import HELD_TARGET, GridReport
from estimator.calibration.sbc import RANKED_AMONG
from estimator.calibration.sbc_bands import bands, below
from estimator.calibration.sbc_report import SbcReport, SbcResult
from estimator.calibration.scenarios import DEPENDENCES
from estimator.report.figures.axes import ESTIMATED, REGISTERED, new_figure
from estimator.report.figures.files import json_bytes, svg_bytes
from estimator.report.terminal.calibration import dependence_label, quantity_label
from estimator.words.numbers import percentage, plain
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, with marks that tell them apart in grey
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_COLUMNS = 4
_MOST_PANELS = 24
_PANEL = (2.6, 2.1)  # inches
_WIDTHS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Where the axis of widths has numbers."""


def sbc_files(report: SbcReport, words: Words) -> dict[str, bytes]:
    """Return ``sbc.json`` and a picture of the ranks under each set of priors, by file name."""
    pictures = {
        f"sbc-{result.priors}.svg": svg_bytes(draw_ranks(result, words)) for result in report.results if result.done
    }
    return {"sbc.json": json_bytes(report.to_dict()), **pictures}


def grid_files(report: GridReport, words: Words) -> dict[str, bytes]:
    """Return ``grid.json`` and ``grid.svg``, by file name."""
    return {"grid.json": json_bytes(report.to_dict()), "grid.svg": svg_bytes(draw_grid(report, words))}


def draw_ranks(result: SbcResult, words: Words) -> Figure:
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
    names = sorted(result.quantities, key=lambda name: result.quantities[name].band_p)[:_MOST_PANELS]
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure(_PANEL[0] * columns, _PANEL[1] * rows + 0.8)
    panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    for ax, name in zip(panels, names, strict=False):
        _draw_path(ax, result, name, words)
    for ax in panels[len(names) :]:
        ax.set_axis_off()
    title = words.text("calibration.figure.ranks", priors=result.priors, simulations=len(result.done))
    figure.suptitle(_folded(title, 33 * columns), fontsize=10)
    figure.supxlabel(_folded(words.text("calibration.figure.rank"), 40 * columns), fontsize=9)
    figure.supylabel(_folded(words.text("calibration.figure.share-below"), 36 * rows), fontsize=9)
    return figure


def _draw_path(ax: Axes, result: SbcResult, name: str, words: Words) -> None:
    """Draw one quantity."""
    n = len(result.done)
    band = bands(n, RANKED_AMONG + 1)
    counts = below(result.ranks[name], RANKED_AMONG)
    inside = bool(((counts >= band.lower) & (counts <= band.upper)).all())
    ax.fill_between(
        band.points, band.lower / n - band.points, band.upper / n - band.points, color="0.85", linewidth=0
    )  # fmt: skip
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.plot(
        band.points,
        counts / n - band.points,
        color=ESTIMATED if inside else REGISTERED,
        linewidth=1.2 if inside else 2.4,
    )
    label = quantity_label(name, words)
    title = label if inside else words.text("calibration.figure.outside", label=label)
    ax.set_title(_folded(title, 32), fontsize=8)
    ax.tick_params(labelsize=7)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: plain(round(value, 6), language=words.language))


def draw_grid(report: GridReport, words: Words) -> Figure:
    """Draw how often 95 % intervals hold the truth against how wide they are.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each kind of dependence; a mark for each scenario and set of priors, with the 95 % interval that
        chance leaves. The band is the 93 to 97 % aimed at.
    """
    kinds = [kind for kind in DEPENDENCES if report.of(dependence=kind)]
    columns = min(2, len(kinds))
    rows = -(-len(kinds) // columns)
    figure = new_figure(4.6 * columns, 3.4 * rows + 0.6)
    panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
    for ax, kind in zip(panels, kinds, strict=False):
        _draw_kind(ax, report, kind, words)
    for ax in panels[len(kinds) :]:
        ax.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=min(6, len(labels)), frameon=False, fontsize=8)
    figure.supxlabel(_folded(words.text("calibration.figure.width"), 60 * columns), fontsize=9)
    figure.supylabel(words.text("calibration.figure.held"), fontsize=9)
    return figure


def _draw_kind(ax: Axes, report: GridReport, kind: str, words: Words) -> None:
    """Draw the scenarios of one kind of dependence."""
    ax.axhspan(*HELD_TARGET, color="0.88", linewidth=0)
    for place, name in enumerate(report.priors):
        colour, mark = _COLOURS[place % len(_COLOURS)], _MARKS[place % len(_MARKS)]
        label: str | None = name
        for case in report.of(dependence=kind):
            tables = report.tables([case], name)
            if not tables.n:
                continue
            width, held = np.exp(tables.log_width), tables.held[0.95]
            ax.plot([width, width], held.limits, color=colour, linewidth=0.7, alpha=0.6)
            ax.plot(width, held.value, mark, color=colour, markersize=4.5, label=label)
            label = None
    ax.set_xscale("log")
    ax.set_ylim(-0.02, 1.02)
    ax.set_title(dependence_label(kind, words), fontsize=9)
    for set_format in (ax.xaxis.set_major_formatter, ax.xaxis.set_minor_formatter):
        set_format(lambda value, _: f"{value:g}" if round(value, 6) in _WIDTHS else "")
    ax.yaxis.set_major_formatter(lambda value, _: percentage(f"{100 * value:.0f}", words.language))
    ax.tick_params(labelsize=8, which="both")


def _folded(text: str, width: int) -> str:
    """Return text in lines that fit beside a picture."""
    import textwrap

    return textwrap.fill(text, max(width, 24))
