from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from study_examples import STUDY, TABLE

from estimator.errors import InputError


@pytest.fixture
def study_text() -> str:
    """A study file to which sections can be added."""
    return STUDY + "\n"


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[..., Path]:
    """Write a study file (and a table) and return its path."""

    def write(text: str = STUDY, table: str | None = TABLE) -> Path:
        if table is not None:
            (tmp_path / "table.csv").write_text(table, encoding="utf-8")
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def faults_of() -> Callable[..., list[str]]:
    """Call a function that must fail, and return its faults as the user reads them."""

    def collect(function: Callable[..., object], *arguments: object) -> list[str]:
        with pytest.raises(InputError) as caught:
            function(*arguments)
        return [str(fault) for fault in caught.value.faults]

    return collect
