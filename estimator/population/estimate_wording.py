"""An estimate in words: the tables on the terminal and the page in notebooks."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from estimator.population.beside_wording import HEADING, NOT_SHOWN, beside_section, cell_of, precision_in_words
from estimator.population.rate_wording import denominators_in_words, rate_cells, rate_section
from estimator.population.study_wording import change_lines, decision_lines
from estimator.reasons import Reason
from estimator.words.kinds import KIND_NOTES, sentence
from estimator.words.numbers import (
    WIDTH,
    interval,
    listed,
    middle,
    one_in,
    registered,
    share,
    share_interval,
    wrapped,
)

if TYPE_CHECKING:
    from estimator.methods.convergence import Convergence
    from estimator.population.estimate import Estimate
    from estimator.population.groups import GroupEstimate

_LABEL_WIDTH = 28


WITHHELD = (
    "No estimate is shown: the sampler's chains do not agree on one, not even with four times the draws. The data "
    "and the priors pull in different directions, or leave the answer open. Look at `darkfigure check`, try priors "
    "that say more, or more draws (--draws)."
)


def groups_table(groups: Mapping[str, GroupEstimate], heading: str) -> str:
    """Return one row per group: registered, estimated, interval, and the share that is registered.

    Parameters
    ----------
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
    whole = interval(total.N, least).replace(" to ", " and ")
    ratio = one_in(total.one_in.median) if total.one_in else ""
    years = estimate.period["years"] or []
    when = f", a year on average over {listed(years)}" if len(years) > 1 else f" in {years[0]}" if years else ""
    return wrapped(
        f"{total.label.en}{when}: {middle(total.N, least)} are estimated, "
        f"{middle(total.dark_figure)} of them on no list ({interval(total.dark_figure)}). Of all, "
        f"{share(total.coverage.median)} are registered ({share_interval(total.coverage)}){', about ' if ratio else ''}"
        f"{ratio}. Their number lies between {whole} with a probability of 95 %."
    )


def convergence_line(found: Convergence) -> str:
    """Return in one line whether the chains agreed."""
    verdict = "converged" if found.passed else "NOT CONVERGED"
    return (
        f"Sampling {verdict}: {found.chains} chains x {found.draws:,} draws, R-hat {found.rhat_max:.3f}, effective "
        f"sample size at least {min(found.ess_bulk_min, found.ess_tail_min):,.0f}, divergences: {found.divergences}."
    )


def text_of(estimate: Estimate) -> str:
    """Return the estimate as the terminal shows it.

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
    parts += ["", wrapped(sentence(estimate.assumption)), *(wrapped(text) for text in study_lines(estimate)), ""]
    parts += [wrapped(text) for text in (priors_line(estimate), convergence_line(estimate.convergence))]
    parts += [wrapped(text) for text in (*_data_lines(estimate), *map(sentence, estimate.notes))]
    for heading, texts in _remarks(estimate):
        parts += ["", heading, *(wrapped(text, "  ") for text in texts)]
    return "\n".join(parts)


def study_lines(estimate: Estimate) -> list[str]:
    """Return what was decided about the lists, and what happened to them."""
    return [*decision_lines(estimate.study), *change_lines(estimate.study)]


def priors_line(estimate: Estimate) -> str:
    """Return which priors were used, with what was changed in them, and the seed."""
    path = estimate.priors.path
    name = f"{path.stem} ({estimate.priors.title})" if path else estimate.priors.title
    changed = "; ".join(f"{key} = {value}" for key, value in estimate.priors.overrides.items())
    seed = estimate.posterior.seed
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
    remarks: list[tuple[str, tuple[Reason, ...]]] = [
        ("CAUTION:", found.cautions),
        ("NOT FIT TO PUBLISH:", found.unsound),
        ("NOT TO BE PUBLISHED AS EVIDENCE:", found.not_evidence),
    ]
    return [(heading, tuple(map(sentence, reasons))) for heading, reasons in remarks if reasons]


def tables(estimate: Estimate) -> list[str]:
    """Return the tables of the headline period, of other priors, rates and single years, empty lines between them."""
    heading = _heading(estimate)
    found = [groups_table(estimate.groups, heading)]
    for section in (beside_section(estimate, heading), rate_section(estimate.groups, heading)):
        found += ["\n".join(section)] if section else []
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


def unit_in_words(estimate: Estimate) -> str:
    """Return what the headline numbers count: "people", "people in 2015", "people a year, mean of 2014 and 2015"."""
    years = estimate.period["years"] or []
    if len(years) > 1:
        return f"people a year, mean of {listed(years)}"
    return f"people in {years[0]}" if years else "people"


def html_of(estimate: Estimate) -> str:
    """Return the estimate as a notebook shows it: tables, the assumption and the convergence line."""
    notes = [KIND_NOTES[estimate.study.table_kind], total_in_words(estimate) if estimate.convergence.passed else ""]
    notes += [sentence(estimate.assumption), *study_lines(estimate), priors_line(estimate)]
    notes += [convergence_line(estimate.convergence), *map(sentence, estimate.notes)]
    notes += [f"{heading} {text}" for heading, texts in _remarks(estimate) for text in texts]
    shown = _html_tables(estimate) if estimate.convergence.passed else _paragraphs([WITHHELD])
    return f"<p><b>{html.escape(estimate.study.title)}</b></p>{shown}{_paragraphs(notes)}"


def _html_tables(estimate: Estimate) -> str:
    """Return the table of the headline period, and the one under other priors."""
    heading, groups = _heading(estimate), estimate.groups.values()
    head = (heading, "registered", "estimated", "95 % interval", "seen")
    found = _html_table(head, [(group.label.en, *_cells(group)) for group in groups])
    rated = {name: group for name, group in estimate.groups.items() if group.rate}
    if rated:
        rows = [(group.label.en, *rate_cells(group)) for group in rated.values()]
        found += _html_table((f"{heading}: per 100,000", "of", "rate", "95 % interval"), rows)
        found += _paragraphs(denominators_in_words(rated))
    if not estimate.beside:
        return found
    sets = [estimate, *estimate.beside]
    beside = [
        (group.label.en, *(cell_of(one.groups[name]) if one.convergence.passed else NOT_SHOWN for one in sets))
        for name, group in estimate.groups.items()
    ]
    table = _html_table((heading, *(one.priors_name for one in sets)), beside)
    return f"{found}{_paragraphs([HEADING])}{table}{_paragraphs([precision_in_words(sets)])}"


def _html_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return an HTML table whose first column holds labels."""
    body = ""
    for label, *cells in rows:
        numbers = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        body += f"<tr><td style='text-align:left'>{html.escape(label)}</td>{numbers}</tr>"
    names = "".join(f"<th>{html.escape(text)}</th>" for text in head)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _paragraphs(texts: Iterable[str]) -> str:
    """Return HTML paragraphs of the texts that are not empty."""
    return "".join(f"<p>{html.escape(text)}</p>" for text in texts if text)
