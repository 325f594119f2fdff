"""Lists most of whose people are on another: by hand, and how often chance alone is taken for a referral."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from capture_examples import SEX, read

from estimator.capture.checking import check_table
from estimator.capture.declaration import Declaration, NotOperating
from estimator.capture.referrals import Nested, nested_lists
from estimator.reasons import Reason

ABC = Declaration(("A", "B", "C"), ())
FED = "A,B,C,count\n1,0,0,200\n0,1,0,6\n0,0,1,90\n1,1,0,40\n1,0,1,20\n0,1,1,1\n1,1,1,13\n"
"""Of the 60 people on B, 53 are on A; of the 110 whom C saw and B did not, 20 are."""


def test_by_hand():
    found = list(nested_lists(read(FED, ABC)))
    assert found == [Nested("B", "A", on_inner=60, on_both=53, others=110, others_on_outer=20)]


def test_what_check_says():
    report = check_table(read(FED, ABC))
    finding = next(one for one in report.findings if one.what.code == "list-mostly-within-list")
    assert finding.severity == "warning"
    assert finding.what == Reason(
        "list-mostly-within-list", list="B", within="A", on_list=60, both=53, others=110, others_within=20
    )
    assert finding.remedy == Reason("declare-the-referral", list="B", within="A")
    silent = check_table(read(FED, ABC), declared=[frozenset("AB")])
    assert not [one for one in silent.findings if one.what.code == "list-mostly-within-list"]


def test_a_list_that_sees_nearly_everybody_is_no_referral():
    """Nine in ten people of B are on A, and nine in ten of the people of C as well."""
    text = "A,B,C,count\n1,0,0,400\n0,1,0,5\n0,0,1,10\n1,1,0,45\n1,0,1,90\n0,1,1,1\n1,1,1,9\n"
    assert not list(nested_lists(read(text, ABC)))


def test_strata_that_differ_do_not_make_one():
    """A and B see women and hardly any men, independently of each other: together they seem to depend, apart not."""
    text = "sex,A,B,C,count\n"
    for sex, (a, b) in (("f", (0.8, 0.5)), ("m", (0.02, 0.01))):
        for on in product((0, 1), repeat=3):
            share = np.prod([p if one else 1 - p for p, one in zip((a, b, 0.4), on, strict=True)])
            if any(on):
                text += f"{sex},{','.join(map(str, on))},{round(1000 * share)}\n"
    table = read(text, Declaration(("A", "B", "C"), (SEX,)))
    assert not list(nested_lists(table))
    pooled = "A,B,C,count\n"
    counts = table.history_totals()[0]
    for number in range(1, 8):
        pooled += f"{number >> 2 & 1},{number >> 1 & 1},{number & 1},{counts[number]}\n"
    assert [(one.inner, one.outer) for one in nested_lists(read(pooled, ABC))] == [("B", "A")]


def test_years_without_the_list_do_not_count():
    """In the year of the women, A did not run: their people on B are no evidence against a referral."""
    rows = "".join(f"m,{line}\n" for line in FED.split("\n")[1:-1])
    text = "sex,A,B,C,count\n" + rows + "f,0,1,0,300\nf,0,0,1,80\nf,0,1,1,30\n"
    declared = Declaration(("A", "B", "C"), (SEX,), not_operating=(NotOperating("A", {"sex": ("f",)}),))
    assert list(nested_lists(read(text, declared))) == [Nested("B", "A", 60, 53, 110, 20)]


def test_two_lists_cannot_tell():
    table = read("A,B,count\n1,0,50\n0,1,4\n1,1,30\n", Declaration(("A", "B"), ()))
    assert list(nested_lists(table)) == [Nested("B", "A", 34, 30, 0, 0)]
    finding = next(one for one in check_table(table).findings if one.what.code == "list-mostly-within-the-other")
    assert finding.severity == "note"


def test_of_two_lists_mostly_on_each_other_the_smaller_is_named():
    text = "A,B,C,count\n1,0,0,10\n0,1,0,6\n0,0,1,300\n1,1,0,40\n1,0,1,2\n0,1,1,1\n1,1,1,20\n"
    assert list(nested_lists(read(text, ABC))) == [Nested("B", "A", 67, 60, 302, 2)]


def test_a_list_wholly_within_another_is_said_otherwise():
    text = "A,B,C,count\n1,0,0,10\n0,0,1,300\n1,1,0,40\n1,0,1,2\n1,1,1,20\n"
    table = read(text, ABC)
    assert not list(nested_lists(table))
    assert "list-within-list" in [finding.what.code for finding in check_table(table).findings]


def test_where_further_lists_saw_nobody_of_it_nothing_tells_chance_from_referral():
    text = "A,B,C,count\n1,0,0,200\n0,1,0,6\n0,0,1,90\n1,1,0,54\n1,0,1,20\n"
    assert not list(nested_lists(read(text, ABC)))


@pytest.mark.parametrize("size", [9, 10])
def test_a_small_list_is_not_looked_at(size):
    text = f"A,B,C,count\n1,0,0,200\n0,1,0,1\n0,0,1,300\n1,0,1,10\n1,1,0,{size - 7}\n1,1,1,6\n"
    assert [(one.inner, one.outer) for one in nested_lists(read(text, ABC))] == [("B", "A")] * (size == 10)


def test_independent_lists_are_hardly_ever_taken_for_a_referral():
    """Of 2,000 simulated tables of a list that sees 80 of 100 and two others: three standard errors, by chance."""
    rng = np.random.default_rng(1)
    named = 0
    chances = (0.8, 0.3, 0.3)
    histories = list(product((0, 1), repeat=3))
    cells = [np.prod([p if one else 1 - p for p, one in zip(chances, on, strict=True)]) for on in histories]
    table = read(FED, ABC)
    for _ in range(2000):
        counts = rng.multinomial(600, cells)[1:]
        simulated = type(table)(
            table.lists,
            (),
            "observed",
            table.possible,
            counts,
            counts,
            table.cover_start,
            table.cover_cell,
            table.line,
        )
        named += bool(list(nested_lists(simulated)))
    assert 0 <= named <= 16  # 5.4 expected of two pairs (z > 3: 0.00135 each); 17 by chance once in 10,000
