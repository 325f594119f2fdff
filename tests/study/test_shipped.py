"""Data and priors are found in a checkout and in an installed wheel, and have their texts in both languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.shipped import folder
from estimator.study.study import read_study

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


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "data").glob("*/study.toml")))
def test_every_text_of_a_shipped_study_is_there_in_dutch(name):
    """A Dutch report is Dutch throughout: what is shipped has no text in English alone."""
    study = read_study(name)
    assert len(study.caveats_nl) == len(study.caveats) > 0
    for english, dutch in zip(study.caveats, study.caveats_nl, strict=True):
        assert english != dutch
        assert set(re.findall(r"\d+", english)) == set(re.findall(r"\d+", dutch)), dutch
        assert not re.search(r"\b(the|and|by|with|from|are|which)\b", dutch), dutch
    assert study.title_nl
    assert study.source_nl
    for figure in study.published:
        said = figure.source_nl or figure.source
        assert not re.search(r"\b(the|and|quoting|seen|printed|[A-Z][a-z]{2} 20\d\d)\b", said), said
