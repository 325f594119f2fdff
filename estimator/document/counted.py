"""Every observed number of a report as a sum that disclosure control knows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.disclosure.margins import Margin, Printed
from estimator.document.content import Block, Cell, Counted, Document, KeyNumber
from estimator.study.questions import DisclosureRules

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observed:
    """The counts of a run.

    Parameters
    ----------
    registered : ndarray, shape (draws, stratum), or None
        Registered people; not the same in every draw where they are not exactly known.
    by_history : ndarray, shape (stratum, history), or None
        The same by the lists that saw them; not a number where that is not exactly known.
    """

    registered: Floats | None = None
    by_history: Floats | None = None

    @property
    def n_lists(self) -> int:
        """Number of lists; 0 where counts by history are not known."""
        return 0 if self.by_history is None else self.by_history.shape[1].bit_length() - 1

    @property
    def histories(self) -> frozenset[int]:
        """Histories that somebody has, or may have."""
        if self.by_history is None:
            return frozenset()
        some = (np.nan_to_num(self.by_history, nan=1.0) > 0).any(axis=0)
        return frozenset(np.flatnonzero(some).tolist()) - {0}

    def bounds(self, margin: Margin, printed: float) -> tuple[float, float]:
        """Return the smallest and largest number of people that a sum may be.

        Parameters
        ----------
        printed : float
            The number as it is known without the counts of the run.
        """
        strata = sorted(margin.strata)
        if margin.histories is not None and self.by_history is not None:
            part = self.by_history[np.ix_(strata, sorted(margin.histories))]
            known = float(np.nansum(part))
            return known, math.inf if np.isnan(part).any() else known
        if margin.histories is None and self.registered is not None:
            sums = self.registered[:, strata].sum(axis=1)
            return float(sums.min()), float(sums.max())
        return printed, printed

    def most_by_one_list(self, margin: Margin) -> float:
        """Return how many people of a sum the list knows that saw most of them; 0 where a sum is of lists itself."""
        if self.by_history is None or margin.histories is not None:
            return 0.0
        people = np.nansum(self.by_history[sorted(margin.strata)], axis=0)
        place = np.arange(len(people))
        return max(float(people[place >> bit & 1 == 1].sum()) for bit in range(self.n_lists))


def margin_of(counted: Counted) -> Margin:
    """Return the people whom a number counts."""
    return Margin(counted.strata, counted.histories)


def rows_of(document: Document) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells that stand beside each other: rows of tables and of the data of figures, and key numbers."""
    for table in document.tables():
        yield from (row.cells for row in table.rows)
    yield tuple(cell for block in document.blocks() for cell in cells_of(block))


def cells_of(block: Block) -> tuple[Cell, ...]:
    """Return the cells of a key number."""
    if not isinstance(block, KeyNumber):
        return ()
    return (block.number,) if block.interval is None else (block.number, block.interval)


def rounded(people: float, counted: Counted, rules: DisclosureRules) -> float:
    """Return a number of registered people as it is printed: per year where it is an average, in the study's unit."""
    return float(round(people / counted.years / rules.rounding) * rules.rounding)


def printed_sums(document: Document, observed: Observed, rules: DisclosureRules) -> list[Printed]:
    """Return every sum of observed people that a report prints or gives away, each once.

    What gives one away, such as a share, is taken for the sum itself.
    """
    found: dict[Margin, Printed] = {}
    for cells in rows_of(document):
        for cell in cells:
            if cell.counted is None or cell.value is None:
                continue
            one = _sum(cell, cell.counted, observed, rules)
            if one is None:
                continue
            other = found.get(one.margin, one)
            lower, upper = max(one.lower, other.lower), min(one.upper, other.upper)
            value = one.value if cell.quantity == "registered" or one.margin not in found else other.value
            found[one.margin] = Printed(one.margin, value, lower, upper)
    return list(found.values())


def _sum(cell: Cell, counted: Counted, observed: Observed, rules: DisclosureRules) -> Printed | None:
    """Return a sum; None of a share of people whom nobody counted."""
    margin = margin_of(counted)
    least, most = observed.bounds(margin, float("nan"))
    if cell.quantity == "registered" and cell.value is not None:
        people = float(round((cell.value if cell.exact is None else cell.exact) * counted.years))
        least, most = (people, people) if math.isnan(least) else (least, most)
    elif math.isnan(least):
        return None
    else:
        people = float(round(least if math.isinf(most) else (least + most) / 2))
    lower, upper = alike(people, counted, rules)
    return Printed(margin, people, min(lower, least), max(upper, most))


def alike(people: float, counted: Counted, rules: DisclosureRules) -> tuple[float, float]:
    """Return the smallest and largest number of people that are printed as a number of people is."""
    shown, most = rounded(people, counted, rules), math.ceil(rules.rounding * counted.years / 2) + 1
    same = [
        other
        for other in range(max(0, int(people) - 2 * most), int(people) + 2 * most + 1)
        if rounded(other, counted, rules) == shown
    ]
    return float(min(same)), float(max(same))
