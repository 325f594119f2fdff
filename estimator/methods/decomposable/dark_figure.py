"""The posterior of the dark figure, averaged over all decomposable graphs, exactly.

Of a complete table with N people, n of them registered and u = N - n unseen, a graph with a hyper-Dirichlet prior
(delta in each of the 2^L cells) says

    p(table | N, graph)  =  N! / (u! product n_h!)  product over v of  f({v} + R_v) / f(R_v),
    f(C)  =  G(D) / G(D + N)  product over cells c of the margin C of  G(d_C + n_c) / G(d_C),

with G the gamma function, d_C = delta 2^(L - |C|) and D = delta 2^L. Only the cell of each margin on none of its lists
knows u. So f(C) at all u is one vector for each of the 2^L sets of lists, and a graph is a sum of at most 2 L of them:
memory follows the sets, not the graphs.

The sum over u = 0, 1, 2, ... is taken in blocks of whole numbers, each by Gauss-Legendre quadrature of the density as a
function of a real u, and blocks are halved until halving them changes nothing. The end is chosen so that no more than
1e-7 lies beyond: the density falls there as a power of u, which is known for every graph.

References
----------
Madigan & York (1997), Biometrika 84:19, doi 10.1093/biomet/84.1.19.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from estimator.methods.decomposable.graphs import Graphs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BEYOND = 1e-7
"""Largest probability of a dark figure beyond the last block."""

_FINEST = 256  # up to here every whole number is a block of its own
_WIDENING = 1.3  # ratio of the limits of the blocks at the start
_CHANGE = 1e-9  # a block is fine enough when halving it changes its probability by no more
_LARGEST = 2.5e-3  # and when no more than this is in it
_FURTHEST = 1e15  # no end is looked for beyond
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(2)
_PART = 16_384  # graphs at a time
_COLUMNS = 512  # values of u at a time


@dataclass(frozen=True, eq=False)
class GraphModel:
    """The people of one stratum, and what is believed before they are counted.

    Parameters
    ----------
    counts : ndarray of int, shape (2^L,)
        Persons by history; history 0 is not looked at.
    delta : float
        Of the hyper-Dirichlet prior, in each cell.
    inverse : bool
        Whether the prior of N is 1/N; otherwise all N are alike.
    """

    counts: Ints
    graphs: Graphs
    delta: float
    inverse: bool = True

    @property
    def registered(self) -> int:
        """Persons on at least one list."""
        return int(self.counts[1:].sum())

    @property
    def n_lists(self) -> int:
        """Number of lists L."""
        return len(self.counts).bit_length() - 1

    def margins(self) -> Ints:
        """Return the registered persons of every margin.

        Returns
        -------
        ndarray of int, shape (2^L, 2^L)
            ``[C, h]``: persons whose lists among the set C are exactly h; 0 where h is no part of C.
        """
        sets = np.arange(len(self.counts))
        seen = self.counts.astype(np.float64)
        seen[0] = 0
        return np.stack([np.bincount(sets & chosen, seen, len(sets)) for chosen in sets]).astype(np.int64)

    def cell_prior(self) -> Floats:
        """Return d_C of every set of lists, shape (2^L,)."""
        sizes = np.array([bin(chosen).count("1") for chosen in range(len(self.counts))])
        return np.asarray(self.delta * 2.0 ** (self.n_lists - sizes))

    def tail_powers(self) -> Floats:
        """Return the power of u with which the density of each graph falls far out, shape (G,).

        Above -1 for some graph, the posterior is improper: all the dark figures of the world do not add up.
        """
        prior = self.cell_prior()
        # log f(C) / log u at large u: G(d_C + m + u) / G(D + n + u) ~ u^(d_C + m - D - n)
        of_set = prior - prior[0] + self.margins()[:, 0] - self.registered
        of_graphs = np.concatenate([self.graphs.factors[part] @ of_set for part in _parts(len(self.graphs))])
        return of_graphs + self.registered - self.inverse

    def log_density(self) -> Callable[[Floats], Iterator[tuple[slice, Floats]]]:
        """Return a function of u that gives the log density of graph and dark figure, part by part of the graphs."""
        margins, prior, n, sets = self.margins(), self.cell_prior(), self.registered, np.arange(len(self.counts))
        inside = ((sets[None, :] & ~sets[:, None]) == 0) & (sets[None, :] > 0)
        terms = gammaln(prior[:, None] + margins) - gammaln(prior[:, None])
        constant = np.where(inside, terms, 0.0).sum(axis=1) - gammaln(prior) + gammaln(prior[0])

        def _at(unseen: Floats) -> Iterator[tuple[slice, Floats]]:
            people = n + unseen
            of_set = constant[:, None] - gammaln(prior[0] + people)
            of_set = of_set + gammaln((prior + margins[:, 0])[:, None] + unseen)
            common = gammaln(people + 1) - gammaln(unseen + 1) - self.inverse * np.log(people)
            for part in _parts(len(self.graphs)):
                yield part, self.graphs.factors[part].astype(np.float64) @ of_set + common

        return _at


def _parts(n: int) -> list[slice]:
    return [slice(start, min(start + _PART, n)) for start in range(0, n, _PART)]


@dataclass(frozen=True, eq=False)
class DarkFigure:
    """The posterior of the dark figure of one stratum, averaged over graphs.

    Parameters
    ----------
    starts : ndarray, shape (B + 1,)
        First whole number of every block, and the end of the last.
    probability : ndarray, shape (B,)
        Of every block; within one, all numbers are taken as alike.
    has_mean : bool
        Whether the density falls fast enough to have one.
    """

    model: GraphModel
    starts: Floats
    probability: Floats
    has_mean: bool

    def quantile(self, q: float) -> int:
        """Return the smallest dark figure at or below which there is probability q."""
        total = np.concatenate([[0.0], self.probability.cumsum()])
        block = min(int(np.searchsorted(total, q)), len(self.probability)) - 1
        inside = (q - total[block]) / self.probability[block] * (self.starts[block + 1] - self.starts[block])
        return int(self.starts[block] + np.ceil(inside) - 1)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Draw dark figures, each with a graph.

        Returns
        -------
        unseen, graph : ndarray of int, shape (size,)
            A graph by its position in `model.graphs`; drawn given the block of the dark figure, in the middle of it.
        """
        blocks = np.sort(rng.choice(len(self.probability), size=size, p=self.probability))
        first, after = self.starts[blocks], self.starts[blocks + 1]
        unseen = np.floor(first + rng.random(size) * (after - first)).astype(np.int64)
        chosen, which = np.unique(blocks, return_inverse=True)
        middles = (self.starts[chosen] + self.starts[chosen + 1] - 1) / 2
        graph = _graphs_at(self.model, middles, which, rng)
        order = rng.permutation(size)
        return unseen[order], graph[order]


