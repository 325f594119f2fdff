"""The log density of the log-linear model with its gradient, as machine code.

`estimator.methods.loglinear.definition` states the same model in PyMC; tests hold the two against each other. This
version exists for speed: PyMC's import, its graph and its compilation take half a minute, more than all else together,
and again for every other model. Here the model is loops over arrays: numba compiles it once on a machine, for every
table and every prior, and keeps the result in its cache.

The sampler knows a position: one vector of D values on the whole real line. `estimator.methods.loglinear.parameters`
says which value is what.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from estimator.methods.kept_code import compiled, digest_of
from estimator.methods.loglinear import likelihood, poisson_range, recording, unknown_scores
from estimator.methods.loglinear.arrays import LOG_HALF_CAUCHY, NORMAL, STUDENT_T_IN_SCALES, ModelArrays
from estimator.methods.loglinear.likelihood import log_likelihood_and_gradient

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_LOG_TWO_OVER_PI = math.log(2.0 / math.pi)


# Where machine code finds each array: in the order of ModelArrays.
_AT = {name: i for i, name in enumerate(ModelArrays._fields)}
_PRIOR_AT = _AT["kind"]
_TERMS_AT, _SCALED_AT, PLACES_AT, _CHANGES_AT, NUMBERS_AT = (
    _AT["term_at"],
    _AT["composition_scale_at"],
    _AT["places"],
    _AT["change_list"],
    _AT["numbers"],
)
_MATRICES_AT, _SUMS_AT, _RANGES_AT = _AT["composition_matrix"], _AT["sum_count"], _AT["range_lower"]
HETEROGENEITY_AT = _AT["heterogeneity_matrix"]
_ERRORS_AT, _ROADS_AT = _AT["missed_at"], _AT["columns"]
_N_WORDS = 3 * len(_AT)


def address_block(arrays: Any) -> NDArray[np.uint64]:
    """Return the block through which machine code finds the arrays: three words each, address and two sizes.

    Parameters
    ----------
    arrays : NamedTuple of ndarray
        Such as `ModelArrays`; must be C-contiguous float64 and int64, and must outlive every use of the block.

    Returns
    -------
    ndarray of uint64, shape (3 * number of arrays,)
    """
    words: list[int] = []
    for name, array in zip(arrays._fields, arrays, strict=True):
        if not array.flags.c_contiguous or array.dtype not in (np.float64, np.int64) or array.ndim not in (1, 2):
            raise ValueError(f"array '{name}' is not a C-contiguous vector or matrix of float64 or int64")
        words += [array.ctypes.data, array.shape[0], array.shape[1] if array.ndim == 2 else 1]
    return np.array(words, dtype=np.uint64)


@intrinsic
def _pointer(typing_context: Any, address: Any) -> Any:
    """Turn an address into a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@numba.njit
def reals_at(block: Any, i: int) -> Any:
    """Return the vector of reals of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]),), np.float64)


@numba.njit
def integers_at(block: Any, i: int) -> Any:
    """Return the vector of whole numbers of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]),), np.int64)


