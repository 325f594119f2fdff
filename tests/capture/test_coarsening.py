"""Which cells each number covers: computed by hand, and properties that hold for any table."""

import numpy as np
import pytest
from capture_examples import REGION, SEX, assert_sound, cells, content, covers, long_text, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.counts import Rounding
from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved
from estimator.capture.histories import history_labels
from estimator.capture.observations import UNBOUNDED
from estimator.errors import InputError

AB = Declaration(("A", "B"))


def fault(text, declaration):
    with pytest.raises(InputError) as raised:
        read(text, declaration)
    assert len(raised.value.faults) == 1, raised.value
    return str(raised.value)


class TestExact:
    def test_absent_histories_are_zeros_and_the_unseen_are_not_covered(self):
        table = read("A,B,count\n1,0,3\n", AB)
        assert covers(table) == {cells("B"): (0, 0), cells("A"): (3, 3), cells("A&B"): (0, 0)}
        assert table.line.tolist() == [0, 2, 0]
        assert not table.covered[0, 0]

    def test_blank_count_is_not_observed(self):
        assert covers(read("A,B,count\n1,0,3\n1,1,\n", AB)) == {cells("B"): (0, 0), cells("A"): (3, 3)}

    def test_declared_unobserved(self):
        declaration = Declaration(("A", "B"), (SEX,), unobserved=(Unobserved(("B",), {"sex": ("f",)}),))
        found = covers(read("A,B,sex,count\n1,0,f,3\n0,1,f,0\n1,0,m,2\n", declaration))
        assert cells("B", stratum="f") not in found
        assert found[cells("B", stratum="m")] == (0, 0)
        message = fault("A,B,sex,count\n1,0,f,3\n0,1,f,2\n", declaration)
        assert "line 3, column count: The study declares that the people of this row were not observed" in message

    def test_interval_and_suppressed_counts(self):
        text = "A,B,sex,count\n1,0,f,<5\n0,1,f,..\n1,1,f,>=2\n1,0,m,1-4\n0,1,m,2\n"
        lists, covariates = ("A", "B"), (SEX,)
        f, m = (lambda *names: cells(*names, stratum="f")), (lambda *names: cells(*names, stratum="m"))
        found = covers(read(text, Declaration(lists, covariates)))
        assert found == {
            f("A"): (0, 4),
            f("A&B"): (2, UNBOUNDED),
            m("A"): (1, 4),
            m("B"): (2, 2),
            m("A&B"): (0, 0),
        }
        assert covers(read(text, Declaration(lists, covariates, suppressed_below=5)))[f("B")] == (1, 4)
        zero = Declaration(lists, covariates, suppressed_below=5, suppressed_includes_zero=True)
        assert covers(read(text, zero))[f("B")] == (0, 4)

    def test_only_suppressed_counts_can_be_read(self):
        assert covers(read("A,B,count\n1,0,..\n0,1,0\n", AB)) == {cells("B"): (0, 0), cells("A&B"): (0, 0)}


class TestRounded:
    declaration = Declaration(("A", "B"), (SEX,), rounding=Rounding(5))

    def test_zeros_written_or_left_out_may_be_small_counts(self):
        found = covers(read("A,B,sex,count\n1,0,f,10\n1,1,m,0\n", self.declaration))
        assert found[cells("A", stratum="f")] == (8, 12)
        assert {bounds for cover, bounds in found.items() if cover != cells("A", stratum="f")} == {(0, 2)}
        assert len(found) == 6

    def test_people_of_unknown_sex_beside_them(self):
        table = read("A,B,sex,count\n1,0,f,10\n1,0,,5\n", self.declaration)
        assert table.roads is not None
        assert covers(table)[frozenset({("f", "A"), ("m", "A")})] == (3, 7)
        assert covers(table)[cells("A", stratum="m")] == (0, 2)

    def test_exact_zeros_are_nobody(self):
        exact = Declaration(("A", "B"), (SEX,), rounding=Rounding(5, zeros="exact"))
        found = covers(read("A,B,sex,count\n1,0,f,5\n", exact))
        assert found.pop(cells("A", stratum="f")) == (1, 7)
        assert set(found.values()) == {(0, 0)}


