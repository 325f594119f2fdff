"""A group year by year: what is estimated, what was registered, and what was published before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.errors import Fault, InputError, did_you_mean
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
from estimator.report.terminal.estimate_tables import label_of
from estimator.runs.estimate_record import BesideRecord, EstimateRecord, PublishedRecord
from estimator.runs.group_records import Groups
from estimator.study.questions import TOTAL
from estimator.words.numbers import middle
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES_SIZE = (9.0, 5.2)
"""Width and height in inches."""

# Okabe and Ito's colours, each with a mark of its own, so that colour alone never tells sets apart.
SETS = ((ESTIMATED, "o"), ("#009E73", "s"), ("#CC79A7", "^"), ("#56B4E9", "v"), ("#E69F00", "P"))
PUBLISHED = "#000000"
_STEP, _MARK_STEP = 0.17, 0.07
_LABEL, _TITLE, _NOTE = 44, 88, 105
"""Characters of a line beside, above and below the picture."""


def draw_series(
    record: EstimateRecord, words: Words, group: str = TOTAL, ax: Axes | None = None, *, beside: bool = True
) -> Axes:
    """Draw a group year by year.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.
    beside : bool
        Whether to draw the estimates under other priors too. Those whose chains disagree are left out.

    Returns
    -------
    matplotlib.axes.Axes
        Bars for the registered people; per set of estimates a mark for the median and lines for the intervals that
        it gives; diamonds for published figures with their ranges, drawn across the years when they are averages of
        several, hollow where the table was calibrated to them.

    Raises
    ------
    InputError
        When the table is not divided by year, or there is no such group.
    """
    from estimator.report.figures.plain_figure import as_written

    by_year = _by_year(record, group)
    years = list(by_year)
    ax = new_figure(*SERIES_SIZE).subplots() if ax is None else ax
    registered = [groups[group].registered for groups in by_year.values()]
    label = words.text("figure.registered")
    ax.bar(range(len(years)), registered, width=0.8, color=REGISTERED, alpha=0.75, label=label)
    sets = _sets(record) if beside else _sets(record)[:1]
    _draw_sets(ax, sets, group, record.bound, words)
    published = [figure for figure in record.published if figure.group == group and _drawable(figure, years)]
    _draw_published(ax, published, years, (max(len(sets), 1) - 1) / 2 * _STEP + 0.14, words)
    ax.set_xticks(range(len(years)), years)
    ax.set_xlim(-0.6, len(years) - 0.4)
    ax.set_ylim(bottom=0)
    people_on(ax.yaxis, words)
    label = folded(label_of(record.groups[group], words), _LABEL)
    ax.set_ylabel("\n".join([label, words.text("figure.people-a-year")]))
    if record.table_kind != "observed":
        note = words.text(f"estimate.kind.{record.table_kind}")
        ax.set_xlabel(folded(note, _NOTE), loc="left", fontsize=9)
    bare(ax)
    title_and_legend_above(ax, record.title_in(words.language), _TITLE)
    as_written(ax)
    return ax


def _by_year(record: EstimateRecord, group: str) -> dict[str, Groups]:
    """Return every group by year."""
    if not record.by_year:
        message = "The table is not divided by year, so there is no series. Name the year in [period] (covariate)."
        raise InputError(Fault(record.study, message))
    if group not in record.groups:
        raise InputError(Fault(record.study, f"There is no group '{group}'.{did_you_mean(group, record.groups)}"))
    return record.by_year


def _sets(record: EstimateRecord) -> list[tuple[str, dict[str, Groups]]]:
    """Return the estimates under each set of priors by year, those of the estimate itself first."""
    sets: dict[str, EstimateRecord | BesideRecord] = {record.priors_name: record, **(record.beside or {})}
    return [(name, estimate.by_year or {}) for name, estimate in sets.items() if estimate.diagnostics.converged]


def _draw_sets(ax: Axes, sets: Sequence[tuple[str, dict[str, Groups]]], group: str, bound: bool, words: Words) -> None:
    """Draw the estimates of every set, side by side; numbers at the first set only."""
    for number, (name, by_year) in enumerate(sets):
        colour, marker = SETS[number % len(SETS)]
        offset = (number - (len(sets) - 1) / 2) * _STEP
        for place, groups in enumerate(by_year.values()):
            people = groups[group].N.summary
            levels, named = tuple(people.intervals), name if len(sets) > 1 else ""
            label = words.text("figure.estimated", bound=bound, priors=named, levels=levels)
            draw_intervals(ax, place + offset, people, colour, marker=marker, label=None if place else label)
            if number == 0:
                median = middle(people, language=words.language)
                at = (place + offset, people.upper)
                ax.annotate(median, at, (0, 4), textcoords="offset points", ha="center", fontsize=8)


def _drawable(figure: PublishedRecord, years: Sequence[str]) -> bool:
    """Whether a published figure is a number of people in years of the table."""
    return figure.measure == "N" and bool(figure.years) and set(figure.years) <= set(years)


def _draw_published(
    ax: Axes, figures: Sequence[PublishedRecord], years: Sequence[str], right: float, words: Words
) -> None:
    """Draw published numbers of people; those of a single year to the right of its estimates."""
    labelled: set[bool] = set()
    drawn: dict[float, int] = {}
    for figure in figures:
        places = sorted(years.index(year) for year in figure.years)
        middle_of_years = (places[0] + places[-1]) / 2
        before = drawn.get(middle_of_years, 0)
        drawn[middle_of_years] = before + 1
        at = middle_of_years + (right if len(places) == 1 else 0.0) + before * _MARK_STEP
        label = None
        if figure.value is not None and figure.calibrated not in labelled:
            labelled.add(figure.calibrated)
            label = words.text("figure.published", calibrated=figure.calibrated)
        _draw_figure(ax, figure, at, (places[0] - 0.4, places[-1] + 0.4), label)


def _draw_figure(ax: Axes, figure: PublishedRecord, at: float, span: tuple[float, float], label: str | None) -> None:
    """Draw one published figure: its range, a line across its years when there are several, and its mark."""
    if figure.lower is not None and figure.upper is not None:
        ax.plot([at, at], [figure.lower, figure.upper], color=PUBLISHED, linewidth=1.2, linestyle=":", zorder=2)
    if figure.value is None:
        return
    if len(figure.years) > 1:
        ax.plot(span, [figure.value] * 2, color=PUBLISHED, linewidth=1.0, linestyle="--", zorder=2)
    fill = "white" if figure.calibrated else PUBLISHED
    ax.plot(at, figure.value, "D", color=fill, markeredgecolor=PUBLISHED, markersize=6, label=label, zorder=5)
