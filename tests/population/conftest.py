from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import pytest

from estimator import Estimate, estimate
from estimator.methods.door import SamplerSettings

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
[model]
priors = "moderate"
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


SERIES = """title = "Presumed victims in another made-up country, by year and sex"
source = "tests/population/conftest.py"
table_kind = "synthetic"
[lists.P]
label = "Police"
[lists.K]
label = "Border police"
[lists.Z]
label = "Shelters"
[lists.H]
label = "Hotline"
[covariates.year]
levels = ["2013", "2014", "2015", "2016"]
ordered = true
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
headline = ["2014", "2015"]
[model]
priors = "independence"
beside = ["moderate"]
[groups.total]
label = "All presumed victims"
per = "inhabitants"
[groups.women]
label = "Women and girls"
where = { sex = "f" }
per = "women_12_and_over"
[groups.men]
label = "Men and boys"
where = { sex = "m" }
[[decisions]]
name = "border-police"
list = "K"
choice = "keep"
where = { year = ["2014", "2015", "2016"] }
reason = "Most of its reports were discarded later, but not by the rule of that time."
[[changes]]
list = "H"
kind = "redefined"
since = "2016"
reason = "It takes no calls at night any more."
[denominators]
file = "denominators.csv"
[published]
file = "published.csv"
"""
DENOMINATORS = """population,year,inhabitants,source,how
inhabitants,2014,1000000,Office of Statistics 2015,counted
inhabitants,2015,1200000,Office of Statistics 2016,counted
inhabitants,2016,1200000,Office of Statistics 2017,counted
women_12_and_over,2014,400000,backed out of a rate of 2015,implied
women_12_and_over,2015,400000,backed out of a rate of 2015,implied
"""
PUBLISHED = """id,group,years,measure,value,lower,upper,said,source,verified,calibrated
n-2013,total,2013,N,2500,,,"about 2,500",a report,yes,no
n-2014-2015,total,2014-2015,N,2600,2000,3300,"2,600",a report,yes,yes
n-2018,total,2018,N,3000,,,"3,000",a report,yes,no
rate,total,2014-2015,per_100000,237,,,237,a report,yes,yes
"""
PEOPLE = {"2013": 1500, "2014": 1600, "2015": 1700, "2016": 500}
"""Of each sex; the lists find them independently of each other."""
CHANCES = (0.3, 0.12, 0.2, 0.15)


def write_series(folder: Path) -> str:
    """A study of four years of independent lists, the last year short and with a list that lost half its coverage."""
    rows = ["year,sex,P,K,Z,H,count"]
    for year, people in PEOPLE.items():
        chances = (*CHANCES[:3], CHANCES[3] / 2) if year == "2016" else CHANCES
        for sex, history in product("fm", product((0, 1), repeat=4)):
            share = math.prod(p if on else 1 - p for p, on in zip(chances, history, strict=True))
            if any(history):
                rows.append(",".join(map(str, (year, sex, *history, round(people * share)))))
    folder.mkdir()
    for name, text in (
        ("study.toml", SERIES),
        ("table.csv", "\n".join(rows) + "\n"),
        ("denominators.csv", DENOMINATORS),
        ("published.csv", PUBLISHED),
    ):
        (folder / name).write_text(text)
    return str(folder)


@pytest.fixture(scope="session")
def series(tmp_path_factory) -> Estimate:
    """A study with everything that a yearly rerun has: decisions, changes, denominators, other priors beside."""
    folder = write_series(tmp_path_factory.mktemp("studies") / "series")
    return estimate(folder, sampler=SamplerSettings(draws=400, warmup=600))


@pytest.fixture(scope="session")
def years(tmp_path_factory) -> Estimate:
    """A study with years, sexes, unknown sexes and suppressed counts."""
    folder = write_study(tmp_path_factory.mktemp("studies") / "years")
    return estimate(folder, sampler=SamplerSettings(draws=400, warmup=600))


@pytest.fixture(scope="session")
def dutch() -> Estimate:
    """The pooled Dutch table."""
    return estimate("nl-2010-2015", sampler=SamplerSettings(draws=400, warmup=600))
