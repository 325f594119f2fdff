"""Counts as offices publish them: exact, between bounds, suppressed, or not observed at all.

A count that is known only between bounds stays an interval; nothing here puts a guess in its place. Source of the
principle: Heitjan & Rubin 1991, "Ignorability and coarse data", Annals of Statistics 19:2244.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from estimator.errors import brief

LARGEST_COUNT = 10_000_000_000
"""More persons than there are: a larger number in a table is a mistake."""

SUPPRESSED = ".."
"""How statistical offices write a count that they hold but do not publish."""

ALLOWED = (
    "Write a whole number (12), bounds (<5, <=12, >3, >=3 or 1-4), .. for a suppressed count, "
    "or leave the cell blank when it was not observed."
)
"""What a count may look like, as a sentence for error messages."""

_WHOLE = re.compile(r"\d+")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")
_RANGE = re.compile(r"(.*\d)\s*[-\u2013\u2014]\s*(\d.*)")
_BOUND = re.compile(r"(<=|>=|<|>|\u2264|\u2265)\s*(.*)")
_SPACED = re.compile(r"\d{1,3}([ \u00a0\u202f']\d{3})+")
_GROUPED = re.compile(r"\d{1,3}([.,]\d{3})+")
_MONTH = r"(?:jan|feb|mar|maa|mrt|apr|may|mei|jun|jul|aug|sep|oct|okt|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}([T ]+\d{1,2}:\d.*)?|\d{1,2}/\d{1,4}"
    rf"|\d{{1,2}}[-/. ]*{_MONTH}([-/. ]*\d{{1,4}})?|{_MONTH}[-/. ]*\d{{1,4}}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Count:
    """What is known of a number of persons.

    Parameters
    ----------
    lower : int
        The smallest number it can be, at least 0.
    upper : int or None
        The largest number it can be, at least `lower`; None when nothing bounds it.
    known : bool
        False for a blank cell: nobody looked, so that the number is not even suppressed.
    """

    lower: int
    upper: int | None
    known: bool = True

    @property
    def exact(self) -> bool:
        """Whether the number itself is known."""
        return self.known and self.lower == self.upper


NOT_OBSERVED = Count(0, None, known=False)
"""A blank cell."""

SAYS_NOTHING = Count(0, None)
"""A count that exists but may be anything."""


class CountError(ValueError):
    """A text that is no count; the message says in one or two plain sentences why, and what to write."""


@dataclass(frozen=True)
class Rounding:
    """How an office rounded every count to a multiple of a base.

    Parameters
    ----------
    base : int
        At least 2.
    rule : {"nearest", "up", "down", "random"}, default "nearest"
        To the nearest multiple, of two that are as near to either; to the next one up, or down; or to one of the two
        next to the count by chance.
    zeros : {"rounded", "exact"}, default "rounded"
        Whether a zero may be a small count that was rounded; if not, small counts were rounded up to the base.
    """

    base: int
    rule: str = "nearest"
    zeros: str = "rounded"

    def of(self, number: int, suppressed: Count = SAYS_NOTHING) -> Count:
        """Return what a rounded number stands for.

        Parameters
        ----------
        number : int
            As published.
        suppressed : Count
            What was published as ``..`` in place of a number, and is therefore none of the rounded ones.

        Raises
        ------
        CountError
            When it is no multiple of the base, or can only be rounded of a count that was suppressed.
        """
        if number % self.base:
            raise CountError(
                f"'{number}' is no multiple of {self.base}, to which counts are rounded (round in [table_format]). "
                f"Correct it, write {number}-{number} if it is exact, or take 'round' out of the study."
            )
        below, above = {
            "nearest": (self.base // 2, self.base // 2),
            "up": (self.base - 1, 0),
            "down": (0, self.base - 1),
            "random": (self.base - 1, self.base - 1),
        }[self.rule]
        lower, upper = max(number - below, 0), number + above
        if self.zeros == "exact":
            lower, upper = (0, 0) if number == 0 else (lower if number > self.base else 1, upper)
        if suppressed.upper is not None:
            return _not_among(lower, upper, suppressed.upper)
        return Count(lower, upper)


def _not_among(lower: int, upper: int, suppressed: int) -> Count:
    """Return bounds without the small counts that were suppressed; zeros are told from these."""
    if lower == 0:
        return Count(0, upper if upper > suppressed else 0)
    if upper <= suppressed:
        raise CountError(
            f"This rounded count stands for {lower} to {upper}, and counts up to {suppressed} were suppressed "
            "(suppressed_below in [table_format]). Correct it, or what the study says of rounding and suppression."
        )
    return Count(max(lower, suppressed + 1), upper)


def suppressed_count(below: int | None, includes_zero: bool) -> Count:
    """Return what ``..`` says, given the office's rule for suppression.

    Parameters
    ----------
    below : int or None
        Counts below this number are suppressed; None when the rule is not known.

    Returns
    -------
    Count
        ``1..below-1``, or ``0..below-1`` when zeros are suppressed too; ``0..unbounded`` without a rule.
    """
    if below is None:
        return SAYS_NOTHING
    return Count(0 if includes_zero else 1, below - 1)


def parse_count(text: str, suppressed: Count = SAYS_NOTHING, rounding: Rounding | None = None) -> Count:
    """Read one count.

    Parameters
    ----------
    text : str
        ``12``, ``12.0`` and ``12,0`` (spreadsheets write them); ``<5``, ``<=12``, ``>3``, ``>=3``, ``1-4``;
        ``..`` (suppressed); blank (not observed). White space around it does not matter.
    suppressed : Count, default 0..unbounded
        What ``..`` stands for (`suppressed_count`).
    rounding : Rounding, optional
        How numbers were rounded; bounds are taken as they stand.

    Returns
    -------
    Count
        ``5-5`` equals ``5``; ``<5`` is 0..4.

    Raises
    ------
    CountError
        When the text is none of these. A number that may carry a thousands separator (``1.234``, ``1,000``) is
        refused, because it can be read in two ways that differ a thousandfold.
    """
    text = text.strip()
    if not text:
        return NOT_OBSERVED
    if text == SUPPRESSED:
        return suppressed
    bound = _BOUND.fullmatch(text)
    if bound:
        return _bounded(bound[1], _whole_number(bound[2], text), text)
    ends = _RANGE.fullmatch(text)
    if ends and not _DATE.fullmatch(text):
        return _between(_whole_number(ends[1], text), _whole_number(ends[2], text), text)
    number = _whole_number(text, text)
    return Count(number, number) if rounding is None else rounding.of(number, suppressed)


def _bounded(sign: str, number: int, text: str) -> Count:
    """Return the interval that a sign and a number stand for."""
    if sign == ">":
        return Count(number + 1, None)
    if sign in (">=", "\u2265"):
        return Count(number, None)
    return _between(0, number - 1 if sign == "<" else number, text)


def _between(lower: int, upper: int, text: str) -> Count:
    """Return the interval between two bounds, which must leave room for a number."""
    if lower > upper:
        raise CountError(
            f"'{brief(text)}' is an impossible interval: no number of persons lies in it. "
            "Write the lower bound first, then the upper one, as in 1-4."
        )
    return Count(lower, upper)


def _whole_number(text: str, whole: str) -> int:
    """Return the integer in `text`, a part of the cell `whole`, or say why it is none."""
    text = text.strip()
    decimal = _DECIMAL.fullmatch(text)
    if not _WHOLE.fullmatch(text) and not (decimal and _is_zero_fraction(decimal[2])):
        raise CountError(f"'{brief(whole)}' {_why_not_whole(text)}")
    digits = decimal[1] if decimal else text
    if len(digits) > 18 or int(digits) > LARGEST_COUNT:
        raise CountError(f"'{brief(whole)}' is more persons than there are on earth. Check the number.")
    return int(digits)


def _is_zero_fraction(decimals: str) -> bool:
    """Whether decimals are zeros and cannot be a group of thousands."""
    return set(decimals) == {"0"} and len(decimals) != 3


def _why_not_whole(text: str) -> str:
    """Say what is wrong with a text that should be a whole number, after the words "'text' "."""
    if _GROUPED.fullmatch(text) or _SPACED.fullmatch(text):
        plain = re.sub(r"\D", "", text)
        return (
            f"can be read with a thousands separator ({plain}) or otherwise, and thousands separators are not read. "
            f"Write {plain} if that is the number."
        )
    if _DECIMAL.fullmatch(text):
        return f"is not a whole number, and persons are counted whole. {ALLOWED}"
    if re.fullmatch(r"[-\u2212]\s*\d.*", text):
        return f"is negative, and a number of persons cannot be. {ALLOWED}"
    if _DATE.fullmatch(text):
        return (
            "looks like a date: spreadsheets turn bounds such as 1-4 into dates. Give the column the format Text, "
            "type the bounds again and save once more. Or the cells of this line have moved one column: look at it."
        )
    return f"is not a count. {ALLOWED}"
