"""How well records agree, beside what is counted out of people of whom it is known who is who."""

from __future__ import annotations

import random
from contextlib import closing
from itertools import combinations

import numpy as np

from estimator.registers.linkage.scoring import Identifier, Records, agreement
from estimator.registers.private_database import connected

PEOPLE, VALUES, ERROR = 300, (300, 250, 200), 0.05


def made_records():
    """Everybody is in two registers, and each value is drawn anew in one of twenty records."""
    rng = random.Random(7)

    def drawn():
        return [str(rng.randrange(size)) for size in VALUES]

    people = [drawn() for _ in range(PEOPLE)]
    written = [
        tuple(other if rng.random() < ERROR else value for value, other in zip(one, drawn(), strict=True))
        for one in people + people
    ]
    return Records([1] * PEOPLE + [2] * PEOPLE, written)


def test_the_weight_of_a_pair_is_its_bayes_factor_without_the_prior(tmp_path):
    records = made_records()
    identifiers = [Identifier(name, "text") for name in "abc"]
    with closing(connected(tmp_path, "500MB", 1)) as connection:
        found = agreement(records, identifiers, [[0], [1]], connection, one_each=True, seed=1)
    values = np.array(records.values)
    left, right = np.array(list(combinations(range(2 * PEOPLE), 2))).T
    same_of_random = (values[left] == values[right]).mean(axis=0)
    same_of_person = (values[:PEOPLE] == values[PEOPLE:]).mean(axis=0)
    right_weight = np.log(same_of_person / same_of_random).sum()
    alike = [found.pairs[one, one + PEOPLE] for one in range(PEOPLE) if (values[one] == values[one + PEOPLE]).all()]
    assert len(alike) > PEOPLE / 2
    np.testing.assert_allclose(alike, right_weight, atol=0.3)  # the prior, 1 of 600, would make it 6.4 less
