"""The picture of an estimate, drawn from the record of a run: every group, or everybody year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.report.figures.axes import (
    ESTIMATED,
    REGISTERED,
    bare,
    draw_intervals,
    folded,
    new_figure,
    people_on,
    title_and_legend_above,
)
from estimator.report.figures.series import SERIES_SIZE, draw_series
from estimator.report.terminal.estimate_tables import certain, label_of
from estimator.runs.estimate_record import EstimateRecord
from estimator.study.questions import TOTAL
from estimator.words.numbers import middle
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABEL, _TITLE, _NOTE = 38, 62, 85
"""Characters of a line beside, above and below the picture."""


def estimate_figure(record: EstimateRecord, words: Words) -> Figure:
    """Draw everybody year by year, or every group where the table is not divided by year."""
    figure = new_figure(*(SERIES_SIZE if record.by_year else groups_size(len(record.groups))))
    draw = draw_series if record.by_year else draw_groups
    draw(record, words, ax=figure.subplots())
    return figure


def draw_groups(record: EstimateRecord, words: Words, ax: Axes | None = None) -> Axes:
    """Draw what is estimated of each group beside what was registered.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.

    Returns
    -------
    matplotlib.axes.Axes
        Per group a bar for the registered number, a dot for the median, and lines for the intervals that are given,
        the widest the thinnest.
    """
    from estimator.report.figures.plain_figure import as_written

    groups = list(record.groups.values())
    ax = new_figure(*groups_size(len(groups))).subplots() if ax is None else ax
    rows = range(len(groups))
    registered = [group.registered for group in groups]
    ax.barh(rows, registered, height=0.5, color=REGISTERED, label=words.text("figure.registered"))
    levels = tuple(record.groups[TOTAL].N.summary.intervals)
    mark = words.text("figure.estimated", bound=record.bound, priors="", levels=levels)
    for row, group in zip(rows, groups, strict=True):
        people = group.N.summary
        draw_intervals(ax, row, people, ESTIMATED, sideways=True, label=None if row else mark)
        median = middle(people, certain(group), words.language)
        ax.annotate(median, (people.median, row), (0, 9), textcoords="offset points", ha="center")
    ax.set_yticks(list(rows), [folded(label_of(group, words), _LABEL) for group in groups])
    ax.set_ylim(len(groups) - 0.4, -0.7)
    ax.set_xlim(left=0)
    people_on(ax.xaxis, words)
    unit = words.text("figure.people", years=tuple(record.period.years or ()), pooled=record.period.pooled_years or 1)
    note = [] if record.table_kind == "observed" else [folded(words.text(f"estimate.kind.{record.table_kind}"), _NOTE)]
    ax.set_xlabel("\n".join([folded(unit, _NOTE), *note]), loc="left" if note else "center", fontsize=9)
    bare(ax)
    title_and_legend_above(ax, record.title_in(words.language), _TITLE)
    as_written(ax)
    return ax


def groups_size(n_groups: int) -> tuple[float, float]:
    """Return width and height in inches of a picture of this many groups."""
    return 8.5, 2.0 + 0.55 * n_groups
