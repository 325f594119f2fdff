"""The specification curve: the total under every specification, and the choices under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.document.content import Figure
from estimator.document.pictures.shared import WIDTH, cell, column_title
from estimator.report.figures.multiverse import Curve, Point, curve_height, draw_curve
from estimator.words.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_WIDER = 1.25
"""Times the width of other figures: the choices have names that take room."""


def size(figure: Figure) -> tuple[float, float]:
    """Return width and height in inches."""
    return _WIDER * WIDTH, curve_height(_curve(figure))


def draw(canvas: Canvas, figure: Figure, words: Words) -> None:
    """Draw the totals above and the choices below."""
    draw_curve(canvas, _curve(figure), words, font=7.0)


def alt(figure: Figure, words: Words) -> str:
    """Say between what the totals stand, and which choices are shown."""
    curve, rows = _curve(figure), figure.data.rows
    lowest, highest = (cell(figure, row, "estimated").text for row in (rows[0], rows[-1]))
    choices = tuple(title for title, _ in curve.choices)
    return words.text("report.alt.multiverse", shown=len(rows), lowest=lowest, highest=highest, choices=choices)


def _curve(figure: Figure) -> Curve:
    """Return the curve that the rows of a figure say, alternatives in alphabetical order below that of the study."""
    points = []
    for row in figure.data.rows:
        estimated, interval, *chosen = row.cells
        people = _number(estimated.value), _number(interval.lower), _number(interval.upper)
        points.append(Point(*people, row.strong, tuple(one.text for one in chosen)))
    declared = next((one.chosen for one in points if one.declared), ())
    choices = []
    for place, column in enumerate(figure.data.columns[2:]):
        names = {one.chosen[place] for one in points}
        first = declared[place : place + 1]
        choices.append((column.title, (*first, *sorted(names - {*first}))))
    return Curve(tuple(points), tuple(choices), column_title(figure, "estimated"), figure.notes[0])


def _number(value: float | None) -> float:
    return 0.0 if value is None else value
