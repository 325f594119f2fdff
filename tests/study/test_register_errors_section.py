"""The sections on errors of registers: what is read, what is refused, and what is said of them."""

from __future__ import annotations

import pytest

from estimator.errors import InputError
from estimator.population.statements_of_study import error_reasons
from estimator.study.study import read_study
from estimator.words.words import words_in
from tests.study.study_examples import STUDY, TABLE

FALSE = '\n[[false_positives]]\nlist = "K"\nshare = [0.02, 0.1]\nreason = "Followed up."\n'
LINKS = '\n[[linkage_errors]]\nmissed = [0.01, 0.05]\nwrong = [0.001, 0.02]\nreason = "Clerical review"\n'


def study(tmp_path, addition):
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY + addition, encoding="utf-8")
    return read_study(tmp_path)


def test_what_is_declared_is_in_the_model_and_said(tmp_path):
    found = study(tmp_path, FALSE + LINKS)
    assert found.model.false_positives[0].share == (0.02, 0.1)
    assert found.model.linkage_errors[0].lists == ("P", "K", "Z")
    start = "Declared: 2.0 to 10.0 % of the people on K are no victims, all of them on that list alone"
    said = words_in("en").say_all(error_reasons(found))
    assert said[0].startswith(start)
    assert "1.0 to 5.0 % of the links between records of one person were missed" in said[1]
    dutch = words_in("nl").say_all(error_reasons(found))
    assert dutch[0].startswith("Opgegeven: 2,0 tot 10,0% van de personen in K is geen slachtoffer")
    assert len(dutch) == len(said) == 3


def test_a_list_that_is_dropped_takes_its_errors_along(tmp_path):
    drop = '\n[[decisions]]\nname = "k"\nlist = "K"\nchoice = "drop"\nreason = "r"\n'
    found = study(tmp_path, FALSE + LINKS + drop)
    assert not found.model.false_positives
    assert found.model.linkage_errors[0].lists == ("P", "Z")


@pytest.mark.parametrize(
    ("addition", "says"),
    [
        (FALSE.replace('"K"', '"X"'), "There is no list 'X'"),
        (FALSE.replace("[0.02, 0.1]", "[0, 0.1]"), "above 0 and below 1"),
        (FALSE.replace("[0.02, 0.1]", "[0.2, 0.1]"), "the smaller one first"),
        (FALSE.replace("[0.02, 0.1]", "[0.2]"), "share"),
        (FALSE + "where = { year = 1999 }\n", "1999"),
        (FALSE + FALSE + "where = { year = 2014 }\n", "declared twice"),
        (FALSE + 'among = "some"\n', "among"),
        (LINKS + 'lists = ["P"]\n', "between two lists"),
        (LINKS + 'lists = ["P", "X"]\n', "There is no list 'X'"),
        (LINKS + LINKS, "declared twice"),
        ('\n[[linkage_errors]]\nreason = "r"\n', "neither what share"),
    ],
)
def test_what_is_refused(tmp_path, addition, says):
    with pytest.raises(InputError) as caught:
        study(tmp_path, addition)
    assert any(says in str(fault) or says in fault.message for fault in caught.value.faults)
    assert len(caught.value.faults) == 1
