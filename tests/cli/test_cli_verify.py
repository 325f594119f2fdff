"""`darkfigure verify` and `darkfigure bundle`, as a reviewer uses them."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from tests.bundle.conftest import make_run


@pytest.fixture(scope="module")
def _made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    make_run(folder)
    return folder


@pytest.fixture
def run(_made, tmp_path):
    shutil.copytree(_made, tmp_path / "made")
    return tmp_path / "made" / "run"


def test_from_run_to_reviewer(darkfigure, run, tmp_path):
    packed = darkfigure("bundle", str(run))
    assert packed.code == 0 and "CAUTION: this bundle holds the table" in packed.out
    path = run.parent / "run.zip"
    sent = tmp_path / "sent" / "for-review.zip"
    sent.parent.mkdir()
    shutil.move(path, sent)
    shutil.rmtree(run.parent)
    done = darkfigure("verify", str(sent), "--rerun")
    assert done.code == 0
    assert done.out.startswith("Unaltered: region.") and "Estimated again: identical." in done.out
    assert darkfigure("verify", str(sent), "--language", "nl").out.startswith("Ongewijzigd: region.")


def test_json(darkfigure, run):
    packed = json.loads(darkfigure("bundle", str(run), "--json").out)
    assert len(packed["sha256"]) == 64 and packed["left_out"] == [] and packed["why_left_out"] is None
    said = json.loads(darkfigure("verify", packed["file"], "--rerun", "--json").out)
    assert (said["unaltered"], said["bundle"], said["study"]) == (True, True, "region")
    assert said["rerun"]["outcome"] == "identical" and said["rerun"]["compared"] == 6
    assert {file["state"] for file in said["files"]} == {"same"}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_an_altered_run_is_exit_code_3_and_is_not_run_again(darkfigure, run, language):
    (run / "estimate.csv").write_text("altered")
    (run / "posterior.nc").unlink()
    (run / "mine.txt").write_text("extra")
    done = darkfigure("verify", str(run), "--rerun", "--language", language)
    words = {"en": ("changed", "missing", "extra"), "nl": ("gewijzigd", "verdwenen", "toegevoegd")}[language]
    assert done.code == 3
    for word, name in zip(words, ("estimate.csv", "posterior.nc", "mine.txt"), strict=True):
        assert any(line.split() == [word, name] for line in done.out.splitlines())
    said = json.loads(darkfigure("verify", str(run), "--rerun", "--json").out)
    assert said["unaltered"] is False and said["rerun"] is None


def test_numbers_that_do_not_come_out_again_are_exit_code_3(darkfigure, run, monkeypatch):
    from tests.bundle.test_rerunning import forged

    forged(run, median=99999.0, upper=199999.0)
    done = darkfigure("verify", str(run), "--rerun")
    assert done.code == 3 and "OTHER NUMBERS" in done.out and "was 99,999" in done.out
    assert "ANDERE GETALLEN" in darkfigure("verify", str(run), "--rerun", "--language", "nl").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--with-table", "--decided-by", "A"],
        ["--decided-by", "A", "--because", "B"],
        ["--without-table", "--decided-by", "A", "--because", "B"],
        ["--with-table", "--decided-by", " ", "--because", "B"],
    ],
)
def test_half_a_decision_is_wrong_use(darkfigure, run, arguments):
    assert darkfigure("bundle", str(run), *arguments).code == 2
    assert not (run.parent / "run.zip").exists()


def test_protected_counts(darkfigure, tmp_path):
    run = make_run(tmp_path / "protected", "[disclosure]\nminimum = 5\n")
    refused = darkfigure("bundle", str(run), "--with-table")
    assert refused.code == 1 and "--decided-by" in refused.err
    assert "Left out, because the study protects" in darkfigure("bundle", str(run)).out
    path = run.parent / "run.zip"
    assert darkfigure("verify", str(path)).code == 0
    again = darkfigure("verify", str(path), "--rerun")
    assert again.code == 1 and "goes without run/estimate.csv" in again.err and "\n" not in again.err.strip()
    decided = ["--with-table", "--decided-by", "A. Jansen", "--because", "Review"]
    assert darkfigure("bundle", str(run), *decided, "--out", str(tmp_path / "whole.zip")).code == 0
    assert darkfigure("verify", str(tmp_path / "whole.zip"), "--rerun").code == 0


def test_what_is_no_run_is_said_in_a_sentence(darkfigure, run, tmp_path):
    (tmp_path / "text.zip").write_text("text")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("holiday.jpg", b"x")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        packed.writestr("../evil.txt", b"x")
    for path in (tmp_path / "text.zip", tmp_path / "other.zip", tmp_path / "evil.zip", tmp_path / "gone", run / ".."):
        done = darkfigure("verify", str(path))
        assert done.code == 1 and done.err.startswith("Error: ") and "Traceback" not in done.err and not done.out
    assert not (tmp_path.parent / "evil.txt").exists()


def test_bad_targets(darkfigure, run, tmp_path):
    (tmp_path / "there.zip").write_text("mine")
    for name in ("there.zip", "no-zip.tar", "no/folder/x.zip"):
        done = darkfigure("bundle", str(run), "--out", str(tmp_path / name))
        assert done.code == 1 and name.rsplit("/")[-1] in done.err
    assert (tmp_path / "there.zip").read_text() == "mine"
