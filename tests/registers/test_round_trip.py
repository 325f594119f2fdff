"""A shipped table taken apart into records comes back from them, whatever was done to the records."""

from __future__ import annotations

import random

import pytest

from estimator.cli.main import run
from estimator.shipped import folder
from tests.registers.expanding import expand, table_as_set, write_csv

LISTS = ["P", "K", "Z", "R", "O", "I"]
COVARIATES = ["year", "origin", "form", "sex", "age"]
REGISTERS = """
[registers]
key = "key"
key_ignores = ["case", "punctuation", "spaces"]
conflicts = "majority"
"""


@pytest.fixture
def dutch(tmp_path):
    source = folder("data") / "nl-2010-2015-reconstructed"
    (tmp_path / "study").mkdir()
    study = (source / "study.toml").read_text(encoding="utf-8") + REGISTERS
    (tmp_path / "study" / "study.toml").write_text(study, encoding="utf-8")
    for name in ("denominators.csv", "published.csv"):
        (tmp_path / "study" / name).write_bytes((source / name).read_bytes())
    return source / "table.csv", tmp_path


def tabulated(folder, records, *options, **form):
    arguments = ["tabulate", str(folder / "study")]
    for name, rows in records.items():
        write_csv(folder / f"{name}.csv", rows, **form)
        arguments += ["--register", f"{name}={folder / name}.csv"]
    assert run([*arguments, *options]) == 0
    return folder / "study" / "table.csv"


def test_the_dutch_table_comes_back_from_its_records(dutch):
    table, folder = dutch
    records = expand(table, LISTS, COVARIATES)
    assert sum(map(len, records.values())) > 1.2 * 8_000
    assert table_as_set(tabulated(folder, records, delimiter=";", encoding="cp1252")) == table_as_set(table)


def test_a_majority_of_registers_outvotes_one_that_is_wrong(dutch):
    table, folder = dutch
    records = expand(table, LISTS, COVARIATES, duplicates=0)
    seen = {}
    for name in LISTS:
        for row in records[name]:
            key = "".join(filter(str.isalnum, row["key"])).upper()
            seen.setdefault(key, []).append(row)
    rng = random.Random(2)
    changed = 0
    for rows in seen.values():
        if len(rows) >= 3:
            row = rng.choice(rows)
            row["sex"] = "male" if row["sex"] == "female" else "female"
            changed += 1
    assert changed > 10
    assert table_as_set(tabulated(folder, records)) == table_as_set(table)


SCOTLAND = """
[registers]
key = "key"
key_ignores = ["case", "punctuation", "spaces"]
at_most = [["S4"]]
"""


def test_the_scottish_table_comes_back_with_its_upper_bounds(tmp_path):
    source = folder("data") / "scotland-pwid-2006"
    (tmp_path / "study").mkdir()
    study = (source / "study.toml").read_text(encoding="utf-8") + SCOTLAND
    (tmp_path / "study" / "study.toml").write_text(study, encoding="utf-8")
    lists = ["S1", "S2", "S3", "S4"]
    records = expand(source / "table.csv", lists, ["region", "gender", "age"])
    (tmp_path / "study" / "table.csv").unlink(missing_ok=True)
    assert table_as_set(tabulated(tmp_path, records)) == {
        row for row in table_as_set(source / "table.csv") if dict(row)["count"] != "0"
    }
