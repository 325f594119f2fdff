"""The log density of the model at many positions at once, and what it is made of: the likelihood and every prior.

The compiled density of `estimator.methods.loglinear.density` is what the sampler calls, one position at a time; here it
is called from Python, and so is the prior of each value by itself, which power-scaling asks for.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from estimator.methods.loglinear.addresses import address_block
from estimator.methods.loglinear.arrays import NORMAL, ModelArrays
from estimator.methods.loglinear.density import machine_code, prior_code

Floats = NDArray[np.float64]
Density = Callable[[Floats], tuple[float, Floats]]

_NO_PRIOR = 60.0  # log standard deviation of a prior that no double tells from a constant
_LOG_TWO_PI = math.log(2.0 * math.pi)


def density_of(arrays: ModelArrays) -> Density:
    """Return the log posterior density of a model as a function.

    Returns
    -------
    callable
        From a position, shape (D,), to the log density (up to ``-sum log y!`` of the exact counts; minus infinity where
        it is not a number) and its gradient, shape (D,).
    """
    evaluate, at, gradient = _evaluator(arrays)

    def density(position: Floats) -> tuple[float, Floats]:
        at[:] = position
        return evaluate(), gradient.copy()

    return density


def _evaluator(arrays: ModelArrays) -> tuple[Callable[[], float], Floats, Floats]:
    """Return the density as a function, with the array it reads and the array it writes."""
    call, block = machine_code().log_density.ctypes, address_block(arrays)
    n_dim = len(arrays.kind)
    at, gradient, value = np.zeros(n_dim), np.zeros(n_dim), np.zeros(1)
    reals = ctypes.POINTER(ctypes.c_double)
    pointers = [vector.ctypes.data_as(reals) for vector in (at, gradient, value)]
    where = block.ctypes.data_as(ctypes.c_void_p)

    def evaluate(_: ModelArrays = arrays) -> float:  # the block holds addresses: keep what they point to
        call(n_dim, *pointers, where)
        density = float(value[0])
        return density if math.isfinite(density) else -math.inf

    return evaluate, at, gradient


def log_densities(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return the log posterior density at positions.

    Parameters
    ----------
    positions : ndarray, shape (n, D)

    Returns
    -------
    ndarray, shape (n,)
        As `density_of` gives it.
    """
    evaluate, at, _ = _evaluator(arrays)
    densities = np.empty(len(positions))
    for i, position in enumerate(positions):
        at[:] = position
        densities[i] = evaluate()
    return densities


def log_likelihoods(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return the log-likelihood at positions, shape (n,), up to ``-sum log y!`` of the exact counts.

    Parameters
    ----------
    positions : ndarray, shape (n, D)
    """
    return np.asarray(log_densities(arrays, positions) - log_priors(arrays, positions).sum(axis=1))


def log_priors(arrays: ModelArrays, positions: Floats) -> Floats:
    """Return the log prior density of every sampled value, given those that its mean and scale refer to.

    Parameters
    ----------
    positions : ndarray, shape (n, D)

    Returns
    -------
    ndarray, shape (n, D)
        Normalised; the sum over D is the log prior density of the position, as
        `estimator.methods.loglinear.positions.log_prior` gives it.
    """
    call, block = prior_code().ctypes, address_block(arrays)
    n_dim = positions.shape[1]
    at, values = np.zeros(n_dim), np.zeros(n_dim)
    pointers = [vector.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for vector in (at, values)]
    where = block.ctypes.data_as(ctypes.c_void_p)
    parts = np.empty(positions.shape)
    for i, position in enumerate(positions):
        at[:] = position
        call(n_dim, *pointers, where)
        parts[i] = values
    return parts


def likelihood_alone(arrays: ModelArrays) -> tuple[ModelArrays, float]:
    """Return a model whose density is its likelihood, with every coefficient a sampled value itself.

    Returns
    -------
    arrays : ModelArrays
        With priors as wide as none: their gradient is zero to the last digit, and their value is `constant` wherever
        the likelihood is not vanishing. A standardised or shrunken coefficient stands for itself, so that scales have
        no effect.
    constant : float
        To be taken off the log density.
    """
    size = len(arrays.kind)
    flat = arrays._replace(
        kind=np.full(size, NORMAL, dtype=np.int64),
        mean=np.zeros(size),
        log_sd=np.full(size, _NO_PRIOR),
        mean_at=np.full(size, -1, dtype=np.int64),
        scale_at=np.full(size, -1, dtype=np.int64),
        local_at=np.full(len(arrays.local_at), -1, dtype=np.int64),
        composition_scale_at=np.full(len(arrays.composition_scale_at), -1, dtype=np.int64),
        level=np.zeros(0),
    )
    return flat, -size * (_NO_PRIOR + 0.5 * _LOG_TWO_PI)
