"""Ctrl-C, and being asked to end: at once, without a traceback, and nothing half-written."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and terminals")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # for a busy machine to get as far as the signal
PROMPT = 10.0 * float(os.environ.get("DARKFIGURE_TEST_SLOWNESS", "1"))  # the run itself would take minutes


class Running:
    """A process whose stderr is a terminal, so that it says what it is doing."""

    def __init__(self, folder: Path, arguments: list[str]) -> None:
        self.terminal, inner = pty.openpty()
        self.said = ""
        self.process = subprocess.Popen(
            arguments,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=inner,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "200"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(inner)

    def listen(self, seconds: float) -> None:
        """Hear what it says, for a while at most."""
        if select.select([self.terminal], [], [], seconds)[0]:
            try:
                self.said += os.read(self.terminal, 65536).decode("utf-8", "replace")
            except OSError:  # the other side has closed
                time.sleep(min(seconds, 0.02))

    def wait_for(self, text: str) -> None:
        """Wait until it has said something."""
        until = time.monotonic() + PATIENCE
        while text not in self.said:
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            self.listen(0.05)

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal, and return the exit code and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        while self.process.poll() is None:
            assert time.monotonic() - began < PATIENCE
            self.listen(0.02)
        return self.process.returncode, time.monotonic() - began


@contextmanager
def running(folder: Path, *arguments: str, python: tuple[str, ...] = ()) -> Iterator[Running]:
    """Run the command line in a folder; it does not outlive the test."""
    found = Running(folder, [sys.executable, *python, "-m", "estimator", *arguments])
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
        found.process.stdout.close()
        os.close(found.terminal)


LONG = ("estimate", "scotland-pwid-2006", "--draws", "100000", "--chains", "4", "--out", "deep/run")


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGINT, 130, "Interrupted; nothing was left half-written."), (signal.SIGTERM, 143, "")],
)
def test_while_sampling(tmp_path, number, code, message):
    with running(tmp_path, *LONG) as run:
        run.wait_for("Sampling")
        time.sleep(0.5)
        assert (tmp_path / "deep").exists()
        found, seconds = run.end(number)
        run.listen(0.1)
        assert found == code, run.said
        assert seconds < PROMPT
        assert run.process.stdout.read() == b""
    assert message in run.said
    if message:
        assert "No draws are kept. The same command begins again." in run.said
    assert "Traceback" not in run.said
    assert "Exception ignored" not in run.said
    assert list(tmp_path.iterdir()) == []


MOMENTS = ["click", "estimator.study.study", "numpy.linalg", "numba.core.types", "nutpie"]


@pytest.mark.parametrize("module", MOMENTS)
def test_while_loading(tmp_path, module):
    with running(tmp_path, *LONG, python=("-X", "importtime")) as run:
        run.wait_for(f" {module}\r\n")
        code, seconds = run.end(signal.SIGINT)
        run.listen(0.1)
        assert code == 130, run.said[-3000:]
        assert seconds < PROMPT
    assert "Interrupted; nothing was left half-written." in run.said
    assert "Traceback" not in run.said
    assert list(tmp_path.iterdir()) == []


def test_the_command_and_the_module_begin_at_the_same_place():
    assert 'darkfigure = "estimator.__main__:main"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_a_run_that_is_killed_outright_is_never_taken_for_a_whole_one(tmp_path):
    """No program can tidy up after SIGKILL; what is left has another name, begins with a point and ends in .part."""
    with running(tmp_path, *LONG) as run:
        run.wait_for("Sampling")
        run.end(signal.SIGKILL)
    left = [path.name for path in (tmp_path / "deep").iterdir()]
    assert all(name.startswith(".run.") and name.endswith(".part") for name in left)
    assert not (tmp_path / "deep" / "run").exists()
