"""An estimate in words: the table on the terminal and in notebooks. The one place where its numbers are formatted."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Mapping
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
    "No estimate is shown: the sampler's chains do not agree on one, not even with four times the draws. The data and "
    "the priors pull in different directions, or leave the answer open. Look at `darkfigure check`, try priors that say "
    "more, or more draws (--draws)."
)


def count(value: float) -> str:
    """Return a number of persons as people read it: three digits that count, and separators.

    Parameters
    ----------
    value : float
        Persons.

    Returns
    -------
    str
        Whole below 1,000; above, rounded to three significant digits.
    """
    size = abs(value)
    if size < 1000:
        return f"{value:,.0f}"
    unit = 10 ** (len(str(int(size))) - 3)
    return f"{round(value / unit) * unit:,.0f}"


def registered(value: Summary) -> str:
    """Return a registered number in full, with its range when it is not exactly known."""
    if value.sd == 0:
        return f"{value.median:,.0f}"
    return f"about {value.median:,.0f}"


def interval(value: Summary) -> str:
    """Return the limits of the widest interval of a number of persons."""
    return f"{count(value.lower)} to {count(value.upper)}"


def share(value: float) -> str:
    """Return a share as a percentage."""
    per_cent = 100 * value
    return f"{per_cent:.0f} %" if per_cent >= 2 else f"{per_cent:.1f} %"


def share_interval(value: Summary) -> str:
    """Return the widest interval of a share."""
    if value.lower >= 0.02:
        return f"{100 * value.lower:.0f} to {100 * value.upper:.0f} %"
    return f"{100 * value.lower:.1f} to {100 * value.upper:.1f} %"


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
        known, whole = registered(group.registered), count(group.N.median)
        rows.append(_row(last, known, whole, interval(group.N), share(group.coverage.median)))
    return "\n".join(rows)


def _row(label: str, known: str, estimated: str, limits: str, seen: str) -> str:
    """Return one line of the table."""
    return f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} {known:>11} {estimated:>10} {limits:>20} {seen:>7}".rstrip()


def total_in_words(estimate: Estimate) -> str:
    """Return the headline: how many, how many unseen, how sure."""
    total = estimate.total
    half = total.N.intervals[0.5]
    return wrapped(
        f"Estimated: {count(total.N.median)} people, of whom {count(total.dark_figure.median)} on no list "
        f"({count(total.dark_figure.lower)} to {count(total.dark_figure.upper)}); of all people, "
        f"{share(total.coverage.median)} are registered ({share_interval(total.coverage)}). "
        f"As likely inside as outside {count(half[0])} to {count(half[1])}; with 95 % probability {interval(total.N)}."
    )


def convergence_line(found: Convergence) -> str:
    """Return in one line whether the chains agreed."""
    verdict = "converged" if found.passed else "NOT CONVERGED"
    return (
        f"Sampling {verdict}: {found.chains} chains x {found.draws:,} draws, R-hat {found.rhat_max:.3f}, at least "
        f"{min(found.ess_bulk_min, found.ess_tail_min):,.0f} effective draws, {found.divergences} divergences."
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
    parts = [wrapped(estimate.study.title), "", wrapped(f"Priors: {estimate.priors.title}.")]
    if KIND_NOTES[estimate.study.table_kind]:
        parts += ["", wrapped(KIND_NOTES[estimate.study.table_kind])]
    if estimate.convergence.passed:
        parts += ["", *tables(estimate), "", total_in_words(estimate)]
    else:
        parts += ["", wrapped(WITHHELD)]
    parts += ["", wrapped(estimate.assumption), ""]
    parts += [wrapped(convergence_line(estimate.convergence)), wrapped(_source(estimate))]
    if estimate.fitness.reasons:
        parts += ["", "NOT FIT TO PUBLISH:" if estimate.fitness.unsound else "NOT TO BE PUBLISHED AS EVIDENCE:"]
        parts += [wrapped(reason, "  ") for reason in estimate.fitness.reasons]
    return "\n".join(parts)


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
    period = estimate.study.period
    if period is None:
        return "Group"
    if period.covariate is not None:
        levels = period.headline or next(
            found.levels for found in estimate.study.table.covariates if found.name == period.covariate
        )
        span = levels[0] if len(levels) == 1 else f"{levels[0]}-{levels[-1]}, per year"
        return span
    return f"All {period.years} years" if period.years and period.years > 1 else "Group"


def _source(estimate: Estimate) -> str:
    """Return where the counts come from."""
    source = " ".join(estimate.study.source.split())
    return f"Counts: {textwrap.shorten(source, 160, placeholder=' …')}"


def html_of(estimate: Estimate) -> str:
    """Return the estimate as a notebook shows it: a table, the assumption and the convergence line."""
    rows = "".join(
        f"<tr><td style='text-align:left'>{html.escape(group.label.en)}</td><td>{registered(group.registered)}</td>"
        f"<td>{count(group.N.median)}</td><td>{interval(group.N)}</td><td>{share(group.coverage.median)}</td></tr>"
        for group in estimate.groups.values()
    )
    head = "".join(
        f"<th>{html.escape(text)}</th>"
        for text in (_heading(estimate), "registered", "estimated", "95 % interval", "seen")
    )
    notes = [estimate.assumption, convergence_line(estimate.convergence), KIND_NOTES[estimate.study.table_kind]]
    notes += list(estimate.fitness.reasons)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    shown = table if estimate.convergence.passed else _paragraphs([WITHHELD])
    return f"<p><b>{html.escape(estimate.study.title)}</b></p>{shown}{_paragraphs(notes)}"


def _paragraphs(texts: Iterable[str]) -> str:
    """Return HTML paragraphs of the texts that are not empty."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)
