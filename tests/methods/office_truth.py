"""Tables as an office gives them: people of unknown sex, and counts below five suppressed; and the people behind them.

Run as ``python -m tests.methods.office_truth --simulations 30``; it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from estimator.capture.declaration import Covariate, Declaration
from estimator.capture.histories import membership
from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.study.questions import Group, Label, ModelSettings
from estimator.study.study import Study
from tests.methods.model_examples import read
from tests.methods.registers_truth import Held, held_of

LISTS, SEXES, YEARS = ("A", "B", "C", "D"), ("f", "m"), ("2021", "2022", "2023")
ON = membership(len(LISTS)).astype(np.float64)
LEAST_SHOWN = 5
GROUPS = {
    "total": {},
    "women": {"sex": ("f",)},
    "men": {"sex": ("m",)},
    "women 2023": {"sex": ("f",), "year": ("2023",)},
    "men 2023": {"sex": ("m",), "year": ("2023",)},
}


def simulated_people(seed: int) -> np.ndarray:
    """Return people by sex, year and history, those on no list included, shape (2, 3, 16).

    Log odds ratios of pairs are Normal(0.25, 0.4); coverage differs between sexes and years, the dark figure too.
    """
    rng = np.random.default_rng([seed, 41])
    pairs = list(combinations(range(len(LISTS)), 2))
    together = np.stack([ON[:, list(pair)].prod(axis=1) for pair in pairs], axis=1) @ rng.normal(0.25, 0.4, len(pairs))
    coverage = rng.normal(-2.0, 0.3, len(LISTS))
    of_sex, of_year = rng.normal(0, 0.25, (2, len(LISTS))), rng.normal(0, 0.15, (3, len(LISTS)))
    unseen = rng.uniform(250, 700, (2, 3))
    log_odds = (coverage + of_sex[:, None] + of_year[None]) @ ON.T
    return rng.poisson(unseen[:, :, None] * np.exp(log_odds + together))


def lost(people: np.ndarray, seed: int) -> np.ndarray:
    """Return of how many of them the sex is unknown: 15 %, otherwise for every history and year, shape of `people`."""
    rng = np.random.default_rng([seed, 42])
    share = 0.15 * np.exp(rng.normal(-0.08, 0.4, people.shape[1:]))
    return rng.binomial(people, np.minimum(share, 0.6))


def table_of(people: np.ndarray, without_sex: np.ndarray, *, suppress: bool) -> str:
    """Return the table in the long layout; zeros are left out."""
    rows = [",".join(["sex", "year", *LISTS, "count"])]
    known = people - without_sex
    for year, level in enumerate(YEARS):
        for history in range(1, len(ON)):
            lists = ",".join(str(int(on)) for on in ON[history])
            for sex, count in zip(
                (*SEXES, ""), (*known[:, year, history], without_sex[:, year, history].sum()), strict=True
            ):
                if count:
                    shown = ".." if suppress and count < LEAST_SHOWN else count
                    rows.append(f"{sex},{level},{lists},{shown}")
    return "\n".join(rows) + "\n"


def intervals(text: str, seed: int) -> dict[str, list[float]]:
    """Return median and 95 % limits of every group."""
    covariates = (Covariate("sex", SEXES), Covariate("year", YEARS, ordered=True))
    table = read(text, Declaration(LISTS, covariates, suppressed_below=LEAST_SHOWN))
    groups = [Group(name, Label(name), where) for name, where in GROUPS.items() if where]
    study = Study.of_table(table, model=ModelSettings.for_covariates(["sex", "year"]), groups=groups)
    found = estimate(study, beside=(), sampler=SamplerSettings(draws=500, warmup=500, chains=2, cores=1, seed=seed))
    return {name: [group.N.median, group.N.lower, group.N.upper] for name, group in found.groups.items()}


def simulation(seed: int) -> dict[str, Any]:
    """Return the people of every group, and what is said of them from the office's table and from a complete one."""
    people = simulated_people(seed)
    by_stratum = people.sum(axis=2)
    truth = {
        "total": by_stratum.sum(),
        "women": by_stratum[0].sum(),
        "men": by_stratum[1].sum(),
        "women 2023": by_stratum[0, 2],
        "men 2023": by_stratum[1, 2],
    }
    nobody = np.zeros_like(people)
    return {
        "truth": {name: int(number) for name, number in truth.items()},
        "office": intervals(table_of(people, lost(people, seed), suppress=True), seed),
        "complete": intervals(table_of(people, nobody, suppress=False), seed),
    }


def held(results: list[dict[str, Any]], way: str, group: str) -> Held:
    """Return how the estimates of a group do, from the office's tables or from complete ones."""
    return held_of([one[way][group] for one in results], [one["truth"][group] for one in results])


def main() -> None:
    """Simulate, going on where it was stopped, and print how often the truth was held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=30)
    parser.add_argument("--kept", type=Path, default=Path("office-truth.jsonl"))
    options = parser.parse_args()
    lines = options.kept.read_text().splitlines() if options.kept.exists() else []
    for seed in range(len(lines) + 1, options.simulations + 1):
        lines.append(json.dumps(simulation(seed)))
        options.kept.write_text("\n".join(lines) + "\n")
    results = [json.loads(line) for line in lines]
    for way in ("office", "complete"):
        for group in GROUPS:
            found = held(results, way, group)
            beside = f"median over truth {found.median:.3f}, width over truth {found.width:.2f}"
            print(f"{way:9} {group:11} held in {found.inside} of {len(results)}; {beside}")


if __name__ == "__main__":
    main()
