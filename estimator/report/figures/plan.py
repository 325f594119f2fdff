"""The picture of a plan: the width of each group's interval over the present one, by cases on the new list."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from estimator.planning.record import PlanRecord
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, folded, new_figure, people_on
from estimator.words import numbers
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3


def plan_figure(record: PlanRecord, words: Words) -> Figure:
    """Draw a plan: a panel for each group, from no new list to the widest coverage; bars are two Monte Carlo errors."""
    names = list(record.groups)
    columns = min(_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    figure = new_figure(1.2 + 3.0 * columns, 1.4 + 2.4 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for panel, name in zip(panels, names, strict=False):
        _panel(panel, name, record, words)
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    figure.suptitle(folded(record.title.text(words.language), 32 * columns), fontsize=10)
    figure.supxlabel(words.text("plan.axis.entries"), fontsize=9)
    figure.supylabel(words.text("plan.axis.ratio"), fontsize=9)
    return figure


def _panel(ax: Axes, name: str, record: PlanRecord, words: Words) -> None:
    stated = [case for case in record.cases if case.kind == "share" and name in case.groups]
    entries = [0.0, *(case.entries for case in stated)]
    ratios = [1.0, *(case.groups[name].ratio for case in stated)]
    errors = [0.0, *(2 * case.groups[name].ratio_error for case in stated)]
    ax.errorbar(entries, ratios, errors, color=ESTIMATED, marker="o", markersize=4, linewidth=1.5, capsize=2)
    for case in record.cases:
        if case.kind == "survey" and name in case.groups:
            group = case.groups[name]
            ax.errorbar(
                case.entries, group.ratio, 2 * group.ratio_error, color=REGISTERED, marker="D", markersize=6, capsize=2
            )
    ax.axhline(0.5, color="0.6", linewidth=0.8, linestyle=":")
    half = record.groups[name].halving.entries
    if half is not None:
        ax.plot(half, 0.5, "o", color="white", markeredgecolor=REGISTERED, markersize=7)
        mark = numbers.roughly(half, words.language)
        ax.annotate(mark, (half, 0.5), xytext=(5, 5), textcoords="offset points", fontsize=8)
    ax.set_title(folded(record.groups[name].label.text(words.language), 34), fontsize=9, loc="left")
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    people_on(ax.xaxis, words, most=4)
    ax.yaxis.set_major_formatter(lambda value, _: numbers.plain(value, language=words.language))
    ax.tick_params(labelsize=8)
    bare(ax)