@numba.njit
def matrix_at(block: Any, i: int) -> Any:
    """Return the matrix of reals of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]), np.int64(block[3 * i + 2])), np.float64)


@numba.njit
def integer_matrix_at(block: Any, i: int) -> Any:
    """Return the matrix of whole numbers of array i."""
    return numba.carray(_pointer(block[3 * i]), (np.int64(block[3 * i + 1]), np.int64(block[3 * i + 2])), np.int64)


@numba.njit(nogil=True, error_model="numpy")
def log_prior_of_value(
    d: int,
    position: Floats,
    kind: Ints,
    mean: Floats,
    log_sd: Floats,
    degrees: Floats,
    mean_at: Ints,
    scale_at: Ints,
    gradient: Floats,
) -> tuple[float, float]:
    """Return the log prior density of sampled value d, in two summands, and add its gradient to `gradient`.

    Arguments as in `log_prior`. Two, because the order of a sum decides its last digit, and with it every draw.
    """
    if kind[d] == LOG_HALF_CAUCHY:
        # of u = log x with x half-Cauchy: log (2 / pi) + u - log (1 + e^2u); the u is the Jacobian
        share = 1.0 / (1.0 + math.exp(-2.0 * position[d]))
        gradient[d] += 1.0 - 2.0 * share
        return _LOG_TWO_OVER_PI + position[d] - math.log1p(math.exp(2.0 * position[d])), 0.0
    in_scales = kind[d] == STUDENT_T_IN_SCALES
    centre = mean[d] + (position[mean_at[d]] if mean_at[d] >= 0 else 0.0)
    log_scale = log_sd[d] + (position[scale_at[d]] if scale_at[d] >= 0 else 0.0)
    scale = math.exp(log_scale)
    # (u - m) / s, or u / s - m where the centre is a multiple of the scale
    distance = position[d] / scale - centre if in_scales else (position[d] - centre) / scale
    if kind[d] == NORMAL:
        first, second = -(0.5 * distance * distance + log_scale + _HALF_LOG_TWO_PI), 0.0
        slope = -distance  # d log p / d distance
    else:
        nu = degrees[d]
        first = math.lgamma((nu + 1.0) / 2.0) - math.lgamma(nu / 2.0) - 0.5 * math.log(nu * math.pi) - log_scale
        second = -((nu + 1.0) / 2.0 * math.log1p(distance * distance / nu))
        slope = -(nu + 1.0) * distance / (nu + distance * distance)
    gradient[d] += slope / scale
    # a sampled mean and a sampled log scale move the distance too: d distance / d log s = -(u / s)
    if mean_at[d] >= 0:
        gradient[mean_at[d]] -= slope if in_scales else slope / scale
    if scale_at[d] >= 0:
        gradient[scale_at[d]] -= slope * (distance + centre if in_scales else distance) + 1.0
    return first, second


@numba.njit(nogil=True, error_model="numpy")
def log_prior(
    position: Floats,
    kind: Ints,
    mean: Floats,
    log_sd: Floats,
    degrees: Floats,
    mean_at: Ints,
    scale_at: Ints,
    gradient: Floats,
) -> float:
    """Return the log prior density of all sampled values and add its gradient to `gradient`.

    Parameters
    ----------
    position : ndarray, shape (D,)
        Sampled values.
    kind : ndarray of int, shape (D,)
        `estimator.methods.loglinear.arrays.NORMAL`, `STUDENT_T`, `STUDENT_T_IN_SCALES` (around a sampled multiple of
        its scale) or `LOG_HALF_CAUCHY` (the value is the log of a standard half-Cauchy quantity).
    mean, log_sd, degrees : ndarray, shape (D,)
        Of the normal or Student t distribution.
    mean_at, scale_at : ndarray of int, shape (D,)
        Where the sampled value stands that is added to the mean, or to the log standard deviation; -1 for none.
    gradient : ndarray, shape (D,)

    Returns
    -------
    float
        Normalised.
    """
    total = 0.0
    for d in range(position.shape[0]):
        first, second = log_prior_of_value(d, position, kind, mean, log_sd, degrees, mean_at, scale_at, gradient)
        total += first
        total += second
    return total


@numba.njit(nogil=True, error_model="numpy")
def horseshoe_size(log_scale: float, log_local: float, slab: float) -> float:
    """Return the standard deviation of a term under the regularised horseshoe.

    Parameters
    ----------
    log_scale, log_local : float
        Logs of the global and the term's own scale.
    slab : float
        Standard deviation of the few large terms.

    Returns
    -------
    float
        ``w slab / sqrt(slab**2 + w**2)`` with w the product of the scales: Piironen & Vehtari (2017), Electronic
        Journal of Statistics 11:5018, eq. 2.8.
    """
    wide = math.exp(log_scale + log_local)
    return wide * slab / math.sqrt(slab * slab + wide * wide)


@numba.njit(nogil=True, error_model="numpy")
def interaction_terms(
    position: Floats, term_at: Ints, local_at: Ints, scale_at: int, mean_at: int, centre: float, slab: float
) -> Floats:
    """Return the coefficients of the two-list and three-list terms.

    Parameters
    ----------
    position : ndarray, shape (D,)
    term_at : ndarray of int, shape (Q,)
        Where the term's value, or its standardised value under the horseshoe, stands.
    local_at : ndarray of int, shape (Q,)
        Where its own log scale stands; -1 when the value is the term itself.
    scale_at, mean_at : int
        Where the horseshoe's global log scale and the common mean stand (-1: no common mean).
    centre, slab : float
        Of the horseshoe.

    Returns
    -------
    ndarray, shape (Q,)
    """
    theta = np.empty(term_at.shape[0])
    for q in range(term_at.shape[0]):
        value = position[term_at[q]]
        if local_at[q] >= 0:
            value *= horseshoe_size(position[scale_at], position[local_at[q]], slab)
            value += centre + (position[mean_at] if mean_at >= 0 else 0.0)
        theta[q] = value
    return theta


@numba.njit(nogil=True, error_model="numpy")
def add_term_gradient(
    position: Floats,
    by_theta: Floats,
    term_at: Ints,
    local_at: Ints,
    scale_at: int,
    mean_at: int,
    slab: float,
    gradient: Floats,
) -> None:
    """Add what the terms' gradient means for the sampled values; arguments as in `interaction_terms`."""
    for q in range(term_at.shape[0]):
        if local_at[q] < 0:
            gradient[term_at[q]] += by_theta[q]
            continue
        wide = math.exp(position[scale_at] + position[local_at[q]])
        size = horseshoe_size(position[scale_at], position[local_at[q]], slab)
        gradient[term_at[q]] += by_theta[q] * size
        # d log size / d log wide = slab^2 / (slab^2 + wide^2)
        by_log_wide = by_theta[q] * position[term_at[q]] * size * slab * slab / (slab * slab + wide * wide)
        gradient[scale_at] += by_log_wide
        gradient[local_at[q]] += by_log_wide
        if mean_at >= 0:
            gradient[mean_at] += by_theta[q]


