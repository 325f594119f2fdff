"""A report by hand with every kind of block, and one with what people may write into titles and labels."""

from __future__ import annotations

from estimator.document.content import (
    Bullets,
    Cell,
    Column,
    Document,
    Figure,
    Formula,
    KeyNumber,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
    Terms,
)
from estimator.document.formulas import FORMULAS

HOSTILE = [
    '#import "secret.typ": *',
    '$x^2$ #eval("1") @ref <label> `code` *bold* _emph_ // comment /* ... */ = Heading',
    "\\ \\u{41} \\# [content] {code} ~ -- ---",
    "Ünïcode ☃ ≤ → мир 人口 👧🏽 \u202eevil",
    "x" * 400,
    "",
]
"""What people write into titles, labels and reasons, by accident or not."""


def number(text: str, value: float, quantity: str = "estimated") -> Cell:
    return Cell(text, quantity, value)  # type: ignore[arg-type]


def table(name: str, *labels: str, wide: bool = False) -> Table:
    columns = (
        Column("registered", "Registered", "registered"),
        Column("estimated", "Estimated", "estimated", "persons a year"),
        Column("source", "Source"),
    )
    rows = tuple(
        Row(
            f"row-{place}",
            label,
            (number(f"{1000 + place}", 1000 + place, "registered"), number(f"{6250 + place}", 0), Cell(f"s{place}")),
            depth=min(place, 3),
            strong=place == 0,
        )
        for place, label in enumerate(labels)
    )
    return Table(name, f"Caption of {name}", "Group", columns, rows, ("A note.",), wide=wide)


def coverage() -> Figure:
    rows = tuple(
        Row(name, name, (Cell("12 %", "coverage", 0.12), Cell("9 to 17 %", "coverage", None, 0.09, 0.17)))
        for name in ("girls", "boys")
    )
    columns = (Column("coverage", "Coverage", "coverage"), Column("interval", "95 % interval", "coverage"))
    data = Table("coverage-data", "Data", "Group", columns, rows)
    return Figure("coverage-figure", "coverage", "Share that is registered", data, ("A note on the figure.",))


def document(language: str = "en", said: str = "Presumed victims", stamp: str = "") -> Document:
    summary = Section(
        "summary",
        "In brief",
        (
            Paragraph(said, "lead"),
            Paragraph("A warning.", "warning"),
            KeyNumber("Estimated", number("6,250", 6250), number("5,000 to 7,500", 0), "a year"),
            KeyNumber("Registered", number("1,383", 1383)),
            coverage(),
        ),
        tuple(Section(f"part-{place}", f"Part {place}", (Paragraph(f"Text {place}."),)) for place in range(4)),
    )
    formulas = tuple(Formula(one.text, one.mathml, one.typst, f"{one.name}, read aloud") for one in FORMULAS)
    results = Section(
        "results",
        "Results",
        (
            table("first", "All", "Girls", said or "Boys"),
            table("second", "All", "Girls", wide=True),
            Bullets((said, "another point"), "A list of points:"),
            Terms((("Dark figure", "people on no list"), (said or "Term", said))),
            Paragraph("A note.", "note"),
        ),
        new_page=True,
    )
    method = Section("method", "Method", formulas, (Section("deeper", "Deeper", (Paragraph("Deep."),)),), new_page=True)
    status = Status(not stamp, stamp, ("Because.",) if stamp else ())
    title = said or "Title"
    return Document(language, "study", title, "Subtitle", "2026-11-28", status, (summary, results, method))
