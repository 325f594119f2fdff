"""`darkfigure report` writes a whole report or none, of a run folder alone, without sampling."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.words.words import words_in
from tests.runs.saved_run_examples import rewrite_manifest, three_years

ROOT = Path(__file__).resolve().parents[2]
PICTURES = {"visible", "least-seen", "coverage", "series"}


@pytest.fixture
def run(tmp_path) -> Path:
    return three_years(tmp_path / "run")


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"run"}


def test_a_report_beside_the_run(darkfigure, run, tmp_path):
    outcome = darkfigure("report", "run", "--formats", "html,figures")
    assert (outcome.code, outcome.err) == (0, "")
    target = tmp_path / "run-report-en"
    files = {Path(line) for line in outcome.out.splitlines()}
    assert target / "report-en.html" in files
    assert files == {path for path in target.rglob("*") if path.is_file()}
    assert {path.stem for path in (target / "figures").glob("*.svg")} >= PICTURES
    for ending in ("svg", "png", "csv"):
        assert len(list((target / "figures").glob(f"*.{ending}"))) == len(list((target / "figures").glob("*.svg")))
    said = json.loads((target / "figures" / "figures.json").read_text())
    assert said["stamp"] == words_in("en").text("report.stamp.synthetic")
    assert all(len(figure["alt"]) > 20 for figure in said["figures"].values())
    (citation,) = json.loads((target / "citation.json").read_text())
    assert citation["type"] == "report" and citation["issued"]["date-parts"][0][0] == 2026


def test_the_same_run_gives_the_same_bytes_and_paths_of_the_machine_are_not_in_them(darkfigure, run, tmp_path):
    for name in ("a", "b"):
        assert darkfigure("report", "run", "--out", name, "--formats", "html,figures", "--language", "nl").code == 0
    first, second = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("a", "b")
    )
    assert first == second
    assert not [path for path, content in first.items() if str(tmp_path).encode() in content]


def test_what_is_not_fit_to_publish_ends_with_3_and_says_so(darkfigure, run, tmp_path):
    estimate = json.loads((run / "estimate.json").read_text())
    estimate["reasons"] = [{"code": "mostly-prior", "share": 0.9}]
    (run / "estimate.json").write_text(json.dumps(estimate))
    digest = hashlib.sha256((run / "estimate.json").read_bytes()).hexdigest()
    rewrite_manifest(run, lambda manifest: manifest["outputs"].update({"estimate.json": digest}))
    outcome = darkfigure("report", "run", "--out", "r")
    assert outcome.code == 3
    page = (tmp_path / "r" / "report-en.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert page.count("NOT FIT TO PUBLISH") == 2
    assert words_in("en").text("mostly-prior", share=0.9) in page


@pytest.mark.parametrize("name", ["posterior.nc", "estimate.json"])
def test_a_run_that_lost_a_file_has_no_report(darkfigure, run, tmp_path, name):
    (run / name).unlink()
    assert_refused(darkfigure("report", "run"), tmp_path, name)


@pytest.mark.parametrize("name", ["posterior.nc", "estimate.json", "manifest.json"])
def test_a_run_that_was_altered_has_no_report(darkfigure, run, tmp_path, name):
    (run / name).write_bytes((run / name).read_bytes().replace(b"a", b"e", 1))
    assert_refused(darkfigure("report", "run"), tmp_path, name)


def test_a_run_of_a_later_version_has_no_report(darkfigure, run, tmp_path):
    rewrite_manifest(run, lambda manifest: manifest.update(schema_version=99))
    assert_refused(darkfigure("report", "run"), tmp_path, "later version")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(darkfigure, run, tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert_refused(darkfigure("report", "run"), tmp_path, "could not be written")
    finally:
        tmp_path.chmod(0o700)


def test_a_target_that_exists_or_lies_within_a_file_is_refused(darkfigure, run, tmp_path):
    (tmp_path / "there").write_text("mine")
    for target in ("there", "there/report"):
        outcome = darkfigure("report", "run", "--out", target)
        assert outcome.code == 1 and "report" in outcome.err and len(outcome.err.splitlines()) == 1
    assert left(tmp_path) == {"there"} and (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize("formats", ["html,odt", "html,,", ","])
def test_formats_that_there_are_not(darkfigure, run, tmp_path, formats):
    outcome = darkfigure("report", "run", "--formats", formats, "--out", "r")
    if formats == "html,,":
        assert outcome.code == 0
    else:
        assert_refused(outcome, tmp_path, "--formats")


def assert_refused(outcome, folder: Path, what: str) -> None:
    """One plain sentence, and nothing written."""
    assert outcome.code == 1 and not outcome.out
    assert what in outcome.err and "Traceback" not in outcome.err
    assert not left(folder)


def test_neither_sampler_nor_study_is_needed(run, tmp_path):
    """In a process of its own, with the folder alone: no PyMC, no nutpie, no network."""
    code = (
        "import sys, socket\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from estimator.cli.main import cli\n"
        "cli(['report', 'run', '--language', 'nl'], standalone_mode=False)\n"
        "print(sorted({'pymc', 'pytensor', 'nutpie', 'arviz', 'numba'} & set(sys.modules)))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "run-report-nl" / "report-nl.html").is_file()
