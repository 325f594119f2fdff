"""The log density of the log-linear model with its gradient, as machine code.

`estimator.methods.loglinear.definition` states the same model in PyMC; tests hold the two against each other. This
version exists for speed: PyMC's import, its graph and its compilation take half a minute, more than all else together,
and again for every other model. Here the model is loops over arrays: numba compiles it once on a machine, for every
table and every prior, and keeps the result in its cache.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.loglinear import (
    addresses,
    arrays,
    level_density,
    likelihood,
    poisson_range,
    positions,
    recording,
    unknown_scores,
)
from estimator.methods.loglinear.addresses import integers_at, matrix_at, reals_at
from estimator.methods.loglinear.level_density import LEVEL_AT, add_log_prior_of_level
from estimator.methods.loglinear.likelihood import log_likelihood_and_gradient
from estimator.methods.loglinear.positions import (
    AT,
    HETEROGENEITY_AT,
    NUMBERS_AT,
    PLACES_AT,
    PRIOR_AT,
    add_from,
    add_gradient_of_effects,
    log_prior_of_block,
    log_prior_of_value,
    sampled_composition,
    sampled_heterogeneity,
    sampled_terms,
)

Floats = NDArray[np.float64]

_MATRICES_AT, _SUMS_AT, _RANGES_AT = AT["composition_matrix"], AT["sum_count"], AT["range_lower"]
_ERRORS_AT, _ROADS_AT = AT["missed_at"], AT["columns"]
_N_WORDS = 3 * len(AT)


@numba.njit(nogil=True, error_model="numpy")
def log_density_and_gradient(position: Floats, block: NDArray[np.uint64], gradient: Floats) -> float:
    """Return the log posterior density, up to the constant ``-sum log y!``, and write its gradient.

    Parameters
    ----------
    position : ndarray, shape (D,)
    block : ndarray of uint64
        From `estimator.methods.loglinear.addresses.address_block`.
    gradient : ndarray, shape (D,)
        Overwritten.
    """
    prior = log_prior_of_block(position, block, gradient)
    if reals_at(block, LEVEL_AT).shape[0]:
        of_ratio, of_differences = add_log_prior_of_level(position, block, gradient)
        prior += of_ratio + of_differences
    places = integers_at(block, PLACES_AT)
    composition = sampled_composition(position, block)
    error_at, n_errors, unknown_at, n_unknown = places[6], places[7], places[8], places[9]
    found = log_likelihood_and_gradient(
        reals_at(block, NUMBERS_AT)[0] + position[0],
        composition,
        position[1 : 1 + places[0]],
        sampled_heterogeneity(position, block),
        sampled_terms(position, block),
        matrix_at(block, _MATRICES_AT),
        matrix_at(block, HETEROGENEITY_AT),
        matrix_at(block, _MATRICES_AT + 2),
        matrix_at(block, _MATRICES_AT + 3),
        matrix_at(block, _MATRICES_AT + 4),
        matrix_at(block, _MATRICES_AT + 5),
        reals_at(block, _SUMS_AT),
        integers_at(block, _SUMS_AT + 1),
        integers_at(block, _SUMS_AT + 2),
        integers_at(block, _RANGES_AT),
        integers_at(block, _RANGES_AT + 1),
        integers_at(block, _RANGES_AT + 2),
        integers_at(block, _RANGES_AT + 3),
        position[error_at : error_at + n_errors],
        integers_at(block, _ERRORS_AT),
        integers_at(block, _ERRORS_AT + 1),
        integers_at(block, _ERRORS_AT + 2),
        integers_at(block, _ERRORS_AT + 3),
        integers_at(block, _ERRORS_AT + 4),
        matrix_at(block, _ERRORS_AT + 5),
        integers_at(block, _ERRORS_AT + 6),
        position[unknown_at : unknown_at + n_unknown],
        matrix_at(block, _ROADS_AT),
        integers_at(block, _ROADS_AT + 1),
        matrix_at(block, _ROADS_AT + 2),
        reals_at(block, _ROADS_AT + 3),
        integers_at(block, _ROADS_AT + 4),
    )
    value, by_log_n0, by_composition, by_coverage, by_heterogeneity, by_theta, by_errors, by_unknown = found
    add_from(gradient, error_at, by_errors)
    add_from(gradient, unknown_at, by_unknown)
    add_gradient_of_effects(
        position, block, composition, by_log_n0, by_composition, by_coverage, by_heterogeneity, by_theta, gradient
    )
    return float(prior + value)


@numba.njit(nogil=True, error_model="numpy")
def status_of(value: float, gradient: Floats) -> int:
    """Return what a sampler is told of a position: 0, or 4 without a finite log density, or 3 without its gradient."""
    if not np.isfinite(value):
        return 4
    for d in range(gradient.shape[0]):
        if not np.isfinite(gradient[d]):
            return 3
    return 0


class MachineCode(NamedTuple):
    """The compiled log density and the function that hands positions on; each has an ``address``."""

    log_density: Any
    expand: Any


# status = log_density(D, position, gradient out, value out, address block), as nutpie calls it
_REALS = types.CPointer(types.double)
LOG_DENSITY = types.int64(types.uint64, _REALS, _REALS, _REALS, types.voidptr)
_EXPAND = types.int64(types.uint64, types.uint64, _REALS, _REALS, types.voidptr)
_EACH_PRIOR = types.int64(types.uint64, _REALS, _REALS, types.voidptr)


@cache
def machine_code() -> MachineCode:
    """Compile the log density, or load it from numba's cache.

    Returns
    -------
    MachineCode
        The same for every table and every prior.
    """
    made_of = digest_of(
        addresses, arrays, level_density, likelihood, poisson_range, positions, recording, unknown_scores
    )

    def log_density(n_dim, position_, gradient_, value_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        made_with = made_of  # noqa: F841
        gradient = numba.carray(gradient_, (np.int64(n_dim),))
        value = log_density_and_gradient(
            numba.carray(position_, (np.int64(n_dim),)), numba.carray(block_, (_N_WORDS,), np.uint64), gradient
        )
        numba.carray(value_, (1,))[0] = value
        return status_of(value, gradient)

    def expand(n_dim, n_expanded, position_, expanded_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        position, expanded = numba.carray(position_, (np.int64(n_dim),)), numba.carray(expanded_, (np.int64(n_dim),))
        for d in range(position.shape[0]):
            expanded[d] = position[d]
        return 0

    return MachineCode(compiled(LOG_DENSITY, log_density), compiled(_EXPAND, expand))


@cache
def prior_code() -> Any:
    """Compile the log prior density of each value by itself, or load it from numba's cache.

    Returns
    -------
    CFunc
        ``(D, position, log priors out, address block)``. Where the level of coverage follows from the dark figure, the
        first is that of the dark figure and the second that of all differences between lists.
    """
    made_of = digest_of(addresses, arrays, level_density, likelihood, positions)

    def log_priors(n_dim, position_, parts_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        made_with = made_of  # noqa: F841
        position, parts = numba.carray(position_, (np.int64(n_dim),)), numba.carray(parts_, (np.int64(n_dim),))
        block, gradient = numba.carray(block_, (_N_WORDS,), np.uint64), np.zeros(position.shape[0])
        for d in range(position.shape[0]):
            first, second = log_prior_of_value(
                d,
                position,
                integers_at(block, PRIOR_AT),
                reals_at(block, PRIOR_AT + 1),
                reals_at(block, PRIOR_AT + 2),
                reals_at(block, PRIOR_AT + 3),
                integers_at(block, PRIOR_AT + 4),
                integers_at(block, PRIOR_AT + 5),
                gradient,
            )
            parts[d] = first + second
        of_ratio, of_differences = add_log_prior_of_level(position, block, gradient)
        parts[0] += of_ratio
        parts[1] += of_differences
        return 0

    return compiled(_EACH_PRIOR, log_priors)
