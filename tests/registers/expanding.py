"""A table taken apart into records again, as offices hold them: duplicates, shuffled, keys in many spellings."""

from __future__ import annotations

import csv
import random
from pathlib import Path

SPELLINGS = (
    lambda key: key,
    lambda key: key.lower(),
    lambda key: f" {key} ",
    lambda key: f"{key[:3]}-{key[3:]}",
    lambda key: f"\u00a0{key[:2].lower()}.{key[2:]}",
)

NO_KEYS = ("", "   ", "\u00a0", "\u200b", "-", "Onbekend", " onbekend ", "0", "n.v.t.", "NIHIL")
"""How it is written that there is no key; the last five are declared (`no_key`)."""


def expand(
    table: Path, lists: list[str], covariates: list[str], *, seed: int = 1, duplicates: float = 0.3
) -> dict[str, list[dict[str, str]]]:
    """Return the records of each list; a count between bounds stands for as many persons as it can be."""
    rng = random.Random(seed)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    records: dict[str, list[dict[str, str]]] = {name: [] for name in lists}
    numbers = iter(rng.sample(range(10**6, 10**7), 10**6))
    for row in rows:
        for _ in range(int(row["count"].removeprefix("<="))):
            key = f"NL{next(numbers)}"
            for name in lists:
                if row[name] == "1":
                    for _ in range(1 + (rng.random() < duplicates) + (rng.random() < duplicates / 4)):
                        spelt = rng.choice(SPELLINGS)(key)
                        records[name].append({"key": spelt, **{part: row[part] for part in covariates}})
    for found in records.values():
        rng.shuffle(found)
    return records


def person(row: dict[str, str]) -> str:
    """Return the key of a record in one spelling."""
    return "".join(filter(str.isalnum, row["key"])).upper()


def add_records_without_key(records: dict[str, list[dict[str, str]]], share: float, *, seed: int = 3) -> int:
    """Add records of which nobody knows who they are, in every way that offices write that; return how many."""
    rng = random.Random(seed)
    added = 0
    for rows in records.values():
        for row in rng.sample(rows, int(share * len(rows)) + len(NO_KEYS)):
            rows.append({**row, "key": NO_KEYS[added % len(NO_KEYS)]})
            added += 1
        rng.shuffle(rows)
    return added


def contradict(
    records: dict[str, list[dict[str, str]]], covariate: str, other: dict[str, str], *, majority: bool, seed: int = 2
) -> int:
    """Let one list be wrong about a person: where two others are right, or a list that is trusted more is.

    Parameters
    ----------
    other : dict
        What is written in place of each level.

    Returns
    -------
    int
        Persons of whom a list is wrong.
    """
    rng = random.Random(seed)
    seen: dict[str, dict[str, list[dict[str, str]]]] = {}
    for name, rows in records.items():
        for row in rows:
            seen.setdefault(person(row), {}).setdefault(name, []).append(row)
    changed = 0
    for lists in seen.values():
        wrong = list(lists)[1:] if not majority else list(lists) if len(lists) >= 3 else []
        if wrong:
            for row in lists[rng.choice(wrong)]:
                row[covariate] = other[row[covariate]]
            changed += 1
    return changed


def write_csv(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", delimiter: str = ",") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def table_as_set(path: Path) -> set[tuple[tuple[str, str], ...]]:
    """Return the rows of a table in no order, each with its columns in alphabetical order."""
    with path.open(encoding="utf-8", newline="") as file:
        return {tuple(sorted(row.items())) for row in csv.DictReader(file)}
