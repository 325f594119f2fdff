"""Strata: the combinations of covariate levels into which a table is divided."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from estimator.capture.declaration import Covariate, Where, where_faults
from estimator.errors import Fault, InputError

ONE_STRATUM = "all"
"""Label of the only stratum of a table without covariates."""


def stratum_count(covariates: Sequence[Covariate]) -> int:
    """Return the number of strata S.

    Returns
    -------
    int
        The product of the numbers of levels; 1 without covariates.
    """
    return prod(len(covariate.levels) for covariate in covariates)


def stratum_levels(covariates: Sequence[Covariate]) -> NDArray[np.int64]:
    """Return the level of each covariate in each stratum.

    Parameters
    ----------
    covariates : sequence of Covariate
        In declared order; the last one runs fastest.

    Returns
    -------
    ndarray of int64, shape (S, n_covariates)
        Indices into ``covariate.levels``.
    """
    shape = tuple(len(covariate.levels) for covariate in covariates)
    if not shape:
        return np.zeros((1, 0), np.int64)
    return np.stack(np.unravel_index(np.arange(prod(shape)), shape), axis=1).astype(np.int64)


def stratum_labels(covariates: Sequence[Covariate]) -> list[str]:
    """Return a readable name for each stratum.

    Returns
    -------
    list of str, length S
        ``"2014, female"``; ``"all"`` without covariates.
    """
    if not covariates:
        return [ONE_STRATUM]
    return [
        ", ".join(covariate.levels[level] for covariate, level in zip(covariates, row, strict=True))
        for row in stratum_levels(covariates).tolist()
    ]


def strata_where(covariates: Sequence[Covariate], where: Where) -> NDArray[np.bool_]:
    """Return which strata have the named levels.

    Parameters
    ----------
    covariates : sequence of Covariate
        In declared order.
    where : mapping of str to tuple of str
        Levels allowed of some covariates; covariates that are not named may have any level.

    Returns
    -------
    ndarray of bool, shape (S,)
        All True for an empty `where`.

    Raises
    ------
    InputError
        When a covariate or level does not exist.
    """
    messages = list(where_faults(covariates, where))
    if messages:
        raise InputError([Fault("", message) for message in messages])
    rows = stratum_levels(covariates)
    chosen = np.ones(len(rows), bool)
    for index, covariate in enumerate(covariates):
        if covariate.name in where:
            place = {level: number for number, level in enumerate(covariate.levels)}
            allowed = [place[level] for level in where[covariate.name]]
            chosen &= np.isin(rows[:, index], allowed)
    return chosen
