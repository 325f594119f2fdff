"""Mutated examples for a minute: whatever comes of them, it is no fault of ours."""

from __future__ import annotations

import time

import pytest

from tests.hostile.fuzzing import case_of, examples
from tests.hostile.running import verdict

SECONDS = 60
FEW = 60


def failures(seeds, tmp_path, until=float("inf")):
    """Carry out the cases of seeds; return what failed, by name, with the files that made it fail."""
    wrong = {}
    for seed in seeds:
        if time.monotonic() > until:
            break
        case = case_of(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        if found := verdict(case, folder):
            wrong[case.id] = [*found, f"made again by tests.hostile.fuzzing.case_of({seed}); its files: {folder}"]
    return wrong


def told(wrong):
    return "\n".join(f"{name}\n    " + "\n    ".join(found) for name, found in list(wrong.items())[:10])


def test_a_few_mutations(tmp_path):
    assert len(examples()) > 20
    wrong = failures(range(FEW), tmp_path)
    assert not wrong, told(wrong)


@pytest.mark.slow
def test_mutations_for_a_minute(tmp_path):
    """The seeds are always the same, and as many as there is time for."""
    wrong = failures(range(FEW, 1_000_000), tmp_path, until=time.monotonic() + SECONDS)
    assert not wrong, told(wrong)
