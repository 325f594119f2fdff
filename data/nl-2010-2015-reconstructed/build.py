"""Make the reconstructed Dutch table and the synthetic registers: ``python data/nl-2010-2015-reconstructed/build.py``.

No Dutch table with covariates is public. This one spreads the public pooled table (``data/nl-2010-2015``) over 96
strata so that the published estimates hold in it, in three steps:

1. `fitted`: a log-linear model of 96 strata x 64 histories whose observations are published facts: the pooled count of
   every history, the registered numbers and, as soft observations, the published estimates; penalised likelihood.
2. `rounded`: every pooled count is divided over strata by the fitted shares, as whole people, by controlled rounding.
   Only 432 people are on two or more lists; dividing them at random would move the estimate by more than a thousand.
3. `registers`: the same people as six register exports, with pseudonymous keys, dates, and some covariates missing.

Deterministic: the same files on every machine. The result is calibrated to the published estimates, so that getting
them back is a check of the software and no evidence about victims.

References
----------
Cox (1987), Journal of the American Statistical Association 82:520, doi 10.1080/01621459.1987.10478456: controlled
rounding.
"""

from __future__ import annotations

import os

# Before numpy is loaded: on a busy machine two threads that share these small matrices wait for each other for minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import csv
import datetime
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from estimator.capture.histories import membership
from estimator.methods.loglinear import contrasts
from estimator.study.study import read_study

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

HERE = Path(__file__).resolve().parent
LISTS = ("P", "K", "Z", "R", "O", "I")
LEVELS = {
    "year": ("2010", "2011", "2012", "2013", "2014", "2015"),
    "origin": ("dutch", "non-dutch"),
    "form": ("sexual", "other"),
    "sex": ("female", "male"),
    "age": ("minor", "adult"),
}
CODES = np.indices([len(levels) for levels in LEVELS.values()]).reshape(len(LEVELS), -1)
MEMBER = membership(len(LISTS)).astype(np.float64)
ON_A_LIST: Floats = np.asarray(MEMBER.any(axis=1), dtype=np.float64)
EVERYBODY: Floats = np.ones(len(MEMBER))
PAIRS = list(itertools.combinations(range(len(LISTS)), 2))

REGISTERED = (993, 1222, 1711, 1437, 1561, 1150)
"""Registered with CoMensha, 2010-2015; the pooled table holds more people than these add up to, hence a scale."""

YEARLY = (5000, 6800, 8200, 7300, 6650, 5850)
"""Victims per year: 2010 and 2012 as published, 2014-15 on average 6,250 and falling, 2011 and 2013 in between."""

BORDER_POLICE = {"2012": 396, "2013": 307, "2014": 288, "2015": 174}
"""Reports by the border police, nearly all of them later discarded."""

ON_TWO_OR_MORE = 432
"""People on two or more lists in the pooled table."""

CLOSE, EXACT, LOOSE = 0.01, 0.005, 0.03
"""How closely estimates, registered numbers and the border police's reports are met: standard deviation of the log."""

TASKS = {
    "P": {"form": ("sexual", 1.5)},
    "K": {"origin": ("non-dutch", 2.5), "sex": ("female", 1.5), "age": ("adult", 1.5)},
    "Z": {"origin": ("non-dutch", 1.5)},
    "R": {"form": ("sexual", 1.5), "sex": ("female", 1.5)},
    "O": {"sex": ("female", 1.5)},
    "I": {"origin": ("non-dutch", 1.5), "form": ("other", 1.5), "sex": ("male", 1.5), "age": ("adult", 1.5)},
}
"""Whom a register mainly meets, judged by its task, and by how much more, as a difference of log odds.

Without it many tables meet the facts equally well, among them some in which border police see mostly Dutch men."""

REGISTERS = {
    "P": "police",
    "K": "border-police",
    "Z": "others",
    "R": "coordinators",
    "O": "shelters",
    "I": "inspectorate",
}
MISSING = {"origin": 0.04, "form": 0.06, "sex": 0.01, "age": 0.08}
"""Share of the records in which a register leaves a covariate blank; made up."""

REPORTED_AGAIN = 0.05
"""Share of the records that a register holds a second time in the same year; made up."""


