"""Disclosure control of a report: the one place between its content and its formats.

Registered numbers that are withheld, and all that would give them away, are taken out of every table, of the data of
every figure (from which pictures, alternative texts and CSV files are made), of key numbers and of sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from estimator.disclosure.margins import Printed
from estimator.disclosure.suppression import Withheld, withheld
from estimator.document.content import (
    Block,
    Bullets,
    Document,
    Figure,
    KeyNumber,
    Paragraph,
    Row,
    Section,
    Table,
)
from estimator.document.counted import Observed, printed_sums
from estimator.document.shown_cells import Shown, ceilings, estimates_of
from estimator.runs.manifest import Facts
from estimator.study.questions import DisclosureRules
from estimator.words.words import Words


@dataclass(frozen=True)
class LogEntry:
    """A number that a report does not print.

    Parameters
    ----------
    where : str
        The table, or figure, in which it would stand; ``"key numbers"`` or ``"text"`` for others.
    row, column : str
        The keys of its row and column.
    """

    where: str
    row: str = ""
    column: str = ""


@dataclass(frozen=True)
class Disclosed:
    """A report after disclosure control.

    Parameters
    ----------
    log : tuple of LogEntry
        What is withheld, without its value, and without whether for its own sake or for that of another.
    withheld : Withheld
        The sums that are withheld; for tests and the office, not to be written into a report.
    """

    document: Document
    log: tuple[LogEntry, ...] = ()
    withheld: Withheld = Withheld()


def disclosed(document: Document, words: Words, rules: DisclosureRules | None, observed: Observed) -> Disclosed:
    """Return a report as it may be published.

    Parameters
    ----------
    rules : DisclosureRules or None
        None where the study has none: everything is printed, and a section says so.
    """
    if rules is None:
        return Disclosed(_with_section(document, words, (words.text("disclosure.no-rules"),)))
    limits = ceilings(document, rules)
    printed = [
        replace(number, most=limits.get(number.margin, number.most))
        for number in printed_sums(document, observed, rules)
    ]
    gone = _withheld(printed, rules, observed)
    people = {number.margin: number.value for number in printed}
    control = _Control(words, Shown(words, rules, gone, people, estimates_of(document, rules)))
    sections = tuple(control.section(section) for section in document.sections)
    said = _said(words, rules, len(control.log))
    return Disclosed(_with_section(replace(document, sections=sections), words, said), tuple(control.log), gone)


def rules_of(facts: Facts) -> DisclosureRules | None:
    """Return the rules that a run keeps, if there are any."""
    return DisclosureRules(**facts.disclosure.model_dump()) if facts.disclosure else None


def _withheld(printed: Sequence[Printed], rules: DisclosureRules, observed: Observed) -> Withheld:
    """Return what is withheld: everything where the counts contradict each other, so that nothing can be checked."""
    most = {number.margin: observed.most_by_one_list(number.margin) for number in printed} if rules.dominance else {}
    try:
        return withheld(printed, rules, histories=observed.histories, seen_most_by_one=most)
    except ArithmeticError:
        return Withheld(with_them=frozenset(number.margin for number in printed))


def _said(words: Words, rules: DisclosureRules, n_withheld: int) -> tuple[str, ...]:
    said = [words.text("disclosure.rules", minimum=rules.minimum, zeros=rules.zeros, withheld=n_withheld)]
    if rules.rounding > 1:
        said.append(words.text("disclosure.rounding", unit=rules.rounding))
    if rules.dominance is not None:
        said.append(words.text("disclosure.dominance"))
    return (*said, words.text("disclosure.how"))


def _with_section(document: Document, words: Words, said: Sequence[str]) -> Document:
    """Return a report with a last section that says what was done."""
    title = words.text("disclosure.heading")
    section = Section("disclosure", title, tuple(Paragraph(text) for text in said))
    return replace(document, sections=(*document.sections, section))


class _Control:
    """Goes through a report once, and keeps the log of what it takes out."""

    def __init__(self, words: Words, shown: Shown) -> None:
        self.words, self.shown = words, shown
        self.log: list[LogEntry] = []

    def section(self, section: Section) -> Section:
        """Return a section without what is withheld."""
        blocks = tuple(self.block(block) for block in section.blocks)
        return replace(section, blocks=blocks, sections=tuple(self.section(part) for part in section.sections))

    def block(self, block: Block) -> Block:
        """Return a block without what is withheld."""
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Figure):
            data = self.table(block.data, last=lambda row: row.key)
            if block.drawing == "overlap" and not self.shown.may_tell_zeros:  # nor whether it is small or nobody
                data = replace(data, rows=tuple(row for row in data.rows if row.cells[0].value is not None))
            return replace(block, data=data)
        if isinstance(block, KeyNumber):
            return self.key_number(block)
        if isinstance(block, Paragraph) and any(map(self.shown.tells, block.counted)):
            kept = block.instead if not any(map(self.shown.is_withheld, block.counted)) else ""
            self.log += [] if kept else [LogEntry("text")]
            return Paragraph(kept or self.words.text("disclosure.sentence"), block.style)
        if isinstance(block, Bullets):
            return self.bullets(block)
        return block

    def bullets(self, block: Bullets) -> Bullets:
        """Return a list without the points that tell what is withheld."""
        told = {place for place, counted in block.counted.items() if any(map(self.shown.is_withheld, counted))}
        self.log += [LogEntry("text")] * len(told)
        said = self.words.text("disclosure.sentence")
        return replace(block, items=tuple(said if at in told else item for at, item in enumerate(block.items)))

    def key_number(self, block: KeyNumber) -> KeyNumber:
        """Return a key number without what is withheld."""
        cells = (block.number,) if block.interval is None else (block.number, block.interval)
        new = self.shown.row(cells)
        if any(cell.text == self.shown.mark for cell in new):
            self.log.append(LogEntry("key numbers"))
        return replace(block, number=new[0], interval=new[1] if len(new) > 1 else None)

    def table(self, table: Table, last: Callable[[Row], str] | None = None) -> Table:
        """Return a table without what is withheld.

        Parameters
        ----------
        last : callable, optional
            By which rows with something withheld come last, in that order: where rows stand in the order of their
            numbers, the place of one would tell its number.
        """
        hidden = [self.shown.is_gone(row.cells) for row in table.rows]
        apart = any(hidden)
        rows = [replace(row, cells=self.shown.row(row.cells, apart=apart and not row.strong)) for row in table.rows]
        for before, after in zip(table.rows, rows, strict=True):
            for column, was, now in zip(table.columns, before.cells, after.cells, strict=True):
                if was.text != now.text and now.text == self.shown.mark:
                    self.log.append(LogEntry(table.id, row=after.key, column=column.key))
        if last and apart:
            kept = [row for row, gone in zip(rows, hidden, strict=True) if not gone]
            rows = kept + sorted((row for row, gone in zip(rows, hidden, strict=True) if gone), key=last)
        notes = (*table.notes, self.words.text("disclosure.note")) if apart else table.notes
        return replace(table, rows=tuple(rows), notes=notes)
