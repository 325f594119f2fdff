"""A report as a tree, before it has a format: sections of paragraphs, tables with typed cells, and figures.

It is made of a run (`estimator.document.building`), in one language, and written by the modules of
`estimator.document.writers`. Between the two stands disclosure control, which changes cells only: whatever is drawn or
said of registered numbers is drawn and said of cells, so that no format and no picture can show what a cell may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeAlias

Quantity = Literal[
    "words", "registered", "estimated", "unseen", "coverage", "rate", "published", "probability", "factor", "measure"
]
"""What a cell is about. ``registered`` counts people whom lists saw; ``measure`` is any other number."""

Style = Literal["plain", "lead", "note", "warning"]


@dataclass(frozen=True)
class Counted:
    """Which observed people a number counts, for disclosure control.

    Parameters
    ----------
    strata : frozenset of int
        Places of the strata in the table's order, as in `PopulationDraws`.
    histories : frozenset of int or None
        Places of the capture histories (which lists saw somebody); None for everybody on at least one list.
    years : int
        The number is an average over this many years, so that it times `years` is the count.
    """

    strata: frozenset[int]
    histories: frozenset[int] | None = None
    years: int = 1


@dataclass(frozen=True)
class Cell:
    """One cell: what is printed, and the number that this says.

    Parameters
    ----------
    text : str
        As printed, in the language of the report.
    value : float or None
        The number after rounding, exactly as `text` says it; None for words.
    lower, upper : float or None
        Rounded limits of the 95 % interval, where the text is an interval; of a registered number that the table does
        not give, its bounds, which are the text, while `value` is what is believed of it.
    exact : float or None
        Before rounding; for pictures and tests, and never to be written to a file.
    decimals : int
        How many decimals `text` has; of a share, those of its percentage.
    counted : Counted or None
        The observed people that the number counts or gives away; None when it gives nobody away.
    """

    text: str
    quantity: Quantity = "words"
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    exact: float | None = None
    decimals: int = 0
    counted: Counted | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, and what its numbers are.

    Parameters
    ----------
    key : str
        Short name that is the same in every language, for CSV files and styles.
    unit : str
        In words: "persons a year"; empty where the head says it.
    """

    key: str
    title: str
    quantity: Quantity = "words"
    unit: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table: whom it is about, and its cells.

    Parameters
    ----------
    key : str
        Short name that is the same in every language, such as that of a group.
    depth : int
        How deep it lies below the row of which it is a part.
    """

    key: str
    label: str
    cells: tuple[Cell, ...]
    depth: int = 0
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption, a head for each row and each column, and notes below it.

    Parameters
    ----------
    id : str
        Unique in the report; also the name of its file or sheet.
    corner : str
        The head of the column of row heads.
    wide : bool
        Whether a page on its side suits it better.
    folded : bool
        Whether it may be shut at first where a reader can open it.
    """

    id: str
    caption: str
    corner: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    wide: bool = False
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure, as the table that it is drawn from: drawn and said in words by `estimator.document.pictures.drawing`.

    Parameters
    ----------
    id : str
        Unique in the report; also the name of its files.
    drawing : str
        How it is drawn: a name in `estimator.document.pictures.drawing`.
    data : Table
        Everything that is drawn, and nothing else; written as CSV beside the picture.
    """

    id: str
    drawing: str
    caption: str
    data: Table
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A paragraph without any markup.

    Parameters
    ----------
    counted : tuple of Counted
        The observed people of whom it says a number, or gives it away.
    instead : str
        What is said where their number is rounded and a percentage would say more of it.
    """

    text: str
    style: Style = "plain"
    counted: tuple[Counted, ...] = ()
    instead: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of points, with what it is a list of.

    Parameters
    ----------
    counted : mapping of int to tuple of Counted
        By place: the observed people of whom a point says a number, or gives it away.
    """

    items: tuple[str, ...]
    lead: str = ""
    counted: Mapping[int, tuple[Counted, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """Terms, each with what it means."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Formula:
    """A formula, once for each kind of format, with how it is read aloud.

    Parameters
    ----------
    text : str
        On one line, for formats without formulas.
    """

    text: str
    mathml: str
    typst: str
    spoken: str


@dataclass(frozen=True)
class KeyNumber:
    """A number in large type: its label, its interval, and its meaning in words."""

    label: str
    number: Cell
    interval: Cell | None = None
    note: str = ""


Block: TypeAlias = "Paragraph | Bullets | Terms | Formula | KeyNumber | Table | Figure"


@dataclass(frozen=True)
class Section:
    """A part of a report under a heading.

    Parameters
    ----------
    id : str
        Unique in the report: ``"summary"``, ``"method"``.
    new_page : bool
        Whether it begins on a new page in print.
    """

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    new_page: bool = False


@dataclass(frozen=True)
class Status:
    """Whether the report may be published, and what stands across every page and figure when not.

    Parameters
    ----------
    publishable : bool
        As estimate.json says.
    stamp : str
        A few words across every page and every figure; empty when nothing speaks against publishing.
    reasons : tuple of str
        Why, a sentence each.
    """

    publishable: bool
    stamp: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """A report in one language, before it has a format.

    Parameters
    ----------
    name : str
        Short name of the study, for file names.
    date : str
        On which the run was made, as a reader writes it.
    citation : mapping
        CSL JSON of this report.
    made_with : mapping of str to str
        Versions by name.
    """

    language: str
    name: str
    title: str
    subtitle: str
    date: str
    status: Status
    sections: tuple[Section, ...]
    citation: Mapping[str, Any] = field(default_factory=dict)
    made_with: Mapping[str, str] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Yield every block in the order of reading."""
        for section in self.all_sections():
            yield from section.blocks

    def all_sections(self) -> Iterator[Section]:
        """Yield every section, each followed by those within it."""
        waiting = list(reversed(self.sections))
        while waiting:
            section = waiting.pop()
            yield section
            waiting += reversed(section.sections)

    def tables(self) -> Iterator[Table]:
        """Yield every table, those from which figures are drawn included."""
        for block in self.blocks():
            if isinstance(block, Table):
                yield block
            elif isinstance(block, Figure):
                yield block.data

    def figures(self) -> Iterator[Figure]:
        """Yield every figure."""
        yield from (block for block in self.blocks() if isinstance(block, Figure))

    def numbers(self) -> dict[str, int]:
        """Return the number of every table and of every figure, by id, each counted on its own."""
        numbers: dict[str, int] = {}
        for kind in (Table, Figure):
            blocks = [block for block in self.blocks() if isinstance(block, kind)]
            numbers |= {block.id: number for number, block in enumerate(blocks, start=1)}
        return numbers


def runs_of(blocks: Iterable[Block]) -> list[tuple[bool, list[Block]]]:
    """Return blocks in runs: numbers in large type, which stand side by side, and all others."""
    return [(large, list(run)) for large, run in groupby(blocks, lambda block: isinstance(block, KeyNumber))]
