"""A group year by year: what is estimated, what was registered, and what was published before."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from estimator.errors import Fault, InputError, did_you_mean
from estimator.methods.summary import Summary
from estimator.population.drawing import (
    ESTIMATED,
    MARK_LABEL,
    REGISTERED,
    SERIES_SIZE,
    caption_of,
    draw_intervals,
    put_legend_and_title,
)
from estimator.population.groups import study_years
from estimator.study.published import PublishedFigure
from estimator.study.questions import TOTAL
from estimator.words.kinds import KIND_NOTES
from estimator.words.numbers import middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from estimator.population.estimate import Estimate

# Okabe and Ito's colours, each with a mark of its own, so that colour alone never tells sets apart.
SETS = ((ESTIMATED, "o"), ("#009E73", "s"), ("#CC79A7", "^"), ("#56B4E9", "v"), ("#E69F00", "P"))
PUBLISHED = "#000000"
_STEP, _MARK_STEP = 0.17, 0.07


@dataclass(frozen=True)
class Series:
    """A group year by year.

    Parameters
    ----------
    label : str
        What the group is called.
    years : tuple of str
        Length Y.
    estimated : mapping of str to sequence of Summary
        N in each of the years, by what the estimate is called: a set of priors, or a run. Drawn side by side.
    registered : tuple of float
        Median in each of the years.
    published : tuple of PublishedFigure
        Those of them that are numbers of people (measure ``"N"``) in these years are drawn.
    kind : {"observed", "reconstructed", "synthetic"}
        Where the table comes from.
    """

    title: str
    label: str
    years: tuple[str, ...]
    estimated: Mapping[str, Sequence[Summary]]
    registered: tuple[float, ...]
    published: tuple[PublishedFigure, ...] = ()
    kind: str = "observed"


def series_of(estimate: Estimate, group: str = TOTAL, *, beside: bool = True) -> Series:
    """Return a group of an estimate year by year.

    Parameters
    ----------
    group : str
        Name of a group.
    beside : bool
        Whether to show the estimates under other priors too. Those whose chains disagree are left out.

    Raises
    ------
    InputError
        When the study has no years, or no such group.
    """
    study, years = estimate.study, study_years(estimate.study)
    if not years:
        message = "The table is not divided by year, so there is no series. Name the year in [period] (covariate)."
        raise InputError(Fault(study.name, message))
    if group not in study.groups:
        raise InputError(Fault(study.name, f"There is no group '{group}'.{did_you_mean(group, study.groups)}"))
    shown = [one for one in (estimate, *(estimate.beside if beside else ())) if one.convergence.passed]
    return Series(
        title=study.title,
        label=study.groups[group].label.en,
        years=years,
        estimated={one.priors_name: [one.by_year[year][group].N for year in years] for one in shown},
        registered=tuple(estimate.by_year[year][group].registered.median for year in years),
        published=tuple(figure for figure in study.published if figure.group == group),
        kind=study.table_kind,
    )


def draw_series(series: Series, ax: Axes | None = None) -> Axes:
    """Draw a group year by year.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        By default a new figure's.

    Returns
    -------
    matplotlib.axes.Axes
        Bars for the registered people; per set of estimates a mark for the median and lines for the 50, 80 and 95 %
        intervals; diamonds for published figures with their ranges, drawn across the years when they are averages of
        several, hollow where the table was calibrated to them.
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=SERIES_SIZE, layout="constrained")
    places = range(len(series.years))
    ax.bar(places, series.registered, width=0.8, color=REGISTERED, alpha=0.75, label="registered")
    _draw_sets(ax, series)
    _draw_published(ax, series)
    ax.set_xticks(list(places), series.years)
    ax.set_xlim(-0.6, len(series.years) - 0.4)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_ylabel(textwrap.fill(f"{series.label}, people a year", 44))
    if KIND_NOTES[series.kind]:
        ax.set_xlabel(caption_of(series.kind).strip(), loc="left", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    put_legend_and_title(ax, series.title)
    return ax


def _draw_sets(ax: Axes, series: Series) -> None:
    """Draw the estimates of every set, side by side; numbers at the first set only."""
    n_sets = len(series.estimated)
    for number, (name, found) in enumerate(series.estimated.items()):
        colour, marker = SETS[number % len(SETS)]
        offset = (number - (n_sets - 1) / 2) * _STEP
        label = MARK_LABEL if n_sets == 1 else f"{MARK_LABEL}: {name}"
        for place, one in enumerate(found):
            draw_intervals(ax, place + offset, one, colour, marker=marker, label=None if place else label)
            if number == 0:
                at = (place + offset, one.upper)
                ax.annotate(middle(one), at, (0, 4), textcoords="offset points", ha="center", fontsize=8)


def _draw_published(ax: Axes, series: Series) -> None:
    """Draw published numbers of people of these years."""
    labelled: set[bool] = set()
    drawn: dict[float, int] = {}
    right = (max(len(series.estimated), 1) - 1) / 2 * _STEP + 0.14
    for figure in series.published:
        if figure.measure != "N" or not figure.years or not set(figure.years) <= set(series.years):
            continue
        places = sorted(series.years.index(year) for year in figure.years)
        middle_of_years = (places[0] + places[-1]) / 2
        before = drawn.get(middle_of_years, 0)
        drawn[middle_of_years] = before + 1
        at = middle_of_years + (right if len(places) == 1 else 0.0) + before * _MARK_STEP
        _draw_figure(ax, figure, at, (places[0] - 0.4, places[-1] + 0.4), labelled)


def _draw_figure(ax: Axes, figure: PublishedFigure, at: float, span: tuple[float, float], labelled: set[bool]) -> None:
    """Draw one published figure: its range, a line across its years when there are several, and its mark."""
    if figure.lower is not None and figure.upper is not None:
        ax.plot([at, at], [figure.lower, figure.upper], color=PUBLISHED, linewidth=1.2, linestyle=":", zorder=2)
    if figure.value is None:
        return
    if len(figure.years) > 1:
        ax.plot(span, [figure.value] * 2, color=PUBLISHED, linewidth=1.0, linestyle="--", zorder=2)
    fill = "white" if figure.calibrated else PUBLISHED
    words = "published (the table was calibrated to it)" if figure.calibrated else "published"
    label = None if figure.calibrated in labelled else words
    labelled.add(figure.calibrated)
    ax.plot(at, figure.value, "D", color=fill, markeredgecolor=PUBLISHED, markersize=6, label=label, zorder=5)
