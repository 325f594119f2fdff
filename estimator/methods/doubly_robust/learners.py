"""How the chances to be on each list are learned of people with other covariates, with scikit-learn.

People of a stratum and column are one row with a weight, so that what is learned costs the same for a hundred people
and for a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.methods.door import Progress
from estimator.methods.doubly_robust.influence import Robust, added, averaged, folds_of, influence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STACKED, FOREST, LOGISTIC, STRATA = "stacked", "forest", "logistic", "strata"
"""Learners: a mixture of the next two, trees on random people, a multinomial logistic regression, and no learning."""

_TREES = 40
_LEAVES = (20.0, 60.0, 180.0)  # people of the smallest leaf: what depends on few people, and what only on many
_BORROWED = 5.0  # people that a leaf borrows of everybody: without them chances would be learned to be nought
_PENALTIES = (0.03, 0.3, 3.0)  # C of scikit-learn: how much effects may differ from zero
_ROUNDS = 200
_LEAST = 1e-9  # of a chance whose logarithm is taken


@dataclass(frozen=True, eq=False)
class Features:
    """The covariates of every stratum, as numbers.

    Parameters
    ----------
    places : ndarray, shape (S, P)
        The place of each covariate's level in its declared order.
    columns : ndarray, shape (S, C)
        One column for each level, and for each combination of levels of two covariates.
    """

    places: Floats
    columns: Floats


def features_of(covariates: Sequence[Covariate]) -> Features:
    """Return the features of all strata, in C order of the covariates."""
    sizes = [len(covariate.levels) for covariate in covariates]
    places = np.stack(np.unravel_index(np.arange(int(np.prod(sizes))), sizes), axis=1)
    alone = [places[:, [at]] == np.arange(size) for at, size in enumerate(sizes)]
    pairs = [
        (first[:, :, None] & second[:, None, :]).reshape(len(places), -1)
        for first, second in combinations([columns for columns in alone if columns.shape[1] > 1], 2)
    ]
    return Features(places.astype(np.float64), np.concatenate([*alone, *pairs], axis=1).astype(np.float64))


def shares(people: Ints) -> Floats:
    """Return the shares of every stratum; a stratum without people has the shares of everybody."""
    together = people.sum(axis=0) / people.sum()
    size = people.sum(axis=1, keepdims=True)
    return np.asarray(np.where(size > 0, people / np.maximum(size, 1), together))


def by_logistic(people: Ints, features: Features, penalty: float) -> Floats:
    """Learn chances by a multinomial logistic regression on levels and pairs of levels, effects held near zero."""
    from sklearn.linear_model import LogisticRegression

    stratum, column = np.nonzero(people)
    if len(np.unique(column)) == 1:
        return shares(people)
    # effects are learned per person, so that the same C means the same for a small and for a large table
    fitted = LogisticRegression(C=penalty, max_iter=500, tol=1e-5)
    fitted.fit(features.columns[stratum], column, sample_weight=people[stratum, column].astype(np.float64))
    chances = np.zeros(people.shape)
    chances[:, fitted.classes_] = fitted.predict_proba(features.columns)
    return chances


def by_forest(people: Ints, features: Features, leaf: float, rng: np.random.Generator) -> Floats:
    """Learn chances by trees, each grown on people drawn with replacement (Breiman 2001, Machine Learning 45:5)."""
    from sklearn.tree import DecisionTreeRegressor

    number = int(people.sum())
    expected = people.reshape(-1) / number
    tried = max(1, round(features.places.shape[1] * 2 / 3))
    chances = np.zeros(people.shape)
    for tree_seed in rng.integers(2**31, size=_TREES).tolist():
        drawn = rng.multinomial(number, expected).reshape(people.shape)
        weight = drawn.sum(axis=1)
        there = weight > 0
        tree = DecisionTreeRegressor(
            min_weight_fraction_leaf=min(0.5, leaf / number), max_features=tried, random_state=tree_seed
        )
        tree.fit(features.places[there], drawn[there] / weight[there, None], sample_weight=weight[there])
        leaf_of = tree.apply(features.places)
        inside = np.stack([np.bincount(leaf_of, weights=drawn[:, k]) for k in range(people.shape[1])], axis=1)
        inside += _BORROWED * people.sum(axis=0) / number
        chances += (inside / inside.sum(axis=1, keepdims=True))[leaf_of]
    return chances / _TREES


@dataclass(frozen=True, eq=False)
class Learned:
    """The estimate with learned chances.

    Parameters
    ----------
    forest : float
        The share of trees in the chances; not a number where nothing was learned.
    """

    robust: Robust
    forest: float


def estimated(
    people: Ints,
    features: Features,
    learner: str,
    folds: int,
    repeats: int,
    rng: np.random.Generator,
    progress: Progress = lambda done, total: None,
) -> Learned:
    """Estimate the people of every stratum.

    Parameters
    ----------
    people : ndarray of int, shape (S, 4)
        See `estimator.methods.doubly_robust.influence`.
    folds, repeats : int
        Parts that people are split into, and how often they are split.
    """
    if learner == STRATA:
        # the shares of a stratum are its own: there is nothing that another part of the people could say
        return Learned(averaged([influence(people, shares(people), least=0.0)]), float("nan"))
    splits = [folds_of(people, folds, rng) for _ in range(repeats)]
    parts, found = np.array([part for split in splits for part in split]), []
    with _one_thread():
        for part in parts:
            found.append(_candidates(people - part, features, learner, rng))
            progress(len(found), len(parts))
    learned = np.stack(found, axis=1)
    weight = mixture_weights(parts, learned)
    chances = np.tensordot(weight, learned, axes=1)
    sums = [influence(part, held) for part, held in zip(parts, chances, strict=True)]
    by_split = [added(sums[at : at + folds]) for at in range(0, len(sums), folds)]
    return Learned(averaged(by_split), float(weight[: _forests(learner)].sum()))


def _one_thread() -> AbstractContextManager[Any]:
    """Keep linear algebra to one thread: on tables of this size several wait for each other."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


def _forests(learner: str) -> int:
    """Return how many candidates are forests; they come first."""
    return 0 if learner == LOGISTIC else len(_LEAVES)


def _candidates(people: Ints, features: Features, learner: str, rng: np.random.Generator) -> Floats:
    """Return chances as each candidate learns them, shape (M, S, 4)."""
    forests = [by_forest(people, features, leaf, rng) for leaf in _LEAVES[: _forests(learner)]]
    logistic = [] if learner == FOREST else [by_logistic(people, features, penalty) for penalty in _PENALTIES]
    return np.stack([*forests, *logistic])


def mixture_weights(parts: Ints, learned: Floats) -> Floats:
    """Return the mixture of candidates under which people whose chances were learned of others are most likely.

    A few weights, learned of everybody, are too little to be learned by heart (van der Laan, Polley & Hubbard 2007,
    Statistical Applications in Genetics and Molecular Biology 6:25).

    Parameters
    ----------
    parts : ndarray of int, shape (F, S, 4)
    learned : ndarray, shape (M, F, S, 4)
        Chances of each part, learned of the others, by candidate.
    """
    weight = np.full(len(learned), 1 / len(learned))
    for _ in range(_ROUNDS):
        ratio = parts / np.maximum(np.tensordot(weight, learned, axes=1), _LEAST)
        weight = weight * (learned * ratio).sum(axis=(1, 2, 3))
        weight /= weight.sum()
    return weight
