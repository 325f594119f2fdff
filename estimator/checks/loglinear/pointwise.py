"""The log-likelihood of each observed number at every draw: what leaving-one-out starts from.

Numbers that count people of the same cells (of known sex, and of unknown sex) are one observation, left out together:
the likelihood has no term for each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.observations import UNBOUNDED
from estimator.capture.table import CaptureTable
from estimator.methods.loglinear.entries import expected_entries
from estimator.methods.loglinear.poisson_range import poisson_range
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.loglinear.unknown import Unknown, unknown_of
from estimator.study.questions import ModelSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Block:
    """Observed numbers that stand or fall together.

    Parameters
    ----------
    numbers : tuple of int
        Positions among the observed numbers of the table; nearly always one.
    cells : ndarray of int
        Flat indices of the cells that they count, each once.
    """

    numbers: tuple[int, ...]
    cells: Ints


def blocks_of(table: CaptureTable) -> list[Block]:
    """Return the observed numbers, those together that share cells.

    Returns
    -------
    list of Block
        In the order of their first numbers.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    entries = (np.ones(len(table.cover_cell), dtype=np.int8), table.cover_cell, table.cover_start)
    covers = csr_array(entries, shape=(len(table.lower), table.n_cells))
    if np.bincount(table.cover_cell, minlength=1).max(initial=0) <= 1:
        member = np.arange(len(table.lower))
    else:
        member = connected_components(covers.astype(np.int64) @ covers.T, directed=False)[1]
    order = np.argsort(member, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(member[order])) + 1) if len(order) else []
    blocks = [
        Block(tuple(part.tolist()), np.unique(np.concatenate([table.observations.cells(j) for j in part])))
        for part in parts
    ]
    return sorted(blocks, key=lambda block: block.numbers[0])


def log_likelihoods(table: CaptureTable, posterior: LoglinearPosterior, blocks: list[Block]) -> Floats:
    """Return the log probability of each block at each draw.

    Returns
    -------
    ndarray, shape (n, B)
        Natural logs. Draws of all chains one after the other. Of a single exact number y with mean m it is the Poisson
        log probability, ``y log m - m - log y!``; of several exact ones that share cells
        ``sum_j y_j log m_j - sum of their cells - sum_j log y_j!``; of a number within bounds the log of the Poisson
        probability of the bounds. Where people of unknown level share cells with numbers within bounds, m is of those
        who came by the number's way (`estimator.methods.loglinear.unknown`).
    """
    parts, place = [], 0
    ways = unknown_of(table, ModelSettings()) if posterior.design.unknown.names else None
    for cells in expected_entries(posterior):
        flat = cells.reshape(len(cells), -1)
        if ways is None:
            parts.append(_of_numbers(table, flat, blocks))
        else:
            coefficients = posterior.values["unknown"].reshape(-1, len(ways.names))[place : place + len(cells)]
            parts.append(_of_ways(table, flat, blocks, ways, coefficients))
        place += len(cells)
    return np.concatenate(parts)


def _of_ways(table: CaptureTable, cells: Floats, blocks: list[Block], ways: Unknown, coefficients: Floats) -> Floats:
    """Return the log probability of each block where every number is of people who came by its way, shape (n, B)."""
    log_shares = np.hstack([ways.log_shares_of_ways(coefficients), np.zeros((len(cells), 1))])[:, ways.way_of_number]
    means = np.exp(log_shares) * np.add.reduceat(cells[:, table.cover_cell], table.cover_start[:-1], axis=1)
    exact = table.lower == table.upper
    terms = np.where(exact, _exact_terms(means, table.lower), means)  # exposure of all roads is taken off below
    for j in np.flatnonzero(~exact):
        terms[:, j] += log_range(means[:, j], int(table.lower[j]), int(table.upper[j]))
    logs = [terms[:, list(block.numbers)].sum(axis=1) - cells[:, block.cells].sum(axis=1) for block in blocks]
    return np.stack(logs, axis=1)


def _of_numbers(table: CaptureTable, cells: Floats, blocks: list[Block]) -> Floats:
    means = np.add.reduceat(cells[:, table.cover_cell], table.cover_start[:-1], axis=1)
    exact = table.lower == table.upper
    terms = np.where(exact, _exact_terms(means, table.lower), 0.0)
    for j in np.flatnonzero(~exact):
        terms[:, j] = log_range(means[:, j], int(table.lower[j]), int(table.upper[j]))
    pointwise = np.empty((len(cells), len(blocks)))
    for b, block in enumerate(blocks):
        pointwise[:, b] = terms[:, list(block.numbers)].sum(axis=1)
        if exact[block.numbers[0]]:
            pointwise[:, b] -= cells[:, block.cells].sum(axis=1)
    return pointwise


def _exact_terms(means: Floats, counts: Ints) -> Floats:
    """Return ``y log m - log y!``, with 0 log 0 = 0."""
    from scipy.special import gammaln, xlogy

    return np.asarray(xlogy(counts, means) - gammaln(counts + 1.0))


def log_range(means: Floats, lower: int, upper: int) -> Floats:
    """Return the log probability that Poisson counts lie within bounds, both included.

    Parameters
    ----------
    means : ndarray, shape (n,)
    lower, upper : int
        `UNBOUNDED` for no upper bound.

    Returns
    -------
    ndarray, shape (n,)
    """
    bound = UNBOUNDED if upper == UNBOUNDED else upper
    return np.array([poisson_range(mean, lower, bound)[0] for mean in means], dtype=np.float64)
