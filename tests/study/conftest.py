from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from estimator.errors import InputError

TABLE = """\
sex,year,P,K,Z,count
female,2014,1,0,0,40
female,2014,0,1,0,20
female,2014,1,1,0,6
female,2014,0,1,1,2
male,2014,1,0,0,10
male,2014,0,0,1,7
female,2015,1,0,0,30
female,2015,0,1,0,25
male,2015,1,0,1,3
"""

STUDY = """\
title = "A study"
source = "made for a test"

[lists.P]
label = "Police"
label_nl = "Politie"

[lists.K]
[lists.Z]
label = "Shelters"

[covariates.sex]
levels = ["female", "male"]
labels = { female = "Women and girls" }
labels_nl = { female = "Vrouwen en meisjes" }

[covariates.year]
levels = [2014, 2015]
ordered = true
"""


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
