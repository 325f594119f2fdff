"""A made-up study of 200 strata and six lists: as large as national studies get."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import numpy as np

LISTS = ("A", "B", "C", "D", "E", "F")
COVARIATES = {
    "year": ("2016", "2017", "2018", "2019", "2020"),
    "sex": ("female", "male"),
    "age": ("0-17", "18-25", "26-40", "41+"),
    "origin": ("north", "east", "south", "west", "overseas"),
}
PEOPLE = 40_000

_STUDY = """title = "Made-up victims, 200 strata"
source = "benchmarks/large_study.py"
table_kind = "synthetic"
"""


def write_large_study(folder: Path, seed: int = 1) -> None:
    """Write study.toml and table.csv.

    Parameters
    ----------
    folder : Path
        Must not exist.
    seed : int
        Of the simulation: a log-linear model with main effects on the dark figure's spread and on coverage.
    """
    folder.mkdir()
    sections = [f'[lists.{name}]\nlabel = "List {name}"' for name in LISTS]
    sections += [
        f"[covariates.{name}]\nlabel = {name!r}\nlevels = {list(levels)}\nordered = {str(name == 'year').lower()}"
        for name, levels in COVARIATES.items()
    ]
    (folder / "study.toml").write_text("\n".join([_STUDY, *sections]) + "\n")
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COVARIATES, *LISTS, "count"])
        strata = list(product(*COVARIATES.values()))
        histories = list(product((0, 1), repeat=len(LISTS)))
        for stratum, row in zip(strata, _counts(seed), strict=True):
            for history, count in zip(histories, row, strict=True):
                if count and any(history):
                    writer.writerow([*stratum, *history, count])


def _counts(seed: int) -> np.ndarray:
    """Return counts per stratum and history, history none included."""
    rng = np.random.default_rng(seed)
    sizes = [len(levels) for levels in COVARIATES.values()]
    codes = np.indices(sizes).reshape(len(sizes), -1)
    log_share = sum(rng.normal(0, 0.5, size)[code] for size, code in zip(sizes, codes, strict=True))
    unseen = PEOPLE * 0.75 * np.exp(log_share) / np.exp(log_share).sum()
    log_odds = rng.normal(-3, 0.7, len(LISTS)) + sum(
        rng.normal(0, 0.4, (size, len(LISTS)))[code] for size, code in zip(sizes, codes, strict=True)
    )
    member = np.array(list(product((0, 1), repeat=len(LISTS))))
    return rng.poisson(unseen[:, None] * np.exp(log_odds @ member.T))
