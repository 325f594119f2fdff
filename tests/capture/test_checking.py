"""What the check finds, as codes with the lists, strata and numbers that they are about."""

import json

import pytest
from capture_examples import ARTIFICIAL_3, NED, REGION, SEX, read
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.capture.checking import check_table, empty_overlaps
from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved
from estimator.reasons import Reason

AB = Declaration(("A", "B"))
ABC = ("A", "B", "C")


def found(report, severity=None) -> dict[str, Reason]:
    """What was found, by its code."""
    return {one.what.code: one.what for one in report.findings if severity in (None, one.severity)}


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
        warnings = found(report, "warning")
        assert warnings["list-shares-nobody"]["list"] == "C"
        missing = warnings["no-finite-estimate"]
        assert (missing["missing"], missing["tried"]) == (4, 5)
        assert {one.code: one["models"] for one in missing["meanings"]} == {
            "total-without-upper-limit": ("A-B",),
            "dependence-runs-to-minus-infinity": ("A-C", "B-C"),
            "total-not-determined": ("all pairs",),
        }
        assert report.estimable

    def test_the_dutch_table_names_the_pairs_that_never_overlap(self):
        report = check_table(read(NED))
        assert [(pair.lists, pair.kind) for pair in report.empty_overlaps] == [
            (("I", "K"), "sampling"),
            (("K", "R"), "sampling"),
        ]
        assert found(report)["pairs-never-overlap"]["pairs"] == ("I-K", "K-R")
        assert [model.name for model in report.models if not model.exists] == ["I-K", "K-R", "all pairs"]
        assert all(model.total == "finite" for model in report.models)
        assert report.estimable

    def test_declared_impossible_overlaps_are_not_chance(self):
        zeros = (StructuralZero(("I", "K")), StructuralZero(("K", "R")))
        report = check_table(read(NED, Declaration(("I", "K", "O", "P", "R", "Z"), structural_zeros=zeros)))
        assert {pair.kind for pair in report.empty_overlaps} == {"structural"}
        assert all(model.exists for model in report.models)
        assert len(report.models) == 1 + 13 + 1
        assert found(report)["pairs-cannot-overlap"]["pairs"] == ("I-K", "K-R")


class TestContainedLists:
    """A list within another: R's glm lets the log odds ratio A:C run to plus infinity (issues/20, 11d)."""

    text = (
        "A,B,C,D,count\n1,0,0,0,210\n0,1,0,0,160\n0,0,0,1,75\n1,1,0,0,48\n1,0,1,0,33\n1,1,1,0,9\n1,0,0,1,20\n"
        "0,1,0,1,14\n1,1,0,1,5\n1,0,1,1,4\n"
    )

    def test_the_log_odds_ratio_runs_to_plus_infinity(self):
        report = check_table(read(self.text))
        missing = {model.name: model for model in report.models if not model.exists}
        assert set(missing) == {"A-C", "all pairs"}
        for model in missing.values():
            assert (model.total, model.rising, model.falling) == ("finite", (("A", "C"),), ())
        (meaning,) = found(report)["no-finite-estimate"]["meanings"]
        assert meaning == Reason("dependence-runs-to-plus-infinity", models=("A-C", "all pairs"), more=0)
        assert found(report, "warning")["list-within-list"] == Reason("list-within-list", list="C", within="A")

    def test_a_list_that_may_have_people_elsewhere_is_not_within(self):
        assert check_table(read(self.text)).contained == (("C", "A"),)
        assert not check_table(read(self.text + "0,0,1,0,0-3\n")).contained

    def test_lists_that_share_nobody_fall(self):
        models = {model.name: model for model in check_table(read(ARTIFICIAL_3)).models}
        assert models["A-C"].falling == (("A", "C"),)
        assert models["A-B"].rising == (("A", "B"),)


class TestNotEstimable:
    def test_no_overlap_at_all(self):
        report = check_table(read("A,B,C,count\n1,0,0,3\n0,1,0,4\n0,0,1,5\n"))
        assert not report.estimable
        (reason,) = report.fatal_reasons
        assert (reason["what"].code, reason["remedy"].code) == ("nobody-on-two-lists", "check-the-matching")
        assert "list-shares-nobody" not in found(report)

    def test_overlap_that_is_not_certain(self):
        report = check_table(read("A,B,count\n1,0,3\n0,1,4\n1,1,<5\n", AB))
        assert report.estimable
        assert "overlap-not-certain" in found(report, "warning")

    @pytest.mark.parametrize("count", ["..", "", ">=0"])
    def test_overlap_that_nobody_counted(self, count):
        report = check_table(read(f"A,B,count\n1,0,3\n0,1,4\n1,1,{count}\n", AB))
        assert [reason["what"].code for reason in report.fatal_reasons] == ["overlaps-not-counted"]

    def test_two_lists(self):
        report = check_table(read("A,B,count\n1,0,3\n0,1,4\n1,1,2\n", AB))
        assert "only-two-lists" in found(report, "warning")
        assert {model.name: model.total for model in report.models} == {"independence": "finite", "A-B": "undetermined"}

    def test_list_that_saw_nobody(self):
        report = check_table(read("A,B,C,count\n1,0,0,3\n0,1,0,4\n1,1,0,2\n", Declaration(ABC)))
        assert found(report, "warning")["list-saw-nobody"]["list"] == "C"


