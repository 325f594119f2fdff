"""What registers hold, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from estimator.capture.check_report import CheckReport
from estimator.registers.record import RegistersRecord, cautions, unseen_factor
from estimator.registers.shown import shown_findings
from estimator.report.terminal.check import findings_text
from estimator.report.terminal.layout import columns, matrix, paragraph, width
from estimator.words.words import Words


def shown_count(number: int, minimum: int, words: Words) -> str:
    """Return a number of persons or rows; one that is too small to be shown as ``<5``."""
    return words.text("registers.number", number=number, minimum=minimum)


def registers_text(record: RegistersRecord, previous: RegistersRecord | None, minimum: int, words: Words) -> str:
    """Return a table of the lists, what is unknown, overlaps, changes and cautions.

    Parameters
    ----------
    previous : RegistersRecord or None
        Of an earlier time, to compare with.
    minimum : int
        Smaller numbers are not shown.
    """
    text = _Text(record, minimum, words)
    sections = [text.linked(), text.lists(), text.unknown(), text.known(), text.overlaps()]
    sections += [text.change(previous), text.levels()]
    lead = words.text("registers.heading.caution")
    said = [paragraph(f"{lead}: {words.say(reason)}", "  ", "") for reason in cautions(record, previous, minimum)]
    small = words.text("registers.small", most=minimum - 1, minimum=minimum)
    return "\n\n".join(filter(None, [*sections, *said, paragraph(small)]))


def checked_text(
    record: RegistersRecord, previous: RegistersRecord | None, check: CheckReport, minimum: int, words: Words
) -> str:
    """Return what registers hold, and what a table of them could tell.

    Parameters
    ----------
    check : CheckReport
        Of the table; its numbers of persons are not said.
    """
    rows, persons = sum(listed.rows for listed in record.lists), shown_count(record.persons, minimum, words)
    head = words.text("registers.looked-at", persons=persons, rows=rows, lists=len(record.lists))
    held = registers_text(record, previous, minimum, words)
    findings = findings_text(replace(check, findings=shown_findings(check.findings, minimum)), words, width())
    return "\n\n".join([paragraph(head), held, words.text("registers.heading.table"), findings])


class _Text:
    """The sections, of one record and in one language."""

    def __init__(self, record: RegistersRecord, minimum: int, words: Words) -> None:
        self.record, self.minimum, self.words = record, minimum, words

    def lists(self) -> str:
        """Return the size of each list and its first and last day."""
        say = self.words.text
        head = [
            say("registers.column.list"),
            say("registers.column.rows"),
            say("registers.column.taken"),
            say("registers.column.duplicates"),
            say("registers.column.persons"),
            say("registers.column.first"),
            say("registers.column.last"),
        ]
        rows = [
            [register.name, *map(self._number, (register.rows, register.taken, register.duplicates, register.persons))]
            + [str(day) if day else "–" for day in register.days(self.minimum)]
            for register in self.record.lists
        ]
        return columns([head, *rows], right=range(1, 6))

    def unknown(self) -> str:
        """Return in how many rows of each list each covariate is unknown."""
        names = list(dict.fromkeys(name for register in self.record.lists for name in register.unknown))
        rows = [
            [register.name, *(self._number(register.unknown[name]) for name in names)] for register in self.record.lists
        ]
        return self._table("registers.heading.unknown", names, rows) if names else ""

    def known(self) -> str:
        """Return of how many persons of each list each covariate is known: from that list, and in the table."""
        lists = [listed for listed in self.record.lists if listed.known]
        names = list(dict.fromkeys(name for listed in lists for name in listed.known))
        if not names:
            return ""
        rows = [
            [listed.name, self._number(listed.person_periods)]
            + [f"{self._number(listed.known[name])} / {self._number(listed.known_in_table[name])}" for name in names]
            for listed in lists
        ]
        return self._table("registers.heading.known", [self.words.text("registers.column.persons"), *names], rows)

    def linked(self) -> str:
        """Return how persons were linked, where they were, and by how much the tables differ."""
        linked = self.record.linked
        if linked is None:
            return ""
        least, most = linked.persons
        said = [self.words.text("linkage.persons", by_key=linked.by_key, tables=linked.tables, least=least, most=most)]
        said += [
            self.words.text("linkage.unknown", column=name, persons=persons, minimum=self.minimum)
            for name, persons in linked.unknown.items()
            if persons
        ]
        return "\n".join(map(paragraph, [*said, self.words.text("linkage.first")]))

    def overlaps(self) -> str:
        """Return how many persons each pair of lists shares; in linked tables the fewest and the most."""
        names = [listed.name for listed in self.record.lists]
        shared = {frozenset(pair): self._number(persons) for *pair, persons in self.record.overlaps}
        for first, second, least, most in self.record.linked.overlaps if self.record.linked else ():
            if least != most:
                shared[frozenset((first, second))] = f"{self._number(least)} – {self._number(most)}"
        texts = [[shared[frozenset((name, other))] if other != name else "-" for other in names] for name in names]
        return "\n".join([self.words.text("check.heading.overlaps"), *matrix(names, texts, width())])

    def change(self, previous: RegistersRecord | None) -> str:
        """Return how many rows counted before and now."""
        if previous is None:
            return ""
        before = {register.name: register.taken for register in previous.lists}
        head = [self.words.text("registers.column.before"), self.words.text("registers.column.taken")]
        rows = [
            [
                register.name,
                self._number(before[register.name]) if register.name in before else "–",
                self._number(register.taken),
            ]
            for register in self.record.lists
        ]
        return self._table("registers.heading.change", head, rows)

    def levels(self) -> str:
        """Return what unknown covariates leave open, and how much the answer hangs on it."""
        if not self.record.levels:
            return ""
        persons = sum(part.persons for part in self.record.completeness if not part.complete)
        if not persons:
            return paragraph(self.words.text("registers.complete"))
        head = [self.words.text("registers.column.known"), self.words.text("registers.column.most")]
        rows = [
            [f"{level.covariate} {level.level}", self._number(level.known), self._number(level.known + level.unknown)]
            for level in self.record.levels
        ]
        table = self._table("registers.heading.levels", head, rows)
        said = sensitivity_text(self.record, self.minimum, self.words)
        return f"{table}\n\n{paragraph(said)}" if said else table

    def _table(self, heading: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        first = self.words.text("registers.column.list") if heading != "registers.heading.levels" else ""
        table = [[first, *head], *rows]
        body = _aligned(table)
        return f"{self.words.text(heading)}\n{body}"

    def _number(self, number: int) -> str:
        return shown_count(number, self.minimum, self.words)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of numbers, each with its name in front."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *numbers in rows:
        cells = "".join(f"  {text:>{size}}" for text, size in zip(numbers, widths[1:], strict=True))
        lines.append(f"  {name:<{widths[0]}}{cells}".rstrip())
    return "\n".join(lines)


def sensitivity_text(record: RegistersRecord, minimum: int, words: Words) -> str:
    """Return how much hangs on persons of whom something is unknown; empty where it cannot be told."""
    everybody, complete = unseen_factor(record.completeness), unseen_factor(record.completeness[:1])
    if everybody is None or complete is None:
        return ""
    persons = shown_count(record.completeness[1].persons, minimum, words)
    return words.text("registers.sensitivity", persons=persons, all=everybody, complete=complete)
