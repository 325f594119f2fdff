"""The reconstructed Dutch table: made by its script, the public table when pooled, and the people of its registers."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from estimator.shipped import folder
from estimator.study.study import read_study

HERE = folder("data") / "nl-2010-2015-reconstructed"
COVARIATES = ("year", "origin", "form", "sex", "age")
LISTS = ("P", "K", "Z", "R", "O", "I")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    found = importlib.util.spec_from_file_location("reconstruction", HERE / "build.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["reconstruction"] = module
    found.loader.exec_module(module)
    return module


FIT = (
    "import runpy, sys, numpy; script = runpy.run_path(sys.argv[1]); "
    "numpy.save(sys.argv[2], script['fitted'](script['pooled_counts']().astype(float)))"
)


@pytest.fixture(scope="module")
def cells(tmp_path_factory) -> np.ndarray:
    """Fit in a process of its own, with one thread: two that share a core wait for each other for a minute."""
    target = tmp_path_factory.mktemp("fit") / "cells.npy"
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", FIT, HERE / "build.py", target], env=alone, check=True)
    return np.load(target)


@pytest.fixture(scope="module")
def built(script, cells, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("built")
    script.write_all(cells, script.pooled_counts(), target)
    return target


def test_the_script_makes_the_shipped_files(built):
    made = sorted(path.relative_to(built) for path in built.rglob("*.csv"))
    assert made == sorted([Path("table.csv"), *(path.relative_to(HERE) for path in (HERE / "registers").glob("*.csv"))])
    for name in made:
        assert (built / name).read_bytes() == (HERE / name).read_bytes(), name


def pooled(study: str) -> dict[tuple[str, ...], int]:
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows(folder("data") / study / "table.csv"):
        found[tuple(row[name] for name in LISTS)] += int(row["count"])
    return {history: number for history, number in found.items() if number}


def test_pooled_it_is_the_public_table_to_the_last_cell():
    public = pooled("nl-2010-2015")
    assert sum(public.values()) == 8234
    assert pooled("nl-2010-2015-reconstructed") == public


def test_the_fit_meets_what_was_published(script, cells):
    """Soft observations are met within three of their standard deviations, pooled counts within Poisson's."""
    counts = script.pooled_counts()
    for fact in script.soft_observations(float(counts.sum())):
        met = float(fact.cells @ cells.ravel())
        assert abs(np.log(met / fact.value)) < 3 * fact.sd, fact.value
    expected = cells.sum(axis=0)[1:]
    distance = (counts[1:] - expected) / np.sqrt(expected)
    assert (distance**2).sum() < len(distance)  # 63 counts; the coefficients are held by priors


def test_derivatives_are_those_of_the_objective(script):
    counts = script.pooled_counts().astype(np.float64)
    found = script.model()
    objective = script.Objective(found, counts, script.soft_observations(8234.0))
    rng = np.random.default_rng(3)
    at = found.centre + rng.normal(0, 0.1, len(found.centre))
    at[0] = 5.0
    step, direction = 1e-6, rng.normal(size=len(at))
    ahead, behind = at + step * direction, at - step * direction
    difference = (objective.value(ahead) - objective.value(behind)) / (2 * step)
    assert objective.gradient(at) @ direction == pytest.approx(difference, rel=1e-5)
    slopes = (objective.gradient(ahead) - objective.gradient(behind)) / (2 * step)
    np.testing.assert_allclose(objective.curvature(at) @ direction, slopes, rtol=1e-5, atol=1e-6 * np.abs(slopes).max())


def test_rounding_moves_no_cell_by_a_whole_person_and_keeps_margins(script):
    rng = np.random.default_rng(8)
    shares = rng.dirichlet(np.full(96, 0.3), size=64).T
    counts = rng.poisson(np.where(np.arange(64) % 5, 3, 200))
    counts[0] = 0
    expected = shares * counts
    table = script.rounded(expected, counts)
    assert (table.sum(axis=0) == counts).all()
    assert np.abs(table - expected).max() < 1
    levels = np.array([script.level(name, value) for name, values in script.LEVELS.items() for value in values])
    at_random = np.stack(
        [rng.multinomial(n, share / share.sum()) for n, share in zip(counts, shares.T, strict=True)], 1
    )

    def off(people):
        return (((levels @ (people - expected)) @ script.MEMBER) ** 2).mean()

    assert off(table) < 0.02 * off(at_random)


def test_the_registers_hold_the_people_of_the_table():
    """Linked by key, they give back every count, whatever covariates are blank or reported twice."""
    seen: dict[str, set[str]] = {}
    year: dict[str, str] = {}
    for file, name in zip(
        ("police", "border-police", "others", "coordinators", "shelters", "inspectorate"), LISTS, strict=True
    ):
        for row in rows(HERE / "registers" / f"{file}.csv"):
            assert re.fullmatch(r"[0-9a-f]{6}", row["key"])
            seen.setdefault(row["key"], set()).add(name)
            assert year.setdefault(row["key"], row["reported"][:4]) == row["reported"][:4]
    linked = Counter((year[key], *("1" if name in lists else "0" for name in LISTS)) for key, lists in seen.items())
    table: Counter[tuple[str, ...]] = Counter()
    for row in rows(HERE / "table.csv"):
        table[(row["year"], *(row[name] for name in LISTS))] += int(row["count"])
    assert linked == table


def test_registers_leave_covariates_blank_and_report_people_twice():
    records = [row for path in (HERE / "registers").glob("*.csv") for row in rows(path)]
    for name in COVARIATES[1:]:
        assert 0.005 < sum(not row[name] for row in records) / len(records) < 0.1
    assert 8684 < len(records) < 8684 * 1.1  # 8,684 memberships in the table


def test_the_study_says_what_it_is():
    study = read_study("nl-2010-2015-reconstructed")
    assert study.table_kind == "reconstructed"
    assert study.table.registered.lower == study.table.registered.upper == 8234
    assert any("check of the software" in caveat for caveat in study.caveats)
    assert study.model.priors == "nl-2017"
    assert study.model.beside == ("evidence",)