class TestBlanks:
    def test_unknown_level_covers_all_levels_on_top_of_the_known(self):
        table = read("A,B,sex,count\n1,0,f,3\n1,0,,5\n1,1,m,2\n", Declaration(("A", "B"), (SEX,)))
        found = covers(table)
        assert found[frozenset({("f", "A"), ("m", "A")})] == (5, 5)
        assert found[cells("A", stratum="f")] == (3, 3)
        assert found[cells("A", stratum="m")] == (0, 0)
        assert len(found) == 7
        assert table.registered.lower == 10

    def test_unknown_list_never_covers_the_unseen(self):
        found = covers(read("A,B,count\n,1,3\n0,,2\n,,4\n1,1,1\n", AB))
        assert found[cells("B", "A&B")] == (3, 3)
        assert found[cells("B")] == (2, 2)
        assert found[cells("A", "B", "A&B")] == (4, 4)

    def test_unknown_zero_says_nothing(self):
        assert content(read("A,B,count\n1,0,3\n1,,0\n", AB)) == content(read("A,B,count\n1,0,3\n", AB))

    def test_blanks_do_not_cover_what_cannot_be_or_was_not_seen(self):
        declaration = Declaration(
            ("A", "B"),
            (REGION,),
            structural_zeros=(StructuralZero(("A", "B"), {"region": ("north",)}),),
            unobserved=(Unobserved(("A", "B"), {"region": ("south",)}),),
        )
        found = covers(read("A,B,region,count\n1,1,,3\n1,0,north,2\n", declaration))
        assert found[cells("A&B", stratum="west")] == (3, 3)

    def test_blanks_may_not_cover_cells_left_blank(self):
        # some of the three may be women, whose number on both lists nobody gave: to count all as men would be wrong
        message = fault("A,B,sex,count\n1,1,f,\n1,1,,3\n1,0,f,1\n", Declaration(("A", "B"), (SEX,)))
        assert "line 3, column count: Something is blank in this row" in message
        message = fault("A,B,count\n1,1,\n1,0,\n1,,3\n0,1,1\n", AB)
        assert "line 4, column count: This row counts people who could only be in rows whose count is blank" in message

    def test_uncertain_count_where_others_may_be_too(self):
        declaration, either = Declaration(("A", "B"), (SEX,)), frozenset({("f", "A"), ("m", "A")})
        for women, unknown, wanted in (("<5", 3, (0, 4)), (3, "<5", (3, 3)), ("1-2", "3-4", (1, 2)), ("..", 3, None)):
            found = covers(read(f"A,B,sex,count\n1,0,f,{women}\n1,1,m,2\n1,0,,{unknown}\n", declaration))
            assert found[cells("A", stratum="f")] == (wanted or (0, UNBOUNDED))
            assert found[cells("A", stratum="m")] == (0, 0)
            assert found[either] == {3: (3, 3), "<5": (0, 4), "3-4": (3, 4)}[unknown]

    def test_uncertain_count_of_unknown_level_alone_in_its_cells(self):
        declaration = Declaration(("A", "B"), (SEX,))
        alone = read("A,B,sex,count\n1,0,,1-4\n1,1,f,2\n", declaration)
        assert covers(alone)[frozenset({("f", "A"), ("m", "A")})] == (1, 4)
        assert cells("A", stratum="f") not in covers(alone)
        assert content(read("A,B,sex,count\n1,0,,1-4\n1,0,f,0\n1,1,f,2\n", declaration)) == content(alone)

    def test_suppressed_count_of_unknown_level_leaves_its_cells_open(self):
        found = covers(read("A,B,sex,count\n1,0,,..\n1,1,f,2\n", Declaration(("A", "B"), (SEX,))))
        assert cells("A", stratum="f") not in found
        assert len(found) == 4


