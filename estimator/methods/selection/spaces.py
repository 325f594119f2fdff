"""The log-linear models among which is chosen: all with two-list terms, or all hierarchical ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import history_labels, list_bits

Ints = NDArray[np.int64]

TWO_LISTS, ANY_ORDER = "two-list", "any"
"""Which terms models may have: of two lists, or of any number but all lists together."""

MOST_LISTS = {TWO_LISTS: 6, ANY_ORDER: 5}
"""Up to here all models are fitted: 32,768 of six lists with two-list terms, 6,893 of five lists with terms of any."""

NUMBER_OF_ANY_ORDER = {2: 1, 3: 8, 4: 113, 5: 6_893, 6: 7_785_061, 7: 2_414_627_396_433}
"""Hierarchical models that hold all lists, without the saturated one: antichains that cover a set, less one."""


_PER_CUBE, _PER_HISTORY = 2.5e-9, 2.0e-8
"""Seconds, as measured with five to eight lists."""


@dataclass(frozen=True, eq=False)
class ModelSpace:
    """Models, one after another.

    Parameters
    ----------
    starts : ndarray of int, shape (M + 1,)
        Where the terms of each model begin, and where the last ends.
    terms : ndarray of int
        Of all models; sets of lists as histories, the empty one first.
    """

    n_lists: int
    starts: Ints
    terms: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> Ints:
        """Number of terms of each model, shape (M,)."""
        return np.diff(self.starts)

    def model(self, number: int) -> tuple[int, ...]:
        """Return the terms of one model."""
        return tuple(self.terms[self.starts[number] : self.starts[number + 1]].tolist())

    def part(self, numbers: Ints) -> ModelSpace:
        """Return some of the models, in the order that is given."""
        return space_of(self.n_lists, [self.model(number) for number in numbers.tolist()])


def space_of(n_lists: int, models: Sequence[Sequence[int]]) -> ModelSpace:
    """Put models one after another."""
    starts = np.concatenate([[0], np.cumsum([len(model) for model in models])]).astype(np.int64)
    return ModelSpace(n_lists, starts, np.array([term for model in models for term in model], dtype=np.int64))


def number_of_models(n_lists: int, terms: str) -> int | None:
    """Return how many models there are; None beyond seven lists with terms of any order, where nobody has counted."""
    return 1 << (n_lists * (n_lists - 1) // 2) if terms == TWO_LISTS else NUMBER_OF_ANY_ORDER.get(n_lists)


def expected_seconds(n_lists: int, terms: str) -> float:
    """Return about how long fitting all models once would take on one core.

    Raises
    ------
    ValueError
        Where the number of models is not known.
    """
    models = number_of_models(n_lists, terms)
    if models is None:
        raise ValueError("Nobody has counted the models.")
    # half of all terms that there may be, on average; the time goes with their cube and with the histories
    size = n_lists + (n_lists * (n_lists - 1) // 4 if terms == TWO_LISTS else 2 ** (n_lists - 1))
    return float(models * (_PER_CUBE * size**3 + _PER_HISTORY * n_lists * 2**n_lists))


def largest_term(n_lists: int, terms: str) -> int:
    """Return how many lists the largest term of any model has."""
    return min(2, n_lists - 1) if terms == TWO_LISTS else n_lists - 1


@cache
def model_space(n_lists: int, terms: str) -> ModelSpace:
    """Return all models of some lists.

    Two lists have one model, that of independence: with their term nothing would say how many people are unseen.

    Raises
    ------
    ValueError
        With more lists than `MOST_LISTS`.
    """
    if n_lists > MOST_LISTS[terms]:
        raise ValueError(f"There are too many models of {n_lists} lists to fit all of them.")
    bits = list_bits(n_lists).tolist()
    alone = (0, *sorted(bits))
    if n_lists == 2:
        return space_of(n_lists, [alone])
    models: list[tuple[int, ...]] = [alone]
    for order in range(2, largest_term(n_lists, terms) + 1):
        candidates = [sum(chosen) for chosen in combinations(bits, order)]
        models = [larger for model in models for larger in _with_terms(model, candidates, bits)]
    return space_of(n_lists, models)


def _with_terms(model: tuple[int, ...], candidates: list[int], bits: list[int]) -> list[tuple[int, ...]]:
    """Return a model with every selection of larger terms whose parts it has, itself first."""
    there = set(model)
    possible = [term for term in candidates if all(term & ~bit in there for bit in bits if term & bit)]
    return [
        tuple(sorted(model + tuple(term for place, term in enumerate(possible) if chosen >> place & 1)))
        for chosen in range(1 << len(possible))
    ]


def largest_terms(model: Sequence[int]) -> tuple[int, ...]:
    """Return the terms of two lists or more that no other term contains; those that name a model."""
    several = [term for term in model if term & (term - 1)]
    return tuple(term for term in several if not any(term != other and term & other == term for other in several))


def named(model: Sequence[int], lists: Sequence[str]) -> tuple[str, ...]:
    """Return the largest terms of a model as names, such as ``A&B``; none for independent lists."""
    labels = history_labels(lists)
    return tuple(labels[term] for term in sorted(largest_terms(model), key=lambda term: (bin(term).count("1"), -term)))
