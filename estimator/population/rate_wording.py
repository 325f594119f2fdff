"""Rates in words: a table of people per 100,000 inhabitants, and whose numbers of inhabitants these are."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from estimator.words.numbers import WIDTH, count, listed, population, rate, wrapped

if TYPE_CHECKING:
    from estimator.population.groups import GroupEstimate

_LABEL, _OF = 30, 21
_HOW = {"counted": "counted", "implied": "backed out of a published rate"}


def rate_section(groups: Mapping[str, GroupEstimate], heading: str) -> list[str]:
    """Return the table of rates, with their denominators below it.

    Parameters
    ----------
    heading : str
        What the numbers are: a period, or "per year".

    Returns
    -------
    list of str
        Lines of at most 80 characters; none when no group has a rate.
    """
    rated = {name: group for name, group in groups.items() if group.rate is not None}
    if not rated:
        return []
    lines = [_row(heading, "per 100,000", "rate", "95 % interval"), "-" * WIDTH]
    for group in rated.values():
        *above, last = textwrap.wrap(group.label.en, _LABEL) or [""]
        lines += [*above, _row(last, *rate_cells(group))]
    return "\n".join([*lines, *map(wrapped, denominators_in_words(rated))]).split("\n")


def rate_cells(group: GroupEstimate) -> tuple[str, str, str]:
    """Return of whom a rate is, the rate, and its interval."""
    if group.rate is None or group.denominator is None:
        return "", "", ""
    return (population(group.denominator.population), *rate(group.rate))


def denominators_in_words(groups: Mapping[str, GroupEstimate]) -> list[str]:
    """Return a sentence for each denominator: how many inhabitants, in which years, known how, and from whom."""
    found = {group.denominator.population: group.denominator for group in groups.values() if group.denominator}
    return [
        f"{population(name)[:1].upper()}{population(name)[1:]}: {count(of.inhabitants)}"
        f"{' on average' if len(of.years) > 1 else ''} in {listed(of.years)}, "
        f"{_HOW[of.how]} ({'; '.join(source.removeprefix('backed out: ') for source in of.sources)})."
        for name, of in found.items()
    ]


def _row(label: str, of: str, number: str, limits: str) -> str:
    """Return one line of the table."""
    return f"{label[:_LABEL]:<{_LABEL}} {of[:_OF]:>{_OF}} {number:>8} {limits:>18}".rstrip()
