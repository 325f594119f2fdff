"""What a user may type for a study, and what is said when nothing fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from estimator.errors import InputError
from estimator.shipped import folder
from estimator.study.references import study_file
from estimator.study.study import read_study


def test_a_shipped_name():
    assert study_file("nl-2010-2015") == folder("data") / "nl-2010-2015" / "study.toml"


def test_a_misspelt_name(faults_of):
    [fault] = faults_of(study_file, "nl-2010-2105")
    assert "Did you mean 'nl-2010-2015'?" in fault
    assert "darkfigure data list" in fault


def test_a_file_or_folder_comes_before_a_shipped_name(write_study, monkeypatch):
    path = write_study()
    own = path.parent / "uk-2013"
    own.mkdir()
    path.rename(own / "study.toml")
    monkeypatch.chdir(path.parent)
    assert study_file("uk-2013") == Path("uk-2013") / "study.toml"


def test_a_folder_of_results_does_not_hide_a_shipped_name(tmp_path, monkeypatch):
    (tmp_path / "uk-2013").mkdir()
    monkeypatch.chdir(tmp_path)
    assert study_file("uk-2013") == folder("data") / "uk-2013" / "study.toml"


def test_a_bare_table_is_not_a_study(tmp_path, faults_of):
    (tmp_path / "mine.csv").write_text("P,K,count\n1,1,3\n")
    [fault] = faults_of(study_file, tmp_path / "mine.csv")
    assert "a table, not a study" in fault
    assert 'table = "mine.csv"' in fault
    assert "[lists.P]" in fault


def test_the_study_that_the_message_proposes_works(tmp_path):
    (tmp_path / "mine.csv").write_text("P,S,count\n1,0,3\n0,1,4\n1,1,3\n")
    with pytest.raises(InputError) as refused:
        study_file(tmp_path / "mine.csv")
    [fault] = refused.value.faults
    (tmp_path / "study.toml").write_text("\n".join(line.strip() for line in fault.example.splitlines()))
    assert read_study(tmp_path).table.registered.lower == 10


@pytest.mark.parametrize("tables", [(), ("counts.csv",)])
def test_a_folder_without_a_study(tmp_path, faults_of, tables):
    for name in tables:
        (tmp_path / name).touch()
    [fault] = faults_of(study_file, tmp_path)
    assert "no study.toml" in fault
    assert f'table = "{tables[0] if tables else "table.csv"}"' in fault


def test_a_path_that_is_not_there(write_study, faults_of):
    path = write_study()
    assert "Did you mean 'study.toml'?" in faults_of(study_file, path.with_name("studie.toml"))[0]
    assert "does not exist either" in faults_of(study_file, path.parent / "x" / "study.toml")[0]


def test_another_kind_of_file(tmp_path, faults_of):
    (tmp_path / "study.docx").touch()
    assert "not a study file (.toml)" in faults_of(study_file, tmp_path / "study.docx")[0]
