"""What is written of one person in several ways, brought to one form: names, dates, numbers and texts.

A form is only for comparing: it is hashed (`estimator.registers.pseudonymising`) and never shown. Every step is
declared by the user, because each brings different people together as well as different spellings of one.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial

_INFIXES = (
    "a aan af am bij d da dal de degli del della den der des di do dos du el het i in l la las le les lo los of onder "
    "op over s t te ten ter thoe toe tot uijt uit v van vande vanden vander vd ver von voor zu zum zur"
)
INFIXES = frozenset(_INFIXES.split())
"""Words before a Dutch surname (tussenvoegsels), with those of languages that Dutch registers have most."""

FIRST_YEAR, LAST_YEAR = 1880, 2100
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_WORD = re.compile(r"[^\W_]+")
_TIME = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
_PARTS = {"yyyy": r"(?P<y>\d{4})", "mm": r"(?P<m>\d{2})", "dd": r"(?P<d>\d{2})", "m": r"(?P<m>\d{1,2})"}
_PARTS["d"] = r"(?P<d>\d{1,2})"
_PART = re.compile("yyyy|mm|dd|m|d")

Normaliser = Callable[[str], str | None]
"""Brings a text to one form; None where it cannot be read as what it should be, an empty text where it says nothing."""


def folded(text: str) -> str:
    """Return a text without accents, in small letters; ligatures and letters such as ø as plain ones."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.translate(_LETTERS)


def name(text: str, *, infixes: frozenset[str] = frozenset(), ij_as_y: bool = False) -> str:
    """Return a name: letters and digits only, without infixes before or behind it.

    Parameters
    ----------
    infixes : frozenset of str
        Words to leave out at its beginning and end ("van der Berg", "Berg, van der"); one that is nothing else is kept.
    ij_as_y : bool
        Whether Dijk and Dyk are one name.
    """
    words: list[str] = _WORD.findall(folded(text))
    first, end = 0, len(words)
    while first < end and words[first] in infixes:
        first += 1
    while end > first and words[end - 1] in infixes:
        end -= 1
    joined = "".join(words[first:end] or words)
    return joined.replace("ij", "y") if ij_as_y else joined


def number(text: str, *, digits: int | None = None) -> str | None:
    """Return a number: digits alone, with the zeros in front that a spreadsheet takes away; None for another text."""
    bare = re.sub(r"[\s.\-/]+", "", unicodedata.normalize("NFKC", text))
    if not bare:
        return ""
    if not (bare.isascii() and bare.isdigit()) or (digits and len(bare) > digits):
        return None
    return bare.zfill(digits) if digits else bare


def plain_text(text: str, *, values: Mapping[str, str] | None = None) -> str:
    """Return a text in small letters, without accents and surplus blanks, under the name that stands for it."""
    bare = " ".join(folded(text).split())
    return (values or {}).get(bare, bare)


def date(text: str, *, formats: Sequence[str]) -> str | None:
    """Return a date as year-month-day; None for one of no format, that does not exist, or of two meanings.

    Parameters
    ----------
    formats : sequence of str
        Such as ``"dd-mm-yyyy"`` and ``"d/m/yyyy"``. A time of midnight behind it, as of spreadsheets, is left out.
    """
    bare = " ".join(text.split())
    if not bare:
        return ""
    days = {day for form in formats if (day := _day(_pattern(form).fullmatch(bare))) is not None}
    return days.pop().isoformat() if len(days) == 1 else None


@lru_cache
def _pattern(form: str) -> re.Pattern[str]:
    """Return the pattern of a format of dates."""
    pieces, at = [], 0
    for part in _PART.finditer(form):
        pieces += [re.escape(form[at : part.start()]), _PARTS[part[0]]]
        at = part.end()
    return re.compile("".join(pieces) + re.escape(form[at:]) + _TIME, re.ASCII)


def wrong_format(form: str) -> str | None:
    """Return what is wrong with a format of dates, if anything."""
    parts = [part[0][0] for part in _PART.finditer(form)]
    if sorted(parts) != ["d", "m", "y"]:
        return f"'{form}' is no format of dates. Write it with yyyy, mm (or m) and dd (or d), such as dd-mm-yyyy."
    left = _PART.sub("", form)
    return f"'{form}' has letters that mean nothing. Use yyyy, mm or m, dd or d." if re.search(r"\w", left) else None


def _day(match: re.Match[str] | None) -> datetime.date | None:
    if match is None or not FIRST_YEAR <= int(match["y"]) <= LAST_YEAR:
        return None
    try:
        return datetime.date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None


def normaliser(
    kind: str,
    *,
    infixes: str = "keep",
    ij_as_y: bool = False,
    formats: Sequence[str] = (),
    digits: int | None = None,
    values: Mapping[str, str] | None = None,
) -> Normaliser:
    """Return what brings the cells of a column to one form.

    Parameters
    ----------
    kind : {"name", "date", "number", "text"}
    infixes : {"keep", "drop"}
        Of a name.
    """
    if kind == "name":
        return partial(name, infixes=INFIXES if infixes == "drop" else frozenset(), ij_as_y=ij_as_y)
    if kind == "date":
        return partial(date, formats=tuple(formats))
    if kind == "number":
        return partial(number, digits=digits)
    return partial(plain_text, values={plain_text(text): plain_text(meant) for text, meant in (values or {}).items()})
