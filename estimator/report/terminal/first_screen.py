"""The first screen of an estimate: what a reader needs first, in at most 25 lines of 80 characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from estimator.population.fitness import OF_THE_TABLE
from estimator.reasons import Reason, Value
from estimator.report.labels import labelled, title_of
from estimator.report.terminal.estimate_tables import (
    certain,
    estimated,
    group_cells,
    group_headings,
    heading_of,
    in_order,
    label_of,
    row,
)
from estimator.runs.estimate_record import BesideRecord, EstimateRecord
from estimator.study.dependence_facts import STRATA_ALIKE
from estimator.study.questions import TOTAL
from estimator.words import numbers
from estimator.words.numbers import WIDTH, wrapped
from estimator.words.shown import on_one_line
from estimator.words.words import Words

SECTIONS = ("by-year", "beside", "rates", "sources")
"""What can be shown besides the first screen, part by part; ``full`` is all of it."""

SCREEN = 25
"""Lines of the first screen, unless reasons not to publish need more."""

_SHORTEST_LABEL, _CLOSE = 24, 1
_UNLISTED = ("strata-not-estimated", "strata-extrapolated")
_NAMED = 3


def first_screen(record: EstimateRecord, words: Words, run: Path | None = None) -> str:
    """Return what a reader needs first, in at most `SCREEN` lines of 80 characters.

    Parameters
    ----------
    run : Path, optional
        The folder of the run, where everything else can be shown from.
    """
    top = [*head(record, words), *loud(record, words), ""]
    end = ["", *_rests_on(record, words), *_cautions(record, words), *_where_next(record, words, run)]
    if not record.diagnostics.converged:
        return "\n".join([*top, wrapped(words.text("estimate.no-estimate")), *end])
    top.append(wrapped(_headline(record, words)))
    room = SCREEN - "\n".join([*top, *end]).count("\n") - 1
    return "\n".join([*top, *_first_table(record, words, room), *end])


def head(record: EstimateRecord, words: Words) -> list[str]:
    """Return the title in at most two lines; the first line has the kind of table."""
    title = title_of(record, words)
    if record.table_kind != "observed":
        title = words.text(f"estimate.title.{record.table_kind}", title=title)
    first, *rest = wrapped(title).split("\n")
    return [first, *([textwrap.shorten(" ".join(rest), WIDTH, placeholder=" ...")] if rest else [])]


def loud(record: EstimateRecord, words: Words) -> Iterator[str]:
    """Yield the reasons not to publish and what was decided about them, above the number that they are about."""
    for heading, reasons in against(record, words):
        lines = [_brief(reason, words, WIDTH - 2) for reason in reasons]
        together = f"{heading} {lines[0]}"
        yield from (
            [together] if len(lines) == 1 and len(together) <= WIDTH else [heading, *(f"  {line}" for line in lines)]
        )
    if record.published_against_advice is not None:
        yield from wrapped(words.say(record.published_against_advice.statement)).split("\n")


def against(record: EstimateRecord, words: Words) -> list[tuple[str, list[Reason]]]:
    """Return reasons not to publish under headings: those in the estimate, and those in the table."""
    reasons = labelled(record.reasons, record, words)
    unsound = [reason for reason in reasons if reason.code not in OF_THE_TABLE]
    of_the_table = [reason for reason in reasons if reason.code in OF_THE_TABLE]
    headings = (words.text("estimate.heading.not-fit"), words.text("estimate.heading.not-evidence"))
    parts = zip(headings, (unsound, of_the_table), strict=True)
    return [(heading, said) for heading, said in parts if said]


def _brief(reason: Reason, words: Words, room: int = WIDTH) -> str:
    """Return a reason on one line, with where to read more."""
    code = f"brief.{reason.code}"
    said = on_one_line(words.text(code, **reason.values)) if words.has(code) else words.say(reason)
    return textwrap.shorten(said, room, placeholder=" ... (--full)")


def _headline(record: EstimateRecord, words: Words) -> str:
    """Return how many, over what time, how sure, and what share is registered."""
    total, years = record.groups[TOTAL], record.period.years or []
    without, extrapolated = (_strata_of(record, words, code) for code in _UNLISTED)
    return words.text(
        "estimate.headline",
        bound=record.bound,
        middle=numbers.middle(total.N, certain(total), words.language),
        interval=numbers.dashed_interval(total.N, certain(total), words.language),
        seen=total.coverage.median,
        years=numbers.named_levels(years, tuple(record.by_year or ())),
        several=len(years) > 1,
        pooled=record.period.pooled_years or 1,
        without=without[:_NAMED],
        extrapolated=extrapolated[:_NAMED],
        more_without=len(without[_NAMED:]),
        more_extrapolated=len(extrapolated[_NAMED:]),
    )


def _strata_of(record: EstimateRecord, words: Words, code: str) -> list[str]:
    """Return the strata in which no list ran, as far as they are left out or extrapolated."""
    cautions = labelled(record.cautions, record, words)
    named = [caution.values["strata"] for caution in cautions if caution.code == code]
    return [str(name) for strata in named if isinstance(strata, tuple) for name in strata]


def _first_table(record: EstimateRecord, words: Words, room: int) -> list[str]:
    """Return a line per group; labels that are too long get a second line as long as there is room, or are cut."""
    heading, names = heading_of(record, words), in_order(record.groups)
    head = group_headings(words, bound=record.bound)[:3]
    cells = {name: _first_cells(record, name, words) for name, _ in names}
    widths = [max(map(len, column)) for column in zip(head, *cells.values(), strict=True)]
    space = WIDTH - sum(width + _CLOSE for width in widths)
    room -= 1 + len(names)
    lines = [row(heading, head, widths, _CLOSE)]
    for name, depth in names:
        indent = "  " * depth
        pieces = textwrap.wrap(label_of(record.groups[name], words), max(space - len(indent), _SHORTEST_LABEL))
        if len(pieces) - 1 > room:
            pieces = [textwrap.shorten(" ".join(pieces), space - len(indent), placeholder=" ...")]
        room -= len(pieces) - 1
        lines += [indent + piece for piece in pieces[:-1]]
        lines.append(row(indent + pieces[-1], cells[name], widths, _CLOSE))
    return lines


def _first_cells(record: EstimateRecord, name: str, words: Words) -> tuple[str, str, str]:
    """Return registered, estimated and a short interval of a group."""
    group = record.groups[name]
    known, middle, *_ = group_cells(group, words)
    return known, middle, numbers.dashed_interval(group.N, certain(group), words.language)


def _rests_on(record: EstimateRecord, words: Words) -> Iterator[str]:
    """Yield the total under the other priors, what several tables add, and what the estimate rests on."""
    if record.imputations is not None and record.diagnostics.converged:
        yield from wrapped(words.say(record.imputations.statement)).split("\n")
    if record.beside and record.diagnostics.converged:
        totals = tuple(_total_beside(name, other, words) for name, other in record.beside.items())
        yield from wrapped(words.text("estimate.total-beside", totals=totals)).split("\n")
    yield from wrapped(_in_short(record, words)).split("\n")


def _in_short(record: EstimateRecord, words: Words) -> str:
    """Return the identifying assumption in one sentence; all of it where its method has no short form."""
    code = f"brief.{record.assumption.code}"
    if not words.has(code):
        return words.say(record.assumption)
    values = labelled([record.assumption], record, words)[0].values
    dependence, residual, of_strata = (values.get(name) for name in ("dependence", "residual", "of_strata"))
    known = _brief(dependence, words) if isinstance(dependence, Reason) else ""
    alike = isinstance(of_strata, Reason) and of_strata.code == STRATA_ALIKE
    unknown = [name for key in ("covariates", "lists") for name in _within(values.get("unknown"), key)]
    return words.text(
        code, priors=record.priors_name, dependence=known, exact=residual is None, alike=alike, unknown=unknown
    )


def _within(reason: Value, name: str) -> tuple[Value, ...]:
    """Return what a reason within a reason names; nothing where there is none."""
    named = reason.values[name] if isinstance(reason, Reason) else ()
    return named if isinstance(named, tuple) else ()


def _total_beside(name: str, other: BesideRecord, words: Words) -> str:
    """Return the total under one other set of priors."""
    total = other.groups[TOTAL]
    said = estimated(total, words) if other.diagnostics.converged else words.text("estimate.withheld")
    return f"{name} {said}"


def _cautions(record: EstimateRecord, words: Words) -> Iterator[str]:
    """Yield what a reader must be told, a line each."""
    lead = words.text("estimate.caution")
    for caution in labelled(record.cautions, record, words):
        yield f"{lead} {_brief(caution, words, WIDTH - len(lead) - 1)}"
    if record.scrutiny is not None:
        yield from wrapped(words.say(record.scrutiny.statement)).split("\n")


def _where_next(record: EstimateRecord, words: Words, run: Path | None) -> Iterator[str]:
    """Yield the run folder, and what else can be shown."""
    there = {
        "by-year": bool(record.by_year or record.per_year),
        "beside": bool(record.beside),
        "rates": any(group.per_100000 for group in record.groups.values()),
        "sources": True,
    }
    options = ["--full", *(f"--{name}" for name in SECTIONS if there[name])]
    if run is not None:
        yield on_one_line(words.text("estimate.run", run=str(run)))
    yield from wrapped(words.text("estimate.more", run=run is not None, options=tuple(options))).split("\n")
