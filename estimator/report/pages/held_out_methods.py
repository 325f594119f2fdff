"""Held-out lists by every method as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from estimator.calibration.held_out_methods import MethodHeld, MethodsReport
from estimator.report.figures.files import json_bytes
from estimator.report.terminal.held_out_methods import cells, heads, method_label, methods_notes
from estimator.words.words import Words


def methods_files(report: MethodsReport, words: Words) -> dict[str, bytes]:
    """Return ``methods-held-out.json`` and ``methods-held-out.md``, by file name."""
    page = methods_page(report, words).replace("\N{NO-BREAK SPACE}", " ")
    return {"methods-held-out.json": json_bytes(report.to_dict()), "methods-held-out.md": page.encode("utf-8")}


def methods_page(report: MethodsReport, words: Words) -> str:
    """Return both tables with what they mean."""
    lines = [
        f"# {words.text('held-out.methods.title')}",
        "",
        words.text("held-out.methods.command", pooled=report.pooled),
        "",
        words.text("held-out.methods.heading", pooled=report.pooled),
        "",
        *_table(report.rows(), words),
        "",
        *(_common(report, words) if report.narrowed else ()),
        *(line for note in methods_notes(report, words) for line in (note, "")),
    ]
    return "\n".join(lines)


def _common(report: MethodsReport, words: Words) -> list[str]:
    """Return the table of the lists that every method answers for, with its heading."""
    heading = words.text("held-out.methods.common", lists=len(report.common))
    return [heading, "", *_table(report.rows(report.common), words), ""]


def _table(rows: list[MethodHeld], words: Words) -> Iterator[str]:
    """Yield the lines of a table."""
    head = heads(words)
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join([method_label(row, words).replace("*", "\\*"), *cells(row, words)]) + " |"