class TestTotals:
    rows = "A,B,sex,count\n1,0,f,30\n1,0,m,20\n1,0,,{}\n0,1,f,11\n0,1,m,9\n0,1,,20\n1,1,f,4\n1,1,m,3\n1,1,,7\n"
    declaration = Declaration(("A", "B"), (SEX,))

    def test_rows_that_are_sums_of_the_others_are_refused(self):
        message = fault(self.rows.format(50), self.declaration)
        assert (
            "line 4, column count: 'sex' is blank here, and the count is that of the rows of all its levels" in message
        )
        assert "Delete them, or delete the rows of the levels." in message

    def test_one_that_is_no_sum_makes_them_people_of_unknown_sex(self):
        assert read(self.rows.format(49), self.declaration).registered.lower == 77 + 76

    @pytest.mark.parametrize("unknown", [0, 1])
    def test_a_small_row_that_is_no_sum_tells_as_much_as_a_large_one(self, unknown):
        rows = "A,B,sex,count\n1,0,f,500\n1,0,,500\n0,1,m,400\n0,1,,400\n1,1,f,3\n1,1,,{}\n"
        assert read(rows.format(unknown), self.declaration).registered.lower == 2 * 900 + 3 + unknown
        assert "look like totals" in fault(rows.format(3), self.declaration)

    def test_many_small_totals_are_as_few_large_ones(self):
        rows = "".join(
            f"{a},{b},{c},f,3\n{a},{b},{c},,3\n" for a in (0, 1) for b in (0, 1) for c in (0, 1) if a + b + c
        )
        assert "look like totals" in fault(f"A,B,C,sex,count\n{rows}", Declaration(("A", "B", "C"), (SEX,)))

    def test_totals_are_of_the_same_levels_of_other_covariates(self):
        rows = "".join(
            f"{on},f,{region},{count}\n{on},m,{region},{count}\n{on},,{region},{2 * count}\n"
            for on in ("1,0", "0,1")
            for region, count in (("north", 40), ("south", 60))
        )
        declared = Declaration(("A", "B"), (SEX, REGION))
        assert "'sex' is blank here" in fault(f"A,B,sex,region,count\n{rows}", declared)
        swapped = (
            rows.replace(",,north,80", ",,NORTH,120").replace(",,south,120", ",,south,80").replace("NORTH", "north")
        )
        assert read(f"A,B,sex,region,count\n{swapped}", declared).registered.lower == 4 * 200

    @pytest.mark.parametrize("levels", ["", "1,1,f,0\n"])
    def test_a_total_of_nobody_is_a_total(self, levels):
        rows = f"A,B,sex,count\n1,0,f,500\n1,0,,500\n0,1,m,400\n0,1,,400\n{levels}1,1,,0\n"
        assert "look like totals" in fault(rows, self.declaration)

    @pytest.mark.parametrize(("count", "refused"), [(10, False), (16, True)])
    def test_few_small_counts_are_equal_by_chance(self, count, refused):
        """Three counts of 10, the likeliest of a Poisson mean of 10, come up 0.125 ** 3 = 1 in 500 times."""
        rows = "".join(f"{on},f,4\n{on},m,{count - 4}\n{on},,{count}\n" for on in ("1,0", "0,1", "1,1"))
        if refused:
            assert "look like totals" in fault(f"A,B,sex,count\n{rows}", self.declaration)
        else:
            assert read(f"A,B,sex,count\n{rows}", self.declaration).registered.lower == 6 * count


class TestListThatDidNotRun:
    """Zwane, van der Pal & van der Heijden 2004."""

    declaration = Declaration(("A", "B", "C"), (SEX,), not_operating=(NotOperating("C", {"sex": ("f",)}),))

    def test_histories_with_and_without_it_are_one(self):
        table = read("A,B,C,sex,count\n1,0,0,f,3\n1,1,0,f,2\n0,0,1,m,7\n1,1,0,m,1\n", self.declaration)
        found = {cover: n for cover, n in covers(table).items() if all(stratum == "f" for stratum, _ in cover)}
        assert found == {
            cells("A", "A&C", stratum="f"): (3, 3),
            cells("B", "B&C", stratum="f"): (0, 0),
            cells("A&B", "A&B&C", stratum="f"): (2, 2),
        }
        assert not table.covered[0, 1], "people on that list alone are unseen there"
        assert table.running.tolist() == [[True, True, False], [True, True, True]]

    def test_people_on_it_are_a_fault_and_zeros_are_not(self):
        message = fault("A,B,C,sex,count\n1,0,0,f,3\n1,0,1,f,2\n", self.declaration)
        assert "line 3, column C: The study declares that list 'C' did not operate here" in message
        assert "Correct the row, or 'not_operating' or 'changes' in the study." in message
        some = "A,B,C,sex,count\n1,0,0,f,3\n"
        assert content(read(some + "1,0,1,f,0\n0,0,1,f,\n", self.declaration)) == content(read(some, self.declaration))

    @pytest.mark.parametrize(
        ("more", "also"),
        [
            (1, " The same is wrong on line 4."),
            (2, " The same is wrong on lines 4 and 5."),
            (3, " The same is wrong on lines 4, 5 and 6."),
            (5, " The same is wrong on lines 4, 5, 6 and 2 more."),
        ],
    )
    def test_many_people_on_it_are_one_fault(self, more, also):
        declaration = Declaration(
            ("A", "B", "C"), (Covariate("year", tuple(f"y{n}" for n in range(8))),), not_operating=(NotOperating("C"),)
        )
        rows = [f"1,0,1,{level},4\n" for level in declaration.covariates[0].levels[: more + 1]]
        message = fault("A,B,C,year,count\n1,0,0,y0,3\n" + "".join(rows), declaration)
        assert message.count("did not operate") == 1
        assert "line 3, column C: " in message
        assert message.endswith(f"in the study.{also}")

    def test_in_the_wide_layout_the_column_is_that_of_the_history(self):
        message = fault("sex,A,B,A&C\nf,3,1,2\nm,3,1,2\n", self.declaration)
        assert "line 2, column A&C: The study declares that list 'C' did not operate here" in message

    def test_two_lists_that_people_cannot_be_on_are_two_faults(self):
        declaration = Declaration(("A", "B", "C"), not_operating=(NotOperating("B"), NotOperating("C")))
        with pytest.raises(InputError) as raised:
            read("A,B,C,count\n1,0,0,3\n1,0,1,4\n1,1,0,4\n", declaration)
        first, second = map(str, raised.value.faults)
        assert "line 3, column C: " in first
        assert "line 4, column B: " in second

    def test_unknown_membership_there_is_the_same_as_none_and_adds_up(self):
        found = covers(read("A,B,C,sex,count\n1,0,0,f,3\n1,0,,f,2\n", self.declaration))
        assert found[cells("A", "A&C", stratum="f")] == (5, 5)

    def test_people_on_it_of_unknown_level_are_where_it_ran(self):
        found = covers(read("A,B,C,sex,count\n1,0,1,,3\n1,1,0,f,1\n", self.declaration))
        assert found[cells("A&C", stratum="m")] == (3, 3)

    def test_two_lists_that_did_not_run(self):
        both = Declaration(("A", "B", "C"), not_operating=(NotOperating("B"), NotOperating("C")))
        assert covers(read("A,B,C,count\n1,0,0,3\n", both)) == {cells("A", "A&C", "A&B", "A&B&C"): (3, 3)}

    def test_nobody_can_be_seen_where_only_lists_that_did_not_run_are_left(self):
        both = Declaration(("A", "B"), not_operating=(NotOperating("B"),))
        message = fault("A,B,count\n1,0,3\n0,,2\n", both)
        assert "line 3, column count: Nobody who fits this row can be on a list that operated here" in message


