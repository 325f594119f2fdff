"""Pictures of a comparison: the years of a run, or the groups of two runs side by side."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, draw_intervals, new_figure, people_on
from estimator.report.terminal.comparison import kind_notes, name_of, runs_of
from estimator.runs.comparison_record import ComparisonRecord
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_BEFORE = "#56B4E9"
"""Okabe and Ito's sky blue: lighter than the blue of estimates, also in grey."""


def comparison_figure(comparison: ComparisonRecord, words: Words) -> Figure:
    """Draw a comparison.

    Returns
    -------
    matplotlib.figure.Figure
        Of one run: a panel per group with all years, the two that are compared in a darker frame. Of two runs: per
        group what either run estimates. Lines are the intervals that both sides give, the widest the thinnest; what
        was registered is drawn as bars.
    """
    return _years_of_a_run(comparison, words) if comparison.within_a_run else _two_runs(comparison, words)


def _years_of_a_run(comparison: ComparisonRecord, words: Words) -> Figure:
    """Draw every group over all years of a run."""
    columns = min(_COLUMNS, len(comparison.groups))
    rows = math.ceil(len(comparison.groups) / columns)
    figure = new_figure(1.2 + 3.4 * columns, 1.8 + 2.5 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, comparison.groups, strict=False):
        _series(panel, comparison, name, words)
    for panel in panels[len(comparison.groups) :]:
        panel.set_visible(False)
    _finish(figure, panels[0], comparison.after.title_in(words.language), kind_notes(comparison, words))
    return figure


def _series(ax: Axes, comparison: ComparisonRecord, name: str, words: Words) -> None:
    """Draw one group over the years of a run."""
    levels = tuple(comparison.groups[name].N.before.summary.intervals)
    labels = words.text("figure.registered"), words.text("figure.estimated", bound=False, priors="", levels=levels)
    compared = {*(comparison.before.years or ()), *(comparison.after.years or ())}
    for place, (year, groups) in enumerate(comparison.series.items()):
        known, size = groups[name].registered, groups[name].N.summary
        ax.bar(
            place,
            known.median,
            width=0.6,
            color=REGISTERED,
            label=labels[0] if place == 0 else None,
        )
        draw_intervals(ax, place, size, ESTIMATED, label=labels[1] if place == 0 else None)
        if year in compared:
            ax.axvspan(place - 0.45, place + 0.45, color="black", alpha=0.07, linewidth=0, zorder=0)
    ax.set_title(
        "\n".join(textwrap.wrap(comparison.groups[name].label.text(words.language), 36)), fontsize=9, loc="left"
    )
    ax.set_xticks(range(len(comparison.series)), list(comparison.series), fontsize=8)
    ax.set_ylim(bottom=0)
    people_on(ax.yaxis, words)
    ax.tick_params(axis="y", labelsize=8)
    bare(ax)


def _two_runs(comparison: ComparisonRecord, words: Words) -> Figure:
    """Draw what either run estimates of every group."""
    groups = list(comparison.groups.values())
    figure = new_figure(8, 1.8 + 0.85 * len(groups))
    ax = figure.subplots()
    for row, group in enumerate(groups):
        sides = (
            (-0.2, group.registered.before, group.N.before, _BEFORE, "s", comparison.before),
            (0.2, group.registered.after, group.N.after, ESTIMATED, "o", comparison.after),
        )
        for shift, known, size, colour, marker, side in sides:
            first = row == 0
            label = words.text("figure.registered") if first and shift < 0 else None
            ax.barh(row + shift, known.median, height=0.3, color=REGISTERED, label=label)
            people, named = size.summary, name_of(side, comparison, words)
            mark = words.text("figure.estimated", bound=False, priors=named, levels=tuple(people.intervals))
            draw_intervals(ax, row + shift, people, colour, marker=marker, sideways=True, label=mark if first else None)
    ax.set_yticks(
        range(len(groups)), ["\n".join(textwrap.wrap(group.label.text(words.language), 28)) for group in groups]
    )
    ax.set_ylim(len(groups) - 0.4, -0.6)
    ax.set_xlim(left=0)
    people_on(ax.xaxis, words)
    ax.set_xlabel(words.text("comparison.people"))
    bare(ax)
    titles = [
        f"{letter}: {side.title_in(words.language)} ({Path(side.run).name}, {side.priors})"
        for letter, side in runs_of(comparison)
    ]
    _finish(figure, ax, "\n".join(titles), kind_notes(comparison, words))
    return figure


def _finish(figure: Figure, ax: Axes, title: str, notes: list[str]) -> None:
    """Add title, legend, and what kind of tables the numbers come from."""
    width = int(figure.get_figwidth() * 13)
    figure.suptitle("\n".join(line for text in title.split("\n") for line in textwrap.wrap(text, width)), fontsize=10)
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=1 if len(handles) > 2 else 2,
        frameon=False,
        fontsize=8,
        title="\n".join(line for note in notes for line in textwrap.wrap(note, width)) or None,
        title_fontsize=8,
    )
