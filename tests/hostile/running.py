"""Runs a command on hostile input in this process, and holds what it did to what holds for every input."""

from __future__ import annotations

import contextlib
import io
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from estimator.cli.main import run

MOST_TERMINAL = 20_000
"""No small input makes a command print more."""

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_OURS = ("Traceback", "itself failed", "fault of the tool", "assert ", "Interrupted", "not enough memory")


@dataclass(frozen=True)
class Case:
    """One hostile input, and what must come of it.

    Parameters
    ----------
    kind : str
        What it is hostile in, for the count by kind.
    name : str
        Its own name.
    files : mapping of str to str or bytes
        What stands in the folder ``s``.
    argv : tuple of str
        The command.
    code : int or tuple of int
        The exit codes that are right.
    says, never : tuple of str
        What the output has in it, and what not.
    registered : tuple, optional
        The right bounds of the registered people, as `check --json` says them.
    may_write : tuple of str
        What the command may leave behind when it succeeds.
    """

    kind: str
    name: str
    files: Mapping[str, str | bytes]
    argv: tuple[str, ...] = ("check", "s")
    code: int | tuple[int, ...] = (0, 1, 2, 3)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    registered: tuple[int, int | None] | None = None
    may_write: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the list of tests."""
        return f"{self.kind}: {self.name}"


@dataclass
class Outcome:
    """What a command did: exit code, what it printed, and what it left behind."""

    code: int
    out: str
    err: str
    left: list[str] = field(default_factory=list)


def write(files: Mapping[str, str | bytes], folder: Path) -> None:
    """Write the files of a case."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


def carried_out(argv: tuple[str, ...], folder: Path) -> Outcome:
    """Run a command in a folder."""
    before = _listing(folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(argv)
    return Outcome(code, out.getvalue(), err.getvalue(), sorted(_listing(folder) - before))


def _listing(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def faults_of(outcome: Outcome, argv: tuple[str, ...], may_write: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with what a command did, whatever its input was."""
    both = outcome.out + outcome.err
    wrong = [f"exit code {outcome.code}"] if outcome.code not in (0, 1, 2, 3) else []
    wrong += [f"shows its inside: {sign}" for sign in _OURS if sign in both]
    hidden = {f"U+{ord(mark):04X}" for mark in both if mark != "\n" and unicodedata.category(mark) in _HIDDEN}
    wrong += [f"control characters reach the terminal: {sorted(hidden)}"] if hidden else []
    wrong += [f"{len(both)} characters printed"] if len(both) > MOST_TERMINAL and outcome.code == 1 else []
    allowed = may_write if outcome.code in (0, 3) else ()
    wrong += [f"left behind: {name}" for name in outcome.left if name.split("/")[0] not in allowed]
    if outcome.code == 1:
        wrong += _faults_of_errors(outcome)
    if outcome.code == 2 and "Usage: " not in outcome.err:
        wrong.append("no usage")
    if outcome.code in (0, 3) and "--json" in argv:
        wrong += _faults_of_json(outcome.out)
    return wrong


def _faults_of_errors(outcome: Outcome) -> list[str]:
    """Return what is wrong with how an error is told: what went wrong, where, and nothing besides."""
    lines = outcome.err.splitlines()
    wrong = [] if lines and lines[0].startswith("Error: ") else ["does not begin with Error:"]
    wrong += [] if not outcome.out else ["prints a result beside its error"]
    wrong += [f"a line of {len(line)} characters" for line in lines if len(line) > 1600]
    told = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    wrong += [f"no place: {line[:100]}" for line in told if ": " not in line and "not listed here" not in line]
    return wrong


def _faults_of_json(text: str) -> list[str]:
    try:
        json.loads(text, parse_constant=_refused)
    except ValueError as error:
        return [f"no JSON: {error}"]
    return []


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def verdict(case: Case, folder: Path) -> list[str]:
    """Carry out a case in an empty folder, and return everything that is wrong with what came of it."""
    write({f"s/{name}": content for name, content in case.files.items()}, folder)
    outcome = carried_out(case.argv, folder)
    wrong = faults_of(outcome, case.argv, case.may_write)
    both = " ".join((outcome.out + outcome.err).split())
    codes = case.code if isinstance(case.code, tuple) else (case.code,)
    wrong += [f"exit code {outcome.code}, not {case.code}"] if outcome.code not in codes else []
    wrong += [f"does not say {text!r}" for text in case.says if text not in both]
    wrong += [f"says {text!r}" for text in case.never if text in both]
    if case.registered is not None and outcome.code in (0, 3):
        found = json.loads(outcome.out)["registered"]
        right = dict(zip(("lower", "upper"), case.registered, strict=True))
        wrong += [f"registered {found}, not {right}"] if found != right else []
    return [*wrong, f"{outcome.code} {both[:700]}"] if wrong else []
