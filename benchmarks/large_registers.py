"""Six registers of many rows, made up with a seed, and how long `tabulate` takes on them."""

from __future__ import annotations

from pathlib import Path

LISTS = ("P", "K", "Z", "R", "O", "I")
STUDY = """\
title = "Made-up registers of many rows"
source = "Made by benchmarks/large_registers.py"
table_kind = "synthetic"

[lists.P]
[lists.K]
[lists.Z]
[lists.R]
[lists.O]
[lists.I]

[covariates.year]
levels = [2012, 2013, 2014, 2015]
ordered = true

[covariates.sex]
levels = ["female", "male"]

[covariates.age]
levels = ["minor", "adult"]

[covariates.origin]
levels = ["dutch", "non-dutch"]

[period]
covariate = "year"

[registers]
key = "pseudonym"
date = "registered"
since = 2012-01-01
until = 2015-12-31
conflicts = "majority"

[registers.covariates.year]
year_of = "registered"

[registers.covariates.sex]
values = { M = "male", V = "female" }

[registers.covariates.age]
born = "born"
age_at = "registered"
lower = [0, 18]

[registers.covariates.origin]
column = "nationality"
values = { NL = "dutch" }
other = "non-dutch"
"""


def write_registers(folder: Path, rows: int, seed: int = 1) -> list[str]:
    """Write six CSV files with so many rows together, and their study; return the options that name them.

    Parameters
    ----------
    folder : Path
        Made when it is not there.
    rows : int
        Of all files together; a person has about three.
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    database = duckdb.connect(":memory:", config={"threads": "2", "memory_limit": "2GB"})
    options = []
    for number, name in enumerate(LISTS):
        size = rows // len(LISTS) + (rows % len(LISTS) if number == 0 else 0)
        # everything about a person follows from her number, so that her records agree, but for a few
        database.execute(f"""
            COPY (
                SELECT md5(CAST(person AS VARCHAR)) AS pseudonym,
                       strftime(DATE '2012-01-01' + CAST(hash(i, {number}, {seed}, 1) % 1461 AS INTEGER), '%d-%m-%Y')
                           AS registered,
                       CASE WHEN hash(i, {number}, {seed}, 2) % 20 = 0 THEN ''
                            WHEN (hash(person) % 4 = 0) <> (hash(i, {number}, {seed}, 3) % 100 = 0) THEN 'M'
                            ELSE 'V' END AS sex,
                       strftime(DATE '1960-01-01' + CAST(hash(person, 4) % 16000 AS INTEGER), '%d-%m-%Y') AS born,
                       ['NL', 'RO', 'BG', 'NG', 'PL'][1 + CAST(hash(person, 5) % 5 AS INTEGER)] AS nationality
                FROM (SELECT i, hash(i, {number}, {seed}) % {max(rows // 3, 1)} AS person FROM range({size}) t(i))
            ) TO '{folder / f"{name}.csv"}' (DELIMITER ';', HEADER)""")
        options += ["--register", f"{name}={folder / f'{name}.csv'}"]
    return options
