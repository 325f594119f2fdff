"""How numbers are written: the one place where those of estimates, comparisons and priors are formatted.

Every format takes the language last. In templates they are filters: ``{{ lower|count }}``.
"""

from __future__ import annotations

import datetime
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from estimator.words.catalogue import catalogue

WIDTH = 80


class Known(Protocol):
    """A registered number: its middle, and a spread of 0 where it is exactly known."""

    @property
    def median(self) -> float:
        """The middle."""

    @property
    def sd(self) -> float:
        """Standard deviation."""


class Spread(Protocol):
    """What is known of a number: its middle and the limits of its widest interval."""

    @property
    def median(self) -> float:
        """The middle."""

    @property
    def lower(self) -> float:
        """Lower limit."""

    @property
    def upper(self) -> float:
        """Upper limit."""


def number(value: float, digits: int = 0, language: str = "en") -> str:
    """Return a number with separators and a number of decimals: "12,345.6", "12.345,6"."""
    text = f"{value:,.{digits}f}"
    return text if language == "en" else text.translate(_OTHER_WAY_ROUND)


_OTHER_WAY_ROUND = str.maketrans(",.", ".,")


def plain(value: float, digits: int = 3, language: str = "en") -> str:
    """Return a number with some digits that count and no separators: "0.14", "7.1", "1200"."""
    text = f"{value:.{digits}g}"
    return text if language == "en" else text.replace(".", ",")


def count(value: float, unit: float = 1.0, language: str = "en") -> str:
    """Return a number of persons with separators, rounded to a unit."""
    return number(round(value / unit) * unit, language=language)


def roughly(value: float, language: str = "en") -> str:
    """Return a number of persons with three digits that count, whatever is known of it."""
    size = abs(value)
    return count(value, 10.0 ** (len(str(int(size))) - 3) if size >= 1000 else 1.0, language)


def unit_of(value: Spread) -> float:
    """Return the unit to which a number of persons is rounded: a hundredth of the size of its 95 % interval.

    Three digits of the uncertainty are kept, so that nothing is rounded away that is known, and nothing is printed that
    the draws do not settle.
    """
    width = value.upper - value.lower
    return max(1.0, 10.0 ** (math.floor(math.log10(width)) - 2)) if width > 0 else 1.0


def between(limits: tuple[float, float], unit: float, least: float = 0.0, language: str = "en") -> str:
    """Return limits in words, rounded outward, but not below the number that is known to be there."""
    lower = max(math.floor(limits[0] / unit) * unit, math.ceil(least))
    return span(
        number(lower, language=language), number(math.ceil(limits[1] / unit) * unit, language=language), language
    )


def span(lower: str, upper: str, language: str = "en") -> str:
    """Return two limits that are already written: "5,100 to 8,100"."""
    return _phrase("number.span", language).format(lower=lower, upper=upper)


def people_to(lower: float, upper: float, least: float = 0.0, language: str = "en") -> str:
    """Return the limits of a number of persons, rounded outward to a unit of their own: "722 to 1,160"."""
    width = upper - lower
    unit = max(1.0, 10.0 ** (math.floor(math.log10(width)) - 2)) if width > 0 else 1.0
    return between((lower, upper), unit, least, language)


def middle(value: Spread, least: float = 0.0, language: str = "en") -> str:
    """Return the median of a number of persons, rounded, but not below the number that is known to be there."""
    unit = unit_of(value)
    return count(max(round(value.median / unit) * unit, least), language=language)


def registered(value: Known, language: str = "en") -> str:
    """Return a registered number in full; "about" where it is not exactly known."""
    known = number(value.median, language=language)
    return known if value.sd == 0 else _phrase("number.about", language).format(number=known)


def interval(value: Spread, least: float = 0.0, language: str = "en") -> str:
    """Return the limits of the widest interval of a number of persons."""
    return between((value.lower, value.upper), unit_of(value), least, language)


def dashed_interval(value: Spread, least: float = 0.0, language: str = "en") -> str:
    """Return the limits of the widest interval as narrow as a column of a table wants them: "5,090-8,110"."""
    unit = unit_of(value)
    lower = max(math.floor(value.lower / unit) * unit, math.ceil(least))
    return f"{number(lower, language=language)}-{number(math.ceil(value.upper / unit) * unit, language=language)}"


def percentage(text: str, language: str = "en") -> str:
    """Return a number that is already written with its sign: "21 %", in Dutch "21%", as the government writes it."""
    return f"{text}%" if language == "nl" else f"{text} %"


def share(value: float, language: str = "en") -> str:
    """Return a share as a percentage; all of it only when it is all."""
    per_cent = 100 * value
    if 99.5 <= per_cent < 100:
        return percentage(">99", language)
    return percentage(number(per_cent, 0 if per_cent >= 2 else 1, language), language)


def rounded_share(value: float, digits: int = 0) -> float:
    """Return a share with as many decimals of its percentage, rounded as the percentage that is printed."""
    # 0.215 is printed as 22 %, though it lies below the half in binary and rounds to 0.21
    return round(round(100 * value, digits) / 100, digits + 2)


