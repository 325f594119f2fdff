"""What public registers show of dependence: the tables behind the priors `evidence`, pair by pair.

The files are made by ``python -m evidence.make_evidence`` and travel with the prior files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby, permutations, product

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import list_bits
from estimator.capture.pooling import pooled
from estimator.capture.table import CaptureTable
from estimator.study.shipped import evidence_rows

Floats = NDArray[np.float64]
Row = tuple[list[int], int, int]
"""Which cells a count is about, and its bounds."""

_MOST_ORDERS = 5_040

PAIRS, RESIDUALS, TABLES = "pairs.csv", "residuals.csv", "tables.csv"


@dataclass(frozen=True, eq=False)
class PublicEvidence:
    """Values of one quantity in public tables, each with its uncertainty.

    Parameters
    ----------
    mean, sd : ndarray, shape (n,)
        Posterior mean and standard deviation of each, on the log scale.
    weight : ndarray, shape (n,)
        Sums to 1; families of tables weigh the same.
    family, name : tuple of str
        Of each: the family of tables, and which pair or list it is.
    """

    mean: Floats
    sd: Floats
    weight: Floats
    family: tuple[str, ...]
    name: tuple[str, ...]

    def share_at_least(self, value: float) -> float:
        """Return the share of values that are at least this large.

        Parameters
        ----------
        value : float
            On the log scale.

        Returns
        -------
        float
            Between 0 and 1; each value counts in so far as its posterior lies there.
        """
        from scipy.special import ndtr

        return float(self.weight @ ndtr((self.mean - value) / self.sd))

    def quantile(self, probability: float) -> float:
        """Return the value below which this share of values lies, on the log scale."""
        from scipy.optimize import brentq

        reach = float((np.abs(self.mean) + 10 * self.sd).max())
        return float(brentq(lambda value: 1 - self.share_at_least(value) - probability, -reach, reach))


@dataclass(frozen=True, eq=False)
class PublicPairs(PublicEvidence):
    """Log odds ratios of pairs of lists, among the people on a third."""

    @property
    def log_odds_ratio(self) -> Floats:
        """Posterior means, shape (n,)."""
        return self.mean


@cache
def public_pairs() -> PublicPairs:
    """Return the log odds ratios of pairs of public lists.

    Returns
    -------
    PublicPairs
        One for each pair and each list that was held out.
    """
    rows = evidence_rows(PAIRS)
    names = tuple(f"{row['table']}: {row['pair']} on {row['held_out']}" for row in rows)
    return PublicPairs(*_numbers(rows), tuple(row["family"] for row in rows), names)


@cache
def public_residuals() -> PublicEvidence:
    """Return the log of the true over the implied dark figure, for lists held out of public tables.

    Returns
    -------
    PublicEvidence
        One for each list that was held out.
    """
    rows = evidence_rows(RESIDUALS)
    names = tuple(f"{row['table']}: {row['held_out']}" for row in rows)
    return PublicEvidence(*_numbers(rows), tuple(row["family"] for row in rows), names)


def counts_learned_from() -> frozenset[str]:
    """Return `counts_digest` of the tables from which the priors `evidence` were learned."""
    return frozenset(row["counts"] for row in evidence_rows(TABLES))


def counts_digest(table: CaptureTable) -> str:
    """Return a digest of what a table counts, its strata added up.

    Parameters
    ----------
    table : CaptureTable
        Whose strata can be added up.

    Returns
    -------
    str
        The same whatever the names and the order of lists and rows, and however the people are divided over strata.
    """
    together = pooled(table)
    starts, ends = together.cover_start[:-1], together.cover_start[1:]
    rows = [
        (together.cover_cell[start:end].tolist(), int(lower), int(upper))
        for start, end, lower, upper in zip(starts, ends, together.lower, together.upper, strict=True)
        if upper > 0
    ]
    bits = list_bits(together.n_lists).tolist()
    # Lists get the order that their own counts give them, so that no name and no declared order is left; of lists that
    # count alike, every order is tried.
    seen = [sorted((_sizes(cells), *counts) for cells, *counts in rows if any(c & bit for c in cells)) for bit in bits]
    by_counts = sorted(range(len(bits)), key=seen.__getitem__)
    alike = [list(group) for _, group in groupby(by_counts, key=seen.__getitem__)]
    first = min(_renamed(rows, [bits[place] for place in order]) for order in _orders(alike))
    return sha256(repr(first).encode()).hexdigest()[:16]


def _orders(alike: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the orders of lists that differ in where lists that count alike stand.

    One order only where there are more than `_MOST_ORDERS`, as in a table in which a dozen lists saw the same people.
    """
    number = math.prod(math.factorial(len(group)) for group in alike)
    choices = product(*(permutations(group) for group in alike)) if number <= _MOST_ORDERS else [alike]
    yield from ([place for group in groups for place in group] for groups in choices)


def _renamed(rows: Sequence[Row], bits: Sequence[int]) -> list[Row]:
    """Return rows in which lists stand in another order, by the values of their bits, sorted."""
    rank = {bit: 2**index for index, bit in enumerate(bits)}
    return sorted(
        (sorted(sum(rank[bit] for bit in bits if cell & bit) for cell in cells), lower, upper)
        for cells, lower, upper in rows
    )


def _sizes(cells: list[int]) -> list[int]:
    """Return on how many lists the people of each history are, in ascending order."""
    return sorted(cell.bit_count() for cell in cells)


def shipped_public_tables() -> list[str]:
    """Return the names of the shipped studies whose tables the priors `evidence` were learned from."""
    return [row["table"] for row in evidence_rows(TABLES) if row["shipped"] == "yes"]


def _numbers(rows: list[dict[str, str]]) -> tuple[Floats, Floats, Floats]:
    """Return means, standard deviations and weights."""
    mean, sd, weight = (np.array([float(row[key]) for row in rows]) for key in ("mean", "sd", "weight"))
    return mean, sd, weight / weight.sum()
