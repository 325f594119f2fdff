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


def write_csv(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", delimiter: str = ",") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def table_as_set(path: Path) -> set[tuple[tuple[str, str], ...]]:
    """Return the rows of a table in no order, each with its columns in alphabetical order."""
    with path.open(encoding="utf-8", newline="") as file:
        return {tuple(sorted(row.items())) for row in csv.DictReader(file)}
