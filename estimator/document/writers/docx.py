"""A report for Word: real headings, captions with numbers, tables with head rows, and pictures with words for them.

How it looks is in ``reports/report.docx``, whose styles an office may change, or replace by a file of its own with
styles of the same names; what that file does not have gets the nearest that it has.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from estimator.document.content import (
    Block,
    Bullets,
    Document,
    Figure,
    Formula,
    KeyNumber,
    Paragraph,
    Section,
    Table,
    Terms,
    runs_of,
)
from estimator.document.pictures.drawing import alt_of, png_of
from estimator.document.writers.dates import made_on
from estimator.document.writers.docx_tables import table_element
from estimator.shipped import folder as shipped
from estimator.words.words import words_in

TEMPLATE = "report.docx"
_LANGUAGES = {"en": "en-GB", "nl": "nl-NL"}
_STYLES = {"lead": "Lead", "note": "Note", "warning": "Warning"}
_INSTEAD = {
    "Lead": "Intense Quote",
    "Note": "Caption",
    "Warning": "Intense Quote",
    "Key Number": "Title",
    "Brief Bullet": "List Bullet",
}
_DPI = 160
_GUTTER = 400
"""Between two columns, in twentieths of a point."""
_BRIEF_ABOVE = Pt(3)
"""Above headings and captions on the page for a minister."""
_BRIEF_WIDTH = Cm(7)
"""Of a picture on the page for a minister, at most."""


def write(document: Document, folder: Path) -> list[Path]:
    """Write the report as ``report-LANGUAGE.docx`` into a folder that is there."""
    target = folder / f"report-{document.language}.docx"
    made = io.BytesIO()
    _Writer(document).made().save(made)
    target.write_bytes(_same_every_time(made.getvalue()))
    return [target]


def _same_every_time(content: bytes) -> bytes:
    """Return a zip file in which every part has the same date, so that the same report is the same file."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()


