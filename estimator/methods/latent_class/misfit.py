"""What draws of latent classes say of a table: who is of which class, and how well tables simulated at them fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import membership
from estimator.methods.latent_class.sampling import ClassDraws
from estimator.methods.misfit import among_registered, misfits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_AT_ONCE = 2_000_000  # numbers in memory


def people_by_class(draws: ClassDraws) -> tuple[Floats, Floats]:
    """Return the share of registered and of unseen people of every class, shape (chain, draw, K) each."""
    none = -np.logaddexp(0.0, draws.logit).sum(axis=-1)
    weight = draws.weight - draws.weight.max(axis=-1, keepdims=True)
    registered, unseen = np.exp(weight) * -np.expm1(none), np.exp(weight + none)
    return registered / registered.sum(axis=-1, keepdims=True), unseen / unseen.sum(axis=-1, keepdims=True)


def cell_probabilities(weight: Floats, logit: Floats) -> Floats:
    """Return the probability of every history, shape (n, 2^L), of weights (n, K) and profiles (n, K, L)."""
    on = membership(logit.shape[-1]).astype(np.float64)
    share = np.exp(weight - np.logaddexp.reduce(weight, axis=-1, keepdims=True))
    within = -np.logaddexp(0.0, -logit) @ on.T - np.logaddexp(0.0, logit) @ (1.0 - on).T
    return np.asarray(np.matmul(share[:, None, :], np.exp(within))[:, 0])


def histories_of(draws: ClassDraws) -> Floats:
    """Return the share of registered people with every history at each draw, shape (chain * draw, 2^L)."""
    weight, logit = draws.weight.reshape(-1, draws.weight.shape[-1]), draws.logit.reshape(-1, *draws.logit.shape[2:])
    return among_registered(cell_probabilities(weight, logit))


def misfits_of(counts: Ints, draws: ClassDraws, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return how much the observed table and simulated ones miss what is expected: `estimator.methods.misfit.misfits`.

    Returns
    -------
    observed, simulated : ndarray, shape (chain, draw)
    """
    shape, registered = draws.log_odds.shape, int(counts[1:].sum())
    weight, logit = draws.weight.reshape(-1, draws.weight.shape[-1]), draws.logit.reshape(-1, *draws.logit.shape[2:])
    size = registered + np.minimum(draws.unseen.reshape(-1), 1e15).astype(np.int64)
    step = max(1, _AT_ONCE // (weight.shape[1] * len(counts)))
    parts = [slice(begin, begin + step) for begin in range(0, len(weight), step)]
    misfits_by_part = [
        misfits(counts, size[part], cell_probabilities(weight[part], logit[part]), rng) for part in parts
    ]
    observed, simulated = (np.concatenate(values).reshape(shape) for values in zip(*misfits_by_part, strict=True))
    return observed, simulated