@numba.njit(nogil=True, error_model="numpy")
def heterogeneity_effects(
    position: Floats, start: int, n_effects: int, n_lists: int, change_at: int, change_list: Ints
) -> Floats:
    """Return the effects of strata on the coverage of every list; a break is an effect on one list only.

    Parameters
    ----------
    position : ndarray, shape (D,)
    start : int
        Where the effects of covariates start.
    n_effects, n_lists : int
        Number of the effects of covariates, and of lists.
    change_at : int
        Where the breaks start.
    change_list : ndarray of int, shape (J,)
        The list of each break.

    Returns
    -------
    ndarray, shape (n_effects + J, n_lists)
    """
    effects = np.zeros((n_effects + change_list.shape[0], n_lists))
    for k in range(n_effects):
        for i in range(n_lists):
            effects[k, i] = position[start + k * n_lists + i]
    for j in range(change_list.shape[0]):
        effects[n_effects + j, change_list[j]] = position[change_at + j]
    return effects


@numba.njit(nogil=True, error_model="numpy")
def add_from(gradient: Floats, start: int, part: Floats) -> None:
    """Add the derivatives by values that stand together, from their place on."""
    for i in range(part.shape[0]):
        gradient[start + i] += part[i]


@numba.njit(nogil=True, error_model="numpy")
def log_prior_of_block(position: Floats, block: NDArray[np.uint64], gradient: Floats) -> float:
    """Return the log prior density of a position, and overwrite `gradient` with its gradient."""
    for d in range(gradient.shape[0]):
        gradient[d] = 0.0
    return float(
        log_prior(
            position,
            integers_at(block, _PRIOR_AT),
            reals_at(block, _PRIOR_AT + 1),
            reals_at(block, _PRIOR_AT + 2),
            reals_at(block, _PRIOR_AT + 3),
            integers_at(block, _PRIOR_AT + 4),
            integers_at(block, _PRIOR_AT + 5),
            gradient,
        )
    )


@numba.njit(nogil=True, error_model="numpy")
def sampled_composition(position: Floats, block: NDArray[np.uint64]) -> Floats:
    """Return the effects on the dark figure's spread over strata."""
    composition_at, scale_at = integers_at(block, PLACES_AT)[1], integers_at(block, _SCALED_AT)
    composition = np.empty(scale_at.shape[0])
    for k in range(composition.shape[0]):
        composition[k] = position[composition_at + k]
        if scale_at[k] >= 0:
            composition[k] *= math.exp(position[scale_at[k]])
    return composition


@numba.njit(nogil=True, error_model="numpy")
def sampled_heterogeneity(position: Floats, block: NDArray[np.uint64]) -> Floats:
    """Return the effects on the coverage of every list, those of covariates and breaks; see `heterogeneity_effects`."""
    places, change_list = integers_at(block, PLACES_AT), integers_at(block, _CHANGES_AT)
    n_effects = matrix_at(block, HETEROGENEITY_AT).shape[1] - change_list.shape[0]
    effects: Floats = heterogeneity_effects(position, places[2], n_effects, places[0], places[5], change_list)
    return effects


