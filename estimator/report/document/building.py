"""A report made of a run: `document_of` is the door of this room.

Nothing is sampled, and nothing but the run folder is read.
"""

from __future__ import annotations

from estimator.population.fitness import OF_THE_TABLE
from estimator.report.document.cells import CellMaker, Rounding
from estimator.report.document.content import Document, Section, Status
from estimator.report.document.group_tables import Source, headline_table, year_tables
from estimator.report.terminal.estimate import labelled, title_of
from estimator.runs.advice import day
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.reading import Run
from estimator.words.words import Words


def document_of(run: Run, words: Words, rounding: Rounding | None = None) -> Document:
    """Return the report of a run, in the language of `words`, with all counts as they were registered.

    Disclosure control comes after this and before the writers.
    """
    source = Source(run, CellMaker(words, rounding or Rounding()))
    return Document(
        words.language,
        run.record.study,
        title_of(run.record, words),
        words.text("report.subtitle"),
        day(run.manifest.made),
        status_of(run.record, words),
        tuple(_sections(source)),
        made_with=run.record.versions,
    )


def status_of(record: EstimateRecord, words: Words) -> Status:
    """Return whether a report may be published, and what stands across its pages when not."""
    reasons = words.say_all(labelled(record.reasons, record, words))
    if any(reason.code not in OF_THE_TABLE for reason in record.reasons):
        stamp = words.text("report.stamp.not-fit")
    elif record.table_kind != "observed":
        stamp = words.text(f"report.stamp.{record.table_kind}")
    else:
        stamp = ""
    return Status(record.publishable, stamp, tuple(reasons))


def _sections(source: Source) -> list[Section]:
    """Return the sections of a report in the order of reading."""
    words, tables = source.words, []
    if source.record.diagnostics.converged:
        tables = [headline_table(source), *year_tables(source)]
    return [Section("tables", words.text("report.heading.tables"), tuple(tables), new_page=True)]
