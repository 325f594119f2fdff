"""Rows of totals beside suppressed counts: recognised, used where they settle a count, and never counted twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from estimator.capture.counts import Rounding
from estimator.capture.declaration import Declaration
from estimator.errors import InputError
from tests.capture.capture_examples import REGION, SEX, content, read

TWO = Declaration(("A", "B"), (SEX,), suppressed_below=5)
TOTALS = replace(TWO, blanks="totals")
HISTORIES = ("1,0", "0,1", "1,1")


def official(counts, shown):
    """Return a table with a total over sex of every history, and the counts of each sex as they are shown."""
    rows = ["A,B,sex,count"]
    for on, of_sex in zip(HISTORIES, counts, strict=True):
        rows += [f"{on},{sex},{shown(number)}" for sex, number in zip("fm", of_sex, strict=True)]
        rows.append(f"{on},,{sum(of_sex)}")
    return "\n".join(rows) + "\n"


def suppressed(number):
    """Show a number as an office does that suppresses below five."""
    return ".." if 0 < number < 5 else str(number)


def exact(counts):
    """Return the same table with every number known and no totals."""
    return read(
        "A,B,sex,count\n"
        + "".join(
            f"{on},{sex},{number}\n"
            for on, of_sex in zip(HISTORIES, counts, strict=True)
            for sex, number in zip("fm", of_sex, strict=True)
        ),
        Declaration(("A", "B"), (SEX,)),
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_total_settles_the_only_suppressed_count_of_it(seed):
    rng = np.random.default_rng([seed, 6])
    counts = [(int(rng.integers(5, 90)), int(rng.integers(0, 90))) for _ in HISTORIES]
    counts[seed % 3] = counts[seed % 3][0], 1 + seed % 4
    assert content(read(official(counts, suppressed), TOTALS)) == content(exact(counts))


def test_totals_of_totals_settle_what_hangs_on_each_other():
    # by sex and region; the total of the north leaves one count open, and only then that of the women does
    both = "1,1,f,north,..\n1,1,m,north,9\n1,1,f,south,..\n1,1,m,south,7\n1,1,f,west,8\n1,1,m,west,6\n"
    rest = "1,0,f,north,20\n0,1,m,south,30\n"
    declared = Declaration(("A", "B"), (SEX, REGION), suppressed_below=5, blanks="totals")
    table = read(f"A,B,sex,region,count\n{both}1,1,,north,12\n1,1,f,,13\n{rest}", declared)
    assert table.registered.lower == table.registered.upper == 3 + 9 + 2 + 7 + 8 + 6 + 50
    assert [reason.values["settled"] for reason in table.readings] == [2]


def test_a_total_without_a_count_says_nothing():
    counts = [(40, 30), (3, 12), (12, 9)]
    table = read(official(counts, str).replace("0,1,,15", "0,1,,"), TOTALS)
    assert content(table) == content(exact(counts))
    assert [reason.values["totals"] for reason in table.readings] == [2]


def test_people_on_any_list_are_no_total_of_inclusive_overlaps():
    declared = Declaration(("A", "B", "C"), overlaps="inclusive", blanks="totals")
    assert read("A,B,C,A&B,A&C,B&C,any\n90,80,70,12,9,7,215\n", declared).registered.lower == 215


def test_two_suppressed_counts_of_one_total_keep_their_bounds():
    counts = [(40, 30), (3, 2), (12, 9)]
    without = "".join(line for line in official(counts, suppressed).splitlines(True) if ",," not in line)
    table = read(official(counts, suppressed), TOTALS)
    assert content(table) == content(read(without, TWO))
    (reason,) = table.readings
    assert reason.values == {"totals": 3, "settled": 0, "unused": 1}


def test_totals_beside_suppressed_counts_are_refused_until_the_study_says_what_they_are():
    text = official([(400, 300), (40, 3), (120, 90)], suppressed)
    with pytest.raises(InputError, match="line 4, column count: 'sex' is blank here.*look like totals.*blanks = "):
        read(text, TWO)
    people = read(text, replace(TWO, blanks="unknown")).registered
    assert people.lower == 400 + 300 + 40 + 1 + 120 + 90 + 700 + 43 + 210


def test_people_of_unknown_sex_beside_suppressed_counts_stay_people():
    text = official([(400, 300), (40, 3), (120, 90)], suppressed).replace("1,1,,210", "1,1,,33")
    assert read(text, TWO).registered.lower == 400 + 300 + 40 + 1 + 120 + 90 + 700 + 43 + 33


def test_totals_of_histories_are_sums_of_lists():
    text = "A,B,sex,count\n1,0,f,3000\n0,1,f,200\n1,1,f,..\n1,0,m,900\n0,1,m,80\n1,1,m,20\n,,f,3203\n,,m,1000\n"
    table = read(text, TOTALS)
    assert table.registered.lower == table.registered.upper == 3203 + 1000
    with pytest.raises(InputError, match="'A' and 'B' are blank here"):
        read(text, TWO)


def test_a_column_any_beside_counts_per_combination():
    text = "sex,A,B,A&B,any\nf,300,200,..,503\nm,90,80,20,190\n"
    assert read(text, TOTALS).registered.lower == 503 + 190


def test_inclusive_overlaps_are_settled_before_they_are_made_exclusive():
    declared = replace(TOTALS, overlaps="inclusive")
    table = read("sex,A,B,A&B\nf,303,203,..\nm,110,100,20\n,413,303,23\n", declared)
    assert content(table) == content(
        read("sex,A,B,A&B\nf,303,203,3\nm,110,100,20\n", replace(TWO, overlaps="inclusive"))
    )


@pytest.mark.parametrize("total", [40, 41, 44, 45])
def test_a_total_that_its_parts_cannot_have_is_a_fault(total):
    text = official([(400, 300), (40, 3), (120, 90)], suppressed).replace("0,1,,43", f"0,1,,{total}")
    if 41 <= total <= 44:
        assert read(text, TOTALS).registered.lower == 400 + 300 + total + 210
    else:
        with pytest.raises(InputError, match="line 7, column count: .* have 41 to 44 people together"):
            read(text, TOTALS)


def test_a_total_of_no_rows_is_a_fault():
    with pytest.raises(InputError, match="there are no rows of which this one is the total"):
        read("A,B,sex,count\n1,0,f,9\n1,0,m,8\n0,1,,17\n", TOTALS)


def test_rounded_totals_are_checked_and_settle_nothing():
    declared = replace(TOTALS, suppressed_below=None, rounding=Rounding(5, "nearest", "rounded"))
    text = "A,B,sex,count\n1,0,f,40\n1,0,m,30\n1,0,,75\n0,1,f,20\n0,1,,25\n1,1,f,10\n1,1,m,10\n"
    table = read(text, declared)  # of men on B there is no row: 0 to 2, as a zero is
    assert dict(zip(table.lower.tolist(), table.upper.tolist(), strict=True))[38] == 42
    with pytest.raises(InputError, match="have 66 to 74 people together"):
        read(text.replace("1,0,,75", "1,0,,80"), declared)


def test_a_combination_without_a_row_may_be_a_rounded_zero_so_that_nothing_is_settled():
    declared = replace(TOTALS, suppressed_below=None, rounding=Rounding(5, "nearest", "rounded"))
    table = read("A,B,sex,count\n1,0,f,40\n1,0,m,30\n0,1,f,20\n0,1,,22-22\n1,1,f,10\n1,1,m,10\n", declared)
    assert (18, 22) in zip(table.lower.tolist(), table.upper.tolist(), strict=True)


def test_bounds_so_wide_that_any_number_fits_make_no_totals():
    rows = "".join(f"{on},f,<50\n{on},m,10\n{on},,30\n" for on in HISTORIES)
    assert read(f"A,B,sex,count\n{rows}", TWO).registered.lower == 3 * 40
