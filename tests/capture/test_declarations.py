import time

import pytest

from estimator.capture.declaration import (
    Covariate,
    Declaration,
    NotOperating,
    StructuralZero,
    Unobserved,
    declaration_faults,
)
from estimator.capture.strata import strata_where, stratum_labels, stratum_levels
from estimator.errors import InputError

SEX = Covariate("sex", ("female", "male"))
YEAR = Covariate("year", ("2013", "2014", "2015"), ordered=True)
GOOD = Declaration(
    ("P", "K"),
    (SEX, YEAR),
    structural_zeros=(StructuralZero(("P", "K"), {"sex": ("male",)}, "law"),),
    not_operating=(NotOperating("K", {"year": ("2013",)}, "founded in 2014"),),
    unobserved=(Unobserved(("P",), {}, "not delivered"),),
    suppressed_below=5,
)


def changed(**changes):
    return declaration_faults(Declaration(**{**vars(GOOD), **changes}), "study.toml")


def test_a_good_declaration_has_no_faults():
    assert declaration_faults(GOOD) == ()


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"lists": ("P",), "structural_zeros": (), "not_operating": ()}, "lists", "There is one list"),
        ({"lists": ("P", "K", "K")}, "lists.K", "The list 'K' is named twice"),
        ({"lists": ("P", "K", "a&b")}, "lists.a&b", "the table uses '&' itself"),
        ({"lists": ("P", "K", "count")}, "lists.count", "'count' cannot be the name of a list"),
        ({"lists": ("P", "K", " Q")}, "lists. Q", "has spaces around its name"),
        ({"lists": ("P", "K", "")}, "lists.", "is blank"),
        ({"lists": ("P", "K", "sex")}, "covariates", "the name of a list and of a covariate"),
        ({"covariates": (SEX, YEAR, SEX)}, "covariates.sex", "The covariate 'sex' is named twice"),
        (
            {"covariates": (SEX, YEAR, Covariate("history", ("a",)))},
            "covariates.history",
            "'history' cannot be the name",
        ),
        ({"covariates": (SEX, YEAR, Covariate("age", ()))}, "covariates.age", "has no levels"),
        ({"covariates": (SEX, YEAR, Covariate("age", ("x", "x")))}, "covariates.age", "'x' is named twice"),
        ({"covariates": (SEX, YEAR, Covariate("age", ("x", "")))}, "covariates.age", "A level is blank"),
        ({"structural_zeros": (StructuralZero(("P", "Kk")),)}, "structural_zeros, number 1", "Did you mean 'K'?"),
        ({"structural_zeros": (StructuralZero(()),)}, "structural_zeros, number 1", "It names no list"),
        ({"not_operating": (NotOperating("Q"),)}, "not_operating, number 1", "There is no list 'Q'"),
        (
            {"not_operating": (NotOperating("K", {"yaer": ("2013",)}),)},
            "not_operating, number 1",
            "Did you mean 'year'?",
        ),
        ({"unobserved": (Unobserved(("P",), {"year": ("20l4",)}),)}, "unobserved, number 1", "Did you mean '2014'?"),
        ({"unobserved": (Unobserved(("P",), {"year": ()}),)}, "unobserved, number 1", "Name at least one"),
        ({"suppressed_below": 1}, "table_format.suppressed_below", "Write 2 or more"),
        ({"suppressed_below": 2**63 - 1}, "table_format.suppressed_below", "Write at most 10,000,000,000"),
        ({"suppressed_below": 0, "suppressed_includes_zero": True}, "table_format.suppressed_below", "Write 1 or more"),
    ],
)
def test_faults_name_place_and_remedy(changes, place, words):
    found = changed(**changes)
    assert len(found) == 1, found
    assert found[0].where == f"study.toml, {place}"
    assert words in found[0].message


def test_all_faults_at_once():
    found = changed(lists=("P", "P"), unobserved=(Unobserved(("Q",)),), suppressed_below=-1)
    places = {fault.part.split(", ")[0] for fault in found}
    assert places >= {"lists.P", "not_operating", "unobserved", "table_format.suppressed_below"}


def test_strata_run_with_the_last_covariate_fastest():
    assert stratum_labels((SEX, YEAR))[:4] == ["female, 2013", "female, 2014", "female, 2015", "male, 2013"]
    assert stratum_levels((SEX, YEAR)).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert stratum_labels(()) == ["all"]


def test_strata_where():
    assert strata_where((SEX, YEAR), {"year": ("2015", "2013")}).tolist() == [True, False, True, True, False, True]
    assert strata_where((SEX, YEAR), {"sex": ("male",), "year": ("2014",)}).nonzero()[0].tolist() == [4]
    assert strata_where((), {}).tolist() == [True]
    with pytest.raises(InputError, match="Did you mean 'male'"):
        strata_where((SEX, YEAR), {"sex": ("mal",)})


def test_levels_by_the_ten_thousand_take_no_time():
    """Counting each level among all the others took half a minute for 40,000 (issue 14, 12)."""
    area = Covariate("area", tuple(f"a{number}" for number in range(100_000)))
    begin = time.process_time()
    assert not declaration_faults(Declaration(("A", "B"), (area,)))
    assert time.process_time() - begin < 5
