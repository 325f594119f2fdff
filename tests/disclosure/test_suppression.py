"""No small registered number is printed, and none can be worked out of what is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from attackers import agreeing, every_margin, exactly, limits_by_elimination
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.disclosure.margins import Counts, Limits, Margin, Printed, worked_out
from estimator.disclosure.suppression import withheld
from estimator.study.questions import DisclosureRules

FIVE = DisclosureRules(5)


def cells(*places: int) -> frozenset[int]:
    return frozenset(places)


def conditions(printed, found, rules=FIVE):
    """What a reader knows: printed sums, and that a withheld one is no zero."""
    least = 1.0 if rules.zeros == "shown" else 0.0
    return [
        (one.margin.strata, least, np.inf) if one.margin in found.all else (one.margin.strata, one.lower, one.upper)
        for one in printed
    ]


class TestWorkedOut:
    def test_limits_are_those_of_every_table_that_agrees(self):
        # two rows and two columns with sums 5, 7 and 6, 6: the first cell lies in 0..5
        margins = [Margin(cells(0, 1)), Margin(cells(2, 3)), Margin(cells(0, 2)), Margin(cells(1, 3))]
        counts = Counts(margins)
        sums = np.array([5.0, 7.0, 6.0, 6.0])
        known = Limits(np.array([counts.row(margin) for margin in margins]), sums, sums)
        assert worked_out(counts.row(Margin(cells(0))), known, 100) == (0, 5)
        assert worked_out(counts.row(Margin(cells(2))), known, 100) == (1, 6)

    def test_whole_numbers_know_more_than_fractions(self):
        # any two of three add up to one: each would be a half
        margins = [Margin(cells(0, 1)), Margin(cells(0, 2)), Margin(cells(1, 2))]
        counts = Counts(margins)
        ones = np.ones(3)
        known = Limits(np.array([counts.row(margin) for margin in margins]), ones, ones)
        with pytest.raises(ArithmeticError, match="no counts agree"):
            worked_out(counts.row(Margin(cells(0))), known, 100)

    def test_people_by_stratum_and_by_history_are_the_same_people(self):
        # 10 people in two strata; histories {0} of 7 and {1} of unknown number: 3 are left
        margins = [Margin(cells(0, 1)), Margin(cells(0, 1), cells(0)), Margin(cells(0, 1), cells(1))]
        counts = Counts(margins, histories=cells(0, 1))
        assert not counts.crossed
        known = Limits(
            np.vstack([counts.row(margins[0]), counts.row(margins[1]), counts.link.of]),
            np.array([10.0, 7.0, 0.0]),
            np.array([10.0, 7.0, 0.0]),
        )
        assert worked_out(counts.row(margins[2]), known, 100) == (3, 3)

    def test_histories_within_strata_are_counts_of_their_own(self):
        margins = [Margin(cells(0)), Margin(cells(0, 1)), Margin(cells(0), cells(0))]
        counts = Counts(margins, histories=cells(0, 1, 2))
        assert counts.crossed
        known = Limits(np.array([counts.row(margin) for margin in margins[:2]]), np.array([4.0, 9]), np.array([4.0, 9]))
        assert worked_out(counts.row(margins[2]), known, 100) == (0, 4)
        assert worked_out(counts.row(Margin(cells(1), cells(0))), known, 100) == (0, 5)


class TestExamples:
    def test_nothing_is_withheld_without_a_small_number(self):
        printed = [exactly([10, 20, 30], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        assert not withheld(printed, FIVE).all

    def test_a_small_number_takes_another_with_it_where_the_total_stands(self):
        printed = [exactly([3, 20, 30], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        found = withheld(printed, FIVE)
        assert found.small == {Margin(cells(0))}
        assert found.with_them == {Margin(cells(1))}, "the smaller of the two that would do"
        assert found.limits[Margin(cells(0))] == (1, 22)

    def test_a_difference_between_two_printed_numbers_is_not_small_either(self):
        # women and girls 98 of 100: nobody prints the 2 men and boys
        found = withheld([exactly([98, 2], cells(0, 1)), exactly([98, 2], cells(0))], FIVE)
        assert not found.small
        assert len(found.all) == 1

    def test_a_difference_that_a_third_number_divides_is_not_small_either(self):
        # 3 of 100 are no adults, and nobody can tell how many of those are women: still, 3 is a small number
        counts = [1, 2, 49, 48]
        parts = cells(0, 1, 2, 3), cells(2, 3), cells(0, 2)
        found = withheld([exactly(counts, part) for part in parts], FIVE)
        assert found.all & {Margin(parts[0]), Margin(parts[1])}

    def test_a_zero_is_printed_and_helps_nobody_to_hide(self):
        printed = [exactly([3, 0, 20], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        found = withheld(printed, FIVE)
        assert Margin(cells(1)) not in found.all
        assert Margin(cells(2)) in found.all

    def test_zeros_can_be_withheld(self):
        printed = [exactly([8, 0, 20], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        assert Margin(cells(1)) in withheld(printed, DisclosureRules(5, zeros="withheld")).small

    def test_a_number_that_one_list_saw_nearly_alone(self):
        rules, one = DisclosureRules(5, dominance=0.8), Margin(cells(0))
        printed = [exactly([100, 200, 300], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        found = withheld(printed, rules, seen_most_by_one={one: 90.0, Margin(cells(1)): 120.0})
        assert found.dominated == {one}
        lower, upper = found.limits[one]
        assert upper - lower >= 90 / 0.8 - 100

    def test_rounding_hides_by_itself(self):
        def in_fives(value: int, part: frozenset[int]) -> Printed:
            return Printed(Margin(part), value, 5 * round(value / 5) - 2, 5 * round(value / 5) + 2)

        counts = {cells(0, 1, 2): 53, cells(0): 3, cells(1): 20, cells(2): 30}
        rounded = withheld([in_fives(value, part) for part, value in counts.items()], DisclosureRules(5, rounding=5))
        assert rounded.all == {Margin(cells(0))}, "in fives, 55 less 20 and 30 may be 0 to 11"

    def test_the_same_people_in_two_tables_are_hidden_in_both(self):
        # by sex and by age: the small group of one table is the difference of two numbers of the other
        counts = [4, 30, 25, 18]
        printed = [exactly(counts, part) for part in (cells(0, 1, 2, 3), cells(0), cells(0, 1), cells(1), cells(2, 3))]
        found = withheld(printed, FIVE)
        assert found.limits[Margin(cells(0))][1] - found.limits[Margin(cells(0))][0] >= 5
        assert Margin(cells(1)) in found.all or Margin(cells(0, 1)) in found.all


@given(st.lists(st.integers(0, 9), min_size=6, max_size=6), st.sampled_from([2, 3, 4]))
@settings(max_examples=25, deadline=None)
def test_nobody_who_counts_every_table_finds_a_small_number(counts, minimum):
    """All margins of a table of 2 by 3 are printed; the attacker goes through every table that agrees with them."""
    rules = DisclosureRules(minimum)
    printed = [exactly(counts, part) for part in every_margin((2, 3))]
    found = withheld(printed, rules)
    most = sum(counts) + minimum
    tables = list(agreeing(6, conditions(printed, found, rules), min(most, 14)))
    assert tuple(counts) in tables
    for one in printed:
        if 0 < one.value < minimum:
            possible = {sum(table[cell] for cell in one.margin.strata) for table in tables}
            assert one.margin in found.all
            assert max(possible) - min(possible) >= minimum
            assert max(possible) >= minimum, "nobody can tell that it is small"


@given(st.lists(st.integers(0, 60) | st.integers(0, 6), min_size=12, max_size=12))
@settings(max_examples=15, deadline=None)
def test_no_small_number_of_three_dimensions_is_worked_out_by_another_programme(counts):
    """All margins of a table of 2 by 2 by 3, among them differences between any two of them that nobody prints."""
    printed = [exactly(counts, part) for part in every_margin((2, 2, 3))]
    found = withheld(printed, FIVE)
    known = conditions(printed, found)
    for one in printed:
        if 0 < one.value < 5:
            lower, upper = limits_by_elimination(one.margin.strata, known, 12)
            assert upper - lower > 5 - 1e-6
    for whole in printed:
        for part in printed:
            rest = whole.margin.strata - part.margin.strata
            if part.margin.strata < whole.margin.strata and 0 < whole.value - part.value < 5:
                lower, upper = limits_by_elimination(rest, known, 12)
                assert upper - lower > 5 - 1e-6


@given(st.lists(st.integers(0, 30), min_size=6, max_size=6), st.sampled_from([3, 5, 10]))
@settings(max_examples=20, deadline=None)
def test_rounded_margins_give_no_small_number_away(counts, base):
    """Rounding and withholding together, against the attacker by fractions, who is weaker, and the true table fits."""
    rules = DisclosureRules(5, rounding=base)
    printed = []
    for part in every_margin((2, 3)):
        value = sum(counts[cell] for cell in part)
        alike = [other for other in range(value + base + 1) if round(other / base) == round(value / base)]
        printed.append(Printed(Margin(part), value, min(alike), max(alike)))
    known = conditions(printed, found := withheld(printed, rules), rules)
    for one in printed:
        assert one.margin in found.all or one.lower <= one.value <= one.upper
        if 0 < one.value < 5:
            lower, upper = limits_by_elimination(one.margin.strata, known, 6)
            assert upper - lower > 5 - 1e-6


class TestEstimates:
    """An estimate counts registered people as well, so that no more are registered than its lower limit says."""

    def test_an_estimate_may_say_that_a_small_number_is_small(self):
        printed = [exactly([3, 20, 30], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        printed[1] = replace(printed[1], most=4.0)
        found = withheld(printed, FIVE)
        assert not found.estimates
        assert found.limits[Margin(cells(0))] == (1, 4)

    def test_but_not_by_way_of_another_which_it_is(self):
        # 53 less 30 are 23 for the first two; if no more than 20 of them are in the second, 3 are in the first
        printed = [exactly([3, 20, 30], part) for part in (cells(0, 1, 2), cells(0), cells(1), cells(2))]
        printed[1], printed[2] = replace(printed[1], most=4.0), replace(printed[2], most=20.0)
        found = withheld(printed, FIVE)
        assert len(found.estimates) == 1
        lower, upper = found.limits[Margin(cells(0))]
        assert upper - lower >= 3
