"""Tallies against single persons; the labelled views; what cannot be changed."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from capture_examples import ARTIFICIAL_3, NED, REGION, SEX, from_persons, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator import CaptureTable
from estimator.capture.declaration import Declaration, NotOperating, StructuralZero
from estimator.capture.observations import UNBOUNDED
from estimator.capture.tallies import Registered

LISTS = ("A", "B", "C")


def known(number: int) -> Registered:
    return Registered(number, number)


class TestTheDutchTable:
    table = read(NED)

    def test_published_totals(self):
        """Van Dijk et al. 2017; Silverman 2020, Table 2."""
        assert self.table.registered == known(8234)
        sizes = {name: size.lower for name, size in self.table.list_sizes().items()}
        assert sizes == {"P": 4812, "K": 1348, "Z": 848, "R": 742, "O": 536, "I": 398}
        seen = self.table.captured()
        assert (seen.once, seen.twice, seen.more) == (known(7802), known(414), known(18))

    def test_overlap(self):
        overlap = self.table.overlap()
        assert overlap.dims == ("list", "with_list")
        assert int(overlap.sel(list="P", with_list="Z")) == 137
        assert int(overlap.sel(list="I", with_list="K")) == 0
        assert int(overlap.sel(list="K", with_list="K")) == 1348
        assert (overlap.upper == overlap).all()

    def test_names(self):
        assert self.table.history_labels[0b010100] == "K&P"
        assert repr(self.table) == "CaptureTable(8,234 persons on I, K, O, P, R, Z; observed)"
        assert self.table.shape == (1, 64)
        assert self.table.strata == [{}]


persons = st.lists(
    st.tuples(
        st.tuples(*[st.sampled_from([0, 1, 1, ""])] * 3),
        st.tuples(st.sampled_from(["f", "m", ""])),
        st.tuples(*[st.integers(0, 1)] * 3),
    ),
    max_size=20,
)


@settings(max_examples=80, deadline=None)
@given(persons)
def test_tallies_hold_the_truth_for_every_way_to_fill_in_the_blanks(cases):
    """Every person has a true history; what is written leaves some of it blank."""
    cases = [(on, sex, tuple(t if o == "" else o for o, t in zip(on, true, strict=True))) for on, sex, true in cases]
    cases = [case for case in cases if 1 in case[0]]
    cases.append(((1, 1, 0), ("f",), (1, 1, 0)))
    table = from_persons(LISTS, [SEX], [(on, sex) for on, sex, _ in cases])
    truth = np.array([true for _, _, true in cases])
    assert table.registered == known(len(cases))
    for index, size in enumerate(table.list_sizes().values()):
        certain = sum(on[index] == 1 for on, _, _ in cases)
        possible = sum(on[index] != 0 for on, _, _ in cases)
        assert (size.lower, size.upper) == (certain, possible)
        assert size.lower <= truth[:, index].sum() <= size.upper
    lower, upper = table.overlap_counts
    for first, second in combinations(range(3), 2):
        both = [(on[first], on[second]) for on, _, _ in cases]
        assert lower[first, second] == sum(pair == (1, 1) for pair in both)
        assert upper[first, second] == sum(0 not in pair for pair in both)
    seen = table.captured()
    for times, number in ((1, seen.once), (2, seen.twice)):
        assert number.lower <= (truth.sum(axis=1) == times).sum() <= number.upper
        assert number.lower == sum(on.count(1) == times and "" not in on for on, _, _ in cases)


class TestListThatDidNotRun:
    declaration = Declaration(LISTS, (SEX,), not_operating=(NotOperating("C", {"sex": ("f",)}),))
    table = read("A,B,C,sex,count\n1,0,0,f,3\n1,1,0,f,2\n0,0,1,m,7\n1,1,1,m,1\n", declaration)

    def test_tallies_count_what_was_written_down(self):
        assert self.table.list_sizes() == {"A": known(6), "B": known(3), "C": known(8)}
        seen = self.table.captured()
        assert (seen.once, seen.twice, seen.more) == (known(10), known(2), known(1))

    def test_dataset_does_not_claim_to_know_the_cells(self):
        data = self.table.dataset
        assert np.isnan(data["count"].sel(sex="f", history="A"))
        assert data["upper"].sel(sex="f", history="A&C") == 3
        assert data["count"].sel(sex="m", history="C") == 7
        assert data["covered"].sel(sex="f", history="C").item() is False


class TestBounds:
    text = "A,B,sex,count\n1,0,f,<5\n0,1,f,>=2\n1,1,f,3\n1,0,m,7\n0,1,m,1\n0,1,,0\n1,1,,4\n"
    table = read(
        text.replace("1,1,,4", "1,1,,4").replace("1,0,m", "1,0,m"),
        Declaration(("A", "B"), (SEX,)),
    )

    def test_registered(self):
        assert self.table.registered == Registered(17, UNBOUNDED)
        assert str(self.table.registered) == "17 or more"
        by_stratum = self.table.registered_by_stratum
        assert by_stratum.lower.tolist() == [5, 8]
        assert by_stratum.upper.tolist() == [UNBOUNDED, 8]
        assert by_stratum.unplaced == known(4)

    def test_list_sizes(self):
        assert self.table.list_sizes() == {"A": Registered(14, 18), "B": Registered(10, UNBOUNDED)}
        assert str(self.table.list_sizes()["A"]) == "14 to 18"

    def test_dataset(self):
        data = self.table.dataset
        assert data["count"].dims == ("sex", "history")
        assert data["lower"].sel(sex="f", history="A") == 0
        assert data["upper"].sel(sex="f", history="A") == 4
        assert np.isinf(data["upper"].sel(sex="f", history="B"))
        assert data["lower"].sel(sex="f", history="A&B") == 3
        assert data["upper"].sel(sex="f", history="A&B") == 7
        assert np.isnan(data["count"].sel(history="A&B")).all()
        assert np.isnan(data["count"].sel(history="none")).all()
        assert data["count"].sel(sex="m", history="A") == 7
        assert data.sizes["observation"] == 3
        covers = data["observation_covers"].sel(history="A&B").all("sex")
        assert data["observation_lower"].values[covers.values].tolist() == [4]
        assert data["membership"].sel(history="A&B", list="B").item() is True

    def test_history_totals(self):
        lower, upper = self.table.history_totals()
        assert lower.tolist() == [0, 3, 7, 7]
        assert upper.tolist() == [0, UNBOUNDED, 11, 7]


@pytest.mark.parametrize("count", ["..", "", ">=0"])
def test_people_whom_nobody_counted_leave_totals_open(count):
    """`estimate` draws how many they are, and `check` said "57 persons" as if there were none (issue 14, 3)."""
    table = read(f"A,B,C,count\n1,0,0,30\n0,1,0,20\n0,0,1,{count}\n1,1,0,5\n1,1,1,2\n", Declaration(LISTS))
    assert table.registered == Registered(57, UNBOUNDED)
    assert table.list_sizes() == {"A": known(37), "B": known(27), "C": Registered(2, UNBOUNDED)}
    assert table.captured().once == Registered(50, UNBOUNDED)
    assert table.captured().twice == known(5)
    assert table.registered_by_stratum.upper.tolist() == [UNBOUNDED]
    assert table.history_totals()[1].tolist()[1] == UNBOUNDED


def test_a_list_that_did_not_run_leaves_no_total_open():
    declaration = Declaration(("A", "B"), (SEX,), not_operating=(NotOperating("B", {"sex": ("f",)}),))
    assert read("A,B,sex,count\n1,0,f,3\n1,1,m,2\n", declaration).registered == known(5)


def test_structural_zero_in_the_dataset():
    declaration = Declaration(("A", "B"), (REGION,), structural_zeros=(StructuralZero(("A", "B")),))
    data = read("A,B,region,count\n1,0,north,3\n", declaration).dataset
    assert (data["count"].sel(history="A&B") == 0).all()
    assert not data["possible"].sel(history="A&B").any()
    assert list(data["region"].values) == ["north", "south", "west"]


def test_nothing_in_a_table_can_be_changed():
    table = read(ARTIFICIAL_3)
    for name in ("possible", "running", "lower", "upper", "cover_start", "cover_cell", "line"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(table, name)[...] = 0
    with pytest.raises(AttributeError):
        table.lists = ("X",)  # type: ignore[misc]


def test_arrays_given_are_copied_and_must_fit():
    table = read(ARTIFICIAL_3)
    own = table.lower.copy()
    parts = {name: getattr(table, name) for name in ("upper", "cover_start", "cover_cell", "line", "possible")}
    same = CaptureTable(table.lists, (), "observed", lower=own, **parts)
    own[:] = 0
    assert same.registered == known(96)
    assert same.running.all()
    with pytest.raises(ValueError, match="do not fit together"):
        CaptureTable(table.lists, (), "observed", lower=own[:-1], **parts)


def test_plot_draws_one_bar_for_each_history_with_people():
    axes = read(ARTIFICIAL_3).plot(labels={"A": "Police"})
    assert [bar.get_height() for bar in axes.patches] == [40, 30, 20, 6]
    assert [text.get_text() for text in axes.texts] == ["40", "30", "20", "6"]
    names = [text.get_text() for text in axes.child_axes[0].get_yticklabels()]
    assert names == ["Police  46", "B  36", "C  20"]
    assert "96 registered persons" in axes.get_title(loc="left")


def test_plot_of_bounds_and_of_many_histories(tmp_path):
    axes = TestBounds.table.plot()
    assert {text.get_text() for text in axes.texts} == {"7+", "7", "3+"}
    axes.figure.savefig(tmp_path / "bounds.png")
    crowded = read(NED).plot()
    assert len(crowded.patches) == 30 if "largest of" in crowded.get_title(loc="left") else len(crowded.texts)
    crowded.figure.savefig(tmp_path / "ned.png")
    assert (tmp_path / "ned.png").stat().st_size > 10_000


def test_html_is_short_and_escaped():
    text = "<b>,B,sex,count\n1,0,f,3\n1,1,m,2\n"
    found = read(text, Declaration(("<b>", "B"), (SEX,)))._repr_html_()
    assert "&lt;b&gt;" in found
    assert "<td>5</td>" in found
    assert len(found) < 1500


def test_reading_and_checking_import_nothing_heavy():
    code = (
        "import sys, estimator.capture.reading, estimator.capture.checking;"
        "print([m for m in ('pandas', 'xarray', 'scipy', 'matplotlib', 'pymc', 'arviz') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
