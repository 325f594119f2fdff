"""Nothing in a run folder names the folders of a user, and a CSV file of ours holds no formula."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from estimator.methods.door import SamplerSettings
from estimator.population.estimate import estimate
from estimator.runs.provenance import without_folders
from estimator.runs.reading import read_run
from estimator.runs.recording import _path_from
from estimator.runs.restoring import study_of_run
from estimator.runs.writing import save_run
from estimator.study.questions import Label
from estimator.study.study import read_study
from estimator.words.shown import in_cell

STUDY = 'title = "t"\nsource = "s"\n[lists.P]\n[lists.K]\n[lists.Z]\n[model]\npriors = "mine.toml"\nbeside = ["wide"]\n'
TABLE = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,9\n0,1,1,6\n1,0,1,7\n1,1,1,2\n"
QUICK = SamplerSettings(draws=100, warmup=1000, chains=2, cores=2)


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "home" / "anna-de-vries" / "study"
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY)
    (folder / "table.csv").write_text(TABLE)
    (folder / "mine.toml").write_bytes((Path(__file__).parents[2] / "priors" / "moderate.toml").read_bytes())
    return folder


def test_no_file_of_a_run_names_a_user_and_the_study_is_asked_for(study, tmp_path):
    command = ["darkfigure", "estimate", str(study), "--out", str(tmp_path / "run"), f"--priors={study / 'mine.toml'}"]
    run = save_run(estimate(study, sampler=QUICK), tmp_path / "run", command)
    for path in run.iterdir():
        assert b"anna-de-vries" not in path.read_bytes(), path.name
        assert str(tmp_path).encode() not in path.read_bytes(), path.name
    kept = read_run(run)
    assert kept.manifest.command[2:] == ["…/study", "--out", "…/run", "--priors=…/mine.toml"]
    assert kept.manifest.study_at is None
    with pytest.raises(Exception, match="does not say where its study is. .* --study STUDY"):
        study_of_run(kept)
    assert study_of_run(kept, study).title == "t"


def test_a_study_beside_the_run_is_found_again_and_both_may_be_moved(study, tmp_path):
    save_run(estimate(study, sampler=QUICK, beside=()), study.parent / "runs" / "one")
    kept = read_run(study.parent / "runs" / "one")
    assert kept.manifest.study_at == "../../study/study.toml"
    moved = study.parent.rename(tmp_path / "elsewhere")
    assert study_of_run(read_run(moved / "runs" / "one")).title == "t"


@pytest.mark.parametrize(
    ("folder", "path", "found"),
    [
        ("/work/x/runs/one", "/work/x/study/study.toml", "../../study/study.toml"),
        ("/work/x/study/one", "/work/x/study/study.toml", "../study.toml"),
        ("/home/anna/runs/one", "/home/anna/study/study.toml", "../../study/study.toml"),
        ("/home/bert/runs/one", "/home/anna/study/study.toml", None),
        ("/Users/bert/one", "/Users/anna/study.toml", None),
        ("/srv/one", "/home/anna/study.toml", None),
        ("/srv/data/one", "/srv/data/secretaris/study.toml", None),
    ],
)
def test_the_way_to_the_study_does_not_lead_through_a_users_folder(monkeypatch, folder, path, found):
    monkeypatch.setenv("USER", "Secretaris")
    assert _path_from(Path(folder), Path(path)) == found


@pytest.mark.parametrize(
    ("argument", "kept"),
    [
        ("my-study/study.toml", "my-study/study.toml"),
        ("/home/anna/a study/study.toml", "…/study.toml"),
        ("--plot=/home/anna/x.svg", "--plot=…/x.svg"),
        ("~/x", "…/x"),
        ("../anna/x", "…/x"),
        ("C:\\Users\\anna\\x.toml", "…/x.toml"),
        ("\\\\server\\anna\\x", "…/x"),
        ("--priors=C:/Users/anna/x.toml", "--priors=…/x.toml"),
        ("/home/anna", "…/"),
        ("see /home/anna/x and 1/2", "see …/x and 1/2"),
        ("dependence.odds_ratio.log_normal=[0,0.25]", "dependence.odds_ratio.log_normal=[0,0.25]"),
        ("total > 5/2", "total > 5/2"),
    ],
)
def test_a_command_line_without_folders(monkeypatch, argument, kept):
    monkeypatch.setenv("USER", "anna")
    assert without_folders(["darkfigure", argument]) == ["darkfigure", kept]


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t=", "\r\n+", " =", "\uff1d", "|", "%"])
def test_no_cell_is_a_formula(lead):
    assert in_cell(f"{lead}cmd|' /C calc'!A0").startswith("'")
    assert in_cell("Politie, regio Noord - Oost") == "Politie, regio Noord - Oost"


def test_labels_of_groups_are_no_formulas_in_estimate_csv(study, tmp_path):
    found = read_study(study)
    label = Label('=HYPERLINK("http://x","y")\x1b[31m')
    groups = {name: replace(group, label=label) for name, group in found.groups.items()}
    named = replace(found, groups=groups, name="@study")
    save_run(estimate(named, beside=(), sampler=QUICK), tmp_path / "run")
    with (tmp_path / "run" / "estimate.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] for row in rows} == {'\'=HYPERLINK("http://x","y")\N{REPLACEMENT CHARACTER}[31m'}
    assert {row["study"] for row in rows} == {"'@study"}
    for row in rows:
        assert not any(cell[:1] in "=@+" for cell in row.values() if cell)
        float(row["median"])
