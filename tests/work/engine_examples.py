"""Tasks for the tests of the engine: their results depend on the payload alone, even when they kill whoever does them.

A task that is to go wrong a few times keeps a tally in a file, because nothing else survives it.
"""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from estimator.work.ledger import open_ledger
from estimator.work.tasks import Task

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
IDENTITY = {"method": "loglinear", "versions": {"darkfigure": "1", "numpy": "2"}, "draws": 100}
PATIENCE = 120.0  # for a busy machine


def fit(payload: dict[str, Any]) -> dict[str, Any]:
    """Numbers that no rounding leaves as they are, and those that JSON does not know."""
    time.sleep(payload.get("seconds", 0.0))
    numbers = random.Random(payload["seed"])
    draws = [numbers.gauss(0.0, 1.0) * 10.0 ** numbers.randint(-300, 300) for _ in range(3)]
    return {"draws": draws, "width": math.inf if payload["seed"] % 3 else math.nan, "n": 10**20, "who": "Zoë\u2028"}


def fit_and_die(payload: dict[str, Any]) -> dict[str, Any]:
    """As `fit`, after the process that does it was killed so many times."""
    if tally(Path(payload["tally"])) <= payload["deaths"]:
        time.sleep(payload.get("before", 0.0))
        os.kill(os.getpid(), signal.SIGKILL)
    return fit(payload)


def tally(path: Path) -> int:
    """Count one more, and return how many there are."""
    with path.open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    return len(path.read_text("ascii").splitlines())


def counted(payload: dict[str, Any]) -> dict[str, Any]:
    """As `fit`, leaving a mark, so that a test sees how often a task was done."""
    with Path(payload["marks"]).open("a", encoding="ascii") as file:
        file.write(f"{payload['seed']}\n")
    return fit(payload)


def spoil(payload: dict[str, Any]) -> dict[str, Any]:
    """As `fit`, changing what it was given."""
    result = fit(payload)
    payload["seed"] += 1
    return result


def surroundings(payload: str) -> dict[str, Any]:
    """What a worker sees of its environment; it also speaks, which must harm nobody."""
    print("a task that prints")
    subprocess.run([sys.executable, "-c", "print('and a child of it'); input"], check=True)
    return {"value": os.environ.get(payload), "pid": os.getpid(), "stdin": sys.stdin.read()}


def together(payload: str) -> dict[str, Any]:
    """Wait until two processes have been at work, and say which this was."""
    tally(Path(payload))
    wait_until(lambda: len(set(lines_of(Path(payload)))) == 2, "another process")
    return {"pid": os.getpid()}


WRONG: dict[str, Callable[[], Any]] = {
    "type": lambda: "a" + 1,  # type: ignore[operator]
    "attribute": lambda: None.real,  # type: ignore[attr-defined]
    "key": lambda: {}["absent"],
    "exit": lambda: sys.exit(0),
    "value": lambda: (_ for _ in ()).throw(ValueError("the matrix\nis  singular")),
    "overflow": lambda: math.exp(1e6),
    "memory": lambda: [0] * 2**62,
    "result": lambda: ["a list"],
    "object": lambda: {"x": [1, object()]},
    "failed": lambda: {"failed": "mine"},
}


def wrong(payload: str) -> dict[str, Any]:
    """Go wrong as is asked for."""
    return WRONG[payload]()  # type: ignore[no-any-return]


class Unreadable:
    """A payload that can be packed and not unpacked."""

    def __reduce__(self) -> Any:
        return (int, ("not a number",))


def orphan(payload: dict[str, Any]) -> dict[str, Any]:
    """Say who does it, and take for ever."""
    Path(payload["pid"]).write_text(str(os.getpid()), "ascii")
    time.sleep(3600)
    return {}


def end_with_3(parent: Any) -> None:
    """End a worker before it has a task."""
    os._exit(3)


def end_by_signal(parent: Any) -> None:
    """End a worker before it has a task, by a signal."""
    os.kill(os.getpid(), signal.SIGKILL)


def kept(folder: Path) -> int:
    """Count the results that a folder keeps; no run is at work there."""
    with open_ledger(folder, IDENTITY) as ledger:
        return len(ledger.done)


def tasks(number: int, function: str = "fit", **payload: Any) -> list[Task]:
    """So many tasks, each with a seed of its own."""
    return [Task(f"case-{seed}", f"engine_examples:{function}", {"seed": seed, **payload}) for seed in range(number)]


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether results are equal to the last bit, nan included, and in the same order."""
    return repr(found) == repr(expected)


def program(code: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start Python that knows these examples."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_until(found: Any, what: str = "it") -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < until, f"waited for {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and whose parent has not looked does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def lines_of(path: Path) -> Sequence[str]:
    return path.read_text("ascii").splitlines() if path.exists() else []
