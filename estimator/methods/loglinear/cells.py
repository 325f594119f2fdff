"""The expected number of people in every cell, from parameters: what the log-linear model says of stratum and history.

    log lambda[s, h] = log n0[s] + sum_l h_l alpha[l, s] + sum_q h_q theta[q]

Residual dependence, which concerns people on no list only, is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.design import Design
from estimator.methods.loglinear.parameters import (
    PriorSettings,
    coverage_of,
    interactions,
    log_unseen_of,
    parameters_of,
    read_vector,
)
from estimator.methods.loglinear.posterior import LoglinearPosterior

Floats = NDArray[np.float64]

CELLS_AT_A_TIME = 4_000_000


def log_cells(design: Design, settings: PriorSettings, positions: Floats) -> Floats:
    """Return the log of the expected number of people in every cell.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
        As `estimator.methods.loglinear.parameters.read_vector` takes them.

    Returns
    -------
    ndarray, shape (n, S, H)
        Structural zeros not taken out.
    """
    values = read_vector(parameters_of(design, settings), positions)
    joint = interactions(settings, values) @ design.term_of_history.T
    return _added_up(design, log_unseen_of(design, values), coverage_of(design, values), joint)


def expected_cells(posterior: LoglinearPosterior) -> Iterator[Floats]:
    """Yield the expected number of people in every cell, some draws at a time, chains one after the other.

    Yields
    ------
    ndarray, shape (some draws, S, H)
        Persons; 0 in structural zeros.
    """
    design = posterior.design
    n_strata, n_lists = len(design.strata), len(design.lists)
    log_unseen = posterior.log_unseen.reshape(-1, n_strata)
    alpha = posterior.stratum_coverage
    alpha = np.broadcast_to(alpha, (*alpha.shape[:2], n_strata, n_lists)).reshape(-1, n_strata, n_lists)
    joint = posterior.terms.reshape(len(log_unseen), -1) @ design.term_of_history.T
    step = max(1, CELLS_AT_A_TIME // design.observed.counts.size)
    for start in range(0, len(log_unseen), step):
        some = slice(start, start + step)
        yield np.exp(_added_up(design, log_unseen[some], alpha[some], joint[some])) * design.observed.possible


def _added_up(design: Design, log_unseen: Floats, alpha: Floats, joint: Floats) -> Floats:
    """Add up the terms of every cell; `joint` is the sum of the interaction terms by history, shape (n, H)."""
    return np.asarray(log_unseen[..., None] + alpha @ design.member.T + joint[:, None, :])