class _Writer:
    """Writes one report into a copy of the template."""

    def __init__(self, document: Document) -> None:
        self.document, self.words = document, words_in(document.language)
        self.word: Word = docx.Document(str(shipped("reports") / TEMPLATE))
        self.styles = {style.name for style in self.word.styles}
        self.numbers = {"table": 0, "figure": 0}
        self.brief = False

    def made(self) -> Word:
        """Return the whole document."""
        document, word = self.document, self.word
        self._properties()
        self._language(_LANGUAGES[document.language])
        self._header()
        self._add(document.title, "Title")
        self._add(document.subtitle, "Subtitle")
        self._add(self.words.text("report.page.made", date=document.date), "Note")
        for place, section in enumerate(document.sections):
            if place or not section.sections:
                self._section(section, 1)
            else:
                self._first_page(section)
        return word

    def _first_page(self, section: Section) -> None:
        """Write the page for a minister: its parts in two columns, and all of it in the small letters of that page."""
        self.brief = True
        self._add(section.title, "Heading 1")
        for large, blocks in runs_of(section.blocks):
            if large:
                self._key_numbers(blocks)
            else:
                for block in blocks:
                    self._block(block)
        self._columns(2)
        for part in section.sections:
            self._section(part, 2)
        self.brief = False
        self._columns(1)

    def _columns(self, number: int) -> None:
        """Continue on the same page, in a number of columns."""
        section = self.word.add_section(WD_SECTION.CONTINUOUS)
        found = section._sectPr.find(qn("w:cols"))
        columns = OxmlElement("w:cols") if found is None else found
        if found is None:
            section._sectPr.append(columns)
        columns.set(qn("w:num"), str(number))
        columns.set(qn("w:space"), str(_GUTTER))

    def _properties(self) -> None:
        properties, made = self.word.core_properties, made_on(self.document)
        properties.title, properties.subject = self.document.title, self.document.subtitle
        properties.author, properties.comments, properties.last_modified_by = "", "", ""
        properties.language = _LANGUAGES[self.document.language]
        properties.created, properties.modified, properties.revision = made, made, 1

    def _language(self, code: str) -> None:
        """Say in which language the text is, for spelling and for who has it read aloud."""
        for fonts in self.word.styles.element.iter(qn("w:rPr")):
            for language in fonts.findall(qn("w:lang")):
                language.set(qn("w:val"), code)

    def _header(self) -> None:
        """Write across every page what speaks against publishing."""
        if not self.document.status.stamp:
            return
        for section in self.word.sections:
            first = section.header.paragraphs[0]
            first.text = self.document.status.stamp
            first.style = self._style("Warning")

    def _style(self, name: str) -> Any:
        """Return a style of the template, or the nearest that it has."""
        chosen = next((style for style in (name, _INSTEAD.get(name, "")) if style in self.styles), "Normal")
        return self.word.styles[chosen]

    def _add(self, text: str, style: str = "Normal") -> WordParagraph:
        return self.word.add_paragraph(text, self._style(style))

    def _section(self, section: Section, level: int) -> None:
        heading = self._add(section.title, f"Heading {min(level, 9)}")
        heading.paragraph_format.page_break_before = section.new_page or None
        if self.brief:
            heading.paragraph_format.space_before = _BRIEF_ABOVE
        for block in section.blocks:
            self._block(block)
        for part in section.sections:
            self._section(part, level + 1)

    def _block(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            plain = "Brief" if self.brief else "Normal"
            self._add(block.text, _STYLES.get(block.style, plain))
        elif isinstance(block, Bullets):
            self._bullets(block)
        elif isinstance(block, Terms):
            self._terms(block)
        elif isinstance(block, Formula):
            self._add(block.text, "Formula").alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif isinstance(block, KeyNumber):
            self._key_numbers([block])
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Figure):
            self._figure(block)

    def _bullets(self, block: Bullets) -> None:
        if block.lead:
            self._add(block.lead).paragraph_format.keep_with_next = True
        for item in block.items:
            self._add(item, "Brief Bullet" if self.brief else "List Bullet")

    def _terms(self, block: Terms) -> None:
        for term, meaning in block.entries:
            paragraph = self._add("")
            paragraph.add_run(f"{term}: ").bold = True
            paragraph.add_run(meaning)

    def _key_numbers(self, blocks: Sequence[Block]) -> None:
        """Write numbers in large type beside each other, each with what it is and what it means."""
        table = self.word.add_table(1, len(blocks))
        for cell, block in zip(table.rows[0].cells, blocks, strict=True):
            assert isinstance(block, KeyNumber)
            said = [self.words.text("report.key.interval", interval=block.interval.text)] if block.interval else []
            lines = [(block.label, "Note"), (block.number.text, "Key Number")]
            lines += [(text, "Note") for text in (*said, block.note) if text]
            for place, (text, style) in enumerate(lines):
                paragraph = cell.paragraphs[0] if not place else cell.add_paragraph()
                paragraph.text, paragraph.style = text, self._style(style)
                paragraph.paragraph_format.space_after = 0

    def _caption(self, kind: str, text: str, *, before: bool) -> None:
        """Write a caption whose number Word keeps up when others are put before it."""
        self.numbers[kind] += 1
        label = self.words.text(f"report.page.{kind}", number=self.numbers[kind])
        written, _, rest = label.partition(str(self.numbers[kind]))
        paragraph = self._add("", "Caption")
        if self.brief:
            paragraph.paragraph_format.space_before = _BRIEF_ABOVE
        paragraph.add_run(written)
        number = OxmlElement("w:fldSimple")
        number.set(qn("w:instr"), f" SEQ {'Table' if kind == 'table' else 'Figure'} \\* ARABIC ")
        shown = paragraph.add_run(str(self.numbers[kind]))._r
        number.append(shown)
        paragraph._p.append(number)
        paragraph.add_run(f"{rest} {text}")
        paragraph.paragraph_format.keep_with_next = before or None

    def _table(self, table: Table) -> None:
        self._caption("table", table.caption, before=True)
        width = self._width()
        style = "Report Table" if "Report Table" in self.styles else "Table Grid"
        identity = self.word.styles[style].style_id if style in self.styles else ""
        place = self._add("")
        place._p.addprevious(table_element(table, identity, width))
        notes = list(table.notes)
        if notes:
            place.style = self._style("Note")
            place.add_run(notes[0])
        for note in notes[1:]:
            self._add(note, "Note")

    def _width(self) -> int:
        """Return how wide the text is, in twentieths of a point."""
        section = self.word.sections[-1]
        width = (section.page_width or Cm(21)) - (section.left_margin or Cm(2)) - (section.right_margin or Cm(2))
        columns = section._sectPr.find(qn("w:cols"))
        number = 1 if columns is None else int(columns.get(qn("w:num"), "1"))
        return int((Emu(width).pt * 20 - _GUTTER * (number - 1)) / number)

    def _figure(self, figure: Figure) -> None:
        picture = io.BytesIO(png_of(figure, self.words, self.document.status.stamp, _DPI))
        width = Emu(self._width() * 635)
        shape = self.word.add_picture(picture, width=min(width, _BRIEF_WIDTH) if self.brief else width)
        if shape.height > Cm(21):
            shape.width, shape.height = Emu(int(shape.width * Cm(21) / shape.height)), Cm(21)
        named = shape._inline.docPr
        named.set("descr", alt_of(figure, self.words))
        named.set("title", figure.caption)
        self.word.paragraphs[-1].paragraph_format.keep_with_next = True
        self._caption("figure", figure.caption, before=False)
        for note in figure.notes:
            self._add(note, "Note")
