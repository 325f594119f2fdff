"""The check of fit on counts that are known exactly, for several cells together, or within bounds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from estimator.methods.loglinear import fit_check
from estimator.methods.loglinear.design import observed_numbers
from estimator.methods.loglinear.fit_check import fit_can_be_checked, parts_of, predictive_p
from estimator.methods.loglinear.unknown import NO_UNKNOWN
from estimator.seeds import stream
from tests.methods.model_examples import WITH_SEX, read

HISTORIES = ("0,0,1", "0,1,0", "0,1,1", "1,0,0", "1,0,1", "1,1,0", "1,1,1")
EXPECTED = np.array([300.0, 250.0, 60.0, 200.0, 50.0, 40.0, 12.0])
"""People with each history, in the order of the cells of a table of three lists; those on no list come before them."""
N_DRAWS = 200


def table_of(counts):
    rows = [f"{history},{count}" for history, count in zip(HISTORIES, counts, strict=True)]
    return observed_numbers(read("\n".join(["A,B,C,count", *rows]) + "\n"))


@pytest.fixture
def p_of(monkeypatch):
    """The probability of a table when its expected numbers are known."""

    def p(observed, expected=EXPECTED, seed=1):
        cells = np.tile(np.concatenate([[1000.0], expected]), (N_DRAWS, len(observed.counts), 1))
        monkeypatch.setattr(fit_check, "expected_entries", lambda _: iter([cells]))
        return predictive_p(SimpleNamespace(design=SimpleNamespace(observed=observed, unknown=NO_UNKNOWN)), seed)

    return p


def within(counts, half):
    return [f"{max(count - half, 0)}-{count + half}" for count in counts]


def test_exact_counts_are_compared_as_they_are(p_of):
    """The same as the sum over single cells, with the same random numbers."""
    counts = np.array([330, 240, 50, 205, 62, 31, 14])
    root = np.sqrt(EXPECTED)
    simulated = np.sqrt(stream(1, "predictive-p").poisson(np.tile(EXPECTED, (N_DRAWS, 1))))
    far = ((simulated - root) ** 2).sum(axis=1) >= ((np.sqrt(counts) - root) ** 2).sum()
    assert p_of(table_of(counts)) == far.mean()


@pytest.mark.parametrize("half", [0, 1, 5])
def test_under_the_model_small_probabilities_are_as_rare_as_they_say(p_of, half):
    """With everything known but the counts, p is uniform; bounds can only draw it towards a half."""
    rng = np.random.default_rng(20 + half)
    found = []
    for seed in range(150):
        counts = rng.poisson(EXPECTED)
        found.append(p_of(table_of(within(counts, half) if half else counts), seed=seed))
    assert 0.42 < np.mean(found) < 0.58
    for limit in (0.05, 0.2):
        assert np.mean(np.array(found) < limit) < limit + 3 * np.sqrt(limit / 150)
    if not half:
        assert np.mean(np.array(found) < 0.2) > 0.1


@pytest.mark.parametrize("half", [0, 1, 5])
def test_a_table_of_another_model_is_far_out_as_far_as_it_is_known(p_of, half):
    counts = np.random.default_rng(3).poisson(EXPECTED * np.array([1, 1, 2, 1, 0.4, 1, 4]))
    assert p_of(table_of(within(counts, half) if half else counts)) < 0.001


def test_bounds_that_hold_anything_are_no_check(p_of):
    wide = table_of([f"0-{int(3 * mean)}" for mean in EXPECTED])
    assert not fit_can_be_checked(wide)
    assert p_of(wide) is None
    assert not fit_can_be_checked(table_of([">=5"] * 7))
    assert fit_can_be_checked(table_of([*within(EXPECTED.astype(int)[:6], 5), ">=5"]))
    assert fit_can_be_checked(table_of([">=5"] * 6 + ["12"]))


def test_a_number_that_stands_alone_is_one_part(p_of):
    """A blank covers the cells with and without a list; no other number divides them."""
    observed = observed_numbers(read("A,B,C,count\n1,0,,250\n0,1,0,250\n0,1,1,60\n0,0,1,300\n1,1,,52\n"))
    part = parts_of(observed)
    assert part.tolist() == [-1, 0, 1, 2, 3, 3, 4, 4]
    assert 0.05 < p_of(observed) <= 1
    far = observed_numbers(read("A,B,C,count\n1,0,,400\n0,1,0,250\n0,1,1,60\n0,0,1,300\n1,1,,52\n"))
    assert p_of(far) < 0.001


def test_numbers_that_reach_cells_counted_by_themselves_are_placed(p_of):
    """People of unknown sex among those of known sex: each cell is a part of its own, and holds both."""
    rows = [f"{history},{sex},{count}" for history in HISTORIES for sex, count in (("f", 30), ("m", 40), ("", 10))]
    observed = observed_numbers(read("\n".join(["A,B,C,sex,count", *rows]) + "\n", WITH_SEX))
    part = parts_of(observed).reshape(2, 8)
    assert (part[:, 0] == -1).all()
    assert sorted(part[:, 1:].ravel()) == list(range(14))


def test_people_of_unknown_sex_leave_small_probabilities_rare(p_of):
    """One in three people has no sex recorded, whoever they are; expected numbers are the same for both sexes."""
    rng, found = np.random.default_rng(31), []
    for seed in range(150):
        people = rng.poisson(EXPECTED / 20, (2, 7))
        named = rng.binomial(people, 2 / 3)
        rows = [
            f"{history},{sex},{count}"
            for sex, counts in (("f", named[0]), ("m", named[1]), ("", (people - named).sum(axis=0)))
            for history, count in zip(HISTORIES, counts, strict=True)
        ]
        observed = observed_numbers(read("\n".join(["A,B,C,sex,count", *rows]) + "\n", WITH_SEX))
        found.append(p_of(observed, EXPECTED / 20, seed))
    assert 0.4 < np.mean(found) < 0.65
    for limit in (0.05, 0.2):
        assert np.mean(np.array(found) < limit) < limit + 3 * np.sqrt(limit / 150)


def test_parts_of_bounds():
    observed = table_of(["10-20", "5", "0-9", "3", "2", "1", "0"])
    assert parts_of(observed).tolist() == [-1, 0, 1, 2, 3, 4, 5, 6]
