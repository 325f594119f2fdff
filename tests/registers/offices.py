"""A study of three registers, and an office that has them."""

from __future__ import annotations

import csv

from estimator.cli.main import run

STUDY = """\
title = "Three registers"
source = "Made up for a test"

[lists.P]
[lists.O]
[lists.Z]

[covariates.year]
levels = [2014, 2015]
ordered = true

[covariates.sex]
levels = ["female", "male"]

[covariates.age]
levels = ["minor", "adult"]

[period]
covariate = "year"

[registers]
key = "sleutel"
date = "datum"
{settings}

[registers.covariates.year]
year_of = "datum"

[registers.covariates.sex]
column = "geslacht"
values = {{ V = "female", M = "male" }}
unknown = ["onbekend"]

[registers.covariates.age]
born = "geboren"
age_at = "datum"
lower = [0, 18]
"""
HEAD = ["sleutel", "datum", "geslacht", "geboren"]


class Office:
    """A folder with a study and its registers."""

    def __init__(self, folder, capsys):
        self.folder, self.capsys = folder, capsys
        self.study()

    def study(self, settings="", more=""):
        (self.folder / "study.toml").write_text(STUDY.format(settings=settings) + more, encoding="utf-8")

    def write(self, name, rows, head=HEAD, *, encoding="utf-8", delimiter=";"):
        path = self.folder / f"{name}.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([head, *rows])
        return path

    def tabulate(self, *options, lists="POZ"):
        named = [part for name in lists for part in ("--register", f"{name}={self.folder / f'{name}.csv'}")]
        code = run(["tabulate", str(self.folder), *named, *options])
        self.said = self.capsys.readouterr()
        return code

    def table(self):
        with (self.folder / "table.csv").open(encoding="utf-8", newline="") as file:
            return {tuple(row[:-1]): int(row[-1]) for row in list(csv.reader(file))[1:]}
