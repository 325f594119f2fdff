"""Whether a published figure is reproduced: the rules, in one place.

1. Nothing of ours answers the figure: **not reproducible**, with the reason.
2. Ours is an estimate: **consistent** when the published value lies in our 95 % interval *and* our median lies within
   the published range, where one was published. A figure "over 8,000" is a range without an upper end. Of a figure that
   was published as a range only, our median must lie in it.
3. Ours is a count, known exactly: **consistent** when it rounds to the published number, since nothing excuses a
   difference then.
4. A value that was worded as "about" or "almost" itself was **rounded**, and stands for every number that rounds to
   it: "about 365" for 362.5 to 367.5, "about 1,300" for 1,250 to 1,350. It is taken as rounded in its last digit that
   is not 0; in fives where that digit is a 5 after others. "Almost 3,000" stands for the lower half of these, 2,500 to
   3,000. In rules 2 and 3 it is then enough that one of these numbers lies in our interval, or is our count.
5. Otherwise it **differs**, by our median over the published value (or over the nearer end of a range without value).

"Consistent" is a weak word: a wide interval is consistent with much. So the difference is given with every verdict.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from estimator.methods.summary import Summary
from estimator.reasons import Reason
from estimator.study.published import PublishedFigure

Kind = Literal["consistent", "differs", "not-reproducible"]

_HALF = 0.5
"""A count that is within half a person rounds to the published number."""
_ROUNDED = re.compile(
    r"(?:(?P<almost>almost|nearly|bijna)|about|around|approximately|roughly|circa|ongeveer)"
    r"\s+(?P<number>\d{1,3}(?:[.,]\d{3})+|\d+)\b(?![.,]\d)",
    re.IGNORECASE,
)
"""How the wording of a rounded number begins, in English or Dutch."""


@dataclass(frozen=True)
class Verdict:
    """What comparing a published figure with ours has shown.

    Parameters
    ----------
    kind : {"consistent", "differs", "not-reproducible"}
        See the rules above.
    reasons : tuple of Reason
        Which rules were broken, or why there is nothing to compare; empty when consistent.
    difference : float or None
        Our median over the published number, less one: 0.02 is 2 % more. None when there is nothing to compare.
    """

    kind: Kind
    reasons: tuple[Reason, ...] = ()
    difference: float | None = None


def judge(figure: PublishedFigure, ours: Summary) -> Verdict:
    """Compare a published figure with ours.

    Parameters
    ----------
    figure : PublishedFigure
        With a value, a range, or both.
    ours : Summary
        Of the same quantity, in the same unit; a standard deviation of 0 means that it is a count, known exactly.
    """
    broken = _count_faults(figure, ours) if ours.sd == 0 else _estimate_faults(figure, ours)
    return Verdict("differs" if broken else "consistent", tuple(broken), _difference(figure, ours.median))


def impossible(reason: Reason) -> Verdict:
    """Return the verdict on a figure that nothing of ours answers: not reproducible."""
    return Verdict("not-reproducible", (reason,))


def _estimate_faults(figure: PublishedFigure, ours: Summary) -> list[Reason]:
    """Return which rules an estimate breaks."""
    broken, meant = [], meant_by(figure)
    if meant is not None and not (ours.lower <= meant[1] and meant[0] <= ours.upper):
        broken.append(Reason("value-outside-interval"))
    if not _within(figure, ours.median):
        broken.append(Reason("median-outside-range"))
    return broken


def _count_faults(figure: PublishedFigure, ours: Summary) -> list[Reason]:
    """Return which rules a count that is known exactly breaks."""
    meant = meant_by(figure)
    if meant is None:
        return [] if _within(figure, ours.median) else [Reason("count-outside-range")]
    margin = _HALF if meant[0] == meant[1] else 0.0
    near = meant[0] - margin <= ours.median <= meant[1] + margin
    return [] if near else [Reason("count-not-the-published-one")]


def meant_by(figure: PublishedFigure) -> tuple[float, float] | None:
    """Return for which numbers a published value stands, by how it was worded.

    Parameters
    ----------
    figure : PublishedFigure
        With its wording.

    Returns
    -------
    (float, float) or None
        From and to, both included: the value twice, unless it was rounded (rule 4). None when there is no value.
    """
    if figure.value is None:
        return None
    rounded = _ROUNDED.match(figure.said.strip())
    # a value that is not the number in the wording was worked out of it, and is exact
    if rounded is None or float(re.sub(r"[.,]", "", rounded["number"])) != figure.value:
        return figure.value, figure.value
    half = _unit(int(figure.value)) / 2
    return figure.value - half, figure.value + (0 if rounded["almost"] else half)


def _unit(value: int) -> int:
    """Return to what a whole number was rounded: 5 of 365, 100 of 1,300, 1,000 of 5,000."""
    digits = str(value).rstrip("0")
    unit: int = 10 ** (len(str(value)) - len(digits)) if digits else 1
    return 5 * unit if len(digits) > 1 and digits.endswith("5") else unit


def _within(figure: PublishedFigure, value: float) -> bool:
    """Tell whether a number lies within the published range, each end of which may be missing."""
    above = figure.lower is None or value >= figure.lower
    return above and (figure.upper is None or value <= figure.upper)


def _difference(figure: PublishedFigure, value: float) -> float | None:
    """Return by which share a number differs from the published one, or from the nearer end of its range."""
    against = figure.value
    if against is None:
        if _within(figure, value):
            return 0.0
        against = figure.lower if figure.lower is not None and value < figure.lower else figure.upper
    return value / against - 1 if against else None
