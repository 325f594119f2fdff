"""Numbers that add up as they are printed: controlled rounding, from the total down.

The medians of parts do not add up to the median of the whole, and rounded numbers do not add up at all. Here a total is
divided over its parts in proportion to their medians, in whole units, and what rounding leaves goes to the parts that
lost most by it. No part gets less than the people who are known to be there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]
"""A part, by the levels that lead to it; the empty path is everybody."""


@dataclass(frozen=True)
class Part:
    """A part of a whole.

    Parameters
    ----------
    target : float
        What it would be on its own: its median.
    least : float
        Below which it may not lie.
    """

    target: float
    least: float = 0.0


def apportioned(total: int, parts: Sequence[Part]) -> list[int]:
    """Divide a whole number over parts in proportion to their targets, each at least its least.

    Parameters
    ----------
    total : int
        In units, as are the parts.

    Returns
    -------
    list of int
        They add up to `total`. Leasts that together exceed it are not kept.

    Examples
    --------
    >>> apportioned(10, [Part(3.4), Part(3.3), Part(3.2)])
    [4, 3, 3]
    >>> apportioned(10, [Part(9.0), Part(0.2, least=2)])
    [8, 2]
    """
    leasts = [math.ceil(part.least - 1e-9) for part in parts]
    if sum(leasts) > total:
        leasts = [0] * len(parts)
    whole = sum(part.target for part in parts)
    shares = [total * part.target / whole if whole > 0 else total / len(parts) for part in parts]
    given = [max(math.floor(share), least) for share, least in zip(shares, leasts, strict=True)]
    while sum(given) != total:
        step = 1 if sum(given) < total else -1
        open_to_it = [place for place in range(len(parts)) if step > 0 or given[place] > leasts[place]]
        place = max(open_to_it, key=lambda at: step * (shares[at] - given[at]))
        given[place] += step
    return given


def adding_up(total: float, parts: Mapping[Path, Part], unit: float) -> dict[Path, float]:
    """Give every part of a tree a number, so that the parts of each part add up to it.

    Parameters
    ----------
    total : float
        Of everybody, a multiple of `unit`.
    parts : mapping of path to Part
        Every part of every depth, children after their parents.
    unit : float
        Of all numbers.

    Returns
    -------
    dict of path to float
        For ``()`` and every path of `parts`.
    """
    children: dict[Path, list[Path]] = {}
    for path in parts:
        children.setdefault(path[:-1], []).append(path)

    def least(path: Path) -> int:
        below = children.get(path)
        return sum(map(least, below)) if below else math.ceil(parts[path].least / unit - 1e-9)

    numbers: dict[Path, int] = {(): round(total / unit)}
    for path in [(), *parts]:
        below = children.get(path, [])
        if not below:
            continue
        shares = [Part(parts[child].target / unit, least(child)) for child in below]
        numbers |= dict(zip(below, apportioned(numbers[path], shares), strict=True))
    return {path: round(number * unit, 10) for path, number in numbers.items()}


def largest_shift(numbers: Mapping[Path, float], parts: Mapping[Path, Part], unit: float) -> float:
    """Return by which share a number was moved at most, of those large enough for a share to mean something."""
    moved = [abs(numbers[path] - part.target) / part.target for path, part in parts.items() if part.target >= 20 * unit]
    return max(moved, default=0.0)
