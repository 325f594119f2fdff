"""A study whose estimate needs no sampler, its run, and bundles of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from estimator import estimate, read_study
from estimator.bundle.contents import Choice, contents_of
from estimator.bundle.packing import write_bundle
from estimator.report.pages.bundle import readme_page
from estimator.runs.reading import read_run
from estimator.runs.restoring import study_of_run
from estimator.runs.writing import save_run
from tests.population.conftest import years

__all__ = ["years"]

STUDY = """title = "Presumed victims in a made-up region"
source = "tests/bundle/conftest.py"
table_kind = "synthetic"
licence = "CC0"
[lists.police]
[lists.shelter]
[lists.hotline]
[model]
method = "lower-bound"
"""
TABLE = "police,shelter,hotline,count\n1,0,0,310\n0,1,0,140\n0,0,1,95\n1,1,0,38\n1,0,1,21\n0,1,1,17\n1,1,1,4\n"


def make_study(folder: Path, extra: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY + extra, encoding="utf-8")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    return folder


def make_run(folder: Path, extra: str = "") -> Path:
    """A study and a run of it beside each other."""
    study = read_study(make_study(folder / "region", extra))
    return save_run(estimate(study), folder / "run", ["darkfigure", "estimate", "region"])


@pytest.fixture(scope="session")
def _made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    make_run(folder)
    return folder


@pytest.fixture
def run(_made, tmp_path) -> Path:
    """A copy of a run, with its study beside it."""
    shutil.copytree(_made, tmp_path / "made")
    return tmp_path / "made" / "run"


@pytest.fixture
def pack() -> Callable[..., Path]:
    """Pack a run."""

    def packed(run: Path, target: Path, with_table: bool | None = None, choice: Choice | None = None) -> Path:
        read = read_run(run)
        contents = contents_of(read, study_of_run(read), with_table, choice)
        digest = write_bundle(
            read, study_of_run(read), contents, target, lambda inside: readme_page(read, inside, "nl")
        )
        assert digest == hashlib.sha256(target.read_bytes()).hexdigest()
        return target

    return packed
