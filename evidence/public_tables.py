"""Public tables found after the priors `evidence` were learned: counts, where they were read, what the lists are."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import xlogy

from estimator.methods.selection.fitting import fit_models
from estimator.methods.selection.spaces import space_of

FOLDER = Path(__file__).resolve().parent / "tables"

KINDS = ("authority", "care", "civil", "survey", "media", "unknown")
"""What keeps a list, or made it."""

SAID = ("all", "pairs", "petersen", "cells", "without", "loglinear")
"""What a second reading may say besides the people of lists."""

_COUNT = "count"
_KINDS_ALONE = "kinds"


@dataclass(frozen=True)
class FoundTable:
    """A table, and what its second reading says of it.

    Parameters
    ----------
    cells : mapping of str to int
        People by history ("101": on the first and the third list), strata added up.
    lists : mapping of str to mapping
        What each list is, its kind and, where printed, its people.
    said : mapping of str to any
        What the second reading says: ``all``, ``pairs``, ``petersen``, ``cells``, ``without`` and ``loglinear``, those
        that there are.
    readings : tuple of str
        Where the figures were read.
    unverified : str
        What could not be verified.
    """

    name: str
    family: str
    title: str
    source: str
    cells: Mapping[str, int]
    lists: Mapping[str, Mapping[str, Any]]
    said: Mapping[str, Any]
    readings: tuple[str, ...]
    unverified: str

    @property
    def file(self) -> Path:
        """Its table.csv."""
        return FOLDER / f"{self.name}.csv"

    def people_on(self, *names: str) -> int:
        """Return how many people are on all of these lists; of no list, how many there are.

        Parameters
        ----------
        *names : str
            Lists.

        Returns
        -------
        int
        """
        places = [list(self.lists).index(name) for name in names]
        return sum(people for history, people in self.cells.items() if all(history[place] == "1" for place in places))

    def without(self, name: str) -> Mapping[str, int]:
        """Return the people by history on the other lists, but for those who were on this list only.

        Parameters
        ----------
        name : str
            Of the list.
        """
        place = list(self.lists).index(name)
        cells: Counter[str] = Counter()
        for history, people in self.cells.items():
            cells[history[:place] + history[place + 1 :]] += people
        return {history: people for history, people in cells.items() if "1" in history}

    def disagreements(self) -> list[str]:
        """Return where the table and its second reading differ, one line each."""
        expected: dict[tuple[str, ...], tuple[float | None, float]]
        expected = {("all",): (self.said.get("all"), self.people_on())}
        expected |= {(name,): (item.get("people"), self.people_on(name)) for name, item in self.lists.items()}
        for pair, people in self.said.get("pairs", {}).items():
            expected[(pair,)] = (people, self.people_on(*pair.split()))
        for pair, estimate in self.said.get("petersen", {}).items():
            first, second = pair.split()
            petersen = self.people_on(first) * self.people_on(second) / self.people_on(first, second)
            # printed without decimals, rounded or cut off
            expected[(pair, "petersen")] = (estimate, int(petersen) if int(petersen) == estimate else round(petersen))
        for history, people in self.said.get("cells", {}).items():
            expected[("cell", history)] = (people, self.cells.get(history, 0))
        for name, cells in self.said.get("without", {}).items():
            ours = self.without(name)
            expected |= {("without", name, history): (cells.get(history, 0), ours[history]) for history in ours}
        for number, model in enumerate(self.said.get("loglinear", [])):
            estimates = self.loglinear(model["pairs"])
            expected |= {
                ("model", str(number), what): (model[what], round(value, 1 if what == "deviance" else None))
                for what, value in estimates.items()
                if what in model
            }
        return [
            f"{' '.join(key)}: {said} and {ours}" for key, (said, ours) in expected.items() if said not in (None, ours)
        ]

    def loglinear(self, pairs: Sequence[str]) -> Mapping[str, float]:
        """Return what a log-linear model in which some pairs depend says, as papers print it.

        Parameters
        ----------
        pairs : sequence of str
            Names of both lists with a space between.

        Returns
        -------
        mapping of str to float
            ``people``, seen or not, and the ``deviance``.
        """
        bits = {name: 1 << place for place, name in enumerate(reversed(list(self.lists)))}
        terms = [0, *bits.values(), *(sum(bits[name] for name in pair.split()) for pair in pairs)]
        counts = np.zeros(1 << len(bits))
        for history, people in self.cells.items():
            counts[int(history, 2)] += people
        fitted = fit_models(space_of(len(bits), [sorted(terms)]), counts[None])
        saturated = 2 * (xlogy(counts, counts) - counts).sum()
        return {
            "people": float(counts.sum() + fitted.unseen[0, 0]),
            "deviance": float(fitted.deviance[0, 0] + saturated),
        }


@cache
def found_tables() -> tuple[FoundTable, ...]:
    """Return all tables of the folder, in the order of their description."""
    described = {key: item for key, item in _described().items() if key != _KINDS_ALONE}
    return tuple(_table(name, item) for name, item in described.items())


@cache
def kinds_of_lists() -> Mapping[str, Mapping[str, str]]:
    """Return the kind of each list by table: of these tables, and of those that `evidence` was learned from."""
    found = {table.name: {name: item["kind"] for name, item in table.lists.items()} for table in found_tables()}
    learned_from: dict[str, dict[str, str]] = _described()[_KINDS_ALONE]
    return found | learned_from


def pairs_of_kinds(table: str) -> Mapping[str, tuple[str, str]]:
    """Return the kinds of both lists of every pair of a table.

    Parameters
    ----------
    table : str

    Returns
    -------
    mapping of str to (str, str)
        By the names of both lists with a space between; kinds in alphabetical order.
    """
    kinds = kinds_of_lists()[table]
    return {f"{a} {b}": (min(kinds[a], kinds[b]), max(kinds[a], kinds[b])) for a, b in combinations(kinds, 2)}


@cache
def _described() -> dict[str, Any]:
    """Return sources.toml as it stands."""
    return tomllib.loads((FOLDER / "sources.toml").read_text(encoding="utf-8"))


def _table(name: str, item: Mapping[str, Any]) -> FoundTable:
    """Return a table of its description and its file."""
    cells: dict[str, int] = {}
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            history = "".join(row[list_name] for list_name in item["lists"])
            cells[history] = cells.get(history, 0) + int(row[_COUNT])
    said = {key: item[key] for key in SAID if key in item}
    return FoundTable(
        name,
        item["family"],
        item["title"],
        item["source"],
        cells,
        item["lists"],
        said,
        tuple(item["readings"]),
        item["unverified"],
    )