def _graphs_at(model: GraphModel, unseen: Floats, which: Ints, rng: np.random.Generator) -> Ints:
    """Draw a graph for each of many draws, of which each has one of some dark figures."""
    density, graph = model.log_density(), np.empty(len(which), dtype=np.int64)
    few = max(1, 16_000_000 // len(model.graphs))
    for start in range(0, len(unseen), few):
        parts = [values for _, values in density(unseen[start : start + few])]
        joint = np.concatenate(parts)
        joint = np.exp(joint - joint.max(axis=0)).cumsum(axis=0)
        for column in range(joint.shape[1]):
            mine = np.flatnonzero(which == start + column)
            graph[mine] = np.searchsorted(joint[:, column], rng.random(len(mine)) * joint[-1, column], side="right")
    return graph


def dark_figure(model: GraphModel, progress: Callable[[float], None] = lambda share: None) -> DarkFigure:
    """Return the posterior of the dark figure.

    Parameters
    ----------
    progress : callable
        Hears which share of the probability is known finely enough.

    Raises
    ------
    ValueError
        When the posterior is improper, or has no end within 1e15.
    """
    power = float(model.tail_powers().max())
    if power >= -1:
        raise ValueError("The posterior of the dark figure is improper.")
    starts = _start(model, power)
    mass = _mass(model, starts[:-1], starts[1:])
    total = logsumexp(mass)
    done: list[tuple[Floats, Floats, Floats]] = []
    first, after, changed = starts[:-1], starts[1:], np.ones(len(mass), dtype=bool)
    while len(first):
        share = np.exp(mass - total)
        fine = (after - first == 1) | ((share <= _LARGEST) & ~changed) | (share < _CHANGE / 100)
        done.append((first[fine], after[fine], mass[fine]))
        progress(float(sum(np.exp(kept - total).sum() for _, _, kept in done)))
        first, after, mass = first[~fine], after[~fine], mass[~fine]
        middle = np.floor((first + after) / 2)
        left, right = _mass(model, first, middle), _mass(model, middle, after)
        changed = np.tile(np.abs(np.exp(np.logaddexp(left, right) - total) - np.exp(mass - total)) > _CHANGE, 2)
        first, after = np.concatenate([first, middle]), np.concatenate([middle, after])
        mass = np.concatenate([left, right])
    first, after, mass = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(first)
    share = np.exp(mass[order] - logsumexp(mass))
    return DarkFigure(model, np.append(first[order], after[order[-1]]), share / share.sum(), power < -2)


def _start(model: GraphModel, power: float) -> Floats:
    """Return the limits of the first, wide blocks, up to an end beyond which next to nothing lies."""
    limits = [float(value) for value in range(_FINEST + 1)]
    while limits[-1] < max(100.0 * (model.registered + 1), 1e4):
        limits.append(np.floor(limits[-1] * _WIDENING))
    while limits[-1] < _FURTHEST:
        starts = np.array(limits)
        inside = logsumexp(_mass(model, starts[:-1], starts[1:]))
        # at most: from the end on the density falls as the slowest of all graphs does in the limit
        outside = _marginal(model, starts[-1:])[0] + np.log(starts[-1] / (-power - 1))
        if outside - inside < np.log(BEYOND):
            return starts
        for _ in range(8):
            limits.append(np.floor(limits[-1] * _WIDENING))
    raise ValueError("The posterior of the dark figure has no end within reach.")


def _mass(model: GraphModel, first: Floats, after: Floats) -> Floats:
    """Return the log probability, up to a constant, of blocks of whole numbers, shape (B,)."""
    if not len(first):
        return np.zeros(0)
    width = after - first
    nodes = (first - 0.5 + width / 2)[:, None] + width[:, None] / 2 * _NODES
    single = width == 1
    values = np.full(nodes.shape, -np.inf)
    values[single, 0] = _marginal(model, first[single]) + np.log(2 / _WEIGHTS[0])
    values[~single] = _marginal(model, nodes[~single].ravel()).reshape(-1, len(_NODES))
    return np.asarray(logsumexp(values, axis=1, b=_WEIGHTS / 2) + np.log(width))


def _marginal(model: GraphModel, unseen: Floats) -> Floats:
    """Return the log density of dark figures, all graphs added up, shape (U,)."""
    density, log_marginal = model.log_density(), np.full(len(unseen), -np.inf)
    for start in range(0, len(unseen), _COLUMNS):
        columns = slice(start, start + _COLUMNS)
        for _, values in density(unseen[columns]):
            largest = values.max(axis=0)
            values -= largest
            np.exp(values, out=values)
            log_marginal[columns] = np.logaddexp(log_marginal[columns], np.log(values.sum(axis=0)) + largest)
    return log_marginal
