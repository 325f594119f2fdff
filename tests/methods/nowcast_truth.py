"""A study of five years whose last register has not delivered the last year yet, and the same when it has.

Run as ``python -m tests.methods.nowcast_truth --simulations 100``; it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from estimator.capture.declaration import Covariate, Declaration, NotOperating
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.study.questions import ModelSettings, Period
from estimator.study.study import Study
from tests.methods.model_examples import read
from tests.methods.registers_truth import Held, held_of

YEARS, LISTS = ("2019", "2020", "2021", "2022", "2023"), ("A", "B", "C")
PEOPLE = (1500, 1700, 1600, 1900, 2000)
COVERAGE = ((0.14, 0.12, 0.10), (0.15, 0.11, 0.11), (0.13, 0.12, 0.12), (0.16, 0.13, 0.11), (0.15, 0.12, 0.12))


def simulated_counts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return people by year and history, those on no list included, and the people of each year."""
    rng = np.random.default_rng([seed, 5])
    counts = np.zeros((len(YEARS), 8), np.int64)
    for year, (expected, coverage) in enumerate(zip(PEOPLE, COVERAGE, strict=True)):
        seen = rng.random((rng.poisson(expected), 3)) < coverage
        counts[year] = np.bincount(seen @ (4, 2, 1), minlength=8)
    return counts, counts.sum(axis=1)


def table_of(counts: np.ndarray, withheld: bool) -> str:
    """Return the table, with the people of list C in the last year counted as if it had not run."""
    rows = [",".join(["year", *LISTS, "count"])]
    for year, level in enumerate(YEARS):
        kept = counts[year].copy()
        if withheld and year == len(YEARS) - 1:
            kept = np.array([0, 0, kept[2] + kept[3], 0, kept[4] + kept[5], 0, kept[6] + kept[7], 0])
        rows += [f"{level},{h >> 2},{h >> 1 & 1},{h & 1},{kept[h]}" for h in range(1, 8) if kept[h]]
    return "\n".join(rows) + "\n"


def interval_of_last_year(text: str, withheld: bool, seed: int) -> list[float]:
    """Return median and 95 % limits of the people of the last year."""
    pause = (NotOperating("C", {"year": YEARS[-1:]}, "not delivered yet"),) if withheld else ()
    covariate = Covariate("year", YEARS, ordered=True)
    table = read(text, Declaration(LISTS, (covariate,), not_operating=pause))
    model = ModelSettings.for_covariates(["year"], priors="independence")
    study = Study.of_table(table, model=model, period=Period("year", YEARS[-1:]))
    found = estimate(study, beside=(), sampler=SamplerSettings(draws=500, warmup=500, chains=2, cores=1, seed=seed))
    total = found.groups["total"].N
    return [total.median, total.lower, total.upper]


def simulation(seed: int) -> dict[str, Any]:
    """Return the people of the last year, and what is said of them before and after list C delivers."""
    counts, people = simulated_counts(seed)
    said = {
        way: interval_of_last_year(table_of(counts, withheld), withheld, seed)
        for way, withheld in (("withheld", True), ("delivered", False))
    }
    return {"truth": int(people[-1]), **said}


def held(results: list[dict[str, Any]], way: str) -> Held:
    """Return how the estimates of the last year do, before list C delivers or after."""
    return held_of([one[way] for one in results], [one["truth"] for one in results])


def main() -> None:
    """Simulate, going on where it was stopped, and print how often the truth was held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=100)
    parser.add_argument("--kept", type=Path, default=Path("nowcast-truth.jsonl"))
    options = parser.parse_args()
    lines = options.kept.read_text().splitlines() if options.kept.exists() else []
    for seed in range(len(lines) + 1, options.simulations + 1):
        lines.append(json.dumps(simulation(seed)))
        options.kept.write_text("\n".join(lines) + "\n")
    for way in ("withheld", "delivered"):
        found = held([json.loads(line) for line in lines], way)
        beside = f"median over truth {found.median:.3f}, width over truth {found.width:.2f}"
        print(f"{way:9} held in {found.inside} of {len(lines)}; {beside}")


if __name__ == "__main__":
    main()
