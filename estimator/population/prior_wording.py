"""What a prior says, in words and numbers for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping

from estimator.methods.loglinear.prior_view import Expected, GroupView, Overlap, PriorView
from estimator.methods.summary import Summary
from estimator.words.kinds import KIND_NOTES
from estimator.words.numbers import WIDTH, roughly, share, wrapped

_LABEL, _NUMBER, _OBSERVED = 11, 8, 13
_HEAD = ("2.5 %", "10 %", "25 %", "median", "75 %", "90 %", "97.5 %")


def prior_text(view: PriorView) -> str:
    """Return what a prior says, as the terminal shows it.

    Returns
    -------
    str
        At most 80 characters wide.
    """
    parts = [wrapped(view.study.title), "", wrapped(f"Priors: {view.priors.title}.")]
    if KIND_NOTES[view.study.table_kind]:
        parts += ["", wrapped(KIND_NOTES[view.study.table_kind])]
    parts += ["", wrapped("NOT AN ESTIMATE: what is believed before anybody looks at how the lists overlap.")]
    parts += _residual(view)
    parts += ["", *_stated(view), "", *_expected(view), "", _verdict(view), "", wrapped(_reading(view))]
    return "\n".join(parts)


def _residual(view: PriorView) -> list[str]:
    """Return the lines of what is stated of residual dependence, if any."""
    priors = view.priors
    if priors.residual is None or not priors.has_residual:
        return []
    (said,) = priors.residual.sentences(priors.dependence.scale)
    return ["", wrapped(f"{said.what[0].upper()}{said.what[1:]}: {said.statement}.")]


def _stated(view: PriorView) -> Iterator[str]:
    """Yield the lines of what the prior on the dark figure says."""
    times = ", times residual dependence" if view.priors.has_residual else ""
    yield wrapped(f"The dark figure, as its own prior states it for the number that is registered{times}")
    yield from _head("registered")
    for group in view.groups.values():
        yield from _group_label(group)
        yield _row("unseen", _people(group.dark_figure), _bounds(group.registered.observed, _whole) + " ")
        yield _row("all (N)", _people(group.N))
        yield _row("share seen", _shares(group.coverage))


def _expected(view: PriorView) -> Iterator[str]:
    """Yield the lines of the tables that all priors together expect."""
    yield wrapped("The tables that all priors together expect, and the one that was observed")
    yield from _head("observed")
    for group in view.groups.values():
        yield from _group_label(group)
        yield _row("all (N)", _people(group.expected_size))
        yield _row("share seen", _shares(group.expected_coverage))
        yield _compared("registered", group.registered)
        yield _compared("2+ lists", group.two_or_more)
    total = view.total
    yield "Of the registered, share on each list"
    yield from _share_rows(total.lists)
    yield "Of the registered, share on both lists of a pair"
    yield from _share_rows(total.overlaps)


def _share_rows(found: Mapping[str, Overlap]) -> Iterator[str]:
    """Yield a row for each list or pair."""
    for name, overlap in found.items():
        expected = overlap.of_registered
        *above, last = textwrap.wrap(name, _LABEL - 1) or [""]
        yield from (f" {line}" for line in above)
        yield _row(last, _shares(expected.prior), _marked(expected, _bounds(expected.observed, _per_cent)))


def _compared(label: str, found: Expected) -> str:
    """Return the row of a number of people that was observed too."""
    return _row(label, _people(found.prior), _marked(found, _bounds(found.observed, _whole)))


def _marked(found: Expected, text: str) -> str:
    """Return an observed number, with a star when the prior does not expect it."""
    return f"{text}*" if found.surprising else f"{text} "


def _head(last: str) -> Iterator[str]:
    """Yield the heading of a block."""
    yield _row("", _HEAD, f"{last} ")
    yield "-" * WIDTH


def _group_label(group: GroupView) -> list[str]:
    """Return the line, or lines, that name a group."""
    return textwrap.wrap(group.label.en, WIDTH)


def _row(label: str, numbers: Iterable[str], observed: str = "") -> str:
    """Return one line."""
    cells = "".join(f"{number:>{_NUMBER}}" for number in numbers)
    return f"{' ' + label if label else '':<{_LABEL}}{cells}{observed:>{_OBSERVED}}".rstrip()


def _quantiles(found: Summary) -> list[float]:
    """Return the limits of the 95, 80 and 50 % intervals and the median, in ascending order."""
    intervals = [found.intervals[level] for level in sorted(found.intervals)]
    return [*(lower for lower, _ in reversed(intervals)), found.median, *(upper for _, upper in intervals)]


def _people(found: Summary) -> list[str]:
    """Return the quantiles of a number of people."""
    return [short_count(value) for value in _quantiles(found)]


def _shares(found: Summary) -> list[str]:
    """Return the quantiles of a share."""
    return [_per_cent(value) for value in _quantiles(found)]


def short_count(value: float) -> str:
    """Return a number of persons in at most seven characters: 9,870 · 413,000 · 6.66M · >1000M."""
    if value < 999_500:
        return roughly(value)
    return f"{value / 1e6:.3g}M" if value < 999.5e6 else ">1000M"


def _whole(value: float) -> str:
    """Return an observed number of people in full, where it fits."""
    return f"{value:,.0f}" if value < 10_000_000 else short_count(value)


def _per_cent(value: float) -> str:
    """Return a share; one so small that it rounds to nothing is still not nothing."""
    return "<0.1 %" if 0 < value < 0.0005 else "0 %" if value == 0 else share(value)


def _bounds(observed: tuple[float, float], show: Callable[[float], str]) -> str:
    """Return an observed number, or its bounds: ``3,586-4,081``, ``16-18 %``."""
    lower, upper = observed
    if show(lower) == show(upper):
        return show(lower)
    if upper == float("inf"):
        return f"{show(lower)}+"
    text = f"{show(lower).removesuffix(' %')}-{show(upper)}"
    return text if len(text) <= _OBSERVED - 2 else f"{short_count(lower)} up"


def _verdict(view: PriorView) -> str:
    """Say whether prior and data live in the same world."""
    found = view.surprising
    if not found:
        return wrapped(
            f"All {len(view.total.compared)} observed numbers lie inside the 95 % intervals of what the priors expect."
        )
    return wrapped(
        f"{len(found)} of {len(view.total.compared)} observed numbers (marked *) lie outside the 95 % intervals of "
        f"what the priors expect: {', '.join(found)}. One in twenty may; where more do, the priors and these data do "
        "not live in the same world."
    )


def _reading(view: PriorView) -> str:
    """Say how to read the table."""
    return (
        "2.5 to 97.5 % is the 95 % interval, 10 to 90 % the 80 % interval, 25 to 75 % the 50 % interval. M: million. "
        f"{view.n_draws:,} draws, seed {view.seed}."
    )
