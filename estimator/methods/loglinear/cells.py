"""The expected number of people in every cell, from parameters: what the log-linear model says of stratum and history.

    log lambda[s, h] = log n0[s] + sum_l h_l alpha[l, s] + sum_q h_q theta[q]

Residual dependence, which concerns people on no list only, is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    return log_cells_of(design, settings, read_vector(parameters_of(design, settings), positions))


def log_cells_of(design: Design, settings: PriorSettings, values: Mapping[str, Floats]) -> Floats:
    """Return the same, given named parameters on their own scale, shape (n, ...) each."""
    joint = interactions(settings, values) @ design.term_of_history.T
    return log_cells_of_terms(design, log_unseen_of(design, values), coverage_of(design, values), joint)


def log_cells_of_terms(design: Design, log_unseen: Floats, alpha: Floats, joint: Floats) -> Floats:
    """Return the log of every cell from its terms; `joint` is the sum of the interaction terms, shape (n, H)."""
    return np.asarray(log_unseen[..., None] + alpha @ design.member.T + joint[:, None, :])
