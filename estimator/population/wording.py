"""How numbers are written: the one place where those of estimates, comparisons and priors are formatted."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estimator.population.summary import Summary

WIDTH = 80
_IN_WORDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

KIND_NOTES = {
    "observed": "",
    "reconstructed": "RECONSTRUCTED TABLE: calibrated to published estimates. Getting them back is a check of the "
    "software, never evidence about people.",
    "synthetic": "SYNTHETIC TABLE: made up. Nothing here is about real people.",
}


def count(value: float, unit: float = 1.0) -> str:
    """Return a number of persons with separators, rounded to a unit."""
    return f"{round(value / unit) * unit:,.0f}"


def roughly(value: float) -> str:
    """Return a number of persons with three digits that count, whatever is known of it."""
    size = abs(value)
    return count(value, 10.0 ** (len(str(int(size))) - 3) if size >= 1000 else 1.0)


def unit_of(value: Summary) -> float:
    """Return the unit to which a number of persons is rounded: a hundredth of the size of its 95 % interval.

    Three digits of the uncertainty are kept, so that nothing is rounded away that is known, and nothing is printed that
    the draws do not settle.
    """
    width = value.upper - value.lower
    return max(1.0, 10.0 ** (math.floor(math.log10(width)) - 2)) if width > 0 else 1.0


def between(limits: tuple[float, float], unit: float, least: float = 0.0) -> str:
    """Return limits in words, rounded outward, but not below the number that is known to be there."""
    lower = max(math.floor(limits[0] / unit) * unit, math.ceil(least))
    return f"{lower:,.0f} to {math.ceil(limits[1] / unit) * unit:,.0f}"


def middle(value: Summary, least: float = 0.0) -> str:
    """Return the median of a number of persons, rounded, but not below the number that is known to be there."""
    unit = unit_of(value)
    return count(max(round(value.median / unit) * unit, least))


def registered(value: Summary) -> str:
    """Return a registered number in full, with its range when it is not exactly known."""
    if value.sd == 0:
        return f"{value.median:,.0f}"
    return f"about {value.median:,.0f}"


def interval(value: Summary, least: float = 0.0) -> str:
    """Return the limits of the widest interval of a number of persons."""
    return between((value.lower, value.upper), unit_of(value), least)


def share(value: float) -> str:
    """Return a share as a percentage; all of it only when it is all."""
    per_cent = 100 * value
    if 99.5 <= per_cent < 100:
        return ">99 %"
    return f"{per_cent:.0f} %" if per_cent >= 2 else f"{per_cent:.1f} %"


def share_interval(value: Summary) -> str:
    """Return the widest interval of a share."""
    digits = 0 if value.lower >= 0.02 else 1
    return f"{100 * value.lower:.{digits}f} to {100 * value.upper:.{digits}f} %"


def wrapped(text: str, indent: str = "") -> str:
    """Return text in lines of 80 characters."""
    unbroken = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(unbroken, WIDTH, initial_indent=indent, subsequent_indent=indent)


def one_in(value: float) -> str:
    """Return how many people there are for one registered one: "one in five"; nothing when most are registered."""
    whole = round(value)
    if value < 1.8:
        return ""
    return f"one in {_IN_WORDS[whole] if whole < len(_IN_WORDS) else f'{whole:,}'}"


def rate(value: Summary) -> tuple[str, str]:
    """Return a rate and its 95 % interval, with as many decimals as its uncertainty leaves meaning to."""
    width = value.upper - value.lower
    power = math.floor(math.log10(width)) - 1 if width > 0 else 0
    unit, digits = 10.0**power, max(0, -power)
    # outward, but not for the sake of a last binary digit
    lower, upper = math.floor(value.lower / unit + 1e-9) * unit, math.ceil(value.upper / unit - 1e-9) * unit
    middle = f"{round(value.median / unit) * unit:,.{digits}f}"
    return middle, f"{lower:,.{digits}f} to {upper:,.{digits}f}"


def factor(value: float) -> str:
    """Return how many times one number is of another."""
    if not math.isfinite(value):
        return "without limit"
    return f"{value:.2f}" if value < 1.3 else f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def listed(names: Sequence[str]) -> str:
    """Return names in a row: "2013, 2014 and 2015"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def levels_in_words(chosen: Sequence[str], ordered: Sequence[str] = ()) -> str:
    """Return some levels: "2012-2015" where they follow each other in an order, otherwise one by one.

    Parameters
    ----------
    chosen : sequence of str
    ordered : sequence of str, optional
        All levels in their order; none when they have no order.

    Returns
    -------
    str
    """
    places = sorted(ordered.index(level) for level in chosen) if set(chosen) <= set(ordered) else []
    if len(places) > 1 and places == list(range(places[0], places[-1] + 1)):
        return f"{ordered[places[0]]}-{ordered[places[-1]]}"
    return listed([ordered[place] for place in places] or list(chosen))


def population(name: str) -> str:
    """Return what a population of a file of denominators is called in a sentence."""
    return name.replace("_", " ")


def probability_in_words(value: float) -> str:
    """Return a probability of a test, with as many digits as mean something: "0.21", "0.004", "below 0.0001"."""
    if value < 1e-4:
        return "below 0.0001"
    digits = 2 if value >= 0.095 else 1 - math.floor(math.log10(value) + 1e-9)
    return f"{value:.{min(digits, 4)}f}"
