"""The folder of a multiverse: multiverse.json, and multiverse.csv with one row for each specification."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from estimator.multiverse.record import MULTIVERSE_JSON, MultiverseRecord
from estimator.runs.replacing import replace_together
from estimator.words.shown import in_cell

CSV = "multiverse.csv"


def save_multiverse(record: MultiverseRecord, folder: Path) -> None:
    """Write a multiverse into the folder that keeps its fits, in place of what an earlier run wrote."""
    replace_together(folder, {MULTIVERSE_JSON: record.text().encode("utf-8"), CSV: _csv_of(record).encode("utf-8")})


def _csv_of(record: MultiverseRecord) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [choice.name for choice in record.choices]
    writer.writerow([in_cell(name) for name in (*names, "status", "median", "lower", "upper", "reasons")])
    for specification in record.specifications:
        sizes = [
            "" if value is None else f"{value:.10g}"
            for value in (specification.median, specification.lower, specification.upper)
        ]
        codes = " ".join(reason.code for reason in specification.reasons)
        writer.writerow([*map(in_cell, specification.chosen), specification.status, *sizes, codes])
    return text.getvalue()
