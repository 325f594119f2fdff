"""The picture of a plan: the width of each group's interval over the present one, by cases or by linkage."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING

from estimator.planning.record import PlanRecord
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, folded, new_figure, people_on
from estimator.words import numbers
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_STYLES = ("--", "-.", ":")


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
    across = "plan.axis.entries" if record.new_list is not None else "plan.axis.linkage"
    figure.supxlabel(words.text(across), fontsize=9)
    figure.supylabel(words.text("plan.axis.ratio"), fontsize=9)
    return figure


def _panel(ax: Axes, name: str, record: PlanRecord, words: Words) -> None:
    ax.axhline(0.5, color="0.6", linewidth=0.8, linestyle=":")
    if record.new_list is not None:
        _by_cases(ax, name, record, words)
    else:
        _by_linkage(ax, name, record, words)
    ax.set_title(folded(record.groups[name].label.text(words.language), 34), fontsize=9, loc="left")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: numbers.plain(value, language=words.language))
    ax.tick_params(labelsize=8)
    bare(ax)


def _by_cases(ax: Axes, name: str, record: PlanRecord, words: Words) -> None:
    """Draw widths by cases on the new list, and those of another linkage as lines across."""
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
    for linkage, style in zip(record.linkages.values(), cycle(_STYLES)):
        if name in linkage.groups:
            found = linkage.groups[name]
            low, high = found.ratio - 2 * found.ratio_error, found.ratio + 2 * found.ratio_error
            ax.axhspan(low, high, color=REGISTERED, alpha=0.12, linewidth=0)
            label = folded(linkage.label.text(words.language), 40)
            ax.axhline(found.ratio, color=REGISTERED, linewidth=1.2, linestyle=style, label=label)
    if record.linkages and name == next(iter(record.groups)):
        ax.legend(loc="lower left", fontsize=7, frameon=False)
    halving = record.groups[name].halving
    if halving is not None and halving.entries is not None:
        ax.plot(halving.entries, 0.5, "o", color="white", markeredgecolor=REGISTERED, markersize=7)
        mark = numbers.roughly(halving.entries, words.language)
        ax.annotate(mark, (halving.entries, 0.5), xytext=(5, 5), textcoords="offset points", fontsize=8)
    ax.set_xlim(left=0)
    people_on(ax.xaxis, words, most=4)


def _by_linkage(ax: Axes, name: str, record: PlanRecord, words: Words) -> None:
    """Draw the width under each other linkage beside the present one."""
    answers = [
        (linkage.label.text(words.language), linkage.groups[name])
        for linkage in record.linkages.values()
        if name in linkage.groups
    ]
    labels = [words.text("plan.now"), *(folded(label, 16) for label, _ in answers)]
    ratios = [1.0, *(width.ratio for _, width in answers)]
    errors = [0.0, *(2 * width.ratio_error for _, width in answers)]
    ax.errorbar(range(len(labels)), ratios, errors, color=ESTIMATED, marker="o", markersize=4, linestyle="", capsize=3)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.set_xticks(range(len(labels)), labels)
