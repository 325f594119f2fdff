"""Pages about registers, before anything is estimated: one of all together, and one of each."""

from __future__ import annotations

from collections.abc import Mapping

from estimator.document.content import (
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Figure,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
)
from estimator.registers.record import ListRecord, RegistersRecord, cautions
from estimator.report.terminal.registers import sensitivity_text, shown_count
from estimator.words.words import Words

_MOST_COMBINATIONS = 20


def register_pages(
    record: RegistersRecord,
    labels: Mapping[str, str],
    words: Words,
    *,
    title: str,
    minimum: int,
    previous: RegistersRecord | None = None,
) -> Document:
    """Return the pages.

    Parameters
    ----------
    labels : mapping of str to str
        What lists are called.
    minimum : int
        Smaller numbers are not shown.
    previous : RegistersRecord, optional
        Of an earlier time, to compare with.
    """
    pages = _Pages(record, labels, words, minimum, previous)
    sections = [pages.together(), *(pages.of_list(found) for found in record.lists)]
    return Document(
        language=words.language,
        name=f"registers-{record.study}",
        title=words.text("registers.page.title", study=title),
        subtitle=words.text("registers.page.subtitle"),
        date="",
        status=Status(False, words.text("registers.page.stamp")),
        sections=tuple(sections),
    )