def level(name: str, *wanted: str) -> Mask:
    """Return which strata have one of some levels of a covariate."""
    codes = [LEVELS[name].index(value) for value in wanted]
    return np.isin(CODES[list(LEVELS).index(name)], codes)


HEADLINE = level("year", "2014", "2015")
DOMESTIC = level("origin", "dutch") & level("form", "sexual") & level("sex", "female")
GIRLS = DOMESTIC & level("age", "minor")


class Soft(NamedTuple):
    """A published number: people of some strata and histories together, met within a standard deviation of the log."""

    cells: Floats
    value: float
    sd: float


def soft_observations(registered: float) -> list[Soft]:
    """Return everything that was published, as numbers of people in the cells of the table.

    Parameters
    ----------
    registered : float
        Number of people in the pooled table.
    """
    scale = registered / sum(REGISTERED)
    years = [level("year", year) for year in LEVELS["year"]]
    everybody: Floats = EVERYBODY
    seen: Floats = ON_A_LIST
    border_police = MEMBER[:, LISTS.index("K")]
    twice = np.asarray(MEMBER.sum(axis=1) >= 2, dtype=np.float64)
    wanted: list[tuple[Mask, Floats, float, float]] = [
        *((year, everybody, number, CLOSE) for year, number in zip(years, YEARLY, strict=True)),
        *((year, seen, scale * number, EXACT) for year, number in zip(years, REGISTERED, strict=True)),
        *((level("year", year), border_police, number, LOOSE) for year, number in BORDER_POLICE.items()),
        # 2014 and 2015 together: twice the published yearly averages
        (HEADLINE & GIRLS, everybody, 2640, CLOSE),
        (HEADLINE & GIRLS, seen, 290, CLOSE),
        (HEADLINE & DOMESTIC, everybody, 5920, CLOSE),
        (HEADLINE & DOMESTIC, seen, 730, CLOSE),
        (HEADLINE & level("origin", "non-dutch") & level("form", "sexual"), everybody, 2620, CLOSE),
        (HEADLINE & level("form", "other"), everybody, 4125, CLOSE),
        (HEADLINE & level("sex", "male"), everybody, 2083, CLOSE),
        (HEADLINE & level("age", "minor"), everybody, 4100, CLOSE),
        (level("year", "2012") & level("form", "sexual"), everybody, 6500, CLOSE),
        # how many are on two or more lists, in all: what the size of the population hangs on
        (np.ones(CODES.shape[1], dtype=np.bool_), twice, ON_TWO_OR_MORE, CLOSE),
    ]
    return [Soft(np.outer(strata, histories).ravel(), value, sd) for strata, histories, value, sd in wanted]


class Model(NamedTuple):
    """A log-linear model of all cells: the log of the expected number of people is ``design @ coefficients``.

    Parameters
    ----------
    design : ndarray, shape (96 * 64, K)
        Strata slowest, as in a table (96, 64) that is read row by row.
    centre, precision : ndarray, shape (K,)
        Of the normal distributions that hold the coefficients; precision 0 for one that is free.
    """

    design: Floats
    centre: Floats
    precision: Floats

    def cells(self, coefficients: Floats) -> Floats:
        """Return the expected number of people in every cell, shape (96, 64)."""
        return np.asarray(np.exp(self.design @ coefficients).reshape(CODES.shape[1], len(MEMBER)))


