"""The posterior density of a model in which people differ in how easily they are seen, by Gauss-Hermite quadrature.

The log odds that somebody is on list l are a_l + sigma z, with z ~ Normal(0, 1) for each person and the lists
independent given z (the model of Rasch with a Normal propensity). With N summed over under its prior 1/N, the numbers
m_h of people by history have the probability

    product over h of (p_h / (1 - p_0))^m_h,    p_h = exp(sum over l in h of a_l) g_|h|,
    g_m = integral of exp(m sigma z) / product over l of (1 + exp(a_l + sigma z)) phi(z) dz.

So a table says what the sizes of its lists and the numbers of people on one, two, three ... lists say, and no more.

References
----------
Agresti (1994), Biometrics 50:494, doi 10.2307/2533391: such models of capture, and how little tables say of what is
beyond them. Coull & Agresti (1999), Biometrics 55:294, doi 10.1111/j.0006-341X.1999.00294.x: the Normal one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COVERAGE_MEAN, COVERAGE_SD = -2.0, 1.5
"""Of the Normal prior on the log odds a_l: as `moderate` states it of coverage."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_LOG_WEIGHTS = np.log(_WEIGHTS / _WEIGHTS.sum())
_AT_ONCE = 4000  # points in memory


@dataclass(frozen=True, eq=False)
class Heterogeneous:
    """The people of one stratum, and what is believed before they are counted.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; history 0 is not looked at.
    spread : float
        Of the half-Normal prior on sigma.
    """

    counts: Ints
    spread: float

    @property
    def n_lists(self) -> int:
        """Number of lists L."""
        return len(self.counts).bit_length() - 1

    @property
    def registered(self) -> int:
        """Persons on at least one list."""
        return int(self.counts[1:].sum())

    def log_density(self, points: Floats) -> Floats:
        """Return the log posterior density, up to a constant.

        Parameters
        ----------
        points : ndarray, shape (n, L + 1)
            a_1 ... a_L, sigma; a negative sigma is as good as a positive one, so that zero is no boundary.

        Returns
        -------
        ndarray, shape (n,)
        """
        parts = [self._log_density(points[at : at + _AT_ONCE]) for at in range(0, len(points), _AT_ONCE)]
        return np.concatenate(parts)

    def _log_density(self, points: Floats) -> Floats:
        on = membership(self.n_lists)
        by_list = self.counts[1:] @ on[1:]
        by_times = np.bincount(on[1:].sum(axis=1), self.counts[1:], self.n_lists + 1)
        log_g, log_some = log_integrals(points)
        likelihood = points[:, :-1] @ by_list + log_g @ by_times - self.registered * log_some
        coverage = ((points[:, :-1] - COVERAGE_MEAN) ** 2).sum(axis=1) / COVERAGE_SD**2
        return np.asarray(likelihood - 0.5 * coverage - 0.5 * (points[:, -1] / self.spread) ** 2)

    def drawn_from_prior(self, number: int, rng: np.random.Generator) -> Floats:
        """Draw points from the prior, shape (number, L + 1)."""
        lists = rng.normal(COVERAGE_MEAN, COVERAGE_SD, (number, self.n_lists))
        return np.column_stack([lists, rng.normal(0.0, self.spread, number)])


def log_integrals(points: Floats) -> tuple[Floats, Floats]:
    """Return log g_0 ... log g_L, shape (n, L + 1), and log (1 - g_0), shape (n,)."""
    moved = points[:, -1:] * _NODES
    odds = points[:, :-1, None] + moved[:, None, :]
    none = -(np.maximum(odds, 0.0) + np.log1p(np.exp(-np.abs(odds)))).sum(axis=1)
    log_g = [_log_sum(_LOG_WEIGHTS + times * moved + none) for times in range(points.shape[1])]
    return np.stack(log_g, axis=1), _log_sum(_LOG_WEIGHTS + np.log(-np.expm1(none)))


def _log_sum(values: Floats) -> Floats:
    """Return the log of the sum of exponentials over the last axis; quicker than `numpy.logaddexp.reduce`."""
    largest = values.max(axis=-1)
    return np.asarray(largest + np.log(np.exp(values - largest[..., None]).sum(axis=-1)))


def log_odds_unseen(points: Floats) -> Floats:
    """Return the log of p_0 / (1 - p_0), shape (n,)."""
    log_g, log_some = log_integrals(points)
    return np.asarray(log_g[:, 0] - log_some)


def cell_probabilities(points: Floats) -> Floats:
    """Return the probability of every history, shape (n, 2^L)."""
    on = membership(points.shape[1] - 1).astype(np.int64)
    log_g, _ = log_integrals(points)
    return np.asarray(np.exp(points[:, :-1] @ on.T + log_g[:, on.sum(axis=1)]))
