"""What stands at the end of a report: the GATHER checklist, a glossary, how to cite it, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.document.content import Cell, Column, Paragraph, Row, Section, Table, Terms
from estimator.document.source import Source
from estimator.report.labels import title_of
from estimator.runs.advice import day

_ITEMS = 18
_OFFICE = frozenset({2, 8})
"""Items that no run knows: who paid, and where the counts may be had."""
_TERMS = (
    "register",
    "registered",
    "unseen",
    "estimate",
    "interval",
    "coverage",
    "overlap",
    "prior",
    "posterior",
    "odds-ratio",
    "stratum",
    "convergence",
    "reconstructed",
)


def gather_section(source: Source) -> Section:
    """Return the checklist of GATHER, filled in as far as the run knows; what the office must add is said."""
    text = source.words.text
    answers = _answers(source)
    rows = []
    for number in range(1, _ITEMS + 1):
        known = number not in _OFFICE and bool(answers[number])
        state = text("report.gather.here" if known else "report.gather.office")
        cells = (Cell(text(f"report.gather.{number}")), Cell(state), Cell(answers[number]))
        rows.append(Row(f"gather-{number}", str(number), cells))
    columns = (
        Column("item", text("report.column.item")),
        Column("state", text("report.column.state")),
        Column("answer", text("report.column.answer")),
    )
    table = Table(
        "gather-items", text("report.caption.gather"), text("report.column.number"), columns, tuple(rows), wide=True
    )
    lead = Paragraph(text("report.gather-lead"))
    return Section("gather", text("report.heading.gather"), (lead, table), new_page=True)


def _answers(source: Source) -> dict[int, str]:
    """Return the answer to each item; empty where the run does not know it."""
    record, run, text = source.record, source.run, source.words.text
    diagnostics = record.diagnostics
    covariates = tuple(source.covariate_label(name) for name in run.facts.covariates)
    denominators = {
        source.words.either(group.denominator.source, group.denominator.source_nl)
        for group in record.groups.values()
        if group.denominator
    }
    sets = (record.priors_name, *(record.beside or {}))
    return {
        1: text("report.answer.1", title=title_of(record, source.words), covariates=covariates, period=source.period),
        2: "",
        3: source.words.either(record.source, record.source_nl),
        4: text("report.answer.4", decisions=len(record.decisions), changes=len(record.changes)),
        5: text("report.answer.5", lists=len(run.facts.lists)),
        6: text("report.answer.6", caveats=len(record.caveats), cautions=len(record.cautions)),
        7: "; ".join(sorted(denominators)) or text("report.answer.7-none"),
        8: text("report.answer.8", hash="" if run.facts.disclosure else (run.table_hash or "")[:16]),
        9: text("report.answer.9"),
        10: text("report.answer.10"),
        11: text("report.answer.11", scrutinised=record.scrutiny is not None),
        12: text("report.answer.12", p=diagnostics.posterior_predictive_p, sets=sets),
        13: text("report.answer.13", residual=record.residual.form != "none"),
        14: text("report.answer.14", version=record.versions.get("darkfigure", "")),
        15: text("report.answer.15"),
        16: text("report.answer.16", factor=record.width_factor),
        17: text("report.answer.17", published=len(record.published)),
        18: text("report.answer.18"),
    }


def glossary_section(source: Source) -> Section:
    """Return what the words of the report mean, in plain language."""
    text = source.words.text
    named = [name for name in _TERMS if name != "reconstructed" or source.record.table_kind == name]
    entries = tuple((text(f"report.term.{name}"), text(f"report.meaning.{name}")) for name in named)
    return Section("glossary", text("report.heading.glossary"), (Terms(entries),))


def about_section(source: Source) -> Section:
    """Return how to cite the report, and everything that another needs to make the same numbers again."""
    record, manifest, text = source.record, source.run.manifest, source.words.text
    entries = [
        (text("report.about.made"), f"{day(manifest.made)} {manifest.made[11:16]} UTC"),
        (text("report.about.seed"), str(record.seed)),
        (text("report.about.versions"), ", ".join(f"{name} {version}" for name, version in record.versions.items())),
    ]
    protected = source.run.facts.disclosure is not None
    for what, entry in manifest.inputs.items():
        # whoever knows all counts but a few small ones would find those by trying, with the hash to say which is right
        told = not (protected and what.split()[0] == "table")
        said = f"{entry.name}, SHA-256 {entry.sha256}" if told else text("report.about.no-hash", name=entry.name)
        entries.append((_input(source, what), said))
    blocks = (Paragraph(citation_in_words(source)), Paragraph(text("report.cite-software")), Terms(tuple(entries)))
    return Section("about", text("report.heading.about"), blocks)


def _input(source: Source, what: str) -> str:
    """Return what an input is called: ``"priors evidence"`` in a manifest is the prior file of that name."""
    kind, _, name = what.partition(" ")
    return source.words.text("report.about.input", kind=kind, name=name)


def citation_of(source: Source) -> Mapping[str, Any]:
    """Return how to cite the report, as CSL JSON; the office adds itself as author."""
    record, year, month, date = source.record, *map(int, day(source.run.manifest.made).split("-"))
    return {
        "id": f"{record.study}-{year}",
        "type": "report",
        "title": title_of(record, source.words),
        "genre": source.words.text("report.subtitle"),
        "issued": {"date-parts": [[year, month, date]]},
        "language": source.words.language,
        "note": f"darkfigure {record.versions.get('darkfigure', '')}, seed {record.seed}",
    }


def citation_in_words(source: Source) -> str:
    """Return the citation as a sentence."""
    return source.words.text(
        "report.cite",
        title=title_of(source.record, source.words),
        year=day(source.run.manifest.made)[:4],
        version=source.record.versions.get("darkfigure", ""),
        seed=str(source.record.seed),
    )
