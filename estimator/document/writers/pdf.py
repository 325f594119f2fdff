"""A report as PDF that screen readers read as well (PDF/UA-1): typeset by typst with its own fonts and matplotlib's.

The text goes to typst as data, never as markup, and how it looks stands in ``reports/templates/report.typ``.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

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
)
from estimator.document.pictures.drawing import DRAWINGS, alt_of, svg_of
from estimator.errors import Fault, InputError
from estimator.shipped import folder as shipped
from estimator.words.shown import shown
from estimator.words.words import Words, words_in

_FONT = "DejaVuSans.ttf"
_STANDARDS: tuple[Literal["ua-1"], ...] = ("ua-1",)


def write(document: Document, folder: Path) -> list[Path]:
    """Write the report as ``report-LANGUAGE.pdf`` into a folder that is there."""
    target = folder / f"report-{document.language}.pdf"
    target.write_bytes(pdf_of(document))
    return [target]


def pdf_of(document: Document) -> bytes:
    """Return the PDF: the same report gives the same bytes.

    Raises
    ------
    InputError
        When typst refuses the template, which an office may have changed; or the font has gone.
    """
    if not (_font_folder() / _FONT).is_file():
        message = f"The font of the PDF ({_FONT}), which matplotlib brings along, has gone. Install matplotlib anew."
        raise InputError(Fault("--formats", message))
    template, words = shipped("reports") / "templates" / "report.typ", words_in(document.language)
    with tempfile.TemporaryDirectory(prefix="darkfigure-") as place:
        root = Path(place)
        shutil.copyfile(template, root / template.name)
        for figure in document.figures():
            (root / f"{figure.id}.svg").write_bytes(svg_of(figure, words, document.status.stamp))
        data = _printable(_data(document, words))
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        try:
            made: bytes = typst.compile(
                str(root / template.name),
                root=str(root),
                format="pdf",
                pdf_standards=list(_STANDARDS),
                font_paths=[str(_font_folder())],
                ignore_system_fonts=True,
                timestamp=0,
            )
        except typst.TypstError as error:
            message = f"The report could not be typeset ({error.message}). Restore the template, or mend it."
            raise InputError(Fault(str(template), message)) from error
    return made


def _font_folder() -> Path:
    """Return the folder of DejaVu Sans, in which figures are drawn too: matplotlib brings it along."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@cache
def _letters() -> frozenset[str]:
    """Return every character that DejaVu Sans can show."""
    from matplotlib.ft2font import FT2Font

    return frozenset(chr(code) for code in FT2Font(str(_font_folder() / _FONT)).get_charmap())


def _printable(value: Any) -> Any:
    """Return data in which characters without a shape, or that turn the direction of writing, stand as U+FFFD.

    With a character that its fonts have not, typst refuses the whole report.
    """
    if isinstance(value, str):
        return "".join(
            letter if letter in _letters() or letter.isspace() else "\N{REPLACEMENT CHARACTER}"
            for letter in shown(value)
        ).replace(" %", "\N{NO-BREAK SPACE}%")
    if isinstance(value, dict):
        return {key: entry if key in ("typst", "file") else _printable(entry) for key, entry in value.items()}
    return [_printable(entry) for entry in value] if isinstance(value, list) else value


def _data(document: Document, words: Words) -> dict[str, Any]:
    """Return what the template shows."""
    return {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "made": words.text("report.page.made", date=document.date),
        "made-with": words.text("report.page.made-with", version=document.made_with.get("darkfigure", "")),
        "contents": words.text("report.page.contents"),
        "stamp": document.status.stamp,
        "sections": [_section(section, document.numbers(), words) for section in document.sections],
    }


def _section(section: Section, numbers: dict[str, int], words: Words) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "new-page": section.new_page,
        "blocks": list(_blocks(section.blocks, numbers, words)),
        "sections": [_section(inner, numbers, words) for inner in section.sections],
    }


def _blocks(blocks: tuple[Block, ...], numbers: dict[str, int], words: Words) -> Iterator[dict[str, Any]]:
    """Yield blocks as data; numbers in large type that follow each other stand side by side."""
    waiting: list[KeyNumber] = []
    for block in [*blocks, None]:
        if isinstance(block, KeyNumber):
            waiting.append(block)
            continue
        if waiting:
            yield {"kind": "keys", "items": [_key(number, words) for number in waiting]}
            waiting = []
        if block is not None:
            yield _block(block, numbers, words)


def _key(block: KeyNumber, words: Words) -> dict[str, Any]:
    interval = words.text("report.key.interval", interval=block.interval.text) if block.interval else ""
    return {"label": block.label, "number": block.number.text, "interval": interval, "note": block.note}


def _block(block: Block, numbers: dict[str, int], words: Words) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "style": block.style, "text": block.text}
        case Bullets():
            return {"kind": "bullets", "lead": block.lead, "items": list(block.items)}
        case Terms():
            return {"kind": "terms", "entries": [list(entry) for entry in block.entries]}
        case Formula():
            return {"kind": "formula", "typst": block.typst, "spoken": block.spoken}
        case Table():
            return _table(block, words.text("report.page.table", number=numbers[block.id]))
        case Figure():
            return _figure(block, words.text("report.page.figure", number=numbers[block.id]), words)
        case _:
            raise TypeError(f"no such block in print: {type(block).__name__}")


def _table(table: Table, label: str) -> dict[str, Any]:
    return {
        "kind": "table",
        "label": label,
        "caption": table.caption,
        "corner": table.corner,
        "columns": [
            {"title": column.title, "unit": column.unit, "number": column.quantity != "words"}
            for column in table.columns
        ],
        "rows": [
            {"label": row.label, "depth": row.depth, "strong": row.strong, "cells": [cell.text for cell in row.cells]}
            for row in table.rows
        ],
        "notes": list(table.notes),
        "wide": table.wide,
    }


def _figure(figure: Figure, label: str, words: Words) -> dict[str, Any]:
    return {
        "kind": "figure",
        "label": label,
        "file": f"{figure.id}.svg",
        "alt": alt_of(figure, words),
        "caption": figure.caption,
        "notes": list(figure.notes),
        "inches": DRAWINGS[figure.drawing].size(figure)[0],
    }
