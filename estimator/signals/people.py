"""How many people there are of each group outside the survey, with source and year; unknown where nobody says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from estimator.errors import did_you_mean
from estimator.study.csvrecords import ReadingError, Records, number_of, read_records

COLUMNS = ("group", "persons", "year", "source")
OPTIONAL = ("source_nl",)


@dataclass(frozen=True)
class GroupSize:
    """How many people a group has.

    Parameters
    ----------
    persons : float or None
        None where no source is at hand.
    """

    group: str
    persons: float | None
    year: str
    source: str
    source_nl: str | None = None


@dataclass(frozen=True)
class People:
    """The sizes of groups."""

    sizes: tuple[GroupSize, ...]

    @property
    def known(self) -> dict[str, float]:
        """The groups of which the size is known."""
        return {size.group: size.persons for size in self.sizes if size.persons is not None}


def read_people(path: Path, groups: Sequence[str]) -> People:
    """Read a CSV file with the columns `COLUMNS`, one row for each group; ``persons`` is blank where it is not known.

    Raises
    ------
    InputError
        With every fault of the file, each with its line and column.
    """
    records = read_records(path, COLUMNS, "each group", OPTIONAL)
    sizes = [_size(records, row, groups) for row in range(len(records.rows))]
    first: dict[str, int] = {}
    for row, size in enumerate(sizes):
        if size.group in first:
            line = records.lines[first[size.group]]
            records.fault(row, "group", f"Line {line} has this group already. Keep one of the two.")
        first.setdefault(size.group, row)
    records.raise_faults()
    return People(tuple(sizes))


def _size(records: Records, row: int, groups: Sequence[str]) -> GroupSize:
    cells = records.rows[row]
    if cells["group"] not in groups:
        near = did_you_mean(cells["group"], groups)
        records.fault(row, "group", f"The survey has no group of this name.{near}")
    persons: float | None = None
    if cells["persons"]:
        try:
            persons = number_of(cells["persons"])
        except ReadingError as error:
            records.fault(row, "persons", str(error))
        if not cells["source"]:
            records.fault(row, "source", "Nothing is filled in. Give who says so; or leave persons blank.")
    return GroupSize(cells["group"], persons, cells["year"], cells["source"], cells["source_nl"] or None)
