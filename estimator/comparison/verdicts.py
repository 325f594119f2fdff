"""What became of a population group, in words: what was registered and what is estimated are never mixed.

A registered number is what lists saw, and falls as well when lists see less. So each verdict has two halves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator.comparison.numbers import (
    chance,
    change,
    change_between,
    persons_between,
    points,
    points_between,
)
from estimator.words.numbers import interval, middle, registered, share, wrapped

if TYPE_CHECKING:
    from estimator.comparison.differences import Difference, GroupComparison

_ESTIMATED = {
    "more": "more people estimated",
    "fewer": "fewer people estimated",
    "unclear": "no clear change estimated (it is smaller than its uncertainty)",
}
_REGISTERED = {"more": "more registered", "fewer": "fewer registered", "same": "as many registered"}
_AGAINST = {
    ("more", "fewer"): "fewer people are seen, although more are estimated to be there",
    ("fewer", "more"): "more people are seen, although fewer are estimated to be there",
    ("more", "more"): "more people are estimated to be there, not only more of them seen",
    ("fewer", "fewer"): "fewer people are estimated to be there, not only fewer of them seen",
    ("more", "same"): "more people are estimated to be there, and no more of them seen",
    ("fewer", "same"): "fewer people are estimated to be there, and as many of them seen",
    ("unclear", "fewer"): "fewer people are seen; whether fewer are there is not clear",
    ("unclear", "more"): "more people are seen; whether more are there is not clear",
    ("unclear", "same"): "neither what is seen nor what is estimated shows a clear change",
}


def direction_registered(value: Difference) -> str:
    """Return whether more, fewer or as many were registered; as many when the change is less than half a per cent.

    A number of registered people is a count and has no margin, unless it is known only within bounds.
    """
    if value.difference is not None and value.difference.sd > 0:
        return value.direction if value.direction != "unclear" else "same"
    if value.before.sd > 0 or value.after.sd > 0:  # known within bounds, and nothing may be subtracted
        apart = value.after.lower > value.before.upper or value.after.upper < value.before.lower
        return "same" if not apart else "more" if value.after.median > value.before.median else "fewer"
    ratio = value.of_medians
    if ratio is None:
        return "more" if value.after.median > 0 else "same"
    return "same" if abs(ratio - 1) < 0.005 else "more" if ratio > 1 else "fewer"


def verdict(group: GroupComparison) -> str:
    """Return in words what became of a group: what is estimated first, then what was registered.

    Returns
    -------
    str
        A line without a full stop.
    """
    known = _REGISTERED[direction_registered(group.registered)]
    if group.N.rise is None:
        return f"{_medians(group)}; {known}"
    return f"{_ESTIMATED[group.N.direction]}; {known}; probability of a rise {chance(group.N.rise)}"


def _medians(group: GroupComparison) -> str:
    """Return whether each side's median lies within the other's interval, where nothing may be subtracted."""
    first, second = group.N.before, group.N.after
    inside = [second.lower <= first.median <= second.upper, first.lower <= second.median <= first.upper]
    if all(inside):
        return "each median lies within the other's 95 % interval"
    return (
        "only one median lies within the other's 95 % interval"
        if any(inside)
        else ("neither median lies within the other's 95 % interval")
    )


def in_words(group: GroupComparison, names: str, unlike: bool = False) -> str:
    """Return what became of a group in full: registered, estimated, what the two together say, and the share seen.

    Parameters
    ----------
    names : str
        What the two sides are called: ``"2014 to 2015"``.
    unlike : bool, default False
        Whether the registered numbers are not like with like, so that nothing may be concluded from both together.

    Returns
    -------
    str
        A few sentences.
    """
    known = f"{group.label}, {names}: registered {_moved(group.registered)}"
    if group.N.rise is None:
        return wrapped(f"{known}. {_each(group)} {capital(_medians(group))}.")
    conclusion = _AGAINST[group.N.direction, direction_registered(group.registered)]
    if unlike and group.N.direction == "unclear":  # what is left to say would rest on the registered numbers alone
        conclusion = "the registered numbers are not like with like (see below) and say nothing about people"
    clear = "" if group.N.direction != "unclear" else ", which is smaller than its uncertainty"
    return wrapped(
        f"{known}; estimated {_estimated_change(group.N)}{clear}: {conclusion}. Probability of a rise in the number of "
        f"people: {chance(group.N.rise)}. Share registered: {share(group.coverage.before.median)}, then "
        f"{share(group.coverage.after.median)}{_coverage_change(group.coverage)}."
    )


def _moved(value: Difference) -> str:
    """Return how a registered number moved: "fell by 12 % (1,420 to 1,250)"."""
    numbers = f"{registered(value.before)} to {registered(value.after)}"
    ratio, how = value.of_medians, direction_registered(value)
    if value.before.median == value.after.median:
        return f"did not change ({registered(value.after)})"
    if ratio is None or how == "same":
        return f"{'hardly changed' if how == 'same' else 'rose'} ({numbers})"
    return f"{'rose' if how == 'more' else 'fell'} by {change(ratio).lstrip('+-')} ({numbers})"


def _estimated_change(value: Difference) -> str:
    """Return how an estimated number moved, with its interval."""
    if value.ratio is None:
        step = value.difference
        return f"{step.median:+,.0f} people (95 %: {persons_between(step)})" if step else "unknown"
    return f"{change(value.ratio.median)} (95 %: {change_between((value.ratio.lower, value.ratio.upper))})"


def _coverage_change(value: Difference) -> str:
    """Return the change of a share with its interval."""
    return f" ({points(value.difference)}; 95 %: {points_between(value.difference)})" if value.difference else ""


def _each(group: GroupComparison) -> str:
    """Return what either side estimates of everybody."""
    value, least = group.N, group.registered
    return (
        f"Estimated: {middle(value.before, least.before.lower)} ({interval(value.before, least.before.lower)}), and "
        f"{middle(value.after, least.after.lower)} ({interval(value.after, least.after.lower)})."
    )


def capital(text: str) -> str:
    """Return text with a capital in front."""
    return text[:1].upper() + text[1:]
