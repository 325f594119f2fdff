"""Named streams: every one has its own number, and a name gives the numbers that it always gave."""

from __future__ import annotations

import numpy as np
import pytest

from estimator.seeds import STREAMS, seed_of, stream


def test_no_two_streams_share_a_number():
    assert len(set(STREAMS.values())) == len(STREAMS)


def test_a_name_stands_for_its_number():
    expected = np.random.default_rng(np.random.SeedSequence([7, 0x5EED])).random(3)
    np.testing.assert_array_equal(stream(7, "people").random(3), expected)
    assert seed_of(7, "refit-without-list", 2) == seed_of(7, 0x200, 2)
    assert seed_of(7, 1, "ranks") == int(np.random.SeedSequence([7, 1, 0x5BC]).generate_state(1)[0])


def test_parts_of_a_use_differ():
    assert len({seed_of(1, "power-sensitivity", number) for number in range(50)}) == 50


def test_an_unknown_name_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        stream(1, "peple")
