"""How differences, ratios and probabilities of a comparison are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estimator.methods.summary import Summary

_HUGE = 10.0
"""From this ratio on, a change is written as "x 12" and not in per cent."""


def chance(value: float) -> str:
    """Return a probability; never 0 or 100 %, which no number of draws can show."""
    per_cent = 100 * value
    return ">99 %" if per_cent >= 99.5 else "<1 %" if per_cent < 0.5 else f"{per_cent:.0f} %"


def change(ratio: float) -> str:
    """Return a ratio as a change: "+18 %", "-12 %", "0 %", "x 12"."""
    if ratio >= _HUGE:
        return f"x {ratio:.0f}"
    per_cent = round(100 * (ratio - 1))
    return f"{per_cent:+d} %" if per_cent else "0 %"


def change_between(limits: tuple[float, float]) -> str:
    """Return the limits of a ratio as those of a change, rounded outward, but never onto zero from either side."""
    if limits[1] >= _HUGE:
        return f"x {limits[0]:.2g} to {limits[1]:.2g}"
    lower, upper = (100 * (limit - 1) for limit in limits)
    digits = _digits(lower, upper)
    return f"{_signed(lower, digits, math.floor)} to {_signed(upper, digits, math.ceil)} %"


def points(value: Summary | float) -> str:
    """Return a change of a share in percentage points."""
    amount = 100 * (value if isinstance(value, float) else value.median)
    text = f"{amount:+.0f}" if abs(amount) >= 2 else f"{amount:+.1f}"
    return f"{'0' if float(text) == 0 else text} pt"


def points_between(value: Summary) -> str:
    """Return the 95 % interval of a change of a share in percentage points."""
    lower, upper = 100 * value.lower, 100 * value.upper
    digits = _digits(lower, upper)
    return f"{_signed(lower, digits, math.floor)} to {_signed(upper, digits, math.ceil)} points"


def persons_between(value: Summary) -> str:
    """Return the 95 % interval of a difference of numbers of persons, with signs."""
    return f"{math.floor(value.lower):+,.0f} to {math.ceil(value.upper):+,.0f}"


def _digits(lower: float, upper: float) -> int:
    """Return how many decimals limits need so that rounding outward does not take them to zero."""
    return next((digits for digits in (0, 1, 2) if not _reaches_zero(lower, upper, digits)), 2)


def _reaches_zero(lower: float, upper: float, digits: int) -> bool:
    """Tell whether limits on one side of zero are rounded onto it."""
    unit = 10.0**-digits
    return (lower > 0 and math.floor(lower / unit) == 0) or (upper < 0 and math.ceil(upper / unit) == 0)


def _signed(value: float, digits: int, towards: Callable[[float], int]) -> str:
    """Return a number with its sign, rounded down or up."""
    unit = 10.0**-digits
    rounded = towards(value / unit) * unit
    return f"{rounded:+.{digits}f}" if round(rounded, digits) else "0"
