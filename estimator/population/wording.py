"""An estimate in words: the table on the terminal and in notebooks. The one place where its numbers are formatted."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estimator.inference.convergence import Convergence
    from estimator.population.estimate import Estimate
    from estimator.population.groups import GroupEstimate
    from estimator.population.summary import Summary

WIDTH = 80
_LABEL_WIDTH = 28

KIND_NOTES = {
    "observed": "",
    "reconstructed": "RECONSTRUCTED TABLE: calibrated to published estimates. Getting them back is a check of the "
    "software, never evidence about people.",
    "synthetic": "SYNTHETIC TABLE: made up. No number below is about real people.",
}


WITHHELD = (
    "No estimate is shown: the sampler's chains do not agree on one, not even with four times the draws. The data "
    "and the priors pull in different directions, or leave the answer open. Look at `darkfigure check`, try priors "
    "that say more, or more draws (--draws)."
)


def count(value: float, unit: float = 1.0) -> str:
    """Return a number of persons with separators, rounded to a unit."""
    return f"{round(value / unit) * unit:,.0f}"


def roughly(value: float) -> str:
    """Return a number of persons with three digits that count, whatever is known of it."""
    size = abs(value)
    return count(value, 10.0 ** (len(str(int(size))) - 3) if size >= 1000 else 1.0)


def unit_of(value: Summary) -> float:
    """Return the unit to which a number of persons is rounded: a hundredth of the size of its 95 % interval.

    Three digits of the uncertainty are kept, so that nothing is rounded away that is known, and nothing is printed that
    the draws do not settle.
    """
    width = value.upper - value.lower
    return max(1.0, 10.0 ** (math.floor(math.log10(width)) - 2)) if width > 0 else 1.0


def between(limits: tuple[float, float], unit: float, least: float = 0.0) -> str:
    """Return limits in words, rounded outward, but not below the number that is known to be there."""
    lower = max(math.floor(limits[0] / unit) * unit, math.ceil(least))
    return f"{lower:,.0f} to {math.ceil(limits[1] / unit) * unit:,.0f}"


def middle(value: Summary, least: float = 0.0) -> str:
    """Return the median of a number of persons, rounded, but not below the number that is known to be there."""
    unit = unit_of(value)
    return count(max(round(value.median / unit) * unit, least))


def registered(value: Summary) -> str:
    """Return a registered number in full, with its range when it is not exactly known."""
    if value.sd == 0:
        return f"{value.median:,.0f}"
    return f"about {value.median:,.0f}"


def interval(value: Summary, least: float = 0.0) -> str:
    """Return the limits of the widest interval of a number of persons."""
    return between((value.lower, value.upper), unit_of(value), least)


def share(value: float) -> str:
    """Return a share as a percentage; all of it only when it is all."""
    per_cent = 100 * value
    if 99.5 <= per_cent < 100:
        return ">99 %"
    return f"{per_cent:.0f} %" if per_cent >= 2 else f"{per_cent:.1f} %"


def share_interval(value: Summary) -> str:
    """Return the widest interval of a share."""
    digits = 0 if value.lower >= 0.02 else 1
    return f"{100 * value.lower:.{digits}f} to {100 * value.upper:.{digits}f} %"


def wrapped(text: str, indent: str = "") -> str:
    """Return text in lines of 80 characters."""
    unbroken = " ".join(text.split()).replace(" %", "\N{NO-BREAK SPACE}%")
    return textwrap.fill(unbroken, WIDTH, initial_indent=indent, subsequent_indent=indent)


def groups_table(groups: Mapping[str, GroupEstimate], heading: str) -> str:
    """Return one row per group: registered, estimated, interval, and the share that is registered.

    Parameters
    ----------
    groups : mapping of str to GroupEstimate
    heading : str
        What the numbers are: a period, or "per year".

    Returns
    -------
    str
        At most 80 characters wide; a label that is too long has lines of its own.
    """
    rows = [_row(heading, "registered", "estimated", "95 % interval", "seen"), "-" * WIDTH]
    for group in groups.values():
        *above, last = textwrap.wrap(group.label.en, _LABEL_WIDTH) or [""]
        rows += above
        rows.append(_row(last, *_cells(group)))
    return "\n".join(rows)


def _cells(group: GroupEstimate) -> tuple[str, str, str, str]:
    """Return registered, estimated, interval and share that is registered; no share of nobody."""
    least = group.registered.lower
    seen = share(group.coverage.median) if group.N.median >= 0.5 else "-"
    return registered(group.registered), middle(group.N, least), interval(group.N, least), seen


def _row(label: str, known: str, estimated: str, limits: str, seen: str) -> str:
    """Return one line of the table."""
    return f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} {known:>11} {estimated:>10} {limits:>20} {seen:>7}".rstrip()


def total_in_words(estimate: Estimate) -> str:
    """Return the headline: how many, how many unseen, how sure, over what time."""
    total, least = estimate.total, estimate.total.registered.lower
    half = between(total.N.intervals[0.5], unit_of(total.N), least).replace(" to ", " and ")
    whole = interval(total.N, least).replace(" to ", " and ")
    years = estimate.period["years"] or []
    when = f"a year on average, over {_and(years)}" if len(years) > 1 else f"in {years[0]}" if years else ""
    return wrapped(
        f"{total.label.en}{': ' if when else ''}{when}: {middle(total.N, least)} are estimated, "
        f"{middle(total.dark_figure)} of them on no list ({interval(total.dark_figure)}). Of all, "
        f"{share(total.coverage.median)} are registered ({share_interval(total.coverage)}). There is an even chance "
        f"that their number lies between {half}, and a probability of 95 % that it lies between {whole}."
    )


def _and(names: Sequence[str]) -> str:
    """Return names in a row: "2013, 2014 and 2015"."""
    return ", ".join(names[:-1]) + f" and {names[-1]}"


def convergence_line(found: Convergence) -> str:
    """Return in one line whether the chains agreed."""
    verdict = "converged" if found.passed else "NOT CONVERGED"
    return (
        f"Sampling {verdict}: {found.chains} chains x {found.draws:,} draws, R-hat {found.rhat_max:.3f}, effective "
        f"sample size at least {min(found.ess_bulk_min, found.ess_tail_min):,.0f}, divergences: {found.divergences}."
    )


def text_of(estimate: Estimate) -> str:
    """Return the estimate as the terminal shows it.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    str
        At most 80 characters wide.
    """
    parts = [wrapped(estimate.study.title)]
    if KIND_NOTES[estimate.study.table_kind]:
        parts += ["", wrapped(KIND_NOTES[estimate.study.table_kind])]
    if estimate.convergence.passed:
        parts += ["", total_in_words(estimate), "", *tables(estimate)]
    else:
        parts += ["", wrapped(WITHHELD)]
    parts += ["", wrapped(estimate.assumption), ""]
    parts += [wrapped(text) for text in (priors_line(estimate), convergence_line(estimate.convergence))]
    parts += [wrapped(text) for text in _data_lines(estimate)]
    for heading, texts in _remarks(estimate):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join(parts)


def priors_line(estimate: Estimate) -> str:
    """Return which priors were used, with what was changed in them, and the seed."""
    path = estimate.priors.path
    name = f"{path.stem} ({estimate.priors.title})" if path else estimate.priors.title
    changed = "; ".join(f"{key} = {value}" for key, value in estimate.priors.overrides.items())
    seed = estimate.posterior.draws.settings.seed
    return f"Priors: {name}{', changed: ' if changed else ''}{changed}. Seed {seed}."


def _data_lines(estimate: Estimate) -> list[str]:
    """Return where the counts come from, and how many caveats they have."""
    lines = [f"Counts: {' '.join(estimate.study.source.split())}"]
    if estimate.study.caveats:
        lines.append(
            f"{len(estimate.study.caveats)} caveats of these counts: darkfigure data show {estimate.study.name}"
        )
    return lines


def _remarks(estimate: Estimate) -> list[tuple[str, tuple[str, ...]]]:
    """Return what speaks against the estimate, under headings."""
    found = estimate.fitness
    remarks = [
        ("CAUTION:", found.cautions),
        ("NOT FIT TO PUBLISH:", found.unsound),
        ("NOT TO BE PUBLISHED AS EVIDENCE:", found.not_evidence),
    ]
    return [(heading, texts) for heading, texts in remarks if texts]


def tables(estimate: Estimate) -> list[str]:
    """Return the tables of the headline period, of the average year and of every year, empty lines between them."""
    heading = _heading(estimate)
    found = [groups_table(estimate.groups, heading)]
    if estimate.per_year:
        found.append(groups_table(estimate.per_year, "Average per year"))
    found += [groups_table(groups, year) for year, groups in estimate.by_year.items() if year != heading]
    return "\n\n".join(found).split("\n")


def _heading(estimate: Estimate) -> str:
    """Return what period the headline numbers are of."""
    years = estimate.period["years"]
    if years:
        return years[0] if len(years) == 1 else "Average per year"
    period = estimate.study.period
    return f"All {period.years} years" if period and period.years and period.years > 1 else "Group"


def html_of(estimate: Estimate) -> str:
    """Return the estimate as a notebook shows it: a table, the assumption and the convergence line."""
    rows = "".join(
        f"<tr><td style='text-align:left'>{html.escape(group.label.en)}</td>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(group))
        + "</tr>"
        for group in estimate.groups.values()
    )
    head = "".join(
        f"<th>{html.escape(text)}</th>"
        for text in (_heading(estimate), "registered", "estimated", "95 % interval", "seen")
    )
    notes = [KIND_NOTES[estimate.study.table_kind], total_in_words(estimate) if estimate.convergence.passed else ""]
    notes += [estimate.assumption, priors_line(estimate), convergence_line(estimate.convergence)]
    notes += [f"{heading} {text}" for heading, texts in _remarks(estimate) for text in texts]
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    shown = table if estimate.convergence.passed else _paragraphs([WITHHELD])
    return f"<p><b>{html.escape(estimate.study.title)}</b></p>{shown}{_paragraphs(notes)}"


def _paragraphs(texts: Iterable[str]) -> str:
    """Return HTML paragraphs of the texts that are not empty."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)
