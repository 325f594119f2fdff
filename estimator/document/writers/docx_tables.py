"""Tables of a report as Word has them, written as XML: its own library takes seconds for a long one."""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml

from estimator.document.content import Row, Table

_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_INDENT = 160
"""Of a row below another, in twentieths of a point."""
_FONT, _SMALL = 18, 15
"""Of a table and of a wide one, in half points."""
_ONE_LINE = 34
"""Letters that a column may have on one line; of longer text, the more the longer it is."""
_LONGEST = 18
"""Letters of a word, or of an interval, that stays on one line; longer ones, such as addresses, are broken."""
_WIDTHS = {**dict.fromkeys("ijltfI.,:;'!|()[]/- ", 0.34), **dict.fromkeys("mwMW%@", 0.92)}
_LOWER, _UPPER = 0.58, 0.74
"""How wide letters are in bold, of the size of their font."""
_MARGIN = 70
"""Left and right of the text of a cell, in twentieths of a point."""


def table_element(table: Table, style: str, width: int) -> Any:
    """Return a table as an element of Word.

    Parameters
    ----------
    width : int
        Of the page, in twentieths of a point.
    """
    titles = [f"{column.title} ({column.unit})" if column.unit else column.title for column in table.columns]
    size = _SMALL if len(table.columns) > 5 else _FONT
    widths = _widths(table, titles, width, size)
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    numbers = [False, *(column.quantity != "words" for column in table.columns)]
    lines = [_line([table.corner, *titles], widths, numbers, size, head=True)]
    lines += [_row(row, widths, numbers, size) for row in table.rows]
    described = f"<w:tblCaption w:val={quoteattr(table.caption)}/>"
    properties = (
        f'<w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{width}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="{_MARGIN}" w:type="dxa"/><w:right w:w="{_MARGIN}" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:firstColumn="1" w:noHBand="0" w:noVBand="1"/>{described}</w:tblPr>'
    )
    return parse_xml(f"<w:tbl {_NAMESPACE}>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>")


def _widths(table: Table, titles: list[str], width: int, size: int) -> list[int]:
    """Return how wide each column is: its longest word fits, and the rest goes where lines would be broken."""
    columns = [[row.label for row in table.rows]]
    columns += [[row.cells[place].text for row in table.rows] for place in range(len(titles))]
    least, wanted = [], []
    numbers = [False, *(column.quantity != "words" for column in table.columns)]
    for title, texts, number in zip([table.corner, *titles], columns, numbers, strict=True):
        whole = texts if number and max(map(len, texts), default=0) <= _LONGEST else []
        broken = (word[:_LONGEST] for text in [title, *texts] for word in text.replace("-", "- ").split())
        word = max(map(_width, [*whole, *broken]), default=1.0)
        line = max(map(_best_width, texts), default=1.0)
        least.append(10 * size * word + 2 * _MARGIN + 40)
        wanted.append(10 * size * max(0.0, line - word))
    left = max(0.0, width - sum(least))
    share = left / sum(wanted) if sum(wanted) else 0.0
    found = [one + share * more for one, more in zip(least, wanted, strict=True)]
    return [int(one * width / sum(found)) for one in found]


def _best_width(text: str) -> float:
    """Return about how wide text best is: on one line when it is short, else by the root of its length."""
    return _width(text) * math.sqrt(min(1.0, _ONE_LINE / max(len(text), 1)))


def _width(text: str) -> float:
    """Return about how wide text is, of the size of its font."""
    return sum(_WIDTHS.get(letter, _UPPER if letter.isupper() else _LOWER) for letter in text)


def _row(row: Row, widths: list[int], numbers: list[bool], size: int) -> str:
    texts = [row.label, *(cell.text for cell in row.cells)]
    return _line(texts, widths, numbers, size, bold=row.strong, indent=row.depth * _INDENT)


def _line(
    texts: list[str],
    widths: list[int],
    numbers: list[bool],
    size: int,
    *,
    head: bool = False,
    bold: bool = False,
    indent: int = 0,
) -> str:
    """Return one row; that of the head stands on every page on which the table goes on."""
    cells = []
    for place, (text, width, number) in enumerate(zip(texts, widths, numbers, strict=True)):
        aligned = '<w:jc w:val="right"/>' if number else ""
        moved = f'<w:ind w:left="{indent}"/>' if indent and not place else ""
        kept = "<w:keepNext/>" if head else ""
        strong = "<w:b/>" if bold or head else ""
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>{kept}'
            f'<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>{moved}{aligned}</w:pPr>'
            f'<w:r><w:rPr>{strong}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(_printable(text))}</w:t></w:r></w:p></w:tc>'
        )
    properties = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>"
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _printable(text: str) -> str:
    """Return text without characters that XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