def model() -> Model:
    """Return the model that is fitted: coverage by main effects of covariates only.

    Terms of list x stratum that the study's model lacks would bias what it gives back; the study's model has these
    main effects, and form and age together besides, which it shrinks.
    """
    mains = {
        name: contrasts.rows_of(contrasts.covariate_contrasts(len(levels), ordered=name == "year"), CODES[i])
        for i, (name, levels) in enumerate(LEVELS.items())
    }
    single = np.concatenate(list(mains.values()), axis=1)
    double = np.concatenate([contrasts.product(a, b) for a, b in itertools.combinations(mains.values(), 2)], axis=1)
    everybody = np.ones((CODES.shape[1], 1))
    spanned = np.concatenate([everybody, single, double], axis=1)
    rest = np.linalg.svd(spanned)[0][:, np.linalg.matrix_rank(spanned) :]
    pairs = np.stack([MEMBER[:, a] * MEMBER[:, b] for a, b in PAIRS], axis=1)
    same = np.ones((len(MEMBER), 1))
    preferred = preferences(mains)
    by_year = np.repeat(np.arange(single.shape[1]) < mains["year"].shape[1], len(LISTS))  # a step from year to year
    # columns of strata, columns of histories (a coefficient for each pair of them), mean and standard deviation
    blocks: list[tuple[Floats, Floats, Floats | float, Floats | float]] = [
        (everybody, same, 0.0, np.inf),
        (single, same, 0.0, 1.0),
        (double, same, 0.0, 0.3),
        (rest, same, 0.0, 0.15),
        (everybody, MEMBER, -2.0, 1.5),
        (single, MEMBER, preferred, np.where(by_year, 0.5, np.where(preferred != 0.0, 0.5, 2.0))),
        (everybody, pairs, 0.0, 0.15),
    ]
    columns = [np.kron(strata, histories) for strata, histories, _, _ in blocks]
    sizes = [block.shape[1] for block in columns]
    return Model(
        np.concatenate(columns, axis=1),
        np.concatenate([np.broadcast_to(mean, size) for (*_, mean, _), size in zip(blocks, sizes, strict=True)]),
        np.concatenate([np.broadcast_to(sd, size) ** -2.0 for (*_, sd), size in zip(blocks, sizes, strict=True)]),
    )


def preferences(mains: dict[str, Floats]) -> Floats:
    """Return by how much registers are expected to cover strata differently, for each contrast and list, flattened."""
    found = np.zeros((sum(columns.shape[1] for columns in mains.values()), len(LISTS)))
    row = 0
    for name, columns in mains.items():
        for i, register in enumerate(LISTS):
            if name in TASKS.get(register, {}):
                wanted, difference = TASKS[register][name]
                # levels that differ by d are the contrast's column, (1, -1) / sqrt(2), times d / sqrt(2)
                found[row, i] = (difference if wanted == LEVELS[name][0] else -difference) / np.sqrt(2)
        row += columns.shape[1]
    return found.ravel()


