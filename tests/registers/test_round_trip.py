"""A shipped table taken apart into records comes back from them, whatever was done to the records."""

from __future__ import annotations

import pytest

from estimator.cli.main import run
from estimator.shipped import folder
from tests.registers.expanding import add_records_without_key, contradict, expand, table_as_set, write_csv

LISTS = ["P", "K", "Z", "R", "O", "I"]
COVARIATES = ["year", "origin", "form", "sex", "age"]
REGISTERS = """
[registers]
key = "key"
key_ignores = ["case", "punctuation", "spaces"]
conflicts = "majority"
no_key = ["onbekend", "0", "n.v.t.", "nihil"]
without_key = "leave-out"
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


def test_the_dutch_table_comes_back_from_its_records(dutch, capsys):
    """Duplicates, keys in many spellings, records without key, contradictions and another order, all at once."""
    table, folder = dutch
    records = expand(table, LISTS, COVARIATES)
    assert sum(map(len, records.values())) > 1.2 * 8_000
    assert contradict(records, "sex", {"male": "female", "female": "male"}, majority=True) > 10
    lost = add_records_without_key(records, 0.05)
    assert lost > 500
    assert table_as_set(tabulated(folder, records, delimiter=";", encoding="utf-16")) == table_as_set(table)
    said = capsys.readouterr().out
    assert "rows have no key" in said


def test_without_a_rule_for_contradictions_those_people_are_of_unknown_sex(dutch):
    table, folder = dutch
    study = folder / "study" / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace('conflicts = "majority"\n', ""), encoding="utf-8")
    records = expand(table, LISTS, COVARIATES)
    changed = contradict(records, "sex", {"male": "female", "female": "male"}, majority=True)
    found = [dict(row) for row in table_as_set(tabulated(folder, records))]
    assert sum(int(row["count"]) for row in found if not row["sex"]) == changed


SCOTLAND = """
[registers]
key = "key"
key_ignores = ["case", "punctuation", "spaces"]
at_most = [["S4"]]
conflicts = "priority"
priority = ["S1", "S2", "S3", "S4"]
no_key = ["onbekend", "0", "n.v.t.", "nihil"]
without_key = "leave-out"
"""


def test_the_scottish_table_comes_back_with_its_upper_bounds(tmp_path):
    source = folder("data") / "scotland-pwid-2006"
    (tmp_path / "study").mkdir()
    study = (source / "study.toml").read_text(encoding="utf-8") + SCOTLAND
    (tmp_path / "study" / "study.toml").write_text(study, encoding="utf-8")
    lists = ["S1", "S2", "S3", "S4"]
    records = expand(source / "table.csv", lists, ["region", "gender", "age"])
    levels = sorted({row["gender"] for rows in records.values() for row in rows})
    assert contradict(records, "gender", dict(zip(levels, reversed(levels), strict=True)), majority=False) > 100
    assert add_records_without_key(records, 0.05) > 100
    (tmp_path / "study" / "table.csv").unlink(missing_ok=True)
    assert table_as_set(tabulated(tmp_path, records)) == {
        row for row in table_as_set(source / "table.csv") if dict(row)["count"] != "0"
    }
