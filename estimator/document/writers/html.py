"""A report as one file of HTML that needs nothing else: its style and pictures are inside, and no script is."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from estimator.document.content import (
    Block,
    Bullets,
    Document,
    Figure,
    Formula,
    KeyNumber,
    Paragraph,
    Table,
    Terms,
    runs_of,
)
from estimator.document.pictures.drawing import alt_of, svg_of
from estimator.words.words import words_in

_KINDS: Mapping[type[Block], str] = {
    Paragraph: "paragraph",
    Bullets: "bullets",
    Terms: "terms",
    Formula: "formula",
    KeyNumber: "key",
    Table: "table",
    Figure: "figure",
}


def write(document: Document, folder: Path) -> list[Path]:
    """Write the report as ``report-LANGUAGE.html`` into a folder that is there."""
    target = folder / f"report-{document.language}.html"
    target.write_text(html_of(document), encoding="utf-8")
    return [target]


def html_of(document: Document) -> str:
    """Return the page."""
    words = words_in(document.language)
    figures = {
        figure.id: {
            "alt": alt_of(figure, words),
            "svg": b64encode(svg_of(figure, words, document.status.stamp, outlines=False)).decode("ascii"),
        }
        for figure in document.figures()
    }
    page = words.page(
        "report.html",
        document=document,
        figures=figures,
        numbers=document.numbers(),
        kind=lambda block: _KINDS[type(block)],
        runs=lambda section: runs_of(section.blocks),
        citation=json.dumps(dict(document.citation), ensure_ascii=False).replace("<", "\\u003c"),
        version=document.made_with.get("darkfigure", ""),
    )
    return page.replace(" %", "\N{NO-BREAK SPACE}%")  # a line never begins with the sign
