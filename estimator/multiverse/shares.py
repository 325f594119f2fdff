"""Which share of the spread between specifications each choice explains.

The spread is the variance of log N over the specifications that are counted. What a set of choices explains of it is
the variance of the mean of log N given these choices, v(S) = Var(E[log N | S]); the share of one choice is its Shapley
value: what it adds to v, averaged over all orders in which choices can be added. The shares are never negative and sum
to 1, also where specifications are missing from the grid or choices go together. Over a whole grid each choice has its
own main effect, and an equal part of every interaction in which it is.

A choice with many alternatives explains something by chance where specifications are few. So the same shares are found
of values that are dealt out at random, which have nothing to do with any choice: a share says something as far as it is
above that.

Source: Owen 2014, SIAM/ASA Journal on Uncertainty Quantification 2:245 (Shapley effects); Song, Nelson & Staum 2016,
the same journal 4:1060 (inputs that go together). In linear regression it is the LMG share (Lindeman, Merenda & Gold).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

MOST_CHOICES = 12
"""With one more, over all subsets of choices, it would take minutes."""

NOTHING = 1e-24
"""A variance of logs that is rounding alone."""

_TIMES = 50
"""How often values are dealt out at random."""


@dataclass(frozen=True, eq=False)
class Shares:
    """What each choice explains.

    Parameters
    ----------
    variance : float
        Of the values.
    shapley : ndarray, shape (choices,)
        Shares of it, which sum to 1; 0 for a choice that does not vary. All 0 where nothing varies.
    alone : ndarray, shape (choices,)
        What each choice explains alone, as a share: its main effect over a whole grid.
    chance : ndarray, shape (choices,)
        `shapley` of values that are dealt out at random, on average.
    """

    variance: float
    shapley: Floats
    alone: Floats
    chance: Floats


def shares_of(values: Floats, chosen: Ints, rng: np.random.Generator) -> Shares:
    """Divide the variance of values among the choices behind them.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Such as log N; each counts the same.
    chosen : ndarray of int, shape (n, choices)
        Which alternative each choice has, from 0; rows are different, so that all choices together explain everything.
    """
    n_choices = chosen.shape[1]
    varied = [place for place in range(n_choices) if len(np.unique(chosen[:, place])) > 1]
    shapley, alone, chance = np.zeros(n_choices), np.zeros(n_choices), np.zeros(n_choices)
    centred = values - values.mean() if len(values) else values
    variance = float((centred**2).mean()) if len(values) else 0.0
    if not varied or variance <= NOTHING:
        return Shares(variance, shapley, alone, chance)
    dealt = np.stack([centred, *(rng.permutation(centred) for _ in range(_TIMES))], axis=1)
    explained = _explained(dealt, chosen[:, varied])
    shares = _shapley(explained, len(varied)) / variance
    shapley[varied], chance[varied] = shares[:, 0], shares[:, 1:].mean(axis=1)
    alone[varied] = explained[[1 << place for place in range(len(varied))], 0] / variance
    return Shares(variance, shapley, alone, chance)


def _shapley(explained: Floats, count: int) -> Floats:
    """Return what each choice adds, averaged over all orders, shape (choices, k)."""
    weight = [1 / (count * comb(count - 1, size)) for size in range(count)]
    values = np.zeros((count, explained.shape[1]))
    for place in range(count):
        for subset in range(1 << count):
            if not subset >> place & 1:
                gain = explained[subset | 1 << place] - explained[subset]
                values[place] += weight[subset.bit_count()] * gain
    return np.maximum(values, 0.0)


def _explained(values: Floats, chosen: Ints) -> Floats:
    """Return Var(E[value | choices of a subset]) of every subset, by its bits.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Each column with mean 0.
    """
    count = chosen.shape[1]
    explained = np.zeros((1 << count, values.shape[1]))
    for subset in range(1, 1 << count):
        code = np.zeros(len(values), np.int64)
        for place in range(count):
            if subset >> place & 1:  # made dense at every step, so that no number of alternatives overflows
                code = np.unique(code * (int(chosen[:, place].max()) + 1) + chosen[:, place], return_inverse=True)[1]
        order = np.argsort(code, kind="stable")
        start = np.flatnonzero(np.diff(code[order], prepend=-1))
        sums = np.add.reduceat(values[order], start, axis=0)
        explained[subset] = (sums**2 / np.diff(start, append=len(code))[:, None]).sum(axis=0) / len(code)
    return explained