class TestStrata:
    def test_strata_without_overlap_and_without_people(self):
        text = "A,B,region,count\n1,0,north,3\n0,1,north,4\n1,1,north,2\n1,0,south,5\n"
        report = check_table(read(text, Declaration(("A", "B"), (REGION,))))
        assert report.strata_without_overlap == ("south",)
        assert report.empty_strata == ("west",)
        values = {"number": 1, "of": 3, "more": 0}
        assert found(report, "warning")["strata-without-overlap"].values == {**values, "strata": ("south",)}
        assert found(report, "note")["strata-without-people"].values == {**values, "strata": ("west",)}

    def test_many_strata_are_counted(self):
        area = Covariate("area", tuple(f"a{number}" for number in range(20)))
        rows = "".join(f"1,0,a{number},1\n" for number in range(1, 20))
        report = check_table(read("A,B,area,count\n1,1,a0,2\n" + rows, Declaration(("A", "B"), (area,))))
        reason = found(report)["strata-without-overlap"]
        assert (reason["strata"], reason["more"]) == (("a1", "a2", "a3", "a4", "a5", "a6"), 13)

    def test_part_of_a_table_says_who_is_left_out(self):
        table = read("A,B,sex,count\n1,1,f,3\n1,0,,4\n", Declaration(("A", "B"), (SEX,)))
        assert found(check_table(table.by("sex")["f"]), "note")["part-of-larger-table"]["upper"] == 4
        assert "part-of-larger-table" not in found(check_table(table))


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
    assert found(check_table(read(text, declaration)))["not-all-exact"]["parts"] == (
        Reason("counts-between-bounds", number=2, lower=3, upper=None),
        Reason("persons-with-blanks", lower=5, upper=5),
        Reason("cells-not-observed", number=2),
        Reason("cells-impossible", number=2),
        Reason("list-did-not-operate", list="C", number=1),
    )


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
    reasons = found(check_table(read(text, declaration)))
    assert reasons["pairs-never-together"]["pairs"] == ("A-C",)
    assert reasons["overlap-partly-unobserved"]["pairs"] == ("B-D",)


def test_report_is_plain_data():
    text = "A,B,sex,count\n1,0,f,<5\n0,1,f,>=2\n1,1,f,3\n1,1,,4\n"
    report = check_table(read(text, Declaration(("A", "B"), (SEX,))))
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["registered"] == {"lower": 9, "upper": None}
    assert data["overlap"][0][1] == {"lower": 7, "upper": 7}
    assert data["estimable"] is True
    assert data["lists"] == ["A", "B"]
    assert {finding["severity"] for finding in data["findings"]} <= {"fatal", "warning", "note"}
    said = [(Reason.of_dict(finding["what"]), Reason.of_dict(finding["remedy"])) for finding in data["findings"]]
    assert said == [(finding.what, finding.remedy) for finding in report.findings]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=7, max_size=7).filter(any), st.permutations(range(3)))
def test_relabelling_lists_changes_no_verdict(counts, order):
    def report(lists):
        rows = "".join(f"{h >> 2 & 1},{h >> 1 & 1},{h & 1},{n}\n" for h, n in enumerate(counts, start=1))
        return check_table(read("A,B,C,count\n" + rows, Declaration(lists)))

    first, second = report(ABC), report(tuple(ABC[index] for index in order))
    assert first.estimable == second.estimable
    assert first.captured == second.captured

    def verdicts(report):
        return {frozenset(map(frozenset, model.pairs)): (model.exists, model.total) for model in report.models}

    assert verdicts(first) == verdicts(second)


def test_the_worst_comes_first():
    report = check_table(read("A,B,region,count\n1,0,north,3\n0,1,south,4\n", Declaration(("A", "B"), (REGION,))))
    severities = [finding.severity for finding in report.findings]
    assert severities == sorted(severities, key=("fatal", "warning", "note").index)
    assert severities[0] == "fatal"
