"""What of a table is compared with what the model predicts: numbers that a reader of lists would look at first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Where
from estimator.capture.histories import membership
from estimator.capture.table import CaptureTable
from estimator.checks.loglinear.completed import completed_tables, recorded_cells
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.reasons import Reason
from estimator.seeds import stream

Floats = NDArray[np.float64]

OVERLAP, TIMES, TOTAL, ZEROS = "overlap", "times", "list total", "empty cells"


@dataclass(frozen=True, eq=False)
class Statistic:
    """A number of people: the sum of some cells.

    Parameters
    ----------
    kind : {"overlap", "times", "list total"}
    cells : ndarray of bool, shape (S * H,)
        Which cells it adds up.
    """

    name: Reason
    kind: str
    cells: NDArray[np.bool_]


@dataclass(frozen=True)
class Check:
    """One number, observed and predicted.

    Parameters
    ----------
    observed : float
        Median over draws of the completed table: the number itself where it is exactly known.
    lower, middle, upper : float
        Median and 95 % interval of what the model predicts.
    p : float
        Two-sided posterior predictive probability of a number at least as far out, between 0 and 1.
    """

    name: Reason
    kind: str
    observed: float
    lower: float
    middle: float
    upper: float
    p: float


def statistics_of(table: CaptureTable) -> list[Statistic]:
    """Return what is compared: overlaps, how often people are listed, and list totals by level of each covariate.

    Returns
    -------
    list of Statistic
        By the lists that ran where people are; numbers of which the table says nothing are left out.
    """
    on = membership(table.n_lists)[table.recorded.reshape(-1)]
    return [
        statistic
        for statistic in (*_overlaps(table, on), *_times(on), *_totals(table, on))
        if (statistic.cells & table.covered.reshape(-1)).any()
    ]


def _overlaps(table: CaptureTable, on: NDArray[np.bool_]) -> list[Statistic]:
    return [
        Statistic(Reason("people-on-both", lists=(table.lists[a], table.lists[b])), OVERLAP, on[:, a] & on[:, b])
        for a, b in combinations(range(table.n_lists), 2)
    ]


def _times(on: NDArray[np.bool_]) -> list[Statistic]:
    times, n_lists = on.sum(axis=1), on.shape[1]
    statistics = [Statistic(Reason("people-on-one-list"), TIMES, times == 1)]
    if n_lists > 2:
        statistics.append(Statistic(Reason("people-on-two-lists"), TIMES, times == 2))
        statistics.append(Statistic(Reason("people-on-three-or-more-lists"), TIMES, times >= 3))
    return statistics


def _totals(table: CaptureTable, on: NDArray[np.bool_]) -> list[Statistic]:
    if not table.covariates:
        return [Statistic(Reason("people-on-list", list=name), TOTAL, on[:, i]) for i, name in enumerate(table.lists)]
    return [
        Statistic(
            Reason("people-on-list-where", list=name, covariate=covariate.name, level=level),
            TOTAL,
            on[:, i] & _cells_where(table, {covariate.name: (level,)}),
        )
        for covariate in table.covariates
        for level in covariate.levels
        for i, name in enumerate(table.lists)
    ]


def _cells_where(table: CaptureTable, where: Where) -> NDArray[np.bool_]:
    return np.repeat(table.strata_where(where), table.n_histories)


def checks_of(table: CaptureTable, posterior: LoglinearPosterior, seed: int) -> list[Check]:
    """Compare what a table shows with what the model predicts.

    Returns
    -------
    list of Check
        A sum of cells is Poisson given the parameters, so that its tail is exact at each draw, and small
        probabilities are not lost in simulation. The number of empty cells is simulated.
    """
    rng = stream(seed, "predictive-tables")
    chosen = statistics_of(table)
    weights = np.array([statistic.cells for statistic in chosen], dtype=np.float64).T
    sums = [[part.completed @ weights, part.expected @ weights] for part in completed_tables(posterior, seed)]
    completed, expected = (np.concatenate(part) for part in zip(*sums, strict=True))
    checks = [_poisson_check(statistic, completed[:, i], expected[:, i], rng) for i, statistic in enumerate(chosen)]
    return [*checks, _empty_cells(table, posterior, seed, rng)]


def _poisson_check(statistic: Statistic, completed: Floats, expected: Floats, rng: np.random.Generator) -> Check:
    from scipy.stats import poisson

    at = poisson.pmf(completed, expected) / 2
    upper = float((poisson.sf(completed, expected) + at).mean())
    lower = float((poisson.cdf(completed, expected) - at).mean())
    return _check(statistic.name, statistic.kind, completed, rng.poisson(expected), _two_sided(lower, upper))


def _check(name: Reason, kind: str, observed: Floats, predicted: NDArray[Any], p: float) -> Check:
    lower, middle, upper = np.quantile(predicted, [0.025, 0.5, 0.975])
    return Check(name, kind, float(np.median(observed)), float(lower), float(middle), float(upper), p)


def _empty_cells(table: CaptureTable, posterior: LoglinearPosterior, seed: int, rng: np.random.Generator) -> Check:
    """Compare the number of empty cells: those as which people could have been written down."""
    heads = recorded_cells(table)
    observed, simulated = [], []
    for part in completed_tables(posterior, seed):
        kept = np.isin(np.unique(heads), heads[part.counted])
        observed.append((_gathered(part.completed, heads)[:, kept] == 0).sum(axis=1))
        simulated.append((_gathered(rng.poisson(part.expected), heads)[:, kept] == 0).sum(axis=1))
    seen, predicted = np.concatenate(observed), np.concatenate(simulated)
    more, same = (predicted > seen).mean(), (predicted == seen).mean()
    # one more of each, so that the draws that there are cannot make it impossible
    n = len(seen)
    upper, lower = (n * (more + same / 2) + 0.5) / (n + 1), (n * (1 - more - same / 2) + 0.5) / (n + 1)
    return _check(Reason("cells-without-anybody"), ZEROS, seen, predicted, _two_sided(float(lower), float(upper)))


def _gathered(cells: NDArray[np.generic], heads: NDArray[np.int64]) -> Floats:
    """Add up cells whose people are written down alike, in the order of ``np.unique(heads)``."""
    order = np.argsort(heads, kind="stable")
    first = np.unique(heads[order], return_index=True)[1]
    return np.asarray(np.add.reduceat(cells[:, order], first, axis=1), dtype=np.float64)


def _two_sided(lower: float, upper: float) -> float:
    return min(1.0, 2 * min(lower, upper))
