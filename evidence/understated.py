"""By how much lists held out understate the residual dependence, from populations in which the truth is known.

Populations of three families (normal, beta, few classes) get lists; a table of expected numbers is fitted as any other,
under the priors `evidence` without residual. What it implies of the people on no list is held against the truth, once
for all people and once for the people on each list: the same that `evidence.learning_residual` is learned from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.held_out_fits import thinned
from estimator.methods.loglinear.refit import refit
from estimator.methods.shape import counted, plain_shape
from estimator.study.priors import read_priors
from estimator.work.outcomes import Task
from evidence.differences import (
    People,
    beta_people,
    classes_of_people,
    missed_by_pairs,
    normal_people,
    on_one_list,
    shares_of_histories,
)
from evidence.learning_fits import BASE
from evidence.learning_residual import log_likelihood, log_profile

Floats = NDArray[np.float64]

FAMILIES = ("normal", "beta", "classes")
DIFFERENCES, COVERAGES, LISTS, REPEATS = (0.5, 1.0, 1.5), (0.03, 0.1, 0.3), (4, 5), 2
"""The grid: standard deviation of log odds between people, mean share on a list, lists, populations of each."""

SEEN = 2_000
"""Expected people on at least one list, and, of the lists held out, on that list."""

_BASE_SPREAD, _LOADING_SPREAD, _NOISE = 0.7, 0.3, 0.4
_SEED = 18_001
_CENTRES, _SIZES = np.linspace(-3, 4, 71), np.exp(np.linspace(math.log(0.1), math.log(4), 40))

ALL_PEOPLE = -1


@dataclass(frozen=True)
class Population:
    """One population of the grid.

    Parameters
    ----------
    differences : float
        Standard deviation of the log odds between people.
    coverage : float
        Mean share of people on a list.
    """

    family: str
    differences: float
    coverage: float
    lists: int
    repeat: int

    def shares(self) -> Floats:
        """Return the share of people with each history, shape (2^lists,).

        Lists differ in their odds, in how much the differences between people matter to them (a factor on theta) and,
        where people are of few classes, in each class.
        """
        from scipy.optimize import brentq

        rng = np.random.default_rng([_SEED, *self._place()])
        people = self._people(rng)
        base = _BASE_SPREAD * rng.standard_normal(self.lists)
        odds = base + np.exp(_LOADING_SPREAD * rng.standard_normal(self.lists)) * people.theta[:, None]
        if self.family == "classes":
            odds = odds + _NOISE * rng.standard_normal(odds.shape)

        def covered(by: float) -> float:
            """Return how far mean coverage is from what it is to be, when the log odds of all are moved by so much."""
            return float((people.weight @ (1 / (1 + np.exp(-(odds + by))))).mean()) - self.coverage

        return shares_of_histories(people, odds + float(brentq(covered, -40, 40)))

    def _place(self) -> tuple[int, ...]:
        return (
            FAMILIES.index(self.family),
            DIFFERENCES.index(self.differences),
            COVERAGES.index(self.coverage),
            self.lists,
            self.repeat,
        )

    def _people(self, rng: np.random.Generator) -> People:
        if self.family == "normal":
            return normal_people(self.differences)
        return (
            beta_people(self.differences)
            if self.family == "beta"
            else classes_of_people(self.differences, 2 + self.repeat % 2, rng)
        )


def populations() -> list[Population]:
    """Return the populations of the grid."""
    return [Population(*place) for place in product(FAMILIES, DIFFERENCES, COVERAGES, LISTS, range(REPEATS))]


def fits_asked_for() -> list[Task]:
    """Return the fits of all populations: of all people, and of the people on each list."""
    return [
        Task(key_of(population, held), "evidence.understated:fit_population", asdict(population) | {"held": held})
        for population in populations()
        for held in (ALL_PEOPLE, *range(population.lists))
    ]


def key_of(population: Population, held: int) -> str:
    """Return the name of a fit.

    Parameters
    ----------
    held : int
        Place of the list whose people are estimated; `ALL_PEOPLE` for all.
    """
    place = "/".join(str(value) for value in asdict(population).values())
    return f"differences/{place}/{'all' if held == ALL_PEOPLE else held}"


def fit_population(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Fit pairs of lists to the expected table of a population.

    Parameters
    ----------
    payload : mapping
        The fields of `Population`, and ``held``.

    Returns
    -------
    dict
        What `learning_residual.learn_residual` reads: ``unseen`` people, draws ``log_implied`` and ``scale``; and
        ``coverage``, ``delta`` and ``xi`` as `differences.missed_by_pairs` has them.
    """
    held = int(payload["held"])
    shares = Population(**{key: value for key, value in payload.items() if key != "held"}).shares()
    if held != ALL_PEOPLE:
        shares = on_one_list(shares, held)
    people = SEEN / (1 - shares[0]) if held == ALL_PEOPLE else SEEN
    missed = missed_by_pairs(shares)
    numbers = np.rint(people * shares).astype(np.int64)
    shape = plain_shape(int(math.log2(len(shares))))
    fitted = refit(counted(shape.table, numbers[None]), shape.model, read_priors(BASE, {"residual.form": "none"}))
    return {
        "unseen": int(numbers[0]),
        "log_implied": thinned(np.logaddexp.reduce(fitted.log_unseen, axis=-1)),
        "scale": thinned(fitted.values["dependence_scale"]),
        "coverage": missed.coverage,
        "delta": missed.delta,
        "xi": missed.xi,
    }


@dataclass(frozen=True)
class Residuals:
    """Centre and size of the residual, in units of the scale of the pairs, that populations call for."""

    centre: float
    size: float


def residuals_of(fits: Sequence[Mapping[str, Any]], weights: Floats) -> Residuals:
    """Return the centre and size under which the numbers of unseen people are most probable.

    Parameters
    ----------
    fits : sequence of mapping
        Results of `fit_population`.
    weights : ndarray, shape (n,)
    """
    profiles = np.array([log_profile(fit, 1) for fit in fits])
    value = np.array([log_likelihood(profiles, centre, _SIZES) @ weights for centre in _CENTRES])
    centre, size = np.unravel_index(int(np.argmax(value)), value.shape)
    return Residuals(float(_CENTRES[centre]), float(_SIZES[size]))


@dataclass(frozen=True)
class Understated:
    """What lists held out understate.

    Parameters
    ----------
    everybody, held_out : Residuals
        Of all people, and of the people on one list.
    """

    everybody: Residuals
    held_out: Residuals

    @property
    def centre(self) -> float:
        """What is to be added to a centre that was learned from lists held out."""
        return self.everybody.centre - self.held_out.centre

    @property
    def variance(self) -> float:
        """What is to be added to the square of a size that was learned from lists held out; not below 0."""
        return max(0.0, self.everybody.size**2 - self.held_out.size**2)


def understated_by(results: Mapping[str, Mapping[str, Any]], chosen: Sequence[Population]) -> Understated:
    """Return what lists held out understate in some populations, families weighing the same.

    Parameters
    ----------
    results : mapping of str to mapping
        Of the tasks of `fits_asked_for`, by their names.
    """
    families = [population.family for population in chosen]
    weight = np.array([1 / families.count(family) for family in families])
    everybody = residuals_of([results[key_of(population, ALL_PEOPLE)] for population in chosen], weight)
    held = [(p, place, w) for p, w in zip(chosen, weight, strict=True) for place in range(p.lists)]
    held_out = residuals_of(
        [results[key_of(p, place)] for p, place, _ in held], np.array([w / p.lists for p, _, w in held])
    )
    return Understated(everybody, held_out)
