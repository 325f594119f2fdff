"""Draws from the posterior of heterogeneity: proposals from a mixture that is fitted to it, each told by Metropolis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from estimator.methods.door import SamplerSettings
from estimator.methods.heterogeneity.density import Heterogeneous
from estimator.methods.student_mixtures import Mixture, draws_of, fitted, log_density_of
from estimator.seeds import stream

Floats = NDArray[np.float64]

ATTEMPTS = 3
"""How often at the most draws are made, each time with four times as many proposals for each."""

_WALKERS, _STEPS, _KEPT = 100, 600, 0.5
_PROPOSALS = 4  # for each draw that is kept


def sample(
    model: Heterogeneous, settings: SamplerSettings, which: int, good_enough: Callable[[Floats], bool]
) -> tuple[Floats, int]:
    """Draw parameters.

    Parameters
    ----------
    which : int
        Number of the stratum: of its random numbers.
    good_enough : callable
        Says of draws whether they are enough.

    Returns
    -------
    points : ndarray, shape (chain, draw, L + 1)
        As `Heterogeneous.log_density` takes them.
    """
    rng = stream(settings.seed, "heterogeneity", which)
    walk = _walk(model, rng)
    # sigma and -sigma are alike: so are the proposals
    mixture = fitted(np.concatenate([walk, walk * _mirror(walk)]), rng)
    attempt, each = 1, _PROPOSALS
    points = _independent(model, mixture, settings, each, rng)
    while not good_enough(points) and attempt < ATTEMPTS:
        attempt, each = attempt + 1, 4 * each
        points = _independent(model, mixture, settings, each, rng)
    return points, attempt


def _mirror(points: Floats) -> Floats:
    return np.append(np.ones(points.shape[1] - 1), -1.0)


def _walk(model: Heterogeneous, rng: np.random.Generator) -> Floats:
    """Let many walkers find the posterior, each step as long as the walkers are far apart.

    Of two others' difference a step is made (ter Braak 2006, Statistics and Computing 16:239, doi
    10.1007/s11222-006-8769-1). Walkers start in the prior; the last half of the steps is returned.
    """
    here = model.drawn_from_prior(20 * _WALKERS, rng)
    density = model.log_density(here)
    best = np.argsort(-density)[:_WALKERS]
    here, density = here[best], density[best]
    kept = []
    for step in range(_STEPS):
        others = rng.permuted(np.tile(np.arange(_WALKERS - 1), (_WALKERS, 1)), axis=1)[:, :2]
        others += others >= np.arange(_WALKERS)[:, None]
        length = 1.0 if step % 10 == 0 else 2.38 / np.sqrt(2 * here.shape[1])
        there = here + length * (here[others[:, 0]] - here[others[:, 1]]) + rng.normal(0, 1e-3, here.shape)
        value = model.log_density(there)
        moves = np.log(rng.random(_WALKERS)) < value - density
        here, density = np.where(moves[:, None], there, here), np.where(moves, value, density)
        if step >= _STEPS * (1 - _KEPT) and step % 10 == 0:
            kept.append(here)
    return np.concatenate(kept)


def _independent(
    model: Heterogeneous, mixture: Mixture, settings: SamplerSettings, each: int, rng: np.random.Generator
) -> Floats:
    """Draw by Metropolis and Hastings with proposals that do not depend on where a chain is."""
    shape = (settings.chains, settings.draws * each + 1)
    proposed = draws_of(mixture, shape[0] * shape[1], rng)
    weight = (model.log_density(proposed) - log_density_of(mixture, proposed)).reshape(shape)
    threshold = np.log(rng.random(shape))
    chosen = np.zeros(shape, dtype=np.int64)
    for chain in range(shape[0]):
        at, weights, levels = 0, weight[chain].tolist(), threshold[chain].tolist()
        for turn in range(1, shape[1]):
            if levels[turn] < weights[turn] - weights[at]:
                at = turn
            chosen[chain, turn] = at
    kept = chosen[:, each::each]
    return np.asarray(np.take_along_axis(proposed.reshape(*shape, -1), kept[..., None], axis=1))
