"""Run the commands whose output README.md shows, and put what they print there: ``python -m docs.make_readme``."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- output of darkfigure ([^>]*) -->\n```text\n).*?(```\n<!-- end of output -->)", re.DOTALL)


def printed(command: str) -> str:
    """Return what a command prints when it is run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-m", "estimator", *command.split(), "--out", "runs/my-run"]
        done = subprocess.run(
            arguments, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
        )
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return done.stdout


def page() -> str:
    """Return README.md with what its commands print today."""
    return _BLOCK.sub(lambda block: block[1] + printed(block[2]) + block[3], PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
