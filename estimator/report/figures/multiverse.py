"""The specification curve: the total under every specification, from low to high, and the choices under it.

After Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4:1208.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from estimator.multiverse.record import MultiverseRecord
from estimator.report.figures.axes import ESTIMATED, REGISTERED, bare, folded, legend_above, new_figure, people_on
from estimator.report.labels import choice_with_labels
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.17
"""Inches of one alternative in the table of choices."""
_CURVE = 2.6
_BETWEEN = "#B8C4CE"
_LETTERS = 34


@dataclass(frozen=True)
class Point:
    """One specification.

    Parameters
    ----------
    lower, upper : float
        95 % interval of the total, persons.
    chosen : tuple of str
        The alternative of each choice, as it is called.
    """

    median: float
    lower: float
    upper: float
    declared: bool
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """A specification curve.

    Parameters
    ----------
    points : tuple of Point
        From the lowest median to the highest.
    choices : tuple of (str, tuple of str)
        What each choice is called, and its alternatives from top to bottom.
    total, order : str
        What the two axes are called.
    """

    points: tuple[Point, ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    total: str
    order: str


def curve_height(curve: Curve) -> float:
    """Return how high the picture is, in inches."""
    return _CURVE + 1.2 + _ROW * _rows(curve.choices)


def multiverse_figure(record: MultiverseRecord, words: Words) -> Figure:
    """Draw a multiverse; a sentence where no specification passes diagnostics."""
    curve = curve_of(record, words)
    figure = new_figure(8.6, curve_height(curve) + 0.5)
    figure.suptitle(folded(record.title.text(words.language), 96), fontsize=10)
    draw_curve(figure, curve, words)
    return figure


def curve_of(record: MultiverseRecord, words: Words) -> Curve:
    """Return the curve of the specifications that pass diagnostics; alternatives that none of them has are left out."""
    said = [
        {one.name: words.say(choice_with_labels(one.said, record, words.language)) for one in choice.alternatives}
        for choice in record.choices
    ]
    points = tuple(
        Point(
            one.median or 0.0,
            one.lower or 0.0,
            one.upper or 0.0,
            one is record.declared,
            tuple(names[name] for names, name in zip(said, one.chosen, strict=True)),
        )
        for one in record.passed
    )
    used = [{point.chosen[place] for point in points} for place in range(len(said))]
    titles = [
        words.text("multiverse.share-of", choice=words.say(choice.said), share=choice.share)
        for choice in record.choices
    ]
    choices = tuple(
        (title, tuple(text for text in names.values() if text in there))
        for title, names, there in zip(titles, said, used, strict=True)
    )
    order = words.text("figure.multiverse.order", passed=len(points), tried=len(record.specifications))
    return Curve(points, choices, words.text("figure.multiverse.total", per_year=record.per_year), order)


def draw_curve(figure: Figure, curve: Curve, words: Words, font: float = 7.5) -> None:
    """Draw the curve above and the table of choices below, on one axis."""
    if not curve.points:
        figure.text(0.5, 0.5, words.text("figure.multiverse.none"), ha="center", va="center", fontsize=10)
        return
    heights = [_CURVE, max(_ROW * _rows(curve.choices), _ROW)]
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    _totals(above, curve, words)
    _choices(below, curve, font)


def _totals(ax: Axes, curve: Curve, words: Words) -> None:
    places = range(len(curve.points))
    wide = max(0.6, min(4.0, 260 / len(curve.points)))
    ends = [point.lower for point in curve.points], [point.upper for point in curve.points]
    ax.vlines(
        places,
        *ends,
        color=_BETWEEN,
        linewidth=wide,
    )
    others = [place for place in places if not curve.points[place].declared]
    size = max(2.0, min(5.0, 300 / len(curve.points)))
    medians = [curve.points[place].median for place in others]
    ax.plot(others, medians, "o", color=ESTIMATED, markersize=size, label=words.text("figure.multiverse.other"))
    for place in places:
        point = curve.points[place]
        if point.declared:
            ax.vlines(place, point.lower, point.upper, color=REGISTERED, linewidth=1.6, zorder=4)
            label = words.text("figure.multiverse.declared")
            ax.plot(place, point.median, "D", color=REGISTERED, markersize=6.5, label=label, zorder=5)
    if min(point.lower for point in curve.points) > 0:
        ax.set_yscale("log")
    people_on(ax.yaxis, words)
    ax.set_ylabel(curve.total, fontsize=8)
    ax.tick_params(labelsize=8, bottom=False)
    legend_above(ax, 1, fontsize=8)  # two beside each other are wider than a report in Dutch
    bare(ax, "bottom")


def _choices(ax: Axes, curve: Curve, font: float) -> None:
    """Draw a mark for the alternative that each specification has of each choice."""
    row, ticks, labels = 0.0, [], []
    for place, (title, alternatives) in enumerate(curve.choices):
        ax.text(
            -0.01, row, title, transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize=font, weight="bold"
        )
        row += 1
        for text in alternatives:
            lines = _lines(text)
            row += (lines - 1) / 2
            has = [at for at, point in enumerate(curve.points) if point.chosen[place] == text]
            ours = [at for at in has if curve.points[at].declared]
            ax.axhline(row, color="0.93", linewidth=0.6, zorder=0)
            _marks(ax, has, row, ESTIMATED, len(curve.points))
            ax.plot(ours, [row] * len(ours), "D", color=REGISTERED, markersize=3.5, zorder=5)
            ticks.append(row)
            labels.append(folded(text, _LETTERS))
            row += (lines + 1) / 2
    ax.set_yticks(ticks, labels, fontsize=font)
    ax.set_ylim(row - 0.4, -0.6)
    ax.set_xlim(-0.8, len(curve.points) - 0.2)
    ax.set_xticks([])
    ax.set_xlabel(curve.order, fontsize=8)
    ax.tick_params(length=0)
    bare(ax, "left", "bottom")


def _marks(ax: Axes, places: Sequence[int], row: float, colour: str, of: int) -> None:
    wide = max(0.7, min(3.0, 260 / of))
    ax.vlines(places, row - 0.32, row + 0.32, color=colour, linewidth=wide)


def _rows(choices: Sequence[tuple[str, Sequence[str]]]) -> int:
    return sum(1 + sum(map(_lines, alternatives)) for _, alternatives in choices)


def _lines(text: str) -> int:
    """Return how many lines the name of an alternative takes."""
    return folded(text, _LETTERS).count("\n") + 1
