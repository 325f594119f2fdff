"""Several imputed tables in a study file: which files they are, and what is wrong with them, by name."""

from __future__ import annotations

import pytest

from estimator.errors import InputError
from estimator.study.study import read_study

STUDY = 'title = "t"\nsource = "s"\ntables = {tables}\n[lists.A]\n[lists.B]\n[covariates.sex]\nlevels = ["f", "m"]\n'
GOOD = "A,B,sex,count\n1,0,f,60\n0,1,m,50\n1,1,f,30\n"


def study(folder, tables='["imputed-*.csv"]', **files):
    (folder / "study.toml").write_text(STUDY.format(tables=tables))
    for name, text in {"imputed_1": GOOD, "imputed_2": GOOD, **files}.items():
        if text is not None:
            (folder / f"{name.replace('_', '-')}.csv").write_text(text)
    return folder / "study.toml"


def faults(path):
    with pytest.raises(InputError) as caught:
        read_study(path)
    return [str(fault) for fault in caught.value.faults]


def test_each_file_is_a_table_of_the_same_lists_and_strata(tmp_path):
    found = read_study(study(tmp_path, imputed_2=GOOD.replace("60", "61")))
    assert len(found.imputed) == 2
    assert found.table is found.imputed[0]
    assert [table.registered.lower for table in found.tables] == [140, 141]
    assert found.with_table(2).table.registered.lower == 141
    assert found.with_table(2).files["table"].name == "imputed-2.csv"
    assert "table 2" not in found.with_table(2).files


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (GOOD.replace("A,B", "A,C"), "C"),
        (GOOD.replace(",sex", "").replace(",f", "").replace(",m", ""), "sex"),
        (GOOD.replace("0,1,m", "0,1,x"), "x"),
        (GOOD.replace("50", "many"), "many"),
        ("", "empty"),
    ],
)
def test_a_table_that_is_another_is_named_with_its_file(tmp_path, bad, says):
    found = faults(study(tmp_path, imputed_2=bad))
    assert all("imputed-2.csv" in fault for fault in found)
    assert any(says in fault for fault in found)


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ('["imputed-1.csv"]', "the only table"),
        ('["imputed-?.csv", "imputed-1.csv"]', "named twice"),
        ('["imputed-1.csv", "imputed-3.csv"]', "No file is called 'imputed-3.csv'"),
        ('["nothing-*.csv"]', "No file is called 'nothing-*.csv'"),
        ('["**/*.csv"]', "No file is called"),
        ('["imputed-*.csv", "imputed-*.csv"]', "same name twice"),
        ('"imputed-*.csv"', "[square brackets]"),
        ('["imputed-1.csv", "imputed-2.csv"]\ntable = "table.csv"', "both 'table' and 'tables'"),
    ],
)
def test_names_that_are_wrong(tmp_path, tables, says):
    found = faults(study(tmp_path, tables))
    assert any("study.toml" in fault and says in fault for fault in found), found


def test_what_takes_one_table_says_so(tmp_path):
    with pytest.raises(InputError, match="2 imputed tables, and one is asked for"):
        _ = read_study(study(tmp_path)).only_table