class TestStructuralZeros:
    def test_cells_are_impossible_and_not_covered(self):
        declaration = Declaration(("A", "B", "C"), structural_zeros=(StructuralZero(("A", "C")),))
        table = read("A,B,C,count\n1,0,0,3\n1,0,1,0\n", declaration)
        impossible = {name for name, ok in zip(history_labels(table.lists), table.possible[0], strict=True) if not ok}
        assert impossible == {"A&C", "A&B&C"}
        assert_sound(table)
        assert len(table.lower) == 5

    def test_people_there_are_a_fault(self):
        declaration = Declaration(
            ("A", "B", "C"), (SEX,), structural_zeros=(StructuralZero(("A", "C"), {"sex": ("f",)}),)
        )
        message = fault("A,B,C,sex,count\n1,0,0,f,3\n1,1,1,f,2\n1,0,1,m,1\n", declaration)
        assert "line 3, column count: The study declares that nobody can be on lists 'A' and 'C' at once" in message
        assert "Correct the row, or 'structural_zeros' in the study." in message
        assert "line 3" in fault("A,B,C,sex,count\n1,0,0,f,3\n1,,1,f,2\n", declaration)

    def test_one_list_that_cannot_see_a_stratum(self):
        declaration = Declaration(("A", "B"), (SEX,), structural_zeros=(StructuralZero(("B",), {"sex": ("m",)}),))
        assert read("A,B,sex,count\n1,1,f,3\n", declaration).possible.tolist() == [
            [True] * 4,
            [True, False, True, False],
        ]
        assert "nobody can be on list 'B'" in fault("A,B,sex,count\n1,0,m,3\n0,1,m,2\n", declaration)


ROWS = st.tuples(
    st.lists(st.sampled_from(["0", "1", ""]), min_size=3, max_size=3),
    st.lists(st.sampled_from(["f", "m", ""]), min_size=1, max_size=1),
    st.integers(0, 6),
)


@st.composite
def exact_tables(draw):
    """Rows with blanks, and exceptions; all counts exact, none contradictory to the exceptions."""
    rows = draw(st.lists(ROWS, min_size=1, max_size=14, unique_by=lambda row: (tuple(row[0]), tuple(row[1]))))
    rows = [row for row in rows if any(one != "0" for one in row[0])]
    rows.append((["1", "1", "0"], ["m"], 3))
    unique = {(tuple(on), tuple(levels)): (on, levels, count) for on, levels, count in rows}
    paused = draw(st.booleans())
    declared = {"not_operating": (NotOperating("C", {"sex": ("f",)}),)} if paused else {}
    if paused:
        unique = {key: row for key, row in unique.items() if not (row[0][2] == "1" and row[1][0] == "f")}
        unique = {key: row for key, row in unique.items() if not (row[0][:2] == ["0", "0"] and row[1][0] == "f")}
    return list(unique.values()), Declaration(("A", "B", "C"), (SEX,), **declared)


