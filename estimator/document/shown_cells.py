"""Cells as they may be published: withheld, rounded further, or "fewer than"."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from estimator.disclosure.margins import Margin
from estimator.disclosure.suppression import Withheld
from estimator.document.cells import step_of
from estimator.document.content import Cell, Counted, Document
from estimator.document.counted import margin_of, rounded, rows_of
from estimator.study.questions import DisclosureRules
from estimator.words import numbers
from estimator.words.words import Words


@dataclass(frozen=True)
class Size:
    """An estimated number of people and its interval, printed to multiples of `step`."""

    value: float
    lower: float
    upper: float
    step: float


def _step(lower: float, upper: float, rules: DisclosureRules) -> float:
    """Return to what an estimate is rounded: never finer than the minimum and the rounding of registered numbers."""
    return step_of(lower, upper, max(rules.minimum, rules.rounding))


def _counted_in(cells: Sequence[Cell]) -> Counted | None:
    """Return whom a row counts."""
    return next((cell.counted for cell in cells if cell.counted is not None), None)


def _sizes(cells: Sequence[Cell], rules: DisclosureRules) -> Iterator[Size]:
    """Yield each estimate of a row as it is printed when it is rounded further: a number, and the interval after it."""
    for place, cell in enumerate(cells):
        if cell.quantity != "estimated" or cell.value is None:
            continue
        after = cells[place + 1] if place + 1 < len(cells) else cell
        ends = after.upper is not None and after.quantity == "estimated"
        lower, upper = (after.lower or 0.0, after.upper or 0.0) if ends else (cell.value, cell.value)
        step = _step(lower, upper, rules)
        low, high = math.floor(lower / step) * step, math.ceil(upper / step) * step
        yield Size(round(cell.value / step) * step, low, high, step)


def estimates_of(document: Document, rules: DisclosureRules) -> dict[Margin, Size]:
    """Return the first estimate that stands beside a registered number."""
    sizes: dict[Margin, Size] = {}
    for cells in rows_of(document):
        counted = _counted_in(cells)
        if counted is not None and any(cell.quantity == "registered" for cell in cells):
            for size in _sizes(cells, rules):
                sizes.setdefault(margin_of(counted), size)
    return sizes


def ceilings(document: Document, rules: DisclosureRules) -> dict[Margin, float]:
    """Return the most people who can be registered, as far as the estimates beside a withheld number say.

    An estimate counts the registered too, so that they are not more than its lower limit; that they are fewer than the
    minimum may be known.
    """
    most: dict[Margin, float] = {}
    for cells in rows_of(document):
        counted = _counted_in(cells)
        if counted is None:
            continue
        for size in _sizes(cells, rules):
            limit = max(size.lower + size.step, rules.minimum) * counted.years - 1
            most[margin_of(counted)] = min(limit, most.get(margin_of(counted), limit))
    return most


@dataclass(frozen=True)
class Shown:
    """Turns cells into what may be published of them.

    Parameters
    ----------
    people : mapping of Margin to float
        How many people each sum counts.
    sizes : mapping of Margin to Size
        What is printed of their estimates.
    """

    words: Words
    rules: DisclosureRules
    gone: Withheld
    people: Mapping[Margin, float] = field(default_factory=dict)
    sizes: Mapping[Margin, Size] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """What stands in place of a withheld number."""
        return self.words.text("disclosure.withheld")

    @property
    def may_tell_zeros(self) -> bool:
        """Whether it may be told that nobody is registered."""
        return self.rules.zeros == "shown"

    def is_gone(self, cells: Sequence[Cell]) -> bool:
        """Tell whether the registered number of a row is withheld."""
        return any(cell.counted is not None and margin_of(cell.counted) in self.gone.all for cell in cells)

    def is_withheld(self, counted: Counted) -> bool:
        """Tell whether the registered number of some people is withheld."""
        return margin_of(counted) in self.gone.all

    def tells(self, counted: Counted) -> bool:
        """Tell whether a sentence on some people gives their registered number away, or more of it than is shown.

        A percentage does where numbers are rounded: it is not that of the rounded ones, which stands in the tables.
        """
        return self.is_withheld(counted) or self.rules.rounding > 1

    def row(self, cells: tuple[Cell, ...], *, apart: bool = False) -> tuple[Cell, ...]:
        """Return the cells of a row.

        Parameters
        ----------
        apart : bool
            Whether estimates are rounded further though the registered number stands, so that what is withheld in
            another row cannot be had by taking this one from a sum.
        """
        counted, gone = _counted_in(cells), self.is_gone(cells)
        if counted is not None and margin_of(counted) in self.gone.estimates:
            return tuple(self._nothing(cell) if _is_number(cell) else cell for cell in cells)
        blurred = self.rules.rounding > 1
        estimated = self._estimates(cells, further=gone or blurred or apart)
        shown = []
        for place, cell in enumerate(estimated):
            if not _is_number(cell):
                shown.append(cell)
            elif cell.quantity == "rate" and (gone or blurred or apart):
                shown.append(self._rate(cells, estimated, place, gone=gone))
            elif counted is None or cell.quantity not in ("registered", "coverage", "unseen"):
                shown.append(cell)
            else:
                shown.append(self._nothing(cell) if gone else self._of_registered(cell, counted, cells))
        return tuple(shown)

    def _nothing(self, cell: Cell) -> Cell:
        return Cell(self.mark, cell.quantity)

    def _number(self, value: float, decimals: int = 0) -> str:
        return numbers.number(value, decimals, self.words.language)

    def _estimates(self, cells: Sequence[Cell], *, further: bool) -> list[Cell]:
        """Return cells of which the estimates are rounded further, or stand as fewer than the minimum."""
        new, step = list(cells), float(self.rules.minimum)
        for place, cell in enumerate(cells):
            if cell.quantity != "estimated" or not _is_number(cell):
                continue
            if cell.upper is None:
                step = _step_beside(cells, place, self.rules)
                value = round((cell.value or 0.0) / step) * step if further else cell.value or 0.0
                new[place] = self._at_least(cell, value, further=further)
            else:
                step = _step(cell.lower or 0.0, cell.upper, self.rules) if further else 1.0
                lower, upper = math.floor((cell.lower or 0.0) / step) * step, math.ceil(cell.upper / step) * step
                new[place] = self._interval(cell, lower, upper, further=further)
        return new

    def _at_least(self, cell: Cell, value: float, *, further: bool) -> Cell:
        if value < self.rules.minimum:
            return Cell(self._fewer(), "estimated")
        if not further:
            return cell
        return replace(cell, text=numbers.count(value, language=self.words.language), value=value, exact=None)

    def _interval(self, cell: Cell, lower: float, upper: float, *, further: bool) -> Cell:
        if upper < self.rules.minimum:
            return Cell(self._fewer(), "estimated")
        if lower >= self.rules.minimum and not further:
            return cell
        low = self._number(lower) if lower >= self.rules.minimum else self._fewer()
        text = numbers.span(low, self._number(upper), self.words.language)
        return replace(cell, text=text, lower=lower if lower >= self.rules.minimum else None, upper=upper, exact=None)

    def _fewer(self) -> str:
        return self.words.text("disclosure.fewer-than", minimum=self.rules.minimum)

    def _rate(self, cells: Sequence[Cell], shown: Sequence[Cell], place: int, *, gone: bool) -> Cell:
        """Return a rate as it follows from the people as they are printed, registered or estimated."""
        cell, before = cells[place], range(place - 1, -1, -1)
        if cell.upper is not None:
            rate = next((cells[at] for at in before if cells[at].quantity == "rate" and cells[at].value), None)
        else:
            rate = cell
        of = "registered" if cell.counted is not None else "estimated"
        whom = next((at for at in before if cells[at].quantity == of and cells[at].value), None)
        if rate is None or whom is None or not rate.exact or not cells[whom].exact or (gone and of == "registered"):
            return self._nothing(cell)
        scale = rate.exact / (cells[whom].exact or 1.0)
        if cell.upper is None:
            value = shown[whom].value if of == "estimated" else self._rounded(cells[whom])
            if value is None:
                return self._nothing(cell)
            value = round(value * scale, cell.decimals)
            return replace(cell, text=self._number(value, cell.decimals), value=value, exact=None)
        limits = shown[whom + 1] if whom + 1 < len(shown) else cell
        if limits.quantity != "estimated" or limits.lower is None or limits.upper is None:
            return self._nothing(cell)
        lower, upper = (round(limit * scale, cell.decimals) for limit in (limits.lower, limits.upper))
        text = numbers.span(self._number(lower, cell.decimals), self._number(upper, cell.decimals), self.words.language)
        return replace(cell, text=text, lower=lower, upper=upper, exact=None)

    def _rounded(self, cell: Cell) -> float | None:
        """Return a registered number as it is printed."""
        if cell.counted is None or margin_of(cell.counted) in self.gone.all:
            return None
        return rounded(self.people[margin_of(cell.counted)], cell.counted, self.rules)

    def _of_registered(self, cell: Cell, counted: Counted, cells: Sequence[Cell]) -> Cell:
        """Return a registered number as it is rounded, and what follows from it as it follows from printed numbers."""
        if self.rules.rounding == 1:
            return cell
        margin = margin_of(counted)
        if margin not in self.people:
            return self._nothing(cell)
        seen = rounded(self.people[margin], counted, self.rules)
        if cell.quantity == "registered":
            about = cell.value is not None and cell.text != self._number(cell.value)
            text = self.words.text("estimate.about", number=self._number(seen)) if about else self._number(seen)
            return replace(cell, text=text, value=seen, exact=None)
        size = self.sizes.get(margin)
        if size is None or not size.value or not size.lower or size.lower < max(seen, self.rules.minimum):
            return self._nothing(cell)
        if cell.quantity == "unseen":
            return self._people(cell, size.value - seen, size.lower - seen, size.upper - seen)
        if cell.value is not None and cell.value > 1:  # of every hundred people
            per_cent = round(100 * seen / size.value)
            value = per_cent if any(one.quantity == "registered" for one in cells) else 100 - per_cent
            return replace(cell, text=str(value), value=float(value), exact=None)
        return self._share(cell, seen / size.value, seen / size.upper, seen / size.lower)

    def _people(self, cell: Cell, value: float, lower: float, upper: float) -> Cell:
        if cell.upper is None:
            return replace(cell, text=self._number(value), value=value, exact=None)
        text = numbers.span(self._number(lower), self._number(upper), self.words.language)
        return replace(cell, text=text, lower=lower, upper=upper, exact=None)

    def _per_cent(self, text: str) -> str:
        return numbers.percentage(text, self.words.language)

    def _share(self, cell: Cell, value: float, lower: float, upper: float) -> Cell:
        digits = cell.decimals
        value, lower, upper = (round(number, digits + 2) for number in (value, lower, upper))
        if cell.upper is None:
            return replace(cell, text=self._per_cent(self._number(100 * value, digits)), value=value, exact=None)
        text = numbers.span(self._number(100 * lower, digits), self._number(100 * upper, digits), self.words.language)
        return replace(cell, text=self._per_cent(text), lower=lower, upper=upper, exact=None)


def _is_number(cell: Cell) -> bool:
    return cell.value is not None or cell.lower is not None or cell.upper is not None


def _step_beside(cells: Sequence[Cell], place: int, rules: DisclosureRules) -> float:
    """Return to what a number is rounded: as the interval after it is."""
    after = cells[place + 1] if place + 1 < len(cells) else cells[place]
    if after.quantity == "estimated" and after.upper is not None:
        return _step(after.lower or 0.0, after.upper, rules)
    return _step(0.0, 0.0, rules)