def share_interval(value: Spread, language: str = "en") -> str:
    """Return the widest interval of a share."""
    digits = 0 if value.lower >= 0.02 else 1
    lower, upper = (number(100 * limit, digits, language) for limit in (value.lower, value.upper))
    return percentage(span(lower, upper, language), language)


def wrapped(text: str, indent: str = "") -> str:
    """Return text in lines of 80 characters."""
    unbroken = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(unbroken, WIDTH, initial_indent=indent, subsequent_indent=indent)


def one_in(value: float, language: str = "en") -> str:
    """Return how many people there are for one registered one: "one in five"; nothing when most are registered."""
    if value < 1.8:
        return ""
    whole, words = round(value), _phrase("number.words", language).split()
    written = words[whole] if whole < len(words) else number(whole, language=language)
    return _phrase("number.one-in", language).format(number=written)


def rate(value: Spread, language: str = "en") -> tuple[str, str]:
    """Return a rate and its 95 % interval, with as many decimals as its uncertainty leaves meaning to."""
    width = value.upper - value.lower
    power = math.floor(math.log10(width)) - 1 if width > 0 else 0
    unit, digits = 10.0**power, max(0, -power)
    # outward, but not for the sake of a last binary digit
    lower, upper = math.floor(value.lower / unit + 1e-9) * unit, math.ceil(value.upper / unit - 1e-9) * unit
    limits = span(number(lower, digits, language), number(upper, digits, language), language)
    return number(round(value.median / unit) * unit, digits, language), limits


def factor(value: float | None, language: str = "en") -> str:
    """Return how many times one number is of another; None and infinity are without limit."""
    if value is None or not math.isfinite(value):
        return _phrase("number.without-limit", language)
    return number(value, 2 if value < 1.3 else 1 if value < 10 else 0, language)


def percents(shares: Sequence[float], language: str = "en") -> tuple[str, ...]:
    """Return shares as whole per cents, without a sign: ("50", "80", "95")."""
    return tuple(number(100 * share, language=language) for share in shares)


def listed(names: Sequence[str], language: str = "en") -> str:
    """Return names in a row: "2013, 2014 and 2015"."""
    if len(names) < 2:
        return "".join(names)
    return _phrase("number.and", language).format(first=", ".join(names[:-1]), last=names[-1])


def named_levels(chosen: Sequence[str], ordered: Sequence[str] = ()) -> tuple[str, ...]:
    """Return levels as they are listed: ``("2012-2015",)`` where they follow each other, otherwise one by one.

    Parameters
    ----------
    ordered : sequence of str, optional
        All levels in their order; none when they have no order.
    """
    places = sorted(ordered.index(level) for level in chosen) if set(chosen) <= set(ordered) else []
    if len(places) > 1 and places == list(range(places[0], places[-1] + 1)):
        return (f"{ordered[places[0]]}-{ordered[places[-1]]}",)
    return tuple(ordered[place] for place in places) or tuple(chosen)


def levels_in_words(chosen: Sequence[str], ordered: Sequence[str] = (), language: str = "en") -> str:
    """Return some levels in a row: "2012-2015", "2012 and 2014"; see `named_levels`."""
    return listed(named_levels(chosen, ordered), language)


def population(name: str) -> str:
    """Return what a population of a file of denominators is called in a sentence."""
    return name.replace("_", " ")


def probability_in_words(value: float, language: str = "en") -> str:
    """Return a probability of a test, with as many digits as mean something: "0.21", "0.004", "below 0.0001"."""
    if value < 1e-4:
        return _phrase("number.below", language).format(number=number(1e-4, 4, language))
    digits = 2 if value >= 0.095 else 1 - math.floor(math.log10(value) + 1e-9)
    return number(value, min(digits, 4), language)


def estimated(median: float, lower: float, upper: float, least: float = 0.0, language: str = "en") -> str:
    """Return a number of persons with its 95 % interval: "6,310 (5,090 to 8,110)"."""
    value = _Limits(median, lower, upper)
    return f"{middle(value, least, language)} ({interval(value, least, language)})"


def people_between(limits: tuple[float, float | None], language: str = "en", digits: int = 0) -> str:
    """Return bounds of a number that was counted: "900", "950 to 1,000", "950 or more"."""
    lower, upper = limits
    known = number(lower, digits, language)
    if upper is None:
        return _phrase("number.or-more", language).format(number=known)
    return known if lower == upper else span(known, number(upper, digits, language), language)


def chance(value: float, language: str = "en") -> str:
    """Return a probability of a rise; never 0 or 100 %, which no number of draws can show."""
    per_cent = 100 * value
    text = ">99" if per_cent >= 99.5 else "<1" if per_cent < 0.5 else number(per_cent, language=language)
    return percentage(text, language)


def change(ratio: float, language: str = "en") -> str:
    """Return a ratio as a change: "+18 %", "-12 %", "0 %", "x 12"."""
    if ratio >= _MANY_TIMES:
        return f"x {number(ratio, language=language)}"
    per_cent = round(100 * (ratio - 1))
    return percentage(f"{per_cent:+d}" if per_cent else "0", language)


