"""What a check of a capture table found, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap

from estimator.capture.check_report import CheckReport, Finding
from estimator.capture.tallies import Registered
from estimator.report.labels import Labels, with_labels
from estimator.report.terminal.layout import cut, matrix
from estimator.words.numbers import WIDTH
from estimator.words.shown import on_one_line
from estimator.words.words import Words

NARROWEST = 40


def check_text(
    report: CheckReport,
    words: Words,
    labels: Mapping[str, str] | None = None,
    width: int = WIDTH,
    names: Labels | None = None,
) -> str:
    """Return a check report as text.

    Parameters
    ----------
    labels : mapping of str to str, optional
        What the lists are called; lists that are not in it have their name only.
    width : int, default 80
        No line is longer, unless it is below 40.
    names : Labels, optional
        What groups and strata are called; without, they stand by their names.

    Returns
    -------
    str
        Sections divided by empty lines, without a line break at the end.
    """
    text = _Text(report, words, labels or {}, max(width, NARROWEST), names or Labels())
    sections = [text.lists(), text.captured(), text.overlaps(), text.findings()]
    return "\n\n".join("\n".join(line.rstrip() for line in section) for section in sections if section)


def findings_text(report: CheckReport, words: Words, width: int = WIDTH) -> str:
    """Return the findings alone, worst first."""
    return "\n".join(_Text(report, words, {}, width, Labels()).findings())


class _Text:
    """The sections of a report, of one width and in one language."""

    def __init__(self, report: CheckReport, words: Words, labels: Mapping[str, str], width: int, names: Labels) -> None:
        self.report, self.words, self.labels, self.width, self.names = report, words, labels, width, names

    def lists(self) -> list[str]:
        """Return the table of list sizes."""
        report, say = self.report, self.words.text
        head = say(
            "check.registered",
            number=self._number(report.registered),
            lists=len(report.lists),
            strata=report.n_strata,
            kind=report.kind,
        )
        sizes = [self._number(size) for size in report.list_sizes]
        persons, share = say("check.column.persons"), say("check.column.share")
        right = max(len(persons), *map(len, sizes))
        name_width = min(max(map(len, report.lists)), self.width // 3)
        left = self.width - right - 12
        lines = [*wrap(head, self.width), "", f"{say('check.column.list'):<{left}}  {persons:>{right}}  {share:>7}"]
        for name, size, number in zip(report.lists, sizes, report.list_sizes, strict=True):
            label = on_one_line(self.labels.get(name, ""))
            text = f"  {cut(name, name_width):<{name_width}}  {cut(label, left - name_width - 4)}"
            lines.append(f"{text:<{left}}  {size:>{right}}  {self._share(number):>7}")
        return lines

    def captured(self) -> list[str]:
        """Return the table of how often persons were seen."""
        seen, say = self.report.captured, self.words.text
        rows = {
            say("check.seen.once"): seen.once,
            say("check.seen.twice"): seen.twice,
            say("check.seen.more"): seen.more,
        }
        persons, share = say("check.column.persons"), say("check.column.share")
        left = max(23, 2 + max(map(len, rows)))
        right = max(len(persons), *(len(self._number(number)) for number in rows.values()))
        lines = [f"{say('check.column.seen'):<{left}}  {persons:>{right}}  {share:>7}"]
        for name, number in rows.items():
            lines.append(f"{'  ' + name:<{left}}  {self._number(number):>{right}}  {self._share(number):>7}")
        return lines

    def overlaps(self) -> list[str]:
        """Return the matrix of overlaps, in blocks of columns when it is too wide."""
        lists = self.report.lists
        size = range(len(lists))
        texts = [[self._overlap(row, column) for column in size] for row in size]
        lines = wrap(self.words.text("check.heading.overlaps"), self.width)
        lines += matrix(lists, texts, self.width)
        if self._pairs("structural"):
            lines.append("  x  " + self.words.text("check.legend.impossible"))
        if self._pairs("never together"):
            lines.append("  /  " + self.words.text("check.legend.apart"))
        return lines

    def findings(self) -> list[str]:
        """Return the findings, worst first, each with what to do."""
        if not self.report.findings:
            return wrap(self.words.text("check.nothing"), self.width)
        lines: list[str] = []
        for finding in self.report.findings:
            lines += ["", *self._finding(finding)]
        return lines[1:]

    def _finding(self, finding: Finding) -> Iterator[str]:
        heading = self.words.text(f"check.heading.{finding.severity}")
        what, remedy = (self.words.say(with_labels(said, self.names)) for said in (finding.what, finding.remedy))
        yield from wrap(f"{heading}: {what}", self.width, subsequent_indent="  ")
        what_to_do = f"{self.words.text('check.heading.remedy')}: {remedy}"
        yield from wrap(what_to_do, self.width, initial_indent="  ", subsequent_indent="  ")

    def _number(self, number: Registered) -> str:
        return self.words.text("check.number", lower=number.lower, upper=number.limit)

    def _share(self, number: Registered) -> str:
        """Return a percentage, or nothing where it is not exactly known."""
        whole = self.report.registered
        if not (number.exact and whole.exact and whole.lower):
            return ""
        return self.words.text("check.share", share=100 * number.lower / whole.lower)

    def _pairs(self, kind: str) -> set[frozenset[str]]:
        return {frozenset(pair.lists) for pair in self.report.empty_overlaps if pair.kind == kind}

    def _overlap(self, row: int, column: int) -> str:
        """Return one entry of the matrix."""
        pair = frozenset((self.report.lists[row], self.report.lists[column]))
        if row == column:
            return "-"
        if pair in self._pairs("structural"):
            return "x"
        if pair in self._pairs("never together"):
            return "/"
        number = self.report.overlap[row][column]
        return self.words.text("check.short", lower=number.lower, upper=number.limit)
