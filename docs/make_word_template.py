"""Write ``reports/report.docx``: the styles of a report for Word.

Run ``python -m docs.make_word_template`` after a change here. An office that has a house style changes the styles of
the file in Word instead, or puts a file of its own in its place.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

TARGET = Path(__file__).resolve().parents[1] / "reports" / "report.docx"
INK, WARNING, QUIET = RGBColor(0x1F, 0x2A, 0x44), RGBColor(0x9C, 0x00, 0x06), RGBColor(0x44, 0x44, 0x44)
BLACK = RGBColor(0, 0, 0)
FONT = "Arial"


def template() -> Any:
    """Return an empty document with every style that a report asks for."""
    word = docx.Document()
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.9), Cm(1.6)
    section.header_distance = section.footer_distance = Cm(0.9)
    _style(word, "Normal", size=10.5, after=6)
    _style(word, "Title", size=16, bold=True, after=4)
    _style(word, "Subtitle", size=10.5, colour=QUIET, after=2)
    for level, size in ((1, 16), (2, 13), (3, 11.5)):
        _style(word, f"Heading {level}", size=size, bold=True, before=14, after=4)
    _style(word, "Caption", size=9.5, bold=True, before=8, after=3)
    _style(word, "List Bullet", size=10.5, after=3)
    for name, size, colour, bold in (
        ("Lead", 11, INK, False),
        ("Note", 8.5, QUIET, False),
        ("Warning", 9.5, WARNING, True),
        ("Key Number", 20, INK, True),
        ("Formula", 11, INK, False),
        ("Brief", 8.5, BLACK, False),
    ):
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["Normal"]
        _style(word, name, size=size, colour=colour, bold=bold, after=5)
    word.styles.add_style("Brief Bullet", WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["List Bullet"]
    _style(word, "Brief Bullet", size=8.5, colour=BLACK, after=2)
    brief = word.styles["Brief Bullet"].paragraph_format
    brief.left_indent, brief.first_line_indent = Cm(0.45), Cm(-0.45)
    _table_style(word)
    _page_number(section.footer.paragraphs[0])
    properties = word.core_properties
    properties.author, properties.title, properties.comments = "", "", ""
    properties.created = properties.modified = datetime(2026, 1, 1)
    return word


def _style(
    word: Any,
    name: str,
    *,
    size: float,
    colour: RGBColor | None = None,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
) -> None:
    style = word.styles[name]
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    style.font.color.rgb = colour or (INK if name not in ("Normal", "List Bullet") else BLACK)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    for border in style.element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break


def _table_style(word: Any) -> None:
    """Add a table with lines above, below its head, and below."""
    style = word.styles.add_style("Report Table", WD_STYLE_TYPE.TABLE)
    style.base_style = word.styles["Normal Table"]
    properties = OxmlElement("w:tblPr")
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 8), ("bottom", 8), ("insideH", 2)):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "8A8F99")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties.append(borders)
    style.element.append(properties)
    head = OxmlElement("w:tblStylePr")
    head.set(qn("w:type"), "firstRow")
    cell, shade = OxmlElement("w:tcPr"), OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", "E6EAF2")):
        shade.set(qn(f"w:{key}"), value)
    cell.append(shade)
    head.append(cell)
    style.element.append(head)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " PAGE ")
    field.append(paragraph.add_run("1")._r)
    paragraph._p.append(field)


if __name__ == "__main__":
    template().save(str(TARGET))
    print(f"Wrote {TARGET}")  # noqa: T201
