"""Populations of known size, seen by lists of known size, for judging intervals: how dependence and the like are made.

The intercepts of every list are solved for, so that it covers the share of the population that the scenario says,
whatever the dependence (`estimator.calibration.list_sizes`): a scenario differs from another in what it
names and in nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.list_sizes import history_chances
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.methods.registry import method_named
from estimator.methods.shape import counted, plain_shape
from estimator.seeds import stream
from estimator.study.priors import Priors

Floats = NDArray[np.float64]

Dependence = Literal["none", "evidence", "one pair", "all pairs"]
DEPENDENCES: tuple[Dependence, ...] = ("none", "one pair", "all pairs", "evidence")
ONE_PAIR, ALL_PAIRS = math.log(10), math.log(2)
"""Log odds ratio of the first two lists in the scenario "one pair", and of every two in "all pairs"."""

CAPTURABILITY = 1.0
"""Standard deviation of individual capturability, on the log odds, in scenarios with heterogeneity."""

_SHARES = {"even": (0.1, 0.1), "one large": (0.4, 0.05), "all small": (0.03, 0.03)}
"""Share of the population on the first list and on each of the others."""

PEOPLE, LISTS, SIZES = (500, 5_000, 50_000), (3, 4, 5, 6), tuple(_SHARES)
_EVIDENCE_OF = "loglinear"  # the method whose terms the evidence prior is about
_USUAL = ("even", 5, 5_000)


@dataclass(frozen=True)
class Scenario:
    """A kind of population and lists.

    Parameters
    ----------
    dependence : {"none", "evidence", "one pair", "all pairs"}
        ``evidence``: log odds ratios and residual dependence are drawn from the evidence prior, anew for each table.
    sizes : str
        How large the lists are, in words.
    shares : tuple of float
        Share of the population on each list.
    capturability : float
        Standard deviation between individuals of the log odds of being on a list.
    """

    dependence: Dependence
    sizes: str
    shares: tuple[float, ...]
    people: int
    capturability: float = 0.0

    @property
    def name(self) -> str:
        """Short and unique: ``"one pair; even; 5 lists; 5,000 people"``."""
        parts = [self.dependence, self.sizes, f"{len(self.shares)} lists", f"{self.people:,} people"]
        return "; ".join(parts + (["unequal"] if self.capturability else []))

    def record(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Scenario:
        """Return the scenario of a record."""
        return cls(**{**record, "shares": tuple(record["shares"])})


def scenario(dependence: Dependence, sizes: str, lists: int, people: int, capturability: float = 0.0) -> Scenario:
    """Return one scenario of the grid.

    Parameters
    ----------
    dependence : {"none", "evidence", "one pair", "all pairs"}
    sizes : {"even", "one large", "all small"}
    """
    first, other = _SHARES[sizes]
    return Scenario(dependence, sizes, (first, *[other] * (lists - 1)), people, capturability)


def whole_grid() -> tuple[Scenario, ...]:
    """Return every combination: 4 kinds of dependence, 2 of individuals, 3 of list sizes, 3 populations, 3-6 lists."""
    every = product(DEPENDENCES, (0.0, CAPTURABILITY), SIZES, PEOPLE, LISTS)
    return tuple(scenario(dependence, sizes, lists, people, sd) for dependence, sd, sizes, people, lists in every)


def main_grid() -> tuple[Scenario, ...]:
    """Return the default part of the grid: cases that differ from the usual case in one thing.

    Returns
    -------
    tuple of Scenario
        The usual case (five even lists, 5,000 people) under every dependence with and without individual
        capturability; and for independence and for dependence as in the evidence, every other list size, population
        and number of lists.
    """
    return tuple(dict.fromkeys(_main_grid()))


def _main_grid() -> Iterator[Scenario]:
    sizes, lists, people = _USUAL
    usual: tuple[Dependence, ...] = ("none", "evidence")
    for sd, kind in product((0.0, CAPTURABILITY), DEPENDENCES):
        yield scenario(kind, sizes, lists, people, sd)
    yield from (scenario(kind, other, lists, people) for other, kind in product(SIZES, usual))
    yield from (scenario(kind, sizes, lists, other) for other, kind in product(PEOPLE, usual))
    yield from (scenario(kind, sizes, other, people) for other, kind in product(LISTS, usual))


def like_study(table: CaptureTable) -> tuple[Scenario, ...]:
    """Return scenarios with the number and sizes of a study's lists, and about as many people.

    Returns
    -------
    tuple of Scenario
        Under every dependence. The population is the one at which independent lists of these sizes would register as
        many people as they do (Darroch 1958, Biometrika 45:343): a rough number, only to have the right order. None
        when there is no such number, because lists hardly overlap.
    """
    registered = _middle(table.registered.lower, table.registered.upper)
    sizes = [_middle(size.lower, size.upper) for size in table.list_sizes().values()]
    people = independent_size(registered, sizes)
    if people is None:
        return ()
    shares = tuple(size / people for size in sizes)
    return tuple(Scenario(dependence, "as the study", shares, people) for dependence in DEPENDENCES)


def _middle(lower: int, upper: int) -> float:
    return float(lower) if upper == UNBOUNDED else (lower + upper) / 2


def independent_size(registered: float, sizes: Sequence[float]) -> int | None:
    """Return N at which independent lists of some sizes register a number of people: ``1 - R/N = prod(1 - n_l/N)``.

    Parameters
    ----------
    registered : float
        R, people on any list.
    sizes : sequence of float
        n_l, people on each.

    Returns
    -------
    int or None
        None when there are no overlaps, or a list has nobody, or one has everybody.
    """
    on_list = np.array(sizes, dtype=np.float64)
    if on_list.sum() <= registered or on_list.min() <= 0 or on_list.max() >= registered:
        return None
    low, high = registered, registered * 1e6

    def too_few(people: float) -> bool:
        return math.log1p(-registered / people) < np.log1p(-on_list / people).sum() if people > registered else True

    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if too_few(middle) else (low, middle)
    return max(int(round(low)), int(registered) + 1)


def simulated_table(case: Scenario, seed: int, evidence: Priors | None = None) -> CaptureTable:
    """Return a table of a scenario.

    Parameters
    ----------
    evidence : Priors, optional
        From which dependence is drawn where the scenario says so.

    Returns
    -------
    CaptureTable
        One stratum; lists are called A, B, C ….
    """
    rng = stream(seed, "scenario")
    shape = plain_shape(len(case.shares))
    theta, residual = dependence_of(case, int(rng.integers(2**31)), evidence)
    chances = history_chances(np.array(case.shares), theta, residual, case.capturability)
    return counted(shape.table, rng.multinomial(case.people, chances)[None])


def dependence_of(case: Scenario, seed: int, evidence: Priors | None) -> tuple[Floats, float]:
    """Return the log odds ratios of all pairs of lists, and the residual dependence, of one table of a scenario."""
    n_lists = len(case.shares)
    n_pairs = n_lists * (n_lists - 1) // 2
    if case.dependence != "evidence":
        strength = {"none": 0.0, "all pairs": ALL_PAIRS}.get(case.dependence, 0.0)
        theta = np.full(n_pairs, strength)
        theta[0] = ONE_PAIR if case.dependence == "one pair" else strength
        return theta, 0.0
    if evidence is None:
        raise ValueError("dependence is to be drawn from priors, and none are given")
    return method_named(_EVIDENCE_OF).dependence_drawn(n_lists, evidence, seed)
