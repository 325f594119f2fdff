"""A made-up study of a whole country, 1,000 strata by eight lists, drawn from the model, so that the truth is known."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LISTS = ("A", "B", "C", "D", "E", "F", "G", "H")
COVARIATES = {"region": 25, "age": 5, "sex": 2, "year": 4}
PEOPLE_PER_STRATUM = 60
GROWTH = {
    8: (2, 2, 2, 1),
    40: (5, 2, 2, 2),
    100: (5, 5, 2, 2),
    260: (13, 5, 2, 2),
    500: (25, 5, 2, 2),
    1000: (25, 5, 2, 4),
}
"""Numbers of levels of the covariates, by the number of strata that they make."""

_STUDY = """title = "Made-up victims, {strata} strata"
source = "benchmarks/national_study.py"
table_kind = "synthetic"
"""


@dataclass(frozen=True)
class NationalTruth:
    """Who was drawn.

    Parameters
    ----------
    levels : dict of str to tuple of str
        Of every covariate.
    counts : ndarray of int, shape (S, 2**L)
        People per stratum and history, those on no list included.
    """

    levels: dict[str, tuple[str, ...]]
    counts: NDArray[np.int64]

    @property
    def by_level(self) -> dict[str, int]:
        """True number of people in all, and at every level of every covariate: ``total``, ``region=r01``."""
        people = self.counts.sum(axis=1).reshape([len(names) for names in self.levels.values()])
        found = {"total": int(people.sum())}
        for axis, (covariate, names) in enumerate(self.levels.items()):
            sums = people.sum(axis=tuple(other for other in range(people.ndim) if other != axis))
            found |= {f"{covariate}={name}": int(value) for name, value in zip(names, sums, strict=True)}
        return found


def draw_national(regions: int = 25, ages: int = 5, sexes: int = 2, years: int = 4, seed: int = 1) -> NationalTruth:
    """Draw people from a log-linear model: strata differ in size and coverage, and pairs of lists depend.

    Parameters
    ----------
    regions, ages, sexes, years : int
        Numbers of levels.
    seed : int
        Of the simulation.
    """
    sizes = (regions, ages, sexes, years)
    levels = {
        name: tuple(f"{name[0]}{k + 1:02d}" if name != "year" else str(2021 + k) for k in range(size))
        for name, size in zip(COVARIATES, sizes, strict=True)
    }
    rng = np.random.default_rng(seed)
    codes = np.indices(sizes).reshape(len(sizes), -1)
    # main effects, a little of every pair of covariates together, and a deviation of each stratum
    log_share = sum(rng.normal(0, 0.4, size)[code] for size, code in zip(sizes, codes, strict=True))
    for a, b in combinations(range(len(sizes)), 2):
        log_share = log_share + rng.normal(0, 0.15, (sizes[a], sizes[b]))[codes[a], codes[b]]
    log_share = log_share + rng.normal(0, 0.15, codes.shape[1])
    log_odds = rng.normal(-2.72, 0.4, len(LISTS)) + sum(
        rng.normal(0, 0.3, (size, len(LISTS)))[code] for size, code in zip(sizes, codes, strict=True)
    )
    member = np.array(list(product((0, 1), repeat=len(LISTS))))
    pairs = np.array([member[:, a] * member[:, b] for a, b in combinations(range(len(LISTS)), 2)]).T
    joint = pairs @ rng.normal(0.4, 0.5, pairs.shape[1])
    cells = np.exp(log_share[:, None] + log_odds @ member.T + joint)
    return NationalTruth(levels, rng.poisson(PEOPLE_PER_STRATUM * len(cells) * cells / cells.sum()))


def write_national(folder: Path, truth: NationalTruth) -> None:
    """Write study.toml, table.csv and truth.json, into a folder that must not exist."""
    folder.mkdir(parents=True)
    sections = [f'[lists.{name}]\nlabel = "List {name}"' for name in LISTS]
    sections += [
        f"[covariates.{name}]\nlabel = {json.dumps(name)}\nlevels = {json.dumps(levels)}"
        + ("\nordered = true" if name == "year" else "")
        for name, levels in truth.levels.items()
    ]
    sections += ['[groups.total]\nlabel = "Everybody"']
    sections += [
        f'[groups.{name}]\nlabel = "{covariate} {name}"\nwhere = {{ {covariate} = "{name}" }}'
        for covariate, names in truth.levels.items()
        if covariate != "year"
        for name in names
    ]
    sections += ['[period]\ncovariate = "year"'] if len(truth.levels["year"]) > 1 else []
    study = _STUDY.format(strata=f"{len(truth.counts):,}")
    (folder / "study.toml").write_text("\n".join([study, *sections]) + "\n")
    (folder / "truth.json").write_text(json.dumps(truth.by_level, indent=2) + "\n")
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*truth.levels, *LISTS, "count"])
        histories = list(product((0, 1), repeat=len(LISTS)))
        for stratum, row in zip(product(*truth.levels.values()), truth.counts.tolist(), strict=True):
            for history, count in zip(histories, row, strict=True):
                if count and any(history):
                    writer.writerow([*stratum, *history, count])
