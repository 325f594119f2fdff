"""What registers hold, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from estimator.registers.record import RegistersRecord, cautions, unseen_factor
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
    sections = [text.lists(), text.unknown(), text.overlaps(), text.change(previous), text.levels()]
    lead = words.text("registers.heading.caution")
    said = [paragraph(f"{lead}: {words.say(reason)}", "  ", "") for reason in cautions(record, previous, minimum)]
    small = words.text("registers.small", most=minimum - 1, minimum=minimum)
    return "\n\n".join(filter(None, [*sections, *said, paragraph(small)]))


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
            + [str(day) if day else "–" for day in (register.first, register.last)]
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

    def overlaps(self) -> str:
        """Return how many persons each pair of lists shares."""
        names = [register.name for register in self.record.lists]
        shared = {frozenset(pair): persons for *pair, persons in self.record.overlaps}
        texts = [
            [self._number(shared[frozenset((name, other))]) if other != name else "-" for other in names]
            for name in names
        ]
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