class Objective:
    """The penalised negative log-likelihood of everything published, with its derivatives.

    Parameters
    ----------
    model : Model
    counts : ndarray, shape (64,)
        The pooled table; the first, the people on no list, is never used.
    facts : sequence of Soft
    """

    def __init__(self, model: Model, counts: Floats, facts: Sequence[Soft]) -> None:
        self.model, self.counts = model, counts[1:]
        pooled = np.tile(np.eye(len(MEMBER))[1:], CODES.shape[1])
        self.covers = np.concatenate([pooled, [fact.cells for fact in facts]])
        self.log_value = np.log([fact.value for fact in facts])
        self.weight = np.array([fact.sd for fact in facts]) ** -2.0

    def _parts(self, at: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the cells, the numbers that cover them, and how far the soft ones are off, on the log scale."""
        cells = self.model.cells(at).ravel()
        met = self.covers @ cells
        return cells, met, np.log(met[len(self.counts) :]) - self.log_value

    def _slope(self, met: Floats, off: Floats) -> Floats:
        """Return the derivative by each covered number."""
        n = len(self.counts)
        return np.concatenate([1.0 - self.counts / met[:n], self.weight * off / met[n:]])

    def value(self, at: Floats) -> float:
        """Return the penalised negative log-likelihood, up to a constant."""
        _, met, off = self._parts(at)
        pooled, distance = met[: len(self.counts)], at - self.model.centre
        likelihood = (pooled - self.counts * np.log(pooled)).sum() + 0.5 * (self.weight * off**2).sum()
        return float(likelihood + 0.5 * (self.model.precision * distance**2).sum())

    def gradient(self, at: Floats) -> Floats:
        """Return its first derivatives, shape (K,)."""
        cells, met, off = self._parts(at)
        by_cell = (self._slope(met, off) @ self.covers) * cells
        return np.asarray(by_cell @ self.model.design + self.model.precision * (at - self.model.centre))

    def curvature(self, at: Floats) -> Floats:
        """Return its second derivatives, shape (K, K)."""
        cells, met, off = self._parts(at)
        n, design = len(self.counts), self.model.design
        bend = np.concatenate([self.counts / met[:n] ** 2, self.weight * (1.0 - off) / met[n:] ** 2])
        rows = (self.covers * cells) @ design
        by_cell = (self._slope(met, off) @ self.covers) * cells
        return np.asarray(design.T @ (by_cell[:, None] * design) + rows.T @ (bend[:, None] * rows)) + np.diag(
            self.model.precision
        )


def fitted(counts: Floats) -> Floats:
    """Return the expected number of people in every cell, shape (96, 64), in line with everything published.

    Parameters
    ----------
    counts : ndarray, shape (64,)
        The pooled table.
    """
    found, facts = model(), soft_observations(float(counts.sum()))
    rng = np.random.default_rng(1)
    starts = [found.centre + spread * rng.normal(size=len(found.centre)) for spread in (0.0, 0.1, 0.1, 0.1)]
    results = [settled(found, counts, facts, start) for start in starts]
    # sums over strata can be met in several ways, equally arbitrary: the best that a few starts find (two of the four)
    value, optimum = min(results, key=lambda result: result[0])
    if not np.isfinite(value):
        raise RuntimeError("the fit did not settle; look at the published figures for a contradiction")
    return found.cells(optimum)


def settled(found: Model, counts: Floats, facts: Sequence[Soft], start: Floats) -> tuple[float, Floats]:
    """Return the optimum that is reached from a start, with its value; infinite when it was not reached."""
    at = start.copy()
    at[0] = np.log(30_000 / CODES.shape[1])
    for looseness in (30.0, 1.0):  # loosely at first: from far away, tight facts are a narrow valley to walk along
        objective = Objective(found, counts, [fact._replace(sd=looseness * fact.sd) for fact in facts])
        # with second derivatives, so that the optimum is exact to the last digits and every machine rounds the same
        optimum = minimize(
            objective.value,
            at,
            jac=objective.gradient,
            hess=objective.curvature,
            method="trust-exact",
            options={"gtol": 1e-6, "maxiter": 2000},
        )
        at = optimum.x
    return float(optimum.fun) if np.abs(optimum.jac).max() < 1e-3 else np.inf, at


def rounded(expected: Floats, counts: Ints) -> Ints:
    """Divide the pooled counts over strata as whole people, keeping close to what is expected of each margin.

    Parameters
    ----------
    expected : ndarray, shape (96, 64)
        People, adding up to `counts` in every history; never changed by a whole person in any cell.
    counts : ndarray of int, shape (64,)
        The pooled table.

    Returns
    -------
    ndarray of int, shape (96, 64)
        Adds up to `counts` exactly.

    Notes
    -----
    Systematic sampling along the strata, then moves of one person from a stratum to another, best first, while they
    bring the margins closer to the expected ones: for each level, and each two levels of different covariates, the
    number on every list, on every pair of lists, and on two or more.
    """
    table = np.stack([systematic(expected[:, h], int(counts[h]), h) for h in range(len(counts))], axis=1)
    single = [(name, level(name, value)) for name, values in LEVELS.items() for value in values]
    double = [left & right for (a, left), (b, right) in itertools.combinations(single, 2) if a != b]
    levels = np.array([*(mask for _, mask in single), *double], dtype=np.float64)
    overlaps = [MEMBER[:, a] * MEMBER[:, b] for a, b in PAIRS]
    histories = np.array([*MEMBER.T, MEMBER.sum(axis=1) >= 2, *overlaps], dtype=np.float64)
    target = levels @ expected @ histories.T
    excess = levels @ table @ histories.T - target
    moved = True
    while moved:
        moved = False
        for h in np.flatnonzero(counts):
            margins = histories[:, h] > 0
            while (
                move := best_move(table[:, h], expected[:, h], levels, excess[:, margins], target[:, margins])
            ) is not None:
                source, aim = move
                table[source, h] -= 1
                table[aim, h] += 1
                excess[:, margins] += (levels[:, aim] - levels[:, source])[:, None]
                moved = True
    return table


def systematic(expected: Floats, count: int, h: int) -> Ints:
    """Return whole numbers that add up to `count`, each less than one away from the expected number of its stratum."""
    if not count:
        return np.zeros(len(expected), dtype=np.int64)
    # rounded, so that the last digits of the machine's arithmetic cannot decide where somebody goes
    cumulative = np.round(np.concatenate([[0.0], np.cumsum(expected)]) / expected.sum() * count, 6)
    offset = (h * 0.6180339887) % 1
    return np.asarray(np.diff(np.floor(cumulative + offset)), dtype=np.int64)


def best_move(table: Ints, expected: Floats, levels: Floats, excess: Floats, target: Floats) -> tuple[int, int] | None:
    """Return from which stratum to which a person of one history should move; None when no move helps.

    Parameters
    ----------
    table, expected : ndarray, shape (96,)
        People of the history.
    levels : ndarray, shape (K, 96)
        Which strata make up each level, or two levels together.
    excess, target : ndarray, shape (K, M)
        Of the margins that the history counts in.
    """
    weight = 1.0 / (target + 1.0)
    linear = 2.0 * levels.T @ (weight * excess).sum(axis=1)
    square = (levels * weight.sum(axis=1)[:, None]).T @ levels
    own = np.diag(square)
    change = linear[None, :] - linear[:, None] + own[None, :] + own[:, None] - 2.0 * square
    can_give = (table > 0) & (table - 1 > expected - 1.0)
    can_take = table + 1 < expected + 1.0
    change = np.where(can_give[:, None] & can_take[None, :], change, np.inf)
    best = np.unravel_index(np.argmin(np.round(change, 9)), change.shape)
    return (int(best[0]), int(best[1])) if change[best] < -1e-6 else None


def stratum(s: int) -> list[str]:
    """Return the levels of a stratum."""
    return [levels[CODES[i, s]] for i, levels in enumerate(LEVELS.values())]


def table_rows(table: Ints) -> list[list[object]]:
    """Return the rows of table.csv, without empty cells."""
    return [
        [*stratum(s), *(int(on) for on in MEMBER[h]), int(table[s, h])]
        for s, h in itertools.product(range(table.shape[0]), range(1, table.shape[1]))
        if table[s, h]
    ]


def registers(table: Ints) -> dict[str, list[list[object]]]:
    """Return six register exports in which the people of the table are found back.

    Parameters
    ----------
    table : ndarray of int, shape (96, 64)

    Returns
    -------
    dict
        By list, rows of key, date and the covariates, some blank; in the order of the dates.
    """
    rng = np.random.default_rng(2017)
    keys = iter(rng.permutation(16**6)[: int(table.sum())])
    found: dict[str, list[list[object]]] = {name: [] for name in LISTS}
    for s, h in itertools.product(range(table.shape[0]), range(1, table.shape[1])):
        year, *covariates = stratum(s)
        for _ in range(table[s, h]):
            key = f"{next(keys):06x}"
            for i in np.flatnonzero(MEMBER[h]):
                for _ in range(1 + int(rng.random() < REPORTED_AGAIN)):
                    date = datetime.date(int(year), 1, 1) + datetime.timedelta(days=int(rng.integers(365)))
                    known = [
                        "" if rng.random() < MISSING[name] else value
                        for name, value in zip(MISSING, covariates, strict=True)
                    ]
                    found[LISTS[i]].append([key, date.isoformat(), *known])
    return {name: sorted(rows, key=lambda row: (str(row[1]), str(row[0]))) for name, rows in found.items()}


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def pooled_counts() -> Ints:
    """Return the public pooled table, shape (64,)."""
    table = read_study("nl-2010-2015").table
    if table.lists != LISTS or table.n_strata != 1 or (table.lower != table.upper).any():
        raise RuntimeError("data/nl-2010-2015 is not the pooled table of six lists any more")
    counts = np.zeros(table.n_histories, dtype=np.int64)
    np.add.at(counts, table.cover_cell, table.lower)
    return counts


def build(folder: Path) -> None:
    """Fit, divide, and write table.csv and the registers into a folder."""
    counts = pooled_counts()
    write_all(fitted(counts.astype(np.float64)), counts, folder)


def write_all(cells: Floats, counts: Ints, folder: Path) -> None:
    """Write table.csv and the registers into a folder, for fitted cells of shape (96, 64)."""
    expected = np.where(ON_A_LIST > 0, cells / cells.sum(axis=0) * counts, 0.0)
    table = rounded(expected, counts)
    write(folder / "table.csv", [*LEVELS, *LISTS, "count"], table_rows(table))
    for name, rows in registers(table).items():
        write(folder / "registers" / f"{REGISTERS[name]}.csv", ["key", "reported", *MISSING], rows)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
