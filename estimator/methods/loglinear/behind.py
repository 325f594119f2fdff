"""People drawn who may stand behind the entries of registers with declared errors, at one draw of the posterior.

What `estimator.methods.loglinear.recording` expects is undone step by step: entries of people who are no victims are
taken out, entries of two people are taken apart, and the records of one person that were not linked are put together.
The last is a draw from the numbers of people who fell apart in each way, given every entry: Gibbs, one way at a time.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import lists_of
from estimator.methods.loglinear.posterior import LoglinearPosterior, cells_at
from estimator.methods.loglinear.recording import split_odds, written_down
from estimator.methods.loglinear.register_errors import RegisterErrors
from estimator.methods.true_people import ErrorRates, PeopleBehind, Ways, ways_apart
from estimator.study.questions import ModelSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SWEEPS = 30
"""Of the draw of people who fell apart: ways hardly depend on each other, and a sweep draws each anew."""


def people_behind_entries(
    posterior: LoglinearPosterior, model: ModelSettings, entries: Ints, draw: int, rng: np.random.Generator
) -> PeopleBehind:
    """Draw who may stand behind entries.

    Parameters
    ----------
    model : ModelSettings
        Which declares the errors.
    entries : ndarray of int, shape (S, H)
        In cells.
    draw : int
        Of the posterior, chains one after the other.
    """
    errors = posterior.design.errors
    log_odds = posterior.values["register_error"].reshape(-1, len(errors.names))[draw]
    cells = cells_at(posterior, draw)
    found = np.zeros_like(entries)
    np.add.at(found, (np.arange(len(entries))[:, None], errors.recorded), entries)
    shares = 1 / (1 + np.exp(-log_odds))
    return PeopleBehind(
        people=_people(found, cells, np.exp(log_odds), errors, rng),
        rates=_rates(model, shares.tolist()),
    )


def _rates(model: ModelSettings, shares: list[float]) -> ErrorRates:
    """Return the share of each declaration, from the shares in the order of `register_errors`."""
    left = iter(shares)
    false = tuple(next(left) for _ in model.false_positives)
    links = [(next(left) if link.missed else None, next(left) if link.wrong else None) for link in model.linkage_errors]
    return ErrorRates(false, tuple(missed for missed, _ in links), tuple(wrong for _, wrong in links))


def _people(entries: Ints, cells: Floats, odds: Floats, errors: RegisterErrors, rng: np.random.Generator) -> Ints:
    """Draw people by the lists that saw them, from entries by the lists that ran."""
    n_lists = len(errors.missed_at)
    _, people, linked, right, expected = written_down(cells, odds, *errors.arrays, n_lists)
    true = np.divide(right, expected, out=np.ones_like(right), where=expected > 0)
    entries = rng.binomial(entries, np.clip(true, 0, 1))
    entries = _taken_apart(entries, linked, right, odds, errors, rng)
    missed = np.where(errors.missed_at >= 0, (odds / (1 + odds))[errors.missed_at], 0.0)
    return put_together(entries, people, ways_apart(missed), rng)


def _taken_apart(
    entries: Ints, linked: Floats, right: Floats, odds: Floats, errors: RegisterErrors, rng: np.random.Generator
) -> Ints:
    """Draw which entries with several lists are two people, and make two entries of each of them."""
    n_lists = len(errors.wrong_at)
    wrong_at = np.ascontiguousarray(errors.wrong_at.reshape(-1))
    found = entries.copy()
    for history in range(1, entries.shape[1]):
        lists = lists_of(history, n_lists)
        if len(lists) < 2:
            continue
        chance = np.array([split_odds(odds, wrong_at, n_lists, history, at) for at in lists])
        beside = np.divide(linked[:, history], right[:, history], out=np.zeros(len(right)), where=right[:, history] > 0)
        each = beside[:, None] * chance
        each /= np.maximum(each.sum(1, keepdims=True), 1.0)
        double = rng.multinomial(entries[:, history], np.column_stack([each, 1 - each.sum(1)]))[:, :-1]
        for at, number in zip(lists, double.T, strict=True):
            alone = 1 << (n_lists - 1 - at)
            found[:, history] -= number
            found[:, alone] += number
            found[:, history ^ alone] += number
    return found


def put_together(entries: Ints, expected: Floats, ways: Ways, rng: np.random.Generator, sweeps: int = SWEEPS) -> Ints:
    """Draw people by the lists that saw them, given the entries that they made.

    Parameters
    ----------
    entries : ndarray of int, shape (S, 2**L)
        Each of one person.
    expected : ndarray, shape (S, 2**L)
        People by the lists that saw them, before anything was known of entries.
    """
    whole = ways.parts[:, 1] == 0
    together = np.zeros(entries.shape[1])
    together[ways.history[whole]] = ways.chance[whole]
    people = entries.copy()
    apart = Ways(ways.history[~whole], ways.parts[~whole], ways.chance[~whole])
    for stratum in range(len(entries)):
        uniform = rng.random((sweeps, len(apart.chance)))
        _gibbs(people[stratum], expected[stratum], together, apart.history, apart.parts, apart.chance, uniform)
    return people


@numba.njit(nogil=True, error_model="numpy")
def _gibbs(
    people: Ints, expected: Floats, together: Floats, history: Ints, parts: Ints, chance: Floats, uniform: Floats
) -> None:
    """Draw how many people fell apart in each way, and turn entries into people in place.

    Notes
    -----
    Numbers of people in each way are Poisson, and their entries are given: of way k with entries g there are j people
    with probability in proportion to (mean_k / product of mean_g)^j / (j! product of (left_g - j)!), where left_g are
    the entries g of people of way k or of those whose records all hang together.
    """
    number = np.zeros(len(history), np.int64)
    weight = np.zeros(people.max() + 1)
    for sweep in range(uniform.shape[0]):
        for k in range(len(history)):
            log_ratio = np.log(max(expected[history[k]] * chance[k], 1e-300))
            for g in parts[k]:
                if g > 0:
                    people[g] += number[k]
                    log_ratio -= np.log(max(expected[g] * together[g], 1e-300))
            number[k] = _chosen(weight, _weigh(weight, people, parts[k], log_ratio), uniform[sweep, k])
            for g in parts[k]:
                if g > 0:
                    people[g] -= number[k]
    for k in range(len(history)):
        people[history[k]] += number[k]


@numba.njit(nogil=True, error_model="numpy")
def _weigh(weight: Floats, entries: Ints, parts: Ints, log_ratio: float) -> int:
    """Fill in the log weight of each number of people whose entries are `parts`, up to the last that matters."""
    most = len(weight) - 1
    for g in parts:
        if g > 0:
            most = min(most, entries[g])
    largest = weight[0] = 0.0
    for j in range(1, most + 1):
        weight[j] = weight[j - 1] + log_ratio - np.log(j)
        for g in parts:
            if g > 0:
                weight[j] += np.log(entries[g] - j + 1)
        largest = max(largest, weight[j])
        if weight[j] < largest - 40.0:
            return j
    return int(most)


@numba.njit(nogil=True, error_model="numpy")
def _chosen(weight: Floats, last: int, uniform: float) -> int:
    """Return the number that a uniform random number chooses among 0 … `last` by their log weights."""
    largest = weight[: last + 1].max()
    weight[: last + 1] = np.exp(weight[: last + 1] - largest)
    wanted = uniform * weight[: last + 1].sum()
    number = 0
    while number < last and wanted >= weight[number]:
        wanted -= weight[number]
        number += 1
    return number
