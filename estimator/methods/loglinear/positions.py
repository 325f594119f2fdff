"""What a position of the sampler means: its prior density, and its effects and terms, with the derivatives by them.

As machine code, for `estimator.methods.loglinear.density` and `estimator.methods.loglinear.large` alike. A position is
one vector of D values on the whole real line; `estimator.methods.loglinear.parameters` says which value is what.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.addresses import integers_at, matrix_at, reals_at
from estimator.methods.loglinear.arrays import FLAT, LOG_HALF_CAUCHY, NORMAL, STUDENT_T_IN_SCALES, ModelArrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_LOG_TWO_OVER_PI = math.log(2.0 / math.pi)

AT = {name: i for i, name in enumerate(ModelArrays._fields)}
"""Where machine code finds each array."""

PRIOR_AT, PLACES_AT, NUMBERS_AT, HETEROGENEITY_AT = (
    AT["kind"],
    AT["places"],
    AT["numbers"],
    AT["heterogeneity_matrix"],
)
_TERMS_AT, _SCALED_AT, _CHANGES_AT = AT["term_at"], AT["composition_scale_at"], AT["change_list"]


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
    if kind[d] == FLAT:
        return 0.0, 0.0
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
        its scale), `LOG_HALF_CAUCHY` (the value is the log of a standard half-Cauchy quantity) or `FLAT`.
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
            integers_at(block, PRIOR_AT),
            reals_at(block, PRIOR_AT + 1),
            reals_at(block, PRIOR_AT + 2),
            reals_at(block, PRIOR_AT + 3),
            integers_at(block, PRIOR_AT + 4),
            integers_at(block, PRIOR_AT + 5),
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