@settings(max_examples=80, deadline=None)
@given(exact_tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case, random):
    rows, declaration = case
    shuffled = random.sample(rows, len(rows))
    first = read(long_text("ABC", [SEX], rows), declaration)
    assert_sound(first)
    assert content(first) == content(read(long_text("ABC", [SEX], shuffled), declaration))


@settings(max_examples=60, deadline=None)
@given(exact_tables(), st.permutations([0, 1, 2]))
def test_relabelling_lists_relabels_the_table(case, order):
    rows, declaration = case
    lists = tuple("ABC"[index] for index in order)
    moved = Declaration(lists, (SEX,), not_operating=declaration.not_operating)
    first = read(long_text("ABC", [SEX], rows), declaration)
    second = read(long_text("ABC", [SEX], rows), moved)

    def by_sets(table):
        return {
            frozenset((stratum, frozenset(name.split("&"))) for stratum, name in cover): number
            for cover, number in covers(table).items()
        }

    assert by_sets(first) == by_sets(second)


@settings(max_examples=60, deadline=None)
@given(exact_tables())
def test_a_number_between_itself_is_that_number(case):
    rows, declaration = case
    intervals = [(on, levels, f"{count}-{count}") for on, levels, count in rows]
    first = read(long_text("ABC", [SEX], rows), declaration)
    assert content(first) == content(read(long_text("ABC", [SEX], intervals), declaration))


@settings(max_examples=60, deadline=None)
@given(exact_tables(), st.data())
def test_splitting_a_count_over_rows_with_the_same_cover_changes_nothing(case, data):
    """Where C did not run, a blank C covers what a 0 does; people may be written in either row."""
    rows, _ = case
    declaration = Declaration(("A", "B", "C"), (SEX,), not_operating=(NotOperating("C"),))
    rows = {(*row[0][:2], row[1][0]): row for row in rows if row[0][:2] != ["0", "0"]}.values()
    whole, split = [], []
    for on, levels, count in rows:
        part = data.draw(st.integers(0, count))
        whole.append(([*on[:2], "0"], levels, count))
        split += [([*on[:2], "0"], levels, part), ([*on[:2], ""], levels, count - part)]
    first = read(long_text("ABC", [SEX], whole), declaration)
    second = read(long_text("ABC", [SEX], split), declaration)
    assert covers(first) == covers(second)


@settings(max_examples=60, deadline=None)
@given(exact_tables())
def test_covers_are_the_cells_that_match(case):
    """Against a row-by-row definition in plain Python."""
    rows, declaration = case
    table = read(long_text("ABC", [SEX], rows), declaration)
    off = {"f"} if declaration.not_operating else set()
    expected: dict[frozenset[tuple[str, str]], int] = {}
    for sex in SEX.levels:
        for a in "01":
            for b in "01":
                for c in "01" if sex not in off else "0":
                    if "1" in a + b + c:
                        expected[matching([a, b, c], sex, off)] = 0
    for on, (sex,), count in rows:
        cover = matching(on, sex, off)
        if count or cover in expected:
            expected[cover] = expected.get(cover, 0) + count
    assert covers(table) == {cover: (count, count) for cover, count in expected.items()}
    assert table.registered.lower == sum(count for _, _, count in rows)


def matching(on, sex, off):
    found = set()
    for level in SEX.levels:
        for index, label in enumerate(history_labels("ABC")):
            bits = [str(index >> 2 & 1), str(index >> 1 & 1), str(index & 1)]
            recorded = bits[:2] + ["0"] if level in off else bits
            wanted = on[:2] + [""] if level in off and on[2] != "1" else on
            fits = all(one in ("", bit) for one, bit in zip(wanted, recorded, strict=True))
            if fits and "1" in recorded and sex in ("", level) and not (level in off and on[2] == "1"):
                found.add((level, label))
    return frozenset(found)


def test_many_implied_zeros():
    """12,800 cells: 200 strata of six lists."""
    lists = tuple("ABCDEF")
    area = Covariate("area", tuple(map(str, range(200))))
    table = read("A,B,C,D,E,F,area,count\n1,1,0,0,0,0,7,3\n", Declaration(lists, (area,)))
    assert len(table.lower) == 200 * 63
    assert np.array_equal(np.unique(table.cover_cell % 64), np.arange(1, 64))
    assert table.lower.sum() == 3
