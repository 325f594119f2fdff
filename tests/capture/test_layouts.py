"""Tables as people have them: one row per person, coded histories, inclusive overlaps; and what is refused, and why.

The cases were rebuilt from public questions: one row per person from fishR-Core-Team/FSA #92, one row per contact from
ocean-tracking-network/glatos #133, inclusive totals from hms-dbmi/UpSetR #117 and jnothman/UpSetPlot #212.
"""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from capture_examples import NED, REGION, SEX, content, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.declaration import Declaration, StructuralZero
from estimator.capture.histories import history_labels, membership
from estimator.capture.inclusive import only
from estimator.errors import InputError
from estimator.reasons import Reason

CASES = Path(__file__).parents[1] / "others" / "studies"
ABC = Declaration(("A", "B", "C"))
INCLUSIVE = Declaration(("A", "B", "C"), overlaps="inclusive")
POLICE = Declaration(("police", "shelter", "hotline"))
VENN = "A,B,C,A&B,A&C,B&C,A&B&C\n310,240,150,70,40,30,12\n"


def fault(text, declaration=ABC) -> str:
    with pytest.raises(InputError) as raised:
        read(text, declaration)
    found = [re.sub(r"^/\S*/table.csv", "table.csv", str(one)) for one in raised.value.faults]
    assert len(found) == 1, found
    return found[0]


def codes(table) -> list[str]:
    return [reading.code for reading in table.readings]


class TestOneRowPerPerson:
    def test_persons_with_a_number(self):
        """749 registered: counted by hand from the same file."""
        table = read((CASES / "03-person-rows" / "table.csv").read_text(), POLICE)
        assert (table.registered.lower, table.registered.upper) == (749, 749)
        assert table.readings == (Reason("one-row-per-person", rows=749, ignored=("id",)),)

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.integers(0, 4), min_size=14, max_size=14).filter(any), st.randoms())
    def test_persons_are_the_table_that_they_add_up_to(self, counts, random):
        cells = [(on, sex) for on in product((0, 1), repeat=3) if any(on) for sex in SEX.levels]
        rows = [(on, [sex], n) for (on, sex), n in zip(cells, counts, strict=True)]
        declaration = Declaration(("A", "B", "C"), (SEX,))
        persons = [f"{number},{','.join(map(str, on))},{sex}" for on, (sex,), n in rows for number in range(n)]
        random.shuffle(persons)
        persons = [f"p{place}{person[person.index(',') :]}" for place, person in enumerate(persons)]
        table = read("\n".join(["id,A,B,C,sex", *persons]), declaration)
        assert content(table) == content(read(long_text(["A", "B", "C"], [SEX], rows), declaration))

    def test_rows_that_repeat_are_persons_without_a_number_too(self):
        table = read("A,B,C\n1,0,0\n1,0,0\n0,1,1\n", ABC)
        assert table.registered.lower == 3
        assert codes(table) == ["one-row-per-person"]
        assert read("A,B,C\n1,0,0\n1,0,0\n0,1,1\n").lists == ("A", "B", "C")

    def test_blanks_are_unknown_as_ever(self):
        table = read("id,A,B,sex\n1,1,0,f\n2,1,1,\n3,1,,f\n4,1,1,\n", Declaration(("A", "B"), (SEX,)))
        assert table.registered.lower == 4
        assert table.registered_by_stratum.unplaced.lower == 2

    def test_every_combination_once_and_no_number_is_no_table_of_persons(self):
        assert "There is no column 'count' for the counts." in fault("A,B,C\n1,0,0\n0,1,0\n1,1,0\n")

    def test_a_column_that_may_be_the_counts_is_not_taken_for_anything_else(self):
        with pytest.raises(InputError, match="There is no column 'count' for the counts"):
            read("A,B,C,freq\n1,0,0,4\n1,0,0,4\n0,1,0,3\n", ABC)

    def test_a_person_twice(self):
        found = fault("id,A,B,C\n7,1,0,0\n8,0,1,0\n7,0,1,0\n")
        assert found.startswith("table.csv, line 4, column id: This person has a row already, on line 2.")

    def test_a_person_on_no_list(self):
        found = fault("id,A,B,C\n1,1,0,0\n2,0,0,0\n3,0,0,0\n")
        assert found.startswith("table.csv, line 3: This person is on no list. Delete the rows")
        assert found.endswith("The same is wrong on 1 more line.")

    def test_faults_name_the_line_and_no_column_of_counts(self):
        assert fault("id,A,B,C\n1,1,0,0\n2,2,0,0\n").startswith("table.csv, line 3, column A: '2' does not say")


