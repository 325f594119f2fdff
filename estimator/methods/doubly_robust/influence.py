"""The size of a population from two lists that are independent given covariates, by its efficient influence function.

Among registered people with covariates x let q1 and q2 be the chances of being on each of the two lists, and q12 on
both. When the lists are independent given x, a registered person with x stands for

    1 / gamma(x)  =  q1 q2 / q12

people. These chances are learned, and a mean of the ratio would take over whatever is wrong with them. The mean of

    phi  =  (q1 q2 / q12) (Y1 / q1  +  Y2 / q2  -  Y1 Y2 / q12)

over registered people does not: what is wrong with the chances enters it as a product of errors only, so that learners
may be slow to learn and the interval still holds. Chances of a person are learned of others only (cross-fitting). With
the shares of each stratum as chances, the sum of phi is n1 n2 / n12 of every stratum: Lincoln and Petersen's.

References
----------
Das, Kennedy & Jewell (2023), Biometrika, doi 10.1093/biomet/asad091 (arXiv 2104.14091); the package drpop. Splits:
Chernozhukov and others (2018), Econometrics Journal 21:C1, section 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST, SECOND, BOTH, NEITHER = range(4)
"""Columns of people: on the first list only, on the second only, on both, and on other lists only."""

LEAST = 0.005
"""Of the chance to be on both lists, as in drpop: below, one person would stand for hundreds."""


@dataclass(frozen=True, eq=False)
class Influence:
    """Sums over the people of every stratum, shape (S,).

    Parameters
    ----------
    size, square : ndarray
        Of phi, the estimated number of people, and of its square.
    plug_in : ndarray
        Of 1 / gamma: what the learned chances alone say.
    thin : float
        Registered people in whose stratum the chance to be on both lists was learned to be less than `LEAST`.
    """

    size: Floats
    square: Floats
    plug_in: Floats
    thin: float

    @property
    def variance(self) -> Floats:
        """Of each stratum's size, people of the population being registered by chance: sum of phi^2 less the size."""
        return self.square - self.size


@dataclass(frozen=True, eq=False)
class Robust:
    """The estimate of every stratum, over several ways to split people.

    Parameters
    ----------
    size, variance : ndarray, shape (S,)
        People, and how sure that is; a stratum may come out below its registered people, the more so the fewer it has.
    total_variance : float
        Of everybody together.
    plug_in : float
        Everybody, by the learned chances alone.
    thin : float
        As in `Influence`.
    """

    size: Floats
    variance: Floats
    total_variance: float
    plug_in: float
    thin: float


def influence(people: Ints, chances: Floats, least: float = LEAST) -> Influence:
    """Return the sums over people whose chances have been learned of others.

    Parameters
    ----------
    people : ndarray of int, shape (S, 4)
    chances : ndarray, shape (S, 4)
        Of each stratum's people to be in each column.
    least : float
        That the chance to be on both lists may be.
    """
    both = np.maximum(chances[:, BOTH], least)
    first, second = chances[:, FIRST] + both, chances[:, SECOND] + both
    stands_for = first * second / both
    phi = np.stack([second / both, first / both, (first + second - stands_for) / both, np.zeros_like(both)], axis=1)
    registered = people.sum(axis=1)
    return Influence(
        (people * phi).sum(axis=1),
        (people * phi**2).sum(axis=1),
        registered * stands_for,
        float(registered[chances[:, BOTH] < least].sum()),
    )


def folds_of(people: Ints, folds: int, rng: np.random.Generator) -> list[Ints]:
    """Split people at random into parts that are equally large.

    Cells are not dealt out evenly: shares of a part that resemble those of the others would be known beforehand, and
    chances learned of the others would fit it too well.

    Parameters
    ----------
    people : ndarray of int, shape (S, 4)
    """
    left, parts = people.reshape(-1), []
    for still in range(folds, 1, -1):
        part = rng.multivariate_hypergeometric(left, int(left.sum()) // still, method="marginals")
        parts.append(part.reshape(people.shape))
        left = left - part
    return [*parts, left.reshape(people.shape)]


def added(parts: Sequence[Influence]) -> Influence:
    """Return the sums over the people of several parts."""
    return Influence(
        np.sum([part.size for part in parts], axis=0),
        np.sum([part.square for part in parts], axis=0),
        np.sum([part.plug_in for part in parts], axis=0),
        sum(part.thin for part in parts),
    )


def averaged(splits: Sequence[Influence]) -> Robust:
    """Return the mean over splits; that they differ counts as uncertainty."""
    sizes = np.stack([split.size for split in splits])
    variance = np.mean([split.variance for split in splits], axis=0)
    return Robust(
        sizes.mean(axis=0),
        np.maximum(variance + sizes.var(axis=0), 0.0),
        max(float(variance.sum() + sizes.sum(axis=1).var()), 0.0),
        float(np.mean([split.plug_in.sum() for split in splits])),
        float(np.mean([split.thin for split in splits])),
    )
