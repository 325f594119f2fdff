"""Data and priors are found in a checkout and in an installed wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from estimator.shipped import folder

ROOT = Path(__file__).resolve().parents[2]


def test_in_a_checkout():
    assert folder("data") == ROOT / "data"
    assert folder("priors") == ROOT / "priors"


def test_as_a_wheel_lays_them_out(tmp_path):
    """The layout of `tool.hatch.build.targets.wheel.force-include`: data, priors and reports inside the package."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "estimator", tmp_path / "estimator", ignore=ignore)
    for name in ("data", "priors", "reports"):
        shutil.copytree(ROOT / name, tmp_path / "estimator" / "_shipped" / name)
    outcome = subprocess.run(
        [sys.executable, "-m", "estimator", "data", "show", "nl-2010-2015"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "estimator" / "_shipped" / "data" / "nl-2010-2015" / "table.csv") in outcome.stdout