def change_between(limits: tuple[float, float], language: str = "en") -> str:
    """Return the limits of a ratio as those of a change, rounded outward, but never onto zero from either side."""
    if limits[1] >= _MANY_TIMES:
        return f"x {span(plain(limits[0], 2, language), plain(limits[1], 2, language), language)}"
    return percentage(_signed_span(100 * (limits[0] - 1), 100 * (limits[1] - 1), language), language)


def points(value: float, language: str = "en") -> str:
    """Return a change of a share, in percentage points."""
    amount = 100 * value
    text = f"{amount:+.0f}" if abs(amount) >= 2 else f"{amount:+.1f}"
    written = "0" if float(text) == 0 else text if language == "en" else text.translate(_OTHER_WAY_ROUND)
    return _phrase("number.pt", language).format(number=written)


def points_between(limits: tuple[float, float], language: str = "en") -> str:
    """Return the limits of a change of a share, in percentage points, rounded outward."""
    return _phrase("number.points", language).format(span=_signed_span(100 * limits[0], 100 * limits[1], language))


def more_or_fewer(value: float, language: str = "en") -> str:
    """Return a difference of numbers of persons, with its sign."""
    return _signed(value, 0, round, language) if round(value) else "+0"


def more_or_fewer_between(limits: tuple[float, float], language: str = "en") -> str:
    """Return the limits of a difference of numbers of persons, with signs, rounded outward."""
    lower, upper = math.floor(limits[0]), math.ceil(limits[1])
    return span(more_or_fewer(lower, language), more_or_fewer(upper, language), language)


def setting(value: Any, language: str = "en") -> str:
    """Return a value of a prior file or a setting, as such a file writes it."""
    if value is None:
        return _phrase("number.not-stated", language)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(setting(item, language) for item in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class _Limits:
    """A number with the limits of its interval."""

    median: float
    lower: float
    upper: float


_MANY_TIMES = 10.0
"""From this ratio on, a change is written as "x 12" and not in per cent."""


def _signed_span(lower: float, upper: float, language: str) -> str:
    """Return two limits with signs, with as many decimals as keep them from being rounded onto zero."""
    digits = next((digits for digits in (0, 1, 2) if not _reaches_zero(lower, upper, digits)), 2)
    return span(_signed(lower, digits, math.floor, language), _signed(upper, digits, math.ceil, language), language)


def _reaches_zero(lower: float, upper: float, digits: int) -> bool:
    """Tell whether limits on one side of zero are rounded onto it."""
    unit = 10.0**-digits
    return (lower > 0 and math.floor(lower / unit) == 0) or (upper < 0 and math.ceil(upper / unit) == 0)


def _signed(value: float, digits: int, towards: Callable[[float], int], language: str) -> str:
    """Return a number with its sign, rounded down or up."""
    unit = 10.0**-digits
    rounded = towards(value / unit) * unit
    if not round(rounded, digits):
        return "0"
    text = f"{rounded:+,.{digits}f}"
    return text if language == "en" else text.translate(_OTHER_WAY_ROUND)


def ratio(value: float | None, language: str = "en") -> str:
    """Return a positive ratio with two digits that count, or all before the point: "0.14", "7.1", "1,250".

    In words where nobody could count the digits; None is a ratio beyond all bounds.
    """
    if value is None or value >= _UNCOUNTABLE:
        return _phrase("number.uncountable", language)
    if value < _ALMOST_NOTHING:
        return _phrase("number.almost-nothing", language)
    if value >= 10:
        return number(value, language=language)
    text = f"{value:.{max(0, 1 - math.floor(math.log10(value)))}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if language == "en" else text.replace(".", ",")


_ALMOST_NOTHING, _UNCOUNTABLE = 1e-9, 1e15


def as_stated(value: float, language: str = "en") -> str:
    """Return a number as somebody wrote it, with all its digits and separators: "0.125", "1,200"."""
    text = f"{value:,.10g}"
    return text if language == "en" else text.translate(_OTHER_WAY_ROUND)


def day(date: str, language: str = "en") -> str:
    """Return a date as people write it: "2026-11-28" is "28 November 2026"; what is no date as it is."""
    from babel.dates import format_date

    try:
        return format_date(datetime.date.fromisoformat(date), "d MMMM yyyy", locale=language)
    except ValueError:
        return date


FORMATS: Mapping[str, Callable[..., Any]] = {
    "number": number,
    "plain": plain,
    "count": count,
    "day": day,
    "roughly": roughly,
    "share": share,
    "factor": factor,
    "listed": listed,
    "percents": percents,
    "levels": levels_in_words,
    "probability": probability_in_words,
    "one_in": one_in,
    "middle": middle,
    "interval": interval,
    "people_to": people_to,
    "registered": registered,
    "share_interval": share_interval,
    "estimated": estimated,
    "people_between": people_between,
    "chance": chance,
    "setting": setting,
    "ratio": ratio,
    "as_stated": as_stated,
    "population": lambda name, language="en": population(name),
}
"""Formats by the name of their filter in templates."""


def _phrase(code: str, language: str) -> str:
    """Return a short text with places in braces, as `str.format` fills them: these stand in every table."""
    return catalogue(language)[code]
