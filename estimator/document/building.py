"""A report made of a run: `document_of` is the door of this room.

Nothing is sampled, and nothing but the run folder is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from estimator.document.cells import CellMaker, Rounding
from estimator.document.content import Document, Section, Status
from estimator.document.kept_draws import read_kept_draws
from estimator.document.method import method_section
from estimator.document.multiverse_section import multiverse_section
from estimator.document.reference import about_section, citation_of, gather_section, glossary_section
from estimator.document.results import detail_section, results_section
from estimator.document.source import Source
from estimator.document.summary import summary_section
from estimator.document.survey_section import survey_section
from estimator.multiverse.record import MultiverseRecord
from estimator.population.fitness import OF_THE_TABLE
from estimator.report.labels import labelled, title_of
from estimator.runs.advice import day
from estimator.runs.estimate_record import EstimateRecord
from estimator.runs.reading import Run
from estimator.signals.record import SurveyRecord
from estimator.words.words import Words


@dataclass(frozen=True)
class Beside:
    """What a report has a section about besides the run, where it was asked for."""

    survey: SurveyRecord | None = None
    multiverse: MultiverseRecord | None = None


def document_of(run: Run, words: Words, rounding: Rounding | None = None, beside: Beside | None = None) -> Document:
    """Return the report of a run, in the language of `words`, with all counts as they were registered.

    Disclosure control comes after this and before the writers.
    """
    source = Source(run, CellMaker(words, rounding or Rounding()))
    status = status_of(run.record, words)
    return Document(
        words.language,
        run.record.study,
        title_of(run.record, words),
        words.text("report.subtitle"),
        day(run.manifest.made),
        status,
        tuple(_sections(source, beside or Beside())),
        citation_of(source),
        run.record.versions,
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


def _sections(source: Source, beside: Beside) -> list[Section]:
    """Return the sections of a report in the order of reading; without numbers where the chains disagree."""
    parts = [summary_section(source)]
    if source.record.diagnostics.converged:
        kept = read_kept_draws(source.run)
        parts.append(results_section(source, kept))
    if beside.multiverse is not None:
        parts.append(multiverse_section(beside.multiverse, source.make))
    if beside.survey is not None:
        parts.append(survey_section(beside.survey, source.make))
    parts += [method_section(source), gather_section(source), glossary_section(source)]
    if source.record.diagnostics.converged and source.record.by_year:
        parts.append(detail_section(source))
    return [*parts, about_section(source)]
