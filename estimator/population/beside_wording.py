"""The same numbers under other assumptions, side by side, and what that says about where the precision comes from."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from estimator.methods.loglinear.residual import residual_settings
from estimator.population.assumption import dependence_in_words, residual_in_words
from estimator.population.beside import width_factor
from estimator.words.numbers import WIDTH, factor, interval, listed, middle, share, wrapped

if TYPE_CHECKING:
    from estimator.population.estimate import Estimate
    from estimator.population.groups import GroupEstimate
    from estimator.study.priors import Priors
    from estimator.study.statements import Statement

HEADING = "THE SAME NUMBERS UNDER OTHER ASSUMPTIONS"
NOT_SHOWN = "withheld"
ABOUT_AS_WIDE = 0.9
"""Above this ratio of the logarithms of two intervals' widths neither counts as more precise."""

_LABEL, _GAP = 28, 2


def beside_section(estimate: Estimate, heading: str) -> list[str]:
    """Return the section that shows an estimate and those under other priors side by side.

    Parameters
    ----------
    heading : str
        What the numbers are: a period, or "per year".

    Returns
    -------
    list of str
        Lines of at most 80 characters; none when nothing stands beside.
    """
    if not estimate.beside:
        return []
    sets = [estimate, *estimate.beside]
    lines = [HEADING, "", *_table(sets, heading), ""]
    lines += [wrapped(f"{one.priors_name}: {_assumed(one.priors)}.", "  ") for one in sets]
    verdict = precision_in_words(sets)
    return "\n".join([*lines, *(["", wrapped(verdict)] if verdict else [])]).split("\n")


def _assumed(priors: Priors) -> str:
    """Return what is assumed of pairs of lists, and of people whom all lists miss together."""
    residual = residual_in_words(priors)
    return f"{dependence_in_words(priors)}{'; ' if residual else ''}{residual}"


def _table(sets: Sequence[Estimate], heading: str) -> list[str]:
    """Return one row per group and one column per set of priors; where that is too wide, a row for each of both."""
    names = [one.priors_name for one in sets]
    rows = {name: [_cell(one, name) for one in sets] for name in sets[0].groups}
    widths = [max(map(len, column)) for column in zip(names, *rows.values(), strict=True)]
    labels = {name: group.label.en for name, group in sets[0].groups.items()}
    if _LABEL + sum(width + _GAP for width in widths) > WIDTH:
        return _long_table(names, rows, labels, heading)
    lines = [_row(heading, names, widths), "-" * WIDTH]
    for name, cells in rows.items():
        *above, last = textwrap.wrap(labels[name], _LABEL) or [""]
        lines += [*above, _row(last, cells, widths)]
    return lines


def _long_table(names: Sequence[str], rows: dict[str, list[str]], labels: dict[str, str], heading: str) -> list[str]:
    """Return a line for each group and, below it, one for each set of priors."""
    lines = [heading, "-" * WIDTH]
    for name, cells in rows.items():
        lines += textwrap.wrap(labels[name], WIDTH)
        for priors, cell in zip(names, cells, strict=True):
            room = WIDTH - len(cell) - _GAP - 3
            lines.append(f"  {textwrap.shorten(priors, room, placeholder='...'):<{room}} {cell:>{len(cell) + _GAP}}")
    return lines


