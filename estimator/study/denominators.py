"""Denominators: how many inhabitants a population had in a year, so that a number of people can be given as a rate.

A rate is never computed with another year's denominator: where a year is missing there is no rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from estimator.errors import Fault, InputError, brief, did_you_mean
from estimator.study.csvrecords import ReadingError, Records, number_of, read_records

COLUMNS = ("population", "year", "inhabitants", "source", "how")
OPTIONAL = ("population_nl", "source_nl")
"""What the population and the source are called in Dutch."""

HOW = ("counted", "implied")


@dataclass(frozen=True)
class Denominator:
    """The size of one population in one year.

    Parameters
    ----------
    population : str
        Name, as groups refer to it: ``"girls of 12 to 17"``.
    year : str
        A level of the period's covariate.
    inhabitants : float
        Persons, above 0.
    how : {"counted", "implied"}
        Counted by an office, or backed out of a published rate.
    population_nl, source_nl : str or None
        The same in Dutch; None where the file does not say.
    line : int, default 0
        Line of the file, for messages.
    """

    population: str
    year: str
    inhabitants: float
    source: str
    how: Literal["counted", "implied"]
    population_nl: str | None = None
    source_nl: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Denominators:
    """Denominators of a study, in the order of their file: one for each population and year."""

    file: Path
    entries: tuple[Denominator, ...]

    @property
    def populations(self) -> tuple[str, ...]:
        """Names of the populations, in the order of the file."""
        return tuple(dict.fromkeys(entry.population for entry in self.entries))

    def of(self, population: str, years: Iterable[str]) -> tuple[Denominator, ...]:
        """Return the entries of a population in the order of the years; years without one are left out."""
        by_year = {entry.year: entry for entry in self.entries if entry.population == population}
        return tuple(by_year[year] for year in years if year in by_year)

    def missing(self, population: str, years: Iterable[str]) -> tuple[str, ...]:
        """Return the years for which a population has no denominator, in their order."""
        wanted = tuple(years)
        known = {entry.year for entry in self.of(population, wanted)}
        return tuple(year for year in wanted if year not in known)

    def has(self, population: str, years: Iterable[str]) -> bool:
        """Tell whether there is a denominator for each of the years."""
        return not self.missing(population, years)

    def inhabitants(self, population: str, years: Sequence[str]) -> float:
        """Return the mean number of inhabitants over some years.

        Raises
        ------
        InputError
            When there is no denominator for one of the years: it is never replaced by another year's.
        """
        missing = self.missing(population, years)
        if missing or not years:
            raise InputError(self.missing_fault(population, missing))
        entries = self.of(population, years)
        return sum(entry.inhabitants for entry in entries) / len(entries)

    def sources(self, population: str, years: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the sources of a population's denominators, each once; of all its years when none are named."""
        wanted = [entry.year for entry in self.entries if entry.population == population] if years is None else years
        return tuple(dict.fromkeys(entry.source for entry in self.of(population, wanted)))

    def name_in_dutch(self, population: str) -> str | None:
        """Return what a population is called in Dutch, where the file says it."""
        entries = (entry for entry in self.entries if entry.population == population)
        return next((entry.population_nl for entry in entries if entry.population_nl), None)

    def sources_in_dutch(self, population: str, years: Iterable[str]) -> tuple[str, ...]:
        """Return the sources in Dutch, each once; in English where the file does not say; none where it never does."""
        entries = self.of(population, years)
        if not any(entry.source_nl for entry in entries):
            return ()
        return tuple(dict.fromkeys(entry.source_nl or entry.source for entry in entries))

    def how(self, population: str, years: Iterable[str]) -> str:
        """Return ``"implied"`` when any of the years' denominators was backed out of a rate, else ``"counted"``."""
        return "implied" if any(entry.how == "implied" for entry in self.of(population, years)) else "counted"

    def missing_fault(self, population: str, years: Sequence[str]) -> Fault:
        """Say that years have no denominator, and what to do."""
        if population not in self.populations:
            near = did_you_mean(population, self.populations)
            return Fault(str(self.file), f"There is no population '{population}'. Add a line for each year.{near}")
        shown = " and ".join(filter(None, (", ".join(years[:-1]), years[-1]))) if years else "no year"
        return Fault(
            str(self.file),
            f"There is no line for the population '{population}' in {shown}. Add {'them' if years[1:] else 'it'}, or "
            "take the 'per' that asks for it out of the study; another year's number is never used in its place.",
        )


def read_denominators(path: str | Path) -> Denominators:
    """Read a CSV file of denominators, with the columns `COLUMNS`, and those of `OPTIONAL` as wanted.

    Raises
    ------
    InputError
        With every fault of the file, each with its line and column.
    """
    path = Path(path)
    records = read_records(path, COLUMNS, "each population and year", OPTIONAL)
    entries = tuple(entry for row in range(len(records.rows)) if (entry := _entry(records, row)))
    _find_repeats(records)
    records.raise_faults()
    return Denominators(path, entries)


def _entry(records: Records, row: int) -> Denominator | None:
    cells = records.rows[row]
    for column, what in (("population", "a short name"), ("year", "the year"), ("source", "who says so")):
        if not cells[column]:
            records.fault(row, column, f"Nothing is filled in. Give {what}: no rate goes without it.")
    if cells["how"] not in HOW:
        records.fault(
            row,
            "how",
            f"Found '{brief(cells['how'])}'. Write counted (by an office) or implied (backed out of a published rate).",
        )
    try:
        inhabitants = number_of(cells["inhabitants"])
        if not inhabitants:
            raise ReadingError("A population of nobody has no rate. Give its size, or delete the line.")
    except ReadingError as error:
        records.fault(row, "inhabitants", str(error))
        return None
    how: Literal["counted", "implied"] = "implied" if cells["how"] == "implied" else "counted"
    return Denominator(
        cells["population"],
        cells["year"],
        inhabitants,
        cells["source"],
        how,
        cells["population_nl"] or None,
        cells["source_nl"] or None,
        records.lines[row],
    )


def _find_repeats(records: Records) -> None:
    first: dict[tuple[str, str], int] = {}
    for row, cells in enumerate(records.rows):
        key = (cells["population"], cells["year"])
        if key in first:
            line = records.lines[first[key]]
            message = f"'{brief(key[0])}' in {brief(key[1])} is on line {line} already. Keep one of the two."
            records.fault(row, "year", message)
        first.setdefault(key, row)