class _Pages:
    """Sections, of one record and in one language."""

    def __init__(
        self,
        record: RegistersRecord,
        labels: Mapping[str, str],
        words: Words,
        minimum: int,
        previous: RegistersRecord | None,
    ) -> None:
        self.record, self.labels, self.words, self.minimum, self.previous = record, labels, words, minimum, previous
        self.reasons = list(cautions(record, previous, minimum))

    def together(self) -> Section:
        """Return the section of all registers together."""
        blocks: list[Block] = []
        if self.reasons:
            said = tuple(self.words.say_all(self.reasons))
            blocks.append(Bullets(said, self.words.text("registers.heading.caution")))
        blocks += [self._sizes(), self._overlap()]
        if any(found.months for found in self.record.lists):
            blocks.append(self._months())
        if self.record.levels:
            blocks += [self._unknown(), self._levels()]
        if said_of := sensitivity_text(self.record, self.minimum, self.words):
            blocks.append(Paragraph(said_of))
        small = self.words.text("registers.small", most=self.minimum - 1, minimum=self.minimum)
        return Section("together", self.words.text("registers.page.together"), (*blocks, Paragraph(small, "note")))

    def of_list(self, found: ListRecord) -> Section:
        """Return the section of one register."""
        said = [reason for reason in self.reasons if reason.values.get("list") == found.name]
        lead = self.words.text("registers.heading.caution")
        blocks: list[Block] = [Bullets(tuple(self.words.say_all(said)), lead)] if said else []
        title = self._called(found.name)
        blocks += [self._details(found), self._others(found)]
        return Section(f"list-{found.name}", title, tuple(blocks), new_page=True)

    def _sizes(self) -> Table:
        keys = ("rows", "taken", "duplicates", "persons")
        columns = [Column(key, self.words.text(f"registers.column.{key}"), "measure") for key in keys]
        columns += [Column(key, self.words.text(f"registers.column.{key}")) for key in ("first", "last")]
        rows = []
        for found in self.record.lists:
            days = (Cell(str(day) if day else "–") for day in (found.first, found.last))
            cells = (*(self._cell(getattr(found, key)) for key in keys), *days)
            rows.append(Row(found.name, self._called(found.name), cells))
        return self._table("sizes", self.words.text("registers.caption.sizes"), columns, rows)

    def _unknown(self) -> Table:
        names = list(self.record.lists[0].unknown)
        rows = [
            Row(found.name, self._called(found.name), tuple(self._cell(found.unknown[name]) for name in names))
            for found in self.record.lists
        ]
        columns = [Column(name, name, "measure") for name in names]
        return self._table("unknown", self.words.text("registers.caption.unknown"), columns, rows)

    def _levels(self) -> Table:
        columns = [
            Column("known", self.words.text("registers.column.known"), "measure"),
            Column("most", self.words.text("registers.column.most"), "measure"),
        ]
        rows = [
            Row(
                f"{found.covariate}-{found.level}",
                f"{found.covariate}: {found.level}",
                (self._cell(found.known), self._cell(found.known + found.unknown)),
            )
            for found in self.record.levels
        ]
        caption = self.words.text("registers.caption.levels")
        return self._table("levels", caption, columns, rows, self.words.text("registers.column.level"))

    def _overlap(self) -> Figure:
        """Return the picture of how many persons each combination of lists saw."""
        names = [found.name for found in self.record.lists]
        largest = sorted(self.record.histories, key=lambda pair: -pair[1])
        rows = []
        for history, persons in largest[:_MOST_COMBINATIONS]:
            on = [bool(history >> (len(names) - 1 - place) & 1) for place in range(len(names))]
            label = " + ".join(name for name, seen in zip(names, on, strict=True) if seen)
            yes = self.words.text("report.cell.on-list")
            marks = (Cell(yes if seen else "–", "measure", float(seen)) for seen in on)
            rows.append(Row(label, label, (self._cell(persons), *marks)))
        columns = [Column("registered", self.words.text("registers.column.persons"), "registered")]
        columns += [Column(name, self._called(name), "measure") for name in names]
        caption, corner = self.words.text("registers.caption.overlap"), self.words.text("report.column.combination")
        more = max(0, len(largest) - _MOST_COMBINATIONS)
        note = self.words.text("registers.note.combinations", shown=len(rows), more=more)
        data = Table("overlap-data", caption, corner, tuple(columns), tuple(rows), wide=True)
        return Figure("overlap", "overlap", caption, data, (note,))

    def _months(self) -> Figure:
        """Return the picture of registrations by month and list; months without any are zero."""
        by_list = {
            found.name: {(year, month): rows for year, month, rows in found.months} for found in self.record.lists
        }
        dated = sorted(month for months in by_list.values() for month in months)
        first, last = (year * 12 + month - 1 for year, month in (dated[0], dated[-1]))
        rows = []
        for place in range(first, last + 1):
            month = (place // 12, place % 12 + 1)
            cells = tuple(self._cell(months.get(month, 0)) for months in by_list.values())
            rows.append(Row(f"{month[0]}-{month[1]:02}", f"{month[0]}-{month[1]:02}", cells))
        columns = tuple(Column(name, self._called(name), "measure") for name in by_list)
        caption = self.words.text("registers.caption.months")
        data = Table("months-data", caption, self.words.text("registers.column.month"), columns, tuple(rows), wide=True)
        gaps = any(cell.value is None for row in rows for cell in row.cells)
        notes = (self.words.text("registers.note.months", most=self.minimum - 1),) if gaps else ()
        return Figure("months", "months", caption, data, notes)

    def _details(self, found: ListRecord) -> Table:
        keys = ("rows", "taken", "outside", "without_key", "undated", "duplicates", "persons", "person_periods")
        rows = []
        for key in keys:
            label = self.words.text(f"registers.row.{key.replace('_', '-')}")
            rows.append(Row(key, label, self._share(getattr(found, key), found.rows)))

        for name, number in found.unknown.items():
            label = self.words.text("registers.row.unknown", covariate=name)
            rows.append(Row(f"unknown-{name}", label, self._share(number, found.taken)))
        before = {other.name: other.taken for other in self.previous.lists} if self.previous else {}
        if found.name in before:
            label = self.words.text("registers.row.before")
            rows.append(Row("before", label, (self._cell(before[found.name]), Cell("–"))))
        caption = self.words.text("registers.caption.list", list=self._called(found.name))
        return self._table(f"list-{found.name}-rows", caption, self._number_and_share(), rows, "")

    def _others(self, found: ListRecord) -> Table:
        shared = {frozenset(pair): persons for *pair, persons in self.record.overlaps}
        rows = [
            Row(
                other.name,
                self.words.text("registers.row.others", list=self._called(other.name)),
                self._share(shared[frozenset((found.name, other.name))], found.person_periods),
            )
            for other in self.record.lists
            if other.name != found.name
        ]
        caption = self.words.text("registers.caption.others", list=self._called(found.name))
        return self._table(f"list-{found.name}-others", caption, self._number_and_share(), rows, "")

    def _number_and_share(self) -> list[Column]:
        keys = ("number", "share")
        return [Column(key, self.words.text(f"registers.column.{key}"), "measure") for key in keys]

    def _share(self, number: int, whole: int) -> tuple[Cell, Cell]:
        """Return a number and its share; no share of a number that is not shown."""
        shown = not 0 < number < self.minimum and whole
        share = self.words.text("check.share", share=100 * number / whole) if shown else "–"
        return self._cell(number), Cell(share)

    def _cell(self, number: int) -> Cell:
        shown = not 0 < number < self.minimum
        text = shown_count(number, self.minimum, self.words)
        return Cell(text, "registered", float(number)) if shown else Cell(text, "registered")

    def _table(
        self, name: str, caption: str, columns: list[Column], rows: list[Row], corner: str | None = None
    ) -> Table:
        head = self.words.text("registers.column.list") if corner is None else corner
        return Table(name, caption, head, tuple(columns), tuple(rows))

    def _called(self, name: str) -> str:
        return self.labels.get(name, name)
