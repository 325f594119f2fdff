"""Cells of numbers: rounded once, so that what is printed and the number behind it say the same."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from estimator.document.content import Cell, Counted
from estimator.runs.group_records import BoundsRecord, GroupRecord
from estimator.words import numbers
from estimator.words.numbers import Spread
from estimator.words.words import Words

NOTHING = Cell("–")
"""A cell that has no number."""

_SMALL = 10
"""Numbers below this many units of the study's rounding keep the unit that their own interval asks for."""


_STEPS = [digit * 10.0**power for power in range(12) for digit in (1, 2, 5)]


def step_of(lower: float, upper: float, finest: float) -> float:
    """Return to what an estimate is rounded beside a registered number that is withheld or rounded: 5, 10, 20, 50, ...

    Never finer than a twentieth of its interval.
    """
    return next(step for step in _STEPS if step >= max(finest, (upper - lower) / 20))


@dataclass(frozen=True)
class Rounding:
    """To what unit numbers of estimated people are rounded.

    Parameters
    ----------
    people : float or None
        As the study says; None for the unit that each interval asks for.
    registered : int
        To what multiple registered numbers are rounded, by the study's rules of disclosure.
    bounds : bool
        Whether the bounds of a registered number that is not known are printed. Not under rules of disclosure: the
        bounds are sums of counts themselves, which those rules do not know.
    finest : float
        No estimate is printed finer, nor finer than `step_of`, where registered numbers are rounded: an interval may
        begin at its own. 1 where they are not.
    zeros : bool
        Whether it may be told that nobody is registered.
    """

    people: float | None = None
    registered: int = 1
    bounds: bool = True
    finest: float = 1.0
    zeros: bool = True

    def unit(self, value: Spread) -> float:
        """Return the unit of one number: never finer than its interval deserves."""
        own = numbers.unit_of(value) if self.finest <= 1 else self._step(value)
        return own if self.people is None or value.median < _SMALL * self.people else max(own, self.people)

    def _step(self, value: Spread) -> float:
        """Return the step of an interval, which stays the step of its limits when they are rounded outward to it."""
        step = step_of(value.lower, value.upper, self.finest)
        while True:
            lower, upper = math.floor(value.lower / step) * step, math.ceil(value.upper / step) * step
            wider = step_of(lower, upper, self.finest)
            if wider <= step:
                return step
            step = wider


@dataclass(frozen=True)
class CellMaker:
    """Makes cells in one language, with one rounding."""

    words: Words
    rounding: Rounding = Rounding()

    @property
    def language(self) -> str:
        """Of the report."""
        return self.words.language

    def text(self, text: str) -> Cell:
        """Return a cell of words."""
        return Cell(text)

    def registered(
        self,
        value: float,
        counted: Counted | None,
        limits: tuple[float, float] | None = None,
        bounds: BoundsRecord | None = None,
    ) -> Cell:
        """Return how many are registered; between which bounds, or "about" how many, where that is not exactly known.

        Parameters
        ----------
        limits : tuple of (float, float), optional
            Of what is believed of the number, where it is not known.
        bounds : BoundsRecord, optional
            Of the number by the table alone; then `value` is what is believed, for pictures and workbooks.
        """
        unit = self.rounding.registered
        shown = float(round(value / unit) * unit)
        if bounds is not None and self.rounding.bounds:
            lower, upper = float(math.floor(bounds.lower / unit) * unit), None
            if bounds.upper is not None:
                upper = float(math.ceil(bounds.upper / unit) * unit)
            text = numbers.people_between((lower, upper), self.language)
            return Cell(text, "registered", shown, lower, upper, exact=value, counted=counted)
        text = numbers.number(shown, language=self.language)
        if limits is not None or bounds is not None:
            text = self.words.text("estimate.about", number=text)
        return Cell(text, "registered", shown, exact=value, counted=counted)

    def registered_of(self, group: GroupRecord, counted: Counted | None) -> Cell:
        """Return how many of a group are registered."""
        return self.registered(group.registered, counted, group.registered_interval, group.registered_bounds)

    def people(self, value: Spread, least: float = 0.0, counted: Counted | None = None) -> Cell:
        """Return the median of a number of estimated people, not below what is known to be there."""
        unit, least = self.rounding.unit(value), self._known(least)
        rounded = float(round(max(round(value.median / unit) * unit, least)))
        text = numbers.count(rounded, language=self.language)
        return Cell(text, "estimated", rounded, exact=value.median, counted=counted)

    def interval(self, value: Spread, least: float = 0.0) -> Cell:
        """Return the 95 % interval of a number of people, rounded outward."""
        unit, least = self.rounding.unit(value), self._known(least)
        lower = float(max(math.floor(value.lower / unit) * unit, math.ceil(least)))
        upper = float(math.ceil(value.upper / unit) * unit)
        text = numbers.between((value.lower, value.upper), unit, least, self.language)
        return Cell(text, "estimated", None, lower, upper)

    def _known(self, least: float) -> float:
        """Return how many people are known to be there, as it may be told."""
        finest = self.rounding.finest
        return least if finest <= 1 else math.floor(least / finest) * finest

    def unseen(self, value: Spread, counted: Counted) -> tuple[Cell, Cell]:
        """Return how many of a group are on no list, with the 95 % interval."""
        number, interval = self.people(value), self.interval(value)
        return replace(number, quantity="unseen", counted=counted), replace(interval, quantity="unseen")

    def coverage(self, value: Spread, counted: Counted | None = None) -> Cell:
        """Return which share of a group is registered."""
        digits = 0 if value.median >= 0.02 else 1
        text = numbers.share(value.median, self.language)
        rounded = numbers.rounded_share(value.median, digits)
        return Cell(text, "coverage", rounded, exact=value.median, decimals=digits, counted=counted)

    def coverage_interval(self, value: Spread) -> Cell:
        """Return the 95 % interval of a share."""
        digits = 0 if value.lower >= 0.02 else 1
        lower, upper = (numbers.rounded_share(limit, digits) for limit in (value.lower, value.upper))
        text = numbers.share_interval(value, self.language)
        return Cell(text, "coverage", None, lower, upper, decimals=digits)

    def rate(self, value: Spread) -> tuple[Cell, Cell]:
        """Return a rate per 100,000 and its 95 % interval."""
        median, limits = numbers.rate(value, self.language)
        width = value.upper - value.lower
        power = math.floor(math.log10(width)) - 1 if width > 0 else 0
        unit, digits = 10.0**power, max(0, -power)
        rounded = round(round(value.median / unit) * unit, digits)
        lower = round(math.floor(value.lower / unit + 1e-9) * unit, digits)
        upper = round(math.ceil(value.upper / unit - 1e-9) * unit, digits)
        return (
            Cell(median, "rate", rounded, exact=value.median, decimals=digits),
            Cell(limits, "rate", None, lower, upper, decimals=digits),
        )

    def chance(self, value: float) -> Cell:
        """Return a probability as a percentage; never 0 or 100 %."""
        return Cell(numbers.chance(value, self.language), "probability", numbers.rounded_share(value), exact=value)

    def measure(self, value: float | None, digits: int = 0) -> Cell:
        """Return any other number; nothing where there is none."""
        if value is None:
            return NOTHING
        text = numbers.number(value, digits, self.language)
        return Cell(text, "measure", round(value, digits), exact=value, decimals=digits)
