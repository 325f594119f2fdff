"""Records of known people with everything that is wrong with registers, and whether 95 % intervals hold the truth.

Run as ``python -m tests.methods.registers_truth --simulations 100``: it keeps each simulation in a file and goes on
where it was stopped. Nothing of the model's own arithmetic of errors is used: people are drawn one by one.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from estimator.capture.declaration import Covariate, Declaration
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.study.questions import FalsePositives, Group, Label, LinkageErrors, ModelSettings
from estimator.study.study import Study
from tests.methods.model_examples import read

YEARS, SEXES, LISTS = ("2021", "2022", "2023"), ("f", "m"), ("A", "B", "C")
PEOPLE = {
    ("2021", "f"): 1500,
    ("2021", "m"): 700,
    ("2022", "f"): 1700,
    ("2022", "m"): 800,
    ("2023", "f"): 2000,
    ("2023", "m"): 800,
}
COVERAGE = {"f": (0.16, 0.12, 0.10), "m": (0.10, 0.14, 0.08)}
UNKNOWN_SEX = {"2021": 0.30, "2022": 0.20, "2023": 0.10}
MISSED, FALSE = 0.05, 0.30
DECLARED = {
    "false_positives": (FalsePositives("C", (0.25, 0.35), reason="followed up"),),
    "linkage_errors": (LinkageErrors((), (0.03, 0.08), reason="clerical review"),),
}
GROUPS = [Group("women", Label("women"), {"sex": ("f",)}), Group("men", Label("men"), {"sex": ("m",)})]


def entries_of_person(seen: list[str], rng: np.random.Generator) -> Iterator[frozenset[str]]:
    """Yield the entries of one person: her records, of which each pair is linked unless it is missed."""
    parts = [{name} for name in seen]
    for first, second in combinations(seen, 2):
        if rng.random() >= MISSED:
            one, other = (next(part for part in parts if name in part) for name in (first, second))
            if one is not other:
                parts.remove(other)
                one |= other
    yield from map(frozenset, parts)


def simulated_records(seed: int) -> tuple[str, dict[str, int]]:
    """Return a table of entries with all their faults, and the true number of people of every group."""
    rng = np.random.default_rng([seed, 16])
    counted: Counter[tuple[str, str, frozenset[str]]] = Counter()
    truth: Counter[str] = Counter()
    for (year, sex), expected in PEOPLE.items():
        people = rng.poisson(expected)
        truth.update({"total": people, "women" if sex == "f" else "men": people})
        found: list[frozenset[str]] = []
        for row in rng.random((people, len(LISTS))) < COVERAGE[sex]:
            found += entries_of_person([name for name, on in zip(LISTS, row, strict=True) if on], rng)
        on_c = sum("C" in entry for entry in found)
        found += [frozenset("C")] * rng.poisson(on_c * FALSE / (1 - FALSE))
        for entry in found:
            counted[year, "" if rng.random() < UNKNOWN_SEX[year] else sex, entry] += 1
    rows = [",".join(["year", "sex", *LISTS, "count"])]
    for (year, sex, entry), number in sorted(counted.items(), key=str):
        rows.append(",".join([year, sex, *("1" if name in entry else "0" for name in LISTS), str(number)]))
    return "\n".join(rows) + "\n", dict(truth)


def intervals_of(text: str, declared: bool, seed: int) -> dict[str, list[float]]:
    """Return median and 95 % limits of every group, with or without what is known of the faults."""
    covariates = (Covariate("year", YEARS, ordered=True), Covariate("sex", SEXES))
    table = read(text, Declaration(LISTS, covariates))
    model = ModelSettings.for_covariates(["year", "sex"], priors="independence")
    study = Study.of_table(table, groups=GROUPS, model=replace(model, **DECLARED) if declared else model)
    found = estimate(study, beside=(), sampler=SamplerSettings(draws=500, warmup=500, chains=2, cores=1, seed=seed))
    return {name: [group.N.median, group.N.lower, group.N.upper] for name, group in found.groups.items()}


def simulation(seed: int) -> dict[str, Any]:
    """Return the truth of one simulation and what is said of it both ways."""
    text, truth = simulated_records(seed)
    return {"truth": truth, "declared": intervals_of(text, True, seed), "as-is": intervals_of(text, False, seed)}


class Held(NamedTuple):
    """How estimates do beside the truth: intervals that hold it, and mean middles and widths as parts of it."""

    inside: int
    median: float
    width: float


def held_of(limits: ArrayLike, truth: ArrayLike) -> Held:
    """Return how medians and 95 % limits, a row for each simulation, do beside the truth."""
    median, lower, upper = np.asarray(limits, np.float64).T
    true = np.asarray(truth, np.float64)
    inside = (lower <= true) & (true <= upper)
    return Held(int(inside.sum()), float((median / true).mean()), float(((upper - lower) / true).mean()))


def held(results: list[dict[str, Any]]) -> dict[tuple[str, str], Held]:
    """Return how the estimates of every group do, with the declarations and without."""
    return {
        (way, name): held_of([one[way][name] for one in results], [one["truth"][name] for one in results])
        for way in ("declared", "as-is")
        for name in ("total", "women", "men")
    }


def main() -> None:
    """Simulate, going on where it was stopped, and print how often the truth was held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=100)
    parser.add_argument("--kept", type=Path, default=Path("registers-truth.jsonl"))
    options = parser.parse_args()
    lines = options.kept.read_text().splitlines() if options.kept.exists() else []
    for seed in range(len(lines) + 1, options.simulations + 1):
        lines.append(json.dumps(simulation(seed)))
        options.kept.write_text("\n".join(lines) + "\n")
    for (way, name), found in held([json.loads(line) for line in lines]).items():
        beside = f"median over truth {found.median:.3f}, width over truth {found.width:.2f}"
        print(f"{way:9} {name:6} held in {found.inside} of {len(lines)}; {beside}")


if __name__ == "__main__":
    main()
