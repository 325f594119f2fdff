"""A reproduction as the terminal shows it: every published figure beside ours, at most 80 characters wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from estimator.population.study_wording import change_lines, decision_lines
from estimator.published.closing import (
    closing,
    is_estimate,
    is_other_method,
    people,
    rates_note,
    reasons,
    rounding_note,
    scaling_note,
)
from estimator.published.pooled import POOLED_SIZE
from estimator.words.kinds import KIND_NOTES
from estimator.words.numbers import WIDTH, count, listed, rate, share, share_interval, wrapped

if TYPE_CHECKING:
    from estimator.published.pooled import Analysis
    from estimator.published.reproduction import Basis, Reproduced, Reproduction

RULES = (
    "A figure is called consistent when it lies in our 95 % interval and our middle lies in the published range, if "
    "there is one; a count must be the same to the person. What was said as 'about' or 'almost' a number stands for "
    "every number that rounds to it. The percentage is by how much ours is more or less; x 10 "
    "is ten times as much. Numbers are people per year unless something else is said; (?) marks what no text that we "
    "saw says."
)
_HEADINGS: dict[Basis, tuple[str, str]] = {
    "calibrated": (
        "THE DATA WERE MADE TO AGREE WITH THESE",
        "Getting them back checks the software. It is no evidence about people.",
    ),
    "reconstructed": (
        "THE DATA WERE NOT MADE TO AGREE WITH THESE",
        "The data are reconstructed all the same: what agrees here is no evidence about people, and what differs shows "
        "where the reconstruction is wrong.",
    ),
    "public": ("FROM PUBLIC COUNTS", "The counts were published as they are."),
}
_MEASURES = {
    "N": "estimated",
    "N_in_all": "estimated in all",
    "registered": "registered",
    "registered_in_all": "registered in all",
    "coverage": "seen",
    "one_in": "seen: one in",
    "share_of_total": "share of all",
    "per_100000": "per 100,000",
    "on_list_K": "on list K",
    "discarded": "discarded reports",
    "registered_without_discarded": "registered",
}
_MANY = 10
"""A number so many times the published one is given as a multiple, not as a percentage."""
_WIDTHS = (21, 16, 23, 6, 10)
_POOLED_WIDTHS = (20, 32, 26)


def text_of(found: Reproduction) -> str:
    """Return a reproduction as the terminal shows it.

    Parameters
    ----------
    found : Reproduction
        All figures with their verdicts.

    Returns
    -------
    str
        At most 80 characters wide.
    """
    parts = [wrapped(found.title), ""]
    note = KIND_NOTES[found.study.table_kind]
    parts += [wrapped(note), ""] if note else []
    parts += [wrapped(RULES), wrapped(f"Study {found.study.name}, priors {found.priors}, seed {found.seed}.")]
    parts += [wrapped(text) for text in (*decision_lines(found.study), *change_lines(found.study))]
    parts += [wrapped(f"NOT FIT TO PUBLISH: {text}") for text in found.unsound]
    for basis in _HEADINGS:
        shown = [one for one in found.figures if one.basis == basis and one.ours is not None]
        parts += _section(basis, shown, found) if shown else []
    parts += ["", *_public(found), "", *_without(found.all_figures), "", "WHAT THIS AMOUNTS TO"]
    parts += [wrapped(text, "  ") for text in closing(found)]
    return "\n".join(parts)


def _section(basis: Basis, shown: Sequence[Reproduced], found: Reproduction) -> list[str]:
    """Return the figures of one basis as a table, with the notes that explain its differences."""
    heading, meaning = _HEADINGS[basis]
    lines = ["", heading, wrapped(meaning), "", *_table(shown)]
    counts = any(not is_estimate(one) for one in shown) and basis == "calibrated"
    rates = any(one.figure.measure == "per_100000" for one in shown)
    notes = list(reasons(shown))
    notes += [scaling_note(found), rounding_note(found)] if counts else []
    notes += [rates_note(found)] if rates else []
    return lines + [line for note in notes if note for line in ("", wrapped(note))]


def _table(shown: Iterable[Reproduced]) -> list[str]:
    """Return figures in columns, those of one group under its name."""
    lines = [*_row(("", "published", "ours (95 %)", "more", "verdict"), _WIDTHS), "-" * WIDTH]
    for label, figures in _by_label(shown).items():
        lines.append(wrapped(label))
        for one in figures:
            lines += _row((f" {_what(one)}", _said(one), ours_text(one), _more(one), one.verdict.kind), _WIDTHS)
    return lines


def _by_label(figures: Iterable[Reproduced]) -> dict[str, list[Reproduced]]:
    """Return figures by whom they are of, in the order in which these first come."""
    found: dict[str, list[Reproduced]] = {}
    for one in figures:
        found.setdefault(one.label, []).append(one)
    return found


def _row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return cells side by side, each in lines of its own width; the last but one to the right."""
    columns = [
        textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), width, subsequent_indent="  " if not number else "")
        for number, (text, width) in enumerate(zip(cells, widths, strict=True))
    ]
    lines = zip_longest(*columns, fillvalue="")
    return [" ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _what(one: Reproduced) -> str:
    """Return the years and the kind of number of a figure."""
    years, measure = one.figure.years, one.figure.measure
    when = years[0] if len(years) == 1 else f"{years[0]}-{years[-1][-2:]}" if years else ""
    return f"{when} {_MEASURES.get(measure, measure.replace('_', ' '))}".strip()


def _said(one: Reproduced) -> str:
    """Return a figure as it was worded, with a mark when its text was not seen."""
    return f"{one.figure.said}{'' if one.figure.verified else ' (?)'}"


def ours_text(one: Reproduced) -> str:
    """Return our number in the unit of the figure, with its 95 % interval.

    Parameters
    ----------
    one : Reproduced
        A figure.

    Returns
    -------
    str
        A number alone when it is a count; empty when there is none.
    """
    ours, measure = one.ours, one.figure.measure
    if ours is None:
        return ""
    if measure in ("coverage", "share_of_total"):
        return f"{share(ours.median)} ({share_interval(ours)})"
    if ours.sd == 0:
        return count(ours.median)
    if measure in ("one_in", "per_100000"):
        return "{} ({})".format(*rate(ours))
    return people(ours)


def _more(one: Reproduced) -> str:
    """Return by how much ours is more than what was published, as a percentage."""
    difference = one.verdict.difference
    if difference is None:
        return ""
    if abs(difference) < 0.005:
        return "0 %" if one.verdict.kind == "consistent" else "<1 %"
    return f"{100 * difference:+.0f} %" if difference < _MANY - 1 else f"x {1 + difference:.0f}"


def _public(found: Reproduction) -> list[str]:
    """Return what the public table says on its own."""
    counts = [one for one in found.pooled if one.figure.measure != POOLED_SIZE]
    good = sum(one.verdict.kind == "consistent" for one in counts)
    lines = ["THE PUBLIC TABLE ON ITS OWN", wrapped(_about(found.analyses)), ""]
    lines += [*_row(("our assumptions", "all years together (95 %)", "a year (95 %)"), _POOLED_WIDTHS), "-" * WIDTH]
    for one in found.analyses:
        lines += _row(_analysis_cells(one), _POOLED_WIDTHS)
    for why in dict.fromkeys(" ".join(one.unsound) for one in found.analyses if one.unsound):
        names = listed([one.priors for one in found.analyses if " ".join(one.unsound) == why])
        lines += ["", wrapped(f"NOT FIT TO PUBLISH ({names}): {why}")]
    lines += (
        ["", wrapped(f"{good} of {len(counts)} published counts of this table are the same here.")] if counts else []
    )
    lines += _table([one for one in counts if one.verdict.kind != "consistent"]) if good < len(counts) else []
    lines += ["", "Published analyses of it, all years together", "-" * WIDTH]
    return lines + [_other(one) for one in found.pooled if one.figure.measure == POOLED_SIZE]


def _other(one: Reproduced) -> str:
    """Return a published analysis of the public table with our own by the same method, if this tool has it."""
    ours = f"Ours: {ours_text(one)}, {one.verdict.kind}" if one.ours else one.verdict.why
    return wrapped(f"{_said(one)}. {ours}")


def _about(analyses: Sequence[Analysis]) -> str:
    """Return what the public table is."""
    return (
        "All years together, without sex, age, origin or form of exploitation; nothing reconstructed. Its average over "
        f"{analyses[0].years if analyses else 'all'} years is not comparable with the figures of single years."
    )


def _analysis_cells(one: Analysis) -> tuple[str, str, str]:
    """Return the cells of one analysis of the public table."""
    if not one.converged:
        return one.priors, "withheld: the chains do not agree", ""
    whole = one.whole
    limits = f"{count(whole.lower / one.years, 10)} to {count(whole.upper / one.years, 10)}"
    return one.priors, people(whole), f"{count(whole.median / one.years, 10)} ({limits})"


def _without(figures: Iterable[Reproduced]) -> list[str]:
    """Return the figures without an answer, by reason; those by other methods stand with the public table."""
    missing = [one for one in figures if one.ours is None and not is_other_method(one)]
    lines = [f"NOT REPRODUCIBLE ({len(missing)} figures)"]
    for why in dict.fromkeys(one.verdict.why for one in missing):
        lines += ["", wrapped(why)]
        for label, named in _by_label(one for one in missing if one.verdict.why == why).items():
            lines += [wrapped(label, "  "), wrapped("; ".join(f"{_what(one)}: {_said(one)}" for one in named), "    ")]
    return lines
