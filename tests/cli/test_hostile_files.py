"""Whatever a study or a user names as a file: a pipe, a device, a folder, a link, a file without end; never waited for.

Every case goes through the command line with a clock: none may wait, and each is one sentence with the remedy.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from estimator.errors import InputError
from estimator.userfiles import LARGEST, LARGEST_SETTINGS, problem_of, read_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")

STUDY = """\
title = "t"
source = "s"
[lists.P]
[lists.K]
[lists.Z]
[covariates.year]
levels = [2014, 2015]
[period]
covariate = "year"
"""
TABLE = "year,P,K,Z,count\n2014,1,0,0,40\n2014,0,1,0,30\n2015,0,0,1,20\n2015,1,1,0,5\n"
LARGE = 20_000_000_000


def _socket(path: Path) -> None:
    """Make a socket; its name must be short, so it is made from within its folder."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGE)


KINDS = {
    "pipe": (os.mkfifo, "a pipe, not a file"),
    "socket": (_socket, "no file that can be read"),
    "endless device": (lambda path: path.symlink_to("/dev/zero"), "a device, not a file"),
    "terminal": (lambda path: path.symlink_to("/dev/tty"), "not a file|no file that can be read|cannot be read"),
    "empty device": (lambda path: path.symlink_to("/dev/null"), "a device, not a file"),
    "folder": (lambda path: path.mkdir(), "a folder"),
    "link to nowhere": (lambda path: path.symlink_to("nowhere"), "a link that leads nowhere"),
    "link to itself": (lambda path: path.symlink_to(path.name), "back to itself|leads nowhere"),
    "sparse": (_sparse, "has 20,000 MB, and at most"),
    "memory of the process": (
        lambda path: path.symlink_to("/proc/self/mem"),
        "not a file|cannot be read|CSV|TOML",
    ),
}


def study_of(folder: Path) -> Path:
    folder.mkdir()
    (folder / "table.csv").write_text(TABLE)
    (folder / "study.toml").write_text(STUDY)
    return folder


def named_by_study(name: str, text: str = ""):
    """The study file names the file; its text has the section that does."""

    def place(folder: Path) -> tuple[Path, list[str]]:
        study = study_of(folder)
        (study / "study.toml").write_text(text + STUDY if "\n[" not in text else STUDY + text)
        if name == "table.csv":
            (study / name).unlink()
        return study / name, ["check", str(study)]

    return place


def as_study(folder: Path) -> tuple[Path, list[str]]:
    (study_of(folder) / "study.toml").unlink()
    return folder / "study.toml", ["check", str(folder)]


def as_option(folder: Path) -> tuple[Path, list[str]]:
    return folder / "p.toml", ["estimate", str(study_of(folder)), "--priors", str(folder / "p.toml"), "--no-out"]


def as_option_without_an_ending(folder: Path) -> tuple[Path, list[str]]:
    return folder / "p", ["estimate", str(study_of(folder)), "--priors", str(folder / "p"), "--no-out"]


PLACES = {
    "table": named_by_study("table.csv"),
    "denominators": named_by_study("d.csv", '\n[denominators]\nfile = "d.csv"\n'),
    "published": named_by_study("f.csv", '\n[published]\nfile = "f.csv"\n'),
    "priors of the study": named_by_study("p.toml", '\n[model]\npriors = "p.toml"\n'),
    "priors beside": named_by_study("p.toml", '\n[model]\nbeside = ["p.toml"]\n'),
    "study": as_study,
    "priors": as_option,
    "priors without an ending": as_option_without_an_ending,
}


@pytest.fixture
def _clock():
    """End a test that waits."""

    def late(*_arguments) -> None:
        raise TimeoutError("waited for a file")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("_clock")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
def test_no_file_is_waited_for(darkfigure, tmp_path, place, kind):
    path, command = PLACES[place](tmp_path / "s")
    make, fragment = KINDS[kind]
    make(path)
    outcome = darkfigure(*command)
    assert outcome.code == 1
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "itself failed" not in outcome.err
    assert path.name in outcome.err
    if not (place == "study" and kind in ("folder", "link to itself")):
        assert any(words in outcome.err for words in fragment.split("|")), outcome.err
    assert len(outcome.err.splitlines()) == 1, outcome.err


