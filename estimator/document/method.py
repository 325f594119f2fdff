"""The method appendix, for the statistician: model, priors with their reasons, diagnostics, checks, decisions, data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from estimator.document.cells import NOTHING
from estimator.document.content import Block, Bullets, Cell, Column, Formula, Paragraph, Row, Section, Table
from estimator.document.formulas import FORMULAS
from estimator.document.source import Source
from estimator.document.unknown_levels import unknown_levels_blocks
from estimator.reasons import Reason
from estimator.report.labels import labelled
from estimator.runs.advice import CheckRecord
from estimator.study.priorsections import StatedPrior
from estimator.study.recorded_priors import recorded_priors
from estimator.words.shown import on_one_line, shown


def method_section(source: Source) -> Section:
    """Return the method appendix."""
    text = source.words.text
    parts: list[tuple[str, str, list[Block]]] = [
        ("model", text("report.heading.model"), _model(source)),
        ("priors", text("report.heading.priors"), list(_priors(source))),
        ("diagnostics", text("report.heading.diagnostics"), [_diagnostics(source)]),
        ("scrutiny", text("report.heading.scrutiny"), _scrutiny(source)),
        ("decisions", text("report.heading.decisions"), _decisions(source)),
        ("data", text("report.heading.data"), list(_data(source))),
    ]
    sections = [Section(f"method-{key}", title, tuple(blocks)) for key, title, blocks in parts]
    return Section("method", text("report.heading.method"), (), tuple(sections), new_page=True)


def _model(source: Source) -> list[Block]:
    """Return the model in formulas, and which terms it has here; its assumption alone for other methods."""
    words, record = source.words, source.record
    blocks: list[Block] = []
    if record.method == "loglinear":
        for formula in FORMULAS:
            blocks.append(Paragraph(words.text(f"report.formula.{formula.name}")))
            spoken = words.text(f"report.spoken.{formula.name}")
            blocks.append(Formula(formula.text, formula.mathml, formula.typst, spoken))
        blocks.append(Bullets(tuple(_terms(source)), words.text("report.terms")))
    else:
        blocks.append(Paragraph(words.text("report.method-named", method=record.method)))
    return [*blocks, Paragraph(words.say(labelled([record.assumption], record, words)[0]))]


def _terms(source: Source) -> Iterator[str]:
    """Yield which terms the model has."""
    words, facts = source.words, source.run.facts
    yield words.text("report.terms.lists", lists=tuple(source.list_label(name) for name in facts.lists))
    for code, sets in (("heterogeneity", facts.model.heterogeneity), ("composition", facts.model.composition)):
        named = tuple(" × ".join(source.covariate_label(name) for name in names) for names in sets)
        if named:
            yield words.text(f"report.terms.{code}", sets=named)
    if facts.model.three_list:
        yield words.text("report.terms.three-list", sets=tuple(" × ".join(names) for names in facts.model.three_list))
    for broken in facts.model.breaks:
        yield words.text("coverage-may-break", list=source.list_label(broken.list), since=broken.since)


def _priors(source: Source) -> Iterator[Block]:
    """Yield a table of each set of priors: the quantity, what is believed of it, and why."""
    manifest, words = source.run.manifest, source.words
    if not source.record.priors:
        yield Paragraph(words.text("report.no-priors"))
        return
    yield _prior_table(source, source.run.priors_name, manifest.priors)
    if manifest.prior_changes:
        changed = tuple(f"{key} = {value}" for key, value in manifest.prior_changes.items())
        yield Bullets(changed, words.text("report.priors-changed"))
    for name, other in manifest.beside.items():
        yield _prior_table(source, name, other.priors, beside=True)


def _prior_table(source: Source, name: str, content: Mapping[str, Any], *, beside: bool = False) -> Table:
    words = source.words
    title = (words.language == "nl" and content.get("title_nl")) or content.get("title", "")
    code = "report.caption.priors-beside" if beside else "report.caption.priors"
    caption = words.text(code, name=name, title=on_one_line(str(title)))
    columns = (Column("belief", words.text("report.column.belief")), Column("why", words.text("report.column.why")))
    try:
        stated = recorded_priors(content).stated()
    except ValidationError:  # of another version: what is kept in the manifest is all that can be said
        stated = []
    rows, before = [], ""
    for prior in stated:
        why = _why(prior, source)
        cells = (Cell(words.say(prior.statement)), Cell(why) if why != before else NOTHING)
        what = words.say(prior.what)
        rows.append(Row(prior.key, f"{what[:1].upper()}{what[1:]}", cells))
        before = why
    corner = words.text("report.column.quantity")
    return Table(f"priors-{name}", caption, corner, columns, tuple(rows), wide=True, folded=beside)


def _why(prior: StatedPrior, source: Source) -> str:
    why = (source.words.language == "nl" and prior.reason_nl) or prior.reason
    return source.words.say(why) if isinstance(why, Reason) else on_one_line(shown(why))


def _diagnostics(source: Source) -> Table:
    """Return whether the chains agree and the model describes the table, each measure with what it should be."""
    diagnostics, make, text = source.record.diagnostics, source.make, source.words.text
    sampler = source.run.manifest.sampler
    lines = [
        ("converged", Cell(text("report.cell.yes" if diagnostics.converged else "report.cell.no"))),
        ("chains", make.measure(diagnostics.chains)),
        ("draws", make.measure(diagnostics.draws)),
        ("warmup", make.measure(sampler.warmup)),
        ("rhat", make.measure(diagnostics.rhat_max, 3)),
        ("ess-bulk", make.measure(diagnostics.ess_bulk_min)),
        ("ess-tail", make.measure(diagnostics.ess_tail_min)),
        ("divergences", make.measure(diagnostics.divergences)),
        ("fit", make.measure(diagnostics.posterior_predictive_p, 3)),
        ("seed", Cell(str(source.record.seed))),
    ]
    rows = [
        Row(key, text(f"report.diagnostic.{key}"), (cell, Cell(text(f"report.reading.{key}")))) for key, cell in lines
    ]
    columns = (
        Column("value", text("report.column.value"), "measure"),
        Column("reading", text("report.column.reading")),
    )
    caption = text("report.caption.diagnostics")
    return Table("diagnostics", caption, text("report.column.measure"), columns, tuple(rows))


def _scrutiny(source: Source) -> list[Block]:
    """Return the verdict of every check; that nobody scrutinised it where that is so."""
    words, summary = source.words, source.record.scrutiny
    if summary is None:
        return [Paragraph(words.text("report.not-scrutinised"), "warning")]
    columns = (
        Column("verdict", words.text("report.column.verdict")),
        Column("found", words.text("report.column.found")),
    )
    rows = [Row(check.check, _title(check, source), _check_cells(check, source)) for check in summary.checks]
    caption = words.text("report.caption.scrutiny")
    table = Table("scrutiny", caption, words.text("report.column.check"), columns, tuple(rows), wide=True)
    return [Paragraph(words.say(summary.statement)), table, *unknown_levels_blocks(source)]


def _title(check: CheckRecord, source: Source) -> str:
    code = f"check.{check.check}.title"
    return source.words.text(code) if source.words.has(code) else check.title or check.check


def _check_cells(check: CheckRecord, source: Source) -> tuple[Cell, Cell]:
    verdict = source.words.text("scrutiny.verdict-word", verdict=check.verdict if check.done else "not done")
    said = labelled([check.sentence], source.record, source.words)
    return Cell(verdict), Cell(" ".join(source.words.say_all(said)))


def _decisions(source: Source) -> list[Block]:
    """Return what was decided about lists, what happened to them, and a decision to publish against advice."""
    words, record = source.words, source.record
    said = words.say_all(record.statements or ())
    if record.published_against_advice is not None:
        said.append(words.say(record.published_against_advice.statement))
    return [Bullets(tuple(said))] if said else [Paragraph(words.text("report.no-decisions"))]


def _data(source: Source) -> Iterator[Block]:
    """Yield the source of the counts, their known faults, and what is left out."""
    words, record = source.words, source.record
    yield Paragraph(words.text("estimate.counts", source=record.source, source_nl=record.source_nl))
    if record.imputations is not None:
        yield Paragraph(words.say(record.imputations.statement))
    if record.caveats:
        said = (words.language == "nl" and record.caveats_nl) or record.caveats
        yield Bullets(tuple(said), words.text("report.caveats"))
    cautions = words.say_all(labelled([*record.reasons, *record.cautions], record, words))
    if cautions:
        yield Bullets(tuple(cautions), words.text("report.cautions"))
    if record.notes:
        yield Bullets(tuple(words.say_all(record.notes)), words.text("report.left-out"))
