"""What a study asks and how it observes, without its counts: the shape in which tables are simulated.

Of the coarsening of the study's own table one kind is kept: lists that did not run in some strata, because that is a
property of the study. Unknown covariates and suppressed or bounded counts are dropped (every history that could be
recorded has an exact count), because nothing is known of how they come about, so that they cannot be simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate
from estimator.capture.table import UNBOUNDED, CaptureTable
from estimator.study.questions import ModelSettings

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shape:
    """What a study asks and how it observes, without its counts.

    Parameters
    ----------
    table : CaptureTable
        An exact number, 0, for each history that could be recorded in each stratum.
    groups : mapping of str to ndarray of bool, shape (S,)
        Strata of every group, within the headline period.
    registered : float
        The number that the prior on the dark figure refers to.
    """

    table: CaptureTable
    model: ModelSettings
    groups: Mapping[str, NDArray[np.bool_]]
    registered: float


def template(
    lists: tuple[str, ...],
    covariates: tuple[Covariate, ...],
    possible: NDArray[np.bool_],
    running: NDArray[np.bool_],
    counted: NDArray[np.bool_],
) -> CaptureTable:
    """Return a table of zeros with an exact number for every history that is recorded."""
    n_strata, n_histories = possible.shape
    off = (~running).astype(np.int64) @ (1 << np.arange(len(lists))[::-1])
    recorded = np.arange(n_histories)[None, :] & ~off[:, None]
    number = (np.arange(n_strata)[:, None] * n_histories + recorded)[counted]
    cell = np.flatnonzero(counted)
    order = np.argsort(number, kind="stable")
    _, size = np.unique(number, return_counts=True)
    zeros = np.zeros(len(size), np.int64)
    start = np.concatenate([[0], np.cumsum(size)])
    return CaptureTable(
        lists, covariates, "synthetic", possible, zeros, zeros, start, cell[order], zeros, running=running
    )


def plain_shape(n_lists: int) -> Shape:
    """Return the shape of a table without covariates, whose lists are called A, B, C …; it registers one person."""
    cells = np.ones((1, 2**n_lists), bool)
    counted_cells = cells & (np.arange(2**n_lists) > 0)
    lists = tuple(chr(ord("A") + i) for i in range(n_lists))
    table = template(lists, (), cells, np.ones((1, n_lists), bool), counted_cells)
    return Shape(table, ModelSettings.for_covariates([]), {"total": np.ones(1, bool)}, 1.0)


def counted(template: CaptureTable, people: Ints) -> CaptureTable:
    """Return the table that lists write down of people in cells, shape (S, H)."""
    numbers = np.add.reduceat(people.reshape(-1)[template.cover_cell], template.cover_start[:-1])
    return replace(template, lower=numbers, upper=numbers)


def reference_size(table: CaptureTable) -> float:
    """Return the number of registered people that priors on the dark figure refer to, at least 1.

    Counts known within bounds enter with the middle of their bounds (their lower bound when there is no upper one).
    """
    lower = table.lower.astype(np.float64)
    upper = np.where(table.upper == UNBOUNDED, table.lower, table.upper).astype(np.float64)
    return max(float(((lower + upper) / 2).sum()), 1.0)
