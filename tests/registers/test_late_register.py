"""A register that delivers its last year later: from exports to two runs, and ``compare`` says what it changed."""

from __future__ import annotations

import csv
import json

import pytest

from estimator.cli.main import run
from tests.methods.nowcast_truth import LISTS, YEARS, simulated_counts

STUDY = """\
title = "Five years of three registers"
source = "tests/methods/nowcast_truth.py"
table_kind = "synthetic"
[lists.A]
[lists.B]
[lists.C]
{pause}
[covariates.year]
levels = [2019, 2020, 2021, 2022, 2023]
ordered = true
[period]
covariate = "year"
headline = [2023]
[model]
priors = "independence"
[registers]
key = "key"
date = "date"
[registers.covariates.year]
year_of = "date"
"""
PAUSE = """\
[[not_operating]]
list = "C"
where = { year = [2023] }
reason = "Not delivered yet."
"""


def deliver(folder, counts, withheld):
    """Write the export of each list, a row for each person that it saw; C without its last year when withheld."""
    rows = {name: [] for name in LISTS}
    for year, of_year in zip(YEARS, counts, strict=True):
        for history in range(1, 8):
            for person in range(of_year[history]):
                for place, name in enumerate(LISTS):
                    late = withheld and name == "C" and year == YEARS[-1]
                    if history >> (2 - place) & 1 and not late:
                        rows[name].append([f"{year}-{history}-{person}", f"01-06-{year}"])
    for name, of_list in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([["key", "date"], *of_list])


def estimated(folder, counts, withheld):
    """Tabulate what was delivered, and estimate it into a run folder."""
    folder.mkdir()
    deliver(folder, counts, withheld)
    (folder / "study.toml").write_text(STUDY.format(pause=PAUSE if withheld else ""), encoding="utf-8")
    named = [part for name in LISTS for part in ("--register", f"{name}={folder / name}.csv")]
    assert run(["tabulate", str(folder), *named]) == 0
    code = run(["estimate", str(folder), "--out", str(folder / "run"), "--draws", "1000", "--chains", "2"])
    assert code in (0, 3)  # 3: so few draws need not be fit to publish
    return folder / "run"


@pytest.mark.slow
def test_compare_says_what_the_late_register_changed(tmp_path, capsys):
    counts, people = simulated_counts(1)
    runs = [estimated(tmp_path / name, counts, name == "early") for name in ("early", "late")]
    capsys.readouterr()
    assert run(["compare", *map(str, runs)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    registered = counts[:, 1:].sum()
    unseen_yet = counts[-1, 1]  # people of the last year whom C alone saw
    assert f"another content ({registered - unseen_yet:,} registered people before, {registered:,} now)" in said
    assert "Declared: C did not run in year 2023 (only in the first run)." in said
    assert "in nothing that a comparison looks at" not in said
    assert "C did not run on the first side only" in said
    assert "A difference is a revision, not a rise" in said
    before, after = totals = [
        json.loads((folder / "estimate.json").read_text(encoding="utf-8"))["groups"]["total"] for folder in runs
    ]
    assert all(total["N"]["lower"] < people[-1] < total["N"]["upper"] for total in totals)
    width = [total["N"]["upper"] - total["N"]["lower"] for total in (before, after)]
    assert width[1] < width[0]
