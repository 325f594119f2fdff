"""An estimate that was made is never lost: two runs at once, a full disk, what a killed run left behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.cli import estimating
from estimator.cli.estimating import Keeping
from estimator.errors import InputError
from estimator.parts import part_beside, remove_leftovers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX locks and signals")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _written(monkeypatch):
    """A run is one small file."""
    monkeypatch.setattr(estimating, "write_run", lambda result, folder, **_: (folder / "run").write_text(result))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_two_runs_in_the_same_second_are_both_kept(tmp_path):
    first, second, third = (Keeping(tmp_path / "runs" / "x-1", named=False) for _ in range(3))

    def others(_: object) -> str:
        assert second.kept(lambda _: third.kept(lambda _: "c", "en") and "b", "en") == "b"
        return "a"

    assert first.kept(others, "en") == "a"
    assert [third.target.name, second.target.name, first.target.name] == ["x-1", "x-1-2", "x-1-3"]
    assert [(tmp_path / "runs" / name / "run").read_text() for name in names(tmp_path / "runs")] == ["c", "b", "a"]
    for keeping in (first, second, third):
        keeping.refuse_if_lost()


def test_one_out_twice_at_once_loses_no_estimate(tmp_path):
    first, second = (Keeping(tmp_path / "x", named=True) for _ in range(2))
    assert first.kept(lambda _: second.kept(lambda _: "b", "en") and "a", "en") == "a"
    assert (tmp_path / "x" / "run").read_text() == "b"
    assert (first.target, second.target) == (None, tmp_path / "x")
    with pytest.raises(InputError, match="another command has written it meanwhile"):
        first.refuse_if_lost()
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_at_the_end_loses_no_estimate(tmp_path, monkeypatch, number):
    def full(*_arguments, **_named):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(estimating, "write_run", full)
    keeping = Keeping(tmp_path / "deep" / "x", named=True)
    assert keeping.kept(lambda _: "a", "en") == "a"
    assert keeping.target is None
    with pytest.raises(InputError, match="The run could not be written"):
        keeping.refuse_if_lost()
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said_before_the_work(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(InputError, match="exists already"):
        Keeping(tmp_path / "x", named=True).kept(lambda _: pytest.fail("worked"), "en")


def test_the_estimate_is_printed_and_the_exit_code_says_that_it_was_not_kept(darkfigure, tmp_path, monkeypatch):
    def full(*_arguments, **_named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(estimating, "write_run", full)
    outcome = darkfigure("estimate", "uk-2013", "--method", "lower-bound", "--out", "run")
    assert "1" in outcome.out and len(outcome.out.splitlines()) > 5
    assert outcome.err.splitlines()[-1].startswith("Error: run: The run could not be written (No space left on device)")
    assert outcome.code == 1
    assert names(tmp_path) == []


HELD = """
import sys
from pathlib import Path
from estimator.parts import part_beside
with part_beside(Path(sys.argv[1])) as part:
    (part / "half").write_text("x")
    print(part.name, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_run_left_goes_and_what_a_living_one_makes_stays(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HELD, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        name = other.stdout.readline().strip()
        assert remove_leftovers(tmp_path) == []
        assert names(tmp_path) == [name]
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert names(tmp_path) == [name]
    keeping = Keeping(tmp_path / "run", named=True)
    keeping.kept(lambda _: "a", "en")
    assert keeping.removed == [name]
    assert names(tmp_path) == ["run"]


def test_nothing_else_is_taken_for_a_leftover(tmp_path):
    (tmp_path / ".x.abcdefgh.part").mkdir(mode=0o755)  # others may read it: ours are private
    (tmp_path / ".y.abcdefgh.part").write_text("a file")
    (tmp_path / ".z.abcdefgh.part").symlink_to(tmp_path / "precious")
    (tmp_path / "precious").mkdir(mode=0o700)
    (tmp_path / "video.part").mkdir(mode=0o700)
    (tmp_path / ".download.part").mkdir(mode=0o700)
    before = names(tmp_path)
    assert remove_leftovers(tmp_path) == []
    assert names(tmp_path) == before
    assert remove_leftovers(tmp_path / "nowhere") == []


def test_a_part_is_private_and_goes_with_an_error(tmp_path):
    with pytest.raises(KeyError), part_beside(tmp_path / "x") as part:
        assert part.stat().st_mode & 0o777 == 0o700
        raise KeyError
    assert names(tmp_path) == []
