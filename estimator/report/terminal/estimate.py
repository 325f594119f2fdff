"""An estimate on the terminal: a first screen that fits on one, and everything else on request.

Made from the record of a run, so that `darkfigure estimate` and `darkfigure show` print the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from estimator.reasons import Reason
from estimator.report.labels import labelled, title_of
from estimator.report.terminal.estimate_tables import (
    beside_table,
    certain,
    groups_table,
    heading_of,
    label_of,
    rates_table,
)
from estimator.report.terminal.first_screen import against, first_screen, head, loud
from estimator.runs.estimate_record import BesideRecord, EstimateRecord, ImputationsRecord
from estimator.study.questions import TOTAL
from estimator.words import numbers
from estimator.words.numbers import wrapped
from estimator.words.words import Words


def estimate_text(
    record: EstimateRecord,
    words: Words,
    run: Path | None = None,
    *,
    full: bool = False,
    sections: Sequence[str] = (),
) -> str:
    """Return the first screen of an estimate, all of it, or the sections that are asked for."""
    if full:
        return full_text(record, words)
    return sections_text(record, words, sections) if sections else first_screen(record, words, run)


def full_text(record: EstimateRecord, words: Words) -> str:
    """Return everything that there is to say of an estimate, at most 80 characters wide."""
    parts = [wrapped(title_of(record, words))]
    if record.table_kind != "observed":
        parts += ["", wrapped(words.text(f"estimate.kind.{record.table_kind}"))]
    if record.diagnostics.converged:
        parts += ["", wrapped(total_in_words(record, words)), "", *_all_tables(record, words)]
    else:
        parts += ["", wrapped(words.text("estimate.no-estimate"))]
    parts += ["", *map(wrapped, sources(record, words))]
    for heading, reasons in remarks(record, words):
        parts += ["", heading, *(wrapped(text, "  ") for text in reasons)]
    return "\n".join(parts)


def sections_text(record: EstimateRecord, words: Words, sections: Sequence[str]) -> str:
    """Return parts of the full text, below what must stand above any number.

    Parameters
    ----------
    sections : sequence of str
        Of `SECTIONS`.
    """
    parts = [*head(record, words), *loud(record, words)]
    for section in sections:
        parts += ["", *_section(record, words, section)]
    return "\n".join(parts)


def _section(record: EstimateRecord, words: Words, section: str) -> list[str]:
    """Return one part, or that there is none."""
    heading = heading_of(record, words)
    if section == "sources":
        return list(map(wrapped, sources(record, words)))
    if not record.diagnostics.converged:
        return [wrapped(words.text("estimate.no-estimate"))]
    lines = {
        "by-year": lambda: _year_tables(record, words),
        "beside": lambda: _beside(record, heading, words),
        "rates": lambda: rates_table(record.groups, heading, words),
    }[section]()
    return lines or [wrapped(words.text(f"estimate.none.{section}"))]


def total_in_words(record: EstimateRecord, words: Words) -> str:
    """Return the headline in full: how many, how many unseen, how sure, over what time."""
    total, years = record.groups[TOTAL], record.period.years or []
    language = words.language
    return words.text(
        "estimate.total",
        bound=record.bound,
        label=label_of(total, words),
        years=tuple(years),
        middle=numbers.middle(total.N, certain(total), language),
        interval=numbers.interval(total.N, certain(total), language),
        unseen=numbers.middle(total.dark_figure, language=language),
        unseen_interval=numbers.interval(total.dark_figure, language=language),
        seen=total.coverage.median,
        seen_interval=numbers.share_interval(total.coverage, language),
        one_in=numbers.one_in(total.one_in.median, language) if total.one_in else "",
    )


def _all_tables(record: EstimateRecord, words: Words) -> list[str]:
    """Return the tables of the headline period, of other priors, rates and single years, empty lines between them."""
    heading = heading_of(record, words)
    tables = [groups_table(record.groups, heading, words, bound=record.bound), _beside(record, heading, words)]
    tables += [rates_table(record.groups, heading, words), _year_tables(record, words)]
    return "\n\n".join("\n".join(table) for table in tables if table).split("\n")


def _year_tables(record: EstimateRecord, words: Words) -> list[str]:
    """Return a table of the average per year where the counts add years up, and a table for each year."""
    heading = heading_of(record, words)
    tables = []
    if record.per_year:
        tables.append(groups_table(record.per_year, words.text("estimate.average-per-year"), words, bound=record.bound))
    for year, groups in (record.by_year or {}).items():
        if year != heading:
            tables.append(groups_table(groups, year, words, bound=record.bound))
    return "\n\n".join("\n".join(table) for table in tables).split("\n") if tables else []


def _beside(record: EstimateRecord, heading: str, words: Words) -> list[str]:
    """Return the estimate and those under other priors side by side, what each assumes, and what follows."""
    if not record.beside:
        return []
    lines = [words.text("estimate.heading.beside"), "", *beside_table(record, heading, words), ""]
    sets: dict[str, EstimateRecord | BesideRecord] = {record.priors_name: record, **record.beside}
    for name, estimate in sets.items():
        lines.append(wrapped(f"{name}: {_assumed(estimate, words)}", "  "))
    verdict = " ".join(words.say_all(record.precision or ()))
    return "\n".join([*lines, *(["", wrapped(verdict)] if verdict else [])]).split("\n")


def _assumed(estimate: EstimateRecord | BesideRecord, words: Words) -> str:
    """Return what is assumed of pairs of lists, and of people whom all lists miss together."""
    values = estimate.assumption.values
    clauses = [clause for clause in (values.get("dependence"), values.get("residual")) if isinstance(clause, Reason)]
    return words.text("estimate.assumed", clauses=tuple(clauses)) if clauses else words.say(estimate.assumption)


def sources(record: EstimateRecord, words: Words) -> list[str]:
    """Return what the numbers rest on: the assumption, decisions, priors, sampling, counts and their caveats."""
    diagnostics = record.diagnostics
    effective = [value for value in (diagnostics.ess_bulk_min, diagnostics.ess_tail_min) if value is not None]
    changed = tuple(f"{key} = {value}" for key, value in record.prior_changes.items())
    assumption = labelled([record.assumption], record, words)
    lines = [*words.say_all(assumption), *words.say_all(record.statements or ()), ""]
    if record.imputations is not None:
        lines += [words.say(record.imputations.statement), *tables_in_words(record.imputations, words)]
    lines += [
        words.text("estimate.method", method=record.method, seed=str(record.seed))
        if not record.priors
        else words.text(
            "estimate.priors",
            name=record.priors_name,
            title=record.priors,
            title_nl=record.priors_nl,
            changed=changed,
            seed=str(record.seed),
        ),
        words.text(
            "estimate.sampling",
            converged=diagnostics.converged,
            chains=diagnostics.chains,
            draws=diagnostics.draws,
            rhat=diagnostics.rhat_max,
            effective=min(effective, default=None),
            divergences=diagnostics.divergences,
        ),
        words.text("estimate.counts", source=record.source, source_nl=record.source_nl),
    ]
    if record.caveats:
        lines.append(words.text("estimate.caveats", number=len(record.caveats), study=record.study))
    return [*lines, *words.say_all(record.notes)]


def tables_in_words(imputations: ImputationsRecord, words: Words) -> list[str]:
    """Return what each of several imputed tables says by itself, a line each."""
    return [
        words.text(
            "estimate.table",
            name=summary.name,
            registered=summary.registered.median,
            interval=numbers.interval(summary.N.summary, language=words.language),
            converged=summary.diagnostics.converged,
            rhat=summary.diagnostics.rhat_max,
        )
        for summary in imputations.tables
    ]


def remarks(record: EstimateRecord, words: Words) -> list[tuple[str, list[str]]]:
    """Return what speaks against the estimate, and what was found and decided, in full under headings."""
    afterwards = [part.statement for part in (record.scrutiny, record.published_against_advice) if part is not None]
    cautions = labelled(record.cautions, record, words)
    parts = [(words.text("estimate.heading.caution"), cautions), *against(record, words)]
    parts.append((words.text("estimate.heading.afterwards"), afterwards))
    return [(heading, words.say_all(reasons)) for heading, reasons in parts if reasons]
