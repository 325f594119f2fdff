"""What the check says, in words that can be acted on."""

import json

import pytest
from capture_examples import ARTIFICIAL_3, NED, REGION, SEX, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.checking import check_table, empty_overlaps
from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved

AB = Declaration(("A", "B"))
ABC = ("A", "B", "C")


def texts(report, severity=None) -> str:
    return "\n".join(one.text for one in report.findings if severity in (None, one.severity))


class TestPublishedTables:
    def test_artificial_3_says_which_models_have_no_estimate(self):
        report = check_table(read(ARTIFICIAL_3))
        verdicts = {model.name: (model.exists, model.total) for model in report.models}
        assert verdicts == {
            "independence": (True, "finite"),
            "A-B": (False, "no upper limit"),
            "A-C": (False, "finite"),
            "B-C": (False, "finite"),
            "all pairs": (False, "undetermined"),
        }
        found = texts(report, "warning")
        assert "No finite maximum-likelihood estimate exists for 4 of the 5 log-linear models" in found
        assert "A-B (nothing limits the number of unseen people from above)" in found
        assert "A-C and B-C (a dependence runs to minus infinity" in found
        assert "all pairs (the data do not determine the number of unseen people)" in found
        assert "List C shares nobody with any other list" in found
        assert report.estimable

    def test_the_dutch_table_names_the_pairs_that_never_overlap(self):
        report = check_table(read(NED))
        assert [(pair.lists, pair.kind) for pair in report.empty_overlaps] == [
            (("I", "K"), "sampling"),
            (("K", "R"), "sampling"),
        ]
        assert "The pairs I-K and K-R never overlap, although nothing declares that they cannot." in texts(report)
        assert [model.name for model in report.models if not model.exists] == ["I-K", "K-R", "all pairs"]
        assert all(model.total == "finite" for model in report.models)
        assert report.estimable

    def test_declared_impossible_overlaps_are_not_chance(self):
        zeros = (StructuralZero(("I", "K")), StructuralZero(("K", "R")))
        report = check_table(read(NED, Declaration(("I", "K", "O", "P", "R", "Z"), structural_zeros=zeros)))
        assert {pair.kind for pair in report.empty_overlaps} == {"structural"}
        assert all(model.exists for model in report.models)
        assert len(report.models) == 1 + 13 + 1
        assert "The pairs I-K and K-R cannot overlap, as declared" in texts(report)
        assert "  x  declared impossible" in report.text()


class TestNotEstimable:
    def test_no_overlap_at_all(self):
        report = check_table(read("A,B,C,count\n1,0,0,3\n0,1,0,4\n0,0,1,5\n"))
        assert not report.estimable
        assert report.fatal_reasons[0].startswith("Nobody is on two lists.")
        assert "Check whether persons were matched" in report.fatal_reasons[0]
        assert "CANNOT BE ESTIMATED: Nobody is on two lists." in report.text()
        assert "shares nobody" not in texts(report)

    def test_overlap_that_is_not_certain(self):
        report = check_table(read("A,B,count\n1,0,3\n0,1,4\n1,1,<5\n", AB))
        assert report.estimable
        assert "It is not certain that anybody is on two lists" in texts(report, "warning")

    def test_two_lists(self):
        report = check_table(read("A,B,count\n1,0,3\n0,1,4\n1,1,2\n", AB))
        assert "With two lists the data cannot tell" in texts(report, "warning")
        assert {model.name: model.total for model in report.models} == {"independence": "finite", "A-B": "undetermined"}

    def test_list_that_saw_nobody(self):
        report = check_table(read("A,B,C,count\n1,0,0,3\n0,1,0,4\n1,1,0,2\n", Declaration(ABC)))
        assert "List C saw nobody." in texts(report, "warning")


class TestStrata:
    def test_strata_without_overlap_and_without_people(self):
        text = "A,B,region,count\n1,0,north,3\n0,1,north,4\n1,1,north,2\n1,0,south,5\n"
        report = check_table(read(text, Declaration(("A", "B"), (REGION,))))
        assert report.strata_without_overlap == ("south",)
        assert report.empty_strata == ("west",)
        assert "1 of 3 strata has nobody on two lists: 'south'. Their estimates borrow everything" in texts(
            report, "warning"
        )
        assert "Nobody is registered in 1 of 3 strata: 'west'." in texts(report, "note")

    def test_many_strata_are_counted(self):
        area = Covariate("area", tuple(f"a{number}" for number in range(20)))
        rows = "".join(f"1,0,a{number},1\n" for number in range(1, 20))
        report = check_table(read("A,B,area,count\n1,1,a0,2\n" + rows, Declaration(("A", "B"), (area,))))
        assert "19 of 20 strata have nobody on two lists: 'a1', 'a2', 'a3', 'a4', 'a5', 'a6' and 13 more." in texts(
            report
        )

    def test_part_of_a_table_says_who_is_left_out(self):
        table = read("A,B,sex,count\n1,1,f,3\n1,0,,4\n", Declaration(("A", "B"), (SEX,)))
        assert "Up to 4 persons more may belong to it" in texts(check_table(table.by("sex")["f"]), "note")
        assert "part of a larger table" not in texts(check_table(table))


