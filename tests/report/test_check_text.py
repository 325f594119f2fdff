"""A check in words: tables and findings within the width of a terminal, in both languages."""

from __future__ import annotations

import pytest

from estimator.capture.checking import check_table
from estimator.capture.declaration import Covariate, Declaration, NotOperating, StructuralZero, Unobserved
from estimator.reasons import Reason
from estimator.report.labels import Labels, with_labels
from estimator.report.terminal.check import check_text
from estimator.words.catalogue import LANGUAGES
from estimator.words.words import words_in
from tests.capture.capture_examples import ARTIFICIAL_3, NED, SEX, read

AB = Declaration(("A", "B"))
ENGLISH = words_in("en")
LABELS = {"P": "National Police", "K": "Royal Netherlands Marechaussee, which guards the borders and the airports"}


class TestText:
    def test_exact_text(self):
        shown = check_table(read("P,K,O,count\n1,0,0,1200\n0,1,0,30\n0,0,1,20\n1,1,0,6\n1,0,1,3\n0,1,1,1\n1,1,1,1\n"))
        assert check_text(shown, ENGLISH, {"P": "National Police"}, 60) == (
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
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_fits_the_width(self, width, language):
        for table in (read(NED), read(ARTIFICIAL_3), read(NED).merge(["I", "O"], "a list with quite a long name" * 3)):
            for line in check_text(check_table(table), words_in(language), LABELS, width).splitlines():
                assert len(line) <= width
                assert line == line.rstrip()

    def test_labels_and_matrix(self):
        shown = check_text(check_table(read(NED)), ENGLISH, LABELS)
        assert "P  National Police" in shown
        assert "which guards the…" in shown
        assert "  P     26     44     72      -     85    137" in shown

    def test_wide_matrix_is_divided(self):
        lists = tuple(f"list{i:02}" for i in range(16))
        row = ",".join("1" * 16)
        shown = check_text(check_table(read(",".join(lists) + f",count\n{row},3\n", Declaration(lists))), ENGLISH)
        assert all(len(line) <= 80 for line in shown.splitlines())
        assert shown.count("  list15  ") >= 2

    def test_bounds_in_the_matrix(self):
        shown = check_text(check_table(read("A,B,count\n1,0,30\n0,1,4\n1,1,3-12\n", AB)), ENGLISH)
        assert "  A      -   3-12" in shown
        assert "37 to 46" in shown


def flat(text: str, declaration: Declaration | None = None, language: str = "en") -> str:
    """The text of a check on one line."""
    return " ".join(check_text(check_table(read(text, declaration)), words_in(language)).split())


class TestNames:
    STRATA = "sex,age,A,B,count\nf,old,1,0,9\nf,old,1,1,4\nm,old,1,0,3\nm,young,1,1,2\nf,young,1,1,2\n"
    NAMES = Labels(
        levels={"sex": {"f": "Vrouwen", "m": "Mannen"}, "age": {"young": "Jonger dan 18", "old": "18 en ouder"}}
    )

    def shown(self, names):
        declaration = Declaration(("A", "B"), (Covariate("sex", ("f", "m")), Covariate("age", ("young", "old"))))
        report = check_table(read(self.STRATA, declaration))
        return report, " ".join(check_text(report, words_in("nl"), names=names).split())

    def test_strata_stand_by_their_labels_in_text_and_by_their_names_in_json(self):
        report, shown = self.shown(self.NAMES)
        assert "staat niemand in twee registers: 'Mannen, 18 en ouder'" in shown
        assert "m, old" not in shown
        assert report.to_dict()["strata_without_overlap"] == ["m, old"]

    def test_without_labels_they_stand_by_their_names(self):
        assert "'m, old'" in self.shown(None)[1]

    def test_a_comma_within_a_label_is_not_the_end_of_it(self):
        labels = Labels(levels={"form": {"o": "Labour, crime"}, "sex": {"f": "Women", "m": "Men"}})
        assert labels.stratum("o, m") == "Labour, crime; Men"
        assert with_labels(Reason("strata-not-estimated", strata=("o, m", "x"), number=2), labels)["strata"] == (
            "Labour, crime; Men",
            "x",
        )


class TestFindings:
    def test_models_without_an_estimate(self):
        shown = flat(ARTIFICIAL_3)
        assert "No finite maximum-likelihood estimate exists for 4 of the 5 log-linear models" in shown
        assert "A-B (nothing limits the number of unseen people from above)" in shown
        assert "A-C and B-C (a log odds ratio runs to minus infinity" in shown
        assert "all pairs (the data do not determine the number of unseen people)" in shown
        assert "List C shares nobody with any other list" in shown
        assert "alle paren (de gegevens leggen" in flat(ARTIFICIAL_3, language="nl")

    def test_a_list_within_another(self):
        shown = flat("A,B,C,count\n1,0,0,210\n0,1,0,160\n1,1,0,48\n1,0,1,33\n1,1,1,9\n")
        assert "Everybody on list C is on list A too: the log odds ratio of the two lists runs to plus" in shown
        assert "minus infinity" not in shown

    def test_pairs(self):
        shown = flat(NED)
        assert "The pairs I-K and K-R never overlap, although nothing declares that they cannot." in shown
        zeros = (StructuralZero(("I", "K")), StructuralZero(("K", "R")))
        declared = Declaration(("I", "K", "O", "P", "R", "Z"), structural_zeros=zeros)
        assert "The pairs I-K and K-R cannot overlap, as declared" in flat(NED, declared)
        assert "x declared impossible" in flat(NED, declared)

    def test_nothing_to_estimate(self):
        shown = flat("A,B,C,count\n1,0,0,3\n0,1,0,4\n0,0,1,5\n")
        assert "CANNOT BE ESTIMATED: Nobody is on two lists." in shown
        assert "What to do: Check whether persons were matched" in shown

    def test_what_is_not_exact(self):
        declaration = Declaration(
            ("A", "B", "C"),
            (SEX,),
            structural_zeros=(StructuralZero(("A", "B", "C")),),
            not_operating=(NotOperating("C", {"sex": ("f",)}),),
            unobserved=(Unobserved(("B",), {"sex": ("m",)}),),
        )
        text = "A,B,C,sex,count\n1,0,0,f,3\n1,1,0,f,2\n1,0,0,m,1-4\n1,0,1,m,>=2\n1,1,0,,5\n,1,1,m,1\n0,0,1,m,\n"
        shown = flat(text, declaration)
        assert "2 counts known only between bounds (3 or more persons)" in shown
        assert "5 persons of whom a covariate or a list is not known" in shown
        assert "list C did not operate in 1 stratum" in shown
