"""Simulated people whose chances no log-linear model of the covariates describes, and how often intervals hold them.

    python -m tests.methods.doubly_robust_truth [--tables 100] [--people 5000,20000]

makes the table in docs/doubly-robust.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.methods.doubly_robust.influence import averaged, influence
from estimator.methods.doubly_robust.learners import (
    STACKED,
    Features,
    by_logistic,
    estimated,
    features_of,
)
from estimator.methods.doubly_robust.method import RobustTotal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COVARIATES = (
    Covariate("age", tuple(f"{number}" for number in range(12))),
    Covariate("region", tuple(f"{number}" for number in range(8))),
    Covariate("sex", ("f", "m")),
)


def _grid(covariates: Sequence[Covariate]) -> list[Floats]:
    """Return age and region between -1 and 1 and sex as 0 and 1, of every stratum; 0 for what is not there."""
    ends = [np.linspace(-1, 1, 12), np.linspace(-1, 1, 8), np.arange(2.0)]
    some = [ends[at] if at < len(covariates) else np.zeros(1) for at in range(3)]
    return [values.ravel() for values in np.meshgrid(*some, indexing="ij")]


def _chances(covariates: Sequence[Covariate]) -> tuple[Floats, Floats]:
    """Return the chances to be on each list: young women and old men are seen, the young in half of the regions too."""
    age, region, sex = _grid(covariates)
    seen = np.sin(3 * age) * (1 - 2 * sex) + 1.2 * ((region > 0.2) & (age < 0))
    return 1 / (1 + np.exp(0.4 - 0.8 * seen)), 1 / (1 + np.exp(0.6 - 0.8 * seen))


def chances_of_truth(covariates: Sequence[Covariate] = COVARIATES) -> Floats:
    """Return the chances of registered people, shape (S, 4): see `estimator.methods.doubly_robust.influence`."""
    first, second = _chances(covariates)
    on = np.stack([first * (1 - second), (1 - first) * second, first * second, np.zeros_like(first)], axis=1)
    return np.asarray(on / on.sum(axis=1, keepdims=True))


def simulated(people: int, rng: np.random.Generator) -> Ints:
    """Return the registered of so many people, shape (S, 4)."""
    age, region, _ = _grid(COVARIATES)
    share = np.exp(-((age - 0.3) ** 2) + 0.5 * region * age)
    number = rng.multinomial(people, share / share.sum())
    first, second = _chances(COVARIATES)
    none = (1 - first) * (1 - second)
    on = np.stack([first * (1 - second), (1 - first) * second, first * second, none], axis=1)
    seen = rng.multinomial(number, on)
    seen[:, 3] = 0
    return seen


@dataclass(frozen=True)
class Held:
    """How often intervals of 95 % held the truth, of so many; mean and root mean square of what estimates are off."""

    held: int
    tables: int
    bias: float
    error: float
    width: float


def _log_linear(people: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Estimate by the log-linear model in which each list depends on each covariate, by maximum likelihood."""
    features = features_of(COVARIATES)
    alone = Features(features.places, features.columns[:, : 12 + 8 + 2])
    found = averaged([influence(people, by_logistic(people, alone, 1e4))])
    return found.plug_in, found.total_variance**0.5


def _without(people: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Estimate by Lincoln and Petersen, with the standard error of Sekar and Deming."""
    only_first, only_second, both, _ = people.sum(axis=0).tolist()
    first, second = only_first + both, only_second + both
    return first * second / both, (first * second * only_first * only_second / both**3) ** 0.5


def _with_truth(people: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Estimate with the true chances, which nobody has."""
    found = averaged([influence(people, chances_of_truth())])
    return float(found.size.sum()), found.total_variance**0.5


def _learned(people: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Estimate as the method does, but for people being split once and not three times."""
    found = estimated(people, features_of(COVARIATES), STACKED, 10, 1, rng).robust
    return float(found.size.sum()), found.total_variance**0.5


WAYS = {
    "no covariates": _without,
    "log-linear": _log_linear,
    "doubly-robust": _learned,
    "true chances": _with_truth,
}


def held(people: int, tables: int, seed: int, ways: Sequence[str] = ("log-linear", "doubly-robust")) -> dict[str, Held]:
    """Simulate tables and estimate them."""
    rng, found = np.random.default_rng(seed), {way: [] for way in ways}  # type: ignore[var-annotated]
    for _ in range(tables):
        table = simulated(people, rng)
        registered = int(table.sum())
        for way in ways:
            size, error = WAYS[way](table, rng)
            total = RobustTotal(registered, size, error, size, size, size, 0.0, 0.0)
            found[way].append((size, *total.limits(np.array([0.025, 0.975]), "log-normal")))
    sums = {}
    for way, rows in found.items():
        size, lower, upper = np.array(rows).T
        off = size / people - 1
        inside = int(((lower <= people) & (people <= upper)).sum())
        sums[way] = Held(inside, tables, off.mean(), (off**2).mean() ** 0.5, float(np.mean((upper - lower) / people)))
    return sums


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.methods.doubly_robust_truth")
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--people", default="5000,20000")
    options = parser.parse_args()
    print("| people | way | bias | root mean square error | width of 95 % | holds the truth |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    for people in map(int, options.people.split(",")):
        for way, found in held(people, options.tables, people, tuple(WAYS)).items():
            print(
                f"| {people:,} | {way} | {found.bias:+.1%} | {found.error:.1%} | {found.width:.1%} "
                f"| {found.held} of {found.tables} |"
            )


if __name__ == "__main__":
    main()
