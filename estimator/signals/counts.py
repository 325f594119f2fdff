"""Which numbers of people agree with what was published of them: a number, a percentage, "almost half of 52"."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from estimator.signals.schema import AnswerSection
from estimator.signals.sums import Floats

Range = tuple[int, int]
"""The fewest and the most people who may have said yes; the fewest are above the most where no number agrees."""


def possible_counts(answer: AnswerSection, asked: int) -> Range:
    """Return which numbers of people agree with an answer as it was published.

    Notes
    -----
    Shares are compared as exact fractions: ``below = 0.5`` of 52 people are at most 25, ``at_most = 0.5`` are 26. A
    percentage agrees with every number that is printed so when it is rounded to as many decimals, a half either way.
    """
    if answer.yes is not None:
        return _within(answer.yes, answer.yes, asked)
    if answer.between is not None:
        return _within(*answer.between, asked)
    if answer.percent is not None:
        return _rounds_to(answer.percent, asked)
    least, most = 0, asked
    if answer.at_least is not None:
        least = math.ceil(_exactly(answer.at_least) * asked)
    if answer.above is not None:
        least = math.floor(_exactly(answer.above) * asked) + 1
    if answer.at_most is not None:
        most = math.floor(_exactly(answer.at_most) * asked)
    if answer.below is not None:
        most = math.ceil(_exactly(answer.below) * asked) - 1
    return least, most


def weights(answer: AnswerSection, asked: int) -> Floats:
    """Return 1 for every number of people that agrees with an answer and 0 for the others, shape (asked + 1,)."""
    least, most = possible_counts(answer, asked)
    counts = np.arange(asked + 1)
    return ((counts >= least) & (counts <= most)).astype(np.float64)


def nearest_counts(percent: float, asked: int) -> tuple[int, int]:
    """Return the two numbers of people between whose shares a percentage lies."""
    below = math.floor(_exactly(percent) / 100 * asked)
    return below, min(below + 1, asked)


def _within(least: int, most: int, asked: int) -> Range:
    return (least, most) if most <= asked else (asked + 1, asked)


def _rounds_to(percent: int | float, asked: int) -> Range:
    text = repr(percent)
    decimals = len(text.partition(".")[2]) if "." in text else 0
    half = Fraction(1, 2 * 10**decimals)
    least = math.ceil((_exactly(percent) - half) / 100 * asked)
    most = math.floor((_exactly(percent) + half) / 100 * asked)
    return (max(least, 0), min(most, asked)) if asked else (1, 0)


def _exactly(value: int | float) -> Fraction:
    """Return a number as it stands in the file, not as the nearest binary one."""
    return Fraction(repr(value))
