"""Pages about registers, before anything is estimated: one of all together, and one of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from estimator.reasons import Reason
from estimator.registers.record import LinkedRecord, ListRecord, RegistersRecord, cautions, last_year
from estimator.report.labels import Labels, with_labels, within_sentence
from estimator.report.terminal.registers import sensitivity_text, shown_count
from estimator.words import numbers
from estimator.words.words import Words

_MOST_COMBINATIONS = 20


def register_pages(
    record: RegistersRecord,
    labels: Labels,
    words: Words,
    *,
    title: str,
    minimum: int,
    previous: RegistersRecord | None = None,
) -> Document:
    """Return the pages.

    Parameters
    ----------
    labels : Labels
        What lists, covariates and levels are called.
    minimum : int
        Smaller numbers are not shown.
    previous : RegistersRecord, optional
        Of an earlier time, to compare with.
    """
    pages = _Pages(record, labels, words, minimum, previous)
    sections = [pages.together(), *(pages.of_list(listed) for listed in record.lists)]
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
        labels: Labels,
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
            blocks.append(Bullets(self._said(self.reasons), self.words.text("registers.heading.caution")))
        blocks += [self._sizes(), self._overlap()]
        if self.record.linked:
            blocks += [*self._linked(self.record.linked)]
        if any(listed.months for listed in self.record.lists):
            blocks.append(self._months(self.record.lists))
        if self.record.levels:
            blocks += [self._unknown(), self._levels()]
        if said_of := sensitivity_text(self.record, self.minimum, self.words):
            blocks.append(Paragraph(said_of))
        small = self.words.text("registers.small", most=self.minimum - 1, minimum=self.minimum)
        return Section("together", self.words.text("registers.page.together"), (*blocks, Paragraph(small, "note")))

    def of_list(self, listed: ListRecord) -> Section:
        """Return the section of one register."""
        said = [reason for reason in self.reasons if reason.values.get("list") == listed.name]
        lead = self.words.text("registers.heading.caution")
        blocks: list[Block] = [Bullets(self._said(said), lead)] if said else []
        title = self._called(listed.name)
        blocks.append(self._details(listed))
        if listed.known:
            blocks.append(self._known(listed))
        blocks.append(self._others(listed))
        before = {other.name: other for other in self.previous.lists}.get(listed.name) if self.previous else None
        if before:
            blocks.append(self._change(listed, before))
        if listed.months:
            blocks.append(self._months((listed,)))
        return Section(f"list-{listed.name}", title, tuple(blocks), new_page=True)

    def _sizes(self) -> Table:
        keys = ("rows", "taken", "duplicates", "persons")
        columns = [Column(key, self.words.text(f"registers.column.{key}"), "measure") for key in keys]
        columns += [Column(key, self.words.text(f"registers.column.{key}")) for key in ("first", "last")]
        rows = []
        for listed in self.record.lists:
            days = (Cell(str(day) if day else "–") for day in listed.days(self.minimum))
            cells = (*(self._cell(getattr(listed, key)) for key in keys), *days)
            rows.append(Row(listed.name, self._called(listed.name), cells))
        return self._table("sizes", self.words.text("registers.caption.sizes"), columns, rows)

    def _unknown(self) -> Table:
        names = list(self.record.lists[0].unknown)
        rows = [
            Row(listed.name, self._called(listed.name), tuple(self._cell(listed.unknown[name]) for name in names))
            for listed in self.record.lists
        ]
        columns = [Column(name, self._covariate(name), "measure") for name in names]
        return self._table("unknown", self.words.text("registers.caption.unknown"), columns, rows)

    def _levels(self) -> Table:
        columns = [
            Column("known", self.words.text("registers.column.known"), "measure"),
            Column("most", self.words.text("registers.column.most"), "measure"),
        ]
        rows = [
            Row(
                f"{level.covariate}-{level.level}",
                f"{self._covariate(level.covariate)}: {self.labels.level(level.covariate, level.level)}",
                (self._cell(level.known), self._cell(level.known + level.unknown)),
            )
            for level in self.record.levels
        ]
        caption = self.words.text("registers.caption.levels")
        return self._table("levels", caption, columns, rows, self.words.text("registers.column.level"))

    def _overlap(self) -> Figure:
        """Return the picture of how many persons each combination of lists saw."""
        names = [listed.name for listed in self.record.lists]
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

    def _linked(self, linked: LinkedRecord) -> Iterator[Block]:
        """Yield by how much the tables of linked registers differ."""
        least, most = linked.persons
        said_of = {"by_key": linked.by_key, "tables": linked.tables, "least": least, "most": most}
        said = [self.words.text("linkage.persons", **said_of), self.words.text("linkage.first")]
        yield Paragraph(" ".join(said))
        keys = ("least", "most-of-tables")
        columns = [Column(key, self.words.text(f"registers.column.{key}"), "measure") for key in keys]
        rows = [
            Row(f"{first}-{second}", f"{first} – {second}", (self._cell(fewest), self._cell(greatest)))
            for first, second, fewest, greatest in linked.overlaps
        ]
        corner = self.words.text("registers.column.pair")
        yield self._table("linked", self.words.text("registers.caption.linked"), columns, rows, corner)

    def _months(self, lists: Sequence[ListRecord]) -> Figure:
        """Return the picture of registrations by month and list; months without any are zero."""
        by_list = {listed.name: {(year, month): rows for year, month, rows in listed.months} for listed in lists}
        name, caption = "months", self.words.text("registers.caption.months")
        if len(lists) == 1:
            (only,) = by_list
            name, caption = f"months-{only}", self.words.text("registers.caption.months-of", list=self._called(only))
        dated = sorted(month for months in by_list.values() for month in months)
        first, last = (year * 12 + month - 1 for year, month in (dated[0], dated[-1]))
        rows = []
        for place in range(first, last + 1):
            month = (place // 12, place % 12 + 1)
            cells = tuple(self._cell(months.get(month, 0)) for months in by_list.values())
            rows.append(Row(f"{month[0]}-{month[1]:02}", f"{month[0]}-{month[1]:02}", cells))
        columns = tuple(Column(name, self._called(name), "measure") for name in by_list)
        data = Table(
            f"{name}-data", caption, self.words.text("registers.column.month"), columns, tuple(rows), wide=True
        )
        gaps = any(cell.value is None for row in rows for cell in row.cells)
        notes = (self.words.text("registers.note.months", most=self.minimum - 1),) if gaps else ()
        return Figure(name, "months", caption, data, notes)

    def _details(self, listed: ListRecord) -> Table:
        keys = ("rows", "taken", "outside", "without_key", "undated", "duplicates", "persons", "person_periods")
        rows = []
        for key in keys:
            label = self.words.text(f"registers.row.{key.replace('_', '-')}")
            number = getattr(listed, key)
            of_rows = (self._cell(number), Cell("–")) if "person" in key else self._share(number, listed.rows)
            rows.append(Row(key, label, of_rows))
        for name, number in listed.unknown.items():
            label = self.words.text("registers.row.unknown", covariate=within_sentence(self._covariate(name)))
            rows.append(Row(f"unknown-{name}", label, self._share(number, listed.taken)))
        for key, day in zip(("first", "last"), listed.days(self.minimum), strict=True):
            label = self.words.text(f"registers.row.{key}")
            rows.append(Row(key, label, (Cell(str(day) if day else "–"), Cell("–"))))
        caption = self.words.text("registers.caption.list", list=self._called(listed.name))
        return self._table(f"list-{listed.name}-rows", caption, self._number_and_share(), rows, "")

    def _known(self, listed: ListRecord) -> Table:
        """Return of how many persons each covariate is known: from this list, and in the table."""
        keys = ("in-list", "share", "in-table", "share-in-table")
        heads = ("in-list", "share", "in-table", "share")
        columns = [
            Column(key, self.words.text(f"registers.column.{head}"), "measure")
            for key, head in zip(keys, heads, strict=True)
        ]
        rows = []
        for name, number in listed.known.items():
            here, in_the_end = (
                self._share(known, listed.person_periods) for known in (number, listed.known_in_table[name])
            )
            rows.append(Row(name, self._covariate(name), (*here, *in_the_end)))
        caption = self.words.text("registers.caption.known", list=self._called(listed.name))
        return self._table(f"list-{listed.name}-known", caption, columns, rows, "")

    def _change(self, listed: ListRecord, before: ListRecord) -> Table:
        """Return what the export held before, and holds now."""
        keys = ("earlier", "now", "change")
        columns = [Column(key, self.words.text(f"registers.column.{key}"), "measure") for key in keys]
        rows = []
        for key in ("rows", "taken", "persons", "person_periods"):
            label = self.words.text(f"registers.row.{key.replace('_', '-')}")
            rows.append(Row(key, label, self._then_and_now(getattr(before, key), getattr(listed, key))))
        now, then = last_year(listed), last_year(before)
        if now and then:
            label = self.words.text("registers.row.last-year", earlier=then[0], year=now[0])
            rows.append(Row("last-year", label, self._then_and_now(then[1], now[1])))
        caption = self.words.text("registers.caption.change", list=self._called(listed.name))
        return self._table(f"list-{listed.name}-change", caption, columns, rows, "")

    def _then_and_now(self, before: int, now: int) -> tuple[Cell, Cell, Cell]:
        hidden = any(0 < number < self.minimum for number in (before, now))
        change = "–" if hidden or not before else numbers.change(now / before, self.words.language)
        return self._cell(before), self._cell(now), Cell(change)

    def _others(self, listed: ListRecord) -> Table:
        shared = {frozenset(pair): persons for *pair, persons in self.record.overlaps}
        bit = 1 << [other.name for other in reversed(self.record.lists)].index(listed.name)
        in_table = sum(persons for history, persons in self.record.histories if history & bit)
        rows = [
            Row(
                other.name,
                self.words.text("registers.row.others", list=self._called(other.name)),
                self._share(shared[frozenset((listed.name, other.name))], in_table),
            )
            for other in self.record.lists
            if other.name != listed.name
        ]
        caption = self.words.text("registers.caption.others", list=self._called(listed.name))
        return self._table(f"list-{listed.name}-others", caption, self._number_and_share(), rows, "")

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
        return self.labels.lists.get(name, name)

    def _covariate(self, name: str) -> str:
        return self.labels.covariates.get(name, name)

    def _said(self, reasons: Sequence[Reason]) -> tuple[str, ...]:
        """Return reasons in words, with what lists and covariates are called."""
        called = [with_labels(reason, self.labels) for reason in reasons]
        return tuple(
            self.words.say(Reason(reason.code, **reason.values | {"covariate": self._covariate(name)}))
            if isinstance(name := reason.values.get("covariate"), str)
            else self.words.say(reason)
            for reason in called
        )
