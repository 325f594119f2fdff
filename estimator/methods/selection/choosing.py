"""A model chosen for a table, and again for every bootstrap replicate of it, so that the interval knows of the choice.

All models are fitted to the table and put in order. Replicates (Silverman, Chan & Vincent 2024) are then fitted by the
best `top` of them only, which is what makes it quick; two checks say what that leaves out. The interval is made again
with half as many models, from the same fits; and some replicates are fitted by all models, to see how often another
model than the best `top` is the choice. The paper's own check takes the `top` by another order (`Rule.degree`).

References
----------
Silverman, Chan & Vincent (2024), Statistics and Computing 34:44, doi 10.1007/s11222-023-10346-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.methods.selection.bca import Correction, correction, limits
from estimator.methods.selection.fitting import BIC, Found, estimate_exists, fit_models, penalties, search
from estimator.methods.selection.machine import WAYS
from estimator.methods.selection.spaces import TWO_LISTS, ModelSpace, largest_term, model_space, space_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[float], None]
"""Hears which share of the work is done."""

ALL_MODELS, DOWNHILL, STEPWISE, FORWARD = "all", *WAYS
"""How a model is looked for."""

ENTERS = 0.02
"""Stepwise: a pair of lists enters when an overlap as unexpected has less than this probability."""

CHECKED_FITS = 400_000
"""Fits that the check by all models may take: 12 replicates of six lists, 58 of five with terms of any order."""

_TAILS = np.array([0.025, 0.975])
_AT_A_TIME = 1_000_000  # fits whose results are held in memory together


@dataclass(frozen=True)
class Rule:
    """How a model is chosen, and an interval made.

    Parameters
    ----------
    search, terms, criterion : str
        `ALL_MODELS`, `DOWNHILL`, `STEPWISE` or `FORWARD`; as in `estimator.methods.selection.spaces` and `fitting`.
    top : int or None
        Of the models that are fitted to replicates; None for all.
    degree : int
        Which ones come first: 1, those with the lowest criterion; 2, those of which the best among themselves and the
        models one term away has the lowest (section 5.1 of the paper).
    replicates : int
        Bootstrap tables.
    corrected : bool
        Whether the interval is BCa; otherwise it runs between quantiles of the replicates.
    cores : int
        Of no influence on what is found.
    """

    search: str = ALL_MODELS
    terms: str = TWO_LISTS
    criterion: str = BIC
    top: int | None = 100
    degree: int = 1
    replicates: int = 1000
    corrected: bool = True
    cores: int = 1


@dataclass(frozen=True, eq=False)
class Ranked:
    """Models of which an estimate exists, the best first.

    Parameters
    ----------
    order : ndarray of int, shape (M,)
        Their places in `space`.
    value, unseen : ndarray, shape (M,)
        The criterion, and the expected people on no list.
    """

    space: ModelSpace
    order: Ints
    value: Floats
    unseen: Floats

    def __len__(self) -> int:
        return len(self.order)

    @property
    def weights(self) -> Floats:
        """How much each model counts among all, exp(-difference / 2) as a share: with BIC about its probability."""
        weight = np.exp(-(self.value - self.value[0]) / 2)
        return np.asarray(weight / weight.sum())

    def model(self, place: int) -> tuple[int, ...]:
        """Return the terms of the model at a place of the order."""
        return self.space.model(int(self.order[place]))

    def by_degree(self, degree: int) -> Ranked:
        """Return the same models in the order of a degree (`Rule.degree`); the chosen one is the first of each."""
        if degree == 1:
            return self
        place = np.argsort(least_ranks(self.space.part(self.order)), kind="stable")
        return Ranked(self.space, self.order[place], self.value[place], self.unseen[place])

    def first(self, number: int) -> ModelSpace:
        """Return the models that come first."""
        return self.space.part(self.order[:number])


def least_ranks(space: ModelSpace) -> Ints:
    """Return the least rank among each model and those one term away that are there too, shape (M,).

    Parameters
    ----------
    space : ModelSpace
        The best first: a model's rank is its place.
    """
    sets = np.array([sum(1 << term for term in space.model(place)) for place in range(len(space))], dtype=np.uint64)
    by_set = np.argsort(sets)
    least = np.arange(len(space))
    for term in np.unique(space.terms).tolist():
        away = sets ^ np.uint64(1 << term)
        places = by_set[np.searchsorted(sets, away, sorter=by_set).clip(max=len(space) - 1)]
        least = np.where(sets[places] == away, np.minimum(least, places), least)
    return least


@dataclass(frozen=True, eq=False)
class Chosen:
    """The model chosen for a table, and what repeated choices say of how sure it is.

    Parameters
    ----------
    replicates : ndarray, shape (R,)
        Expected people on no list, in bootstrap tables; without those of which no model has an estimate.
    failed : int
        Bootstrap tables without an estimate.
    again : int
        Bootstrap tables for which the same model was chosen.
    top : int
        Models that were fitted to bootstrap tables; 0 after a search, which goes its own way in each.
    halved : (float, float) or None
        The interval of the dark figure with half as many models; None where all were fitted, or it was searched.
    asked : int
        Bootstrap tables.
    checked, missed : int
        Bootstrap tables to which all models were fitted, and those of them whose best model is not among the `top`.
    """

    ranked: Ranked
    replicates: Floats
    correction: Correction
    failed: int
    again: int
    top: int
    halved: tuple[float, float] | None = None
    checked: int = 0
    missed: int = 0
    asked: int = 0

    @property
    def unseen(self) -> float:
        """Expected people on no list, by the chosen model."""
        return float(self.ranked.unseen[0])


def ranked_models(counts: Floats, rule: Rule) -> Ranked:
    """Fit models to a table and put those of which an estimate exists in order.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
        People by history.

    Returns
    -------
    Ranked
        Of all models; after a search, of the model at its end alone. Empty where no estimate exists. That the first
        one's exists is proved in integers.
    """
    n_lists = len(counts).bit_length() - 1
    if rule.search == ALL_MODELS:
        space = model_space(n_lists, rule.terms)
    else:
        searched = _searched(counts[None], rule)
        there = bool(np.isfinite(searched.deviance[0]))
        space = space_of(n_lists, [np.flatnonzero(searched.member[0]).tolist()] if there else [])
    fits = fit_models(space, counts[None], rule.cores)
    value = fits.criterion(space.sizes, penalties(counts[None], rule.criterion))[0]
    order = np.argsort(value, kind="stable")[: int(np.isfinite(value).sum())]
    while len(order) and not estimate_exists(space.model(int(order[0])), counts):
        order = order[1:]
    return Ranked(space, order, value[order], fits.unseen[0, order])


def chosen_model(
    counts: Floats, ranked: Ranked, rule: Rule, rng: np.random.Generator, progress: Progress = lambda share: None
) -> Chosen:
    """Choose again for bootstrap tables, and without each person in turn.

    Parameters
    ----------
    counts : ndarray, shape (2^L,)
    ranked : Ranked
        Of this table by this rule; not empty.
    """
    people = counts[1:].sum()
    tables = np.zeros((rule.replicates, len(counts)))
    tables[:, 1:] = rng.multinomial(int(people), counts[1:] / people, size=rule.replicates)
    kinds = np.flatnonzero(counts > 0)
    without = np.tile(counts, (len(kinds), 1))
    without[np.arange(len(kinds)), kinds] -= 1
    together = np.concatenate([without, tables])
    if rule.search != ALL_MODELS:
        searched = _searched_in_parts(together, rule, progress)
        same = (searched.member[len(kinds) :] == _member(ranked, len(counts))).all(axis=1)
        return _summed_up(ranked, searched.unseen, counts[kinds], same, rule)
    top = len(ranked) if rule.top is None else min(rule.top, len(ranked))
    ordered = ranked.by_degree(rule.degree) if top < len(ranked) else ranked
    unseen, place, halved = _chosen_again(ordered.first(top), together, rule, progress)
    made = _summed_up(ranked, unseen, counts[kinds], place[len(kinds) :] == 0, rule, top)
    if top == len(ranked):
        return made
    few = _summed_up(ranked, halved, counts[kinds], place[len(kinds) :] == 0, rule, top)
    lower, upper = limits(few.replicates, few.correction, _TAILS).tolist()
    checked = min(rule.replicates, max(1, CHECKED_FITS // len(ranked)))
    _, best, _ = _chosen_again(ordered.first(len(ranked)), tables[:checked], rule)
    return replace(made, halved=(lower, upper), checked=checked, missed=int((best >= top).sum()))


def _member(ranked: Ranked, size: int) -> NDArray[np.bool_]:
    """Return which terms the chosen model has, shape (2^L,)."""
    member = np.zeros(size, dtype=bool)
    member[list(ranked.model(0))] = True
    return member


def _summed_up(
    ranked: Ranked, unseen: Floats, people: Floats, same: NDArray[np.bool_], rule: Rule, top: int = 0
) -> Chosen:
    """Return what estimates without one person, followed by those of bootstrap tables, come to."""
    without, replicates = unseen[: len(people)], unseen[len(people) :]
    known = np.isfinite(replicates)
    # a person without whom there is no estimate has no influence that could be measured
    counted = np.isfinite(without)
    corrected = Correction()
    if not known.any():
        # no bootstrap table has an estimate: there is no interval, and `failed` says so
        return Chosen(ranked, ranked.unseen[:1], corrected, len(replicates), 0, top, asked=len(replicates))
    if rule.corrected and counted.any():
        corrected = correction(replicates[known], float(ranked.unseen[0]), without[counted], people[counted])
    failed, again = int((~known).sum()), int(same.sum())
    return Chosen(ranked, replicates[known], corrected, failed, again, top, asked=len(replicates))


def _chosen_again(
    space: ModelSpace, tables: Floats, rule: Rule, progress: Progress = lambda share: None
) -> tuple[Floats, Ints, Floats]:
    """Choose among models for each of many tables.

    Returns
    -------
    unseen, place, halved : ndarray, shape (R,)
        Expected people on no list and the place of the chosen model; and the first when only the first half of the
        models may be chosen. Not a number, and -1, where none has an estimate.
    """
    rows, found = max(rule.cores, _AT_A_TIME // len(space)), []
    half = (len(space) + 1) // 2
    for start in range(0, len(tables), rows):
        some = tables[start : start + rows]
        fits = fit_models(space, some, rule.cores)
        value = fits.criterion(space.sizes, penalties(some, rule.criterion))
        each, best, early = np.arange(len(some)), value.argmin(axis=1), value[:, :half].argmin(axis=1)
        # where no estimate exists, its people are no number
        place = np.where(np.isfinite(value[each, best]), best, -1)
        found.append((fits.unseen[each, best], place, fits.unseen[each, early]))
        progress(min(1.0, (start + rows) / len(tables)))
    unseen, place, halved = (np.concatenate(part) for part in zip(*found, strict=True))
    return unseen, place, halved


def _searched_in_parts(tables: Floats, rule: Rule, progress: Progress) -> Found:
    """Search in many tables, and tell how far it is."""
    parts = []
    for some in np.array_split(tables, max(1, len(tables) // 50)):
        parts.append(_searched(some, rule))
        progress(sum(len(part.unseen) for part in parts) / len(tables))
    return Found(
        np.concatenate([part.deviance for part in parts]),
        np.concatenate([part.unseen for part in parts]),
        np.concatenate([part.member for part in parts]),
    )


def _searched(tables: Floats, rule: Rule) -> Found:
    return search(
        tables,
        way=rule.search,
        level=ENTERS,
        largest=largest_term(tables.shape[1].bit_length() - 1, rule.terms),
        criterion=rule.criterion,
        cores=rule.cores,
    )