class TestCodedHistories:
    @pytest.mark.parametrize(
        "text",
        [
            "history,count\n100,40\n010,30\n001,20\n110,6\n",
            "count;history\n40;100\n30;010\n20;001\n6;110\n0;111\n;000\n",
            "history,count\nA,40\nB,30\nC,20\nB&A,6\n",
        ],
    )
    def test_read_as_the_long_layout(self, text):
        long = read("A,B,C,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n", ABC)
        assert content(read(text, ABC)) == content(long)
        assert read(text, ABC).readings == (Reason("coded-histories", lists=("A", "B", "C")),)

    def test_with_covariates_and_bounds(self):
        table = read("sex,history,count\nf,10,3\nm,01,<5\nf,11,2\n", Declaration(("A", "B"), (SEX,)))
        assert (table.registered.lower, table.registered.upper) == (5, 9)

    def test_one_code_per_person(self):
        table = read("id,history\n1,100\n2,100\n3,011\n", ABC)
        assert table.registered.lower == 3
        assert codes(table) == ["coded-histories", "one-row-per-person"]

    def test_without_a_study_lists_are_numbered(self):
        assert read("history,count\n100,40\n010,30\n110,6\n").lists == ("L1", "L2", "L3")

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("11", "'11' has 2 digits, and there are 3 lists (A, B, C). Write one digit for each. Spreadsheets drop"),
            ("1100", "'1100' has 4 digits, and there are 3 lists (A, B, C). Write one digit for each."),
            ("1x0", "'1x0' is no history. Write 1 (on the list) or 0 (not) for each list"),
            ("", "'' is no history."),
        ],
    )
    def test_bad_codes(self, code, words):
        found = fault(f"history,count\n100,40\n010,30\n{code},6\n")
        assert found.startswith("table.csv, line 4, column history: ")
        assert words in found


class TestInclusiveOverlaps:
    def test_registered_people_are_counted_once(self):
        """310 + 240 + 150 - 70 - 40 - 30 + 12 = 572; read as exclusive it was 852."""
        table = read(VENN, INCLUSIVE)
        assert (table.registered.lower, table.registered.upper) == (572, 572)
        assert {name: size.lower for name, size in table.list_sizes().items()} == {"A": 310, "B": 240, "C": 150}
        assert codes(table) == ["overlaps-made-exclusive"]

    def test_in_the_long_layout_too(self):
        text = "A,B,C,count\n1,0,0,310\n0,1,0,240\n0,0,1,150\n1,1,0,70\n1,0,1,40\n0,1,1,30\n1,1,1,12\n"
        assert content(read(text, INCLUSIVE)) == content(read(VENN, INCLUSIVE))

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.integers(0, 30), min_size=21, max_size=21).filter(any))
    def test_inclusive_counts_of_a_table_give_the_table_back(self, counts):
        labels, on = history_labels(["A", "B", "C"]), membership(3)
        covers = (on[:, None, :] | ~on[None, :, :]).all(axis=2)  # g contains h
        rows, wide = [], ["region," + ",".join(labels[1:])]
        for place, level in enumerate(REGION.levels):
            exact = np.array([0, *counts[7 * place : 7 * place + 7]])
            rows += [(on[h].astype(int), [level], exact[h]) for h in range(1, 8)]
            wide.append(f"{level}," + ",".join(str(exact[covers[:, h]].sum()) for h in range(1, 8)))
        lists = ("A", "B", "C")
        table = read("\n".join(wide), Declaration(lists, (REGION,), overlaps="inclusive"))
        assert content(table) == content(read(long_text(lists, [REGION], rows), Declaration(lists, (REGION,))))

    def test_inversion_by_hand(self):
        assert only(np.array([0, 150, 240, 30, 310, 40, 70, 12])).tolist() == [0, 92, 152, 18, 212, 28, 58, 12]

    def test_too_few_people_are_named_with_their_column(self):
        found = fault(VENN.replace(",12\n", ",32\n"), INCLUSIVE)
        assert found.startswith("table.csv, line 2, column B&C: Inclusive overlaps do not fit: 'B&C' has 30,")
        assert "are 32, so that -2 would be left" in found

    def test_a_combination_that_is_left_out(self):
        found = fault("A,B,C,A&B,A&C,A&B&C\n310,240,150,70,40,12\n", INCLUSIVE)
        assert found.startswith("table.csv, line 2, column A&B&C: ")
        assert "'B&C' is not in the table" in found

    @pytest.mark.parametrize("count", ["<5", "", ".."])
    def test_counts_must_be_exact(self, count):
        found = fault(VENN.replace(",12\n", f",{count}\n"), INCLUSIVE)
        assert found.startswith("table.csv, line 2, column A&B&C: Inclusive overlaps can be turned")

    def test_a_wide_table_that_could_be_either_says_how_it_was_read(self):
        assert codes(read(VENN, ABC)) == ["overlaps-taken-as-exclusive"]
        assert codes(read(VENN, Declaration(("A", "B", "C"), overlaps="exclusive"))) == []
        assert codes(read(VENN.replace(",12\n", ",32\n"), ABC)) == []
        assert codes(read(VENN.replace(",12\n", ",<5\n"), ABC)) == []

    def test_the_long_layout_says_which_lists_people_are_not_on(self):
        assert codes(read(NED)) == []


