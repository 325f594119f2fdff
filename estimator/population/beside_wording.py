"""The same numbers under other assumptions, side by side, and what that says about where the precision comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimator.population.assumption import dependence_assumed, residual_assumed
from estimator.population.precision import precision
from estimator.words.numbers import WIDTH, interval, middle, wrapped
from estimator.words.words import words_in

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate
    from estimator.population.groups import GroupEstimate
    from estimator.study.priors import Priors

HEADING = "THE SAME NUMBERS UNDER OTHER ASSUMPTIONS"
NOT_SHOWN = "withheld"
_LABEL, _GAP = 28, 2


def beside_section(estimate: Estimate, heading: str) -> list[str]:
    """Return the section that shows an estimate and those under other priors side by side.

    Parameters
    ----------
    heading : str
        What the numbers are: a period, or "per year".

    Returns
    -------
    list of str
        Lines of at most 80 characters; none when nothing stands beside.
    """
    if not estimate.beside:
        return []
    sets = [estimate, *estimate.beside]
    lines = [HEADING, "", *_table(sets, heading), ""]
    lines += [wrapped(f"{one.priors_name}: {_assumed(one.priors)}.", "  ") for one in sets]
    verdict = precision_in_words(sets)
    return "\n".join([*lines, *(["", wrapped(verdict)] if verdict else [])]).split("\n")


def _assumed(priors: Priors) -> str:
    """Return what is assumed of pairs of lists, and of people whom all lists miss together."""
    say, residual = words_in("en").say, residual_assumed(priors)
    return f"{say(dependence_assumed(priors))}{'; ' + say(residual) if residual else ''}"


def _table(sets: Sequence[Estimate], heading: str) -> list[str]:
    """Return one row per group and one column per set of priors; where that is too wide, a row for each of both."""
    names = [one.priors_name for one in sets]
    rows = {name: [_cell(one, name) for one in sets] for name in sets[0].groups}
    widths = [max(map(len, column)) for column in zip(names, *rows.values(), strict=True)]
    labels = {name: group.label.en for name, group in sets[0].groups.items()}
    if _LABEL + sum(width + _GAP for width in widths) > WIDTH:
        return _long_table(names, rows, labels, heading)
    lines = [_row(heading, names, widths), "-" * WIDTH]
    for name, cells in rows.items():
        *above, last = textwrap.wrap(labels[name], _LABEL) or [""]
        lines += [*above, _row(last, cells, widths)]
    return lines


def _long_table(names: Sequence[str], rows: dict[str, list[str]], labels: dict[str, str], heading: str) -> list[str]:
    """Return a line for each group and, below it, one for each set of priors."""
    lines = [heading, "-" * WIDTH]
    for name, cells in rows.items():
        lines += textwrap.wrap(labels[name], WIDTH)
        for priors, cell in zip(names, cells, strict=True):
            room = WIDTH - len(cell) - _GAP - 3
            lines.append(f"  {textwrap.shorten(priors, room, placeholder='...'):<{room}} {cell:>{len(cell) + _GAP}}")
    return lines


def _row(label: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line of the table."""
    room = WIDTH - sum(width + _GAP for width in widths)
    numbers = "".join(f"{cell:>{width + _GAP}}" for cell, width in zip(cells, widths, strict=True))
    return f"{label[:room]:<{room}}{numbers}".rstrip()


def _cell(estimate: Estimate, name: str) -> str:
    """Return median and interval of a group under one set of priors."""
    return cell_of(estimate.groups[name]) if estimate.convergence.passed else NOT_SHOWN


def cell_of(group: GroupEstimate) -> str:
    """Return median and 95 % interval of a group: "6,384 (5,106 to 8,108)"."""
    least = group.registered.lower
    return f"{middle(group.N, least)} ({interval(group.N, least)})"


def precision_in_words(sets: Sequence[Estimate]) -> str:
    """Return how much of the precision is the assumption, and whether the answers agree; see `precision`."""
    return " ".join(words_in("en").say_all(precision(sets)))
