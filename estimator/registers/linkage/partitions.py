"""Who is one person with whom, drawn again and again from how well their records agree.

Given the comparison of every pair of records, with Bayes factor b_ij (how many times more probable it is of one person
than of two), a partition Z of the records into persons has

    P(Z | comparisons) ~ lambda^K (1 - lambda)^(P - K) product over pairs within a person of b_ij,

with K links (records less persons) among P pairs, and lambda with a flat prior, so that it is learned with Z. A link is
paid for once, by the record that joins, and every pair within a person must agree: a chain of two good links does not
bring together what is unlike. Records of one register can be kept apart, since its keys are of different people.

Each draw is a Gibbs sampler of its own, begun with everybody alone: in each sweep every record, in random order, leaves
and joins a person or nobody with the probability that it has given all others.

References
----------
Sadinle (2014), Annals of Applied Statistics 8:2404, doi 10.1214/14-AOAS779: the partition as the parameter. Fellegi &
Sunter (1969), Journal of the American Statistical Association 64:1183: the comparisons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SWEEPS = 40
"""Of each draw: records of a person are few, and find each other within some."""


@dataclass(frozen=True)
class Agreement:
    """How well records agree.

    Parameters
    ----------
    registers : sequence of int
        Of each record, as bits.
    pairs : mapping of (int, int) to float
        Log Bayes factor of each pair that may be one person; of every pair among records that hang together.
    one_each : bool
        Whether two records of one register are never one person.
    """

    registers: Sequence[int]
    pairs: Mapping[tuple[int, int], float]
    one_each: bool = True

    def neighbours(self) -> dict[int, dict[int, float]]:
        """Return for each record those that it may be one person with."""
        neighbours: dict[int, dict[int, float]] = {}
        for (first, second), weight in self.pairs.items():
            if self.one_each and self.registers[first] & self.registers[second]:
                continue
            neighbours.setdefault(first, {})[second] = weight
            neighbours.setdefault(second, {})[first] = weight
        return neighbours


def draw_partition(agreement: Agreement, rng: np.random.Generator, sweeps: int = SWEEPS) -> list[int]:
    """Draw who is one person with whom.

    Returns
    -------
    list of int
        For each record the first record of its person.
    """
    neighbours = agreement.neighbours()
    n = len(agreement.registers)
    label = list(range(n))
    members: dict[int, list[int]] = {record: [record] for record in range(n)}
    free = n  # labels of persons who are new
    records, n_pairs, links = sorted(neighbours), n * (n - 1) / 2, 0
    for _ in range(sweeps):
        chance = rng.beta(1 + links, 1 + n_pairs - links)
        log_odds = math.log(chance) - math.log1p(-chance)
        dice = rng.random(len(records))
        for at, die in zip(rng.permutation(len(records)).tolist(), dice.tolist(), strict=True):
            record = records[at]
            members[label[record]].remove(record)
            links -= bool(members[label[record]])
            chosen = _joined(neighbours[record], label, members, log_odds, die)
            if chosen is None:
                chosen, free = free, free + 1
                members[chosen] = []
            else:
                links += 1
            members[chosen].append(record)
            label[record] = chosen
    first: dict[int, int] = {}
    return [first.setdefault(person, record) for record, person in enumerate(label)]


def _joined(
    near: Mapping[int, float],
    label: Sequence[int],
    members: Mapping[int, Sequence[int]],
    log_odds: float,
    die: float,
) -> int | None:
    """Return the person whom a record joins; None for nobody."""
    weights: dict[int, float] = {}
    for other in near:
        person = label[other]
        if person not in weights and members[person]:
            together = [near.get(member) for member in members[person]]
            if None not in together:  # somebody of this person cannot be the same as the record
                weights[person] = log_odds + sum(together)  # type: ignore[arg-type]
    if not weights:
        return None
    top = max(0.0, *weights.values())
    alone = math.exp(-top)
    left = die * (alone + sum(math.exp(weight - top) for weight in weights.values())) - alone
    if left < 0:
        return None
    for person, weight in weights.items():
        left -= math.exp(weight - top)
        if left < 0:
            return person
    return person
