"""Whether ranks are uniform: bands around their empirical distribution function, and how often they are left.

N ranks of a truth among L draws are, when all is well, independent and uniform on 0, …, L. Their empirical distribution
function F at ``z_i = i / (L + 1)`` is the share of ranks below i, and ``N F(z_i)`` is Binomial(N, z_i). A band that
holds each point with probability 1 - γ holds the whole path with a smaller one, which follows exactly from the path's
being a Markov chain: given ``N F(z_i) = r``, the next step up is Binomial(N - r, (z_{i+1} - z_i) / (1 - z_i)).

ArviZ has such bands (`arviz_stats.ecdf_utils.ecdf_pit`), whose γ is found by simulation: for 1,000 ranks their limits
differ from these by up to 3 counts and from seed to seed, and there is no p-value. Here both are exact, and sooner.

References
----------
Säilynoja, Bürkner & Vehtari (2022), Statistics and Computing 32:32, doi 10.1007/s11222-022-10090-6: eq. 5 (intervals
at each point), algorithm 2 (their joint probability).
Talts, Betancourt, Simpson, Vehtari & Gelman (2018), arXiv:1804.06788: ranks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 20
_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class Bands:
    """Limits between which the empirical distribution function of uniform ranks stays as a whole.

    Parameters
    ----------
    points : ndarray, shape (L,)
        Where it is looked at: ``i / (L + 1)`` for i = 1, …, L.
    lower, upper : ndarray of int, shape (L,)
        Smallest and largest number of ranks below i.
    probability : float
        That uniform ranks stay between them everywhere; exact, and at least what was asked for.
    """

    points: Floats
    lower: Ints
    upper: Ints
    probability: float


@dataclass(frozen=True)
class Uniformity:
    """What the ranks of one quantity say.

    Parameters
    ----------
    band_p : float
        How often uniform ranks stray at least as far from the diagonal, anywhere (0 to 1).
    chi2_p : float
        The same by Pearson's chi-squared test on `BINS` bins.
    mean : float
        Of the ranks as shares; 1/2 when all is well. Above: the draws tend to lie below the truth.
    spread : float
        Variance of the ranks as shares over that of uniform ones. Below 1: the posterior is too wide; above: too
        narrow.
    """

    band_p: float
    chi2_p: float
    mean: float
    spread: float


def bands(n: int, ranks: int, probability: float = 0.95) -> Bands:
    """Return the narrowest bands of this kind that hold with at least a probability.

    Parameters
    ----------
    n : int
        Number of simulations N.
    ranks : int
        Number of possible ranks L + 1.
    probability : float
        That N uniform ranks are inside everywhere.
    """
    low, high = 0.0, 1.0 - probability  # inside everywhere is rarer than inside at one point
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _inside(n, *_limits(n, ranks, middle)) >= probability:
            low = middle
        else:
            high = middle
    lower, upper = _limits(n, ranks, low)
    return Bands(_points(ranks), lower, upper, _inside(n, lower, upper))


def uniformity(ranks: Ints, n_draws: int) -> Uniformity:
    """Return how far ranks are from uniform.

    Parameters
    ----------
    ranks : ndarray of int, shape (N,)
        Each from 0 to `n_draws`.
    n_draws : int
        Draws L among which each truth was ranked.

    Raises
    ------
    ValueError
        When a rank is out of range, or there are none.
    """
    if not len(ranks) or ranks.min() < 0 or ranks.max() > n_draws:
        raise ValueError(f"ranks must be from 0 to {n_draws}, and there must be some")
    shares = (ranks + 0.5) / (n_draws + 1)
    variance = (1 - 1 / (n_draws + 1) ** 2) / 12
    return Uniformity(
        band_p=_stray_probability(below(ranks, n_draws), len(ranks)),
        chi2_p=_chi2(ranks, n_draws),
        mean=float(shares.mean()),
        spread=float(((shares - 0.5) ** 2).mean() / variance),
    )


def below(ranks: Ints, n_draws: int) -> Ints:
    """Return how many ranks are below i, for i = 1, …, L: N times the empirical distribution function, shape (L,)."""
    return np.asarray(np.bincount(ranks, minlength=n_draws + 1).cumsum()[:-1], dtype=np.int64)


def holm(values: Floats) -> Floats:
    """Return p-values corrected for their number: any of them is below 0.05 with at most that probability.

    Parameters
    ----------
    values : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        Holm (1979), Scandinavian Journal of Statistics 6:65: valid however the tests depend on each other.
    """
    order = np.argsort(values)
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(steps, 1.0)
    return corrected


def _points(ranks: int) -> Floats:
    return np.arange(1, ranks) / ranks


def _limits(n: int, ranks: int, gamma: float) -> tuple[Ints, Ints]:
    """Return the central interval of probability 1 - γ at each point."""
    from scipy.stats import binom

    points = _points(ranks)
    lower, upper = binom.ppf(gamma / 2, n, points), binom.isf(gamma / 2, n, points)
    return np.maximum(lower, 0).astype(np.int64), np.minimum(upper, n).astype(np.int64)


def _inside(n: int, lower: Ints, upper: Ints) -> float:
    """Return the probability that the path of n uniform ranks is within limits at all points (algorithm 2)."""
    return _inside_cached(n, tuple(lower.tolist()), tuple(upper.tolist()))


@lru_cache(maxsize=256)
def _inside_cached(n: int, lower: tuple[int, ...], upper: tuple[int, ...]) -> float:
    from scipy.special import gammaln

    log_factorial = gammaln(np.arange(n + 1) + 1.0)
    reached, probability = np.array([0]), np.array([1.0])
    n_ranks = len(lower) + 1
    for i, (low, high) in enumerate(zip(lower, upper, strict=True)):
        now = np.arange(low, high + 1)
        probability = probability @ _steps(reached, now, n, 1 / (n_ranks - i), log_factorial)
        reached = now
    return float(probability.sum())


def _steps(before: Ints, now: Ints, n: int, share: float, log_factorial: Floats) -> Floats:
    """Return the probability of each step, shape (before, now): Binomial(n - before, share)."""
    up = now[None, :] - before[:, None]
    left = n - before[:, None]
    allowed = (up >= 0) & (up <= left)
    step, rest = np.where(allowed, up, 0), np.where(allowed, left - up, 0)
    log_p = log_factorial[left] - log_factorial[step] - log_factorial[rest]
    log_p = log_p + step * np.log(share) + rest * np.log1p(-share)
    return np.asarray(np.exp(np.where(allowed, log_p, -np.inf)))


def _stray_probability(counts: Ints, n: int) -> float:
    """Return how often the path of uniform ranks has a point at least as unlikely as the unlikeliest of this path."""
    from scipy.stats import binom

    ranks = len(counts) + 1
    points = _points(ranks)
    tail = np.minimum(binom.cdf(counts, n, points), binom.sf(counts - 1, n, points)).min()
    # values with a tail of at most `tail` are outside; those just inside are the first with a larger one
    margin = tail * (1 + 1e-9)
    lower, upper = _inner(n, points, margin)
    if (lower > upper).any():
        return 1.0
    return float(np.clip(1.0 - _inside(n, lower, upper), 0.0, 1.0))


def _inner(n: int, points: Floats, tail: float) -> tuple[Ints, Ints]:
    """Return the smallest and largest count at each point whose tails are both larger than a probability."""
    from scipy.stats import binom

    counts = np.arange(n + 1)
    lower = np.array([np.searchsorted(binom.cdf(counts, n, z), tail, side="right") for z in points])
    upper = np.array([n - np.searchsorted(binom.sf(counts[::-1] - 1, n, z), tail, side="right") for z in points])
    return lower.astype(np.int64), upper.astype(np.int64)


def _chi2(ranks: Ints, n_draws: int) -> float:
    """Return the p-value of Pearson's test; bins of as equal a number of ranks as there are."""
    from scipy.stats import chisquare

    bins = min(BINS, n_draws + 1)
    edges = np.linspace(0, n_draws + 1, bins + 1).round().astype(np.int64)
    observed = np.histogram(ranks, bins=edges - 0.5)[0]
    return float(chisquare(observed, np.diff(edges) / (n_draws + 1) * len(ranks)).pvalue)
