"""Estimate against truth for held-out lists, as a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.calibration.held_out import Case, HeldOutReport
from estimator.report.figures.axes import ESTIMATED, REGISTERED, new_figure, people_on
from estimator.report.figures.files import json_bytes, svg_bytes
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 4.2  # inches
_COLUMNS = 3


def held_out_files(report: HeldOutReport, words: Words) -> dict[str, bytes]:
    """Return ``held-out.json`` and ``held-out.svg``, by file name."""
    pictures = {"held-out.svg": svg_bytes(draw_held_out(report, words))} if report.cases else {}
    return {"held-out.json": json_bytes(report.to_dict()), **pictures}


def draw_held_out(report: HeldOutReport, words: Words, priors: Sequence[str] | None = None) -> Figure:
    """Draw every held-out list: its true size against the estimate with its 95 % interval.

    Parameters
    ----------
    priors : sequence of str, optional
        One panel for each set of priors; all by default.

    Returns
    -------
    matplotlib.figure.Figure
        Intervals that miss the truth are drawn thicker, in another colour and with another mark.
    """
    priors = report.priors if priors is None else priors
    columns = min(_COLUMNS, len(priors))
    rows = -(-len(priors) // columns)
    figure = new_figure(_PANEL * columns, _PANEL * rows + 0.4)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax in panels.flat[len(priors) :]:
        ax.set_axis_off()
    ends = _ends([case for name in priors for case in report.of(name)])
    for ax, name in zip(panels.flat, priors, strict=False):
        _panel(ax, report.of(name), ends, words)
        title = words.text("held-out.figure.title", priors=name, held=report.score(name).held[0.95])
        ax.set_title(textwrap.fill(title, 48), fontsize=9.5)
    figure.supxlabel(words.text("held-out.figure.truth"))
    figure.supylabel(words.text("held-out.figure.estimate"))
    return figure


def _ends(cases: Sequence[Case]) -> tuple[float, float]:
    """Return the ends of axes on which every interval fits; all panels share them."""
    ends = [value for case in cases for value in (*case.judged.limits(0.95), case.judged.truth)]
    return max(min(ends), 1) / 1.3, max(ends) * 1.3


def _panel(ax: Axes, cases: Sequence[Case], ends: tuple[float, float], words: Words) -> None:
    """Draw the lists under one set of priors."""
    low, high = ends
    ax.plot([low, high], [low, high], color="0.6", linewidth=1, zorder=1)
    for case in cases:
        holds = case.judged.holds(0.95)
        colour, mark, width = (ESTIMATED, "o", 1.1) if holds else (REGISTERED, "s", 2.2)
        lower, upper = case.judged.limits(0.95)
        ax.plot([case.judged.truth] * 2, [lower, upper], color=colour, linewidth=width, zorder=2)
        ax.plot(case.judged.truth, case.judged.quantiles[0.5], mark, color=colour, markersize=4, zorder=3)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis in (ax.xaxis, ax.yaxis):
        people_on(axis, words, most=5)
