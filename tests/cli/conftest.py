from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from estimator.cli.main import run as run_in_process

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Runs are written below the working directory: keep them out of the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def darkfigure(capsys) -> Callable[..., Outcome]:
    """Run a command in this process."""

    def call(*arguments: str) -> Outcome:
        code = run_in_process(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python in a process of its own."""

    def call(*arguments: str, **settings) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **settings
        )

    return call