def test_coarsening_is_summed_up():
    declaration = Declaration(
        ABC,
        (SEX,),
        structural_zeros=(StructuralZero(("A", "B", "C")),),
        not_operating=(NotOperating("C", {"sex": ("f",)}),),
        unobserved=(Unobserved(("B",), {"sex": ("m",)}),),
    )
    text = "A,B,C,sex,count\n1,0,0,f,3\n1,1,0,f,2\n1,0,0,m,1-4\n1,0,1,m,>=2\n1,1,0,,5\n,1,1,m,1\n0,0,1,m,\n"
    coarse = check_table(read(text, declaration)).coarsening
    assert (coarse.intervals, str(coarse.interval_persons)) == (2, "3 or more")
    assert (coarse.blanks, str(coarse.blank_persons)) == (1, "5")
    assert (coarse.unobserved, coarse.impossible) == (2, 2)
    assert coarse.not_running == (("C", 1),)
    found = texts(check_table(read(text, declaration)))
    assert "2 counts known only between bounds (3 or more persons)" in found
    assert "5 persons of whom a covariate or a list is not known" in found
    assert "list C did not operate in 1 stratum" in found


def test_kinds_of_empty_overlaps():
    declaration = Declaration(
        ("A", "B", "C", "D"),
        (SEX,),
        structural_zeros=(StructuralZero(("A", "D")),),
        not_operating=(NotOperating("A", {"sex": ("f",)}), NotOperating("C", {"sex": ("m",)})),
    )
    text = "A,B,C,D,sex,count\n1,1,0,0,m,3\n0,0,1,1,f,2\n0,1,0,1,m,..\n"
    kinds = {pair.lists: pair.kind for pair in empty_overlaps(read(text, declaration))}
    assert kinds == {
        ("A", "C"): "never together",
        ("A", "D"): "structural",
        ("B", "C"): "sampling",
        ("B", "D"): "unobserved",
    }
    found = check_table(read(text, declaration))
    assert "The pair A-C never operated in the same stratum" in texts(found)
    assert "Part of the overlap of the pair B-D was not observed." in texts(found)
    assert "  /  never operated in the same stratum" in found.text()


class TestText:
    labels = {"P": "National Police", "K": "Royal Netherlands Marechaussee, which guards the borders and the airports"}

    def test_exact_text(self):
        shown = check_table(read("P,K,O,count\n1,0,0,1200\n0,1,0,30\n0,0,1,20\n1,1,0,6\n1,0,1,3\n0,1,1,1\n1,1,1,1\n"))
        assert shown.text(60, {"P": "National Police"}) == (
            "Registered: 1,261 persons on 3 lists (observed table)\n"
            "\n"
            "List                                       persons    share\n"
            "  P  National Police                         1,210   96.0 %\n"
            "  K                                             38    3.0 %\n"
            "  O                                             25    2.0 %\n"
            "\n"
            "Seen by                  persons    share\n"
            "  one list                 1,250   99.1 %\n"
            "  two lists                   10    0.8 %\n"
            "  three or more lists          1    0.1 %\n"
            "\n"
            "Persons on both of two lists\n"
            "         P      K      O\n"
            "  P      -      7      4\n"
            "  K      7      -      2\n"
            "  O      4      2      -\n"
            "\n"
            "Nothing stands in the way of an estimate."
        )

    @pytest.mark.parametrize("width", [60, 80, 120])
    def test_fits_the_width(self, width):
        for table in (read(NED), read(ARTIFICIAL_3), read(NED).merge(["I", "O"], "a list with quite a long name" * 3)):
            for line in check_table(table).text(width, self.labels).splitlines():
                assert len(line) <= width
                assert line == line.rstrip()

    def test_labels_and_matrix(self):
        shown = check_table(read(NED)).text(labels=self.labels)
        assert "P  National Police" in shown
        assert "which guards the…" in shown
        assert "  P     26     44     72      -     85    137" in shown

    def test_wide_matrix_is_divided(self):
        lists = tuple(f"list{i:02}" for i in range(16))
        row = ",".join("1" * 16)
        shown = check_table(read(",".join(lists) + f",count\n{row},3\n", Declaration(lists))).text()
        assert all(len(line) <= 80 for line in shown.splitlines())
        assert shown.count("  list15  ") >= 2

    def test_bounds_in_the_matrix(self):
        shown = check_table(read("A,B,count\n1,0,30\n0,1,4\n1,1,3-12\n", AB)).text()
        assert "  A      -   3-12" in shown
        assert "37 to 46" in shown


def test_report_is_plain_data():
    text = "A,B,sex,count\n1,0,f,<5\n0,1,f,>=2\n1,1,f,3\n1,1,,4\n"
    report = check_table(read(text, Declaration(("A", "B"), (SEX,))))
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["registered"] == {"lower": 9, "upper": None}
    assert data["overlap"][0][1] == {"lower": 7, "upper": 7}
    assert data["estimable"] is True
    assert data["lists"] == ["A", "B"]
    assert {finding["severity"] for finding in data["findings"]} <= {"fatal", "warning", "note"}
    assert all(finding["text"].endswith(".") and finding["remedy"].endswith(".") for finding in data["findings"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=7, max_size=7).filter(any), st.permutations(range(3)))
def test_relabelling_lists_changes_no_verdict(counts, order):
    def report(lists):
        rows = "".join(f"{h >> 2 & 1},{h >> 1 & 1},{h & 1},{n}\n" for h, n in enumerate(counts, start=1))
        return check_table(read("A,B,C,count\n" + rows, Declaration(lists)))

    first, second = report(ABC), report(tuple(ABC[index] for index in order))
    assert first.estimable == second.estimable
    assert first.captured == second.captured

    def verdicts(found):
        return {frozenset(map(frozenset, model.pairs)): (model.exists, model.total) for model in found.models}

    assert verdicts(first) == verdicts(second)


def test_the_worst_comes_first():
    report = check_table(read("A,B,region,count\n1,0,north,3\n0,1,south,4\n", Declaration(("A", "B"), (REGION,))))
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities, key=("fatal", "warning", "note").index)
    assert severities[0] == "fatal"
