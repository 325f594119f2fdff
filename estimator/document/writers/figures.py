"""The figures of a report as files: SVG and PNG, the data of each as CSV, and what each shows in words."""

from __future__ import annotations

import json
from pathlib import Path

from estimator.document.content import Document
from estimator.document.pictures.drawing import alt_of, csv_of, png_of, svg_of
from estimator.words.words import words_in


def write(document: Document, folder: Path) -> list[Path]:
    """Write them into a folder ``figures``, with ``figures.json``: caption and words of each, by file name.

    ``citation.json`` beside them says how to cite the report (CSL JSON).
    """
    words, stamp = words_in(document.language), document.status.stamp
    inner = folder / "figures"
    inner.mkdir()
    files: dict[Path, bytes] = {}
    said = {}
    for figure in document.figures():
        files[inner / f"{figure.id}.svg"] = svg_of(figure, words, stamp)
        files[inner / f"{figure.id}.png"] = png_of(figure, words, stamp)
        files[inner / f"{figure.id}.csv"] = csv_of(figure.data).encode("utf-8")
        said[figure.id] = {"caption": figure.caption, "alt": alt_of(figure, words), "notes": list(figure.notes)}
    status = {"publishable": document.status.publishable, "stamp": stamp, "reasons": list(document.status.reasons)}
    files[inner / "figures.json"] = _json({"language": document.language, **status, "figures": said})
    files[folder / "citation.json"] = _json([dict(document.citation)])
    for path, content in files.items():
        path.write_bytes(content)
    return list(files)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
