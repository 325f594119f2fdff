"""An estimate as a notebook shows it."""

from __future__ import annotations

from estimator.report.labels import title_of
from estimator.report.terminal.estimate import remarks, sources, total_in_words
from estimator.report.terminal.estimate_tables import (
    beside_cells,
    denominators,
    group_cells,
    group_headings,
    heading_of,
    in_order,
    label_of,
    rate_cells,
    rate_headings,
)
from estimator.runs.estimate_record import EstimateRecord
from estimator.words.words import Words


def estimate_html(record: EstimateRecord, words: Words) -> str:
    """Return the tables of the headline period, with what they rest on and what speaks against them."""
    groups, beside = [], []
    for name, depth in in_order(record.groups):
        group, label = record.groups[name], label_of(record.groups[name], words)
        groups.append((label, depth, group_cells(group, words)))
        beside.append((label, depth, beside_cells(record, name, words)))
    rated = {name: group for name, group in record.groups.items() if group.per_100000}
    said = [f"{heading} {text}" for heading, texts in remarks(record, words) for text in texts]
    return words.page(
        "estimate.html",
        title=title_of(record, words),
        kind=record.table_kind,
        converged=record.diagnostics.converged,
        total=total_in_words(record, words),
        heading=heading_of(record, words),
        columns=group_headings(words, bound=record.bound),
        groups=groups,
        rate_columns=rate_headings(words),
        rates=[(label_of(group, words), 0, rate_cells(group, words)) for group in rated.values()],
        denominators=denominators(rated, words),
        priors=[record.priors_name, *(record.beside or {})],
        beside=beside if record.beside else [],
        precision=words.say_all(record.precision or ()),
        notes=[*sources(record, words), *said],
    )
