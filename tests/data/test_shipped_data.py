"""The shipped tables hold the published counts, and say all that must be known of them."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from estimator.shipped import folder
from estimator.study.shipped import shipped_studies
from estimator.study.study import read_study

DATA = folder("data")
SHARED = Path("/work/shared/data")

# registered people, their lists, and how many are on 1, 2, 3, ... lists, as printed in the sources
PRINTED = {
    "nl-2010-2015": (8234, {"P": 4812, "K": 1348, "Z": 848, "R": 742, "O": 536, "I": 398}, (7802, 414, 18)),
    "nl-2010-2015-5lists": (8234, {"P": 4812, "K": 1348, "IO": 929, "Z": 848, "R": 742}, (7803, 417, 14)),
    "uk-2013": (2744, {"LA": 94, "NG": 567, "PF": 1102, "GO": 807, "GP": 336, "NCA": 102}, (2492, 241, 10, 1)),
    "uk-2013-5lists": (2744, {"LA": 94, "NG": 567, "PFNCA": 1169, "GO": 807, "GP": 336}, (2523, 214, 6, 1)),
    "kosovo-1999": (4400, {"EXH": 1910, "ABA": 1528, "OSCE": 1786, "HRW": 685}, (3218, 882, 273, 27)),
    "scotland-pwid-2006": (5670, {"S1": 901, "S2": 953, "S3": 3504, "S4": 827}, (5181, 463, 26)),
    "scotland-pwid-2006-lists": (5670, {"S1": 901, "S2": 953, "S3": 3504, "S4": 827}, (5181, 463, 26)),
    "spina-bifida-1969": (621, {"B": 509, "D": 206, "R": 187}, (352, 257, 12)),
    "madigan-york-5lists": (537, {"L1": 252, "L2": 263, "L3": 36, "L4": 215, "L5": 183}, (248, 188, 81, 18, 2)),
    "artificial-3": (96, {"A": 46, "B": 36, "C": 20}, (90, 6)),
    "hiv-rome-1990": (1896, {"C1": 466, "C2": 630, "C3": 693, "C4": 236}, (1774, 115, 7)),
    "mailing-lists-allegheny": (2185, {"A": 997, "B": 873, "C": 506, "D": 542}, (1612, 436, 114, 23)),
    "gaza-2023-24": (29271, {"H": 22347, "S": 7581, "O": 3190}, (25621, 3453, 197)),
}

# file the counts were carried over from: our column -> theirs; what is not named has the same name
CARRIED_OVER = {
    "nl-2010-2015": ("Ned.csv", {}),
    "nl-2010-2015-5lists": ("Ned_5.csv", {}),
    "uk-2013": ("UKdat.csv", {}),
    "uk-2013-5lists": ("UKdat_5.csv", {}),
    "kosovo-1999": ("Kosovo.csv", {}),
    "scotland-pwid-2006": ("ScotPWID_by_covariates.csv", {"region": "Region", "gender": "Gender", "age": "Age"}),
    "scotland-pwid-2006-lists": ("ScotPWID_lists_only.csv", {}),
    "spina-bifida-1969": ("spina_by_ethnicity.csv", {"ethnicity": "eth", "B": "S1", "D": "S2", "R": "S3"}),
    "madigan-york-5lists": ("MadiganYork_5list_dga_example.csv", {}),
    "artificial-3": ("Artificial_3.csv", {}),
    "hiv-rome-1990": ("evidence/HIV_Rome.csv", {"C1": "c1", "C2": "c2", "C3": "c3", "C4": "c4"}),
    "mailing-lists-allegheny": ("evidence/lesbian_Allegheny.csv", {}),
    "gaza-2023-24": ("evidence/Gaza_3lists.csv", {"H": "list1", "S": "list2", "O": "list3"}),
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(path: Path, names: dict[str, str] | None = None) -> dict[frozenset, int]:
    """Count by what the row says, zeros left out; an upper bound counts in full; ours renamed to theirs."""
    names = names or {}
    found: Counter[frozenset] = Counter()
    for row in rows(path):
        number = row.pop("count").removeprefix("<=")
        if number and int(number):
            found[frozenset((names.get(key, key), value) for key, value in row.items())] += int(number)
    return dict(found)


def history(row: dict[str, str], lists) -> frozenset[str]:
    return frozenset(name for name in lists if row[name] == "1")


def by_history(name: str) -> Counter[frozenset[str]]:
    total: Counter[frozenset[str]] = Counter()
    for row in rows(DATA / name / "table.csv"):
        total[history(row, PRINTED[name][1])] += int(row["count"].removeprefix("<="))
    return +total


def test_all_are_there():
    """Those of lists of which counts were published; the reconstructed one has tests of its own."""
    assert shipped_studies() == sorted([*PRINTED, "nl-2010-2015-reconstructed", "nl-undocumented-1995"])


def test_people_whom_the_police_met_are_as_many_as_printed():
    """Van der Heijden and others 2003: how many were met how often, by gender, age and origin."""
    found = rows(DATA / "nl-undocumented-1995" / "table.csv")
    sums = {name: Counter() for name in ("times_seen", "gender", "age", "nation")}
    for row in found:
        for name, sum_of in sums.items():
            sum_of[row[name]] += int(row["count"])
    assert sums["times_seen"] == {"1": 1645, "2": 183, "3": 37, "4": 13, "5": 1, "6": 1}
    assert sums["gender"] == {"male": 1482, "female": 398}
    assert sums["age"] == {"under-40": 1769, "40-and-over": 111}
    assert sorted(sums["nation"].values()) == [64, 93, 173, 243, 284, 1023]


@pytest.mark.parametrize("name", PRINTED)
def test_totals_are_those_printed_in_the_sources(name):
    people, sizes, on_lists = PRINTED[name]
    found = by_history(name)
    assert found.total() == people
    assert {list_: sum(n for on, n in found.items() if list_ in on) for list_ in sizes} == sizes
    assert tuple(sum(n for on, n in found.items() if len(on) == k) for k in range(1, len(on_lists) + 1)) == on_lists
    assert list(rows(DATA / name / "table.csv")[0])[-1] == "count"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the files that the counts were carried over from are not here")
@pytest.mark.parametrize("name", CARRIED_OVER)
def test_every_count_is_the_one_carried_over(name):
    file, names = CARRIED_OVER[name]
    assert counts(DATA / name / "table.csv", names) == counts(SHARED / file)


@pytest.mark.parametrize(
    ("six", "five", "merged"),
    [("nl-2010-2015", "nl-2010-2015-5lists", {"I", "O"}), ("uk-2013", "uk-2013-5lists", {"PF", "NCA"})],
)
def test_five_lists_are_six_with_two_merged(six, five, merged):
    name = next(iter(set(PRINTED[five][1]) - set(PRINTED[six][1])))
    expected: Counter[frozenset[str]] = Counter()
    for on, number in by_history(six).items():
        expected[(on - merged) | ({name} if on & merged else set())] += number
    assert by_history(five) == expected


@pytest.mark.parametrize("name", PRINTED)
def test_the_study_reads_its_own_table(name):
    study = read_study(name)
    people, sizes, _ = PRINTED[name]
    assert study.table.lists == tuple(sizes)
    assert study.table.registered.upper == people
    assert study.table_kind == ("synthetic" if name == "artificial-3" else "observed")
    assert next(iter(study.groups)) == "total"
    for group in study.groups.values():
        assert group.strata(study.table).any()


def test_scotland_has_eight_upper_bounds_and_eight_strata():
    study = read_study("scotland-pwid-2006")
    assert study.table.shape == (8, 16)
    bounds = [row["count"] for row in rows(DATA / "scotland-pwid-2006" / "table.csv") if row["count"].startswith("<=")]
    assert bounds == ["<=122", "<=135", "<=48", "<=38", "<=134", "<=104", "<=78", "<=25"]
    assert (study.table.registered.lower, study.table.registered.upper) == (4986, 5670)
    assert (study.table.lower < study.table.upper).sum() == 8
    assert not study.table.dataset["covered"].sel(history="none").any()


def test_the_dutch_table_adds_up_six_years():
    for name in ("nl-2010-2015", "nl-2010-2015-5lists"):
        assert read_study(name).period.years == 6


def test_the_dutch_rows_are_sorted():
    on = [[int(row[name]) for name in "PKZROI"] for row in rows(DATA / "nl-2010-2015" / "table.csv")]
    assert on == sorted(on, key=lambda bits: (sum(bits), [-bit for bit in bits]))


@pytest.mark.parametrize("name", PRINTED)
def test_every_study_says_what_must_be_known(name):
    text = (DATA / name / "study.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    study = read_study(name)
    assert study.title_nl
    assert "Cite" in study.licence
    assert study.caveats
    assert any(year in study.source for year in ("2013", "2014", "2017", "2002", "1997", "2021", "1994", "2003", "2025"))
    for label in (*study.labels.lists.values(), *study.labels.covariates.values()):
        assert label.nl
    assert set(content["lists"]) == set(PRINTED[name][1])


@pytest.mark.parametrize(
    ("name", "fragments"),
    [
        ("nl-2010-2015", ["six years", "discarded", "375 of 396", "no covariates", "8,074", "share nobody"]),
        ("nl-2010-2015-5lists", ["5 and 73", "145,983", "discarded"]),
        ("uk-2013", ["share nobody"]),
        ("spina-bifida-1969", ["five fewer", "626"]),
        ("scotland-pwid-2006", ["upper bound", "hepatitis"]),
        ("madigan-york-5lists", ["not stated", "lexicographic"]),
        ("artificial-3", ["no finite maximum-likelihood estimate", "Made-up"]),
    ],
)
def test_the_traps_are_told(name, fragments):
    text = " ".join(read_study(name).caveats)
    assert all(fragment in text for fragment in fragments), text


@pytest.mark.parametrize("name", PRINTED)
def test_every_readme_has_its_sections(name):
    text = (DATA / name / "README.md").read_text(encoding="utf-8")
    for heading in ("## Lists", "## Source", "## Caveats", "## Published estimates, for comparison"):
        assert heading in text
    for list_, size in PRINTED[name][1].items():
        assert f"| {list_} |" in text
        assert f"| {size:,} |" in text
    assert f"{PRINTED[name][0]:,}" in text


@pytest.mark.parametrize("name", PRINTED)
def test_no_readme_is_wider_than_a_terminal(name):
    for line in (DATA / name / "README.md").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 140
