"""A shipped study is copied whole or not at all, and never over something."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from estimator.study.copying import copy_study
from estimator.study.study import read_study


def test_the_copy_is_the_same_study(tmp_path):
    target = copy_study("nl-2010-2015", tmp_path / "mine")
    assert target == tmp_path / "mine"
    assert sorted(path.name for path in target.iterdir()) == ["README.md", "study.toml", "table.csv"]
    copied, shipped = read_study(target), read_study("nl-2010-2015")
    assert copied.name == "mine"
    assert copied.title == shipped.title
    assert copied.table.registered == shipped.table.registered
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_only_the_owner_reads_the_table(tmp_path):
    target = copy_study("uk-2013", tmp_path / "mine")
    assert stat.S_IMODE((target / "table.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_overwritten(tmp_path, faults_of, kind):
    target = tmp_path / "mine"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("precious")
    else:
        target.symlink_to(tmp_path / "nowhere")
    [fault] = faults_of(copy_study, "uk-2013", target)
    assert str(target) in fault
    assert "left as it is" in fault
    assert kind != "file" or target.read_text() == "precious"


def test_a_misspelt_name(tmp_path, faults_of):
    assert "Did you mean 'uk-2013'?" in faults_of(copy_study, "uk-213", tmp_path / "mine")[0]
    assert not (tmp_path / "mine").exists()


def test_no_folder_to_put_it_in(tmp_path, faults_of):
    assert "Make it first" in faults_of(copy_study, "uk-2013", tmp_path / "a" / "mine")[0]


def test_a_full_disk_leaves_nothing(tmp_path, faults_of, monkeypatch):
    calls = []
    write_bytes = Path.write_bytes

    def full(target, content):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write_bytes(target, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    [fault] = faults_of(copy_study, "uk-2013", tmp_path / "mine")
    assert "no space left" in fault
    assert list(tmp_path.iterdir()) == []


def test_folders_come_along_and_programs_do_not(tmp_path, monkeypatch):
    from estimator.study import copying

    source = tmp_path / "data" / "made"
    (source / "registers" / "__pycache__").mkdir(parents=True)
    (source / "registers" / "police.csv").write_text("key\n1\n")
    (source / "registers" / "__pycache__" / "x.pyc").write_text("x")
    (source / "study.toml").write_text("")
    (source / "build.py").write_text("")
    monkeypatch.setattr(copying, "folder", lambda name: tmp_path / name)
    monkeypatch.setattr(copying, "shipped_studies", lambda: ["made"])
    target = copy_study("made", tmp_path / "mine")
    found = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    assert found == ["registers/police.csv", "study.toml"]
    assert stat.S_IMODE((target / "registers" / "police.csv").stat().st_mode) == 0o600
