"""Bounds of the registered people of any strata, as a run keeps them, are those of its table."""

from __future__ import annotations

from itertools import chain, combinations, product
from pathlib import Path

import numpy as np
import pytest

from estimator import estimate, read_study
from estimator.document.building import document_of
from estimator.document.content import Document
from estimator.methods.door import SamplerSettings
from estimator.population.groups import Bounds, _bounds
from estimator.runs.netcdf import POPULATION, netcdf_of
from estimator.runs.reading import read_run
from estimator.runs.registered_numbers import (
    REGISTERED,
    read_registered_numbers,
    registered_dataset,
    registered_numbers,
)
from estimator.runs.writing import save_run
from estimator.study.study import Study
from estimator.words.words import words_in

STUDY = """title = "Three lists"
source = "made for a test"
table_kind = "synthetic"
{table}
[lists.A]
[lists.B]
[lists.C]
[covariates.year]
levels = ["2020", "2021"]
ordered = true
[covariates.sex]
levels = ["f", "m"]
[period]
covariate = "year"
[groups.total]
label = "Everybody"
per = "all"
[denominators]
file = "inhabitants.csv"
"""
STRATA = list(product(("2020", "2021"), "fm"))
UNKNOWN_SEX, UNKNOWN_BOTH = "1,1,0,2020,,4\n", "0,1,1,2021,,<5\n"
PARTS = list(chain.from_iterable(combinations(range(4), size) for size in range(1, 5)))


def rows(odd: dict[int, str], more: str = "") -> str:
    """A table of which the first list's own number is odd in some strata, and further lines."""
    lines = ["A,B,C,year,sex,count"]
    for place, (year, sex) in enumerate(STRATA):
        for history in range(1, 8):
            seen = ",".join(str(history >> bit & 1) for bit in (2, 1, 0))
            count = odd.get(place, "29") if history == 4 else str(25 - 3 * history + place)
            lines.append(f"{seen},{year},{sex},{count}")
    return "\n".join(lines) + f"\n{more}"


def study_of(folder: Path, *tables: str) -> Study:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"table-{number}.csv" for number in range(len(tables))] if len(tables) > 1 else ["table.csv"]
    for name, table in zip(names, tables, strict=True):
        (folder / name).write_text(table, "utf-8")
    told = f"tables = {names}" if len(tables) > 1 else ""
    (folder / "study.toml").write_text(STUDY.format(table=told), "utf-8")
    lines = [f"all,{year},1000000,Office,counted" for year in ("2020", "2021")]
    (folder / "inhabitants.csv").write_text("\n".join(["population,year,inhabitants,source,how", *lines]), "utf-8")
    return read_study(folder)


def of_table(study: Study, part: tuple[int, ...]) -> Bounds | None:
    return _bounds([table.registered_in(np.isin(np.arange(4), part)) for table in study.tables])


@pytest.mark.parametrize(
    "tables",
    [
        [rows({0: "2-9"})],
        [rows({0: "<5", 3: ".."})],
        [rows({}, UNKNOWN_SEX)],
        [rows({1: ">=3"}, UNKNOWN_SEX + UNKNOWN_BOTH)],
        [rows({}, UNKNOWN_SEX), rows({2: "14"}, UNKNOWN_SEX)],
        [rows({2: "12"}), rows({2: "<5"})],
    ],
)
def test_bounds_of_every_part_are_those_of_the_table(tables, tmp_path):
    """Also after they were written and read, and for parts of whose people some may belong elsewhere."""
    study = study_of(tmp_path / "study", *tables)
    numbers = registered_numbers(study.tables)
    assert numbers is not None
    kept = registered_dataset(numbers)
    path = tmp_path / "posterior.nc"
    path.write_bytes(netcdf_of({POPULATION: kept[["lower"]], REGISTERED: kept}))
    again = read_registered_numbers(path)
    assert again is not None
    found = [of_table(study, part) for part in PARTS]
    assert any(found), "some numbers are not known"
    for part, bounds in zip(PARTS, found, strict=True):
        assert numbers.bounds(part) == bounds == again.bounds(part)
        if bounds:
            assert again.bounds(part, years=2) == (bounds[0] / 2, bounds[1] / 2)


def test_nothing_is_kept_where_every_number_is_known(tmp_path):
    study = study_of(tmp_path / "one", rows({}))
    assert registered_numbers(study.tables) is None
    assert registered_numbers(study_of(tmp_path / "two", rows({}), rows({2: "12"})).tables) is None


def cells_of(document: Document, name: str) -> dict[str, list[str]]:
    (table,) = (table for table in document.tables() if table.id == name)
    return {row.key: [cell.text for cell in row.cells] for row in table.rows}


def test_tables_of_combinations_say_the_bounds_of_every_part(tmp_path, monkeypatch):
    """As tables of groups do; and "about" of an earlier run, which does not keep them."""
    study = study_of(tmp_path / "study", rows({0: "5-39", 1: ".."}))
    made = estimate(study, sampler=SamplerSettings(draws=200, warmup=400, chains=2))
    run = read_run(save_run(made, tmp_path / "run"))
    english, dutch = (document_of(run, words_in(language)) for language in ("en", "nl"))
    known = [25 - 3 * history + place for place in range(4) for history in (1, 2, 3, 5, 6, 7)]
    women = (sum(known[:6]) + sum(known[12:18]) + 29, 2)
    low, high = (women[0] + 5) / 2, (women[0] + 39) / 2
    men = (sum(known[6:12]) + sum(known[18:]) + 29) / 2
    crossed = cells_of(english, "combinations")
    assert crossed["f"][0] == f"{low // 1:.0f} to {-(-high // 1):.0f}"
    assert crossed["m"][0] == f"{men // 1:.0f} or more"
    assert cells_of(dutch, "combinations")["m"][0] == f"{men // 1:.0f} of meer"
    assert crossed["total"][0] == cells_of(english, "groups")["total"][0]
    sdg = cells_of(english, "sdg-16-2-2")
    assert sdg["sex/f"][:2] == [crossed["f"][0], f"{low // 1 / 10:.1f} to {-(-high // 1) / 10:.1f}"]
    assert sdg["sex/m"][:2] == [crossed["m"][0], f"{men // 1 / 10:.1f} or more"]
    assert not any("about" in cell for cells in (*crossed.values(), *sdg.values()) for cell in cells)
    monkeypatch.setattr("estimator.document.strata.read_registered_numbers", lambda _: None)
    earlier = cells_of(document_of(run, words_in("en")), "combinations")
    assert earlier["total"] == crossed["total"] and earlier["f"][0].startswith("about ")