@numba.njit(nogil=True, error_model="numpy")
def sampled_terms(position: Floats, block: NDArray[np.uint64]) -> Floats:
    """Return the coefficients of the two-list and three-list terms; see `interaction_terms`."""
    places, numbers = integers_at(block, PLACES_AT), reals_at(block, NUMBERS_AT)
    term_at, local_at = integers_at(block, _TERMS_AT), integers_at(block, _TERMS_AT + 1)
    terms: Floats = interaction_terms(position, term_at, local_at, places[3], places[4], numbers[1], numbers[2])
    return terms


@numba.njit(nogil=True, error_model="numpy")
def add_gradient_of_effects(
    position: Floats,
    block: NDArray[np.uint64],
    composition: Floats,
    by_log_n0: float,
    by_composition: Floats,
    by_coverage: Floats,
    by_heterogeneity: Floats,
    by_theta: Floats,
    gradient: Floats,
) -> None:
    """Add what derivatives by effects and terms mean for the sampled values to `gradient`."""
    places, change_list = integers_at(block, PLACES_AT), integers_at(block, _CHANGES_AT)
    n_lists, composition_at, heterogeneity_at, change_at = places[0], places[1], places[2], places[5]
    n_changes = change_list.shape[0]
    n_effects = by_heterogeneity.shape[0] - n_changes
    gradient[0] += by_log_n0  # log n0 = log registered + position[0]
    # loops, because numba compiles seconds longer on whole-array assignments (for the sake of their error messages)
    for i in range(n_lists):
        gradient[1 + i] += by_coverage[i]
        for k in range(n_effects):
            gradient[heterogeneity_at + k * n_lists + i] += by_heterogeneity[k, i]
    for j in range(n_changes):
        gradient[change_at + j] += by_heterogeneity[n_effects + j, change_list[j]]
    scale_at = integers_at(block, _SCALED_AT)
    for k in range(composition.shape[0]):
        scale = 1.0
        if scale_at[k] >= 0:  # effect = e^(log scale) z: d effect / d log scale = effect
            scale = math.exp(position[scale_at[k]])
            gradient[scale_at[k]] += by_composition[k] * composition[k]
        gradient[composition_at + k] += by_composition[k] * scale
    term_at, local_at = integers_at(block, _TERMS_AT), integers_at(block, _TERMS_AT + 1)
    slab = reals_at(block, NUMBERS_AT)[2]
    add_term_gradient(position, by_theta, term_at, local_at, places[3], places[4], slab, gradient)


@numba.njit(nogil=True, error_model="numpy")
def log_density_and_gradient(position: Floats, block: NDArray[np.uint64], gradient: Floats) -> float:
    """Return the log posterior density, up to the constant ``-sum log y!``, and write its gradient.

    Parameters
    ----------
    position : ndarray, shape (D,)
    block : ndarray of uint64
        From `address_block`: compilation takes ten times as long when the arrays themselves are handed on in a tuple.
    gradient : ndarray, shape (D,)
        Overwritten.
    """
    prior = log_prior_of_block(position, block, gradient)
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
    likelihood_version = digest_of(likelihood, poisson_range, recording, unknown_scores)

    def log_density(n_dim, position_, gradient_, value_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        made_with = likelihood_version  # noqa: F841
        gradient = numba.carray(gradient_, (np.int64(n_dim),))
        value = log_density_and_gradient(
            numba.carray(position_, (np.int64(n_dim),)), numba.carray(block_, (_N_WORDS,), np.uint64), gradient
        )
        numba.carray(value_, (1,))[0] = value
        if not np.isfinite(value):
            return 4
        for d in range(gradient.shape[0]):
            if not np.isfinite(gradient[d]):
                return 3
        return 0

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
        ``(D, position, log priors out, address block)``.
    """

    def log_priors(n_dim, position_, parts_, block_):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        position, parts = numba.carray(position_, (np.int64(n_dim),)), numba.carray(parts_, (np.int64(n_dim),))
        block, gradient = numba.carray(block_, (_N_WORDS,), np.uint64), np.zeros(position.shape[0])
        for d in range(position.shape[0]):
            first, second = log_prior_of_value(
                d,
                position,
                integers_at(block, _PRIOR_AT),
                reals_at(block, _PRIOR_AT + 1),
                reals_at(block, _PRIOR_AT + 2),
                reals_at(block, _PRIOR_AT + 3),
                integers_at(block, _PRIOR_AT + 4),
                integers_at(block, _PRIOR_AT + 5),
                gradient,
            )
            parts[d] = first + second
        return 0

    return compiled(_EACH_PRIOR, log_priors)