SECRET = "TOKEN=hunter2-of-the-office\nOTHER: correct horse battery\n"
SECRETS = {
    "environment": SECRET.replace("\n", "\0"),
    "lines": SECRET,
    "shadow": "root:$6$hunter2$:19000:0:99999:7:::\n",
    "word": "hunter2\n",
    "json": '{"user": "x", "token": "hunter2", "other": 1}\n',
    "indented json": '{\n  "user": "x",\n  "token": "hunter2"\n}\n',
    "address": "https://user:hunter2@example/x?a=1,b=2\nline,2\n",
    "key": "-----BEGIN KEY-----\nhunter2hunter2+/=\n",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", [place for place in PLACES if place != "study"])
def test_what_is_no_such_file_is_not_quoted(darkfigure, tmp_path, place, secret):
    """A study from elsewhere may name any file; what is in it does not get into messages that are sent back."""
    path, command = PLACES[place](tmp_path / "s")
    path.write_text(SECRETS[secret])
    outcome = darkfigure(*command)
    assert outcome.code == 1
    for part in ("hunter2", "correct", "horse", "$6$"):
        assert part not in outcome.err


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    assert problem_of(path, 5) == ""
    with pytest.raises(InputError, match="at most 1 MB are read"):
        read_file(path, 4)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    """As files of the system do, which have no size until they are read."""
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    found = os.stat_result((path.stat().st_mode, *[0] * 9))
    monkeypatch.setattr(os, "fstat", lambda _handle: found)
    with pytest.raises(InputError, match="at most"):
        read_file(path, 4)


def test_the_descriptor_is_asked_and_not_the_name(tmp_path, monkeypatch):
    """The name is given another file between opening and looking: what was opened counts."""
    path, pipe = tmp_path / "x", tmp_path / "pipe"
    path.write_bytes(b"12345")
    os.mkfifo(pipe)
    original = os.fstat

    def fstat(handle: int) -> os.stat_result:
        path.unlink(missing_ok=True)
        path.symlink_to(pipe)
        return original(handle)

    monkeypatch.setattr(os, "fstat", fstat)
    assert read_file(path) == b"12345"
    with pytest.raises(InputError, match="a pipe, not a file"):
        read_file(path)


def test_no_descriptor_is_left_open(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    handles = Path("/proc/self/fd")
    before = len(list(handles.iterdir())) if handles.is_dir() else 0
    for _ in range(3):
        assert problem_of(tmp_path / "pipe")
    assert before in (0, len(list(handles.iterdir())))


def test_every_reader_comes_through_one_door():
    """No module reads a file of the user's by another road; what else is opened is named here, with why."""
    own = {
        "words/catalogue.py",  # catalogues of the tool
        "study/shipped.py",  # evidence that ships
        "population/thresholds.py",  # of the tool
        "registers/private_database.py",  # a file without a name that it writes itself
        "registers/excel.py",  # the inside of a workbook that came through the door
        "__main__.py",  # standard streams
        "bundle/opening.py",  # files within a bundle
        "bundle/packing.py",  # the bundle that it writes
        "cli/report.py",  # a browser
        "document/writers/pdf.py",  # a template of the tool
        "document/making.py",  # writes
        "methods/memory.py",  # of the system
        "methods/kept_code.py",  # machine code that it kept itself
        "userfiles.py",
    }
    room = Path(__file__).resolve().parents[2] / "estimator"
    marks = (".read_text(", ".read_bytes(", ".open(", " open(", "(open(", "copyfile(", "loadtxt(", "genfromtxt(")
    found = {
        path.relative_to(room).as_posix()
        for path in room.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(mark in line for mark in marks) and "os.open(" not in line and "def " not in line
    }
    assert found - own == set()


def test_the_limits_are_documented():
    text = (Path(__file__).resolve().parents[2] / "docs" / "study-file.md").read_text(encoding="utf-8")
    assert f"{LARGEST // 1_000_000} MB" in text
    assert f"{LARGEST_SETTINGS // 1_000_000} MB" in text
