"""The frame of the command line: help, exit codes, errors in words, nothing heavy imported."""

from __future__ import annotations

import errno
import os
import re
import shlex
import subprocess
import sys

import click
import pytest

from estimator.cli import main as cli_main
from estimator.cli.main import COMMANDS, cli
from estimator.errors import Fault, InputError, NotEstimableError
from estimator.reasons import Reason


def commands(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())


def examples(command):
    return [line.strip() for line in command.help.split("Example:\n")[1].splitlines() if line.strip()]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_agrees_with_their_docstrings(name):
    assert COMMANDS[name].help == COMMANDS[name].load().help.splitlines()[0]


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(path, darkfigure):
    outcome = darkfigure(*path, "-h")
    assert outcome.code == 0
    assert outcome.err == ""
    assert ALL[path].help.splitlines()[0] in " ".join(outcome.out.split())
    for example in examples(ALL[path]):
        assert example.startswith("darkfigure ")
        assert f"\n  {example}\n" in outcome.out
    assert "--debug" in outcome.out


@pytest.mark.parametrize(
    "path",
    [
        ("check",),
        ("estimate",),
        ("data", "list"),
        ("data", "show"),
        ("priors", "list"),
        ("priors", "show"),
        ("priors", "draw"),
    ],
)
def test_what_prints_a_table_also_prints_json(path):
    assert any("--json" in parameter.opts for parameter in ALL[path].params)


@pytest.mark.parametrize(
    "example",
    [example for command in ALL.values() for example in examples(command) if "my-" not in example],
)
def test_examples_run(example, darkfigure):
    assert darkfigure(*shlex.split(example)[1:]).code == (
        3 if "estimate" in example and "lower-bound" in example else 0
    )


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(darkfigure, option):
    outcome = darkfigure(option)
    assert outcome.code == 0
    for name, entry in COMMANDS.items():
        assert name in outcome.out
        assert entry.help in outcome.out
    assert "Exit codes: 0 done; 1" in outcome.out


def test_version(darkfigure):
    outcome = darkfigure("--version")
    assert outcome.code == 0
    assert re.fullmatch(r"darkfigure \d+\.\d+\.\d+\S*\n", outcome.out)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["chek", "uk-2013"], "There is no command 'chek'. Did you mean 'check'?"),
        (["check"], "Missing argument 'STUDY'"),
        (["check", "uk-2013", "--jsn"], "No such option"),
        (["data", "lst"], "lst"),
        (["priors", "show", "--set", "x"], "KEY=VALUE"),
        (["priors", "show", "--toml", "--json"], "--toml"),
        ([], "Usage"),
    ],
)
def test_wrong_use_is_exit_code_2(darkfigure, arguments, fragment):
    outcome = darkfigure(*arguments)
    assert outcome.code == 2
    assert fragment in outcome.err
    assert outcome.out == ""


def failing(monkeypatch, error):
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli_main.Entry, "load", lambda _entry: command)


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (InputError([Fault("a", "One."), Fault("b", "Two.")]), 1, ["Error: a: One.", "Error: b: Two."]),
        (
            NotEstimableError([Reason("as-written", sentence=text) for text in ("No overlap.", "No hope.")]),
            3,
            ["Error: No overlap.", "Error: No hope."],
        ),
        (KeyboardInterrupt(), 130, ["Interrupted; nothing was left half-written."]),
        (
            OSError(errno.ENOSPC, "No space left on device", "runs/x"),
            1,
            ["Error: runs/x: No space left on device. Check"],
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/root/x"), 1, ["Error: /root/x: Permission denied."]),
        (MemoryError(), 1, ["Error: There is not enough memory."]),
        (ZeroDivisionError("x"), 1, ["Error: darkfigure itself failed (ZeroDivisionError: x)", "--debug"]),
    ],
)
def test_errors_become_words_and_codes(darkfigure, monkeypatch, error, code, lines):
    failing(monkeypatch, error)
    outcome = darkfigure("check")
    assert outcome.code == code
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert all(line in outcome.err for line in lines), outcome.err


@pytest.mark.parametrize("error", [InputError(Fault("a", "One.")), ZeroDivisionError("x")])
def test_debug_shows_the_traceback(darkfigure, monkeypatch, error):
    failing(monkeypatch, error)
    outcome = darkfigure("--debug", "check")
    assert "Traceback" in outcome.err
    assert "Error: " in outcome.err


def test_debug_may_stand_at_the_end(darkfigure):
    outcome = darkfigure("check", "uk-213", "--debug")
    assert outcome.code == 1
    assert "Traceback" in outcome.err


def imported(process, *arguments):
    outcome = process("-X", "importtime", "-m", "estimator", *arguments)
    assert outcome.returncode == 0, outcome.stderr
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in outcome.stderr.splitlines() if "|" in line}


HEAVY = {"pymc", "pytensor", "arviz", "arviz_base", "arviz_stats", "numba", "nutpie", "pandas", "xarray", "matplotlib"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(process, arguments):
    found = imported(process, *arguments)
    assert "click" in found
    assert not found & (HEAVY | {"numpy", "scipy", "pydantic"})


@pytest.mark.parametrize(
    "arguments", [["data", "-h"], ["priors", "-h"], ["priors", "draw", "-h"], ["check", "-h"], ["estimate", "-h"]]
)
def test_help_of_a_command_imports_nothing_heavy(process, arguments):
    assert not imported(process, *arguments) & (HEAVY | {"numpy", "scipy", "pydantic"})


LIGHT = [
    ["check", "scotland-pwid-2006"],
    ["check", "nl-2010-2015", "--json"],
    ["data", "list"],
    ["data", "show", "uk-2013"],
    ["priors", "list"],
    ["priors", "show", "wide"],
    ["priors", "draw", "--study", "scotland-pwid-2006", "--draws", "200"],
]


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_light_commands_import_no_model(process, arguments):
    found = imported(process, *arguments)
    assert "pydantic" in found
    assert not found & HEAVY


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_closed_pipe_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    outcome = subprocess.run(
        [sys.executable, "-m", "estimator", "data", "list"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert outcome.stderr == ""
    assert outcome.returncode == cli_main.BROKEN_PIPE


def test_no_colours_even_on_a_terminal(process):
    outcome = process("-m", "estimator", "check", "uk-2013", env={**os.environ, "FORCE_COLOR": "1"})
    assert "\x1b[" not in outcome.stdout + outcome.stderr