class TestOtherTables:
    def test_one_row_per_contact(self):
        found = fault((CASES / "25-event-records" / "table.csv").read_text(), POLICE)
        assert found.startswith("table.csv, line 1: This looks like one row per contact: column 'list' names the list.")
        assert "Wanted are counts per combination of lists" in found
        assert found.endswith("Bring the contacts of each person together first.")

    def test_contacts_with_dates(self):
        text = "who,where,when\n1,Utrecht,2024-01-03\n1,Assen,2024-02-11\n2,Assen,3-4-2024\n"
        assert "looks like one row per contact: column 'when' holds dates" in fault(text)
        assert "looks like one row per contact: column 'when' holds dates" in fault(text, None)

    def test_sizes_of_lists_alone(self):
        found = fault("list,count\npolice,310\nshelter,240\nhotline,150\n", POLICE)
        assert "Each row counts the people of one list (column 'list'), which says nothing of overlaps." in found

    @pytest.mark.parametrize("name", ["A and B", "A + B", "A+B", "A ∩ B", "A/B", "B en A"])
    def test_combinations_joined_in_another_way(self, name):
        found = fault(f"A,B,C,{name}\n310,240,150,70\n")
        assert found.startswith(f"table.csv, line 1, column {name}: Join the lists of a combination with '&': '")

    def test_a_covariate_with_dates_stays_one(self):
        text = "A,B,day,count\n1,0,2024-01-03,3\n0,1,2024-01-04,2\n1,1,2024-01-03,1\n"
        assert read(text).covariates[0].levels == ("2024-01-03", "2024-01-04")


class TestPairsAlone:
    """Sizes of lists and overlaps by pair: who is on three lists is in all of them."""

    inclusive = Declaration(("A", "B", "C"), overlaps="inclusive")

    def test_three_lists_that_overlap_in_every_pair_are_refused(self):
        text = "A,B,C,A&B,A&C,B&C\n90,80,70,12,9,7\n"
        with pytest.raises(InputError, match="line 2, column A&B: .* none of three lists. People on 'A&B&C'"):
            read(text, self.inclusive)

    def test_a_zero_that_is_written_is_a_zero(self):
        table = read("A,B,C,A&B,A&C,B&C,A&B&C\n90,80,70,12,9,7,0\n", self.inclusive)
        assert table.registered.lower == 90 + 80 + 70 - 12 - 9 - 7

    def test_nobody_can_be_on_all_three(self):
        declared = replace(self.inclusive, structural_zeros=(StructuralZero(("A", "B", "C")),))
        assert read("A,B,C,A&B,A&C,B&C\n90,80,70,12,9,7\n", declared).registered.lower == 212

    @pytest.mark.parametrize(("where", "refused"), [("f", False), ("m", True)])
    def test_nobody_can_be_on_all_three_in_the_strata_that_are_said(self, where, refused):
        zero = StructuralZero(("A", "B", "C"), {"sex": (where,)})
        declared = replace(self.inclusive, covariates=(SEX,), structural_zeros=(zero,))
        text = "A,B,C,A&B,A&C,B&C,sex\n90,80,70,12,9,7,f\n90,80,70,12,9,0,m\n"
        if refused:
            with pytest.raises(InputError, match="line 2, column A&B: .* none of three lists"):
                read(text, declared)
        else:
            assert read(text, declared).registered.lower == 212 + 219

    def test_pairs_that_leave_no_room_for_a_third(self):
        assert read("A,B,C,A&B,A&C\n90,80,70,12,9\n", self.inclusive).registered.lower == 219
