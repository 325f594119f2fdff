"""A report as a workbook: a sheet for each table and for the data of each figure, and a first sheet that lists them.

Numbers are numbers, in the format of the report. Text is written as text: a label that begins with = is no formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook

from estimator.document.content import Cell, Column, Document, Table
from estimator.document.writers.dates import made_on
from estimator.words.words import Words, words_in

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_OPTIONS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
_LONGEST_NAME = 31
_WIDE = 40
"""Letters in a column of words."""
_WIDEST = 60
"""Letters in the column of labels, at most."""
_SHARES = ("coverage", "probability")


def write(document: Document, folder: Path) -> list[Path]:
    """Write the report as ``report-LANGUAGE.xlsx`` into a folder that is there."""
    target = folder / f"report-{document.language}.xlsx"
    with Workbook(str(target), _OPTIONS) as book:
        book.set_properties({"title": document.title, "subject": document.subtitle, "created": made_on(document)})
        _Writer(book, document).write()
    return [target]


def sheet_names(tables: list[Table]) -> dict[str, str]:
    """Return the name of the sheet of every table: what it is called in CSV files, as far as there is room."""
    names: dict[str, str] = {}
    for table in tables:
        plain = "".join("-" if character in "[]:*?/\\'" else character for character in table.id)[:_LONGEST_NAME]
        taken = {name.lower() for name in names.values()} | {"readme"}
        number = 1
        name = plain
        while name.lower() in taken:
            number += 1
            name = f"{plain[: _LONGEST_NAME - 3]}-{number}"
        names[table.id] = name
    return names


def _height(texts: list[tuple[str, int]]) -> float:
    """Return the height of a row from its texts and the widths of its columns; not every program finds it out."""
    return 15.0 * min(27, max((-(-len(text) * 1.1 // width) for text, width in texts if text), default=1.0))


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Workbook, document: Document) -> None:
        self.book, self.document = book, document
        self.words: Words = words_in(document.language)
        self.tables = list({table.id: table for table in document.tables()}.values())
        self.names = sheet_names(self.tables)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **values: Any) -> Any:
        """Return a format, made once."""
        key = tuple(sorted(values.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"valign": "top", **values})
        return self._formats[key]

    def write(self) -> None:
        """Write all sheets, the one that explains them first."""
        first = self.book.add_worksheet("Readme")
        for table in self.tables:
            self._table(self.book.add_worksheet(self.names[table.id]), table)
        self._readme(first)
        first.activate()

    def _readme(self, sheet: Worksheet) -> None:
        document, text, bold = self.document, self.words.text, self.style(bold=True)
        lines = [(document.title, self.style(bold=True, font_size=14)), (document.subtitle, self.style())]
        lines.append((text("report.page.made", date=document.date), self.style()))
        if document.status.stamp:
            lines += [(document.status.stamp, self.style(bold=True, font_color="#9c0006"))]
            lines += [(reason, self.style()) for reason in document.status.reasons]
        lines.append((text("report.xlsx.reading"), self.style()))
        for place, (line, style) in enumerate(lines):
            sheet.write_string(place, 0, line, style)
        place = len(lines) + 1
        for column, head in enumerate(("report.xlsx.sheet", "report.xlsx.what", "report.xlsx.notes")):
            sheet.write_string(place, column, text(head), bold)
        wrapped = self.style(text_wrap=True)
        for table in self.tables:
            place += 1
            name = self.names[table.id]
            link = self.style(font_color="#0b3d91", underline=1)
            sheet.write_url(place, 0, f"internal:'{name}'!A1", link, string=name)
            sheet.write_string(place, 1, table.caption, wrapped)
            sheet.write_string(place, 2, " ".join(table.notes), wrapped)
            sheet.set_row(place, _height([(table.caption, 84), (" ".join(table.notes), 84)]))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 2, 70)
        self._print(sheet)

    def _print(self, sheet: Worksheet) -> None:
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        stamp = self.document.status.stamp.replace("&", "&&")
        sheet.set_header(f"&L{self.words.text('report.page.made', date=self.document.date)}&R&B{stamp}")
        sheet.set_footer("&R&P / &N")

    def _table(self, sheet: Worksheet, table: Table) -> None:
        sheet.write_string(0, 0, table.caption, self.style(bold=True, font_size=12))
        top = 1
        if self.document.status.stamp:
            sheet.write_string(1, 0, self.document.status.stamp, self.style(bold=True, font_color="#9c0006"))
            sheet.set_tab_color("#9c0006")
            top = 2
        columns = list(self._columns(table))

        def first(place: int) -> bool:
            return place == 0 or columns[place - 1][1] != columns[place][1]

        heads = [
            self.words.text("report.xlsx.key"),
            table.corner or self.words.text("report.xlsx.label"),
            *(head for head, _, _ in columns),
        ]
        for place, head in enumerate(heads):
            right = {"align": "right"} if place > 1 and table.columns[columns[place - 2][1]].quantity != "words" else {}
            sheet.write_string(top, place, head, self.style(bold=True, text_wrap=True, bottom=1, **right))
        for line, row in enumerate(table.rows, start=top + 1):
            strong = {"bold": True} if row.strong else {}
            sheet.write_string(line, 0, row.key, self.style(font_color="#666666"))
            label = self.style(indent=min(row.depth, 15), text_wrap=True, **strong)
            sheet.write_string(line, 1, row.label, label)
            for place, (_, number, part) in enumerate(columns, start=2):
                aligned = {} if table.columns[number].quantity == "words" else {"align": "right"}
                self._cell(sheet, (line, place), row.cells[number], part, strong | aligned, first=first(place - 2))
            said = [(cell.text, _WIDE) for cell in row.cells if cell.quantity == "words"]
            sheet.set_row(line, _height([(row.label, _WIDEST - row.depth), *said]))
        sheet.set_row(top, _height([(head, 14) for head in heads[2:]]))
        sheet.freeze_panes(top + 1, 2)
        sheet.repeat_rows(top)
        sheet.autofilter(top, 0, top + max(len(table.rows), 1), len(heads) - 1)
        sheet.set_column(0, 0, max([8, *(min(30, len(row.key)) for row in table.rows)]))
        sheet.set_column(1, 1, min(_WIDEST, max([12, *(len(row.label) + row.depth + 2 for row in table.rows)])))
        for place, (head, number, _) in enumerate(columns, start=2):
            words = table.columns[number].quantity == "words"
            longest = max([12, *(len(word) + 2 for word in head.split())])
            sheet.set_column(place, place, _WIDE if words else longest)
        self._print(sheet)

    def _columns(self, table: Table) -> Iterator[tuple[str, int, str]]:
        """Yield heads, places of the cells, and which part of a cell: an interval takes two columns."""
        for place, column in enumerate(table.columns):
            cells = [row.cells[place] for row in table.rows]
            intervals = any(cell.upper is not None or cell.lower is not None for cell in cells)
            if not intervals or any(cell.value is not None for cell in cells):
                yield self._head(column, ""), place, "value"
            if intervals:
                yield self._head(column, "report.xlsx.lower"), place, "lower"
                yield self._head(column, "report.xlsx.upper"), place, "upper"

    def _head(self, column: Column, part: str) -> str:
        title = f"{column.title} ({column.unit})" if column.unit else column.title
        return f"{title}: {self.words.text(part)}" if part else title

    def _cell(
        self, sheet: Worksheet, at: tuple[int, int], cell: Cell, part: str, style: dict[str, Any], *, first: bool
    ) -> None:
        """Write a part of a cell; its words, where it has no number, stand in the first of its columns."""
        value = {"value": cell.value, "lower": cell.lower, "upper": cell.upper}[part]
        if value is not None and cell.quantity not in ("words", "published"):
            sheet.write_number(*at, value, self.style(num_format=number_format(cell), **style))
            return
        if part == "upper" and cell.value is not None and cell.lower is not None:  # an open bound is said to be open
            sheet.write_string(*at, cell.text, self.style(**style))
            return
        said = first and (cell.upper is None or part == "lower") and (cell.value is None or part == "value")
        wrapped = {} if "align" in style else {"text_wrap": True}
        sheet.write_string(*at, cell.text if said else "", self.style(**wrapped, **style))


def number_format(cell: Cell) -> str:
    """Return how a spreadsheet shows the number of a cell: as its text does."""
    decimals = f".{'0' * cell.decimals}" if cell.decimals else ""
    if cell.quantity == "factor":
        return "+0%;-0%;0%"
    if cell.quantity in _SHARES and (cell.value or 0.0) <= 1:
        return f"0{decimals}%"
    return f"#,##0{decimals}"
