"""Made-up figures, draws and estimates whose truth is known, for the tests of published figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from estimator.methods.door import PopulationDraws
from estimator.methods.summary import LEVELS, Summary, summarise
from estimator.population.groups import yearly_groups
from estimator.published.verdicts import Verdict
from estimator.study.published import PublishedFigure
from estimator.study.questions import TOTAL
from estimator.study.study import Study, read_study

STUDY = """title = "Made-up victims, by year and sex"
source = "made for a test"
table_kind = "reconstructed"
[lists.P]
[lists.K]
[lists.Z]
[covariates.year]
levels = [2020, 2021]
ordered = true
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
headline = [2020, 2021]
[denominators]
file = "denominators.csv"
[published]
file = "published.csv"
[groups.total]
label = "Everybody here"
per = "inhabitants"
[groups.women]
label = "Women and girls"
where = { sex = "f" }
[groups.men]
label = "Men and boys"
where = { sex = "m" }
"""
ROWS = """year,sex,P,K,Z,count
2020,f,1,0,0,60
2020,f,0,1,0,30
2020,f,1,1,0,10
2020,m,1,0,0,40
2020,m,0,0,1,9
2020,m,1,0,1,1
2021,f,1,0,0,90
2021,f,0,1,0,20
2021,f,0,1,1,10
2021,m,0,1,0,20
2021,m,1,1,0,10
"""
DENOMINATORS = """population,year,inhabitants,source,how
inhabitants,2020,1000000,made up,implied
inhabitants,2021,3000000,made up,implied
"""
PUBLISHED = """id,group,years,measure,value,lower,upper,said,source,verified,calibrated
total,total,2020-2021,N,600,500,750,600 (500 to 750),a paper,yes,yes
registered-2020,total,2020,registered,150,,,150,a paper,yes,yes
registered-2021,total,2021,registered,150,,,150,a paper,yes,yes
"""
REGISTERED = {("2020", "f"): 100, ("2020", "m"): 50, ("2021", "f"): 120, ("2021", "m"): 30}
"""What `ROWS` adds up to."""


def small_study(folder: Path) -> Study:
    """Two years, two sexes, three lists."""
    files = {"study.toml": STUDY, "table.csv": ROWS, "denominators.csv": DENOMINATORS, "published.csv": PUBLISHED}
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)
    return read_study(folder)


def figure(**said) -> PublishedFigure:
    """A published figure: by default a total of 100."""
    usual = PublishedFigure("one", "total", ("2020",), "N", 100.0, None, None, "100", "a paper", True, True)
    return replace(usual, **said)


def summary(median: float, lower: float | None = None, upper: float | None = None) -> Summary:
    """A number with a 95 % interval; known exactly when it has none."""
    if lower is None or upper is None:
        return Summary(median, median, 0.0, dict.fromkeys(LEVELS, (median, median)))
    return Summary(median, median, (upper - lower) / 4, dict.fromkeys(LEVELS, (lower, upper)))


def consistent(difference: float = 0.0) -> Verdict:
    return Verdict("consistent", (), difference)


def fake_estimate(study: Study, unseen, *, priors: str = "fake", converged: bool = True, unsound=()):
    """An estimate with given draws of the unseen people, shape (draw, strata)."""
    drawn = np.asarray(unseen, dtype=np.int64)[None]
    registered = np.broadcast_to(study.table.registered_by_stratum.lower, drawn.shape)
    size = (drawn + registered).sum(axis=-1)
    whole = summarise(size)
    population = PopulationDraws(registered, drawn, drawn.astype(np.float64))
    return SimpleNamespace(
        method=SimpleNamespace(own_total=lambda *_: {}),
        group_draws={TOTAL: SimpleNamespace(size=size)},
        priors_name=priors,
        study=study,
        population=population,
        group_draws_by_year=yearly_groups(study, population),
        convergence=SimpleNamespace(passed=converged),
        fitness=SimpleNamespace(unsound=unsound),
        posterior=SimpleNamespace(seed=1),
        total=SimpleNamespace(N=whole),
        priors=SimpleNamespace(title=f"{priors} in words"),
    )