def _row(label: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line of the table."""
    room = WIDTH - sum(width + _GAP for width in widths)
    numbers = "".join(f"{cell:>{width + _GAP}}" for cell, width in zip(cells, widths, strict=True))
    return f"{label[:room]:<{room}}{numbers}".rstrip()


def _cell(estimate: Estimate, name: str) -> str:
    """Return median and interval of a group under one set of priors."""
    return cell_of(estimate.groups[name]) if estimate.convergence.passed else NOT_SHOWN


def cell_of(group: GroupEstimate) -> str:
    """Return median and 95 % interval of a group: "6,384 (5,106 to 8,108)"."""
    least = group.registered.lower
    return f"{middle(group.N, least)} ({interval(group.N, least)})"


def precision_in_words(sets: Sequence[Estimate]) -> str:
    """Return how much of the precision is the assumption, and whether the answers agree.

    Parameters
    ----------
    sets : sequence of Estimate
        Of the same study, under several sets of priors.

    Returns
    -------
    str
        Nothing when fewer than two of them have an answer.
    """
    shown = [one for one in sets if one.convergence.passed and 1.0 < width_factor(one.total.N) < math.inf]
    if len(shown) < 2:
        return ""
    spans = [f"{factor(width_factor(one.total.N))} under {one.priors_name}" for one in shown]
    said = f"The 95 % interval of the total spans a factor of {listed(spans)}."
    return f"{said} {_source_of_precision(shown)} {_agreement(shown)}"


def _source_of_precision(shown: Sequence[Estimate]) -> str:
    """Return where the precision of the narrowest interval comes from, compared with the widest."""
    ordered = sorted(shown, key=lambda one: width_factor(one.total.N))
    narrow, wide = ordered[0], ordered[-1]
    ratio = math.log(width_factor(narrow.total.N)) / math.log(width_factor(wide.total.N))
    if ratio > ABOUT_AS_WIDE:
        return "That is about as wide: the precision hardly depends on which of these is assumed."
    assumed, other = dependence_in_words(narrow.priors), dependence_in_words(wide.priors)
    if assumed == other:
        also = _also_different(narrow.priors, wide.priors)
        what = f"what it states of {listed(also)}" if also else "what else its prior file states"
    elif narrow.priors.dependence.form == "none":
        also = _also_different(narrow.priors, wide.priors)
        what = f"its assumption that {assumed}{' and what it states of ' + listed(also) if also else ''}"
    else:
        what = f"what it assumes of {listed(['pairs of lists', *_also_different(narrow.priors, wide.priors)])}"
    return (
        f"The counts are the same under all: that the interval under {narrow.priors_name} is {share(1 - ratio)} "
        f"narrower (on a logarithmic scale) than under {wide.priors_name} is {what}, not the data."
    )


def _also_different(one: Priors, other: Priors) -> list[str]:
    """Return what else than the dependence between lists two sets of priors state differently."""
    sections: dict[str, Callable[[Priors], list[Statement | None]]] = {
        "the dark figure": lambda priors: [priors.dark_figure.ratio_to_registered],
        "coverage": lambda priors: [priors.coverage.odds, *(item.odds for item in priors.coverage.lists)],
        "differences between strata": lambda priors: [priors.heterogeneity.scale, priors.heterogeneity.interactions],
        "changes of lists": lambda priors: [priors.heterogeneity.change],
        "how the dark figure is spread": lambda priors: [
            priors.composition.main_effects,
            priors.composition.two_way,
            priors.composition.stratum,
        ],
        "three lists together": lambda priors: [priors.three_list.odds_ratio],
    }
    found = [name for name, stated in sections.items() if _numbers(stated(one)) != _numbers(stated(other))]
    same = residual_settings(one) == residual_settings(other)
    return found if same else [*found, "residual dependence"]


def _numbers(statements: Sequence[Statement | None]) -> list[tuple[float, float] | None]:
    """Return statements as numbers, so that two ways of saying the same are the same."""
    return [None if statement is None else (statement.mu, statement.sigma) for statement in statements]


def _agreement(shown: Sequence[Estimate]) -> str:
    """Return whether the median under each set of priors lies inside the intervals under the others."""
    outside = [
        f"the median under {one.priors_name} lies outside the interval under {other.priors_name}"
        for one in shown
        for other in shown
        if not other.total.N.lower <= one.total.N.median <= other.total.N.upper
    ]
    if not outside:
        return "Each median lies inside the intervals under the others."
    text = listed(outside)
    return f"{text[0].upper()}{text[1:]}: not only the precision but the answer itself is the assumption's."
