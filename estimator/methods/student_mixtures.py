"""Mixtures of Student t distributions, fitted to points that were found: proposals that know of several modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DEGREES = 5.0
"""Degrees of freedom."""

PARTS = 16
"""Distributions in a mixture, at the most."""

_POINTS_PER_PART = 60
_ROUNDS = 12
_APART = 0.1  # how much a part takes its coordinates for independent, in points for each coordinate
_IN_ONE_THREAD = 100_000  # multiplications
_LEAST = 1e-4  # added to every variance, as a share of that of all points


@dataclass(frozen=True, eq=False)
class Mixture:
    """A mixture of Student t distributions; `log_density_of` is its density.

    Parameters
    ----------
    log_share : ndarray, shape (J,)
        Of each part.
    middle, root : ndarray, shapes (J, d) and (J, d, d)
        Where each part is, and the lower root of its scale matrix.
    classes : int
        How many latent classes its points describe; 0 where they describe none.
    """

    log_share: Floats
    middle: Floats
    root: Floats
    classes: int = 0


NOTHING = Mixture(np.zeros(1), np.zeros((1, 1)), np.ones((1, 1, 1)))
"""A mixture that is never drawn from."""


def fitted(points: Floats, rng: np.random.Generator, classes: int = 0) -> Mixture:
    """Fit a mixture by expectation and maximisation (Peel & McLachlan 2000, Statistics and Computing 10:339).

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Finite; at least two.
    """
    n, d = points.shape
    centre, spread = points.mean(axis=0), points.std(axis=0) + 1e-6
    scaled = (points - centre) / spread
    middle = _far_apart(scaled, max(1, min(PARTS, n // _POINTS_PER_PART)), rng)
    n_parts = len(middle)
    scale = np.tile(0.3 * np.eye(d), (n_parts, 1, 1))
    share = np.full(n_parts, 1.0 / n_parts)
    # in pieces that linear algebra does in one thread: on matrices so small, several threads take four times as long
    step = max(1, _IN_ONE_THREAD // d**2)
    pieces = [slice(at, at + step) for at in range(0, n, step)]
    for _ in range(_ROUNDS):
        root = np.linalg.cholesky(scale)
        inverse = np.linalg.inv(root).transpose(0, 2, 1)
        distance = np.concatenate(
            [np.square(np.matmul(scaled[None, piece] - middle[:, None], inverse)).sum(axis=-1) for piece in pieces],
            axis=1,
        )
        logs = np.log(share) - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        density = logs[:, None] - 0.5 * (DEGREES + d) * np.log1p(distance / DEGREES)
        belongs = np.exp(density - density.max(axis=0))
        belongs /= belongs.sum(axis=0)
        size = belongs.sum(axis=1)
        weight = belongs * (DEGREES + d) / (DEGREES + distance)
        middle = np.stack([(weight[:, piece, None] * scaled[piece]).sum(axis=1) for piece in pieces]).sum(axis=0)
        middle /= weight.sum(axis=1)[:, None]
        scatter = np.zeros_like(scale)
        for piece in pieces:
            apart = scaled[None, piece] - middle[:, None]
            scatter += np.matmul((weight[:, piece, None] * apart).transpose(0, 2, 1), apart)
        # too few points to know every correlation: they are taken for smaller than they look
        kept = (size / (size + _APART * d))[:, None, None]
        scale = (scatter * (kept + (1.0 - kept) * np.eye(d))) / (size + 1.0)[:, None, None] + _LEAST * np.eye(d)
        share = (size + 1.0) / (size + 1.0).sum()
    return Mixture(np.log(share), middle * spread + centre, np.linalg.cholesky(scale) * spread[:, None], classes)


def _far_apart(points: Floats, number: int, rng: np.random.Generator) -> Floats:
    """Choose points that are far from each other (k-means++)."""
    chosen = [points[rng.integers(len(points))]]
    nearest = np.full(len(points), np.inf)
    for _ in range(number - 1):
        nearest = np.minimum(nearest, np.square(points - chosen[-1]).sum(axis=1))
        if not nearest.sum() > 0:
            break
        chosen.append(points[rng.choice(len(points), p=nearest / nearest.sum())])
    return np.array(chosen)


def draws_of(mixture: Mixture, number: int, rng: np.random.Generator) -> Floats:
    """Draw points from a mixture, shape (number, d)."""
    d = mixture.middle.shape[1]
    share = np.exp(mixture.log_share)
    part = rng.choice(len(share), size=number, p=share / share.sum())
    scale = np.sqrt(DEGREES / rng.chisquare(DEGREES, number))
    normal = rng.normal(size=(number, d)) * scale[:, None]
    return np.asarray(mixture.middle[part] + np.einsum("nij,nj->ni", mixture.root[part], normal))


def log_density_of(mixture: Mixture, points: Floats) -> Floats:
    """Return the log density of a mixture at points, up to a constant; shape (n,)."""
    d = points.shape[1]
    parts = []
    for share, middle, root in zip(mixture.log_share, mixture.middle, mixture.root, strict=True):
        distance = np.square(np.linalg.solve(root, (points - middle).T)).sum(axis=0)
        parts.append(share - np.log(np.diag(root)).sum() - 0.5 * (DEGREES + d) * np.log1p(distance / DEGREES))
    return np.asarray(np.logaddexp.reduce(parts, axis=0))
