"""A comparison as a notebook shows it."""

from __future__ import annotations

from estimator.report.terminal.comparison import grounds, headings, heads, remarks, rows_of, total_line, verdict_line
from estimator.runs.comparison_record import ComparisonRecord
from estimator.words.words import Words


def comparison_html(comparison: ComparisonRecord, words: Words) -> str:
    """Return a comparison as HTML: the table of the terminal, with everything that is said below it."""
    groups = [
        (
            group.label.text(words.language),
            [(label, *cells) for label, cells in rows_of(group, comparison, words)],
            verdict_line(group, words),
        )
        for group in comparison.groups.values()
    ]
    notes = [total_line(comparison, words), words.say(comparison.basis)]
    notes += [f"{heading} {text}" for heading, texts in remarks(comparison, words) for text in texts]
    return words.page(
        "comparison.html",
        heads=list(heads(comparison, words)),
        headings=list(headings(words)),
        groups=groups,
        notes=[*notes, *grounds(comparison, words)],
    )
