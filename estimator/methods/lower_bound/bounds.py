"""Chao's lower bound of the dark figure, from the people on one list and the people on two lists.

Let n_i people be on list i alone and n_ij on lists i and j alone, with Poisson means mu_i and mu_ij, and let f0 be the
expected dark figure. Suppose that for each person lists are independent, with odds a_i(x) that differ from person to
person x. Then mu_i = E f0(x) a_i(x) and mu_ij = E f0(x) a_i(x) a_j(x), and wherever people whom one list sees more
easily are not seen less easily by another, the Cauchy-Schwarz inequality (Chebyshev's, for lists that differ) gives

    f0 mu_ij >= mu_i mu_j    and, added up over pairs,    f0 >= sum_{i<j} mu_i mu_j / sum_{i<j} mu_ij.

With equally good lists that is Chao's f1**2 / (2 f2) times (t - 1) / t, of f1 people seen once and f2 seen twice by t
lists. With lists of different size the latter is too large to be a bound: two lists that see independently with odds a
and b give f0 (a + b)**2 / (4 a b) >= f0. Hence by pairs unless the other form is asked for.

References
----------
Chao (1987), Biometrics 43:783, doi 10.2307/2531532: the bound, and its bias-corrected form ``f1 (f1 - 1) / (2 (f2 +
1))``. Chao (1989), Biometrics 45:427, doi 10.2307/2531487: the form for samples of different size, ``(f1**2 - sum
n_i**2) / (2 (f2 + 1))``, which is the sum over pairs. Rivest & Baillargeon (2007), Biometrics 63:999, doi
10.1111/j.1541-0420.2007.00779.x: lower bounds by log-linear models, of which this uses the same counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimator.capture.histories import list_bits
from estimator.capture.table import CaptureTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PAIRS, SEEN_ONCE_AND_TWICE = "pairs", "once-and-twice"
"""Forms of the bound: by pairs of lists, and of the numbers of people seen once and twice (Chao 1987)."""


@dataclass(frozen=True, eq=False)
class OnceAndTwice:
    """How often people of one stratum were seen, as far as the bound needs it.

    Parameters
    ----------
    alone : ndarray of int, shape (L,)
        Persons on each list and no other.
    pairs : ndarray of int, shape (P, 2)
        Lists, by position, that may see the same person and each of which may see somebody alone.
    both : ndarray of int, shape (P,)
        Persons on these two lists and no other.
    """

    alone: Ints
    pairs: Ints
    both: Ints

    @property
    def n_lists(self) -> int:
        """Number of lists that are in some pair."""
        return len(np.unique(self.pairs))


def counted(table: CaptureTable, seen: Ints) -> list[OnceAndTwice]:
    """Return the people seen once and twice, stratum by stratum.

    Parameters
    ----------
    seen : ndarray of int, shape (S, H)
        Persons by the history that was written down.
    """
    bits = list_bits(table.n_lists)
    possible = recordable(table)
    bounds = []
    for stratum in range(table.n_strata):
        ran = np.flatnonzero(table.running[stratum] & possible[stratum, bits])
        pairs = [(i, j) for a, i in enumerate(ran) for j in ran[a + 1 :] if possible[stratum, bits[i] | bits[j]]]
        chosen = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        both = seen[stratum, bits[chosen[:, 0]] | bits[chosen[:, 1]]]
        bounds.append(OnceAndTwice(seen[stratum, bits], chosen, both))
    return bounds


def recordable(table: CaptureTable) -> NDArray[np.bool_]:
    """Return which histories can have been written down for somebody, shape (S, H)."""
    can_be_recorded = np.zeros(table.shape, dtype=bool)
    for stratum in range(table.n_strata):
        can_be_recorded[stratum, table.recorded[stratum][table.possible[stratum]]] = True
    return can_be_recorded


def lower_bound(counts: OnceAndTwice, form: str = PAIRS) -> float:
    """Return the bias-corrected lower bound of the expected dark figure of a stratum.

    Returns
    -------
    float
        ``sum_{i<j} n_i n_j / (f2 + 1)``, or ``(t - 1) / t * f1 (f1 - 1) / (2 (f2 + 1))``. One is added to the people
        seen twice so that its expectation is below the bound that it estimates, also where nobody was seen twice:
        ``E 1 / (f2 + 1) = (1 - exp(-mu)) / mu`` for a Poisson count.
    """
    twice = int(counts.both.sum()) + 1
    if form == PAIRS:
        first, second = counts.pairs.T
        return float((counts.alone[first] * counts.alone[second]).sum() / twice)
    once, t = _seen_once(counts), counts.n_lists
    return float((t - 1) / t * once * (once - 1) / (2 * twice)) if t else 0.0


def bound_draws(counts: OnceAndTwice, form: str, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Draw the lower bound, as uncertain as its counts leave it.

    Returns
    -------
    ndarray of the shape asked for
        Persons; the mean of all draws is `lower_bound`.

    Notes
    -----
    A Poisson mean of which n was counted is drawn from the gamma distribution of shape n (its posterior when the prior
    is 1 / mu), the mean number seen twice from that of shape ``f2 + 2``: then the mean of 1 / mu is ``1 / (f2 + 1)``,
    as in the bias-corrected bound. Where f1 enters squared the shape is ``f1 - 1``, so that the mean of the square is
    ``f1 (f1 - 1)``. Beside the log-normal interval of Chao (1987, p. 787) these are as wide where people seen twice
    are many, and wider above where they are few; tests say how much.
    """
    twice = rng.gamma(int(counts.both.sum()) + 2, size=shape)
    if form == PAIRS:
        alone = np.stack([_gamma(rng, int(n), shape) for n in counts.alone])
        first, second = counts.pairs.T
        return np.asarray((alone[first] * alone[second]).sum(axis=0) / twice)
    t = counts.n_lists
    once = _gamma(rng, max(_seen_once(counts) - 1, 0), shape)
    return np.asarray((t - 1) / t * once**2 / (2 * twice)) if t else np.zeros(shape)


def _seen_once(counts: OnceAndTwice) -> int:
    """Return how many people were seen once, by lists that are in some pair."""
    return int(counts.alone[np.unique(counts.pairs)].sum())


def _gamma(rng: np.random.Generator, n: int, shape: tuple[int, ...]) -> Floats:
    """Draw a Poisson mean of which n was counted; 0 of none."""
    return rng.gamma(n, size=shape) if n else np.zeros(shape)
