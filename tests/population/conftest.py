from __future__ import annotations

import pytest

from estimator.inference.nuts import SamplerSettings
from estimator.population.estimate import Estimate, estimate

STUDY = """title = "Presumed victims in a made-up country, by year and sex"
source = "tests/population/conftest.py"
table_kind = "synthetic"
[lists.police]
[lists.shelter]
[lists.hotline]
[covariates.year]
levels = ["2020", "2021"]
ordered = true
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
[groups.women]
label = "Women and girls"
where = { sex = "f" }
[groups.men]
label = "Men and boys"
where = { sex = "m" }
[groups.elsewhere]
label = "A group whose name is long enough to need more than one line of the table"
where = { sex = "m", year = "2020" }
"""
ROWS = [
    ("2020", "f", (120, 90, 60, 30, 18, 12, 4)),
    ("2020", "m", (60, 30, 40, 9, 8, 5, 1)),
    ("2021", "f", (140, 80, 70, 33, 20, 11, "<5")),
    ("2021", "m", (70, 35, 30, 10, "<5", 6, 2)),
]
HISTORIES = ("1,0,0", "0,1,0", "0,0,1", "1,1,0", "1,0,1", "0,1,1", "1,1,1")


def write_study(folder) -> str:
    lines = [
        f"{year},{sex},{history},{count}"
        for year, sex, counts in ROWS
        for history, count in zip(HISTORIES, counts, strict=True)
    ]
    # people of unknown sex in cells whose counts are exact
    lines += ["2020,,1,0,0,15", "2020,,0,1,0,7"]
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY)
    (folder / "table.csv").write_text("year,sex,police,shelter,hotline,count\n" + "\n".join(lines) + "\n")
    return str(folder)


@pytest.fixture(scope="session")
def years(tmp_path_factory) -> Estimate:
    """A study with years, sexes, unknown sexes and suppressed counts."""
    folder = write_study(tmp_path_factory.mktemp("studies") / "years")
    return estimate(folder, sampler=SamplerSettings(draws=400, warmup=600))


@pytest.fixture(scope="session")
def dutch() -> Estimate:
    """The pooled Dutch table."""
    return estimate("nl-2010-2015", sampler=SamplerSettings(draws=400, warmup=600))
