"""Counts that add up: groups, and margins over some of them, as a tree; which counts are possible, and how likely.

Every node has a number of people who said yes. That of a leaf is of one group; that of any other node is the sum of its
parts. What was published allows some numbers at each node. Sums of independent parts are convolutions, so that the
probability of all that was published, and draws of the counts given it, are exact: one pass up the tree, one down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Node:
    """A number of people who said yes.

    Parameters
    ----------
    weight : ndarray, shape (people + 1,)
        How much is to be said for each number, from what was published of it: 0 where it cannot be.
    parts : tuple of Node
        Whose sum it is; none for a group.
    group : int
        Which group it is of; -1 for a sum.
    """

    weight: Floats
    parts: tuple[Node, ...] = ()
    group: int = -1

    @property
    def people(self) -> int:
        """How many were asked."""
        return len(self.weight) - 1

    def leaves(self) -> Iterator[Node]:
        """Yield the groups below, itself when it is one."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, eq=False)
class _Passed:
    """What the pass upwards leaves at a node: the probability of every number and of all below it, for all nodes.

    Parameters
    ----------
    chance : ndarray, shape (numbers, K)
        For numbers from `first` up.
    partial : tuple of _Passed
        Of the first part, of the first two together, ...: what the pass down splits.
    """

    first: int
    chance: Floats
    parts: tuple[_Passed, ...] = ()
    partial: tuple[_Passed, ...] = field(default=())


def likelihood(root: Node, chances: Sequence[Floats]) -> Floats:
    """Return the probability of what was published, under each of K sets of parameters.

    Parameters
    ----------
    chances : sequence of ndarray, shape (people + 1, K)
        By group: the probability that as many say yes.

    Returns
    -------
    ndarray, shape (K,)
        Sums over all counts that are possible.
    """
    total: Floats = _up(root, chances).chance.sum(0)
    return total


def draw_counts(root: Node, chances: Sequence[Floats], rng: np.random.Generator) -> Ints:
    """Draw the counts of all groups given what was published, once under each of K sets of parameters.

    Returns
    -------
    ndarray of int, shape (K, groups)
        They agree with everything at every node.
    """
    counts = np.zeros((chances[0].shape[1], len(chances)), np.int64)
    passed = _up(root, chances)
    total = passed.first + _drawn(passed.chance, rng)
    _down(root, passed, total, counts, rng)
    return counts


def possible(root: Node) -> list[NDArray[np.bool_]]:
    """Return which counts each group may have, given everything that was published of it and of the others.

    Returns
    -------
    list of ndarray of bool, shape (people + 1,)
        By group; all False where the parts cannot add up.
    """
    allowed: list[NDArray[np.bool_]] = [np.zeros(1, bool) for _ in root.leaves()]
    _spread(root, root.weight > 0, allowed)
    return allowed


def span(root: Node) -> tuple[int, int] | None:
    """Return the fewest and the most that the parts of a node can add up to, whatever is said of their sum.

    Returns
    -------
    (int, int) or None
        None when a part below it cannot add up itself.
    """
    sides = [_reach(part) for part in root.parts] if root.parts else [root.weight > 0]
    if not all(side.any() for side in sides):
        return None
    ends = [np.flatnonzero(side)[[0, -1]] for side in sides]
    return int(sum(end[0] for end in ends)), int(sum(end[1] for end in ends))


def _up(node: Node, chances: Sequence[Floats]) -> _Passed:
    if not node.parts:
        return _weighed(node, _Passed(0, chances[node.group]))
    parts = tuple(_up(part, chances) for part in node.parts)
    partial = [parts[0]]
    for part in parts[1:]:
        partial.append(_Passed(partial[-1].first + part.first, _convolved(partial[-1].chance, part.chance)))
    whole = _weighed(node, partial[-1])
    return _Passed(whole.first, whole.chance, parts, tuple(partial))


def _weighed(node: Node, passed: _Passed) -> _Passed:
    """Return a node with what was published of it, without numbers that cannot be at its ends."""
    weight = node.weight[passed.first : passed.first + len(passed.chance)]
    kept = np.flatnonzero(weight)
    if not kept.size:
        return _Passed(passed.first, np.zeros((1, passed.chance.shape[1])))
    inside = slice(kept[0], kept[-1] + 1)
    return _Passed(passed.first + int(kept[0]), passed.chance[inside] * weight[inside, None])


def _convolved(left: Floats, right: Floats) -> Floats:
    """Return the distribution of a sum, column by column."""
    if len(left) > len(right):
        left, right = right, left
    sums = np.zeros((len(left) + len(right) - 1, left.shape[1]))
    for number, row in enumerate(left):
        sums[number : number + len(right)] += row * right
    return sums


def _down(node: Node, passed: _Passed, total: Ints, counts: Ints, rng: np.random.Generator) -> None:
    """Split the drawn number of a node over its parts, from the last to the first."""
    if not node.parts:
        counts[:, node.group] = total
        return
    for at in range(len(node.parts) - 1, 0, -1):
        before, last = passed.partial[at - 1], passed.parts[at]
        numbers = last.first + np.arange(len(last.chance))[:, None]
        rest = total[None, :] - numbers - before.first
        inside = (rest >= 0) & (rest < len(before.chance))
        other = np.take_along_axis(before.chance, np.clip(rest, 0, len(before.chance) - 1), 0)
        part = last.first + _drawn(last.chance * np.where(inside, other, 0.0), rng)
        _down(node.parts[at], last, part, counts, rng)
        total = total - part
    _down(node.parts[0], passed.parts[0], total, counts, rng)


def _drawn(chance: Floats, rng: np.random.Generator) -> Ints:
    """Draw a row of each column, with chances in proportion to its entries."""
    heights = np.cumsum(chance, axis=0)
    rows: Ints = (heights < rng.random(chance.shape[1]) * heights[-1]).sum(0).clip(max=len(chance) - 1)
    return rows


def _reach(node: Node) -> NDArray[np.bool_]:
    """Return which numbers a node may have, given what was published of it and below it."""
    if not node.parts:
        return node.weight > 0
    return _sum_of([_reach(part) for part in node.parts]) & (node.weight > 0)


def _sum_of(sides: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    reach = np.ones(1, bool)
    for side in sides:
        reach = np.convolve(reach.astype(np.float64), side.astype(np.float64)) > 0.5
    return reach


def _spread(node: Node, wanted: NDArray[np.bool_], allowed: list[NDArray[np.bool_]]) -> None:
    """Pass down which numbers a node may have, given everything above and beside it."""
    reach = _reach(node) & wanted
    if not node.parts:
        allowed[node.group] = reach
        return
    sides = [_reach(part) for part in node.parts]
    for at, part in enumerate(node.parts):
        others = _sum_of([side for number, side in enumerate(sides) if number != at])
        # k is possible when k + a number of the others is one that the sum may have
        matches = np.correlate(reach.astype(np.float64), others.astype(np.float64), "full")[len(others) - 1 :]
        _spread(part, matches[: len(part.weight)] > 0.5, allowed)
