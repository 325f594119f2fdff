"""Power-scaling of every part of the prior, and of the data: how far an answer moves.

Make a part of the prior a little stronger or weaker (raise its density to a power alpha near 1), and see how far the
distribution of log N moves. Nothing is fitted again: the draws are weighted by ``density ** (alpha - 1)``.

The measure is the one of Kallioinen et al. (2023): the cumulative Jensen-Shannon distance between the draws and the
weighted draws, per doubling of the power, averaged over alpha = 0.99 and 1.01,

    (CJS(alpha_upper) / log2(alpha_upper) - CJS(alpha_lower) / log2(alpha_lower)) / 2.

References
----------
Kallioinen, Paananen, Buerkner & Vehtari (2023), "Detecting and diagnosing prior and likelihood sensitivity with
power-scaling", Statistics and Computing 34:57, doi 10.1007/s11222-023-10366-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.checks.loglinear.log_density import log_likelihoods
from estimator.checks.loglinear.prior_components import log_prior_components
from estimator.checks.numbers import LeaningNumbers
from estimator.methods.loglinear.arrays import model_arrays
from estimator.methods.loglinear.posterior import LoglinearPosterior
from estimator.methods.weights import smoothed
from estimator.population.thresholds import threshold
from estimator.seeds import stream

Floats = NDArray[np.float64]

ALPHAS = (0.99, 1.01)
ALL_PRIORS, DATA = "all priors together", "data"
CONFLICT, WEAK_DATA, NOTHING = "prior and data both matter", "the data are weak", "the prior hardly matters"
_SHUFFLES = 20


@dataclass(frozen=True)
class Sensitivity:
    """How far an answer moves when a part of the assumptions, or the data, is made stronger.

    Parameters
    ----------
    value : float
        Cumulative Jensen-Shannon distance of log N per doubling of the power: at least 0.
    noise : float
        What `value` would be were the part unrelated to N: the draws alone make it that large in one of twenty cases.
    shift : float
        By which factor the typical N (its geometric mean) changes when the part is made twice as strong, extrapolated
        from an infinitesimal step: 0.9 is a tenth less.
    pareto_k : float
        Of the weights; above 0.7 they are not to be relied upon.
    """

    value: float
    noise: float
    shift: float
    pareto_k: float

    @property
    def matters(self) -> bool:
        """Whether it is at the threshold or above, and more than noise."""
        return self.value >= threshold("scrutiny.power_scaling") and self.value > self.noise


def sensitivity(log_size: Floats, log_density: Floats, rng: np.random.Generator) -> Sensitivity:
    """Measure how far an answer moves when one density of the model is power-scaled.

    Parameters
    ----------
    log_size : ndarray, shape (chain, draw)
        Log of N, or whatever the answer is.
    log_density : ndarray, shape (chain, draw)
        Of the part that is scaled, up to a constant.
    rng : numpy.random.Generator
        For the noise: the same measure with chains and draws of the density moved against those of the answer.
    """
    weights = [smoothed((alpha - 1.0) * log_density.ravel()) for alpha in ALPHAS]
    values = np.stack([weighting.values.reshape(log_density.shape) for weighting in weights])
    moved = [_moved(values, rng) for _ in range(_SHUFFLES)]
    slopes = _slopes(log_size, np.stack([values, *moved]))
    covariance = float(np.cov(log_size.ravel(), log_density.ravel())[0, 1])
    return Sensitivity(
        value=float(slopes[0]),
        noise=float(np.quantile(slopes[1:], 0.95)),
        shift=float(np.exp(np.clip(np.log(2.0) * covariance, -50.0, 50.0))),
        pareto_k=max(weighting.pareto_k for weighting in weights),
    )


def _slopes(log_size: Floats, weights: Floats) -> Floats:
    """Return how fast the distance grows with log2 of alpha, the mean of both sides.

    Parameters
    ----------
    log_size : ndarray, shape (chain, draw)
    weights : ndarray, shape (n, 2, chain, draw)
        For each of n cases those of the lower and of the upper power; each sums to 1.

    Returns
    -------
    ndarray, shape (n,)
    """
    flat = log_size.ravel()
    order = np.argsort(flat, kind="stable")
    shares = weights.reshape(*weights.shape[:2], -1)[..., order]
    distances = cumulative_distance(np.diff(flat[order]), np.cumsum(shares, axis=-1)[..., :-1])
    return np.asarray((distances / np.abs(np.log2(ALPHAS))).mean(axis=-1))


def cumulative_distance(gaps: Floats, weighted: Floats) -> Floats:
    """Return the cumulative Jensen-Shannon distance of weighted draws from the same draws without weights.

    Parameters
    ----------
    gaps : ndarray, shape (n - 1,)
        Between the draws in their order.
    weighted : ndarray, shape (..., n - 1)
        Share of the weight up to each draw but the last.

    Returns
    -------
    ndarray, shape (...)
        Between 0 and 1; the larger of that of the draws and that of the draws with their sign turned. As
        `arviz_stats` has it, but for many weights at once, and with one sorting.

    Notes
    -----
    Nguyen & Vreeken (2015), doi 10.1007/978-3-319-23525-7_11; normalised as in Kallioinen et al. (2023), appendix A:
    with P and Q the distribution functions and M their mean, the root of the integral of
    ``P log2(P / M) + Q log2(Q / M)`` (two terms in Q - P cancel) over that of ``P + Q``.
    """
    n = len(gaps) + 1
    plain = np.linspace(1.0 / n, 1.0 - 1.0 / n, n - 1)
    distances = []
    for p, q in ((plain, weighted), (1.0 - plain, 1.0 - weighted)):
        q = np.clip(q, 0.0, 1.0)
        both = _times_log2(p) + _times_log2(q) - 2.0 * _times_log2(0.5 * (p + q))
        total = (p + q) @ gaps
        distances.append(np.sqrt(np.divide(both @ gaps, total, out=np.zeros_like(total), where=total > 0).clip(min=0)))
    return np.asarray(np.maximum(*distances))


def _times_log2(share: Floats) -> Floats:
    """Return ``x log2 x``, 0 at 0."""
    return np.asarray(share * np.log2(share, out=np.zeros_like(share), where=share > 0))


def _moved(weights: Floats, rng: np.random.Generator) -> Floats:
    """Return weights of other draws: chains in another order, each turned round by a random number of draws.

    Neighbouring draws stay neighbours, so that the noise is that of chains, not of independent draws.
    """
    n_chains, n_draws = weights.shape[1:]
    chains = rng.permutation(n_chains)
    steps = rng.integers(n_draws // 10, max(n_draws - n_draws // 10, n_draws // 10 + 1), n_chains)
    turned = [np.roll(weights[:, chain], step, axis=-1) for chain, step in zip(chains, steps, strict=True)]
    return np.stack(turned, axis=1)


@dataclass(frozen=True)
class PriorSensitivity:
    """What an answer leans on.

    Parameters
    ----------
    parts : mapping of str to Sensitivity
        Every part of the prior; `ALL_PRIORS`; `DATA`.
    """

    parts: Mapping[str, Sensitivity]

    @property
    def diagnosis(self) -> str:
        """What the sensitivities say together: Kallioinen et al. (2023), section 2.4.

        Returns
        -------
        str
            `CONFLICT` where prior and data both matter (they may contradict each other, or the prior says what the
            data only partly know); `WEAK_DATA` where the prior, or a part of it, matters and the data do not; otherwise
            `NOTHING`. Parts are looked at one by one as well, because two may pull in opposite directions.
        """
        if not any(part.matters for name, part in self.parts.items() if name != DATA):
            return NOTHING
        return CONFLICT if self.parts[DATA].matters else WEAK_DATA

    @property
    def strongest(self) -> str | None:
        """The part of the prior that matters most; None when none does."""
        own = {name: part for name, part in self.parts.items() if name not in (ALL_PRIORS, DATA) and part.matters}
        return max(own, key=lambda name: own[name].value) if own else None

    @property
    def mostly_prior(self) -> bool:
        """Whether the answer leans on the prior so much more than on the data that it is mostly the prior."""
        prior = max(part.value for name, part in self.parts.items() if name != DATA)
        dominates = prior >= threshold("scrutiny.power_scaling_dominates") * self.parts[DATA].value
        return self.diagnosis == WEAK_DATA and dominates

    def to_dict(self) -> LeaningNumbers:
        """Return everything for JSON."""
        return {
            "diagnosis": self.diagnosis,
            "mostly_prior": self.mostly_prior,
            "parts": {
                name: {
                    "sensitivity": round(part.value, 4),
                    "noise": round(part.noise, 4),
                    "factor_when_twice_as_strong": round(part.shift, 4),
                    "pareto_k": round(part.pareto_k, 3) if np.isfinite(part.pareto_k) else None,
                    "matters": part.matters,
                }
                for name, part in self.parts.items()
            },
        }


def prior_sensitivities(
    posterior: LoglinearPosterior, sizes: Mapping[str, Floats], seed: int
) -> dict[str, PriorSensitivity]:
    """Return what every group's answer leans on.

    Parameters
    ----------
    sizes : mapping of str to ndarray, shape (chain, draw)
        Draws of N by group.
    """
    densities = log_prior_components(posterior)
    densities[ALL_PRIORS] = np.sum(list(densities.values()), axis=0)
    position = posterior.draws.unconstrained
    arrays = model_arrays(posterior.design, posterior.settings)
    data = log_likelihoods(arrays, position.reshape(-1, position.shape[-1]))
    densities[DATA] = data.reshape(position.shape[:-1])
    shifts = {}
    for number, (name, size) in enumerate(sizes.items()):
        rng = stream(seed, "power-sensitivity", number)
        logs = np.log(np.maximum(size, 0.5))
        shifts[name] = PriorSensitivity({part: sensitivity(logs, density, rng) for part, density in densities.items()})
    return shifts
