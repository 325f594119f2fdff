"""What reaches a terminal, whoever wrote it; and streams that are closed, full or have few letters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.words.shown import LONGEST_MESSAGE, in_message, is_harmless

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX streams")
ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "\x1b[31m\x07\x08\x9b2J\u202e\u200fevil\nError: forged"
TABLE = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,9\n0,1,1,6\n1,0,1,7\n"


def study(folder: Path) -> str:
    """A study with hostile text wherever a study has text of its own."""
    text = json.dumps(HOSTILE)
    folder.mkdir()
    (folder / "table.csv").write_text(TABLE)
    (folder / "study.toml").write_text(
        f"title = {text}\nsource = {text}\nlicence = {text}\ncaveats = [{text}]\n"
        f"[lists.P]\nlabel = {text}\n[lists.K]\n[lists.Z]\n"
        f'[[decisions]]\nname = "d"\nlist = "K"\nchoice = "keep"\nreason = {text}\n'
        f"[groups.total]\nlabel = {text}\n"
    )
    return str(folder)


def clean(said: str) -> None:
    assert all(letter == "\n" or is_harmless(letter) for letter in said), ascii(said)
    assert not any(line.startswith("Error: forged") for line in said.splitlines()), said


@pytest.mark.parametrize(
    "command",
    [
        ["check", "s"],
        ["check", "s", "--json"],
        ["data", "show", "s"],
        ["data", "show", "s", "--json"],
        ["estimate", "s", "--method", "lower-bound", "--no-out", "--full"],
        ["estimate", "s", "--method", "lower-bound", "--no-out", "--json"],
    ],
    ids=" ".join,
)
def test_text_of_a_study(darkfigure, tmp_path, command):
    study(tmp_path / "s")
    outcome = darkfigure(*command)
    assert outcome.code in (0, 3), outcome.err
    clean(outcome.out + outcome.err)
    if "--json" in command:
        assert json.loads(outcome.out)["title"] == HOSTILE


@pytest.mark.parametrize(
    "command",
    [
        ["check", HOSTILE],
        ["check", f"./{HOSTILE}/study.toml"],
        [HOSTILE],
        ["check", f"--{HOSTILE}"],
        ["show", HOSTILE],
        ["compare", HOSTILE],
        ["scrutinise", HOSTILE],
        ["estimate", "uk-2013", "--priors", HOSTILE],
        ["estimate", "uk-2013", "--set", HOSTILE],
        ["estimate", "uk-2013", "--set", f"{HOSTILE}=1"],
        ["estimate", "uk-2013", "--decide", HOSTILE],
        ["estimate", "uk-2013", "--method", HOSTILE],
        ["estimate", "uk-2013", "--probability", HOSTILE],
        ["estimate", "uk-2013", "--draws", HOSTILE],
        ["estimate", "uk-2013", "--plot", HOSTILE],
        ["compare", "x", "y", "--years", f"{HOSTILE},,"],
        ["new", HOSTILE, "--from", HOSTILE],
        ["data", "copy", HOSTILE, HOSTILE],
        ["priors", "show", HOSTILE],
        ["reproduce", HOSTILE],
    ],
    ids=lambda command: " ".join(command[:-1]),
)
def test_text_of_the_command_line(darkfigure, command):
    outcome = darkfigure(*command)
    assert outcome.code in (1, 2)
    assert outcome.out == ""
    assert "evil" in outcome.err or "study" in outcome.err
    clean(outcome.err)


@pytest.mark.parametrize("length", [1_000, 5_000, 1_000_000])
@pytest.mark.parametrize("letters", ["x", "x ", "x/"])
def test_the_remedy_of_a_long_message_stays(letters, length):
    said = in_message(f"{letters * (length // len(letters))}: Not there. Check the name.")
    assert len(said) <= LONGEST_MESSAGE
    assert said.startswith("x")
    assert said.endswith("Not there. Check the name.")


def test_a_path_of_5000_characters(darkfigure):
    outcome = darkfigure("check", "./" + "a/" * 2500 + "study.toml")
    assert outcome.code == 1
    assert len(outcome.err) < 1600
    assert outcome.err.rstrip().endswith(("does not exist either.", "no such file or folder."))


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which $D is the command."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), "D": f"{sys.executable} -m estimator", **environment}
    return subprocess.run(["sh", "-c", line], env=given, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("$D priors list >&-", 1, "Standard output is closed"),
        ("$D priors list 2>&- >/dev/null", 0, ""),
        ("$D check nope 2>&-", 1, ""),
        ("$D check nope >&- 2>&- <&-", 1, ""),
        ("$D priors list >/dev/full", 1, "No space left"),
        ("$D check nope 2>/dev/full", 1, ""),
    ],
)
def test_streams_that_cannot_be_written(line, code, said):
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    outcome = shell(line)
    assert outcome.returncode == code
    assert said in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "Exception ignored" not in outcome.stderr


def test_letters_that_a_stream_does_not_have():
    settings = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    plain = shell("$D priors list --language nl", **settings)
    assert plain.returncode == 0, plain.stderr
    found = shell("$D data show nl --json", **settings)
    assert json.loads(found.stdout) == json.loads(shell("$D data show nl --json").stdout)


def test_python_without_docstrings_is_refused_in_a_sentence():
    """Libraries add to their docstrings as they are loaded, and the help of commands is theirs."""
    outcome = shell("$D priors list", PYTHONOPTIMIZE="2")
    assert outcome.returncode == 1
    assert outcome.stderr.splitlines()[-1].endswith("Unset PYTHONOPTIMIZE.")
    assert len(outcome.stderr.splitlines()) == 1
    assert shell("$D priors list", PYTHONOPTIMIZE="1").returncode == 0


def test_all_that_is_printed_comes_through_one_door():
    for path in (ROOT / "estimator" / "cli").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name not in ("output.py", "main.py"):
            assert "click.echo" not in text and "print(" not in text.replace("pprint(", ""), path.name
